/* Decoding of one input stream, on demand, into the sources of the filter graph that want it. */
#ifndef AF_DECODE_H
#define AF_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>

#include "input.h"
#include "queue.h"
#include "vec.h"

struct af_source;

struct af_decoder {
    struct af_input *in;
    int stream;
    AVCodecContext *ctx;            /* opened with the first packet */
    struct af_queue queue;          /* compressed, waiting for demand */
    AF_VEC(struct af_source *) sources;
    AVPacket *packet;
    AVFrame *frame;
    AVFrame *first;                 /* decoded to learn the format, not yet handed out */
    AVRational base;                /* of the frames handed out */
    int64_t next_pts;
    uint64_t frames;                /* that went into the graph */
    size_t frame_bytes;             /* of the last of them */
    unsigned generation;
    bool passes;                    /* pictures that nothing refers to may be passed over */
    bool draining, ended, failed_once;
};

enum af_feed {
    AF_FEED_ERROR = -1,
    AF_FEED_FRAME,   /* at least one frame, or the end, went into the graph */
    AF_FEED_STARVING /* it needs a packet and its queue is empty */
};

int af_decoder_init(struct af_decoder *dec, struct af_input *in, int stream, struct af_error *err);

/* Decodes until a frame came out; `input_ended` says that no packet will follow those queued. */
enum af_feed af_decoder_feed(struct af_decoder *dec, bool input_ended, struct af_error *err);

/* The same, but keeps the frame in dec->first, so that the graph can be made after it. */
enum af_feed af_decoder_prime(struct af_decoder *dec, bool input_ended, struct af_error *err);

/* True when the container does not say enough of the pictures to make a graph. */
bool af_decoder_needs_prime(const struct af_decoder *dec);

/* The pictures' rate, 0/1 when it is unknown. */
AVRational af_decoder_frame_rate(const struct af_decoder *dec);

/* True while a source of it is wanted by an unfinished output. */
bool af_decoder_live(const struct af_decoder *dec);

/* The memory that holds the frame's data. */
size_t af_frame_bytes(const AVFrame *frame);

void af_decoder_free(struct af_decoder *dec);

#endif
