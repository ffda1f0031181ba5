/* Reading of an input: the policy on what cannot be read, its loop, and times on the job's time line. */
#include <string.h>

#include <libavutil/intreadwrite.h>
#include <libavutil/mathematics.h>

#include "concat_list.h"
#include "ending.h"
#include "error.h"
#include "input_within.h"
#include "log.h"
#include "parts.h"
#include "times.h"

/* Unreadable places skipped one after another before the rest counts as lost. */
#define SKIP_LIMIT 1000

/* A file that stops in the middle: counted, or the end of the job. */
static int cut_short(struct af_input *in, struct af_error *err)
{
    in->corrupt++;
    return in->skip_corrupt
               ? 0
               : af_fail(err, AF_DECODE, in->where,
                         "%s is cut short (on_corrupt \"skip\" takes what is there)",
                         in->spec->concat.n ? "a file of concat" : af_input_label(in));
}

int af_input_demux(struct af_input *in, AVPacket *packet, struct af_error *err)
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
                               af_input_label(in), packet->stream_index,
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
                         af_input_label(in));
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
        if (af_input_open_demuxer(in, err))
            return -1;
        if (in->ctx->nb_streams != streams)
            return af_fail(err, AF_OPEN_INPUT, in->where, "%s changed while it was read",
                           af_input_label(in));
        af_input_discard(in);
    } else if (!in->spec->seek) {
        int ret;

        af_input_discard(in);
        ret = af_input_rewind(in);
        if (ret < 0)
            return af_fail_av(err, AF_SEEK, ret, in->where, "cannot go back in %s to loop it",
                              af_input_label(in));
    }
    if (in->spec->seek) {
        in->origin = af_input_first(in);
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
        int ret = af_queue_pop(&in->held, packet) ? 1 : af_input_demux(in, packet, err);

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
