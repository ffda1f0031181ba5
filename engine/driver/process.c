/* The process operation: demand drives it, from the output that is furthest behind to the input
 * that it waits for. */
#include "process.h"

#include <stdio.h>
#include <string.h>

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/common.h>
#include <libavutil/mem.h>

#include "copy.h"
#include "encode.h"
#include "error.h"
#include "lane.h"
#include "ops.h"
#include "paths.h"
#include "smart.h"
#include "source.h"
#include "subtitle.h"

/* Requests in a row that a graph may leave unanswered with no input left to feed it. */
enum { STALL_LIMIT = 1000 };

/* Frames that a graph may take before it gives one: delays of filters, which are no reason to look at the others. */
enum { PATIENCE = 8 };

/* Microseconds between two lanes that take the same frames, of which the one's are shown later. */
enum { FAR_AHEAD = 500000 };

/* Frames that are taken of another lane for one that was decoded: more of them come from a graph that makes its own. */
enum { SHARE_LIMIT = 64 };

/* Of all who take a packet the last has it itself, and the others a reference. */
static int give(struct af_queue **taker, struct af_queue *next, const AVPacket *packet)
{
    int ret = *taker ? af_queue_push(*taker, packet) : 0;

    *taker = next;
    return ret;
}

int af_pump(struct af_process *job, struct af_input *in, struct af_error *err)
{
    AVPacket *packet = job->packet;
    struct af_queue *taker = NULL;
    int ret = af_input_read(in, packet, err), failed = 0;

    if (ret <= 0)
        return ret;
    for (size_t i = 0; i < job->decoders.n && !failed; i++) {
        struct af_decoder *dec = job->decoders.v[i];

        /* Before the graph is made nobody can tell which decoder will be wanted. */
        if (dec->in == in && dec->stream == packet->stream_index &&
            (!dec->sources.n || af_decoder_live(dec)))
            failed = give(&taker, &dec->queue, packet);
    }
    for (size_t i = 0; i < job->lanes.n && !failed; i++) {
        struct af_lane *lane = job->lanes.v[i];

        if (af_lane_takes_packets(lane) && !lane->finished && lane->in == in &&
            lane->in_stream == packet->stream_index)
            failed = give(&taker, &lane->queue, packet);
    }
    if (!failed && taker)
        failed = af_queue_move(taker, packet);
    av_packet_unref(packet);
    return failed ? af_fail_memory(err) : 1;
}

/* How far the lane has come. A copied stream with nothing queued has come as far as its input: a
 * subtitle may be minutes away. */
static int64_t clock_of(const struct af_lane *lane)
{
    if (af_lane_takes_packets(lane) && lane->queue.head == lane->queue.packets.n &&
        lane->in->position > lane->clock)
        return lane->in->position;
    return lane->clock;
}

static struct af_lane *furthest_behind(const struct af_process *job)
{
    struct af_lane *found = NULL;

    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];

        if (!lane->finished && (!found || clock_of(lane) < clock_of(found)))
            found = lane;
    }
    return found;
}

/* The source that the graph asked most often in vain; of equals the one least far. */
static struct af_source *hungriest(const struct af_lane *lane)
{
    struct af_source *found = NULL;
    unsigned most = 0;

    for (size_t i = 0; i < lane->sources.n; i++) {
        struct af_source *source = lane->sources.v[i];
        unsigned failed;

        if (source->closed)
            continue;
        failed = av_buffersrc_get_nb_failed_requests(source->ctx);
        if (!found || failed > most ||
            (failed == most && source->dec->in->position < found->dec->in->position)) {
            found = source;
            most = failed;
        }
    }
    return found;
}

/* Gives the lane's graph a frame, of the decoder *from. 1, 0 when there is no input left to give one, -1. */
static int feed(struct af_process *job, struct af_lane *lane, const struct af_decoder **from,
                struct af_error *err)
{
    struct af_source *source = hungriest(lane);
    struct af_decoder *dec;
    enum af_feed fed;

    if (!source)
        return 0;
    *from = dec = source->dec;
    while ((fed = af_decoder_feed(dec, dec->in->ended, err)) == AF_FEED_STARVING)
        if (af_pump(job, dec->in, err) < 0)
            return -1;
    return fed == AF_FEED_ERROR ? -1 : 1;
}

/* A finished output wants nothing more: sources that lead nowhere else are left alone. */
static void release(struct af_lane *lane)
{
    for (size_t i = 0; i < lane->sources.n; i++) {
        struct af_source *source = lane->sources.v[i];

        source->wanted--;
        if (!af_decoder_live(source->dec))
            af_queue_clear(&source->dec->queue);
    }
}

/* Frames still arrive at a finished output's sink where the graph splits before it. */
static void drain_finished(struct af_process *job)
{
    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];

        if (!lane->finished || af_lane_takes_packets(lane))
            continue;
        while (av_buffersink_get_frame_flags(lane->sink, lane->frame,
                                             AV_BUFFERSINK_FLAG_NO_REQUEST) >= 0)
            av_frame_unref(lane->frame);
    }
}

static int finish_outputs(struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->outputs.n; i++) {
        struct af_output *out = job->outputs.v[i];
        bool all = !out->finished;

        for (size_t k = 0; k < out->lanes.n; k++)
            all &= out->lanes.v[k]->finished;
        if (all && af_output_finish(out, err))
            return -1;
    }
    return 0;
}

/* Ends what a finished lane leaves. */
static int settle(struct af_process *job, struct af_lane *lane, struct af_error *err)
{
    release(lane);
    return finish_outputs(job, err);
}

static bool takes_from(const struct af_lane *lane, const struct af_decoder *dec)
{
    for (size_t i = 0; i < lane->sources.n; i++)
        if (lane->sources.v[i]->dec == dec)
            return true;
    return false;
}

static bool shares_source(const struct af_lane *a, const struct af_lane *b)
{
    for (size_t i = 0; i < a->sources.n; i++)
        for (size_t k = 0; k < b->sources.n; k++)
            if (a->sources.v[i] == b->sources.v[k])
                return true;
    return false;
}

/* Whether the turn of `lane` is far away, although it is given what the one that is behind asks for. */
static bool is_ahead(const struct af_lane *lane, const struct af_lane *behind)
{
    return behind->starved >= PATIENCE ||
           (behind->clock != INT64_MIN && av_sat_sub64(lane->clock, behind->clock) > FAR_AHEAD);
}

/* The frames of `dec` that are decoded for one lane come to others too: where their turn is far away, what they have is
 * encoded now, as it would pile up. Of a source that both have nothing is asked: the count of what was asked in vain
 * tells what the one that starves needs. */
static int serve_others(struct af_process *job, const struct af_lane *starving,
                        const struct af_decoder *dec, struct af_error *err)
{
    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];
        enum af_step step = AF_STEP_DONE;

        if (lane == starving || af_lane_takes_packets(lane) || !takes_from(lane, dec) ||
            !is_ahead(lane, starving))
            continue;
        for (int n = 0; n < SHARE_LIMIT && step == AF_STEP_DONE && !lane->finished; n++) {
            step = af_encode_step(lane, !shares_source(lane, starving), err);
            if (step == AF_STEP_ERROR || (lane->finished && settle(job, lane, err)))
                return -1;
        }
    }
    return 0;
}

static int run(struct af_process *job, struct af_error *err)
{
    struct af_lane *lane;
    int stalled = 0;

    /* What has no streams, tags and chapters alone, is complete. */
    if (finish_outputs(job, err))
        return -1;
    while ((lane = furthest_behind(job))) {
        enum af_step step = lane->smart      ? af_smart_step(lane, err)
                            : lane->copied   ? af_copy_step(lane, err)
                            : lane->subtitle ? af_subtitle_step(lane, err)
                                             : af_encode_step(lane, true, err);
        bool packets = af_lane_takes_packets(lane);
        int ret;

        if (step == AF_STEP_ERROR)
            return -1;
        if (step == AF_STEP_STARVING) {
            const struct af_decoder *dec = NULL;

            ret = packets ? af_pump(job, lane->in, err) : feed(job, lane, &dec, err);
            if (ret < 0)
                return -1;
            stalled = ret || packets ? 0 : stalled + 1;
            if (stalled > STALL_LIMIT)
                return af_fail(err, AF_GRAPH, "filter",
                               "the filter graph waits for frames that no input has");
            lane->starved += !packets;
            if (dec && serve_others(job, lane, dec, err))
                return -1;
            drain_finished(job);
            continue;
        }
        stalled = 0;
        lane->starved = 0;
        if (lane->finished && settle(job, lane, err))
            return -1;
        drain_finished(job);
        af_progress_note(&job->progress, job->outputs.v, job->outputs.n, false);
    }
    af_progress_note(&job->progress, job->outputs.v, job->outputs.n, true);
    return 0;
}

static int open_inputs(struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->spec.inputs.n; i++) {
        struct af_input **slot = af_vec_new(&job->inputs);

        if (!slot || !(*slot = av_mallocz(sizeof **slot)))
            return af_fail_memory(err);
        if (af_input_open(*slot, &job->spec.inputs.v[i], i, err))
            return -1;
        (*slot)->skip_corrupt = job->spec.skip_corrupt;
    }
    return 0;
}

static bool attaches(const struct af_process *job, const char *path)
{
    for (size_t i = 0; i < job->spec.outputs.n; i++) {
        const struct af_output_spec *out = &job->spec.outputs.v[i];

        for (size_t k = 0; k < out->attachments.n; k++)
            if (af_same_file(out->attachments.v[k].path, path))
                return true;
    }
    return false;
}

/* A file that is read while it is written, or written twice, is lost. */
static int check_paths(const struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->spec.outputs.n; i++) {
        const char *path = job->spec.outputs.v[i].path;
        char where[32];

        snprintf(where, sizeof where, "outputs[%zu]", i);
        for (size_t k = 0; path && k < job->spec.inputs.n; k++)
            if (af_input_reads(&job->spec.inputs.v[k], path))
                return af_fail(err, AF_OPEN_OUTPUT, where,
                               "%s is an input of the job too: write to another file", path);
        if (path && attaches(job, path))
            return af_fail(err, AF_OPEN_OUTPUT, where,
                           "%s is an attachment of the job too: write to another file", path);
        for (size_t k = 0; path && k < i; k++)
            if (job->spec.outputs.v[k].path && !af_path_is_device(path) &&
                af_same_file(job->spec.outputs.v[k].path, path))
                return af_fail(err, AF_OPEN_OUTPUT, where,
                               "%s is an output of the job already: write to another file", path);
    }
    return 0;
}

/* A muxer of many files must not name one of them like an attachment. */
static int note_attachments(struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->spec.outputs.n; i++) {
        const struct af_output_spec *out = &job->spec.outputs.v[i];

        for (size_t k = 0; k < out->attachments.n; k++)
            if (af_names_put(&job->written, out->attachments.v[k].path, NULL) == AF_NAME_FAILED)
                return af_fail_memory(err);
    }
    return 0;
}

static int open_outputs(struct af_process *job, struct af_error *err)
{
    if (check_paths(job, err) || note_attachments(job, err))
        return -1;
    for (size_t i = 0; i < job->spec.outputs.n; i++) {
        struct af_output **slot = af_vec_new(&job->outputs);

        if (!slot || !(*slot = av_mallocz(sizeof **slot)))
            return af_fail_memory(err);
        (*slot)->inputs = job->inputs.v;
        (*slot)->input_count = job->inputs.n;
        (*slot)->graph = &job->graph;
        (*slot)->written = &job->written;
        (*slot)->analysis = &job->analysis;
        (*slot)->bitexact = job->spec.bitexact;
        if (af_output_open(*slot, &job->spec.outputs.v[i], i, err))
            return -1;
    }
    return 0;
}

/* What the job will make in all, where that can be told before; -1 elsewhere. */
static int64_t expected_duration(const struct af_process *job)
{
    int64_t longest = -1;

    for (size_t i = 0; i < job->lanes.n; i++) {
        const struct af_lane *lane = job->lanes.v[i];
        int64_t duration = INT64_MAX;

        if (job->inputs.n == 1 && job->inputs.v[0]->ctx->duration > 0 &&
            job->inputs.v[0]->ctx->duration != AV_NOPTS_VALUE && !job->spec.inputs.v[0].loop) {
            const struct af_input *in = job->inputs.v[0];
            int64_t first = in->ctx->start_time == AV_NOPTS_VALUE ? 0 : in->ctx->start_time;

            duration = av_sat_sub64(in->ctx->duration, av_sat_sub64(in->origin, first));
        }
        if (lane->limit < duration)
            duration = lane->limit;
        if (duration == INT64_MAX)
            return -1;
        if (duration > longest)
            longest = duration;
    }
    return longest;
}

static void free_job(struct af_process *job)
{
    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];

        if (!lane)
            continue;
        af_encoder_free(lane);
        af_subtitle_free(lane);
        af_smart_free(lane);
        af_queue_free(&lane->queue);
        af_queue_free(&lane->pending);
        av_packet_free(&lane->packet);
        av_bsf_free(&lane->bsf);
    }
    for (size_t i = 0; i < job->outputs.n; i++)
        if (job->outputs.v[i]) {
            af_output_free(job->outputs.v[i]);
            av_free(job->outputs.v[i]);
        }
    for (size_t i = 0; i < job->lanes.n; i++)
        if (job->lanes.v[i]) {
            avcodec_parameters_free(&job->lanes.v[i]->par);
            av_free(job->lanes.v[i]);
        }
    af_graph_free(&job->graph);
    for (size_t i = 0; i < job->decoders.n; i++)
        if (job->decoders.v[i]) {
            af_decoder_free(job->decoders.v[i]);
            av_free(job->decoders.v[i]);
        }
    for (size_t i = 0; i < job->inputs.n; i++)
        if (job->inputs.v[i]) {
            af_input_close(job->inputs.v[i]);
            av_free(job->inputs.v[i]);
        }
    af_vec_free(&job->lanes);
    af_vec_free(&job->outputs);
    af_vec_free(&job->decoders);
    af_vec_free(&job->inputs);
    af_vec_free(&job->direct);
    af_vec_free(&job->entered);
    af_names_free(&job->written);
    af_analysis_free(&job->analysis);
    af_progress_close(&job->progress);
    av_packet_free(&job->packet);
    af_process_spec_free(&job->spec);
}

int af_op_process(const struct af_job *request, struct af_writer *reply, struct af_error *err)
{
    struct af_process job = { .progress.fd = -1 };
    int ret = -1;

    job.packet = av_packet_alloc();
    if (!job.packet)
        af_fail_memory(err);
    else if (!af_process_spec_read(&job.spec, request, err) && !open_inputs(&job, err) &&
             !open_outputs(&job, err) && !af_plan(&job, err)) {
        af_progress_open(&job.progress, job.spec.progress, expected_duration(&job));
        ret = run(&job, err);
    }
    if (!ret && request->version < 10)
        af_report_before_10(reply, job.outputs.v, job.outputs.n, &job.analysis);
    else if (!ret)
        af_report(reply, job.outputs.v, job.outputs.n, job.inputs.v, job.inputs.n, &job.analysis);
    free_job(&job);
    return ret;
}
