/* What the files of an input share among themselves: opening (input.c), seeking (input_seek.c) and
 * reading (input_read.c). */
#ifndef AF_INPUT_WITHIN_H
#define AF_INPUT_WITHIN_H

#include "input.h"

/* The input's name for messages: its path, or that of its first file. */
const char *af_input_label(const struct af_input *in);

bool af_input_is_cover(const AVStream *stream);

/* Opens the demuxer of in->spec into in->ctx, which is empty. */
int af_input_open_demuxer(struct af_input *in, struct af_error *err);

/* Has the demuxer pass over the streams that are not in use. It may itself discard a stream whose end it has
 * come to: told anew before every seek. */
void af_input_discard(struct af_input *in);

/* Microseconds: the first time of the file, 0 where it is not known. */
int64_t af_input_first(const struct af_input *in);

/* Goes back to the first packet. A code of libav. */
int af_input_rewind(struct af_input *in);

/* av_read_frame() with the policy on what cannot be read, its times as the file has them. 1, or 0 at the end,
 * or -1. */
int af_input_demux(struct af_input *in, AVPacket *packet, struct af_error *err);

#endif
