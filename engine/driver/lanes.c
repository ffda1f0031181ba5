/* The lanes of an output: what its map, its streams or the absence of both asks for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/mem.h>

#include "copy.h"
#include "encode.h"
#include "error.h"
#include "lane.h"
#include "process.h"
#include "subtitle.h"

int af_job_stream(struct af_process *job, const char *name, const char *where,
                  struct af_input **in, int *stream, struct af_error *err)
{
    char *rest = NULL;
    unsigned long index;

    if (*name < '0' || *name > '9')
        return af_fail(err, AF_MAP, where,
                       "%s names no stream: expected an input and a stream such as 0:v or 1:a:0",
                       name);
    index = strtoul(name, &rest, 10);
    if (*rest != ':')
        return af_fail(err, AF_MAP, where, "%s names no stream: say which one, such as %lu:v", name,
                       index);
    if (index >= job->inputs.n)
        return af_fail(err, AF_MAP, where, "%s: there is no input %lu, the job has %zu", name,
                       index, job->inputs.n);
    *in = job->inputs.v[index];
    *stream = af_input_find(*in, rest + 1);
    if (*stream < 0)
        return af_fail(err, AF_MAP, where, "%s: input %lu has no such stream (it has %u)", name,
                       index, (*in)->ctx->nb_streams);
    return 0;
}

struct af_decoder *af_job_decoder(struct af_process *job, struct af_input *in, int stream,
                                  struct af_error *err)
{
    struct af_decoder **slot;

    for (size_t i = 0; i < job->decoders.n; i++)
        if (job->decoders.v[i]->in == in && job->decoders.v[i]->stream == stream)
            return job->decoders.v[i];
    slot = af_vec_new(&job->decoders);
    if (!slot || !(*slot = av_mallocz(sizeof **slot))) {
        af_fail_memory(err);
        return NULL;
    }
    return af_decoder_init(*slot, in, stream, err) ? NULL : *slot;
}

static struct af_lane *add_lane(struct af_process *job, struct af_output *out,
                                const struct af_map_spec *map, enum AVMediaType type, bool copied,
                                struct af_error *err)
{
    struct af_lane **slot = af_vec_new(&job->lanes), **listed = af_vec_new(&out->lanes);
    struct af_lane *lane;

    if (!slot || !listed || !(*slot = av_mallocz(sizeof **slot))) {
        af_fail_memory(err);
        return NULL;
    }
    lane = *listed = *slot;
    lane->out = out;
    lane->map = map;
    lane->type = type;
    lane->copied = copied;
    lane->limit = INT64_MAX;
    lane->clock = INT64_MIN;
    if (map)
        snprintf(lane->where, sizeof lane->where, "%s.%s[%zu]", out->where,
                 out->spec->full ? "streams" : "map", (size_t)(map - out->spec->maps.v));
    else
        snprintf(lane->where, sizeof lane->where, "%s", out->where);
    return lane;
}

/* Of the full form each stream has its own; of the short one each kind of stream. */
static const char *codec_of(const struct af_output_spec *spec, const struct af_map_spec *map,
                            enum AVMediaType type)
{
    if (spec->full)
        return map->codec;
    switch (type) {
    case AVMEDIA_TYPE_VIDEO:
        return spec->video_codec;
    case AVMEDIA_TYPE_AUDIO:
        return spec->audio_codec;
    case AVMEDIA_TYPE_SUBTITLE:
        return spec->subtitle_codec;
    default:
        return NULL;
    }
}

static bool is_copy(const char *codec)
{
    return codec && !strcmp(codec, "copy");
}

static int prepare_encoder(struct af_lane *lane, struct af_error *err)
{
    const struct af_output_spec *spec = lane->out->spec;
    const char *codec = codec_of(spec, lane->map, lane->type);

    if (is_copy(codec))
        return af_fail(err, AF_MAP, lane->where,
                       "%s is a pad of the filter graph and cannot be copied: map a stream such "
                       "as 0:v, or name an encoder",
                       lane->map ? lane->map->text : "an unmapped pad");
    if (spec->full)
        return af_encoder_prepare(
            lane, codec, lane->map->options, NULL,
            lane->type == AVMEDIA_TYPE_AUDIO ? spec->audio_defaults : NULL, err);
    if (lane->type == AVMEDIA_TYPE_VIDEO)
        return af_encoder_prepare(lane, codec, spec->video_options, spec->options, NULL, err);
    return af_encoder_prepare(lane, codec, spec->audio_options, spec->options,
                              spec->audio_defaults, err);
}

static int add_pad_lane(struct af_process *job, struct af_output *out,
                        const struct af_map_spec *map, struct af_pad *pad, struct af_error *err)
{
    struct af_lane *lane;

    if (pad->claimed)
        return af_fail(err, AF_MAP, out->where,
                       "[%s] is claimed twice: split the pad in the filter", pad->label);
    lane = add_lane(job, out, map, pad->type, false, err);
    if (!lane)
        return -1;
    pad->claimed = lane;
    return prepare_encoder(lane, err);
}

static int add_direct_lane(struct af_process *job, struct af_output *out,
                           const struct af_map_spec *map, struct af_input *in, int stream,
                           struct af_error *err)
{
    enum AVMediaType type = in->ctx->streams[stream]->codecpar->codec_type;
    struct af_direct *direct;
    struct af_decoder *dec;
    struct af_lane *lane;

    if (type != AVMEDIA_TYPE_VIDEO && type != AVMEDIA_TYPE_AUDIO)
        return af_fail(err, AF_MAP, out->where, "a %s stream cannot pass the filter graph",
                       av_get_media_type_string(type));
    lane = add_lane(job, out, map, type, false, err);
    if (!lane)
        return -1;
    if (prepare_encoder(lane, err))
        return -1;
    dec = af_job_decoder(job, in, stream, err);
    direct = dec ? af_vec_new(&job->direct) : NULL;
    if (!direct)
        return dec ? af_fail_memory(err) : -1;
    direct->lane = lane;
    direct->dec = dec;
    return 0;
}

static int add_copy_lane(struct af_process *job, struct af_output *out,
                         const struct af_map_spec *map, struct af_input *in, int stream,
                         struct af_error *err)
{
    struct af_lane *lane =
        add_lane(job, out, map, in->ctx->streams[stream]->codecpar->codec_type, true, err);

    if (!lane)
        return -1;
    lane->in = in;
    lane->in_stream = stream;
    return af_copy_prepare(lane, err);
}

/* Text goes past the graph: from its decoder to its encoder. */
static int add_subtitle_lane(struct af_process *job, struct af_output *out,
                             const struct af_map_spec *map, struct af_input *in, int stream,
                             struct af_error *err)
{
    const char *codec = codec_of(out->spec, map, AVMEDIA_TYPE_SUBTITLE);
    struct af_lane *lane = add_lane(job, out, map, AVMEDIA_TYPE_SUBTITLE, false, err);

    if (!lane)
        return -1;
    lane->in = in;
    lane->in_stream = stream;
    return out->spec->full ? af_subtitle_prepare(lane, codec, map->options, NULL, err)
                           : af_subtitle_prepare(lane, codec, NULL, out->spec->options, err);
}

/* A stream that is mapped bare is copied, but for text of which the output names the codec, and what the
 * full form names an encoder for. */
static int add_stream_lane(struct af_process *job, struct af_output *out,
                           const struct af_map_spec *map, struct af_input *in, int stream,
                           struct af_error *err)
{
    enum AVMediaType type = in->ctx->streams[stream]->codecpar->codec_type;
    const char *codec = codec_of(out->spec, map, type);

    if (!codec || is_copy(codec))
        return add_copy_lane(job, out, map, in, stream, err);
    if (type == AVMEDIA_TYPE_SUBTITLE)
        return add_subtitle_lane(job, out, map, in, stream, err);
    return out->spec->full ? add_direct_lane(job, out, map, in, stream, err)
                           : add_copy_lane(job, out, map, in, stream, err);
}

/* "[v]" of the filter, or of a stream that passes no filter: "[0:v]", and without a filter "[v]". */
static int map_label(struct af_process *job, struct af_output *out, const struct af_map_spec *map,
                     const char *label, struct af_error *err)
{
    struct af_pad *pad = af_graph_pad(&job->graph, label);
    struct af_text known = { 0 };
    struct af_input *in;
    int stream;

    if (pad)
        return add_pad_lane(job, out, map, pad, err);
    if (*label >= '0' && *label <= '9')
        return af_job_stream(job, label, out->where, &in, &stream, err)
                   ? -1
                   : add_direct_lane(job, out, map, in, stream, err);
    if (!job->spec.filter) {
        stream = af_input_find(job->inputs.v[0], label);
        return stream < 0 ? af_fail(err, AF_MAP, out->where,
                                    "%s: there is no filter, and the first input has no stream %s",
                                    map->text, label)
                          : add_direct_lane(job, out, map, job->inputs.v[0], stream, err);
    }
    for (size_t i = 0; i < job->graph.pads.n; i++)
        af_text_printf(&known, " [%s]", job->graph.pads.v[i].label);
    stream = af_fail(err, AF_MAP, out->where,
                     "the filter has no output pad %s; it has:%s (a stream that passes no filter is "
                     "mapped as [0:a] to encode it and as 0:a to copy it)",
                     map->text, known.v ? known.v : " none");
    af_text_free(&known);
    return stream;
}

static int map_pad(struct af_process *job, struct af_output *out, const struct af_map_spec *map,
                   struct af_error *err)
{
    size_t length = strlen(map->text);
    char *label;
    int ret;

    if (length < 3 || map->text[length - 1] != ']')
        return af_fail(err, AF_MAP, out->where, "%s is not a label such as [v]", map->text);
    label = av_strndup(map->text + 1, length - 2);
    ret = label ? map_label(job, out, map, label, err) : af_fail_memory(err);
    av_free(label);
    return ret;
}

/* A stream that is copied while the job names an encoder for its kind is a misunderstanding. */
static int check_copied(const struct af_process *job, const struct af_output *out,
                        const struct af_lane *lane, struct af_error *err)
{
    const char *codec = codec_of(out->spec, lane->map, lane->type);

    if (job->spec.version < 10 || !lane->copied || !codec || is_copy(codec))
        return 0;
    for (size_t i = 0; i < out->lanes.n; i++)
        if (!out->lanes.v[i]->copied && out->lanes.v[i]->type == lane->type)
            return 0;
    return af_fail(err, AF_MAP, lane->where,
                   "%s is copied, yet the output names the encoder %s: map [%s] to encode it",
                   lane->map->text, codec, lane->map->text);
}

/* Of the full form: what is said of a stream must be meant for what is done with it. */
static int check_stream(const struct af_lane *lane, struct af_error *err)
{
    if (lane->map->options && lane->copied && !lane->smart)
        return af_fail(err, AF_OPTION, lane->where,
                       "%s is copied and takes no options of an encoder: name the codec",
                       lane->map->text);
    if (lane->map->has_rate && (lane->copied || lane->type != AVMEDIA_TYPE_VIDEO))
        return af_fail(err, AF_OPTION, lane->where,
                       "%s is %s: frame_rate and rate_mode are for pictures that are encoded",
                       lane->map->text,
                       lane->copied ? "copied" : av_get_media_type_string(lane->type));
    return 0;
}

static int map_output(struct af_process *job, struct af_output *out, struct af_error *err)
{
    for (size_t i = 0; i < out->spec->maps.n; i++) {
        const struct af_map_spec *map = &out->spec->maps.v[i];
        struct af_input *in;
        int stream;

        if (*map->text == '[') {
            if (map_pad(job, out, map, err))
                return -1;
        } else if (af_job_stream(job, map->text, out->where, &in, &stream, err) ||
                   add_stream_lane(job, out, map, in, stream, err)) {
            return -1;
        }
        if (check_stream(out->lanes.v[out->lanes.n - 1], err))
            return -1;
    }
    for (size_t i = 0; i < out->lanes.n; i++)
        if (check_copied(job, out, out->lanes.v[i], err))
            return -1;
    return 0;
}

/* Whether the output will have sound of its own accord. */
static bool has_audio(const struct af_process *job, const struct af_output *out)
{
    return af_input_find(job->inputs.v[0], "a") >= 0 &&
           av_guess_codec(out->oc->oformat, NULL, out->oc->url, NULL, AVMEDIA_TYPE_AUDIO) !=
               AV_CODEC_ID_NONE;
}

static bool brings_cover(const struct af_output *out)
{
    for (size_t i = 0; i < out->attached.n; i++)
        if (out->attached.v[i].spec->cover)
            return true;
    return false;
}

/* One stream of a kind from the first input, if it has one and the muxer takes the kind. */
static int add_default(struct af_process *job, struct af_output *out, enum AVMediaType type,
                       struct af_error *err)
{
    const char *codec = codec_of(out->spec, NULL, type);
    int stream = af_input_find(job->inputs.v[0], type == AVMEDIA_TYPE_VIDEO ? "v" : "a");

    if (stream < 0)
        return codec ? af_fail(err, AF_MAP, out->where, "the first input has no %s for %s",
                               av_get_media_type_string(type), codec)
                     : 0;
    if (is_copy(codec))
        return add_copy_lane(job, out, NULL, job->inputs.v[0], stream, err);
    if (!codec && type == AVMEDIA_TYPE_VIDEO && has_audio(job, out)) {
        /* The cover of a piece of music stays its cover; it is no film of one picture. */
        enum af_cover cover =
            af_copy_cover(out->oc->oformat, job->inputs.v[0]->ctx->streams[stream]);

        if (cover != AF_COVER_NONE)
            return cover == AF_COVER_TAKEN && !brings_cover(out)
                       ? add_copy_lane(job, out, NULL, job->inputs.v[0], stream, err)
                       : 0;
    }
    if (!codec && av_guess_codec(out->oc->oformat, NULL, out->oc->url, NULL, type) ==
                      AV_CODEC_ID_NONE)
        return 0;
    return add_direct_lane(job, out, NULL, job->inputs.v[0], stream, err);
}

/* Text of the first input, where the output names its codec, or the muxer takes nothing else. */
static int add_default_text(struct af_process *job, struct af_output *out, struct af_error *err)
{
    const AVOutputFormat *format = out->oc->oformat;
    const char *codec = out->spec->subtitle_codec;
    bool only = format->subtitle_codec != AV_CODEC_ID_NONE &&
                format->video_codec == AV_CODEC_ID_NONE && format->audio_codec == AV_CODEC_ID_NONE;
    int stream = af_input_find(job->inputs.v[0], "s");

    if (!codec && !only)
        return 0;
    if (stream < 0)
        return af_fail(err, AF_MAP, out->where, "the first input has no subtitle for %s",
                       codec ? codec : format->name);
    return is_copy(codec) ? add_copy_lane(job, out, NULL, job->inputs.v[0], stream, err)
                          : add_subtitle_lane(job, out, NULL, job->inputs.v[0], stream, err);
}

static int map_by_default(struct af_process *job, struct af_output *out, struct af_error *err)
{
    if (!job->spec.filter) {
        if (add_default(job, out, AVMEDIA_TYPE_VIDEO, err) ||
            add_default(job, out, AVMEDIA_TYPE_AUDIO, err) || add_default_text(job, out, err))
            return -1;
        return out->lanes.n ? 0
                            : af_fail(err, AF_MAP, out->where,
                                      "the first input has no stream for the muxer %s",
                                      out->oc->oformat->name);
    }
    if (job->outputs.n > 1)
        return af_fail(err, AF_MAP, out->where,
                       "with a filter and several outputs each output needs a map");
    for (size_t i = 0; i < job->graph.pads.n; i++)
        if (add_pad_lane(job, out, NULL, &job->graph.pads.v[i], err))
            return -1;
    return 0;
}

/* ---- options that nobody took ---- */

static bool encodes(const struct af_output *out, enum AVMediaType type)
{
    for (size_t i = 0; i < out->lanes.n; i++)
        if (out->lanes.v[i]->codec && out->lanes.v[i]->type == type)
            return true;
    return false;
}

static int check_options(const struct af_output *out, struct af_error *err)
{
    const AVDictionaryEntry *left = av_dict_iterate(out->unused, NULL);
    struct af_text names = { 0 };
    int ret;

    if (out->spec->video_options && !encodes(out, AVMEDIA_TYPE_VIDEO))
        return af_fail(err, AF_OPTION, out->where,
                       "video_options are given and the output encodes no video");
    if (out->spec->audio_options && !encodes(out, AVMEDIA_TYPE_AUDIO))
        return af_fail(err, AF_OPTION, out->where,
                       "audio_options are given and the output encodes no audio");
    if (!left)
        return 0;
    for (size_t i = 0; i < out->lanes.n; i++)
        if (out->lanes.v[i]->codec)
            af_text_printf(&names, "%s%s", names.n ? ", " : "", out->lanes.v[i]->codec->name);
    if (names.n)
        ret = af_fail(err, AF_OPTION, out->where, "no encoder of this output (%s) has an option %s",
                      names.v, left->key);
    else
        ret = af_fail(err, AF_OPTION, out->where,
                      "the option %s is for an encoder and this output encodes nothing", left->key);
    af_text_free(&names);
    return ret;
}

static int check_cut(const struct af_output *out, struct af_error *err)
{
    bool smart = out->spec->cut != AF_CUT_SMART;

    for (size_t i = 0; i < out->lanes.n; i++)
        smart |= out->lanes.v[i]->smart != NULL;
    return smart ? 0
                 : af_fail(err, AF_MAP, out->where,
                           "a smart cut is of a video stream that is copied, and the output has none");
}

int af_job_lanes(struct af_process *job, struct af_output *out, struct af_error *err)
{
    if (out->spec->has_map ? map_output(job, out, err) : map_by_default(job, out, err))
        return -1;
    if (!out->lanes.n && !(out->oc->oformat->flags & AVFMT_NOSTREAMS))
        return af_fail(err, AF_MAP, out->where, "the output has no stream, and the muxer %s needs one",
                       out->oc->oformat->name);
    return check_cut(out, err) || check_options(out, err) ? -1 : 0;
}
