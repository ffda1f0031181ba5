/* Reading a JSON tree: members by type and range, and errors that name a path. */
#include "json.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/dict.h>

#include "error.h"

static const char *const type_names[] = {
    [AF_JSON_NULL] = "null",     [AF_JSON_BOOL] = "true or false", [AF_JSON_NUMBER] = "a number",
    [AF_JSON_STRING] = "a string", [AF_JSON_ARRAY] = "an array",   [AF_JSON_OBJECT] = "an object",
};

void af_json_path(const struct af_json *node, struct af_text *path)
{
    if (!node->parent)
        return;
    /* The recursion is as deep as the document, at most AF_JSON_MAX_DEPTH. */
    af_json_path(node->parent, path);
    if (node->key) {
        if (path->n)
            af_text_puts(path, ".");
        af_text_puts(path, node->key);
    } else {
        af_text_printf(path, "[%zu]", node->index);
    }
}

int af_json_fail(const struct af_json *node, struct af_error *err, const char *format, ...)
{
    struct af_text path = { 0 }, message = { 0 };
    va_list args;
    int n;

    af_json_path(node, &path);
    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n >= 0 && !af_vec_reserve(&message, (size_t)n + 1)) {
        va_start(args, format);
        vsnprintf(message.v, (size_t)n + 1, format, args);
        va_end(args);
    }
    /* The path is part of the message too: not every host shows `where`. */
    af_fail(err, AF_SPEC, path.n ? path.v : NULL, "%s%s%s", path.n ? path.v : "",
            path.n ? ": " : "", message.v ? message.v : "out of memory");
    af_text_free(&path);
    af_text_free(&message);
    return -1;
}

static int fail_missing(const struct af_json *object, const char *key, struct af_error *err)
{
    struct af_text path = { 0 };

    af_json_path(object, &path);
    if (path.n)
        af_text_puts(&path, ".");
    af_text_puts(&path, key);
    af_fail(err, AF_SPEC, path.v, "%s: this field is required", path.v ? path.v : key);
    af_text_free(&path);
    return -1;
}

int af_json_expect(const struct af_json *node, enum af_json_type type, struct af_error *err)
{
    if (node->type == type)
        return 0;
    return af_json_fail(node, err, "expected %s, found %s", type_names[type],
                        type_names[node->type]);
}

struct af_json *af_json_get(struct af_json *object, const char *key)
{
    if (object->type != AF_JSON_OBJECT)
        return NULL;
    for (struct af_json *child = object->first; child; child = child->next) {
        if (!strcmp(child->key, key)) {
            child->known = true;
            return child;
        }
    }
    return NULL;
}

static int get_typed(struct af_json *object, const char *key, enum af_json_type type,
                     struct af_json **out, struct af_error *err)
{
    struct af_json *node = af_json_get(object, key);

    if (!node)
        return 0;
    if (af_json_expect(node, type, err))
        return -1;
    *out = node;
    return 1;
}

int af_json_string(struct af_json *object, const char *key, const char **out,
                   struct af_error *err)
{
    struct af_json *node;
    int ret = get_typed(object, key, AF_JSON_STRING, &node, err);

    if (ret > 0)
        *out = node->string;
    return ret;
}

int af_json_bool(struct af_json *object, const char *key, bool *out, struct af_error *err)
{
    struct af_json *node;
    int ret = get_typed(object, key, AF_JSON_BOOL, &node, err);

    if (ret > 0)
        *out = node->boolean;
    return ret;
}

int af_json_number(struct af_json *object, const char *key, double min, double max, double *out,
                   struct af_error *err)
{
    struct af_json *node;
    int ret = get_typed(object, key, AF_JSON_NUMBER, &node, err);

    if (ret <= 0)
        return ret;
    if (node->number < min || node->number > max)
        return af_json_fail(node, err, "%.17g is out of range: it must be from %.17g to %.17g",
                            node->number, min, max);
    *out = node->number;
    return 1;
}

int af_json_integer(struct af_json *object, const char *key, int64_t min, int64_t max,
                    int64_t *out, struct af_error *err)
{
    /* Above 2^53 a double no longer tells neighbours apart. */
    const double exact = 9007199254740992.0;
    struct af_json *node;
    int ret = get_typed(object, key, AF_JSON_NUMBER, &node, err);

    if (ret <= 0)
        return ret;
    if (node->number != floor(node->number))
        return af_json_fail(node, err, "%.17g must be a whole number", node->number);
    if (fabs(node->number) > exact || (int64_t)node->number < min || (int64_t)node->number > max)
        return af_json_fail(node, err,
                            "%.17g is out of range: it must be from %" PRId64 " to %" PRId64,
                            node->number, min, max);
    *out = (int64_t)node->number;
    return 1;
}

int af_json_seconds(struct af_json *object, const char *key, double *out, struct af_error *err)
{
    return af_json_number(object, key, 0, AF_MAX_SECONDS, out, err);
}

static int check_count(const struct af_json *node, struct af_error *err)
{
    if (node->count <= AF_JSON_MAX_COUNT)
        return 0;
    return af_json_fail(node, err, "%zu elements are more than the %d that are allowed here",
                        node->count, AF_JSON_MAX_COUNT);
}

int af_json_array(struct af_json *object, const char *key, struct af_json **out,
                  struct af_error *err)
{
    int ret = get_typed(object, key, AF_JSON_ARRAY, out, err);

    return ret > 0 && check_count(*out, err) ? -1 : ret;
}

int af_json_object(struct af_json *object, const char *key, struct af_json **out,
                   struct af_error *err)
{
    int ret = get_typed(object, key, AF_JSON_OBJECT, out, err);

    return ret > 0 && check_count(*out, err) ? -1 : ret;
}

int af_json_choice(struct af_json *object, const char *key, const char *const *names, int *out,
                   struct af_error *err)
{
    struct af_text list = { 0 };
    struct af_json *node;
    int ret = get_typed(object, key, AF_JSON_STRING, &node, err);

    if (ret <= 0)
        return ret;
    for (int i = 0; names[i]; i++) {
        if (!strcmp(names[i], node->string)) {
            *out = i;
            return 1;
        }
    }
    for (int i = 0; names[i]; i++)
        af_text_printf(&list, "%s\"%s\"", i ? ", " : "", names[i]);
    af_json_fail(node, err, "\"%s\" is not one of %s", node->string, list.v ? list.v : "");
    af_text_free(&list);
    return -1;
}

int af_json_dictionary(struct af_json *object, const char *key, struct AVDictionary **out,
                       struct af_error *err)
{
    struct af_json *node;
    int ret = af_json_object(object, key, &node, err);

    if (ret <= 0)
        return ret;
    for (struct af_json *child = node->first; child; child = child->next) {
        child->known = true;
        if (af_json_expect(child, AF_JSON_STRING, err))
            return -1;
        /* av_dict_set() ignores an empty key's meaning; no consumer has an option of that name. */
        if (!*child->key)
            return af_json_fail(node, err, "a key is empty");
        if (av_dict_set(out, child->key, child->string, AV_DICT_MATCH_CASE) < 0)
            return af_fail_memory(err);
    }
    return 1;
}

int af_json_need_string(struct af_json *object, const char *key, const char **out,
                        struct af_error *err)
{
    int ret = af_json_string(object, key, out, err);

    return ret > 0 ? 0 : ret < 0 ? -1 : fail_missing(object, key, err);
}

int af_json_need_array(struct af_json *object, const char *key, struct af_json **out,
                       struct af_error *err)
{
    int ret = af_json_array(object, key, out, err);

    return ret > 0 ? 0 : ret < 0 ? -1 : fail_missing(object, key, err);
}

int af_json_refuse_unknown(const struct af_json *node, struct af_error *err)
{
    for (const struct af_json *child = node->first; child; child = child->next) {
        if (child->key && !child->known)
            return af_json_fail(child, err, "unknown field");
        if (af_json_refuse_unknown(child, err))
            return -1;
    }
    return 0;
}

void af_json_drop_nulls(struct af_json *node)
{
    struct af_json **link = &node->first;

    while (*link) {
        if ((*link)->type == AF_JSON_NULL && node->type == AF_JSON_OBJECT) {
            *link = (*link)->next;
            node->count--;
            continue;
        }
        af_json_drop_nulls(*link);
        link = &(*link)->next;
    }
}
