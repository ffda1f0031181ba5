/* The encode lane before its first frame: which encoder, its options, what its sink may deliver. */
#include "encode.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/channel_layout.h>
#include <libavutil/macros.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

#include "components.h"
#include "error.h"
#include "lane.h"
#include "mux.h"

/* What is tried, in this order, when the build lacks the encoder that the muxer prefers: the first
 * that the muxer is known to take. The MPEG-TS muxer cannot be asked. */
static const enum AVCodecID video_choices[] = { AV_CODEC_ID_H264, AV_CODEC_ID_VP9,
                                                AV_CODEC_ID_VP8,  AV_CODEC_ID_HEVC,
                                                AV_CODEC_ID_PNG,  AV_CODEC_ID_MJPEG,
                                                AV_CODEC_ID_GIF,  AV_CODEC_ID_RAWVIDEO,
                                                AV_CODEC_ID_NONE };
static const enum AVCodecID audio_choices[] = { AV_CODEC_ID_AAC,       AV_CODEC_ID_OPUS,
                                                AV_CODEC_ID_VORBIS,    AV_CODEC_ID_MP3,
                                                AV_CODEC_ID_FLAC,      AV_CODEC_ID_ALAC,
                                                AV_CODEC_ID_PCM_S16LE, AV_CODEC_ID_NONE };

/* Options that people give to an encoder and that are the graph's to fulfil. */
static const char *const video_sink_options[] = { "pix_fmt", "pixel_format", NULL };
static const char *const audio_sink_options[] = { "ar", "ac", "ch_layout", "channel_layout",
                                                  "sample_fmt", NULL };

static const AVCodec *choose(const struct af_lane *lane, enum AVCodecID *preferred)
{
    const AVOutputFormat *format = lane->out->oc->oformat;
    const enum AVCodecID *choices =
        lane->type == AVMEDIA_TYPE_VIDEO ? video_choices : audio_choices;
    const AVCodec *codec;

    *preferred = av_guess_codec(format, NULL, lane->out->oc->url, NULL, lane->type);
    codec = avcodec_find_encoder(*preferred);
    if (codec)
        return codec;
    for (; lane->type != AVMEDIA_TYPE_SUBTITLE && *choices != AV_CODEC_ID_NONE; choices++) {
        codec = avcodec_find_encoder(*choices);
        if (codec && (avformat_query_codec(format, *choices, FF_COMPLIANCE_NORMAL) == 1 ||
                      !strcmp(format->name, "mpegts")))
            return codec;
    }
    if (*preferred != AV_CODEC_ID_NONE && lane->type != AVMEDIA_TYPE_SUBTITLE &&
        !strcmp(format->name, "null"))
        return avcodec_find_encoder(lane->type == AVMEDIA_TYPE_VIDEO ? AV_CODEC_ID_RAWVIDEO
                                                                     : AV_CODEC_ID_PCM_S16LE);
    return NULL;
}

static int find_encoder(struct af_lane *lane, const char *name, struct af_error *err)
{
    const AVOutputFormat *format = lane->out->oc->oformat;
    enum AVCodecID preferred;

    if (!name) {
        lane->codec = choose(lane, &preferred);
        if (lane->codec)
            return 0;
        if (preferred != AV_CODEC_ID_NONE)
            return af_fail_no_codec(err, AF_ENCODER, lane->type, avcodec_get_name(preferred),
                                    lane->where);
        return af_fail(err, AF_MAP, lane->where, "the muxer %s takes no %s", format->name,
                       av_get_media_type_string(lane->type));
    }
    lane->codec = avcodec_find_encoder_by_name(name);
    /* What everybody calls the format; its encoder has gone by two names. */
    if (!lane->codec && !strcmp(name, "srt"))
        lane->codec = avcodec_find_encoder_by_name("subrip");
    if (!lane->codec) {
        /* The name of the codec is understood too: its encoder is what is meant. */
        const AVCodecDescriptor *codec = avcodec_descriptor_get_by_name(name);

        if (codec)
            lane->codec = avcodec_find_encoder(codec->id);
    }
    if (!lane->codec)
        return af_fail_no_codec(err, AF_ENCODER, lane->type, name, lane->where);
    if (lane->codec->type != lane->type)
        return af_fail(err, AF_MAP, lane->where, "%s does not encode %s", name,
                       av_get_media_type_string(lane->type));
    if (avformat_query_codec(format, lane->codec->id, FF_COMPLIANCE_EXPERIMENTAL) == 0)
        return af_fail(err, AF_MUX, lane->where, "the muxer %s does not take %s", format->name,
                       avcodec_get_name(lane->codec->id));
    return 0;
}

static bool is_sink_option(const struct af_lane *lane, const char *key)
{
    const char *const *name =
        lane->type == AVMEDIA_TYPE_VIDEO ? video_sink_options : audio_sink_options;

    for (; lane->type != AVMEDIA_TYPE_SUBTITLE && *name; name++)
        if (!strcmp(*name, key))
            return true;
    return false;
}

/* 1 when the encoder took the option, 0 when it has none of that name, -1. */
static int set_option(struct af_lane *lane, const AVDictionaryEntry *entry, struct af_error *err)
{
    int kind = lane->type == AVMEDIA_TYPE_VIDEO   ? AV_OPT_FLAG_VIDEO_PARAM
               : lane->type == AVMEDIA_TYPE_AUDIO ? AV_OPT_FLAG_AUDIO_PARAM
                                                  : AV_OPT_FLAG_SUBTITLE_PARAM;
    int kinds = AV_OPT_FLAG_VIDEO_PARAM | AV_OPT_FLAG_AUDIO_PARAM | AV_OPT_FLAG_SUBTITLE_PARAM;
    const AVOption *option;
    int ret;

    if (is_sink_option(lane, entry->key))
        return av_dict_set(&lane->private_options, entry->key, entry->value, 0) < 0
                   ? af_fail_memory(err)
                   : 1;
    option = av_opt_find(lane->enc, entry->key, NULL, AV_OPT_FLAG_ENCODING_PARAM,
                         AV_OPT_SEARCH_CHILDREN);
    if (!option || (option->flags & kinds && !(option->flags & kind)))
        return 0;
    ret = av_opt_set(lane->enc, entry->key, entry->value, AV_OPT_SEARCH_CHILDREN);
    if (ret < 0)
        return af_fail_av(err, AF_OPTION, ret, lane->where,
                          "the encoder %s does not take %s for its option %s", lane->codec->name,
                          entry->value, entry->key);
    if (!strcmp(entry->key, "b"))
        lane->bit_rate_given = true;
    if (!strcmp(entry->key, "global_quality") || !strcmp(entry->key, "qmin") ||
        !strcmp(entry->key, "qmax") || !strcmp(entry->key, "crf") || !strcmp(entry->key, "qp") ||
        !strcmp(entry->key, "rc_mode"))
        lane->quality_given = true;
    return 1;
}

int af_encoder_prepare(struct af_lane *lane, const char *name, const AVDictionary *own,
                       const AVDictionary *shared, const AVDictionary *defaults,
                       struct af_error *err)
{
    const AVDictionaryEntry *entry = NULL;

    if (find_encoder(lane, name, err))
        return -1;
    lane->enc = avcodec_alloc_context3(lane->codec);
    if (!lane->frame)
        lane->frame = av_frame_alloc();
    if (!lane->enc || !lane->frame)
        return af_fail_memory(err);
    lane->enc->opaque = lane;
    if (lane->out->bitexact)
        lane->enc->flags |= AV_CODEC_FLAG_BITEXACT;
    /* First, so that what the job says has the last word. */
    while ((entry = av_dict_iterate(defaults, entry)))
        if (set_option(lane, entry, err) < 0)
            return -1;
    while ((entry = av_dict_iterate(shared, entry))) {
        int ret = set_option(lane, entry, err);

        if (ret < 0)
            return -1;
        if (ret && av_dict_set(&lane->out->unused, entry->key, NULL, 0) < 0)
            return af_fail_memory(err);
    }
    while ((entry = av_dict_iterate(own, entry))) {
        int ret = set_option(lane, entry, err);

        if (ret < 0)
            return -1;
        if (!ret)
            return af_fail(err, AF_OPTION, lane->where, "the encoder %s has no option %s",
                           lane->codec->name, entry->key);
    }
    return 0;
}

/* Gives one list of the encoder's to the option of the sink that holds the sink to it. */
static int constrain(struct af_lane *lane, enum AVCodecConfig what, const char *option,
                     enum AVOptionType type, struct af_error *err)
{
    const void *list = NULL;
    int count = 0, ret;

    ret = avcodec_get_supported_config(lane->enc, lane->codec, what, 0, &list, &count);
    if (ret >= 0 && list && count > 0)
        ret = av_opt_set_array(lane->sink, option, AV_OPT_SEARCH_CHILDREN | AV_OPT_ARRAY_REPLACE, 0,
                               (unsigned)count, type, list);
    return ret < 0 ? af_fail_av(err, AF_INTERNAL, ret, lane->where, "cannot set %s of the sink",
                                option)
                   : 0;
}

/* A JPEG has no field for its matrix: readers take it to be BT.601's. */
static int constrain_jpeg(struct af_lane *lane, struct af_error *err)
{
    static const int spaces[] = { AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M, AVCOL_SPC_UNSPECIFIED };
    int ret;

    if (lane->codec->id != AV_CODEC_ID_MJPEG)
        return 0;
    ret = av_opt_set_array(lane->sink, "colorspaces", AV_OPT_SEARCH_CHILDREN | AV_OPT_ARRAY_REPLACE,
                           0, FF_ARRAY_ELEMS(spaces), AV_OPT_TYPE_INT, spaces);
    return ret < 0 ? af_fail_av(err, AF_INTERNAL, ret, lane->where, "cannot set colorspaces of "
                                "the sink")
                   : 0;
}

/* One value that the job asks for. Whether the encoder takes it shows when the graph is set up. */
static int hold_to(struct af_lane *lane, const char *option, enum AVOptionType type,
                   const void *value, struct af_error *err)
{
    unsigned before = 0;
    int ret = av_opt_get_array_size(lane->sink, option, AV_OPT_SEARCH_CHILDREN, &before);

    /* Replacing concerns the elements given: what else the encoder takes has to go first. */
    if (ret >= 0 && before)
        ret = av_opt_set_array(lane->sink, option, AV_OPT_SEARCH_CHILDREN, 0, before, type, NULL);
    if (ret >= 0)
        ret = av_opt_set_array(lane->sink, option, AV_OPT_SEARCH_CHILDREN, 0, 1, type, value);

    return ret < 0 ? af_fail_av(err, AF_INTERNAL, ret, lane->where, "cannot set %s of the sink",
                                option)
                   : 0;
}

static int refuse_value(const struct af_lane *lane, const AVDictionaryEntry *entry,
                        struct af_error *err)
{
    return af_fail(err, AF_OPTION, lane->where, "%s is no value for the option %s of %s",
                   entry->value, entry->key, lane->codec->name);
}

static bool encoder_takes(const struct af_lane *lane, enum AVCodecConfig what, int value)
{
    const void *list = NULL;
    int count = 0;

    if (avcodec_get_supported_config(lane->enc, lane->codec, what, 0, &list, &count) < 0 || !list)
        return true;
    for (int i = 0; i < count; i++)
        if (((const int *)list)[i] == value)
            return true;
    return false;
}

bool af_encoder_takes_pixels(const struct af_lane *lane, int format)
{
    return encoder_takes(lane, AV_CODEC_CONFIG_PIX_FORMAT, format);
}

static int hold_to_layout(struct af_lane *lane, const AVDictionaryEntry *entry, bool by_count,
                          struct af_error *err)
{
    AVChannelLayout layout = { 0 };
    char *end;
    long channels;
    int ret;

    if (by_count) {
        channels = strtol(entry->value, &end, 10);
        if (*end || channels < 1 || channels > 64)
            return refuse_value(lane, entry, err);
        av_channel_layout_default(&layout, (int)channels);
    } else if (av_channel_layout_from_string(&layout, entry->value) < 0) {
        return refuse_value(lane, entry, err);
    }
    ret = hold_to(lane, "channel_layouts", AV_OPT_TYPE_CHLAYOUT, &layout, err);
    av_channel_layout_uninit(&layout);
    return ret;
}

static int apply_sink_option(struct af_lane *lane, const AVDictionaryEntry *entry,
                             struct af_error *err)
{
    char *end;
    int value;

    if (lane->type == AVMEDIA_TYPE_VIDEO) {
        value = av_get_pix_fmt(entry->value);
        if (value == AV_PIX_FMT_NONE ||
            !encoder_takes(lane, AV_CODEC_CONFIG_PIX_FORMAT, value))
            return refuse_value(lane, entry, err);
        return hold_to(lane, "pixel_formats", AV_OPT_TYPE_PIXEL_FMT, &value, err);
    }
    if (!strcmp(entry->key, "ar")) {
        long rate = strtol(entry->value, &end, 10);

        value = (int)rate;
        if (*end || rate < 1 || rate > 1000000 ||
            !encoder_takes(lane, AV_CODEC_CONFIG_SAMPLE_RATE, value))
            return refuse_value(lane, entry, err);
        return hold_to(lane, "samplerates", AV_OPT_TYPE_INT, &value, err);
    }
    if (!strcmp(entry->key, "sample_fmt")) {
        value = av_get_sample_fmt(entry->value);
        if (value == AV_SAMPLE_FMT_NONE ||
            !encoder_takes(lane, AV_CODEC_CONFIG_SAMPLE_FORMAT, value))
            return refuse_value(lane, entry, err);
        return hold_to(lane, "sample_formats", AV_OPT_TYPE_SAMPLE_FMT, &value, err);
    }
    return hold_to_layout(lane, entry, !strcmp(entry->key, "ac"), err);
}

/* The range and the matrix that the job names: the graph converts pictures of others. */
static int hold_to_colours(struct af_lane *lane, struct af_error *err)
{
    int range = lane->enc->color_range, matrix = lane->enc->colorspace;

    if (range != AVCOL_RANGE_UNSPECIFIED &&
        hold_to(lane, "colorranges", AV_OPT_TYPE_INT, &range, err))
        return -1;
    return matrix != AVCOL_SPC_UNSPECIFIED
               ? hold_to(lane, "colorspaces", AV_OPT_TYPE_INT, &matrix, err)
               : 0;
}

int af_encoder_constrain(struct af_lane *lane, struct af_error *err)
{
    const AVDictionaryEntry *entry = NULL;

    if (lane->type == AVMEDIA_TYPE_VIDEO) {
        if (constrain(lane, AV_CODEC_CONFIG_PIX_FORMAT, "pixel_formats", AV_OPT_TYPE_PIXEL_FMT,
                      err) ||
            constrain(lane, AV_CODEC_CONFIG_COLOR_SPACE, "colorspaces", AV_OPT_TYPE_INT, err) ||
            constrain(lane, AV_CODEC_CONFIG_COLOR_RANGE, "colorranges", AV_OPT_TYPE_INT, err) ||
            constrain(lane, AV_CODEC_CONFIG_ALPHA_MODE, "alphamodes", AV_OPT_TYPE_INT, err) ||
            constrain_jpeg(lane, err) || hold_to_colours(lane, err))
            return -1;
    } else if (constrain(lane, AV_CODEC_CONFIG_SAMPLE_FORMAT, "sample_formats",
                         AV_OPT_TYPE_SAMPLE_FMT, err) ||
               constrain(lane, AV_CODEC_CONFIG_SAMPLE_RATE, "samplerates", AV_OPT_TYPE_INT, err) ||
               constrain(lane, AV_CODEC_CONFIG_CHANNEL_LAYOUT, "channel_layouts",
                         AV_OPT_TYPE_CHLAYOUT, err)) {
        return -1;
    }
    while ((entry = av_dict_iterate(lane->private_options, entry)))
        if (apply_sink_option(lane, entry, err))
            return -1;
    return 0;
}
