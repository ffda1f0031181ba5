/* A walk over the decoded frames of one video stream, forwards, with jumps. */
#ifndef AF_WALK_H
#define AF_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>

#include "input.h"

struct af_error;

/* Times and lengths are microseconds, times from the origin of the input. */
struct af_walk {
    struct af_input in;
    int stream;
    AVCodecContext *decoder;
    AVPacket *packet;
    int64_t read_to;  /* how far packets were read */
    int64_t next;     /* the end of the last frame: the time of one that has none */
    int64_t aim;      /* what is shown before the last frame at or before it is not wanted */
    bool aim_last;    /* nor is what is shown after that frame */
    bool passes;      /* pictures that nothing refers to may be passed over */
    bool flows;       /* a frame came out since the decoder was new: it will give all that follow */
    bool whole;       /* a packet holds what is shown at one time */
    bool ordered;     /* no packet was to be shown before it was to be decoded */
    bool cut;         /* more frames would have come, later than the aim */
    int64_t sure;     /* the latest time up to the aim of a frame that will come; INT64_MIN: none */
    bool need_key;    /* after a jump: what comes before a key frame cannot be decoded */
    bool draining, ended;
    bool no_jumps;    /* the demuxer cannot */
    int64_t blind_gap; /* how far is far, where the container has no index */
};

/* Opens the input and a decoder for its stream with the index `stream`, or for its best video
 * stream when that is -1. The walk begins where the input's seek says. With `skip_corrupt` damaged
 * data are counted in walk->in.corrupt; without it they are an error. */
int af_walk_open(struct af_walk *walk, const struct af_input_spec *spec, int64_t stream,
                 bool skip_corrupt, struct af_error *err);

/* The next frame, when it is shown and for how long. 1, or 0 at the end, or -1. */
int af_walk_next(struct af_walk *walk, AVFrame *frame, int64_t *time, int64_t *length,
                 struct af_error *err);

/* Of what lies ahead only the last frame that begins at or before `time` is wanted, and with `last`
 * nothing behind it: frames that no other refers to may be left out before, and all behind. Never less
 * than the time before; without it every frame comes. */
void af_walk_aim(struct af_walk *walk, int64_t time, bool last);

/* Whether a jump to `time` is expected to save decoding over walking there. */
bool af_walk_far(const struct af_walk *walk, int64_t time);

/* Goes on at a key frame at or before `time`, so far as the container knows; false when it cannot
 * jump, and then the walk goes on as it was. */
bool af_walk_jump(struct af_walk *walk, int64_t time);

void af_walk_close(struct af_walk *walk);

#endif
