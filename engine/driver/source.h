/* A source of the filter graph: where decoded frames of one stream enter it. */
#ifndef AF_SOURCE_H
#define AF_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include <libavfilter/avfilter.h>
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>

struct SwrContext;
struct SwsContext;
struct af_decoder;
struct af_error;

struct af_source {
    struct af_decoder *dec;
    AVFilterContext *ctx;
    AVFilterContext *last;      /* what the rest of the graph is linked to: ctx or its rotation */
    AVFrame *shape;             /* without data: the format that the graph was made for */
    AVFrame *converted;
    struct SwsContext *sws;
    struct SwrContext *swr;
    int wanted;                 /* unfinished output streams that it leads to */
    bool closed;                /* the graph takes no more of it, or it has ended */
};

/* Makes the buffer source for the decoder's stream in `graph`, behind it the rotation that the
 * display matrix asks for. */
int af_source_open(struct af_source *source, struct af_decoder *dec, AVFilterGraph *graph,
                   size_t index, struct af_error *err);

/* Gives the frame to the graph, converted to the source's format should the stream have changed its
 * own. It stays the caller's unless it is the `last` time that it is given: then it may be empty. */
int af_source_push(struct af_source *source, AVFrame *frame, bool last, struct af_error *err);
int af_source_end(struct af_source *source, struct af_error *err);

void af_source_free(struct af_source *source);

#endif
