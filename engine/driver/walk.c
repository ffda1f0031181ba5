/* A walk over the decoded frames of one video stream. */
#include "walk.h"

#include <string.h>

#include <libavutil/avutil.h>
#include <libavutil/common.h>
#include <libavutil/mathematics.h>

#include "components.h"
#include "error.h"
#include "h264_header.h"

/* Without an index of the container: a gap that is worth a jump, to begin with. */
#define FAR_BLIND (10 * (int64_t)AV_TIME_BASE)

/* With one: decoding less than this costs no more than a jump. */
#define FAR_INDEXED ((int64_t)AV_TIME_BASE / 2)

/* The length of a frame of which nothing says how long it is shown. */
#define LENGTH_UNKNOWN ((int64_t)AV_TIME_BASE / 25)

static const AVStream *stream_of(const struct af_walk *walk)
{
    return walk->in.ctx->streams[walk->stream];
}

static int choose_stream(struct af_walk *walk, int64_t wanted, struct af_error *err)
{
    const AVFormatContext *ctx = walk->in.ctx;
    int best;

    if (wanted >= 0) {
        if (wanted >= ctx->nb_streams)
            return af_fail(err, AF_MAP, "stream", "the input has no stream %d: its streams are 0 to %u", (int)wanted,
                           ctx->nb_streams - 1);
        if (ctx->streams[wanted]->codecpar->codec_type != AVMEDIA_TYPE_VIDEO)
            return af_fail(err, AF_MAP, "stream", "stream %d is not video", (int)wanted);
        walk->stream = (int)wanted;
        return 0;
    }
    best = av_find_best_stream(walk->in.ctx, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    if (best < 0)
        return af_fail(err, AF_MAP, "inputs[0]", "the input has no video stream");
    walk->stream = best;
    return 0;
}

/* Codecs of which a packet holds what is shown at one time, as a whole. Not H.264: it may hold a field. */
static bool whole_frames(enum AVCodecID codec)
{
    return codec == AV_CODEC_ID_HEVC || codec == AV_CODEC_ID_VP8 || codec == AV_CODEC_ID_VP9;
}

static int open_decoder(struct af_walk *walk, struct af_error *err)
{
    const AVStream *stream = stream_of(walk);
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    int ret;

    if (!codec)
        return af_fail_no_codec(err, AF_DECODER, AVMEDIA_TYPE_VIDEO,
                                avcodec_get_name(stream->codecpar->codec_id), walk->in.where);
    walk->decoder = avcodec_alloc_context3(codec);
    walk->packet = av_packet_alloc();
    if (!walk->decoder || !walk->packet)
        return af_fail_memory(err);
    ret = avcodec_parameters_to_context(walk->decoder, stream->codecpar);
    if (ret >= 0) {
        walk->decoder->pkt_timebase = stream->time_base;
        walk->decoder->framerate = stream->avg_frame_rate;
        walk->decoder->thread_count = 1;
        /* What damage leaves out makes no frame sure. */
        walk->passes = !walk->in.skip_corrupt && af_h264_passable(stream->codecpar);
        walk->whole = walk->passes || (!walk->in.skip_corrupt && whole_frames(codec->id));
        ret = avcodec_open2(walk->decoder, codec, NULL);
    }
    if (ret < 0)
        return af_fail_av(err, AF_DECODE, ret, walk->in.where,
                          "cannot open the decoder %s for stream %d", codec->name, walk->stream);
    return 0;
}

int af_walk_open(struct af_walk *walk, const struct af_input_spec *spec, int64_t stream,
                 bool skip_corrupt, struct af_error *err)
{
    memset(walk, 0, sizeof *walk);
    walk->blind_gap = FAR_BLIND;
    walk->aim = walk->sure = INT64_MIN;
    walk->ordered = true;
    if (af_input_open(&walk->in, spec, 0, err))
        return -1;
    walk->in.skip_corrupt = skip_corrupt;
    if (choose_stream(walk, stream, err) || open_decoder(walk, err))
        return -1;
    af_input_use(&walk->in, walk->stream);
    return af_input_start(&walk->in, err);
}

void af_walk_close(struct af_walk *walk)
{
    av_packet_free(&walk->packet);
    avcodec_free_context(&walk->decoder);
    af_input_close(&walk->in);
}

/* A damaged place: counted, or the end. */
static int corrupt(struct af_walk *walk, int av_error, struct af_error *err)
{
    if (av_error == AVERROR(ENOMEM))
        return af_fail_memory(err);
    walk->in.corrupt++;
    if (walk->in.skip_corrupt)
        return 0;
    return af_fail_av(err, AF_DECODE, av_error, walk->in.where,
                      "the %s decoder failed on stream %d at %.3f s (on_corrupt \"skip\" goes on)",
                      walk->decoder->codec->name, walk->stream,
                      (double)walk->read_to / AV_TIME_BASE);
}

static int64_t to_microseconds(const struct af_walk *walk, int64_t time)
{
    return av_rescale_q(time, stream_of(walk)->time_base, AV_TIME_BASE_Q);
}

/* Notes what the packet promises: a frame that will come for sure. Not the first ones: a decoder that
 * began in the middle holds back what refers to pictures it never saw. */
static void note(struct af_walk *walk, const AVPacket *packet)
{
    int64_t at = to_microseconds(walk, packet->pts);

    if (packet->pts == AV_NOPTS_VALUE ||
        (packet->dts != AV_NOPTS_VALUE && packet->pts < packet->dts))
        walk->ordered = false;
    else if (walk->flows && !(packet->flags & AV_PKT_FLAG_DISCARD) && at > walk->sure &&
             at <= walk->aim && (!walk->in.sought || at >= 0))
        walk->sure = at;
}

/* Whether the packet's picture is not the one at the aim, which a sure one behind it is or covers.
 * With reordering that one is mostly read first, so nothing has to be looked at ahead. */
static bool before_sure(const struct af_walk *walk, const AVPacket *packet)
{
    return walk->ordered && to_microseconds(walk, packet->pts) < walk->sure;
}

/* Whether all that is wanted was fed: the packet is to be decoded after the aim, and therefore shown
 * after it, like all that follow. */
static bool behind_aim(const struct af_walk *walk, const AVPacket *packet)
{
    return walk->aim_last && walk->ordered && walk->sure > INT64_MIN &&
           packet->dts != AV_NOPTS_VALUE &&
           to_microseconds(walk, packet->dts) > walk->aim;
}

void af_walk_aim(struct af_walk *walk, int64_t time, bool last)
{
    walk->aim = time;
    walk->aim_last = last;
}

/* Feeds one packet, or the end, to a decoder that asked for it. */
static int feed(struct af_walk *walk, struct af_error *err)
{
    int64_t at;
    int ret;

    do {
        av_packet_unref(walk->packet);
        ret = af_input_read(&walk->in, walk->packet, err);
        if (ret < 0)
            return -1;
    } while (ret && walk->need_key && !(walk->packet->flags & AV_PKT_FLAG_KEY));
    walk->need_key = false;
    if (ret) {
        at = walk->packet->dts != AV_NOPTS_VALUE ? walk->packet->dts : walk->packet->pts;
        if (at != AV_NOPTS_VALUE)
            walk->read_to = to_microseconds(walk, at);
        note(walk, walk->packet);
        walk->cut = walk->whole && behind_aim(walk, walk->packet);
    }
    walk->draining = !ret || walk->cut;
    walk->decoder->skip_frame =
        !walk->draining && walk->passes && before_sure(walk, walk->packet) ? AVDISCARD_NONREF
                                                                           : AVDISCARD_DEFAULT;
    ret = avcodec_send_packet(walk->decoder, walk->draining ? NULL : walk->packet);
    av_packet_unref(walk->packet);
    return ret < 0 && ret != AVERROR_EOF ? corrupt(walk, ret, err) : 0;
}

static void read_time(struct af_walk *walk, const AVFrame *frame, int64_t *time, int64_t *length)
{
    const AVStream *stream = stream_of(walk);
    AVRational rate = stream->avg_frame_rate;

    if (rate.num <= 0 || rate.den <= 0)
        rate = stream->r_frame_rate;
    *length = LENGTH_UNKNOWN;
    if (frame->duration > 0)
        *length = av_rescale_q(frame->duration, stream->time_base, AV_TIME_BASE_Q);
    else if (rate.num > 0 && rate.den > 0)
        *length = av_rescale_q(1, av_inv_q(rate), AV_TIME_BASE_Q);
    if (*length <= 0)
        *length = LENGTH_UNKNOWN;
    *time = walk->next;
    if (frame->best_effort_timestamp != AV_NOPTS_VALUE)
        *time = av_rescale_q(frame->best_effort_timestamp, stream->time_base, AV_TIME_BASE_Q);
    walk->next = av_sat_add64(*time, *length);
}

int af_walk_next(struct af_walk *walk, AVFrame *frame, int64_t *time, int64_t *length,
                 struct af_error *err)
{
    while (!walk->ended) {
        int ret = avcodec_receive_frame(walk->decoder, frame);

        if (ret == AVERROR_EOF) {
            walk->ended = true;
        } else if (ret == AVERROR(EAGAIN)) {
            if (feed(walk, err))
                return -1;
        } else if (ret < 0) {
            if (corrupt(walk, ret, err))
                return -1;
        } else {
            read_time(walk, frame, time, length);
            walk->flows = true;
            /* A sought input begins at time 0; what was decoded to get there does not count. */
            if (!walk->in.sought || *time >= 0)
                return 1;
            av_frame_unref(frame);
        }
    }
    return 0;
}

bool af_walk_far(const struct af_walk *walk, int64_t time)
{
    /* The index is kept through a pointer to a stream that is not const, and is not changed. */
    AVStream *stream = walk->in.ctx->streams[walk->stream];
    int64_t target = av_rescale_q(av_sat_add64(time, walk->in.origin), AV_TIME_BASE_Q,
                                  stream->time_base);
    int entries = avformat_index_get_entries_count(stream);
    const AVIndexEntry *key, *last;
    int64_t at;

    if (walk->no_jumps || walk->ended || walk->draining || time <= walk->read_to)
        return false;
    key = avformat_index_get_entry_from_timestamp(stream, target, AVSEEK_FLAG_BACKWARD);
    last = entries > 0 ? avformat_index_get_entry(stream, entries - 1) : NULL;
    if (!key || !last || last->timestamp < target)
        return av_sat_sub64(time, walk->read_to) > walk->blind_gap;
    at = av_sat_sub64(av_rescale_q(key->timestamp, stream->time_base, AV_TIME_BASE_Q),
                      walk->in.origin);
    return av_sat_sub64(at, walk->read_to) > FAR_INDEXED;
}

bool af_walk_jump(struct af_walk *walk, int64_t time)
{
    if (walk->no_jumps || !af_input_jump(&walk->in, walk->stream, time)) {
        walk->no_jumps = true;
        return false;
    }
    avcodec_flush_buffers(walk->decoder);
    walk->need_key = true;
    walk->draining = walk->ended = walk->flows = walk->cut = false;
    walk->sure = INT64_MIN;
    walk->next = time;
    return true;
}
