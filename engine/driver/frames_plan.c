/* The spec of a `frames` job. */
#include "frames_plan.h"

#include <limits.h>
#include <string.h>

#include "error.h"
#include "json.h"
#include "ops.h"

static int add_time(struct af_frames_plan *plan, double time, struct af_error *err)
{
    struct af_request *request = af_vec_new(&plan->times);

    if (!request)
        return af_fail_memory(err);
    request->time = time;
    request->index = (int64_t)plan->times.n - 1;
    return 0;
}

static int read_times(struct af_frames_plan *plan, struct af_json *list, struct af_error *err)
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

static int read_scene(struct af_frames_plan *plan, struct af_json *select, struct af_error *err)
{
    struct af_json *node = af_json_get(select, "scene");

    if (node->type == AF_JSON_STRING && !strcmp(node->string, "thumbnail")) {
        plan->how = AF_BY_THUMBNAIL;
        plan->threshold = -1;
        return 0;
    }
    plan->how = AF_BY_SCENE;
    if (node->type != AF_JSON_NUMBER || node->number < 0 || node->number > 1)
        return af_json_fail(node, err, "expected a number from 0 to 1, or \"thumbnail\"");
    plan->threshold = node->number;
    return 0;
}

static int read_select(struct af_frames_plan *plan, struct af_json *spec, struct af_error *err)
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
    plan->how = AF_BY_INTERVAL;
    if (plan->interval < 1e-6)
        return af_json_fail(af_json_get(select, "interval"), err,
                            "must be at least a microsecond");
    return 0;
}

static int read_input(struct af_frames_plan *plan, struct af_json *spec, struct af_error *err)
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

static int read_sheet(struct af_frames_plan *plan, struct af_json *spec, struct af_error *err)
{
    struct af_json *sheet = NULL;
    int ret = af_json_object(spec, "sheet", &sheet, err);

    if (ret <= 0)
        return ret;
    plan->tiled = true;
    if (plan->scale)
        return af_json_fail(af_json_get(spec, "scale"), err,
                            "a sheet says how large its tiles are: scale must be left out");
    return af_sheet_read(&plan->sheet, sheet, err);
}

/* How many frames there can be. */
static int64_t most_frames(const struct af_frames_plan *plan)
{
    int64_t asked = plan->how == AF_BY_TIMES ? (int64_t)plan->times.n : INT64_MAX;

    return asked < plan->count ? asked : plan->count;
}

int af_frames_plan_read(struct af_frames_plan *plan, const struct af_job *job, struct af_error *err)
{
    static const char *const policies[] = { "fail", "skip", NULL };
    struct af_json *spec = job->spec;
    const char *path = NULL;
    int policy = 0, counted;
    int64_t room;

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
    if (!counted && plan->how == AF_BY_THUMBNAIL)
        plan->count = 1;
    plan->skip_corrupt = policy == 1;
    if (read_sheet(plan, spec, err))
        return -1;
    room = plan->tiled ? af_sheet_room(&plan->sheet) : 1;
    if (af_template_read(&plan->path, path, most_frames(plan) > room, err))
        return -1;
    return af_job_fields_read(job, err);
}

void af_frames_plan_free(struct af_frames_plan *plan)
{
    af_input_spec_free(&plan->input);
    af_vec_free(&plan->times);
}
