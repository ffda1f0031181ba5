/* The copy lane: packets of an input stream straight to the muxer. */
#include "copy.h"

#include <libavformat/avformat.h>
#include <libavutil/mathematics.h>

#include "error.h"
#include "lane.h"
#include "mux.h"

/* Packets without a decode time that are held in wait of one that has it. */
enum { UNKNOWN_LIMIT = 64 };

static const AVStream *stream_of(const struct af_lane *lane)
{
    return lane->in->ctx->streams[lane->in_stream];
}

/* A tag that means something else, or nothing, in the output's container must go. */
static void fit_tag(struct af_lane *lane)
{
    const AVOutputFormat *format = lane->out->oc->oformat;
    unsigned tag;

    if (format->codec_tag &&
        av_codec_get_id(format->codec_tag, lane->par->codec_tag) != lane->par->codec_id &&
        av_codec_get_tag2(format->codec_tag, lane->par->codec_id, &tag))
        lane->par->codec_tag = 0;
}

int af_copy_prepare(struct af_lane *lane, struct af_error *err)
{
    const AVStream *stream = stream_of(lane);
    const AVOutputFormat *format = lane->out->oc->oformat;

    if (lane->in->spec->seek && lane->in->spec->accurate)
        return af_fail(err, AF_SEEK, lane->where,
                       "a copied stream cannot begin at an exact time: use seek mode fast for %s, "
                       "or encode the stream",
                       lane->in->where);
    lane->par = avcodec_parameters_alloc();
    if (!lane->par || avcodec_parameters_copy(lane->par, stream->codecpar) < 0)
        return af_fail_memory(err);
    if (stream->sample_aspect_ratio.num > 0)
        lane->par->sample_aspect_ratio = stream->sample_aspect_ratio;
    fit_tag(lane);
    if (avformat_query_codec(format, lane->par->codec_id, FF_COMPLIANCE_EXPERIMENTAL) == 0)
        return af_fail(err, AF_MUX, lane->where, "the muxer %s does not take %s: encode the stream",
                       format->name, avcodec_get_name(lane->par->codec_id));
    lane->base = stream->time_base;
    lane->frame_rate = stream->avg_frame_rate;
    af_input_use(lane->in, lane->in_stream);
    return af_output_lane_ready(lane, err);
}

int af_copy_offer(struct af_lane *lane, const AVPacket *packet, struct af_error *err)
{
    return af_queue_push(&lane->queue, packet) ? af_fail_memory(err) : 0;
}

/* What is not decodable for want of its key frame, or lies before the start of a sought input. */
static bool before_start(struct af_lane *lane, const AVPacket *packet)
{
    int64_t at = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;

    if (!lane->in->sought)
        return false;
    if (at != AV_NOPTS_VALUE)
        at -= af_input_begin(lane->in, (unsigned)(uintptr_t)packet->opaque, lane->base);
    if (lane->type == AVMEDIA_TYPE_VIDEO) {
        if (!lane->started && !(packet->flags & AV_PKT_FLAG_KEY))
            return true;
        /* Pictures that lead an open group refer to the group before it. */
        return at != AV_NOPTS_VALUE && at < 0;
    }
    return at != AV_NOPTS_VALUE && at + packet->duration <= 0;
}

/* Matroska tells no decode times, and the demuxer cannot know the first ones of a stream with
 * reordered pictures: they follow from the first one known. False: more packets have to be seen. */
static bool know_decode_times(struct af_lane *lane)
{
    AVPacket **first = lane->queue.packets.v + lane->queue.head;
    size_t count = lane->queue.packets.n - lane->queue.head, known = 0;
    int64_t dts;

    while (known < count && first[known]->dts == AV_NOPTS_VALUE)
        known++;
    if (known == count) {
        if (count < UNKNOWN_LIMIT && !lane->in->ended)
            return false;
        return true;
    }
    dts = first[known]->dts;
    while (known--) {
        dts -= first[known]->duration > 0 ? first[known]->duration : 1;
        first[known]->dts = dts;
    }
    return true;
}

enum af_step af_copy_step(struct af_lane *lane, struct af_error *err)
{
    AVPacket *packet;
    int64_t at;
    int ret = 0;

    if (lane->type == AVMEDIA_TYPE_VIDEO && !know_decode_times(lane))
        return AF_STEP_STARVING;
    packet = af_queue_pop(&lane->queue);
    if (!packet) {
        if (!lane->in->ended)
            return AF_STEP_STARVING;
        lane->finished = true;
        return af_output_lane_end(lane, err) ? AF_STEP_ERROR : AF_STEP_DONE;
    }
    at = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
    if (at != AV_NOPTS_VALUE) {
        /* Membership is decided on decode time: all that a kept picture refers to comes before it. */
        if (lane->limit != INT64_MAX &&
            av_compare_ts(at, lane->base, lane->limit, AV_TIME_BASE_Q) >= 0) {
            av_packet_free(&packet);
            af_queue_clear(&lane->queue);
            lane->finished = true;
            return af_output_lane_end(lane, err) ? AF_STEP_ERROR : AF_STEP_DONE;
        }
        at = av_rescale_q(at + packet->duration, lane->base, AV_TIME_BASE_Q);
        if (at > lane->clock)
            lane->clock = at;
    }
    if (!before_start(lane, packet)) {
        lane->started = true;
        lane->frames++;
        packet->opaque = NULL;
        ret = af_output_write(lane, packet, err);
    }
    av_packet_free(&packet);
    return ret ? AF_STEP_ERROR : AF_STEP_DONE;
}
