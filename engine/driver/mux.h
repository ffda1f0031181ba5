/* An output: its muxer, the files it writes, and the checks that make "done" mean done. */
#ifndef AF_MUX_H
#define AF_MUX_H

#include <stdbool.h>
#include <stdint.h>

#include <libavformat/avformat.h>

#include "attach.h"
#include "spec.h"
#include "vec.h"

struct af_analysis;
struct af_error;
struct af_graph;
struct af_input;
struct af_lane;
struct af_names;

struct af_output {
    struct af_text log;             /* first: what the muxer said of its errors (log.h) */
    const struct af_output_spec *spec;
    char where[32];                 /* "outputs[0]" */
    AVFormatContext *oc;
    AF_VEC(struct af_lane *) lanes; /* in the order of the streams */
    AF_VEC(char *) files;           /* opened for writing, by URL, each once */
    struct af_names *written;       /* the same of all outputs of the job */
    AF_VEC(struct af_attachment) attached;
    AVDictionary *unused;           /* shared encoder options that no encoder took yet */
    struct af_input *const *inputs;
    size_t input_count;
    struct af_graph *graph;
    struct af_analysis *analysis;
    AVPacket *packet;               /* scratch */
    int (*open)(AVFormatContext *s, AVIOContext **pb, const char *url, int flags,
                AVDictionary **options);
    int (*close)(AVFormatContext *s, AVIOContext *pb);
    int io_error;                   /* the first failed write or close of any file */
    char *refused;                  /* the first file that the muxer may not write, and why */
    int64_t reordered;              /* packets whose decode time had to be moved */
    int64_t size;                   /* bytes in all files, known when finished */
    bool bitexact, complete, header, finished;
};

/* Chooses the muxer and gives it its options; nothing is written. */
int af_output_open(struct af_output *out, const struct af_output_spec *spec, size_t index,
                   struct af_error *err);

/* All lanes have been added: the header is written as soon as all are ready. */
int af_output_complete(struct af_output *out, struct af_error *err);

/* The lane's parameters are known. */
int af_output_lane_ready(struct af_lane *lane, struct af_error *err);

/* Takes what `packet` holds, with times in lane->base on the job's time line. */
int af_output_write(struct af_lane *lane, AVPacket *packet, struct af_error *err);

/* The lane gives no more packets. */
int af_output_lane_end(struct af_lane *lane, struct af_error *err);

/* Writes the trailer, closes the files and looks at what is there. */
int af_output_finish(struct af_output *out, struct af_error *err);

/* An error that came out of the filter graph at one of this output's sinks. */
int af_output_graph_error(struct af_output *out, int code, struct af_error *err);

void af_output_free(struct af_output *out);

#endif
