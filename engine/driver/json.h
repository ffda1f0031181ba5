/* JSON: a strict reader of the job spec, and a writer for replies.
 *
 * The reader is ours because no C parser fits. None of the registries this project draws on
 * carries a small maintained C parser in a form that can be pinned by digest, and the usual ones
 * are lenient where this contract is not: they keep the first or the last of two equal keys, accept
 * text after the document, pass invalid UTF-8 and lone surrogates on, and turn 1e999 into infinity.
 * What is asked of a spec (unknown fields refused by their path, bounded memory, bounded depth)
 * would be a layer as large as this file on top of any of them. */
#ifndef AF_JSON_H
#define AF_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vec.h"

struct AVDictionary;
struct af_error;

/* ---- the tree ---- */

#define AF_JSON_MAX_DEPTH 64

/* More elements in one list or dictionary than any caller means. */
#define AF_JSON_MAX_COUNT 10000

/* The range of a time or a duration, in seconds (a thousand years). */
#define AF_MAX_SECONDS 3.2e10

enum af_json_type {
    AF_JSON_NULL,
    AF_JSON_BOOL,
    AF_JSON_NUMBER,
    AF_JSON_STRING,
    AF_JSON_ARRAY,
    AF_JSON_OBJECT,
};

struct af_json {
    enum af_json_type type;
    bool boolean;
    bool known;         /* some consumer asked for this member */
    double number;
    const char *string; /* UTF-8, NUL-terminated, no NUL inside */
    const char *key;    /* in an object, else NULL */
    size_t index;       /* position in its parent */
    size_t count;       /* of children */
    struct af_json *parent, *first, *next;
};

/* Owns the nodes and the strings of one document. */
struct af_json_doc {
    struct af_json *root, *nodes;
    char *strings;
};

/* Parses a whole NUL-terminated text; everything but one JSON value and white space is an error of
 * class AF_SPEC that names the byte. Memory is in proportion to the length of the text. */
int af_json_parse(struct af_json_doc *doc, const char *text, struct af_error *err);
void af_json_free(struct af_json_doc *doc);

/* Removes the members that are null, everywhere: what the versions before 10 mean by null. */
void af_json_drop_nulls(struct af_json *node);

/* ---- reading members ----
 * These return 1 (found; *out is set), 0 (absent; *out is untouched) or -1 (wrong type or range;
 * the error's `where` is the member's path). Asking for a member makes it known. */

struct af_json *af_json_get(struct af_json *object, const char *key);
int af_json_string(struct af_json *object, const char *key, const char **out,
                   struct af_error *err);
int af_json_bool(struct af_json *object, const char *key, bool *out, struct af_error *err);
int af_json_number(struct af_json *object, const char *key, double min, double max, double *out,
                   struct af_error *err);
int af_json_integer(struct af_json *object, const char *key, int64_t min, int64_t max,
                    int64_t *out, struct af_error *err);
int af_json_seconds(struct af_json *object, const char *key, double *out, struct af_error *err);
/* At most AF_JSON_MAX_COUNT elements. */
int af_json_array(struct af_json *object, const char *key, struct af_json **out,
                  struct af_error *err);
int af_json_object(struct af_json *object, const char *key, struct af_json **out,
                   struct af_error *err);
/* A member that is one of `names` (NULL-terminated); *out is its position. */
int af_json_choice(struct af_json *object, const char *key, const char *const *names, int *out,
                   struct af_error *err);
/* An object of strings, added to *out, which the caller frees; all its keys become known. */
int af_json_dictionary(struct af_json *object, const char *key, struct AVDictionary **out,
                       struct af_error *err);

/* For elements of an array and other nodes at hand: 0, or -1 with the node's path. */
int af_json_expect(const struct af_json *node, enum af_json_type type, struct af_error *err);

/* The same as the readers above, but a member that is absent is an error too: 0 or -1. */
int af_json_need_string(struct af_json *object, const char *key, const char **out,
                        struct af_error *err);
int af_json_need_array(struct af_json *object, const char *key, struct af_json **out,
                       struct af_error *err);

/* Fails on the first member below `node` that nobody asked for, naming its path. To be called when
 * a spec of version >= 10 has been read in full and before anything runs. */
int af_json_refuse_unknown(const struct af_json *node, struct af_error *err);

/* Records an error of class AF_SPEC whose `where` is the node's path; returns -1. */
int af_json_fail(const struct af_json *node, struct af_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The node's path, such as "outputs[0].path"; empty for the root. The caller frees `path`. */
void af_json_path(const struct af_json *node, struct af_text *path);

/* ---- the writer ----
 * `key` is NULL in an array and for the outermost value. A failed allocation sticks in text.failed.
 * Bytes that are not UTF-8 become U+FFFD. A number that is not finite is unknown: a keyed one is
 * left out, one in an array is null. */
struct af_writer {
    struct af_text text;
    unsigned depth;
    bool comma; /* the next value needs one before it */
    bool in_array[AF_JSON_MAX_DEPTH + 1];
};

void af_write_object(struct af_writer *out, const char *key);
void af_write_array(struct af_writer *out, const char *key);
/* Closes the innermost object or array. */
void af_write_end(struct af_writer *out);
void af_write_string(struct af_writer *out, const char *key, const char *string);
void af_write_integer(struct af_writer *out, const char *key, int64_t value);
void af_write_number(struct af_writer *out, const char *key, double value);
void af_write_bool(struct af_writer *out, const char *key, bool value);
/* An object of strings; NULL is an empty one. */
void af_write_dictionary(struct af_writer *out, const char *key,
                         const struct AVDictionary *dictionary);
void af_writer_free(struct af_writer *out);

#endif
