/* A picture maker: turns decoded frames into image files, one file a frame. */
#ifndef AF_PICTURE_H
#define AF_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include <libavcodec/avcodec.h>

#include "convert.h"

struct af_error;

struct af_picture_maker {
    const AVCodec *codec;
    struct af_converter converter;
    AVPacket *packet;
    int64_t bytes; /* written so far */
};

/* `codec` is an encoder of images; the strings must outlive the maker. */
int af_picture_open(struct af_picture_maker *maker, const char *codec, const char *scale,
                    bool autorotate, struct af_error *err);

/* Turns, scales, converts and encodes the frame, and writes the file. */
int af_picture_write(struct af_picture_maker *maker, const AVFrame *frame, const char *path,
                     struct af_error *err);

void af_picture_close(struct af_picture_maker *maker);

#endif
