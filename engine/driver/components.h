/* Components: what this build of the libraries registered, by kind. */
#ifndef AF_COMPONENTS_H
#define AF_COMPONENTS_H

#include <stdbool.h>
#include <stddef.h>

struct af_error;
struct af_text;

enum af_kind {
    AF_ENCODER,
    AF_DECODER,
    AF_MUXER,
    AF_DEMUXER,
    AF_FILTER,
    AF_BITSTREAM_FILTER,
    AF_PROTOCOL,
    AF_PARSER, /* by the names of the codecs it parses: a parser has none of its own */
    AF_KIND_COUNT
};

/* "encoder" and "encoders". */
const char *af_kind_name(enum af_kind kind);
const char *af_kind_plural(enum af_kind kind);

/* Calls `visit` for every name of every component; a format of several names is visited by each.
 * The name is not NUL-terminated. */
void af_each_component(enum af_kind kind,
                       void (*visit)(void *context, const char *name, size_t length),
                       void *context);

/* Records that there is no such component, naming it and listing those that there are. */
int af_fail_not_in_build(struct af_error *err, enum af_kind kind, const char *name,
                         const char *where);

/* The same, listing only what has this media type (of encoders and decoders). `type` is an
 * enum AVMediaType. */
int af_fail_no_codec(struct af_error *err, enum af_kind kind, int type, const char *name,
                     const char *where);

#endif
