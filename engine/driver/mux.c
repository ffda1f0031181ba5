/* An output: its muxer, the files it writes, and the checks that make "done" mean done. */
#include "mux.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/bsf.h>
#include <libavutil/common.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>

#include "components.h"
#include "error.h"
#include "files.h"
#include "graph.h"
#include "input.h"
#include "lane.h"
#include "log.h"
#include "rate.h"
#include "tags.h"
#include "times.h"

/* Microseconds. */
enum { TS_DELAY = 700000 };

/* ---- opening ---- */

static int set_muxer_options(struct af_output *out, struct af_error *err)
{
    const AVDictionaryEntry *entry = NULL;

    while ((entry = av_dict_iterate(out->spec->format_options, entry))) {
        const AVOption *option = av_opt_find(out->oc, entry->key, NULL, AV_OPT_FLAG_ENCODING_PARAM,
                                             AV_OPT_SEARCH_CHILDREN);
        int ret;

        if (!option)
            return af_fail(err, AF_OPTION, out->where, "the muxer %s has no option %s",
                           out->oc->oformat->name, entry->key);
        ret = av_opt_set(out->oc, entry->key, entry->value, AV_OPT_SEARCH_CHILDREN);
        if (ret < 0)
            return af_fail_av(err, AF_OPTION, ret, out->where,
                              "the muxer %s does not take %s for its option %s",
                              out->oc->oformat->name, entry->value, entry->key);
    }
    return 0;
}

int af_output_open(struct af_output *out, const struct af_output_spec *spec, size_t index,
                   struct af_error *err)
{
    const AVOutputFormat *format;
    char *url;
    int ret;

    out->spec = spec;
    snprintf(out->where, sizeof out->where, "outputs[%zu]", index);
    if (spec->format) {
        format = av_guess_format(spec->format, NULL, NULL);
        if (!format)
            return af_fail_not_in_build(err, AF_MUXER, spec->format, out->where);
    } else {
        format = av_guess_format(NULL, spec->path, NULL);
        if (!format)
            return af_fail(err, AF_OPEN_OUTPUT, out->where,
                           "no muxer of this build goes by the name of %s: give the format",
                           spec->path);
    }
    url = af_file_url(spec->path ? spec->path : "");
    out->packet = av_packet_alloc();
    if (!url || !out->packet) {
        av_free(url);
        return af_fail_memory(err);
    }
    ret = avformat_alloc_output_context2(&out->oc, format, NULL, url);
    av_free(url);
    if (ret < 0)
        return af_fail_av(err, AF_OPEN_OUTPUT, ret, out->where, "cannot make the muxer %s",
                          format->name);
    out->oc->opaque = out;
    af_output_files_watch(out);
    if (out->bitexact)
        out->oc->flags |= AVFMT_FLAG_BITEXACT;
    /* A transport stream's clock runs ahead of what is to be decoded, or the stream is not valid. */
    if (!strcmp(format->name, "mpegts") && !spec->copy_ts)
        out->oc->max_delay = TS_DELAY;
    if (av_dict_copy(&out->unused, spec->options, 0) < 0)
        return af_fail_memory(err);
    return set_muxer_options(out, err) || af_attachments_open(out, err) ? -1 : 0;
}

/* ---- the header ---- */

static int add_stream(struct af_lane *lane, struct af_error *err)
{
    AVStream *stream = avformat_new_stream(lane->out->oc, NULL);

    if (!stream || avcodec_parameters_copy(stream->codecpar, af_lane_muxed_par(lane)) < 0)
        return af_fail_memory(err);
    lane->stream = stream;
    stream->time_base = lane->copied ? af_rate_copied_clock(lane, af_lane_muxed_base(lane))
                                     : af_lane_muxed_base(lane);
    stream->sample_aspect_ratio = stream->codecpar->sample_aspect_ratio;
    if (lane->frame_rate.num > 0 && lane->frame_rate.den > 0)
        stream->avg_frame_rate = lane->frame_rate;
    if (lane->out->spec->copy_ts && lane->in)
        lane->shift = lane->in->origin;
    return af_tags_of_stream(lane, err);
}

static int mux(struct af_lane *lane, AVPacket *packet, struct af_error *err);

static int write_header(struct af_output *out, struct af_error *err)
{
    AVFormatContext *oc = out->oc;
    int ret;

    for (size_t i = 0; i < out->lanes.n; i++)
        if (add_stream(out->lanes.v[i], err))
            return -1;
    if (af_attachments_add(out, err) || af_tags_of_container(out, err))
        return -1;
    if (!(oc->oformat->flags & AVFMT_NOFILE)) {
        ret = oc->io_open(oc, &oc->pb, oc->url, AVIO_FLAG_WRITE, NULL);
        if (out->refused)
            return af_output_files_failed(out, err);
        if (ret < 0)
            return af_fail_av(err, AF_OPEN_OUTPUT, ret, out->where, "cannot write %s",
                              out->spec->path);
    }
    if (out->spec->copy_ts)
        oc->avoid_negative_ts = 0;
    ret = avformat_write_header(oc, NULL);
    if (ret < 0 && af_output_files_failed(out, err))
        return -1;
    if (ret < 0)
        return af_log_fail(&out->log, err, AF_MUX, ret, out->where,
                           "the muxer refused the streams or the options");
    out->header = true;
    if (af_attachments_write(out, err))
        return -1;
    for (size_t i = 0; i < out->lanes.n; i++)
        while (af_queue_pop(&out->lanes.v[i]->pending, out->packet))
            if (mux(out->lanes.v[i], out->packet, err))
                return -1;
    return 0;
}

static int header_if_ready(struct af_output *out, struct af_error *err)
{
    if (!out->complete || out->header)
        return 0;
    for (size_t i = 0; i < out->lanes.n; i++)
        if (!out->lanes.v[i]->ready)
            return 0;
    return write_header(out, err);
}

int af_output_complete(struct af_output *out, struct af_error *err)
{
    out->complete = true;
    return header_if_ready(out, err);
}

/* The library looks at neither: it calls every mistake the same, and gives the options of a filter
 * that has none to nobody. */
static int check_bitstream_filters(struct af_lane *lane, const char *chain, struct af_error *err)
{
    for (const char *at = chain; *at; at += *at == ',') {
        size_t n = strcspn(at, "=,");
        char name[64];
        const AVBitStreamFilter *filter;

        snprintf(name, sizeof name, "%.*s", (int)FFMIN(n, sizeof name), at);
        filter = av_bsf_get_by_name(name);
        if (!filter)
            return af_fail_not_in_build(err, AF_BITSTREAM_FILTER, name, lane->where);
        if (at[n] == '=' && !filter->priv_class)
            return af_fail(err, AF_OPTION, lane->where, "the bitstream filter %s has no options",
                           name);
        at += strcspn(at, ",");
    }
    return 0;
}

static int open_bitstream_filters(struct af_lane *lane, struct af_error *err)
{
    const char *chain = lane->map ? lane->map->bitstream_filters : NULL;
    int ret;

    if (!chain || !*chain)
        return 0;
    if (!strcmp(chain, "none")) {
        lane->no_filters = true;
        return 0;
    }
    if (check_bitstream_filters(lane, chain, err))
        return -1;
    ret = av_bsf_list_parse_str(chain, &lane->bsf);
    if (ret < 0)
        return af_fail_av(err, AF_OPTION, ret, lane->where,
                          "the bitstream filters %s cannot be set up", chain);
    lane->bsf->time_base_in = lane->base;
    if (avcodec_parameters_copy(lane->bsf->par_in, lane->par) < 0)
        return af_fail_memory(err);
    ret = av_bsf_init(lane->bsf);
    if (ret < 0)
        return af_fail_av(err, AF_MUX, ret, lane->where,
                          "the bitstream filters %s do not take %s", chain,
                          avcodec_get_name(lane->par->codec_id));
    return 0;
}

int af_output_lane_ready(struct af_lane *lane, struct af_error *err)
{
    if (open_bitstream_filters(lane, err))
        return -1;
    lane->last_dts = AV_NOPTS_VALUE;
    lane->start = INT64_MAX;
    lane->end = INT64_MIN;
    lane->ready = true;
    return header_if_ready(lane->out, err);
}

/* ---- packets ---- */

/* Decode times must grow in a file; inputs exist where they do not. */
static void order(struct af_lane *lane, AVPacket *packet)
{
    int64_t least = lane->last_dts;

    if (packet->dts == AV_NOPTS_VALUE)
        packet->dts = packet->pts != AV_NOPTS_VALUE && lane->type != AVMEDIA_TYPE_VIDEO
                          ? packet->pts
                          : least == AV_NOPTS_VALUE ? packet->pts : least + 1;
    if (packet->dts == AV_NOPTS_VALUE)
        packet->dts = 0;
    if (least != AV_NOPTS_VALUE) {
        if (!(lane->out->oc->oformat->flags & AVFMT_TS_NONSTRICT))
            least++;
        if (packet->dts < least) {
            packet->dts = least;
            lane->out->reordered++;
        }
    }
    if (packet->pts == AV_NOPTS_VALUE || packet->pts < packet->dts)
        packet->pts = packet->dts;
    lane->last_dts = packet->dts;
}

static void count(struct af_lane *lane, const AVPacket *packet)
{
    int64_t at = av_rescale_q(packet->pts, lane->stream->time_base, AV_TIME_BASE_Q);
    int64_t end = av_rescale_q(av_sat_add64(packet->pts, packet->duration),
                               lane->stream->time_base, AV_TIME_BASE_Q);

    if (at < lane->start)
        lane->start = at;
    if (end > lane->end)
        lane->end = end;
    lane->packets++;
    lane->bytes += packet->size;
}

static int mux(struct af_lane *lane, AVPacket *packet, struct af_error *err)
{
    struct af_output *out = lane->out;
    AVRational base = af_lane_muxed_base(lane);
    int64_t shift = av_rescale_q(lane->shift, AV_TIME_BASE_Q, base);
    int ret, chooses;

    packet->pts = af_time_sane(af_time_add(packet->pts, shift), base);
    packet->dts = af_time_sane(af_time_add(packet->dts, shift), base);
    packet->duration = af_length_sane(packet->duration, base);
    av_packet_rescale_ts(packet, base, lane->stream->time_base);
    packet->stream_index = lane->stream->index;
    packet->time_base = lane->stream->time_base;
    packet->pos = -1;
    order(lane, packet);
    count(lane, packet);
    /* The muxer chooses its own filters for a stream when it is given a packet of it. */
    chooses = lane->no_filters ? out->oc->flags & AVFMT_FLAG_AUTO_BSF : 0;
    out->oc->flags &= ~chooses;
    ret = av_interleaved_write_frame(out->oc, packet);
    out->oc->flags |= chooses;
    if (af_output_files_failed(out, err))
        return -1;
    if (ret < 0)
        return af_log_fail(&out->log, err, AF_MUX, ret, lane->where,
                           "the muxer refused a packet");
    return 0;
}

static int put(struct af_lane *lane, AVPacket *packet, struct af_error *err)
{
    if (lane->out->header)
        return mux(lane, packet, err);
    return af_queue_move(&lane->pending, packet) ? af_fail_memory(err) : 0;
}

/* `packet` NULL flushes. */
static int filter(struct af_lane *lane, AVPacket *packet, struct af_error *err)
{
    AVPacket *filtered = lane->out->packet;
    int ret = av_bsf_send_packet(lane->bsf, packet);

    while (ret >= 0) {
        ret = av_bsf_receive_packet(lane->bsf, filtered);
        if (ret == AVERROR(EAGAIN) || ret == AVERROR_EOF)
            return 0;
        if (ret >= 0 && put(lane, filtered, err))
            return -1;
    }
    return af_fail_av(err, AF_MUX, ret, lane->where, "the bitstream filters %s failed",
                      lane->map->bitstream_filters);
}

int af_output_write(struct af_lane *lane, AVPacket *packet, struct af_error *err)
{
    return lane->bsf ? filter(lane, packet, err) : put(lane, packet, err);
}

int af_output_lane_end(struct af_lane *lane, struct af_error *err)
{
    return lane->bsf ? filter(lane, NULL, err) : 0;
}

/* ---- the end ---- */

int af_output_finish(struct af_output *out, struct af_error *err)
{
    int ret;

    out->finished = true;
    if (!out->header)
        return af_fail(err, AF_INTERNAL, out->where, "an output ended before its header");
    ret = av_write_trailer(out->oc);
    if (af_output_files_failed(out, err))
        return -1;
    if (ret < 0)
        return af_log_fail(&out->log, err, AF_MUX, ret, out->where,
                           "the muxer could not finish the file");
    if (!(out->oc->oformat->flags & AVFMT_NOFILE)) {
        AVIOContext *pb = out->oc->pb;

        out->oc->pb = NULL;
        out->oc->io_close2(out->oc, pb);
        if (af_output_files_failed(out, err))
            return -1;
    }
    return af_output_files_look(out, err);
}

int af_output_graph_error(struct af_output *out, int code, struct af_error *err)
{
    return af_graph_fail(out->graph, err, code, "a filter failed");
}

void af_output_free(struct af_output *out)
{
    if (out->oc) {
        if (out->oc->pb && !(out->oc->oformat->flags & AVFMT_NOFILE))
            out->oc->io_close2(out->oc, out->oc->pb);
        avformat_free_context(out->oc);
    }
    af_attachments_free(out);
    for (size_t i = 0; i < out->files.n; i++)
        av_free(out->files.v[i]);
    af_vec_free(&out->files);
    av_free(out->refused);
    af_vec_free(&out->lanes);
    av_dict_free(&out->unused);
    av_packet_free(&out->packet);
    af_text_free(&out->log);
}
