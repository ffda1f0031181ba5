/* Gaps between pictures, for formats that number their pictures and have no times. */
#include "gap.h"

#include <inttypes.h>

#include <libavformat/avformat.h>
#include <libavutil/common.h>
#include <libavutil/frame.h>

#include "error.h"
#include "lane.h"
#include "mux.h"
#include "rate.h"

/* A hostile time is not to be filled for hours. The muxer of AVI, which fills by itself, has the same bound. */
enum { MOST_MISSING = 60000 };

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

int af_gap_begin(struct af_lane *lane, AVFrame *frame, struct af_error *err)
{
    int64_t missing;

    if (!af_rate_is_counted(lane))
        return 0;
    /* The first picture is the beginning, unless others begin before it. */
    if (!lane->frames && lane->out->lanes.n < 2)
        return 0;
    missing = av_sat_sub64(frame->pts, lane->next_pts);
    if (missing <= 0)
        return 0;
    if (missing > MOST_MISSING)
        return af_fail(err, AF_MUX, lane->where,
                       "%" PRId64 " pictures are missing before %.3f s, and %s cannot tell: "
                       "take another format, or a filter that closes the gap",
                       missing, (double)frame->pts * av_q2d(lane->enc->time_base),
                       lane->out->oc->oformat->name);
    if (replace(&lane->gap.ahead, frame, err))
        return -1;
    return 1;
}

bool af_gap_is_open(const struct af_lane *lane)
{
    return !is_empty(lane->gap.ahead);
}

int af_gap_next(struct af_lane *lane, AVFrame *frame, struct af_error *err)
{
    AVFrame *ahead = lane->gap.ahead;

    if (ahead->pts <= lane->next_pts) {
        av_frame_move_ref(frame, ahead);
        return 0;
    }
    if (av_frame_ref(frame, is_empty(lane->gap.last) ? ahead : lane->gap.last) < 0)
        return af_fail_memory(err);
    frame->pts = lane->next_pts;
    frame->duration = 1;
    return 0;
}

int af_gap_keep(struct af_lane *lane, const AVFrame *frame, struct af_error *err)
{
    return af_rate_is_counted(lane) ? replace(&lane->gap.last, frame, err) : 0;
}

void af_gap_free(struct af_gap *gap)
{
    av_frame_free(&gap->last);
    av_frame_free(&gap->ahead);
}
