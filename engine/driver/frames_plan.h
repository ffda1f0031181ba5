/* What a `frames` job asks for. */
#ifndef AF_FRAMES_PLAN_H
#define AF_FRAMES_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "input.h"
#include "sheet.h"
#include "template.h"
#include "vec.h"

struct af_error;
struct af_job;

enum af_how { AF_BY_TIMES, AF_BY_INTERVAL, AF_BY_SCENE, AF_BY_THUMBNAIL };

struct af_request {
    double time;   /* seconds, as it was asked for */
    int64_t index; /* its place in the list of the caller */
};

struct af_frames_plan {
    struct af_input_spec input;
    int64_t stream; /* -1: the best video stream */
    enum af_how how;
    AF_VEC(struct af_request) times;
    double interval, threshold;
    struct af_template path; /* of pictures, or of sheets */
    const char *codec, *scale;
    bool tiled;              /* frames are tiles of sheets */
    struct af_sheet_spec sheet;
    int64_t count; /* the most frames to take */
    bool skip_corrupt, progress;
};

/* Reads all fields of the job. */
int af_frames_plan_read(struct af_frames_plan *plan, const struct af_job *job, struct af_error *err);

void af_frames_plan_free(struct af_frames_plan *plan);

#endif
