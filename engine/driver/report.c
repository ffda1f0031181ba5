/* The reply of the process operation. */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include <libavfilter/buffersink.h>
#include <libavutil/avstring.h>
#include <libavutil/common.h>
#include <libavutil/mem.h>

#include "error.h"
#include "files.h"
#include "input.h"
#include "json.h"
#include "lane.h"
#include "mux.h"
#include "smart.h"

/* A reply has to stay readable by its host: signalstats alone makes 20 values of every frame. */
enum { FINDINGS_LIMIT = 8000 };

static int add_finding(struct af_analysis *analysis, double t, const AVDictionaryEntry *entry)
{
    struct af_finding *finding;

    if (analysis->findings.n >= FINDINGS_LIMIT) {
        analysis->left_out++;
        return 0;
    }
    finding = af_vec_new(&analysis->findings);
    if (!finding)
        return -1;
    finding->t = t;
    finding->key = av_strdup(entry->key);
    finding->value = av_strdup(entry->value);
    return finding->key && finding->value ? 0 : -1;
}

int af_analysis_frame(struct af_lane *lane, const AVFrame *frame, struct af_error *err)
{
    const AVDictionaryEntry *entry = NULL, *seen;
    double t = frame->pts == AV_NOPTS_VALUE
                   ? 0
                   : frame->pts * av_q2d(av_buffersink_get_time_base(lane->sink));

    while ((entry = av_dict_iterate(frame->metadata, entry))) {
        if (strncmp(entry->key, "lavfi.", 6))
            continue;
        seen = av_dict_get(lane->seen, entry->key, NULL, AV_DICT_MATCH_CASE);
        if (seen && !strcmp(seen->value, entry->value))
            continue;
        if (av_dict_set(&lane->seen, entry->key, entry->value, AV_DICT_MATCH_CASE) < 0 ||
            add_finding(lane->out->analysis, t, entry))
            return af_fail_memory(err);
    }
    return 0;
}

void af_analysis_free(struct af_analysis *analysis)
{
    for (size_t i = 0; i < analysis->findings.n; i++) {
        av_free(analysis->findings.v[i].key);
        av_free(analysis->findings.v[i].value);
    }
    af_vec_free(&analysis->findings);
}

static double seconds(int64_t microseconds)
{
    return microseconds / (double)AV_TIME_BASE;
}

/* What an encoder sets before time 0 to warm up is not part of what is played. */
static int64_t played_from(const struct af_lane *lane)
{
    return lane->start < 0 && !lane->shift ? 0 : lane->start;
}

static void write_stream(struct af_writer *reply, const struct af_lane *lane)
{
    const AVCodecParameters *par = af_lane_muxed_par(lane);
    const char *type = av_get_media_type_string(lane->type);

    af_write_object(reply, NULL);
    af_write_integer(reply, "index", lane->stream->index);
    af_write_string(reply, "type", type ? type : "unknown");
    af_write_string(reply, "codec", avcodec_get_name(par->codec_id));
    if (!lane->copied || (lane->smart && lane->smart->reencoded))
        af_write_string(reply, "encoder", lane->codec->name);
    af_write_bool(reply, "copied", lane->copied);
    if (lane->smart)
        af_write_integer(reply, "reencoded", lane->smart->reencoded);
    af_write_integer(reply, "frames", lane->frames);
    af_write_integer(reply, "packets", lane->packets);
    af_write_integer(reply, "bytes", lane->bytes);
    if (lane->packets)
        af_write_number(reply, "duration", seconds(av_sat_sub64(lane->end, played_from(lane))));
    if (lane->type == AVMEDIA_TYPE_VIDEO) {
        af_write_integer(reply, "width", par->width);
        af_write_integer(reply, "height", par->height);
    } else if (lane->type == AVMEDIA_TYPE_AUDIO) {
        af_write_integer(reply, "sample_rate", par->sample_rate);
        af_write_integer(reply, "channels", par->ch_layout.nb_channels);
    }
    af_write_end(reply);
}

static void write_attachment(struct af_writer *reply, const struct af_attachment *file)
{
    const AVCodecParameters *par = file->stream->codecpar;
    const char *type = av_get_media_type_string(par->codec_type);

    af_write_object(reply, NULL);
    af_write_integer(reply, "index", file->stream->index);
    af_write_string(reply, "type", type ? type : "unknown");
    if (par->codec_id != AV_CODEC_ID_NONE)
        af_write_string(reply, "codec", avcodec_get_name(par->codec_id));
    af_write_bool(reply, "copied", true);
    af_write_integer(reply, "bytes", (int64_t)file->size);
    if (file->width > 0) {
        af_write_integer(reply, "width", file->width);
        af_write_integer(reply, "height", file->height);
    }
    af_write_end(reply);
}

static void write_output(struct af_writer *reply, const struct af_output *out)
{
    int64_t start = INT64_MAX, end = INT64_MIN;

    for (size_t i = 0; i < out->lanes.n; i++) {
        const struct af_lane *lane = out->lanes.v[i];

        if (!lane->packets)
            continue;
        if (played_from(lane) < start)
            start = played_from(lane);
        if (lane->end > end)
            end = lane->end;
    }
    af_write_object(reply, NULL);
    if (out->spec->path)
        af_write_string(reply, "path", out->spec->path);
    af_write_string(reply, "format", out->oc->oformat->name);
    af_write_integer(reply, "size", out->size);
    if (end != INT64_MIN)
        af_write_number(reply, "duration", seconds(av_sat_sub64(end, start)));
    af_write_array(reply, "files");
    for (size_t i = 0; i < out->files.n; i++)
        af_write_string(reply, NULL, af_output_file_path(out->files.v[i]));
    af_write_end(reply);
    af_write_array(reply, "streams");
    for (size_t i = 0; i < out->lanes.n; i++)
        write_stream(reply, out->lanes.v[i]);
    for (size_t i = 0; i < out->attached.n; i++)
        write_attachment(reply, &out->attached.v[i]);
    af_write_end(reply);
    af_write_end(reply);
}

/* Vocabularies before 10 name a value without its "lavfi.". */
static void write_analysis(struct af_writer *reply, const struct af_analysis *analysis, size_t skip)
{
    if (!analysis->findings.n)
        return;
    af_write_array(reply, "analysis");
    for (size_t i = 0; i < analysis->findings.n; i++) {
        const struct af_finding *finding = &analysis->findings.v[i];

        af_write_object(reply, NULL);
        af_write_number(reply, "t", finding->t);
        af_write_string(reply, "key", finding->key + skip);
        af_write_string(reply, "value", finding->value);
        af_write_end(reply);
    }
    af_write_end(reply);
}

static void write_warnings(struct af_writer *reply, struct af_output *const *outputs,
                           size_t count, const struct af_analysis *analysis)
{
    struct af_text line = { 0 };
    bool any = analysis->left_out > 0;

    for (size_t i = 0; i < count; i++) {
        any |= outputs[i]->reordered > 0;
        for (size_t k = 0; k < outputs[i]->lanes.n; k++)
            any |= !outputs[i]->lanes.v[k]->packets;
    }
    if (!any)
        return;
    af_write_array(reply, "warnings");
    for (size_t i = 0; i < count; i++) {
        const struct af_output *out = outputs[i];

        if (out->reordered) {
            line.n = 0;
            af_text_printf(&line, "%s: the decode times of %lld packets did not grow and were moved",
                           out->where, (long long)out->reordered);
            af_write_string(reply, NULL, line.v);
        }
        for (size_t k = 0; k < out->lanes.n; k++)
            if (!out->lanes.v[k]->packets) {
                line.n = 0;
                af_text_printf(&line, "%s: the stream is empty", out->lanes.v[k]->where);
                af_write_string(reply, NULL, line.v);
            }
    }
    if (analysis->left_out) {
        line.n = 0;
        af_text_printf(&line, "analysis: %lld more values were left out",
                       (long long)analysis->left_out);
        af_write_string(reply, NULL, line.v);
    }
    af_write_end(reply);
    reply->text.failed |= line.failed;
    af_text_free(&line);
}

void af_report(struct af_writer *reply, struct af_output *const *outputs, size_t output_count,
               struct af_input *const *inputs, size_t input_count,
               const struct af_analysis *analysis)
{
    int64_t corrupt = 0;

    af_write_object(reply, NULL);
    af_write_array(reply, "outputs");
    for (size_t i = 0; i < output_count; i++)
        write_output(reply, outputs[i]);
    af_write_end(reply);
    write_analysis(reply, analysis, 0);
    for (size_t i = 0; i < input_count; i++)
        corrupt += inputs[i]->corrupt;
    if (corrupt)
        af_write_integer(reply, "corrupt_packets", corrupt);
    write_warnings(reply, outputs, output_count, analysis);
    af_write_end(reply);
}

/* A muxer of many files, or of one by another name: the path is a playlist, or a pattern. */
static bool is_segmented(const struct af_output *out)
{
    return out->spec->path && out->files.n &&
           (out->files.n > 1 || strcmp(af_output_file_path(out->files.v[0]), out->spec->path) != 0);
}

void af_report_before_10(struct af_writer *reply, struct af_output *const *outputs, size_t count,
                         const struct af_analysis *analysis)
{
    af_write_object(reply, NULL);
    af_write_array(reply, "outputs");
    for (size_t i = 0; i < count; i++) {
        const struct af_output *out = outputs[i];

        af_write_object(reply, NULL);
        if (out->spec->path)
            af_write_string(reply, "path", out->spec->path);
        if (is_segmented(out))
            af_write_bool(reply, "segmented", true);
        af_write_array(reply, "streams");
        for (size_t k = 0; k < out->lanes.n; k++) {
            const struct af_lane *lane = out->lanes.v[k];
            const char *type = av_get_media_type_string(lane->type);

            af_write_object(reply, NULL);
            af_write_string(reply, "type", type ? type : "unknown");
            af_write_string(reply, "codec", avcodec_get_name(af_lane_muxed_par(lane)->codec_id));
            if (lane->copied)
                af_write_string(reply, "disposition", "copy");
            af_write_end(reply);
        }
        af_write_end(reply);
        af_write_end(reply);
    }
    af_write_end(reply);
    write_analysis(reply, analysis, strlen("lavfi."));
    af_write_end(reply);
}
