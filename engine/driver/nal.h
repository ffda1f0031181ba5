/* NAL units of H.264 and HEVC: which a packet holds, and what puts pictures of two encoders into one
 * stream: parameter sets before the key frames where they change, all in one format of packets. */
#ifndef AF_NAL_H
#define AF_NAL_H

#include <stdbool.h>

#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>

/* Whether the key packet begins with a picture that no later one in decoding order looks behind: of H.264
 * and HEVC an IDR picture. Key frames of other codecs are told by their leading pictures alone. */
bool af_nal_is_idr(const AVCodecParameters *par, const AVPacket *packet);

/* Puts the stream's own headers into its packet, where it has none: the parameter sets of H.264 and
 * HEVC, and what other codecs keep in front of their pictures. 0 or an AVERROR. */
int af_nal_insert_headers(const AVCodecParameters *par, AVPacket *packet);

/* Turns a packet of an encoder, which has start codes, into the format of the stream's packets. 0 or an
 * AVERROR. */
int af_nal_match_format(const AVCodecParameters *par, AVPacket *packet);

#endif
