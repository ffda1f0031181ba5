/* An open input: its demuxer, its streams, and what is wanted of them. */
#include "input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/mem.h>

#include "components.h"
#include "concat_list.h"
#include "error.h"
#include "graph.h"
#include "h264_header.h"
#include "input_within.h"
#include "log.h"
#include "parts.h"

char *af_file_url(const char *path)
{
    size_t name = strcspn(path, ":/");

    return path[name] == ':' ? av_asprintf("file:%s", path) : av_strdup(path);
}

const char *af_input_label(const struct af_input *in)
{
    return in->spec->concat.n ? in->spec->concat.v[0] : in->spec->path;
}

static int fail_open(struct af_input *in, int code, struct af_error *err)
{
    enum af_class class = AF_OPEN_INPUT;
    struct af_text what = { 0 };

    if (af_parts_missing(in))
        return af_parts_fail(in, err);
    if (code == AVERROR_INVALIDDATA)
        af_text_printf(&what, "%s is no media that this build can read, or is cut short",
                       af_input_label(in));
    else
        af_text_printf(&what, "cannot open %s", af_input_label(in));
    if (code == AVERROR_DECODER_NOT_FOUND || code == AVERROR_FILTER_NOT_FOUND ||
        code == AVERROR_PROTOCOL_NOT_FOUND)
        class = AF_NOT_IN_BUILD;
    if (what.failed)
        af_fail_memory(err);
    else
        af_log_fail(&in->log, err, class, code, in->where, what.v);
    af_text_free(&what);
    return -1;
}

/*
 * avformat_find_stream_info(), which decodes a first picture of H.264 for its pixel format: most of
 * the time of a probe. Where the container holds the sequence header and the decode times (MP4), the
 * header tells as much, and no picture is decoded.
 */
static int find_streams(AVFormatContext *ctx)
{
    unsigned n = ctx->nb_streams;
    bool timed = av_match_name("mov", ctx->iformat->name);
    AVDictionary **options = n ? av_calloc(n, sizeof(AVDictionary *)) : NULL;
    int ret = n && !options ? AVERROR(ENOMEM) : 0;

    for (unsigned i = 0; i < n && ret >= 0; i++) {
        AVCodecParameters *par = ctx->streams[i]->codecpar;
        if (timed && par->codec_id == AV_CODEC_ID_H264 && af_h264_describe(par))
            ret = av_dict_set(&options[i], "skip_frame", "all", 0);
    }
    if (ret >= 0)
        ret = avformat_find_stream_info(ctx, options);
    for (unsigned i = 0; i < n && options; i++)
        av_dict_free(&options[i]);
    av_free(options);
    return ret;
}

int af_input_open_demuxer(struct af_input *in, struct af_error *err)
{
    const struct af_input_spec *spec = in->spec;
    const char *name = spec->concat.n ? "concat" : spec->format;
    const AVInputFormat *format = NULL;
    const AVDictionaryEntry *left;
    AVDictionary *options = NULL;
    char *url = NULL;
    int ret;

    if (name && !(format = av_find_input_format(name)))
        return af_fail_not_in_build(err, AF_DEMUXER, name, in->where);
    if (spec->concat.n && spec->format && strcmp(spec->format, "concat"))
        return af_fail(err, AF_SPEC, in->where, "concat chooses its demuxer itself: no format");
    in->ctx = avformat_alloc_context();
    if (!in->ctx)
        return af_fail_memory(err);
    af_parts_watch(in);
    if (spec->concat.n) {
        if (af_list_open(&in->list, spec->concat.v, spec->concat.n, spec->seek, in->where, err))
            return -1;
        in->ctx->pb = af_list_io(in->list);
        url = av_strdup("");
    } else if (format && format->flags & AVFMT_NOFILE && strcmp(format->name, "image2")) {
        url = av_strdup(spec->path);
    } else {
        url = af_file_url(spec->path);
    }
    if (format && !strcmp(format->name, "lavfi") &&
        af_graph_check_names(spec->path, in->where, err)) {
        av_free(url);
        return -1;
    }
    if (!url || av_dict_copy(&options, spec->options, 0) < 0 ||
        (spec->concat.n && av_dict_set(&options, "safe", "0", AV_DICT_DONT_OVERWRITE) < 0)) {
        av_free(url);
        av_dict_free(&options);
        return af_fail_memory(err);
    }
    ret = avformat_open_input(&in->ctx, url, format, &options);
    av_free(url);
    if (ret < 0) {
        /* The context is gone, the list is not: af_input_close() takes it. */
        av_dict_free(&options);
        return fail_open(in, ret, err);
    }
    left = av_dict_iterate(options, NULL);
    if (left)
        af_fail(err, AF_OPTION, in->where, "the demuxer %s has no option %s",
                in->ctx->iformat->name, left->key);
    av_dict_free(&options);
    if (left)
        return -1;
    af_parts_end_playlist(in);
    ret = find_streams(in->ctx);
    /* Demuxers and the search for streams take a read that failed for the end of the file. */
    if (ret >= 0 && in->ctx->pb && in->ctx->pb->error < 0 && in->ctx->pb->error != AVERROR_EOF)
        ret = in->ctx->pb->error;
    if (ret < 0)
        return af_fail_av(err, AF_OPEN_INPUT, ret, in->where, "cannot read the streams of %s",
                          af_input_label(in));
    return 0;
}

int af_input_open(struct af_input *in, const struct af_input_spec *spec, size_t index,
                  struct af_error *err)
{
    memset(in, 0, sizeof *in);
    in->spec = spec;
    in->exact = spec->accurate;
    snprintf(in->where, sizeof in->where, "inputs[%zu]", index);
    if (af_input_open_demuxer(in, err))
        return -1;
    if (!in->ctx->nb_streams)
        return af_fail(err, AF_OPEN_INPUT, in->where, "%s has no streams", af_input_label(in));
    if (af_vec_reserve(&in->used, in->ctx->nb_streams))
        return af_fail_memory(err);
    in->used.n = in->ctx->nb_streams;
    if (in->ctx->start_time != AV_NOPTS_VALUE)
        in->origin = in->ctx->start_time;
    return 0;
}

bool af_input_is_cover(const AVStream *stream)
{
    return stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
}

int af_input_find(const struct af_input *in, const char *specifier)
{
    enum AVMediaType type;
    unsigned long wanted = 0;
    unsigned n = in->ctx->nb_streams;
    char *end;

    if (*specifier >= '0' && *specifier <= '9') {
        wanted = strtoul(specifier, &end, 10);
        return *end || wanted >= n ? -1 : (int)wanted;
    }
    switch (*specifier) {
    case 'v':
        type = AVMEDIA_TYPE_VIDEO;
        break;
    case 'a':
        type = AVMEDIA_TYPE_AUDIO;
        break;
    case 's':
        type = AVMEDIA_TYPE_SUBTITLE;
        break;
    case 'd':
        type = AVMEDIA_TYPE_DATA;
        break;
    default:
        return -1;
    }
    if (specifier[1] == ':' && specifier[2] >= '0' && specifier[2] <= '9') {
        wanted = strtoul(specifier + 2, &end, 10);
        if (*end)
            return -1;
    } else if (specifier[1]) {
        return -1;
    }
    /* Cover pictures count behind all moving ones. */
    for (int covers = 0; covers <= (type == AVMEDIA_TYPE_VIDEO); covers++)
        for (unsigned i = 0; i < n; i++) {
            const AVStream *stream = in->ctx->streams[i];

            if (stream->codecpar->codec_type == type && af_input_is_cover(stream) == covers && !wanted--)
                return (int)i;
        }
    return -1;
}

void af_input_use(struct af_input *in, int stream)
{
    in->used.v[stream] = true;
}

void af_input_close(struct af_input *in)
{
    af_queue_free(&in->held);
    av_packet_free(&in->packet);
    af_vec_free(&in->used);
    af_vec_free(&in->begins);
    avformat_close_input(&in->ctx);
    af_list_close(&in->list);
    av_freep(&in->missing);
    af_text_free(&in->log);
}
