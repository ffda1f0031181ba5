/* The subtitle lane: packets of text through a decoder and an encoder to the muxer, past the graph. */
#ifndef AF_SUBTITLE_H
#define AF_SUBTITLE_H

#include <stdint.h>

#include "encode.h"

struct AVCodecContext;
struct af_lane;

struct af_subtitle {
    struct AVCodecContext *dec;
    uint8_t *buffer;   /* for one encoded line */
    unsigned generation; /* of the last packet: where the input's window was */
};

/* Finds the encoder (`name`, or by NULL the muxer's own) and the decoder, gives the encoder its options
 * as af_encoder_prepare() does, and readies the lane for the header. */
int af_subtitle_prepare(struct af_lane *lane, const char *name, const struct AVDictionary *own,
                        const struct AVDictionary *shared, struct af_error *err);

/* Converts one packet. */
enum af_step af_subtitle_step(struct af_lane *lane, struct af_error *err);

enum af_subtitle_fit {
    AF_SUBTITLE_BEFORE, /* it has gone when the output begins */
    AF_SUBTITLE_FITS,   /* its time is cut to the output's window */
    AF_SUBTITLE_AFTER   /* it comes when the output has ended */
};

/* A line is shown for as long as the output and it have in common: `start` and `length` are in
 * lane->base, a length of 0 or less is not known; `generation` is that of the packet. */
enum af_subtitle_fit af_subtitle_window(const struct af_lane *lane, unsigned generation,
                                        int64_t *start, int64_t *length);

void af_subtitle_free(struct af_lane *lane);

#endif
