/* Moments: the frame that is on the screen at a time. */
#ifndef AF_MOMENT_H
#define AF_MOMENT_H

#include <stdint.h>

#include <libavutil/frame.h>

#include "walk.h"

/* The last frame that began at or before the time that was asked for, and the one after it. */
struct af_moments {
    struct af_walk *walk;
    AVFrame *shown, *ahead;
    int64_t shown_at, shown_for, ahead_at, ahead_for;
};

int af_moments_open(struct af_moments *moments, struct af_walk *walk, struct af_error *err);

/* Finds the frame at `time`, microseconds, never less than the time asked for before. A time before
 * the first frame has the first frame; one after the end of the last has none. With `last` no other
 * is going to be asked for, and there need be none in moments->ahead. 1 with moments->shown and
 * moments->shown_at, or 0, or -1. */
int af_moments_find(struct af_moments *moments, int64_t time, bool last, struct af_error *err);

void af_moments_close(struct af_moments *moments);

#endif
