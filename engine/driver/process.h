/* The process operation: the state of one job. */
#ifndef AF_PROCESS_H
#define AF_PROCESS_H

#include <libavcodec/packet.h>

#include "decode.h"
#include "graph.h"
#include "input.h"
#include "mux.h"
#include "names.h"
#include "progress.h"
#include "report.h"
#include "spec.h"
#include "vec.h"

struct af_error;
struct af_lane;
struct af_source;

/* Of a pad that is an input stream itself, not a filter's. */
struct af_direct {
    struct af_lane *lane;
    struct af_decoder *dec;
};

struct af_process {
    struct af_process_spec spec;
    AF_VEC(struct af_input *) inputs;
    AF_VEC(struct af_decoder *) decoders;
    AF_VEC(struct af_output *) outputs;
    AF_VEC(struct af_lane *) lanes;
    AF_VEC(struct af_direct) direct;
    AF_VEC(struct af_decoder *) entered; /* by entry of the graph */
    struct af_graph graph;
    struct af_analysis analysis;
    struct af_progress progress;
    struct af_names written;     /* what outputs write, each file with its output, and attachments with none */
    AVPacket *packet;
    unsigned waiting;            /* lanes whose turn it is while others go on: schedule.c */
};

/* Makes every lane of every output, the decoders they need, and the filter graph. */
int af_plan(struct af_process *job, struct af_error *err);

/* Makes the lanes of one output. */
int af_job_lanes(struct af_process *job, struct af_output *out, struct af_error *err);

/* "0:a:1" names a stream of an input. 0 and the two, or -1 with an error of class AF_MAP. */
int af_job_stream(struct af_process *job, const char *name, const char *where,
                  struct af_input **in, int *stream, struct af_error *err);

/* The decoder of a stream, made when there is none yet. */
struct af_decoder *af_job_decoder(struct af_process *job, struct af_input *in, int stream,
                                  struct af_error *err);

/* Runs what af_plan() made to its end. 0, or -1. */
int af_schedule(struct af_process *job, struct af_error *err);

/* Reads one packet of an input and gives it to all that want it. 1, 0 at the input's end, -1. */
int af_pump(struct af_process *job, struct af_input *in, struct af_error *err);

#endif
