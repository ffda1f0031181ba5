/* A converter: turns decoded frames into pictures of the size and format that are wanted. */
#ifndef AF_CONVERT_H
#define AF_CONVERT_H

#include <stdbool.h>

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>

#include "shape.h"

struct af_error;

struct af_converter {
    const AVCodec *codec; /* the encoder that takes the pictures; NULL: they are to be RGB of 8 bits */
    const char *scale;    /* options of the scale filter; NULL keeps the size */
    bool autorotate;
    struct af_shape shape; /* of the frames that the graph was built for */
    AVFilterGraph *graph;
    AVFilterContext *source, *sink;
    AVFrame *turned, *image;
};

/* The strings must outlive the converter. */
int af_convert_open(struct af_converter *converter, const AVCodec *codec, const char *scale,
                    bool autorotate, struct af_error *err);

/* Leaves the picture in converter->image. */
int af_convert(struct af_converter *converter, const AVFrame *frame, struct af_error *err);

void af_convert_close(struct af_converter *converter);

#endif
