/* Where an input begins: its seek, and the one origin that its timestamps count from. */
#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/common.h>
#include <libavutil/mathematics.h>

#include "error.h"
#include "input_within.h"

/* Packets read in search of the key frame of a seek, before the search gives up. */
#define SEEK_SEARCH 20000

/* Microseconds of sound decoded before an exact start: a frame of AAC or Opus overlaps those before it,
 * and one of MP3 borrows bits from them. */
#define PREROLL 200000

/* Microseconds before the first time of a file: a place to seek to that is its beginning. At the first
 * time itself MP4 has left out what warms a decoder up, and MPEG-TS its first key frame. Other demuxers
 * would count from that place. */
#define RUN_UP (10 * (int64_t)AV_TIME_BASE)

void af_input_discard(struct af_input *in)
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
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !af_input_is_cover(stream))
            return (int)i;
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO && sound < 0)
            sound = (int)i;
    }
    return sound;
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
        int ret = af_input_demux(in, packet, err);

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

int64_t af_input_first(const struct af_input *in)
{
    return in->ctx->start_time == AV_NOPTS_VALUE ? 0 : in->ctx->start_time;
}

int af_input_rewind(struct af_input *in)
{
    int64_t first = af_input_first(in), before = av_sat_sub64(first, RUN_UP);
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
    int64_t first = af_input_first(in), latest = start, back = AV_TIME_BASE, key = start, target;
    int found;

    if (in->exact && decodes_audio(in))
        latest = av_sat_sub64(start, PREROLL);
    target = latest;
    for (;;) {
        int ret;

        af_input_discard(in);
        ret = target > first ? avformat_seek_file(in->ctx, -1, INT64_MIN, target, target, 0)
                                 : af_input_rewind(in);

        if (ret < 0 && target > first)
            ret = avformat_seek_file(in->ctx, -1, INT64_MIN, first, target, 0);
        if (ret < 0) {
            if (in->exact)
                break; /* the frames before the start are dropped as they are decoded */
            return af_fail_av(err, AF_SEEK, ret, in->where, "cannot seek in %s to %.3f s",
                              af_input_label(in), in->spec->start);
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

    af_input_discard(in);
    if (!in->spec->seek)
        return 0;
    start = (int64_t)(in->spec->start * AV_TIME_BASE + 0.5);
    if (in->ctx->duration != AV_NOPTS_VALUE && in->ctx->duration > 0 &&
        start >= in->ctx->duration)
        return af_fail(err, AF_SEEK, in->where, "%s ends at %.3f s, before the start at %.3f s",
                       af_input_label(in), in->ctx->duration / (double)AV_TIME_BASE, in->spec->start);
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

bool af_input_jump(struct af_input *in, int stream, int64_t time)
{
    AVRational base = in->ctx->streams[stream]->time_base;
    int64_t target = av_rescale_q(av_sat_add64(time, in->origin), AV_TIME_BASE_Q, base);

    af_input_discard(in);
    if (avformat_seek_file(in->ctx, stream, INT64_MIN, target, target, 0) < 0)
        return false;
    af_queue_clear(&in->held);
    in->ended = false;
    return true;
}
