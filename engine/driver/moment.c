/* Moments: a window of two frames that moves along a walk. */
#include "moment.h"

#include <string.h>

#include <libavutil/avutil.h>
#include <libavutil/common.h>

#include "error.h"

int af_moments_open(struct af_moments *moments, struct af_walk *walk, struct af_error *err)
{
    memset(moments, 0, sizeof *moments);
    moments->walk = walk;
    moments->shown = av_frame_alloc();
    moments->ahead = av_frame_alloc();
    return moments->shown && moments->ahead ? 0 : af_fail_memory(err);
}

void af_moments_close(struct af_moments *moments)
{
    av_frame_free(&moments->shown);
    av_frame_free(&moments->ahead);
}

static bool has(const AVFrame *frame)
{
    return frame->buf[0] != NULL;
}

static int look_ahead(struct af_moments *m, struct af_error *err)
{
    av_frame_unref(m->ahead);
    return af_walk_next(m->walk, m->ahead, &m->ahead_at, &m->ahead_for, err) < 0 ? -1 : 0;
}

static void step(struct af_moments *m)
{
    av_frame_unref(m->shown);
    av_frame_move_ref(m->shown, m->ahead);
    m->shown_at = m->ahead_at;
    m->shown_for = m->ahead_for;
}

static int walk_to(struct af_moments *m, int64_t time, struct af_error *err)
{
    if (!has(m->ahead) && look_ahead(m, err))
        return -1;
    while (has(m->ahead) && m->ahead_at <= time) {
        step(m);
        if (look_ahead(m, err))
            return -1;
    }
    return 0;
}

/* Jumps near `time` and walks there. Where a container knows no key frames a jump can land behind
 * the time; then it is tried further and further back. 0, with a frame in the window if there is
 * one before `time`. */
static int jump_to(struct af_moments *m, int64_t time, struct af_error *err)
{
    int64_t was = m->walk->read_to, target = time, back = AV_TIME_BASE;

    while (af_walk_jump(m->walk, target)) {
        av_frame_unref(m->shown);
        av_frame_unref(m->ahead);
        if (look_ahead(m, err))
            return -1;
        /* Landing before the place the walk had come to was lost work: key frames lie further
         * apart than was thought. */
        if (has(m->ahead) && m->ahead_at < was)
            m->walk->blind_gap = av_sat_add64(m->walk->blind_gap, m->walk->blind_gap);
        if ((has(m->ahead) && m->ahead_at <= time) || target <= 0)
            break;
        target = target > back ? target - back : 0;
        back *= 2;
    }
    return walk_to(m, time, err);
}

int af_moments_find(struct af_moments *m, int64_t time, bool last, struct af_error *err)
{
    int ret;

    af_walk_aim(m->walk, time, last);
    if (!(has(m->ahead) && m->ahead_at > time) && af_walk_far(m->walk, time))
        ret = jump_to(m, time, err);
    else
        ret = walk_to(m, time, err);
    if (ret)
        return -1;
    if (!has(m->shown)) {
        if (!has(m->ahead))
            return 0;
        step(m);
        return look_ahead(m, err) ? -1 : 1;
    }
    return has(m->ahead) || m->walk->cut || av_sat_sub64(time, m->shown_at) < m->shown_for || time <= m->shown_at;
}
