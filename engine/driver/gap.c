/* Gaps in pictures and sound, for formats that count both and have no times. */
#include "gap.h"

#include <inttypes.h>

#include <libavformat/avformat.h>
#include <libavutil/common.h>
#include <libavutil/frame.h>
#include <libavutil/samplefmt.h>

#include "error.h"
#include "lane.h"
#include "mux.h"
#include "rate.h"

/* No gap is filled for hours. The muxer of AVI, which fills by itself, has the same bound for pictures. */
enum { MOST_PICTURES = 60000, MOST_SECONDS = 2400 };

/* Parts of a second that sound may be late: times are rounded, and clocks drift. */
enum { LATE_SOUND = 10 };

/* Samples of silence at a time, where the encoder takes any number. */
enum { SILENCE = 4096 };

static bool is_empty(const AVFrame *frame)
{
    return !frame || !frame->buf[0];
}

static int replace(AVFrame **frame, const AVFrame *by, struct af_error *err)
{
    if (!*frame && !(*frame = av_frame_alloc()))
        return af_fail_memory(err);
    av_frame_unref(*frame);
    return av_frame_ref(*frame, by) < 0 ? af_fail_memory(err) : 0;
}

static bool is_too_far(const struct af_lane *lane, int64_t missing)
{
    return lane->type == AVMEDIA_TYPE_AUDIO
               ? missing > (int64_t)MOST_SECONDS * lane->enc->sample_rate
               : missing > MOST_PICTURES;
}

int af_gap_begin(struct af_lane *lane, AVFrame *frame, struct af_error *err)
{
    bool sound = lane->type == AVMEDIA_TYPE_AUDIO;
    int64_t missing;

    if (!af_rate_is_counted(lane))
        return 0;
    /* The first frame is the beginning, unless others may begin before it. */
    if (!lane->frames && lane->out->lanes.n < 2)
        return 0;
    missing = av_sat_sub64(frame->pts, lane->next_pts);
    if (missing <= 0)
        return 0;
    if (sound && lane->frames && missing < lane->enc->sample_rate / LATE_SOUND) {
        frame->pts = lane->next_pts;
        return 0;
    }
    if (is_too_far(lane, missing))
        return af_fail(err, AF_MUX, lane->where,
                       "%" PRId64 " %s are missing before %.3f s, and %s cannot tell: "
                       "take another format, or a filter that closes the gap",
                       missing, sound ? "samples" : "pictures",
                       (double)frame->pts * av_q2d(lane->enc->time_base),
                       lane->out->oc->oformat->name);
    return replace(&lane->gap.ahead, frame, err) ? -1 : 1;
}

bool af_gap_is_open(const struct af_lane *lane)
{
    return !is_empty(lane->gap.ahead);
}

static int repeat(const struct af_lane *lane, AVFrame *frame, struct af_error *err)
{
    const AVFrame *last = is_empty(lane->gap.last) ? lane->gap.ahead : lane->gap.last;

    if (av_frame_ref(frame, last) < 0)
        return af_fail_memory(err);
    /* Captions are read letter by letter, of each picture. */
    av_frame_remove_side_data(frame, AV_FRAME_DATA_A53_CC);
    return 0;
}

static int silence(const AVFrame *like, AVFrame *frame, int samples, struct af_error *err)
{
    frame->format = like->format;
    frame->sample_rate = like->sample_rate;
    frame->nb_samples = samples;
    if (av_channel_layout_copy(&frame->ch_layout, &like->ch_layout) < 0 ||
        av_frame_get_buffer(frame, 0) < 0)
        return af_fail_memory(err);
    av_samples_set_silence(frame->extended_data, 0, samples, frame->ch_layout.nb_channels,
                           frame->format);
    return 0;
}

/* The length of the next silence; 0 where what is missing is less than the encoder takes. */
static int silent_samples(const struct af_lane *lane, int64_t missing)
{
    int size = lane->codec->capabilities & AV_CODEC_CAP_VARIABLE_FRAME_SIZE
                   ? 0
                   : lane->enc->frame_size;

    if (size > 0)
        return missing < size ? 0 : size;
    return (int)FFMIN(missing, SILENCE);
}

int af_gap_next(struct af_lane *lane, AVFrame *frame, struct af_error *err)
{
    AVFrame *ahead = lane->gap.ahead;
    int64_t missing = ahead->pts - lane->next_pts;
    int ret;

    if (lane->type == AVMEDIA_TYPE_AUDIO) {
        int samples = silent_samples(lane, missing);

        if (samples <= 0) {
            ahead->pts = lane->next_pts;
            av_frame_move_ref(frame, ahead);
            return 0;
        }
        ret = silence(ahead, frame, samples, err);
    } else {
        if (missing <= 0) {
            av_frame_move_ref(frame, ahead);
            return 0;
        }
        ret = repeat(lane, frame, err);
    }
    frame->pts = lane->next_pts;
    return ret;
}

int af_gap_keep(struct af_lane *lane, const AVFrame *frame, struct af_error *err)
{
    if (lane->type != AVMEDIA_TYPE_VIDEO || !af_rate_is_counted(lane))
        return 0;
    return replace(&lane->gap.last, frame, err);
}

void af_gap_free(struct af_gap *gap)
{
    av_frame_free(&gap->last);
    av_frame_free(&gap->ahead);
}
