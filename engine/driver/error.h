/* The structured error: how a function of this driver fails, and how the process reports it.
 *
 * A function that can fail returns 0 or -1 and takes a `struct af_error *`. It fills the error at
 * the place that knows most, by `return af_fail(err, ...)`, and its callers only pass -1 on. The
 * first error wins: a later one, from cleaning up after the first, changes nothing. */
#ifndef AF_ERROR_H
#define AF_ERROR_H

#include <stdbool.h>

enum af_class {
    AF_SPEC,         /* the job spec is malformed */
    AF_VERSION,      /* the job spec is newer than this engine */
    AF_OPEN_INPUT,
    AF_OPEN_OUTPUT,
    AF_NOT_IN_BUILD, /* a codec, format, filter, ... that this build lacks */
    AF_OPTION,       /* an option that its consumer does not know, or a bad value of one */
    AF_MAP,          /* an output names a pad or a stream that does not exist */
    AF_GRAPH,
    AF_DECODE,
    AF_ENCODE,
    AF_MUX,
    AF_STORAGE,      /* the filesystem refused: full, read-only, over quota, ... */
    AF_SEEK,
    AF_INTERNAL,     /* out of memory, or a state that must not be */
    AF_CLASS_COUNT
};

struct af_error {
    bool set;
    enum af_class class;
    int av_error;  /* the negative AVERROR code, 0 when there is none */
    char *message; /* NULL when there was no memory for it */
    char *where;   /* what failed, such as "outputs[0].path"; may be NULL */
};

/* Records the error unless one is recorded; always returns -1. `where` may be NULL. */
int af_fail(struct af_error *err, enum af_class class, const char *where, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for a failed libav call: the code's text is appended to the message. A code that the
 * filesystem made (ENOSPC, EROFS, ...) turns the class into AF_STORAGE, and ENOMEM into
 * AF_INTERNAL, whatever the caller was doing. */
int af_fail_av(struct af_error *err, enum af_class class, int av_error, const char *where,
               const char *format, ...) __attribute__((format(printf, 5, 6)));

int af_fail_memory(struct af_error *err);

/* Forgets the error, so that the structure can be used again. */
void af_error_clear(struct af_error *err);

const char *af_class_name(enum af_class class);
const char *af_error_message(const struct af_error *err);

/* 1 the job failed, 2 the spec is malformed, 3 the spec is newer than the engine. */
int af_exit_code(enum af_class class);

/* Writes "class", "message", "where" and "av_error" as an object, keyed `key` (NULL in an array). */
struct af_writer;
void af_write_error(struct af_writer *out, const char *key, const struct af_error *err);

#endif
