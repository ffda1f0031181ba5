/* The `frames` operation: chosen frames of a video stream, each as an image file. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/avutil.h>
#include <libavutil/common.h>
#include <libavutil/frame.h>

#include "error.h"
#include "json.h"
#include "moment.h"
#include "ops.h"
#include "picture.h"
#include "progress.h"
#include "scene.h"
#include "template.h"
#include "walk.h"

enum how { BY_TIMES, BY_INTERVAL, BY_SCENE, BY_THUMBNAIL };

struct request {
    double time;   /* seconds, as it was asked for */
    int64_t index; /* its place in the list of the caller */
};

struct made {
    int64_t index;
    char *path;
    double time; /* seconds, of the frame */
    bool asked;
    double requested;
};

struct plan {
    struct af_input_spec input;
    int64_t stream; /* -1: the best video stream */
    enum how how;
    AF_VEC(struct request) times;
    double interval, threshold;
    struct af_template path;
    const char *codec, *scale;
    int64_t count; /* the most pictures to make */
    bool skip_corrupt, progress;
};

struct frames {
    const struct plan *plan;
    struct af_walk walk;
    struct af_picture_maker maker;
    AF_VEC(struct made) made;
    AF_VEC(double) missing;
    struct af_progress progress;
};

/* ---- the spec ---- */

static int add_time(struct plan *plan, double time, struct af_error *err)
{
    struct request *request = af_vec_new(&plan->times);

    if (!request)
        return af_fail_memory(err);
    request->time = time;
    request->index = (int64_t)plan->times.n - 1;
    return 0;
}

static int read_times(struct plan *plan, struct af_json *list, struct af_error *err)
{
    if (!list->first)
        return af_json_fail(list, err, "at least one timestamp is needed");
    for (struct af_json *node = list->first; node; node = node->next) {
        if (af_json_expect(node, AF_JSON_NUMBER, err))
            return -1;
        if (node->number < 0 || node->number > AF_MAX_SECONDS)
            return af_json_fail(node, err, "%.17g is no time in seconds from 0 to %.17g",
                                node->number, AF_MAX_SECONDS);
        if (add_time(plan, node->number, err))
            return -1;
    }
    return 0;
}

static int read_scene(struct plan *plan, struct af_json *select, struct af_error *err)
{
    struct af_json *node = af_json_get(select, "scene");

    if (node->type == AF_JSON_STRING && !strcmp(node->string, "thumbnail")) {
        plan->how = BY_THUMBNAIL;
        plan->threshold = -1;
        return 0;
    }
    plan->how = BY_SCENE;
    if (node->type != AF_JSON_NUMBER || node->number < 0 || node->number > 1)
        return af_json_fail(node, err, "expected a number from 0 to 1, or \"thumbnail\"");
    plan->threshold = node->number;
    return 0;
}

static int read_select(struct plan *plan, struct af_json *spec, struct af_error *err)
{
    struct af_json *select = NULL, *list = NULL;
    double time = 0;
    int one, many, every, scene, ret;

    ret = af_json_object(spec, "select", &select, err);
    if (ret < 0)
        return -1;
    if (!ret)
        return af_fail(err, AF_SPEC, "select", "select: this field is required");
    one = af_json_seconds(select, "timestamp", &time, err);
    many = af_json_array(select, "timestamps", &list, err);
    every = af_json_seconds(select, "interval", &plan->interval, err);
    scene = af_json_get(select, "scene") != NULL;
    if (one < 0 || many < 0 || every < 0)
        return -1;
    if (one + many + every + scene != 1)
        return af_json_fail(select, err,
                            "exactly one of timestamp, timestamps, interval and scene is needed");
    if (one)
        return add_time(plan, time, err);
    if (many)
        return read_times(plan, list, err);
    if (scene)
        return read_scene(plan, select, err);
    plan->how = BY_INTERVAL;
    if (plan->interval < 1e-6)
        return af_json_fail(af_json_get(select, "interval"), err,
                            "must be at least a microsecond");
    return 0;
}

static int read_input(struct plan *plan, struct af_json *spec, struct af_error *err)
{
    struct af_json *inputs = NULL;

    if (af_json_need_array(spec, "inputs", &inputs, err))
        return -1;
    if (inputs->count != 1)
        return af_json_fail(inputs, err, "frames takes exactly one input, and got %zu",
                            inputs->count);
    if (af_input_spec_read(&plan->input, inputs->first, err))
        return -1;
    if (plan->input.loop)
        return af_json_fail(inputs->first, err, "frames reads its input once: loop must be 0");
    /* A time is asked for, not a key frame: only an accurate start keeps times right. */
    plan->input.accurate = true;
    return 0;
}

static int read_plan(struct plan *plan, const struct af_job *job, struct af_error *err)
{
    static const char *const policies[] = { "fail", "skip", NULL };
    struct af_json *spec = job->spec;
    const char *path = NULL;
    bool several;
    int policy = 0, counted;

    plan->stream = -1;
    plan->codec = "png";
    plan->count = INT64_MAX;
    if (read_input(plan, spec, err) || read_select(plan, spec, err) ||
        af_json_need_string(spec, "path", &path, err) ||
        af_json_integer(spec, "stream", 0, INT_MAX, &plan->stream, err) < 0 ||
        af_json_string(spec, "codec", &plan->codec, err) < 0 ||
        af_json_string(spec, "scale", &plan->scale, err) < 0 ||
        af_json_bool(spec, "progress", &plan->progress, err) < 0 ||
        af_json_choice(spec, "on_corrupt", policies, &policy, err) < 0)
        return -1;
    counted = af_json_integer(spec, "count", 1, INT_MAX, &plan->count, err);
    if (counted < 0)
        return -1;
    if (!counted && plan->how == BY_THUMBNAIL)
        plan->count = 1;
    plan->skip_corrupt = policy == 1;
    several = plan->count > 1 && (plan->how != BY_TIMES || plan->times.n > 1);
    if (af_template_read(&plan->path, path, several, err))
        return -1;
    return af_job_fields_read(job, err);
}

static void free_plan(struct plan *plan)
{
    af_input_spec_free(&plan->input);
    af_vec_free(&plan->times);
}

/* ---- making pictures ---- */

static int64_t microseconds(double seconds)
{
    return (int64_t)llround(seconds * AV_TIME_BASE);
}

static void note(struct frames *frames, int64_t time, bool last)
{
    af_progress_put(&frames->progress, (int64_t)frames->made.n, time, frames->maker.bytes, last);
}

/* Writes one picture; `requested` is the time it was asked for, or NULL. */
static int make(struct frames *frames, const AVFrame *frame, int64_t time, int64_t index,
                const double *requested, struct af_error *err)
{
    struct made *made;

    note(frames, time, false);
    made = af_vec_new(&frames->made);
    if (!made)
        return af_fail_memory(err);
    made->index = index;
    made->time = (double)time / AV_TIME_BASE;
    made->asked = requested != NULL;
    made->requested = requested ? *requested : 0;
    made->path = af_template_name(&frames->plan->path, index);
    if (!made->path)
        return af_fail_memory(err);
    /* Damage on the way to a frame is the decoder's to mend; in the picture itself it shows. */
    if (frame->decode_error_flags || frame->flags & AV_FRAME_FLAG_CORRUPT) {
        frames->walk.in.corrupt++;
        if (!frames->plan->skip_corrupt)
            return af_fail(err, AF_DECODE, "inputs[0]",
                           "the frame at %.3f s is damaged (on_corrupt \"skip\" takes it as it is)",
                           made->time);
    }
    return af_picture_write(&frames->maker, frame, made->path, err);
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
    const struct request *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* `times` is in order; a picture's number is its place in the caller's list. */
static int take_times(struct frames *frames, const struct request *times, size_t n,
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
    const struct plan *plan = frames->plan;
    size_t n = plan->times.n;
    struct request *sorted;
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
    const struct plan *plan = frames->plan;
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
    case BY_INTERVAL:
        return take_interval(frames, err);
    case BY_SCENE:
        return take_scenes(frames, err);
    case BY_THUMBNAIL:
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
    if (frames->walk.in.corrupt)
        af_write_integer(reply, "corrupt_packets", frames->walk.in.corrupt);
    af_write_end(reply);
}

int af_op_frames(const struct af_job *job, struct af_writer *reply, struct af_error *err)
{
    struct plan plan = { 0 };
    struct frames frames = { .plan = &plan };
    int ret = read_plan(&plan, job, err);

    if (!ret)
        ret = af_picture_open(&frames.maker, plan.codec, plan.scale, plan.input.autorotate, err);
    if (!ret)
        ret = af_walk_open(&frames.walk, &plan.input, plan.stream, plan.skip_corrupt, err);
    if (!ret) {
        af_progress_open(&frames.progress, plan.progress, length_of(&frames.walk));
        ret = take(&frames, err);
        if (!ret)
            note(&frames, frames.walk.next, true);
        af_progress_close(&frames.progress);
    }
    if (!ret) {
        if (frames.made.n)
            qsort(frames.made.v, frames.made.n, sizeof *frames.made.v, compare_made);
        write_reply(reply, &frames, job->version);
    }
    af_walk_close(&frames.walk);
    af_picture_close(&frames.maker);
    for (size_t i = 0; i < frames.made.n; i++)
        free(frames.made.v[i].path);
    af_vec_free(&frames.made);
    af_vec_free(&frames.missing);
    free_plan(&plan);
    return ret;
}
