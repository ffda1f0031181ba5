/* An open input: one demuxer, its seek, its loop, and the one origin that its timestamps count from.
 *
 * The life of an input: af_input_open(), af_input_find() and af_input_use() for the streams that are
 * wanted, af_input_start(), then af_input_read() until it answers 0, af_input_close(). */
#ifndef AF_INPUT_H
#define AF_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libavformat/avformat.h>

#include "queue.h"
#include "vec.h"

struct af_error;
struct af_json;

struct af_input_spec {
    const char *path;            /* NULL when `concat` is used */
    AF_VEC(const char *) concat; /* files joined by the concat demuxer */
    const char *format;          /* the demuxer; NULL to probe */
    AVDictionary *options;       /* of the demuxer */
    bool seek, accurate;
    double start;                /* seconds; of the seek */
    int64_t loop;                /* more times to read it, -1 for ever */
    bool autorotate;
};

/* Reads one element of inputs[]; `spec` must be zeroed. */
int af_input_spec_read(struct af_input_spec *spec, struct af_json *node, struct af_error *err);
void af_input_spec_free(struct af_input_spec *spec);

struct af_input {
    struct af_text log;          /* first: what the demuxer said of its errors (log.h) */
    const struct af_input_spec *spec;
    char where[48];              /* "inputs[0]" */
    AVFormatContext *ctx;
    int64_t origin;              /* microseconds of source time that are time 0 of the job */
    bool exact;                  /* a seek means the very place, not the key frame before it */
    bool sought;                 /* packets before time 0 may come: the frames are to be dropped */
    bool skip_corrupt;           /* count what cannot be read, and go on */
    int64_t corrupt;             /* packets that could not be read, or came damaged */
    int64_t position;            /* microseconds: how far demuxing has come */
    unsigned generation;         /* how many times the input was read before, with `loop` */
    bool ended;
    bool awaited;                /* a lane waits for what is read of it: schedule.c */

    AF_VEC(bool) used;           /* by stream */
    struct af_queue held;        /* read to find the origin, not yet handed out */
    AVPacket *packet;            /* scratch of that search */
    AF_VEC(int64_t) begins;      /* microseconds of job time at which each generation begins */
    int64_t loop_shift, loop_end; /* microseconds */
    int64_t loop_packets;
    struct af_list_file *list;   /* the generated concat list */

    int (*open)(AVFormatContext *ctx, AVIOContext **io, const char *url, int flags,
                AVDictionary **options); /* the library's own opener of files */
    int missing_error;           /* why the first file that could not be opened could not, or 0 */
    char *missing;               /* its name, if there was memory for it */
};

/* Opens the demuxer, with every option consumed, and reads the streams' parameters. */
int af_input_open(struct af_input *in, const struct af_input_spec *spec, size_t index,
                  struct af_error *err);

/* The stream that a specifier without its input means: "v", "a:1", "s", "3"; -1 when there is none
 * (no error is recorded). "v" is the first video that is not a cover picture, if there is one. */
int af_input_find(const struct af_input *in, const char *specifier);

/* Asks for the packets of a stream. */
void af_input_use(struct af_input *in, int stream);

/* Seeks as the spec says and fixes the origin. */
int af_input_start(struct af_input *in, struct af_error *err);

/* The next packet of a stream in use, its timestamps counted from the origin, in the time base of
 * its stream; packet->opaque holds the generation. 1, or 0 at the end, or -1. */
int af_input_read(struct af_input *in, AVPacket *packet, struct af_error *err);

/* Goes on reading at a key frame of the stream at or before `time`, microseconds from the origin, so
 * far as the demuxer knows; false when it cannot, and then reading goes on as it was. */
bool af_input_jump(struct af_input *in, int stream, int64_t time);

/* Where the generation of a packet begins on the job's time line, in the stream's time base: what
 * lies before it in an input that was sought is not to be shown. */
int64_t af_input_begin(const struct af_input *in, unsigned generation, AVRational base);

void af_input_close(struct af_input *in);

/* The URL of a file in the VFS: a name such as "a:b.mp4" must not be taken for a protocol's. The
 * caller frees it with av_free(); NULL without memory. */
char *af_file_url(const char *path);

#endif
