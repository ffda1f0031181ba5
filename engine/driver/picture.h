/* A picture maker: turns decoded frames into image files, one file a frame. */
#ifndef AF_PICTURE_H
#define AF_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>

#include "shape.h"

struct af_error;

struct af_picture_maker {
    const AVCodec *codec;
    const char *scale;  /* options of the scale filter; NULL keeps the size */
    bool autorotate;
    struct af_shape shape; /* of the frames that the graph was built for */
    AVFilterGraph *graph;
    AVFilterContext *source, *sink;
    AVFrame *turned, *image;
    AVPacket *packet;
    int64_t bytes;      /* written so far */
};

/* `codec` is an encoder of images; the strings must outlive the maker. */
int af_picture_open(struct af_picture_maker *maker, const char *codec, const char *scale,
                    bool autorotate, struct af_error *err);

/* Turns, scales, converts and encodes the frame, and writes the file. */
int af_picture_write(struct af_picture_maker *maker, const AVFrame *frame, const char *path,
                     struct af_error *err);

void af_picture_close(struct af_picture_maker *maker);

#endif
