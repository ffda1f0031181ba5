/* The files that an input refers to: segments of a playlist, pictures of a sequence. */
#ifndef AF_PARTS_H
#define AF_PARTS_H

#include <stdbool.h>

struct af_error;
struct af_input;

/* Has the demuxer open its files through us. in->ctx is new and not open yet. */
void af_parts_watch(struct af_input *in);

/* Whether the demuxer met a file that it could not open, beside the input's own. */
bool af_parts_missing(const struct af_input *in);

/* Fails with the name of that file. */
int af_parts_fail(const struct af_input *in, struct af_error *err);

/* Fails if the demuxer met a file that it could not open, or counts it where damage is passed over. */
int af_parts_check(struct af_input *in, struct af_error *err);

/* Makes a playlist without an end end after the last segment that it has now. */
void af_parts_end_playlist(struct af_input *in);

#endif
