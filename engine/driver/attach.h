/* Files that an output carries beside its streams: cover pictures and attachments. */
#ifndef AF_ATTACH_H
#define AF_ATTACH_H

#include <stddef.h>
#include <stdint.h>

#include <libavcodec/codec_id.h>

struct AVStream;
struct af_attachment_spec;
struct af_error;
struct af_output;

struct af_attachment {
    const struct af_attachment_spec *spec;
    uint8_t *data;            /* with the padding that codecs ask for */
    size_t size;
    const char *mime;
    enum AVCodecID picture;   /* of a cover */
    int width, height;
    struct AVStream *stream;
};

/* Reads the files of the output's attachments and looks whether its muxer takes them. */
int af_attachments_open(struct af_output *out, struct af_error *err);

/* Adds their streams, after those of the lanes. */
int af_attachments_add(struct af_output *out, struct af_error *err);

/* Gives the covers to the muxer, which has written its header. */
int af_attachments_write(struct af_output *out, struct af_error *err);

void af_attachments_free(struct af_output *out);

#endif
