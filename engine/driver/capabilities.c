/* The `capabilities` operation: what is in this build, and the options of one component. */
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

#include "components.h"
#include "error.h"
#include "json.h"
#include "ops.h"

static void write_name(void *context, const char *name, size_t length)
{
    struct af_text copy = { 0 };

    af_text_add(&copy, name, length);
    if (!copy.failed)
        af_write_string(context, NULL, copy.v);
    af_text_free(&copy);
}

static void write_all(struct af_writer *reply)
{
    af_write_object(reply, NULL);
    for (int kind = 0; kind < AF_KIND_COUNT; kind++) {
        af_write_array(reply, af_kind_plural((enum af_kind)kind));
        af_each_component((enum af_kind)kind, write_name, reply);
        af_write_end(reply);
    }
    af_write_end(reply);
}

/* ---- options ---- */

enum value_shape { SHAPE_INTEGER, SHAPE_NUMBER, SHAPE_TEXT };

static const struct {
    enum AVOptionType type;
    const char *name;
    enum value_shape shape;
} option_types[] = {
    { AV_OPT_TYPE_FLAGS, "flags", SHAPE_INTEGER },
    { AV_OPT_TYPE_INT, "int", SHAPE_INTEGER },
    { AV_OPT_TYPE_INT64, "int64", SHAPE_INTEGER },
    { AV_OPT_TYPE_UINT, "uint", SHAPE_INTEGER },
    { AV_OPT_TYPE_UINT64, "uint64", SHAPE_INTEGER },
    { AV_OPT_TYPE_BOOL, "bool", SHAPE_INTEGER },
    { AV_OPT_TYPE_DURATION, "duration", SHAPE_INTEGER },
    { AV_OPT_TYPE_PIXEL_FMT, "pix_fmt", SHAPE_INTEGER },
    { AV_OPT_TYPE_SAMPLE_FMT, "sample_fmt", SHAPE_INTEGER },
    { AV_OPT_TYPE_DOUBLE, "double", SHAPE_NUMBER },
    { AV_OPT_TYPE_FLOAT, "float", SHAPE_NUMBER },
    { AV_OPT_TYPE_RATIONAL, "rational", SHAPE_NUMBER },
    { AV_OPT_TYPE_STRING, "string", SHAPE_TEXT },
    { AV_OPT_TYPE_BINARY, "binary", SHAPE_TEXT },
    { AV_OPT_TYPE_DICT, "dictionary", SHAPE_TEXT },
    { AV_OPT_TYPE_IMAGE_SIZE, "image_size", SHAPE_TEXT },
    { AV_OPT_TYPE_VIDEO_RATE, "video_rate", SHAPE_TEXT },
    { AV_OPT_TYPE_COLOR, "color", SHAPE_TEXT },
    { AV_OPT_TYPE_CHLAYOUT, "channel_layout", SHAPE_TEXT },
};

static void write_default(struct af_writer *reply, const AVOption *option, enum value_shape shape)
{
    const char *name = NULL;

    if (option->type & AV_OPT_TYPE_FLAG_ARRAY) {
        const AVOptionArrayDef *array = option->default_val.arr;

        if (array && array->def)
            af_write_string(reply, "default", array->def);
        return;
    }
    switch (option->type) {
    case AV_OPT_TYPE_BINARY:
        return;
    case AV_OPT_TYPE_PIXEL_FMT:
        name = av_get_pix_fmt_name((enum AVPixelFormat)option->default_val.i64);
        break;
    case AV_OPT_TYPE_SAMPLE_FMT:
        name = av_get_sample_fmt_name((enum AVSampleFormat)option->default_val.i64);
        break;
    default:
        if (shape == SHAPE_TEXT)
            name = option->default_val.str;
        else if (shape == SHAPE_NUMBER)
            af_write_number(reply, "default", option->default_val.dbl);
        else if (option->type == AV_OPT_TYPE_BOOL && option->default_val.i64 < 0)
            name = "auto";
        else if (option->type == AV_OPT_TYPE_BOOL)
            af_write_bool(reply, "default", option->default_val.i64 != 0);
        else
            af_write_integer(reply, "default", option->default_val.i64);
        break;
    }
    if (name)
        af_write_string(reply, "default", name);
}

static void write_constants(struct af_writer *reply, const AVClass *class, const char *unit)
{
    const AVOption *constant = NULL;

    af_write_array(reply, "constants");
    while ((constant = av_opt_next(&class, constant))) {
        if (constant->type != AV_OPT_TYPE_CONST || !constant->unit || strcmp(constant->unit, unit))
            continue;
        af_write_object(reply, NULL);
        af_write_string(reply, "name", constant->name);
        af_write_integer(reply, "value", constant->default_val.i64);
        if (constant->help && *constant->help)
            af_write_string(reply, "help", constant->help);
        af_write_end(reply);
    }
    af_write_end(reply);
}

static void write_option(struct af_writer *reply, const AVClass *class, const AVOption *option)
{
    enum value_shape shape = SHAPE_TEXT;
    int type = option->type & ~AV_OPT_TYPE_FLAG_ARRAY;
    const char *type_name = NULL;

    for (size_t i = 0; i < sizeof option_types / sizeof *option_types; i++) {
        if ((int)option_types[i].type == type) {
            type_name = option_types[i].name;
            shape = option_types[i].shape;
        }
    }
    if (!type_name)
        return;
    af_write_object(reply, NULL);
    af_write_string(reply, "name", option->name);
    af_write_string(reply, "type", type_name);
    if (option->type & AV_OPT_TYPE_FLAG_ARRAY)
        af_write_bool(reply, "list", true);
    write_default(reply, option, shape);
    if (shape != SHAPE_TEXT && type != AV_OPT_TYPE_BOOL && option->min < option->max) {
        af_write_array(reply, "range");
        af_write_number(reply, NULL, option->min);
        af_write_number(reply, NULL, option->max);
        af_write_end(reply);
    }
    if (option->help && *option->help)
        af_write_string(reply, "help", option->help);
    if (option->flags & AV_OPT_FLAG_DEPRECATED)
        af_write_bool(reply, "deprecated", true);
    if (option->unit)
        write_constants(reply, class, option->unit);
    af_write_end(reply);
}

/* Two options at one place in the object are one option and its short name; both are written. */
static void write_options(struct af_writer *reply, const char *key, const AVClass *class,
                          int flags)
{
    const AVOption *option = NULL;

    af_write_array(reply, key);
    while (class && (option = av_opt_next(&class, option)))
        if (option->type != AV_OPT_TYPE_CONST && (option->flags & flags) == flags &&
            !(option->flags & AV_OPT_FLAG_READONLY))
            write_option(reply, class, option);
    af_write_end(reply);
}

/* ---- components ---- */

struct names {
    const char *name, *long_name;
};

static void write_head(struct af_writer *reply, const char *component, struct names names,
                       enum AVMediaType type)
{
    af_write_object(reply, NULL);
    af_write_string(reply, "component", component);
    af_write_string(reply, "name", names.name);
    if (names.long_name)
        af_write_string(reply, "description", names.long_name);
    if (type != AVMEDIA_TYPE_UNKNOWN && av_get_media_type_string(type))
        af_write_string(reply, "type", av_get_media_type_string(type));
}

static int supported(const AVCodec *codec, enum AVCodecConfig config, const void **list, int *n,
                     struct af_error *err)
{
    int ret = avcodec_get_supported_config(NULL, codec, config, 0, list, n);

    if (ret < 0)
        return af_fail_av(err, AF_INTERNAL, ret, NULL, "asking %s what it supports", codec->name);
    if (!*list)
        *n = 0;
    return 0;
}

static int write_video_formats(struct af_writer *reply, const AVCodec *codec, struct af_error *err)
{
    const void *list;
    int n;

    if (supported(codec, AV_CODEC_CONFIG_PIX_FORMAT, &list, &n, err))
        return -1;
    if (!n)
        return 0;
    af_write_array(reply, "pix_fmts");
    for (int i = 0; i < n; i++)
        af_write_string(reply, NULL, av_get_pix_fmt_name(((const enum AVPixelFormat *)list)[i]));
    af_write_end(reply);
    return 0;
}

static int write_audio_formats(struct af_writer *reply, const AVCodec *codec, struct af_error *err)
{
    const void *list;
    char layout[128];
    int n;

    if (supported(codec, AV_CODEC_CONFIG_SAMPLE_FORMAT, &list, &n, err))
        return -1;
    if (n) {
        af_write_array(reply, "sample_fmts");
        for (int i = 0; i < n; i++)
            af_write_string(reply, NULL,
                            av_get_sample_fmt_name(((const enum AVSampleFormat *)list)[i]));
        af_write_end(reply);
    }
    if (supported(codec, AV_CODEC_CONFIG_SAMPLE_RATE, &list, &n, err))
        return -1;
    if (n) {
        af_write_array(reply, "sample_rates");
        for (int i = 0; i < n; i++)
            af_write_integer(reply, NULL, ((const int *)list)[i]);
        af_write_end(reply);
    }
    if (supported(codec, AV_CODEC_CONFIG_CHANNEL_LAYOUT, &list, &n, err))
        return -1;
    if (n) {
        af_write_array(reply, "channel_layouts");
        for (int i = 0; i < n; i++)
            if (av_channel_layout_describe((const AVChannelLayout *)list + i, layout,
                                           sizeof layout) >= 0)
                af_write_string(reply, NULL, layout);
        af_write_end(reply);
    }
    return 0;
}

static int write_codec(struct af_writer *reply, const char *component, enum af_kind kind,
                       const char *name, struct af_error *err)
{
    bool encoder = kind == AF_ENCODER;
    const AVCodec *codec = encoder ? avcodec_find_encoder_by_name(name)
                                   : avcodec_find_decoder_by_name(name);
    int flags = encoder ? AV_OPT_FLAG_ENCODING_PARAM : AV_OPT_FLAG_DECODING_PARAM;

    if (!codec)
        return af_fail_not_in_build(err, kind, name, "component");
    write_head(reply, component, (struct names){ codec->name, codec->long_name }, codec->type);
    af_write_string(reply, "codec", avcodec_get_name(codec->id));
    if (codec->type == AVMEDIA_TYPE_VIDEO && write_video_formats(reply, codec, err))
        return -1;
    if (codec->type == AVMEDIA_TYPE_AUDIO && write_audio_formats(reply, codec, err))
        return -1;
    write_options(reply, "options", codec->priv_class, flags);
    flags |= codec->type == AVMEDIA_TYPE_VIDEO   ? AV_OPT_FLAG_VIDEO_PARAM
             : codec->type == AVMEDIA_TYPE_AUDIO ? AV_OPT_FLAG_AUDIO_PARAM
                                                 : AV_OPT_FLAG_SUBTITLE_PARAM;
    write_options(reply, "generic_options", avcodec_get_class(), flags);
    af_write_end(reply);
    return 0;
}

static void write_extensions(struct af_writer *reply, const char *extensions)
{
    if (!extensions || !*extensions)
        return;
    af_write_array(reply, "extensions");
    while (*extensions) {
        size_t n = strcspn(extensions, ",");

        write_name(reply, extensions, n);
        extensions += n;
        extensions += *extensions == ',';
    }
    af_write_end(reply);
}

static int write_muxer(struct af_writer *reply, const char *component, const char *name,
                       struct af_error *err)
{
    const AVOutputFormat *muxer = av_guess_format(name, NULL, NULL);

    if (!muxer)
        return af_fail_not_in_build(err, AF_MUXER, name, "component");
    write_head(reply, component, (struct names){ muxer->name, muxer->long_name },
               AVMEDIA_TYPE_UNKNOWN);
    write_extensions(reply, muxer->extensions);
    if (muxer->mime_type)
        af_write_string(reply, "mime_type", muxer->mime_type);
    if (muxer->video_codec != AV_CODEC_ID_NONE)
        af_write_string(reply, "default_video_codec", avcodec_get_name(muxer->video_codec));
    if (muxer->audio_codec != AV_CODEC_ID_NONE)
        af_write_string(reply, "default_audio_codec", avcodec_get_name(muxer->audio_codec));
    if (muxer->subtitle_codec != AV_CODEC_ID_NONE)
        af_write_string(reply, "default_subtitle_codec", avcodec_get_name(muxer->subtitle_codec));
    write_options(reply, "options", muxer->priv_class, AV_OPT_FLAG_ENCODING_PARAM);
    write_options(reply, "generic_options", avformat_get_class(), AV_OPT_FLAG_ENCODING_PARAM);
    af_write_end(reply);
    return 0;
}

static int write_demuxer(struct af_writer *reply, const char *component, const char *name,
                         struct af_error *err)
{
    const AVInputFormat *demuxer = av_find_input_format(name);

    if (!demuxer)
        return af_fail_not_in_build(err, AF_DEMUXER, name, "component");
    write_head(reply, component, (struct names){ demuxer->name, demuxer->long_name },
               AVMEDIA_TYPE_UNKNOWN);
    write_extensions(reply, demuxer->extensions);
    write_options(reply, "options", demuxer->priv_class, AV_OPT_FLAG_DECODING_PARAM);
    write_options(reply, "generic_options", avformat_get_class(), AV_OPT_FLAG_DECODING_PARAM);
    af_write_end(reply);
    return 0;
}

static void write_pads(struct af_writer *reply, const AVFilter *filter, bool outputs)
{
    const AVFilterPad *pads = outputs ? filter->outputs : filter->inputs;
    unsigned n = avfilter_filter_pad_count(filter, outputs);

    af_write_array(reply, outputs ? "outputs" : "inputs");
    for (unsigned i = 0; i < n; i++) {
        af_write_object(reply, NULL);
        af_write_string(reply, "name", avfilter_pad_get_name(pads, (int)i));
        af_write_string(reply, "type",
                        av_get_media_type_string(avfilter_pad_get_type(pads, (int)i)));
        af_write_end(reply);
    }
    af_write_end(reply);
}

static int write_filter(struct af_writer *reply, const char *component, const char *name,
                        struct af_error *err)
{
    const AVFilter *filter = avfilter_get_by_name(name);

    if (!filter)
        return af_fail_not_in_build(err, AF_FILTER, name, "component");
    write_head(reply, component, (struct names){ filter->name, filter->description },
               AVMEDIA_TYPE_UNKNOWN);
    write_pads(reply, filter, false);
    write_pads(reply, filter, true);
    /* Pads whose number follows from the options are not in the lists. */
    af_write_bool(reply, "dynamic_inputs", filter->flags & AVFILTER_FLAG_DYNAMIC_INPUTS);
    af_write_bool(reply, "dynamic_outputs", filter->flags & AVFILTER_FLAG_DYNAMIC_OUTPUTS);
    af_write_bool(reply, "timeline", filter->flags & AVFILTER_FLAG_SUPPORT_TIMELINE);
    write_options(reply, "options", filter->priv_class, 0);
    af_write_end(reply);
    return 0;
}

static int write_bitstream_filter(struct af_writer *reply, const char *component,
                                  const char *name, struct af_error *err)
{
    const AVBitStreamFilter *filter = av_bsf_get_by_name(name);

    if (!filter)
        return af_fail_not_in_build(err, AF_BITSTREAM_FILTER, name, "component");
    write_head(reply, component, (struct names){ filter->name, NULL }, AVMEDIA_TYPE_UNKNOWN);
    if (filter->codec_ids) {
        af_write_array(reply, "codecs");
        for (const enum AVCodecID *id = filter->codec_ids; *id != AV_CODEC_ID_NONE; id++)
            af_write_string(reply, NULL, avcodec_get_name(*id));
        af_write_end(reply);
    }
    write_options(reply, "options", filter->priv_class, 0);
    af_write_end(reply);
    return 0;
}

static int write_component(struct af_writer *reply, const char *component, struct af_error *err)
{
    const char *equals = strchr(component, '=');
    int kind = AF_KIND_COUNT;

    for (int i = 0; equals && i < AF_KIND_COUNT; i++) {
        const char *name = af_kind_name((enum af_kind)i);

        if (strlen(name) == (size_t)(equals - component) &&
            !strncmp(name, component, strlen(name)))
            kind = i;
    }
    switch (kind) {
    case AF_ENCODER:
    case AF_DECODER:
        return write_codec(reply, component, (enum af_kind)kind, equals + 1, err);
    case AF_MUXER:
        return write_muxer(reply, component, equals + 1, err);
    case AF_DEMUXER:
        return write_demuxer(reply, component, equals + 1, err);
    case AF_FILTER:
        return write_filter(reply, component, equals + 1, err);
    case AF_BITSTREAM_FILTER:
        return write_bitstream_filter(reply, component, equals + 1, err);
    default:
        return af_fail(err, AF_SPEC, "component",
                       "component: \"%s\" is not KIND=NAME, where KIND is encoder, decoder, muxer, "
                       "demuxer, filter or bitstream_filter",
                       component);
    }
}

int af_op_capabilities(const struct af_job *job, struct af_writer *reply, struct af_error *err)
{
    const char *component = NULL;

    if (af_json_string(job->spec, "component", &component, err) < 0 ||
        af_job_fields_read(job, err))
        return -1;
    if (component)
        return write_component(reply, component, err);
    write_all(reply);
    return 0;
}
