/* The shape of a video frame: what a filter graph must be told of its frames before it is built. */
#ifndef AF_SHAPE_H
#define AF_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include <libavfilter/avfilter.h>
#include <libavutil/frame.h>

struct af_error;

struct af_shape {
    int width, height, format;
    enum AVColorSpace space;
    enum AVColorRange range;
    enum AVAlphaMode alpha;
    AVRational sar;
    bool turned;
    uint8_t matrix[9 * sizeof(int32_t)]; /* the display matrix */
};

void af_shape_read(struct af_shape *shape, const AVFrame *frame);
bool af_shape_same(const struct af_shape *a, const struct af_shape *b);

/* Adds a source of such frames, whose times are microseconds. */
int af_shape_source(const struct af_shape *shape, AVFilterGraph *graph, AVFilterContext **source,
                    struct af_error *err);

/* Adds a filter behind *last and makes it the new last one. `where` is the field that the options
 * come from; it may be NULL, and so may `options`. */
int af_filter_append(AVFilterGraph *graph, AVFilterContext **last, const char *name,
                     const char *options, const char *where, struct af_error *err);

#endif
