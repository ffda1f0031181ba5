/* One output stream: a lane leads from an input stream (copied) or from a pad of the filter graph
 * (encoded) into the muxer of its output. */
#ifndef AF_LANE_H
#define AF_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/fifo.h>

#include "gap.h"
#include "queue.h"
#include "spec.h"
#include "vec.h"

struct af_output;
struct af_smart;
struct af_source;
struct af_subtitle;

/* What a source gave to a lane's graph since the lane asked for it in vain. */
struct af_given {
    unsigned frames;
    size_t bytes;
};

struct af_lane {
    struct af_text log;             /* first: what the encoder said of its errors (log.h) */
    struct af_output *out;
    char where[64];                 /* "outputs[0].map[1]" */
    const struct af_map_spec *map;  /* NULL when the stream was chosen by default */
    enum AVMediaType type;
    bool copied;

    /* The input stream it comes from. For an encoded one: the nearest of its kind before the sink, or
     * NULL when there is none; its tags, its origin and its rotation are carried. */
    struct af_input *in;
    int in_stream;

    /* Encoded, or cut smartly. */
    const AVCodec *codec;           /* NULL for what is copied as it is */
    AVCodecContext *enc;
    AVDictionary *private_options;  /* pix_fmt, ar, ac, ...: taken by the sink, not the encoder */
    bool bit_rate_given, quality_given;
    AVFilterContext *sink;
    AF_VEC(struct af_source *) sources;
    AF_VEC(struct af_given) given;  /* by source */
    unsigned made;                  /* frames that came out since the lane last starved */
    AVFrame *frame;
    AVFifo *taken;                  /* frames that left the sink before their turn: encode.c */
    size_t taken_bytes;
    const uint8_t *taken_last;      /* the data of the last that was put there */
    struct af_gap gap;              /* before the next frame: gap.c */
    int64_t next_pts;               /* in enc->time_base */
    int64_t shown;                  /* when the last picture of a GIF or of the rate mode vfr began:
                                     * hundredths of a second, or quarters of frames of the rate */

    struct af_subtitle *subtitle;   /* of text that is converted, else NULL */
    struct af_smart *smart;         /* of a copied one whose edges are encoded, else NULL */

    /* Fed with packets: copied, or converted text. */
    struct af_queue queue;
    AVPacket *packet;               /* the one whose turn it is */
    bool started;                   /* a key packet was seen */

    /* Into the muxer. */
    AVCodecParameters *par;         /* set when the lane is ready for the header */
    AVRational base;                /* of the packets that the lane hands over, to bsf if there is one */
    AVRational frame_rate;
    AVBSFContext *bsf;
    bool no_filters;                /* not the muxer's own bitstream filters either */
    AVStream *stream;
    struct af_queue pending;        /* written before the header */
    int64_t last_dts;               /* in the stream's time base */
    int64_t shift;                  /* microseconds added to every time: copy_ts */

    int64_t limit;                  /* microseconds on the job's time line, INT64_MAX for none */
    int64_t clock;                  /* microseconds: how far the lane has come */
    bool ready, finished;
    bool waits;                     /* while others go on with what was read for it */

    int64_t frames, packets, bytes;
    int64_t start, end;             /* microseconds of what was written */
    AVDictionary *seen;             /* the last lavfi.* values of this lane's frames */
};

/* What its packets are when they reach the muxer: bitstream filters may change both. */
static inline const AVCodecParameters *af_lane_muxed_par(const struct af_lane *lane)
{
    return lane->bsf ? lane->bsf->par_out : lane->par;
}

static inline AVRational af_lane_muxed_base(const struct af_lane *lane)
{
    return lane->bsf ? lane->bsf->time_base_out : lane->base;
}

/* Whether the lane takes packets of its input stream, and no frames of the graph. */
static inline bool af_lane_takes_packets(const struct af_lane *lane)
{
    return lane->copied || lane->subtitle;
}

#endif
