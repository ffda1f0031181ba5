/* The filter graph of a job: one graph, its sources, and the pads that outputs claim. */
#ifndef AF_GRAPH_H
#define AF_GRAPH_H

#include <stdbool.h>

#include <libavfilter/avfilter.h>

#include "vec.h"

struct af_decoder;
struct af_error;
struct af_lane;
struct af_source;

/* An open output pad of the filter. */
struct af_pad {
    const char *label;         /* without brackets */
    AVFilterContext *filter;
    int index;
    enum AVMediaType type;
    const struct af_lane *claimed;
};

/* An open input pad of the filter. */
struct af_entry {
    const char *label;         /* such as "0:v"; NULL for an unlabelled pad */
    AVFilterContext *filter;
    int index;
    enum AVMediaType type;
};

struct af_graph {
    AVFilterGraph *graph;
    AVFilterInOut *open_inputs, *open_outputs;
    AF_VEC(struct af_entry) entries;
    AF_VEC(struct af_pad) pads;
    AF_VEC(struct af_source *) sources;
    struct af_text log;        /* what the libraries said of this graph */
};

/* Parses and creates the filters of `filter` (NULL: none) and lists the open pads. */
int af_graph_parse(struct af_graph *graph, const char *filter, struct af_error *err);

/* Looks whether the build has the filters of a graph; a graph that cannot be parsed passes. */
int af_graph_check_names(const char *filter, const char *where, struct af_error *err);

struct af_pad *af_graph_pad(struct af_graph *graph, const char *label);

/* A new source of the decoder's frames. */
struct af_source *af_graph_source(struct af_graph *graph, struct af_decoder *dec,
                                  struct af_error *err);

/* Links a source to an entry of the filter. */
int af_graph_enter(struct af_graph *graph, const struct af_entry *entry, struct af_source *source,
                   struct af_error *err);

/* Makes the lane's sink, held to what its encoder takes, behind a pad or directly a source. */
int af_graph_sink(struct af_graph *graph, struct af_lane *lane, struct af_pad *pad,
                  struct af_source *source, struct af_error *err);

/* Negotiates the formats. No filter is added after this. */
int af_graph_configure(struct af_graph *graph, struct af_error *err);

/* A rate mode cfr without a rate takes the source's: the filter does not look whether there is one. */
int af_graph_check_rate(const struct af_lane *lane, struct af_error *err);

/* The sources before the lane's sink, into lane->sources; counts the lane as one that wants them. */
int af_graph_trace(struct af_graph *graph, struct af_lane *lane, struct af_error *err);

/* An error of the graph with what the libraries said of it. */
int af_graph_fail(struct af_graph *graph, struct af_error *err, int av_error, const char *what);

void af_graph_free(struct af_graph *graph);

#endif
