/* The encode lane: from a pad of the filter graph through an encoder to the muxer. */
#include "encode.h"

#include <stdlib.h>
#include <string.h>

#include <libavfilter/buffersink.h>
#include <libavutil/avstring.h>
#include <libavutil/common.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>

#include "decode.h"
#include "error.h"
#include "gap.h"
#include "lane.h"
#include "log.h"
#include "mux.h"
#include "rate.h"
#include "report.h"
#include "times.h"

/* Bits per pixel that a rate-controlled encoder gets when the job names no rate: clean pictures at
 * the sizes of everyday video. */
static const double BITS_PER_PIXEL = 0.1;

/* Rates above it are a clock's more often than pictures': a variable rate seen as 1000 per second. */
static const double PAID_RATE = 60;

/* Below what the levels of H.264 allow. */
static const int64_t MAX_BIT_RATE = 200000000;

static int64_t to_microseconds(int64_t time, AVRational base)
{
    return av_rescale_q(time, base, AV_TIME_BASE_Q);
}

/* The colours and the light of the pictures, as the first frame has them. What the job says of primaries,
 * transfer and chroma location has the last word; to its range and matrix the sink is held. */
static int copy_picture_properties(struct af_lane *lane, const AVFrame *frame)
{
    AVCodecContext *enc = lane->enc;

    enc->color_range = frame->color_range;
    enc->colorspace = frame->colorspace;
    if (enc->color_primaries == AVCOL_PRI_UNSPECIFIED)
        enc->color_primaries = frame->color_primaries;
    if (enc->color_trc == AVCOL_TRC_UNSPECIFIED)
        enc->color_trc = frame->color_trc;
    if (enc->chroma_sample_location == AVCHROMA_LOC_UNSPECIFIED)
        enc->chroma_sample_location = frame->chroma_location;
    enc->alpha_mode = frame->alpha_mode;
    if (frame->flags & AV_FRAME_FLAG_INTERLACED)
        enc->field_order = frame->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST ? AV_FIELD_TB : AV_FIELD_BT;
    else
        enc->field_order = AV_FIELD_PROGRESSIVE;
    for (int i = 0; i < frame->nb_side_data; i++) {
        const AVSideDataDescriptor *kind = av_frame_side_data_desc(frame->side_data[i]->type);
        int ret;

        if (!kind || !(kind->props & AV_SIDE_DATA_PROP_GLOBAL))
            continue;
        ret = av_frame_side_data_clone(&enc->decoded_side_data, &enc->nb_decoded_side_data,
                                       frame->side_data[i], AV_FRAME_SIDE_DATA_FLAG_UNIQUE);
        if (ret < 0)
            return ret;
    }
    return 0;
}

static void set_video_defaults(struct af_lane *lane)
{
    AVCodecContext *enc = lane->enc;
    double fps = av_q2d(enc->framerate);

    if (enc->codec_id == AV_CODEC_ID_H264 && !enc->bit_rate && !lane->bit_rate_given &&
        !lane->quality_given) {
        double bits = (double)enc->width * enc->height * FFMIN(fps, PAID_RATE) * BITS_PER_PIXEL;

        enc->bit_rate = bits < (double)MAX_BIT_RATE ? (int64_t)bits : MAX_BIT_RATE;
        if (enc->bit_rate < 150000)
            enc->bit_rate = 150000;
    }
    /* An encoder that would make key frames at scene cuts alone: a picture to seek to every 5 s. */
    if (enc->codec_id == AV_CODEC_ID_H264 && enc->gop_size < 0)
        enc->gop_size = fps * 5 < 1 ? 1 : fps * 5 > 300 ? 300 : (int)(fps * 5);
    if (enc->codec_id == AV_CODEC_ID_MJPEG && !lane->bit_rate_given && !lane->quality_given) {
        enc->flags |= AV_CODEC_FLAG_QSCALE;
        enc->global_quality = 3 * FF_QP2LAMBDA;
    }
}

int af_encoder_describe(struct af_lane *lane, const AVFrame *frame, AVRational rate)
{
    AVCodecContext *enc = lane->enc;

    if (frame) {
        enc->width = frame->width;
        enc->height = frame->height;
        if (frame->sample_aspect_ratio.num > 0)
            enc->sample_aspect_ratio = frame->sample_aspect_ratio;
        if (copy_picture_properties(lane, frame) < 0)
            return -1;
    }
    enc->framerate = rate;
    enc->flags |= AV_CODEC_FLAG_FRAME_DURATION;
    if (enc->bits_per_raw_sample <= 0) {
        const AVPixFmtDescriptor *pixel = av_pix_fmt_desc_get(enc->pix_fmt);

        if (pixel && pixel->comp[0].depth > 8)
            enc->bits_per_raw_sample = pixel->comp[0].depth;
    }
    set_video_defaults(lane);
    return 0;
}

static int open_encoder(struct af_lane *lane, struct af_error *err)
{
    AVCodecContext *enc = lane->enc;
    int ret;

    enc->thread_count = 1;
    if (lane->out->oc->oformat->flags & AVFMT_GLOBALHEADER)
        enc->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    ret = avcodec_open2(enc, lane->codec, NULL);
    if (ret < 0)
        return af_log_fail(&lane->log, err, AF_ENCODE, ret, lane->where,
                           "the encoder refused the stream or its options");
    lane->base = enc->time_base;
    lane->par = avcodec_parameters_alloc();
    if (!lane->par)
        return af_fail_memory(err);
    ret = avcodec_parameters_from_context(lane->par, enc);
    if (ret < 0)
        return af_fail_memory(err);
    return af_output_lane_ready(lane, err);
}

/* The rate that the graph knows of; no more than a variable rate may have. */
static AVRational picture_rate(const struct af_lane *lane)
{
    AVRational rate = av_buffersink_get_frame_rate(lane->sink);

    if (lane->map && lane->map->rate_mode == AF_RATE_VFR && lane->map->frame_rate.num > 0 &&
        (rate.num <= 0 || rate.den <= 0 || av_cmp_q(rate, lane->map->frame_rate) > 0))
        return lane->map->frame_rate;
    return rate;
}

static int open_video(struct af_lane *lane, const AVFrame *frame, struct af_error *err)
{
    AVCodecContext *enc = lane->enc;
    AVRational rate;

    enc->width = av_buffersink_get_w(lane->sink);
    enc->height = av_buffersink_get_h(lane->sink);
    enc->pix_fmt = av_buffersink_get_format(lane->sink);
    enc->sample_aspect_ratio = av_buffersink_get_sample_aspect_ratio(lane->sink);
    enc->colorspace = av_buffersink_get_colorspace(lane->sink);
    enc->color_range = av_buffersink_get_color_range(lane->sink);
    rate = af_rate_settle(lane, picture_rate(lane));
    enc->time_base = af_rate_clock(lane, av_buffersink_get_time_base(lane->sink), rate);
    if (rate.num > 0 && rate.den > 0)
        lane->frame_rate = rate;
    else
        rate = (AVRational){ 25, 1 };
    if (af_encoder_describe(lane, frame, rate))
        return af_fail_memory(err);
    return open_encoder(lane, err);
}

int af_encoder_open_audio(struct af_lane *lane, struct af_error *err)
{
    AVCodecContext *enc = lane->enc;

    enc->sample_fmt = av_buffersink_get_format(lane->sink);
    enc->sample_rate = av_buffersink_get_sample_rate(lane->sink);
    enc->time_base = (AVRational){ 1, enc->sample_rate };
    av_channel_layout_uninit(&enc->ch_layout);
    if (av_buffersink_get_ch_layout(lane->sink, &enc->ch_layout) < 0)
        return af_fail_memory(err);
    /* Lossless codecs write as many bits as the stream had, not as their sample format holds. */
    if (lane->in && enc->bits_per_raw_sample <= 0 && enc->sample_fmt == AV_SAMPLE_FMT_S32)
        enc->bits_per_raw_sample =
            lane->in->ctx->streams[lane->in_stream]->codecpar->bits_per_raw_sample;
    if (open_encoder(lane, err))
        return -1;
    if (!(lane->codec->capabilities & AV_CODEC_CAP_VARIABLE_FRAME_SIZE) && enc->frame_size > 0)
        av_buffersink_set_frame_size(lane->sink, (unsigned)enc->frame_size);
    return 0;
}

/* The one place where the encoder's answers are told apart. 0 or -1. */
static int receive(struct af_lane *lane, struct af_error *err)
{
    AVPacket *packet = lane->out->packet;

    for (;;) {
        int ret = avcodec_receive_packet(lane->enc, packet);

        if (ret == AVERROR(EAGAIN) || ret == AVERROR_EOF)
            return 0;
        if (ret < 0)
            return af_log_fail(&lane->log, err, AF_ENCODE, ret, lane->where,
                               "the encoder failed");
        if (!packet->duration && lane->type == AVMEDIA_TYPE_VIDEO && lane->frame_rate.num)
            packet->duration =
                av_rescale_q(1, av_inv_q(lane->frame_rate), lane->enc->time_base);
        if (af_output_write(lane, packet, err))
            return -1;
    }
}

static int send(struct af_lane *lane, AVFrame *frame, struct af_error *err)
{
    int ret = avcodec_send_frame(lane->enc, frame);

    if (ret < 0 && ret != AVERROR_EOF)
        return af_log_fail(&lane->log, err, AF_ENCODE, ret, lane->where,
                           "the encoder refused a frame");
    return receive(lane, err);
}

/* A frame out of the sink, and how much of its memory no frame before it has. */
struct taken {
    AVFrame *frame;
    size_t bytes;
};

/* Frames in a row share a buffer where a rate is raised. */
static size_t own_bytes(const struct af_lane *lane, const AVFrame *frame)
{
    return frame->buf[0] && frame->buf[0]->data == lane->taken_last ? 0 : af_frame_bytes(frame);
}

int af_encode_take(struct af_lane *lane, struct af_error *err)
{
    if (!lane->taken) {
        lane->taken = av_fifo_alloc2(8, sizeof(struct taken), AV_FIFO_FLAG_AUTO_GROW);
        if (!lane->taken)
            return af_fail_memory(err);
        av_fifo_auto_grow_limit(lane->taken, INT32_MAX / sizeof(struct taken));
    }
    /* The end, and what failed, is met again by the step that finds nothing taken. */
    while (av_buffersink_get_frame_flags(lane->sink, lane->frame, AV_BUFFERSINK_FLAG_NO_REQUEST) >=
           0) {
        struct taken taken = { av_frame_alloc(), own_bytes(lane, lane->frame) };

        if (!taken.frame || av_fifo_write(lane->taken, &taken, 1) < 0) {
            av_frame_free(&taken.frame);
            av_frame_unref(lane->frame);
            return af_fail_memory(err);
        }
        av_frame_move_ref(taken.frame, lane->frame);
        lane->taken_bytes += taken.bytes;
        lane->taken_last = taken.frame->buf[0] ? taken.frame->buf[0]->data : NULL;
    }
    return 0;
}

/* The next of those that were taken into `to`, which is empty; false when there is none. */
static bool pop_taken(struct af_lane *lane, AVFrame *to)
{
    struct taken taken;

    if (!lane->taken || av_fifo_read(lane->taken, &taken, 1) < 0)
        return false;
    lane->taken_bytes -= taken.bytes;
    if (!av_fifo_can_read(lane->taken))
        lane->taken_last = NULL;
    av_frame_move_ref(to, taken.frame);
    av_frame_free(&taken.frame);
    return true;
}

static void drop_taken(struct af_lane *lane)
{
    while (pop_taken(lane, lane->frame))
        av_frame_unref(lane->frame);
}

size_t af_encode_taken(const struct af_lane *lane)
{
    return lane->taken ? av_fifo_can_read(lane->taken) : 0;
}

static enum af_step finish(struct af_lane *lane, struct af_error *err)
{
    lane->finished = true;
    drop_taken(lane);
    if (!lane->par) {
        /* No frame at all: the stream is declared, and empty. */
        if (open_video(lane, NULL, err))
            return AF_STEP_ERROR;
    }
    return send(lane, NULL, err) || af_output_lane_end(lane, err) ? AF_STEP_ERROR : AF_STEP_DONE;
}

/* A frame that the graph gave no time follows the one before it: a window ends in any case. */
static void settle_time(const struct af_lane *lane, AVFrame *frame, AVRational base)
{
    frame->pts = af_time_sane(frame->pts, base);
    if (frame->pts == AV_NOPTS_VALUE)
        frame->pts = lane->frames ? av_rescale_q(lane->clock, AV_TIME_BASE_Q, base) : 0;
}

/* Cuts the frame at the end of the window. False when it lies behind it. */
static bool fit_window(const struct af_lane *lane, AVFrame *frame, AVRational base)
{
    int64_t samples;

    if (lane->limit == INT64_MAX)
        return true;
    if (av_compare_ts(frame->pts, base, lane->limit, AV_TIME_BASE_Q) >= 0)
        return false;
    if (lane->type == AVMEDIA_TYPE_AUDIO) {
        AVRational rate = { 1, frame->sample_rate };

        samples = av_rescale_q(lane->limit, AV_TIME_BASE_Q, rate) -
                  av_rescale_q(frame->pts, base, rate);
        if (samples <= 0)
            return false;
        if (samples < frame->nb_samples)
            frame->nb_samples = (int)samples;
    }
    return true;
}

/* Players take a delay under 2 hundredths of a second in a GIF for 10: what comes too soon after the
 * picture before it is left out, and the time of the others is kept. */
static bool too_soon(struct af_lane *lane, const AVFrame *frame, AVRational base)
{
    static const AVRational hundredth = { 1, 100 };
    int64_t at;

    if (lane->enc->codec_id != AV_CODEC_ID_GIF || strcmp(lane->out->oc->oformat->name, "gif"))
        return false;
    at = av_rescale_q(frame->pts, base, hundredth);
    if (lane->frames && at < lane->shown + 2)
        return true;
    lane->shown = at;
    return false;
}

/* Where each tick is a picture, of those that come at one the first is kept. */
static bool beyond_tick(struct af_lane *lane, const AVFrame *frame, AVRational base)
{
    return lane->frames && af_rate_is_one(lane) &&
           av_rescale_q(frame->pts, base, lane->enc->time_base) < lane->next_pts;
}

/* The rate mode vfr: of pictures at one time the first is kept, and with a rate as many as it allows.
 * Counted in quarters of its frames: one that comes a quarter too soon has a time that was rounded. */
static bool beyond_rate(struct af_lane *lane, const AVFrame *frame, AVRational base)
{
    int64_t at;

    if (!lane->map || lane->map->rate_mode != AF_RATE_VFR)
        return false;
    if (lane->map->frame_rate.num <= 0)
        return lane->frames && av_compare_ts(frame->pts, base, lane->next_pts,
                                             lane->enc->time_base) < 0;
    at = av_rescale_q(frame->pts, base,
                      av_div_q((AVRational){ 1, 4 }, lane->map->frame_rate));
    if (!lane->frames) {
        lane->shown = at;
        return false;
    }
    if (at < av_sat_add64(lane->shown, 3))
        return true;
    lane->shown = FFMAX(at, av_sat_add64(lane->shown, 4));
    return false;
}

/* The frame has its time and its length in the encoder's time base. */
static int put(struct af_lane *lane, AVFrame *frame, struct af_error *err)
{
    AVRational base = lane->enc->time_base;

    frame->time_base = base;
    if (lane->type == AVMEDIA_TYPE_VIDEO) {
        if (frame->duration <= 0 && lane->frame_rate.num > 0)
            frame->duration = av_rescale_q(1, av_inv_q(lane->frame_rate), base);
        if (lane->enc->codec_id == AV_CODEC_ID_GIF)
            frame->duration =
                FFMAX(frame->duration, av_rescale_q(2, (AVRational){ 1, 100 }, base));
        if (af_rate_is_counted(lane))
            frame->duration = 1;
        frame->pict_type = AV_PICTURE_TYPE_NONE;
        frame->quality = lane->enc->global_quality;
        lane->next_pts = frame->pts + 1;
    } else {
        frame->duration = frame->nb_samples;
        lane->next_pts = frame->pts + frame->nb_samples;
    }
    lane->clock = to_microseconds(frame->pts + frame->duration, base);
    lane->frames++;
    return af_gap_keep(lane, frame, err) ? -1 : send(lane, frame, err);
}

static int encode(struct af_lane *lane, AVFrame *frame, struct af_error *err)
{
    AVRational base = av_buffersink_get_time_base(lane->sink);
    int ret;

    if (!lane->par && open_video(lane, frame, err))
        return -1;
    frame->pts = av_rescale_q(frame->pts, base, lane->enc->time_base);
    /* A graph may give a time twice; encoders and muxers want it to grow. */
    if (lane->frames && frame->pts < lane->next_pts)
        frame->pts = lane->next_pts;
    frame->duration =
        av_rescale_q(af_length_sane(frame->duration, base), base, lane->enc->time_base);
    ret = af_gap_begin(lane, frame, err);
    return ret ? FFMIN(ret, 0) : put(lane, frame, err);
}

/* The next frame where some are missing, or the one behind them. */
static enum af_step fill(struct af_lane *lane, struct af_error *err)
{
    AVFrame *frame = lane->frame;
    int ret = af_gap_next(lane, frame, err);

    if (!ret)
        ret = put(lane, frame, err);
    av_frame_unref(frame);
    return ret ? AF_STEP_ERROR : AF_STEP_DONE;
}

enum af_step af_encode_step(struct af_lane *lane, struct af_error *err)
{
    AVFrame *frame = lane->frame;
    AVRational base;
    int ret;

    if (af_gap_is_open(lane))
        return fill(lane, err);
    ret = pop_taken(lane, frame) ? 0 : av_buffersink_get_frame(lane->sink, frame);
    if (ret == AVERROR(EAGAIN))
        return AF_STEP_STARVING;
    if (ret == AVERROR_EOF)
        return finish(lane, err);
    if (ret < 0) {
        af_output_graph_error(lane->out, ret, err);
        return AF_STEP_ERROR;
    }
    base = av_buffersink_get_time_base(lane->sink);
    settle_time(lane, frame, base);
    if (!fit_window(lane, frame, base)) {
        av_frame_unref(frame);
        return finish(lane, err);
    }
    ret = af_analysis_frame(lane, frame, err);
    if (!ret && !too_soon(lane, frame, base) && !beyond_rate(lane, frame, base) &&
        !beyond_tick(lane, frame, base))
        ret = encode(lane, frame, err);
    av_frame_unref(frame);
    return ret ? AF_STEP_ERROR : AF_STEP_DONE;
}

void af_encoder_free(struct af_lane *lane)
{
    avcodec_free_context(&lane->enc);
    if (lane->frame)
        drop_taken(lane);
    av_fifo_freep2(&lane->taken);
    av_frame_free(&lane->frame);
    af_gap_free(&lane->gap);
    av_dict_free(&lane->private_options);
    av_dict_free(&lane->seen);
    af_vec_free(&lane->sources);
    af_vec_free(&lane->given);
    af_text_free(&lane->log);
}
