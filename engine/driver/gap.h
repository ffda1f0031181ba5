/* Gaps in pictures and sound, for formats that count both and have no times: what was shown is shown again, and it is
 * silent. */
#ifndef AF_GAP_H
#define AF_GAP_H

#include <stdbool.h>

struct AVFrame;
struct af_error;
struct af_lane;

/* Of an encoded lane. Frames have times in lane->enc->time_base. */
struct af_gap {
    struct AVFrame *last;  /* the last picture that was encoded */
    struct AVFrame *ahead; /* the frame behind the gap, while there is one */
};

/* Takes `frame` where its format counts, and there has to be something before it; then the gap is open. Sound that goes
 * on a little too late gets the time at which it is heard.
 * 1, or 0 where nothing is missing, or -1: without memory, or it is too far away. */
int af_gap_begin(struct af_lane *lane, struct AVFrame *frame, struct af_error *err);

bool af_gap_is_open(const struct af_lane *lane);

/* Puts the next one into `frame`, which is empty: what fills the open gap, or the frame behind it. 0 or -1. */
int af_gap_next(struct af_lane *lane, struct AVFrame *frame, struct af_error *err);

/* Keeps a picture that is encoded next, to be shown again where it may have to. 0, or -1 without memory. */
int af_gap_keep(struct af_lane *lane, const struct AVFrame *frame, struct af_error *err);

void af_gap_free(struct af_gap *gap);

#endif
