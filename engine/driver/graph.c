/* The filter graph of a job: one graph, its sources, and the pads that outputs claim. */
#include "graph.h"

#include <stdio.h>
#include <string.h>

#include <libavfilter/buffersink.h>
#include <libavutil/mem.h>

#include "components.h"
#include "encode.h"
#include "error.h"
#include "lane.h"
#include "log.h"
#include "source.h"

#define BLANKS " \n\t\r"

int af_graph_fail(struct af_graph *graph, struct af_error *err, int av_error, const char *what)
{
    return af_log_fail(&graph->log, err, AF_GRAPH, av_error, "filter", what);
}

/* Past blanks, and past one label such as "[0:v]" if there is one; NULL if it has no end. */
static const char *skip_label(const char *at)
{
    at += strspn(at, BLANKS);
    if (*at != '[')
        return at;
    at = strchr(at, ']');
    return at ? at + 1 : NULL;
}

/* Past the arguments of a filter: to an unquoted ',', ';' or '[', or to the end. */
static const char *skip_arguments(const char *at)
{
    for (; *at && !strchr(",;[", *at); at++) {
        if (*at == '\\' && at[1]) {
            at++;
        } else if (*at == '\'') {
            const char *end = strchr(at + 1, '\'');

            if (!end)
                return at + strlen(at);
            at = end;
        }
    }
    return at;
}

/* libav's parser calls an unknown filter's arguments the error; here the name is looked at first. What
 * else is wrong with the text is left to the parser. */
int af_graph_check_names(const char *filter, const char *where, struct af_error *err)
{
    const char *at = filter;

    while (at && *at) {
        const char *next = at + strspn(at, BLANKS);
        char name[64];
        size_t n;

        while (next && *next == '[') {
            next = skip_label(next);
            next = next ? next + strspn(next, BLANKS) : NULL;
        }
        if (!next)
            return 0;
        n = strcspn(next, "=@,;[" BLANKS);
        if (n && n < sizeof name) {
            memcpy(name, next, n);
            name[n] = 0;
            if (strcmp(name, "sws_flags") && !avfilter_get_by_name(name))
                return af_fail_not_in_build(err, AF_FILTER, name, where);
        }
        at = skip_arguments(next + n);
        while (at && *at == '[') {
            at = skip_label(at);
            at = at ? at + strspn(at, BLANKS) : NULL;
        }
        if (at && *at)
            at++;
    }
    return 0;
}

static int apply_options(struct af_graph *graph, AVFilterGraphSegment *segment,
                         struct af_error *err)
{
    int ret = avfilter_graph_segment_apply_opts(segment, 0);

    /* What is left behind a wrong value was not looked at. */
    if (ret < 0 && ret != AVERROR_OPTION_NOT_FOUND)
        return af_graph_fail(graph, err, ret, "an option of a filter is wrong");
    for (size_t i = 0; i < segment->nb_chains; i++)
        for (size_t k = 0; k < segment->chains[i]->nb_filters; k++) {
            const AVFilterParams *params = segment->chains[i]->filters[k];
            const AVDictionaryEntry *left =
                params->opts ? av_dict_iterate(params->opts, NULL) : NULL;

            if (left && params->filter)
                return af_fail(err, AF_OPTION, "filter", "the filter %s has no option %s",
                               params->filter->filter->name, left->key);
        }
    return ret < 0 ? af_graph_fail(graph, err, ret, "an option of a filter is wrong") : 0;
}

static int create(struct af_graph *graph, const char *filter, AVFilterGraphSegment **segment,
                  struct af_error *err)
{
    int ret;

    if (af_graph_check_names(filter, "filter", err))
        return -1;
    ret = avfilter_graph_segment_parse(graph->graph, filter, 0, segment);
    if (ret < 0)
        return af_graph_fail(graph, err, ret, "the filter graph cannot be parsed");
    ret = avfilter_graph_segment_create_filters(*segment, 0);
    if (ret < 0)
        return af_graph_fail(graph, err, ret, "a filter cannot be made");
    if (apply_options(graph, *segment, err))
        return -1;
    ret = avfilter_graph_segment_init(*segment, 0);
    if (ret < 0)
        return af_graph_fail(graph, err, ret, "a filter refused its options");
    ret = avfilter_graph_segment_link(*segment, 0, &graph->open_inputs, &graph->open_outputs);
    if (ret < 0)
        return af_graph_fail(graph, err, ret, "the filters cannot be linked");
    return 0;
}

static int list_pads(struct af_graph *graph, struct af_error *err)
{
    for (AVFilterInOut *each = graph->open_inputs; each; each = each->next) {
        struct af_entry *entry = af_vec_new(&graph->entries);

        if (!entry)
            return af_fail_memory(err);
        entry->label = each->name;
        entry->filter = each->filter_ctx;
        entry->index = each->pad_idx;
        entry->type = avfilter_pad_get_type(each->filter_ctx->input_pads, each->pad_idx);
    }
    for (AVFilterInOut *each = graph->open_outputs; each; each = each->next) {
        enum AVMediaType type =
            avfilter_pad_get_type(each->filter_ctx->output_pads, each->pad_idx);
        const char *label = each->name ? each->name : type == AVMEDIA_TYPE_VIDEO ? "v" : "a";
        struct af_pad *pad;

        if (af_graph_pad(graph, label))
            return af_fail(err, AF_GRAPH, "filter",
                           each->name ? "two output pads have the label [%s]"
                                      : "several output pads have no label (as [%s])",
                           label);
        pad = af_vec_new(&graph->pads);
        if (!pad)
            return af_fail_memory(err);
        pad->label = label;
        pad->filter = each->filter_ctx;
        pad->index = each->pad_idx;
        pad->type = type;
    }
    return 0;
}

int af_graph_parse(struct af_graph *graph, const char *filter, struct af_error *err)
{
    AVFilterGraphSegment *segment = NULL;
    int ret = 0;

    graph->graph = avfilter_graph_alloc();
    if (!graph->graph)
        return af_fail_memory(err);
    graph->graph->opaque = &graph->log;
    graph->graph->nb_threads = 1;
    if (filter)
        ret = create(graph, filter, &segment, err);
    avfilter_graph_segment_free(&segment);
    return ret ? ret : list_pads(graph, err);
}

struct af_pad *af_graph_pad(struct af_graph *graph, const char *label)
{
    for (size_t i = 0; i < graph->pads.n; i++)
        if (!strcmp(graph->pads.v[i].label, label))
            return &graph->pads.v[i];
    return NULL;
}

struct af_source *af_graph_source(struct af_graph *graph, struct af_decoder *dec,
                                  struct af_error *err)
{
    struct af_source **slot = af_vec_new(&graph->sources);

    if (!slot || !(*slot = av_mallocz(sizeof **slot))) {
        af_fail_memory(err);
        return NULL;
    }
    if (af_source_open(*slot, dec, graph->graph, graph->sources.n - 1, err))
        return NULL;
    return *slot;
}

int af_graph_enter(struct af_graph *graph, const struct af_entry *entry, struct af_source *source,
                   struct af_error *err)
{
    int ret = avfilter_link(source->last, 0, entry->filter, (unsigned)entry->index);

    return ret < 0 ? af_graph_fail(graph, err, ret, "an input does not fit its pad") : 0;
}

/* A constant rate is the work of a filter before the sink. */
static int hold_rate(struct af_graph *graph, const struct af_lane *lane, AVFilterContext **from,
                     unsigned *index, struct af_error *err)
{
    const AVFilter *filter = avfilter_get_by_name("fps");
    AVFilterContext *made;
    char name[96], args[64] = "fps=source_fps";
    AVRational rate;
    int ret;

    if (!lane->map || lane->map->rate_mode != AF_RATE_CFR)
        return 0;
    if (!filter)
        return af_fail_not_in_build(err, AF_FILTER, "fps", lane->where);
    rate = lane->map->frame_rate;
    if (rate.num > 0)
        snprintf(args, sizeof args, "fps=%d/%d", rate.num, rate.den);
    snprintf(name, sizeof name, "rate %s", lane->where);
    ret = avfilter_graph_create_filter(&made, filter, name, args, NULL, graph->graph);
    if (ret >= 0)
        ret = avfilter_link(*from, *index, made, 0);
    if (ret < 0)
        return af_graph_fail(graph, err, ret, "a stream does not take a constant rate");
    *from = made;
    *index = 0;
    return 0;
}

int af_graph_sink(struct af_graph *graph, struct af_lane *lane, struct af_pad *pad,
                  struct af_source *source, struct af_error *err)
{
    bool video = lane->type == AVMEDIA_TYPE_VIDEO;
    AVFilterContext *from = pad ? pad->filter : source->last;
    unsigned index = pad ? (unsigned)pad->index : 0;
    char name[96];
    int ret;

    snprintf(name, sizeof name, "sink %s", lane->where);
    lane->sink = avfilter_graph_alloc_filter(
        graph->graph, avfilter_get_by_name(video ? "buffersink" : "abuffersink"), name);
    if (!lane->sink)
        return af_fail_memory(err);
    if (af_encoder_constrain(lane, err))
        return -1;
    if (hold_rate(graph, lane, &from, &index, err))
        return -1;
    ret = avfilter_init_dict(lane->sink, NULL);
    if (ret >= 0)
        ret = avfilter_link(from, index, lane->sink, 0);
    if (ret < 0)
        return af_graph_fail(graph, err, ret, "an output does not fit its pad");
    if (pad)
        pad->claimed = lane;
    return 0;
}

int af_graph_configure(struct af_graph *graph, struct af_error *err)
{
    int ret = avfilter_graph_config(graph->graph, NULL);

    return ret < 0 ? af_graph_fail(graph, err, ret, "the filter graph cannot be set up") : 0;
}

int af_graph_check_rate(const struct af_lane *lane, struct af_error *err)
{
    AVRational rate;

    if (!lane->map || lane->map->rate_mode != AF_RATE_CFR)
        return 0;
    rate = av_buffersink_get_frame_rate(lane->sink);
    return rate.num > 0 && rate.den > 0
               ? 0
               : af_fail(err, AF_OPTION, lane->where,
                         "the source tells no rate to hold the pictures to: give a frame_rate");
}

static struct af_source *source_of(const struct af_graph *graph, const AVFilterContext *filter)
{
    for (size_t i = 0; i < graph->sources.n; i++)
        if (graph->sources.v[i]->ctx == filter)
            return graph->sources.v[i];
    return NULL;
}

int af_graph_trace(struct af_graph *graph, struct af_lane *lane, struct af_error *err)
{
    AF_VEC(AVFilterContext *) reached = { 0 };
    AVFilterContext **slot = af_vec_new(&reached);
    int ret = 0;

    if (slot)
        *slot = lane->sink;
    else
        ret = af_fail_memory(err);
    for (size_t i = 0; !ret && i < reached.n; i++) {
        AVFilterContext *filter = reached.v[i];
        struct af_source *source = source_of(graph, filter);

        if (source) {
            struct af_source **kept = af_vec_new(&lane->sources);

            if (!kept || !af_vec_new(&lane->given)) {
                ret = af_fail_memory(err);
                break;
            }
            *kept = source;
            source->wanted++;
        }
        for (unsigned k = 0; !ret && k < filter->nb_inputs; k++) {
            AVFilterContext *before = filter->inputs[k] ? filter->inputs[k]->src : NULL;
            bool known = !before;

            for (size_t j = 0; j < reached.n && !known; j++)
                known = reached.v[j] == before;
            if (known)
                continue;
            slot = af_vec_new(&reached);
            if (slot)
                *slot = before;
            else
                ret = af_fail_memory(err);
        }
    }
    af_vec_free(&reached);
    return ret;
}

void af_graph_free(struct af_graph *graph)
{
    avfilter_inout_free(&graph->open_inputs);
    avfilter_inout_free(&graph->open_outputs);
    avfilter_graph_free(&graph->graph);
    for (size_t i = 0; i < graph->sources.n; i++) {
        if (graph->sources.v[i])
            af_source_free(graph->sources.v[i]);
        av_free(graph->sources.v[i]);
    }
    af_vec_free(&graph->sources);
    af_vec_free(&graph->entries);
    af_vec_free(&graph->pads);
    af_text_free(&graph->log);
}
