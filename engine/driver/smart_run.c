/* A run of a smart cut: packets of the source decoded, and their pictures encoded anew, to stand beside
 * copied ones in one stream. */
#include "smart.h"

#include <libavutil/common.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>

#include "components.h"
#include "error.h"
#include "lane.h"
#include "log.h"
#include "mux.h"
#include "nal.h"

/* Bits a pixel for pictures that stand beside others of their stream: a run is short, and a viewer must
 * not see where it ends. */
static const double BITS_PER_PIXEL = 0.5;

/* The coarsest quantiser of H.264 and HEVC for them, as a rate control has no time to settle. */
enum { COARSEST = 22 };

/* Codecs whose key frames carry their headers, or can, so that a stream may have them of two encoders. */
static bool takes_two_encoders(enum AVCodecID id)
{
    switch (id) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MPEG4:
    case AV_CODEC_ID_VP8:
    case AV_CODEC_ID_VP9:
    case AV_CODEC_ID_MJPEG:
        return true;
    default:
        return false;
    }
}

/* The finest clock that MPEG-4 has. */
enum { FINEST = 65535 };

/* Codecs whose streams have a rate of pictures and no finer times: their encoders take it for the base. */
static bool counts_pictures(enum AVCodecID id)
{
    return id == AV_CODEC_ID_MPEG1VIDEO || id == AV_CODEC_ID_MPEG2VIDEO || id == AV_CODEC_ID_MPEG4;
}

int af_smart_run_begin(struct af_lane *lane, int64_t from, struct af_error *err)
{
    struct af_smart *smart = lane->smart;
    enum AVCodecID id = lane->par->codec_id;

    if (!lane->codec)
        return af_fail_no_codec(err, AF_ENCODER, lane->type, avcodec_get_name(id), lane->where);
    if (!takes_two_encoders(id))
        return af_fail(err, AF_ENCODE, lane->where,
                       "a smart cut within a group of pictures of %s is not supported: its headers "
                       "stand for the whole stream. Cut at key frames, or encode the stream",
                       avcodec_get_name(id));
    if (smart->used && af_smart_encoder(lane, err))
        return -1;
    smart->used = true;
    smart->opened = false;
    smart->from = from;
    smart->dec = av_mallocz(sizeof *smart->dec);
    return smart->dec ? af_decoder_init(smart->dec, lane->in, lane->in_stream, err)
                      : af_fail_memory(err);
}

static int open_encoder(struct af_lane *lane, const AVFrame *frame, struct af_error *err)
{
    AVCodecContext *enc = lane->enc;
    AVRational rate = lane->frame_rate.num > 0 ? lane->frame_rate : (AVRational){ 25, 1 };
    const char *pixels = av_get_pix_fmt_name(frame->format);
    int ret;

    if (!af_encoder_takes_pixels(lane, frame->format))
        return af_fail(err, AF_ENCODE, lane->where,
                       "the pictures are %s, which the encoder %s does not take: cut at key frames, "
                       "or encode the stream",
                       pixels ? pixels : "unknown", lane->codec->name);
    enc->pix_fmt = frame->format;
    enc->time_base = lane->base;
    if (counts_pictures(lane->par->codec_id))
        av_reduce(&enc->time_base.num, &enc->time_base.den, rate.den, rate.num, FINEST);
    /* In the order of their times: the run's decode times are those times, moved as the source's are. */
    enc->max_b_frames = 0;
    enc->thread_count = 1;
    if (!lane->bit_rate_given && !lane->quality_given) {
        enc->bit_rate = FFMAX(2 * FFMIN(lane->par->bit_rate, INT32_MAX / 4),
                              (int64_t)((double)frame->width * frame->height *
                                        FFMIN(av_q2d(rate), 60) * BITS_PER_PIXEL));
        if (lane->par->codec_id == AV_CODEC_ID_H264 || lane->par->codec_id == AV_CODEC_ID_HEVC)
            enc->qmax = COARSEST;
    }
    if (af_encoder_describe(lane, frame, rate))
        return af_fail_memory(err);
    ret = avcodec_open2(enc, lane->codec, NULL);
    if (ret < 0)
        return af_log_fail(&lane->log, err, AF_ENCODE, ret, lane->where,
                           "the encoder refused the pictures at a cut, or its options");
    lane->smart->opened = true;
    return 0;
}

/* Encodes a frame, or with NULL brings out the last ones. */
static int encode(struct af_lane *lane, AVFrame *frame, struct af_error *err)
{
    struct af_smart *smart = lane->smart;
    AVPacket *packet = smart->packet;
    bool counts = counts_pictures(lane->par->codec_id);
    int64_t *time;
    int ret;

    if (counts && frame) {
        if (!(time = af_vec_new(&smart->times)))
            return af_fail_memory(err);
        *time = frame->pts;
        frame->pts = (int64_t)smart->times.n - 1;
        frame->duration = 1;
    }
    ret = avcodec_send_frame(lane->enc, frame);
    while (ret >= 0) {
        ret = avcodec_receive_packet(lane->enc, packet);
        if (ret == AVERROR(EAGAIN) || ret == AVERROR_EOF)
            return 0;
        if (ret >= 0)
            ret = af_nal_match_format(lane->par, packet);
        if (ret < 0)
            break;
        if (counts) {
            if (packet->pts < 0 || (size_t)packet->pts >= smart->times.n) {
                ret = AVERROR_BUG;
                break;
            }
            packet->pts = packet->dts = smart->times.v[packet->pts];
            packet->duration = 0;
        }
        if (packet->dts == AV_NOPTS_VALUE)
            packet->dts = packet->pts;
        if (!packet->duration && lane->frame_rate.num > 0)
            packet->duration = av_rescale_q(1, av_inv_q(lane->frame_rate), lane->base);
        packet->dts = FFMIN(FFMAX(packet->dts - smart->delay, smart->last_dts + 1), packet->pts);
        smart->reencoded++;
        if (af_smart_write(lane, packet, err))
            return -1;
    }
    return af_log_fail(&lane->log, err, AF_ENCODE, ret, lane->where,
                       "the encoder failed at a cut");
}

/* Takes the frames that the decoder has. */
static int take_frames(struct af_lane *lane, bool last, struct af_error *err)
{
    struct af_smart *smart = lane->smart;
    struct af_decoder *dec = smart->dec;
    enum af_feed fed;

    while ((fed = af_decoder_prime(dec, last, err)) == AF_FEED_FRAME && !dec->ended) {
        AVFrame *frame = dec->first;
        bool wanted = frame->pts >= smart->from &&
                      av_compare_ts(frame->pts, lane->base, lane->limit, AV_TIME_BASE_Q) < 0;
        int ret = 0;

        dec->first = NULL;
        if (wanted && !smart->opened)
            ret = open_encoder(lane, frame, err);
        if (wanted && !ret) {
            frame->quality = lane->enc->global_quality;
            ret = encode(lane, frame, err);
        }
        av_frame_free(&frame);
        if (ret)
            return -1;
    }
    return fed == AF_FEED_ERROR ? -1 : 0;
}

int af_smart_run_feed(struct af_lane *lane, const struct af_queue *packets, size_t count,
                      struct af_error *err)
{
    struct af_decoder *dec = lane->smart->dec;

    for (size_t i = 0; i < count; i++) {
        if (af_queue_push(&dec->queue, packets->packets.v[packets->head + i]))
            return af_fail_memory(err);
        if (take_frames(lane, false, err))
            return -1;
    }
    return 0;
}

int af_smart_run_end(struct af_lane *lane, struct af_error *err)
{
    struct af_smart *smart = lane->smart;

    if (take_frames(lane, true, err) || (smart->opened && encode(lane, NULL, err)))
        return -1;
    af_decoder_free(smart->dec);
    av_freep(&smart->dec);
    af_vec_free(&smart->times);
    smart->headers = true;
    return 0;
}
