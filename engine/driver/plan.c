/* The plan of a job: what enters the filter graph, and what is made before the first packet moves. */
#include <libavutil/common.h>
#include <libavutil/mem.h>

#include "encode.h"
#include "error.h"
#include "lane.h"
#include "process.h"
#include "source.h"

/* The stream that enters an open input pad; one without a label takes the first input's. */
static int plan_entries(struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->graph.entries.n; i++) {
        const struct af_entry *entry = &job->graph.entries.v[i];
        struct af_decoder **slot = af_vec_new(&job->entered);
        struct af_input *in;
        int stream;

        if (!slot)
            return af_fail_memory(err);
        if (entry->label) {
            if (af_job_stream(job, entry->label, "filter", &in, &stream, err))
                return -1;
        } else if (!job->inputs.n) {
            return af_fail(err, AF_MAP, "filter", "an input pad is open and the job has no input");
        } else {
            in = job->inputs.v[0];
            stream = af_input_find(in, entry->type == AVMEDIA_TYPE_VIDEO ? "v" : "a");
            if (stream < 0)
                return af_fail(err, AF_MAP, "filter", "the first input has no %s for an open pad",
                               av_get_media_type_string(entry->type));
        }
        if (in->ctx->streams[stream]->codecpar->codec_type != entry->type)
            return af_fail(err, AF_MAP, "filter", "[%s] is not %s",
                           entry->label ? entry->label : "", av_get_media_type_string(entry->type));
        *slot = af_job_decoder(job, in, stream, err);
        if (!*slot)
            return -1;
    }
    return 0;
}

static int check_pads(const struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->graph.pads.n; i++)
        if (!job->graph.pads.v[i].claimed)
            return af_fail(err, AF_MAP, "filter", "the output pad [%s] is in no output's map",
                           job->graph.pads.v[i].label);
    return 0;
}

/* A window that begins at an exact time leaves a copied stream without its key frame. */
static int check_starts(const struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->lanes.n; i++) {
        const struct af_lane *lane = job->lanes.v[i];

        if (lane->copied && lane->in->spec->seek && lane->in->exact &&
            lane->out->spec->cut != AF_CUT_SMART)
            return af_fail(err, AF_SEEK, lane->where,
                           "a copied stream cannot begin at an exact time: use seek mode fast for "
                           "%s, the cut \"smart\", or encode the stream",
                           lane->in->where);
    }
    return 0;
}

/* The container does not tell of every stream what its frames are: then the first one tells. */
static int prime(struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->decoders.n; i++) {
        struct af_decoder *dec = job->decoders.v[i];
        enum af_feed fed;

        if (!af_decoder_needs_prime(dec))
            continue;
        while ((fed = af_decoder_prime(dec, dec->in->ended, err)) == AF_FEED_STARVING)
            if (af_pump(job, dec->in, err) < 0)
                return -1;
        if (fed == AF_FEED_ERROR)
            return -1;
    }
    return 0;
}

static struct af_source *add_source(struct af_process *job, struct af_decoder *dec,
                                    struct af_error *err)
{
    struct af_source *source = af_graph_source(&job->graph, dec, err);
    struct af_source **slot = source ? af_vec_new(&dec->sources) : NULL;

    if (!slot) {
        if (source)
            af_fail_memory(err);
        return NULL;
    }
    return *slot = source;
}

/* The input that an encoded stream comes from: that of the first source of its kind. */
static void find_origin(struct af_lane *lane)
{
    for (size_t i = 0; i < lane->sources.n; i++) {
        struct af_decoder *dec = lane->sources.v[i]->dec;

        if (dec->in->ctx->streams[dec->stream]->codecpar->codec_type == lane->type) {
            lane->in = dec->in;
            lane->in_stream = dec->stream;
            return;
        }
    }
}

static int build_graph(struct af_process *job, struct af_error *err)
{
    struct af_graph *graph = &job->graph;
    struct af_source *source;

    for (size_t i = 0; i < graph->entries.n; i++) {
        source = add_source(job, job->entered.v[i], err);
        if (!source || af_graph_enter(graph, &graph->entries.v[i], source, err))
            return -1;
    }
    for (size_t i = 0; i < graph->pads.n; i++)
        if (af_graph_sink(graph, (struct af_lane *)graph->pads.v[i].claimed, &graph->pads.v[i],
                          NULL, err))
            return -1;
    for (size_t i = 0; i < job->direct.n; i++) {
        source = add_source(job, job->direct.v[i].dec, err);
        if (!source || af_graph_sink(graph, job->direct.v[i].lane, NULL, source, err))
            return -1;
    }
    if (graph->graph->nb_filters && af_graph_configure(graph, err))
        return -1;
    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];

        if (af_lane_takes_packets(lane))
            continue;
        if (af_graph_check_rate(lane, err) || af_graph_trace(graph, lane, err))
            return -1;
        find_origin(lane);
    }
    return 0;
}

/* The end of the output on the job's time line, where every input begins at 0. */
static void set_limits(struct af_process *job)
{
    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];
        const struct af_output_spec *spec = lane->out->spec;

        if (spec->limit < 0)
            continue;
        lane->limit = (int64_t)(spec->limit * AV_TIME_BASE + 0.5);
        if (spec->copy_ts && spec->limit_is_end && lane->in)
            lane->limit = av_sat_sub64(lane->limit, lane->in->origin);
    }
}

int af_plan(struct af_process *job, struct af_error *err)
{
    if (af_graph_parse(&job->graph, job->spec.filter, err) || plan_entries(job, err))
        return -1;
    for (size_t i = 0; i < job->outputs.n; i++)
        if (af_job_lanes(job, job->outputs.v[i], err))
            return -1;
    if (check_pads(job, err) || check_starts(job, err))
        return -1;
    for (size_t i = 0; i < job->inputs.n; i++)
        if (af_input_start(job->inputs.v[i], err))
            return -1;
    if (prime(job, err) || build_graph(job, err))
        return -1;
    set_limits(job);
    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];

        if (!lane->copied && lane->type == AVMEDIA_TYPE_AUDIO && af_encoder_open_audio(lane, err))
            return -1;
    }
    for (size_t i = 0; i < job->outputs.n; i++)
        if (af_output_complete(job->outputs.v[i], err))
            return -1;
    return 0;
}
