/* What an H.264 sequence header says of the pictures, read without decoding one. */
#ifndef AF_H264_HEADER_H
#define AF_H264_HEADER_H

#include <stdbool.h>

#include <libavcodec/codec_par.h>

/*
 * Fills the pixel format, and what is still unknown of aspect ratio and colour, from the sequence
 * header in par->extradata (avcC of ISO/IEC 14496-15, 5.3.3.1). False when there is none or when it
 * says something uncommon: par is then unchanged, and a decoder has to tell.
 */
bool af_h264_describe(AVCodecParameters *par);

/*
 * Whether the decoder gives the same pictures when some that no other refers to are passed over
 * (AVDISCARD_NONREF). That is so for H.264 in whole frames whose header tells how far they are
 * reordered: without it the decoder learns that from the pictures it sees, at the price of some.
 */
bool af_h264_passable(const AVCodecParameters *par);

#endif
