/* Scenes: which frames begin a new one, and which stand best for a stretch of film. */
#ifndef AF_SCENE_H
#define AF_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include <libavfilter/avfilter.h>

#include "shape.h"
#include "vec.h"

/* Judges frames in the order they are shown. It looks at its own small copies, and answers with
 * times: the frames themselves stay with the caller, in their own size and depth. */
struct af_scene {
    double threshold; /* 0 to 1: the change that begins a scene; negative: choose thumbnails */
    struct af_shape shape;
    AVFilterGraph *graph;
    AVFilterContext *source, *sink;
    AVFrame *frame;
    AF_VEC(int64_t) chosen; /* microseconds, in order; the caller may empty it */
};

int af_scene_open(struct af_scene *scene, double threshold, struct af_error *err);

/* Shows it a frame; a change of scene is in `chosen` at once, a thumbnail up to 100 frames later. */
int af_scene_push(struct af_scene *scene, const AVFrame *frame, int64_t time,
                  struct af_error *err);

/* There are no more frames: what is left to choose is chosen. */
int af_scene_end(struct af_scene *scene, struct af_error *err);

void af_scene_close(struct af_scene *scene);

#endif
