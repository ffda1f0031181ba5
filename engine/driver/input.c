/* An open input: one demuxer, its seek, its loop, and the one origin that its timestamps count from. */
#include "input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/common.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>

#include "components.h"
#include "concat_list.h"
#include "ending.h"
#include "error.h"
#include "graph.h"
#include "h264_header.h"
#include "log.h"
#include "parts.h"
#include "times.h"

/* Packets read in search of the key frame of a seek, before the search gives up. */
#define SEEK_SEARCH 20000

/* Microseconds of sound decoded before an exact start: a frame of AAC or Opus overlaps those before it,
 * and one of MP3 borrows bits from them. */
#define PREROLL 200000

/* Microseconds before the first time of a file: a place to seek to that is its beginning. At the first
 * time itself MP4 has left out what warms a decoder up, and MPEG-TS its first key frame. Other demuxers
 * would count from that place. */
#define RUN_UP (10 * (int64_t)AV_TIME_BASE)

/* Unreadable places skipped one after another before the rest counts as lost. */
#define SKIP_LIMIT 1000

char *af_file_url(const char *path)
{
    size_t name = strcspn(path, ":/");

    return path[name] == ':' ? av_asprintf("file:%s", path) : av_strdup(path);
}

static const char *label(const struct af_input *in)
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
                       label(in));
    else
        af_text_printf(&what, "cannot open %s", label(in));
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

/* Opens the demuxer of in->spec into in->ctx, which is empty. */
static int open_demuxer(struct af_input *in, struct af_error *err)
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
                          label(in));
    return 0;
}

int af_input_open(struct af_input *in, const struct af_input_spec *spec, size_t index,
                  struct af_error *err)
{
    memset(in, 0, sizeof *in);
    in->spec = spec;
    in->exact = spec->accurate;
    snprintf(in->where, sizeof in->where, "inputs[%zu]", index);
    if (open_demuxer(in, err))
        return -1;
    if (!in->ctx->nb_streams)
        return af_fail(err, AF_OPEN_INPUT, in->where, "%s has no streams", label(in));
    if (af_vec_reserve(&in->used, in->ctx->nb_streams))
        return af_fail_memory(err);
    in->used.n = in->ctx->nb_streams;
    if (in->ctx->start_time != AV_NOPTS_VALUE)
        in->origin = in->ctx->start_time;
    return 0;
}

static bool is_cover(const AVStream *stream)
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

            if (stream->codecpar->codec_type == type && is_cover(stream) == covers && !wanted--)
                return (int)i;
        }
    return -1;
}

void af_input_use(struct af_input *in, int stream)
{
    in->used.v[stream] = true;
}

/* Demuxers that have come to a stream's end may have it discarded from then on: told anew before every seek. */
static void discard_unused(struct af_input *in)
{
    for (unsigned i = 0; i < in->ctx->nb_streams; i++)
        in->ctx->streams[i]->discard =
            i < in->used.n && in->used.v[i] ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
}

/* The stream whose key frames a seek lands on: the first moving picture in use, else the first sound; -1 where
 * neither is. Text has no place near every time. */
static int reference_stream(const struct af_input *in)
{
    int sound = -1;

    for (size_t i = 0; i < in->used.n; i++) {
        const AVStream *stream = in->ctx->streams[i];

        if (!in->used.v[i])
            continue;
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !is_cover(stream))
            return (int)i;
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO && sound < 0)
            sound = (int)i;
    }
    return sound;
}

/* A file that stops in the middle: counted, or the end of the job. */
static int cut_short(struct af_input *in, struct af_error *err)
{
    in->corrupt++;
    return in->skip_corrupt
               ? 0
               : af_fail(err, AF_DECODE, in->where,
                         "%s is cut short (on_corrupt \"skip\" takes what is there)",
                         in->spec->concat.n ? "a file of concat" : label(in));
}

/* av_read_frame() with the policy on what cannot be read. 1, 0 at the end, -1. */
static int read_packet(struct af_input *in, AVPacket *packet, struct af_error *err)
{
    bool damaged = false;

    for (int skipped = 0; skipped <= SKIP_LIMIT; skipped++) {
        int ret;

        in->log.n = 0;
        ret = av_read_frame(in->ctx, packet);
        if (af_parts_check(in, err)) {
            av_packet_unref(packet);
            return -1;
        }
        if (ret == AVERROR(EAGAIN))
            continue;
        /* Some demuxers answer "end" when a read below them failed, others go on behind it. */
        if ((ret >= 0 || ret == AVERROR_EOF) && in->ctx->pb && in->ctx->pb->error < 0 &&
            in->ctx->pb->error != AVERROR_EOF) {
            av_packet_unref(packet);
            ret = in->ctx->pb->error;
        }
        /* Others answer -1 at the end of the file, whatever error has that number. */
        if (ret == -1 && in->ctx->pb && avio_feof(in->ctx->pb) && !in->ctx->pb->error)
            ret = AVERROR_EOF;
        if (ret == AVERROR_EOF && !af_ended_early(in))
            return 0;
        if (ret == AVERROR_EOF)
            return cut_short(in, err);
        /* A file of several, and the packet is of the next one. */
        if (ret >= 0 && !strcmp(in->ctx->iformat->name, "concat") && af_says_cut(in) &&
            cut_short(in, err)) {
            av_packet_unref(packet);
            return -1;
        }
        if (ret < 0) {
            if (!in->skip_corrupt || ret != AVERROR_INVALIDDATA)
                return af_log_fail(&in->log, err, AF_DECODE, ret, in->where,
                                   "reading failed before the end");
            in->corrupt++;
            damaged = true;
            continue;
        }
        if (packet->stream_index < 0 || (size_t)packet->stream_index >= in->used.n ||
            !in->used.v[packet->stream_index]) {
            av_packet_unref(packet);
            skipped--;
            continue;
        }
        if (packet->flags & AV_PKT_FLAG_CORRUPT && !af_is_remainder(in)) {
            in->corrupt++;
            if (!in->skip_corrupt)
                return af_fail(err, AF_DECODE, in->where,
                               "%s is damaged or cut short: a packet of stream %d at %.3f s is "
                               "incomplete (on_corrupt \"skip\" goes on without it)",
                               label(in), packet->stream_index,
                               packet->dts == AV_NOPTS_VALUE
                                   ? 0
                                   : packet->dts *
                                         av_q2d(in->ctx->streams[packet->stream_index]->time_base));
            av_packet_unref(packet);
            damaged = true;
            continue;
        }
        return 1;
    }
    /* So much of it is nothing that the rest counts as lost. */
    if (damaged)
        return 0;
    in->corrupt++;
    return in->skip_corrupt
               ? 0
               : af_fail(err, AF_DECODE, in->where,
                         "%s has a long stretch without a packet (on_corrupt \"skip\" takes what "
                         "is before it)",
                         label(in));
}

/* Reads until the reference stream's first key packet, holding all packets from it on; without a reference the place
 * is taken as it is. 1 with its time in microseconds, 0 when there is none, -1. */
static int find_key(struct af_input *in, int reference, int64_t *time, struct af_error *err)
{
    const AVStream *stream;

    if (reference < 0)
        return 1;
    stream = in->ctx->streams[reference];
    if (!in->packet && !(in->packet = av_packet_alloc()))
        return af_fail_memory(err);
    for (int i = 0; i < SEEK_SEARCH; i++) {
        AVPacket *packet = in->packet;
        int64_t at;
        bool found;
        int ret = read_packet(in, packet, err);

        if (ret <= 0)
            return ret;
        at = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
        found = packet->stream_index == reference && packet->flags & AV_PKT_FLAG_KEY &&
                at != AV_NOPTS_VALUE;
        if (packet->stream_index == reference && !found) {
            av_packet_unref(packet);
            continue;
        }
        if (af_queue_move(&in->held, packet))
            return af_fail_memory(err);
        if (found) {
            *time = av_rescale_q(at, stream->time_base, AV_TIME_BASE_Q);
            return 1;
        }
    }
    return 0;
}

static int64_t first_time(const struct af_input *in)
{
    return in->ctx->start_time == AV_NOPTS_VALUE ? 0 : in->ctx->start_time;
}

static int seek_begin(struct af_input *in)
{
    int64_t first = first_time(in), before = av_sat_sub64(first, RUN_UP);
    const char *name = in->ctx->iformat->name;
    int ret = AVERROR(ENOSYS);

    if (av_match_name("mov", name) || av_match_name("mpegts", name))
        ret = avformat_seek_file(in->ctx, -1, INT64_MIN, before, before, 0);
    return ret < 0 ? avformat_seek_file(in->ctx, -1, INT64_MIN, first, first, 0) : ret;
}

static bool decodes_audio(const struct af_input *in)
{
    for (size_t i = 0; i < in->used.n; i++)
        if (in->used.v[i] && in->ctx->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
            return true;
    return false;
}

/* A demuxer by timestamps alone (MPEG-TS) lands anywhere: the target moves back until a key frame at
 * or before the start has been found. */
static int seek_to(struct af_input *in, int64_t start, struct af_error *err)
{
    int reference = reference_stream(in);
    int64_t first = first_time(in), latest = start, back = AV_TIME_BASE, key = start, target;
    int found;

    if (in->exact && decodes_audio(in))
        latest = av_sat_sub64(start, PREROLL);
    target = latest;
    for (;;) {
        int ret;

        discard_unused(in);
        ret = target > first ? avformat_seek_file(in->ctx, -1, INT64_MIN, target, target, 0)
                                 : seek_begin(in);

        if (ret < 0 && target > first)
            ret = avformat_seek_file(in->ctx, -1, INT64_MIN, first, target, 0);
        if (ret < 0) {
            if (in->exact)
                break; /* the frames before the start are dropped as they are decoded */
            return af_fail_av(err, AF_SEEK, ret, in->where, "cannot seek in %s to %.3f s",
                              label(in), in->spec->start);
        }
        af_queue_clear(&in->held);
        found = find_key(in, reference, &key, err);
        if (found < 0)
            return -1;
        /* Half a millisecond: containers round key frame times to their own units. */
        if ((found && av_sat_sub64(key, 500) <= latest) || target <= first)
            break;
        target = FFMAX(av_sat_sub64(target, back), first);
        back = av_sat_add64(back, back);
    }
    in->origin = in->exact ? start : key;
    return 0;
}

int af_input_start(struct af_input *in, struct af_error *err)
{
    int64_t start;

    discard_unused(in);
    if (!in->spec->seek)
        return 0;
    start = (int64_t)(in->spec->start * AV_TIME_BASE + 0.5);
    if (in->ctx->duration != AV_NOPTS_VALUE && in->ctx->duration > 0 &&
        start >= in->ctx->duration)
        return af_fail(err, AF_SEEK, in->where, "%s ends at %.3f s, before the start at %.3f s",
                       label(in), in->ctx->duration / (double)AV_TIME_BASE, in->spec->start);
    in->sought = true;
    if (in->ctx->iformat->flags & AVFMT_NOFILE && !in->ctx->pb &&
        !strcmp(in->ctx->iformat->name, "lavfi")) {
        if (!in->exact)
            return af_fail(err, AF_SEEK, in->where,
                           "a generated input has no key frames to seek to: use mode accurate");
        in->origin = av_sat_add64(in->origin, start);
        return 0;
    }
    return seek_to(in, av_sat_add64(start, in->origin), err);
}

static int note_begin(struct af_input *in, struct af_error *err)
{
    int64_t *begin = af_vec_new(&in->begins);

    if (!begin)
        return af_fail_memory(err);
    *begin = in->loop_shift;
    return 0;
}

int64_t af_input_begin(const struct af_input *in, unsigned generation, AVRational base)
{
    return generation && generation <= in->begins.n
               ? av_rescale_q(in->begins.v[generation - 1], AV_TIME_BASE_Q, base)
               : 0;
}

/* Goes back to where reading began. 1, or 0 when the input has nothing to give, or -1. */
static int restart(struct af_input *in, struct af_error *err)
{
    size_t streams = in->used.n;
    int64_t origin = in->origin;
    const char *name = in->ctx->iformat->name;
    bool reopen = !in->ctx->pb || strstr(name, "_pipe") || !strcmp(name, "lavfi");

    if (!in->loop_packets || (in->sought && in->loop_end <= 0))
        return 0;
    in->loop_packets = 0;
    in->loop_shift = av_sat_add64(in->loop_shift, in->loop_end);
    in->loop_end = 0;
    in->generation++;
    if (note_begin(in, err))
        return -1;
    if (reopen) {
        avformat_close_input(&in->ctx);
        af_list_close(&in->list);
        if (open_demuxer(in, err))
            return -1;
        if (in->ctx->nb_streams != streams)
            return af_fail(err, AF_OPEN_INPUT, in->where, "%s changed while it was read",
                           label(in));
        discard_unused(in);
    } else if (!in->spec->seek) {
        int ret;

        discard_unused(in);
        ret = seek_begin(in);
        if (ret < 0)
            return af_fail_av(err, AF_SEEK, ret, in->where, "cannot go back in %s to loop it",
                              label(in));
    }
    if (in->spec->seek) {
        in->origin = first_time(in);
        if (af_input_start(in, err))
            return -1;
        in->origin = origin;
    }
    return 1;
}

/* How much of a packet is to be dropped at its end: an encoder fills the last one up. */
static int64_t padding(const AVPacket *packet, const AVCodecParameters *par)
{
    size_t size = 0;
    const uint8_t *skip = av_packet_get_side_data(packet, AV_PKT_DATA_SKIP_SAMPLES, &size);

    return skip && size >= 10 && par->sample_rate > 0
               ? av_rescale(AV_RL32(skip + 4), AV_TIME_BASE, par->sample_rate)
               : 0;
}

/* Moves the packet's times to the job's time line and notes how far reading has come. */
static void place(struct af_input *in, AVPacket *packet)
{
    AVRational base = in->ctx->streams[packet->stream_index]->time_base;
    int64_t shift = av_rescale_q(av_sat_sub64(in->loop_shift, in->origin), AV_TIME_BASE_Q, base);
    int64_t at, end;

    packet->pts = af_time_sane(af_time_add(packet->pts, shift), base);
    packet->dts = af_time_sane(af_time_add(packet->dts, shift), base);
    packet->duration = af_length_sane(packet->duration, base);
    packet->opaque = (void *)(uintptr_t)in->generation;
    in->loop_packets++;
    at = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
    if (at == AV_NOPTS_VALUE)
        return;
    at = av_rescale_q(at, base, AV_TIME_BASE_Q);
    if (at > in->position)
        in->position = at;
    if (packet->pts != AV_NOPTS_VALUE)
        at = av_rescale_q(packet->pts, base, AV_TIME_BASE_Q);
    end = av_sat_add64(at, av_rescale_q(packet->duration, base, AV_TIME_BASE_Q));
    end = av_sat_sub64(end, in->loop_shift);
    end -= padding(packet, in->ctx->streams[packet->stream_index]->codecpar);
    if (end > in->loop_end)
        in->loop_end = end;
}

int af_input_read(struct af_input *in, AVPacket *packet, struct af_error *err)
{
    while (!in->ended) {
        int ret = af_queue_pop(&in->held, packet) ? 1 : read_packet(in, packet, err);

        if (ret < 0)
            return -1;
        if (ret) {
            place(in, packet);
            return 1;
        }
        ret = 0;
        if (in->spec->loop < 0 || in->generation < (uint64_t)in->spec->loop)
            ret = restart(in, err);
        if (ret < 0)
            return -1;
        in->ended = !ret;
    }
    return 0;
}

bool af_input_jump(struct af_input *in, int stream, int64_t time)
{
    AVRational base = in->ctx->streams[stream]->time_base;
    int64_t target = av_rescale_q(av_sat_add64(time, in->origin), AV_TIME_BASE_Q, base);

    discard_unused(in);
    if (avformat_seek_file(in->ctx, stream, INT64_MIN, target, target, 0) < 0)
        return false;
    af_queue_clear(&in->held);
    in->ended = false;
    return true;
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
