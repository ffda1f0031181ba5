/* The process operation: opens what a job names, runs it, and reports. */
#include "process.h"

#include <stdio.h>
#include <string.h>

#include <libavutil/common.h>
#include <libavutil/mem.h>

#include "encode.h"
#include "error.h"
#include "lane.h"
#include "ops.h"
#include "paths.h"
#include "smart.h"
#include "subtitle.h"

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
        ret = af_schedule(&job, err);
    }
    if (!ret && request->version < 10)
        af_report_before_10(reply, job.outputs.v, job.outputs.n, &job.analysis);
    else if (!ret)
        af_report(reply, job.outputs.v, job.outputs.n, job.inputs.v, job.inputs.n, &job.analysis);
    free_job(&job);
    return ret;
}
