/* The smart cut of a copied video lane: the groups of pictures that its window cuts are encoded again
 * where they must be, and the rest is copied.
 *
 * One group of packets is held at a time, from a key packet to the next, and where groups are open the
 * one before it too: that is the bound of its memory. */
#ifndef AF_SMART_H
#define AF_SMART_H

#include <stdbool.h>
#include <stdint.h>

#include "decode.h"
#include "encode.h"
#include "queue.h"
#include "vec.h"

struct af_error;
struct af_lane;

/* Times are in the base of the input stream, on the job's time line. */
struct af_smart {
    struct af_queue held;      /* packets from the last key packet on, in decoding order */
    struct af_queue before;    /* the group before them, while what is held may refer to it */
    AVPacket *packet;          /* scratch; that of the output is in use while its header is written */
    bool copying;              /* what is held continues what was copied */
    bool passed;               /* a picture at or behind the window's end is held */
    bool headers;              /* encoded pictures were the last: the next key packet needs headers */
    int64_t delay;             /* the greatest pts - dts of a key packet, 0 or more */
    int64_t last_dts;          /* of what was written, INT64_MIN before */
    int64_t reencoded;         /* pictures */

    /* A run of pictures that are decoded and encoded, from `from` to the window's end. */
    struct af_decoder *dec;    /* NULL between two runs */
    int64_t from;
    AF_VEC(int64_t) times;     /* of the pictures of a run whose encoder only counts them */
    bool opened;               /* the run's encoder is open */
    bool used;                 /* lane->enc was the encoder of a run: the next one needs another */
};

/* Makes lane->smart of a copied lane, and its encoder where this build has one. */
int af_smart_prepare(struct af_lane *lane, struct af_error *err);

/* Takes one packet of the lane's queue, or finishes the lane. */
enum af_step af_smart_step(struct af_lane *lane, struct af_error *err);

void af_smart_free(struct af_lane *lane);

/* Sets the encoder of the lane up for a run, with the options that the job has for it. */
int af_smart_encoder(struct af_lane *lane, struct af_error *err);

/* Hands a packet to the muxer, and takes what it holds. */
int af_smart_write(struct af_lane *lane, AVPacket *packet, struct af_error *err);

/* Begins a run; pictures before `from` are decoded alone. */
int af_smart_run_begin(struct af_lane *lane, int64_t from, struct af_error *err);

/* Decodes the first `count` packets of the queue, and encodes what comes out and is wanted. */
int af_smart_run_feed(struct af_lane *lane, const struct af_queue *packets, size_t count,
                      struct af_error *err);

/* Brings out what the decoder and the encoder hold. */
int af_smart_run_end(struct af_lane *lane, struct af_error *err);

#endif
