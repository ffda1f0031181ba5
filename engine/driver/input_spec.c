/* One element of inputs[] of a job spec. */
#include <libavutil/dict.h>

#include "error.h"
#include "input.h"
#include "json.h"

int af_input_spec_read(struct af_input_spec *spec, struct af_json *node, struct af_error *err)
{
    static const char *const modes[] = { "fast", "accurate", NULL };
    struct af_json *list = NULL, *seek = NULL;
    int mode = 0;

    spec->autorotate = true;
    if (af_json_expect(node, AF_JSON_OBJECT, err) ||
        af_json_string(node, "path", &spec->path, err) < 0 ||
        af_json_array(node, "concat", &list, err) < 0 ||
        af_json_string(node, "format", &spec->format, err) < 0 ||
        af_json_dictionary(node, "options", &spec->options, err) < 0 ||
        af_json_object(node, "seek", &seek, err) < 0 ||
        af_json_integer(node, "loop", -1, INT32_MAX, &spec->loop, err) < 0 ||
        af_json_bool(node, "autorotate", &spec->autorotate, err) < 0)
        return -1;
    if (seek) {
        if (af_json_seconds(seek, "start", &spec->start, err) < 0 ||
            af_json_choice(seek, "mode", modes, &mode, err) < 0)
            return -1;
        spec->seek = spec->start > 0;
        spec->accurate = mode == 1;
    }
    if (!spec->path && !list)
        return af_json_fail(node, err, "an input needs a path or concat");
    if (!list)
        return 0;
    if (!list->first)
        return af_json_fail(list, err, "concat needs at least one path");
    for (struct af_json *each = list->first; each; each = each->next) {
        const char **path;

        if (af_json_expect(each, AF_JSON_STRING, err))
            return -1;
        path = af_vec_new(&spec->concat);
        if (!path)
            return af_fail_memory(err);
        *path = each->string;
    }
    return 0;
}

void af_input_spec_free(struct af_input_spec *spec)
{
    af_vec_free(&spec->concat);
    av_dict_free(&spec->options);
}
