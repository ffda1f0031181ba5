/* Where inputs end: what their demuxers say of it, and what they leave to others. */
#ifndef AF_ENDING_H
#define AF_ENDING_H

#include <stdbool.h>

#include <libavcodec/packet.h>

struct af_input;

/* Whether the end that the demuxer has told is not that of the file's contents. */
bool af_ended_early(const struct af_input *in);

/* Whether a packet that the demuxer calls incomplete is what is left behind the last whole block. */
bool af_is_remainder(const struct af_input *in, const AVPacket *packet);

#endif
