/* The `frames` operation: chosen frames of a video stream, each as an image file or a tile of a sheet. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/avutil.h>
#include <libavutil/common.h>
#include <libavutil/frame.h>

#include "error.h"
#include "frames_plan.h"
#include "json.h"
#include "moment.h"
#include "ops.h"
#include "paths.h"
#include "picture.h"
#include "progress.h"
#include "scene.h"
#include "sheet.h"
#include "sheet_track.h"
#include "template.h"
#include "walk.h"

struct made {
    int64_t index;
    char *path;
    double time; /* seconds, of the frame */
    bool asked;
    double requested;
    struct af_tile tile; /* of a sheet */
};

struct frames {
    const struct af_frames_plan *plan;
    struct af_walk walk;
    struct af_picture_maker maker;
    struct af_sheet sheet;
    AF_VEC(struct made) made;
    AF_VEC(double) missing;
    struct af_progress progress;
};

static int64_t microseconds(double seconds)
{
    return (int64_t)llround(seconds * AV_TIME_BASE);
}

static void note(struct frames *frames, int64_t time, bool last)
{
    af_progress_put(&frames->progress, (int64_t)frames->made.n, time, frames->maker.bytes, last);
}

/* A file that is read while it is written, or written twice, is lost. */
static int check_path(const struct af_frames_plan *plan, const char *path, struct af_error *err)
{
    if (af_input_reads(&plan->input, path))
        return af_fail(err, AF_OPEN_OUTPUT, "path",
                       "%s is the input of the job too: write to another file", path);
    if (plan->tiled && plan->sheet.track && af_same_file(plan->sheet.track, path))
        return af_fail(err, AF_OPEN_OUTPUT, "sheet.track",
                       "%s is a sheet of the job too: write to another file", path);
    return 0;
}

/* Writes a picture, or a tile of one. */
static int put(struct frames *frames, const AVFrame *frame, struct made *made, struct af_error *err)
{
    const struct af_frames_plan *plan = frames->plan;
    int64_t number = made->index;

    if (plan->tiled) {
        if (af_sheet_put(&frames->sheet, frame, &made->tile, err))
            return -1;
        number = made->tile.sheet;
    }
    made->path = af_template_name(&plan->path, number);
    if (!made->path)
        return af_fail_memory(err);
    if (check_path(plan, made->path, err))
        return -1;
    return plan->tiled ? 0 : af_picture_write(&frames->maker, frame, made->path, err);
}

/* Takes one frame; `requested` is the time it was asked for, or NULL. */
static int make(struct frames *frames, const AVFrame *frame, int64_t time, int64_t index,
                const double *requested, struct af_error *err)
{
    struct made *made;

    note(frames, time, false);
    made = af_vec_new(&frames->made);
    if (!made)
        return af_fail_memory(err);
    /* The tiles of a sheet are in the order of time. */
    made->index = frames->plan->tiled ? (int64_t)frames->made.n - 1 : index;
    made->time = (double)time / AV_TIME_BASE;
    made->asked = requested != NULL;
    made->requested = requested ? *requested : 0;
    /* Damage on the way to a frame is the decoder's to mend; in the picture itself it shows. */
    if (frame->decode_error_flags || frame->flags & AV_FRAME_FLAG_CORRUPT) {
        frames->walk.in.corrupt++;
        if (!frames->plan->skip_corrupt)
            return af_fail(err, AF_DECODE, "inputs[0]",
                           "the frame at %.3f s is damaged (on_corrupt \"skip\" takes it as it is)",
                           made->time);
    }
    return put(frames, frame, made, err);
}

static bool full(const struct frames *frames)
{
    return (int64_t)frames->made.n >= frames->plan->count;
}

static int add_missing(struct frames *frames, double time, struct af_error *err)
{
    double *missing = af_vec_new(&frames->missing);

    if (!missing)
        return af_fail_memory(err);
    *missing = time;
    return 0;
}

static int compare_requests(const void *a, const void *b)
{
    const struct af_request *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* `times` is in order; a picture's number is its place in the caller's list. */
static int take_times(struct frames *frames, const struct af_request *times, size_t n,
                      struct af_error *err)
{
    struct af_moments moments;
    int ret = af_moments_open(&moments, &frames->walk, err);

    for (size_t i = 0; i < n && !ret; i++) {
        int found = af_moments_find(&moments, microseconds(times[i].time), i + 1 == n, err);

        if (found < 0)
            ret = -1;
        else if (!found)
            ret = add_missing(frames, times[i].time, err);
        else
            ret = make(frames, moments.shown, moments.shown_at, times[i].index, &times[i].time,
                       err);
    }
    af_moments_close(&moments);
    return ret;
}

static int take_list(struct frames *frames, struct af_error *err)
{
    const struct af_frames_plan *plan = frames->plan;
    size_t n = plan->times.n;
    struct af_request *sorted;
    int ret;

    /* The cap is on the caller's list, so that it does not depend on the order of times. */
    if ((int64_t)n > plan->count)
        n = (size_t)plan->count;
    sorted = malloc(n * sizeof *sorted);
    if (!sorted)
        return af_fail_memory(err);
    memcpy(sorted, plan->times.v, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_requests);
    ret = take_times(frames, sorted, n, err);
    free(sorted);
    return ret;
}

/* The frames on the screen at 0, interval, 2 * interval, ...: each once, however short the interval
 * is. */
static int take_interval(struct frames *frames, struct af_error *err)
{
    const double interval = frames->plan->interval;
    struct af_moments moments;
    double step = 0;
    int ret = af_moments_open(&moments, &frames->walk, err);

    while (!ret && !full(frames)) {
        double time = step * interval;
        int64_t end;
        int found;

        if (time > AF_MAX_SECONDS)
            break;
        found = af_moments_find(&moments, microseconds(time), false, err);
        if (found <= 0) {
            ret = found;
            break;
        }
        ret = make(frames, moments.shown, moments.shown_at, (int64_t)frames->made.n, &time,
                   err);
        /* The next multiple that is not on this frame. */
        if (!moments.ahead->buf[0])
            end = av_sat_add64(moments.shown_at, moments.shown_for);
        else
            end = moments.ahead_at;
        step = fmax(step + 1, ceil((double)end / AV_TIME_BASE / interval - 1e-6));
    }
    af_moments_close(&moments);
    return ret;
}

static int take_scenes(struct frames *frames, struct af_error *err)
{
    struct af_scene scene;
    AVFrame *frame = av_frame_alloc();
    int ret = af_scene_open(&scene, frames->plan->threshold, err);

    if (!frame)
        ret = af_fail_memory(err);
    while (!ret && !full(frames)) {
        int64_t time, length;
        int found = af_walk_next(&frames->walk, frame, &time, &length, err);

        if (found <= 0) {
            ret = found;
            break;
        }
        note(frames, time, false);
        scene.chosen.n = 0;
        ret = af_scene_push(&scene, frame, time, err);
        if (!ret && scene.chosen.n)
            ret = make(frames, frame, time, (int64_t)frames->made.n, NULL, err);
        av_frame_unref(frame);
    }
    av_frame_free(&frame);
    af_scene_close(&scene);
    return ret;
}

static int choose_thumbnails(struct frames *frames, struct af_scene *scene, struct af_error *err)
{
    size_t wanted = frames->plan->count > INT_MAX ? INT_MAX : (size_t)frames->plan->count;
    AVFrame *frame = av_frame_alloc();
    int ret = frame ? 0 : af_fail_memory(err);

    while (!ret && scene->chosen.n < wanted) {
        int64_t time, length;
        int found = af_walk_next(&frames->walk, frame, &time, &length, err);

        if (found <= 0) {
            ret = found < 0 ? -1 : af_scene_end(scene, err);
            break;
        }
        note(frames, time, false);
        ret = af_scene_push(scene, frame, time, err);
        av_frame_unref(frame);
    }
    if (scene->chosen.n > wanted)
        scene->chosen.n = wanted;
    av_frame_free(&frame);
    return ret;
}

/* Looks first, at small copies, and then goes back for the frames that were chosen: a batch of them
 * in full size would not fit in memory. */
static int take_thumbnails(struct frames *frames, struct af_error *err)
{
    const struct af_frames_plan *plan = frames->plan;
    struct af_moments moments = { 0 };
    struct af_scene scene;
    int ret = af_scene_open(&scene, plan->threshold, err);

    if (!ret)
        ret = choose_thumbnails(frames, &scene, err);
    af_walk_close(&frames->walk);
    if (!ret)
        ret = af_walk_open(&frames->walk, &plan->input, plan->stream, plan->skip_corrupt, err);
    if (!ret)
        ret = af_moments_open(&moments, &frames->walk, err);
    for (size_t i = 0; i < scene.chosen.n && !ret; i++) {
        int found = af_moments_find(&moments, scene.chosen.v[i], i + 1 == scene.chosen.n, err);

        if (found <= 0)
            ret = found < 0 ? -1
                            : af_fail(err, AF_SEEK, "inputs[0]",
                                      "the frame at %.3f s was not found again",
                                      (double)scene.chosen.v[i] / AV_TIME_BASE);
        else
            ret = make(frames, moments.shown, moments.shown_at, (int64_t)frames->made.n, NULL,
                       err);
    }
    af_moments_close(&moments);
    af_scene_close(&scene);
    return ret;
}

/* Microseconds from where the walk begins to the end of the input; -1 when that is unknown. */
static int64_t length_of(const struct af_walk *walk)
{
    const AVFormatContext *ctx = walk->in.ctx;
    int64_t start = ctx->start_time == AV_NOPTS_VALUE ? 0 : ctx->start_time;
    int64_t length;

    if (ctx->duration == AV_NOPTS_VALUE || ctx->duration <= 0)
        return -1;
    length = av_sat_sub64(ctx->duration, av_sat_sub64(walk->in.origin, start));
    return length > 0 ? length : -1;
}

static int take(struct frames *frames, struct af_error *err)
{
    switch (frames->plan->how) {
    case AF_BY_INTERVAL:
        return take_interval(frames, err);
    case AF_BY_SCENE:
        return take_scenes(frames, err);
    case AF_BY_THUMBNAIL:
        return take_thumbnails(frames, err);
    default:
        return take_list(frames, err);
    }
}

/* ---- the reply ---- */

static int compare_made(const void *a, const void *b)
{
    const struct made *x = a, *y = b;

    return (x->index > y->index) - (x->index < y->index);
}

static void write_tile(struct af_writer *reply, const struct af_tile *tile)
{
    af_write_object(reply, "tile");
    af_write_integer(reply, "x", tile->x);
    af_write_integer(reply, "y", tile->y);
    af_write_integer(reply, "width", tile->width);
    af_write_integer(reply, "height", tile->height);
    af_write_end(reply);
}

static void write_reply(struct af_writer *reply, const struct frames *frames, int version)
{
    af_write_object(reply, NULL);
    af_write_array(reply, "frames");
    for (size_t i = 0; i < frames->made.n; i++) {
        const struct made *made = &frames->made.v[i];

        af_write_object(reply, NULL);
        af_write_string(reply, "path", made->path);
        af_write_integer(reply, "index", made->index);
        af_write_number(reply, "timestamp", made->time);
        if (made->asked && version >= 10)
            af_write_number(reply, "requested", made->requested);
        if (frames->plan->tiled)
            write_tile(reply, &made->tile);
        af_write_end(reply);
    }
    af_write_end(reply);
    af_write_integer(reply, "count", (int64_t)frames->made.n);
    if (version < 10) {
        af_write_end(reply);
        return;
    }
    af_write_array(reply, "missing");
    for (size_t i = 0; i < frames->missing.n; i++)
        af_write_number(reply, NULL, frames->missing.v[i]);
    af_write_end(reply);
    if (frames->plan->tiled && frames->plan->sheet.track)
        af_write_string(reply, "track", frames->plan->sheet.track);
    if (frames->walk.in.corrupt)
        af_write_integer(reply, "corrupt_packets", frames->walk.in.corrupt);
    af_write_end(reply);
}

static int write_track(struct frames *frames, struct af_error *err)
{
    int64_t length = length_of(&frames->walk);
    struct af_sheet_track track;
    int ret;

    af_sheet_track_begin(&track, frames->plan->sheet.track);
    for (size_t i = 0; i < frames->made.n; i++) {
        const struct made *made = &frames->made.v[i];

        af_sheet_track_add(&track, microseconds(made->asked ? made->requested : made->time),
                           made->path, &made->tile);
    }
    ret = af_sheet_track_write(&track, length > frames->walk.next ? length : frames->walk.next,
                               err);
    af_sheet_track_free(&track);
    return ret;
}

/* Takes the frames and writes all files. */
static int run(struct frames *frames, struct af_error *err)
{
    const struct af_frames_plan *plan = frames->plan;
    int ret;

    if (plan->tiled && plan->sheet.track && af_input_reads(&plan->input, plan->sheet.track))
        return af_fail(err, AF_OPEN_OUTPUT, "sheet.track",
                       "%s is the input of the job too: write to another file", plan->sheet.track);
    if (plan->tiled && af_sheet_open(&frames->sheet, &plan->sheet, &plan->path, &frames->maker,
                                     plan->input.autorotate, err))
        return -1;
    af_progress_open(&frames->progress, plan->progress, length_of(&frames->walk));
    ret = take(frames, err);
    if (!ret && plan->tiled)
        ret = af_sheet_end(&frames->sheet, err);
    if (!ret && plan->tiled && plan->sheet.track)
        ret = write_track(frames, err);
    if (!ret)
        note(frames, frames->walk.next, true);
    af_progress_close(&frames->progress);
    return ret;
}

int af_op_frames(const struct af_job *job, struct af_writer *reply, struct af_error *err)
{
    struct af_frames_plan plan = { 0 };
    struct frames frames = { .plan = &plan };
    int ret = af_frames_plan_read(&plan, job, err);

    if (!ret)
        ret = af_picture_open(&frames.maker, plan.codec, plan.scale, plan.input.autorotate, err);
    if (!ret)
        ret = af_walk_open(&frames.walk, &plan.input, plan.stream, plan.skip_corrupt, err);
    if (!ret)
        ret = run(&frames, err);
    if (!ret) {
        if (frames.made.n)
            qsort(frames.made.v, frames.made.n, sizeof *frames.made.v, compare_made);
        write_reply(reply, &frames, job->version);
    }
    af_walk_close(&frames.walk);
    af_sheet_close(&frames.sheet);
    af_picture_close(&frames.maker);
    for (size_t i = 0; i < frames.made.n; i++)
        free(frames.made.v[i].path);
    af_vec_free(&frames.made);
    af_vec_free(&frames.missing);
    af_frames_plan_free(&plan);
    return ret;
}
