/* The copy lane: packets of an input stream straight to the muxer. */
#ifndef AF_COPY_H
#define AF_COPY_H

#include <stdbool.h>

#include "encode.h"

struct af_error;
struct af_lane;
struct AVOutputFormat;
struct AVStream;

/* What a muxer does with a stream of pictures as the cover of its file, when it is copied. */
enum af_cover {
    AF_COVER_NONE, /* the pictures are no cover and may be a stream of their own */
    AF_COVER_TAKEN,
    AF_COVER_REFUSED
};

/* Whether the container's muxer keeps a cover picture apart from its streams. */
bool af_copy_keeps_covers(const struct AVOutputFormat *format);

enum af_cover af_copy_cover(const struct AVOutputFormat *format, const struct AVStream *stream);

/* Takes the parameters of the input stream and readies the lane for the header. */
int af_copy_prepare(struct af_lane *lane, struct af_error *err);

/* Fills in the decode times of what the lane's queue begins with. False: more packets have to be seen. */
bool af_copy_know_decode_times(struct af_lane *lane);

/* The window of a stream with few packets, such as subtitles, ends with that of the others: no packet
 * need come to tell. */
bool af_copy_window_passed(const struct af_lane *lane);

/* Hands one packet on. */
enum af_step af_copy_step(struct af_lane *lane, struct af_error *err);

#endif
