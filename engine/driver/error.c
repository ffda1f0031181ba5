/* The structured error: recording, classifying and writing it. */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/error.h>

#include "json.h"
#include "vec.h"

static bool is_storage(int av_error)
{
    switch (av_error) {
    case AVERROR(ENOSPC):
    case AVERROR(EDQUOT):
    case AVERROR(EROFS):
    case AVERROR(EFBIG):
    case AVERROR(EMFILE):
    case AVERROR(ENFILE):
        return true;
    default:
        return false;
    }
}

/* A device that fails is the storage's fault where something is written. Where something is read, the class
 * says what could not be read. */
static bool is_writing(enum af_class class)
{
    return class == AF_OPEN_OUTPUT || class == AF_MUX;
}

static char *copy(const char *string)
{
    size_t n = strlen(string) + 1;
    char *made = malloc(n);

    if (made)
        memcpy(made, string, n);
    return made;
}

static int record(struct af_error *err, enum af_class class, int av_error, const char *where,
                  const char *format, va_list args)
{
    struct af_text text = { 0 };
    char reason[AV_ERROR_MAX_STRING_SIZE] = "";
    va_list again;
    int n;

    if (err->set)
        return -1;
    if (is_storage(av_error) || (av_error == AVERROR(EIO) && is_writing(class)))
        class = AF_STORAGE;
    else if (av_error == AVERROR(ENOMEM))
        class = AF_INTERNAL;
    err->set = true;
    err->class = class;
    err->av_error = av_error;
    err->where = where ? copy(where) : NULL;

    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n >= 0 && !af_vec_reserve(&text, (size_t)n + 1)) {
        vsnprintf(text.v, (size_t)n + 1, format, args);
        text.n = (size_t)n;
        if (av_error) {
            av_strerror(av_error, reason, sizeof reason);
            af_text_printf(&text, ": %s", reason);
        }
    }
    err->message = text.v;
    return -1;
}

int af_fail(struct af_error *err, enum af_class class, const char *where, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    record(err, class, 0, where, format, args);
    va_end(args);
    return -1;
}

int af_fail_av(struct af_error *err, enum af_class class, int av_error, const char *where,
               const char *format, ...)
{
    va_list args;

    va_start(args, format);
    record(err, class, av_error, where, format, args);
    va_end(args);
    return -1;
}

int af_fail_memory(struct af_error *err)
{
    return af_fail(err, AF_INTERNAL, NULL,
                   "out of memory: raise the guest memory limit or make the job smaller");
}

void af_error_clear(struct af_error *err)
{
    free(err->message);
    free(err->where);
    memset(err, 0, sizeof *err);
}

const char *af_class_name(enum af_class class)
{
    static const char *const names[AF_CLASS_COUNT] = {
        [AF_SPEC] = "spec",
        [AF_VERSION] = "version",
        [AF_OPEN_INPUT] = "open_input",
        [AF_OPEN_OUTPUT] = "open_output",
        [AF_NOT_IN_BUILD] = "not_in_build",
        [AF_OPTION] = "option",
        [AF_MAP] = "map",
        [AF_GRAPH] = "graph",
        [AF_DECODE] = "decode",
        [AF_ENCODE] = "encode",
        [AF_MUX] = "mux",
        [AF_STORAGE] = "storage",
        [AF_SEEK] = "seek",
        [AF_INTERNAL] = "internal",
    };

    return names[class];
}

const char *af_error_message(const struct af_error *err)
{
    return err->message ? err->message : "out of memory";
}

int af_exit_code(enum af_class class)
{
    switch (class) {
    case AF_SPEC:
        return 2;
    case AF_VERSION:
        return 3;
    default:
        return 1;
    }
}

void af_write_error(struct af_writer *out, const char *key, const struct af_error *err)
{
    af_write_object(out, key);
    af_write_string(out, "class", af_class_name(err->class));
    af_write_string(out, "message", af_error_message(err));
    if (err->where)
        af_write_string(out, "where", err->where);
    if (err->av_error)
        af_write_integer(out, "av_error", err->av_error);
    af_write_end(out);
}
