/* Where inputs end: what their demuxers say of it, and what they leave to others. */
#ifndef AF_ENDING_H
#define AF_ENDING_H

#include <stdbool.h>

struct af_input;

/* Whether the demuxer said, since the log was emptied, that a file stops in the middle: its own, or one that it reads
 * before others. */
bool af_says_cut(const struct af_input *in);

/* Whether the end that the demuxer has told is not that of the file's contents. */
bool af_ended_early(const struct af_input *in);

/* Whether what the demuxer calls incomplete is no more than the last, shorter read of a file. */
bool af_is_remainder(const struct af_input *in);

#endif
