/* The plan of a job: which stream and which pad goes where. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/common.h>
#include <libavutil/mem.h>

#include "copy.h"
#include "encode.h"
#include "error.h"
#include "lane.h"
#include "process.h"
#include "source.h"

/* "0:a:1" names a stream of an input. 0 and the two, or -1 with an error of class AF_MAP. */
static int find_stream(struct af_process *job, const char *name, const char *where,
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

static struct af_decoder *decoder_of(struct af_process *job, struct af_input *in, int stream,
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

/* ---- lanes ---- */

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
        snprintf(lane->where, sizeof lane->where, "%s.map[%zu]", out->where,
                 (size_t)(map - out->spec->maps.v));
    else
        snprintf(lane->where, sizeof lane->where, "%s", out->where);
    return lane;
}

static const char *codec_of(const struct af_output_spec *spec, enum AVMediaType type)
{
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
    const char *codec = codec_of(spec, lane->type);

    if (is_copy(codec))
        return af_fail(err, AF_MAP, lane->where,
                       "%s is a pad of the filter graph and cannot be copied: map a stream such "
                       "as 0:v, or name an encoder",
                       lane->map ? lane->map->text : "an unmapped pad");
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
    dec = decoder_of(job, in, stream, err);
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

/* "[v]" of the filter, or of a stream that passes no filter: "[0:v]", and without a filter "[v]". */
static int map_pad(struct af_process *job, struct af_output *out, const struct af_map_spec *map,
                   struct af_error *err)
{
    size_t length = strlen(map->text);
    char label[256];
    struct af_text known = { 0 };
    struct af_input *in;
    struct af_pad *pad;
    int stream;

    if (length < 3 || length - 2 >= sizeof label || map->text[length - 1] != ']')
        return af_fail(err, AF_MAP, out->where, "%s is not a label such as [v]", map->text);
    memcpy(label, map->text + 1, length - 2);
    label[length - 2] = 0;
    pad = af_graph_pad(&job->graph, label);
    if (pad)
        return add_pad_lane(job, out, map, pad, err);
    if (*label >= '0' && *label <= '9')
        return find_stream(job, label, out->where, &in, &stream, err)
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

/* A stream that is copied while the job names an encoder for its kind is a misunderstanding. */
static int check_copied(const struct af_process *job, const struct af_output *out,
                        const struct af_lane *lane, struct af_error *err)
{
    const char *codec = codec_of(out->spec, lane->type);

    if (job->spec.version < 10 || !lane->copied || !codec || is_copy(codec))
        return 0;
    for (size_t i = 0; i < out->lanes.n; i++)
        if (!out->lanes.v[i]->copied && out->lanes.v[i]->type == lane->type)
            return 0;
    return af_fail(err, AF_MAP, lane->where,
                   "%s is copied, yet the output names the encoder %s: map [%s] to encode it",
                   lane->map->text, codec, lane->map->text);
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
        } else if (find_stream(job, map->text, out->where, &in, &stream, err) ||
                   add_copy_lane(job, out, map, in, stream, err)) {
            return -1;
        }
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

/* One stream of a kind from the first input, if it has one and the muxer takes the kind. */
static int add_default(struct af_process *job, struct af_output *out, enum AVMediaType type,
                       struct af_error *err)
{
    const char *codec = codec_of(out->spec, type);
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
            return cover == AF_COVER_TAKEN
                       ? add_copy_lane(job, out, NULL, job->inputs.v[0], stream, err)
                       : 0;
    }
    if (!codec && av_guess_codec(out->oc->oformat, NULL, out->oc->url, NULL, type) ==
                      AV_CODEC_ID_NONE)
        return 0;
    return add_direct_lane(job, out, NULL, job->inputs.v[0], stream, err);
}

static int map_by_default(struct af_process *job, struct af_output *out, struct af_error *err)
{
    if (!job->spec.filter) {
        if (add_default(job, out, AVMEDIA_TYPE_VIDEO, err) ||
            add_default(job, out, AVMEDIA_TYPE_AUDIO, err))
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
        if (!out->lanes.v[i]->copied && out->lanes.v[i]->type == type)
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
        if (!out->lanes.v[i]->copied)
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

/* ---- the graph ---- */

/* The stream that enters an open input pad; one without a label takes the first input's. */
static int plan_entries(struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->graph.entries.n; i++) {
        const struct af_entry *entry = &job->graph.entries.v[i];
        struct af_decoder **slot = af_vec_new(&job->entered);
        struct af_input *in;
        int stream;

        if (!slot)
            return af_fail_memory(err);
        if (entry->label) {
            if (find_stream(job, entry->label, "filter", &in, &stream, err))
                return -1;
        } else if (!job->inputs.n) {
            return af_fail(err, AF_MAP, "filter", "an input pad is open and the job has no input");
        } else {
            in = job->inputs.v[0];
            stream = af_input_find(in, entry->type == AVMEDIA_TYPE_VIDEO ? "v" : "a");
            if (stream < 0)
                return af_fail(err, AF_MAP, "filter", "the first input has no %s for an open pad",
                               av_get_media_type_string(entry->type));
        }
        if (in->ctx->streams[stream]->codecpar->codec_type != entry->type)
            return af_fail(err, AF_MAP, "filter", "[%s] is not %s",
                           entry->label ? entry->label : "", av_get_media_type_string(entry->type));
        *slot = decoder_of(job, in, stream, err);
        if (!*slot)
            return -1;
    }
    return 0;
}

static int check_pads(const struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->graph.pads.n; i++)
        if (!job->graph.pads.v[i].claimed)
            return af_fail(err, AF_MAP, "filter", "the output pad [%s] is in no output's map",
                           job->graph.pads.v[i].label);
    return 0;
}

/* The container does not tell of every stream what its frames are: then the first one tells. */
static int prime(struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->decoders.n; i++) {
        struct af_decoder *dec = job->decoders.v[i];
        enum af_feed fed;

        if (!af_decoder_needs_prime(dec))
            continue;
        while ((fed = af_decoder_prime(dec, dec->in->ended, err)) == AF_FEED_STARVING)
            if (af_pump(job, dec->in, err) < 0)
                return -1;
        if (fed == AF_FEED_ERROR)
            return -1;
    }
    return 0;
}

static struct af_source *add_source(struct af_process *job, struct af_decoder *dec,
                                    struct af_error *err)
{
    struct af_source *source = af_graph_source(&job->graph, dec, err);
    struct af_source **slot = source ? af_vec_new(&dec->sources) : NULL;

    if (!slot) {
        if (source)
            af_fail_memory(err);
        return NULL;
    }
    return *slot = source;
}

/* The input that an encoded stream comes from: that of the first source of its kind. */
static void find_origin(struct af_lane *lane)
{
    for (size_t i = 0; i < lane->sources.n; i++) {
        struct af_decoder *dec = lane->sources.v[i]->dec;

        if (dec->in->ctx->streams[dec->stream]->codecpar->codec_type == lane->type) {
            lane->in = dec->in;
            lane->in_stream = dec->stream;
            return;
        }
    }
}

static int build_graph(struct af_process *job, struct af_error *err)
{
    struct af_graph *graph = &job->graph;
    struct af_source *source;

    for (size_t i = 0; i < graph->entries.n; i++) {
        source = add_source(job, job->entered.v[i], err);
        if (!source || af_graph_enter(graph, &graph->entries.v[i], source, err))
            return -1;
    }
    for (size_t i = 0; i < graph->pads.n; i++)
        if (af_graph_sink(graph, (struct af_lane *)graph->pads.v[i].claimed, &graph->pads.v[i],
                          NULL, err))
            return -1;
    for (size_t i = 0; i < job->direct.n; i++) {
        source = add_source(job, job->direct.v[i].dec, err);
        if (!source || af_graph_sink(graph, job->direct.v[i].lane, NULL, source, err))
            return -1;
    }
    if (graph->graph->nb_filters && af_graph_configure(graph, err))
        return -1;
    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];

        if (lane->copied)
            continue;
        if (af_graph_trace(graph, lane, err))
            return -1;
        find_origin(lane);
    }
    return 0;
}

/* The end of the output on the job's time line, where every input begins at 0. */
static void set_limits(struct af_process *job)
{
    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];
        const struct af_output_spec *spec = lane->out->spec;

        if (spec->limit < 0)
            continue;
        lane->limit = (int64_t)(spec->limit * AV_TIME_BASE + 0.5);
        if (spec->copy_ts && spec->limit_is_end && lane->in)
            lane->limit = av_sat_sub64(lane->limit, lane->in->origin);
    }
}

int af_plan(struct af_process *job, struct af_error *err)
{
    if (af_graph_parse(&job->graph, job->spec.filter, err) || plan_entries(job, err))
        return -1;
    for (size_t i = 0; i < job->outputs.n; i++) {
        struct af_output *out = job->outputs.v[i];

        if (out->spec->has_map ? map_output(job, out, err) : map_by_default(job, out, err))
            return -1;
        if (check_options(out, err))
            return -1;
    }
    if (check_pads(job, err))
        return -1;
    for (size_t i = 0; i < job->inputs.n; i++)
        if (af_input_start(job->inputs.v[i], err))
            return -1;
    if (prime(job, err) || build_graph(job, err))
        return -1;
    set_limits(job);
    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];

        if (!lane->copied && lane->type == AVMEDIA_TYPE_AUDIO && af_encoder_open_audio(lane, err))
            return -1;
    }
    for (size_t i = 0; i < job->outputs.n; i++)
        if (af_output_complete(job->outputs.v[i], err))
            return -1;
    return 0;
}
