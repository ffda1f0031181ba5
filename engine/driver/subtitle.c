/* The subtitle lane: packets of text through a decoder and an encoder to the muxer, past the graph. */
#include "subtitle.h"

#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/common.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>

#include "components.h"
#include "copy.h"
#include "error.h"
#include "lane.h"
#include "log.h"
#include "mux.h"
#include "times.h"

/* Bytes of one line with its markup. */
enum { LINE = 1 << 20 };

static const AVStream *stream_of(const struct af_lane *lane)
{
    return lane->in->ctx->streams[lane->in_stream];
}

/* ---- opening ---- */

static bool is_text(enum AVCodecID id)
{
    const AVCodecDescriptor *codec = avcodec_descriptor_get(id);

    return codec && codec->props & AV_CODEC_PROP_TEXT_SUB;
}

static int open_decoder(struct af_lane *lane, struct af_error *err)
{
    const AVStream *stream = stream_of(lane);
    enum AVCodecID id = stream->codecpar->codec_id;
    const AVCodec *codec = avcodec_find_decoder(id);
    AVCodecContext *dec;
    int ret;

    if (!is_text(id) || !is_text(lane->codec->id))
        return af_fail(err, AF_MAP, lane->where, "%s and %s are not both text: copy the stream",
                       avcodec_get_name(id), lane->codec->name);
    if (!codec)
        return af_fail_no_codec(err, AF_DECODER, AVMEDIA_TYPE_SUBTITLE, avcodec_get_name(id),
                                lane->where);
    dec = lane->subtitle->dec = avcodec_alloc_context3(codec);
    if (!dec)
        return af_fail_memory(err);
    ret = avcodec_parameters_to_context(dec, stream->codecpar);
    if (ret >= 0) {
        dec->pkt_timebase = stream->time_base;
        ret = avcodec_open2(dec, codec, NULL);
    }
    return ret < 0 ? af_fail_av(err, AF_DECODE, ret, lane->where,
                                "cannot open the decoder %s for stream %d", codec->name,
                                lane->in_stream)
                   : 0;
}

static int open_encoder(struct af_lane *lane, struct af_error *err)
{
    const AVCodecContext *dec = lane->subtitle->dec;
    AVCodecContext *enc = lane->enc;
    int ret;

    enc->time_base = AV_TIME_BASE_Q;
    if (lane->out->oc->oformat->flags & AVFMT_GLOBALHEADER)
        enc->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    /* Decoders hand on the styles as the header of an ASS script, which encoders read. */
    if (dec->subtitle_header_size > 0) {
        enc->subtitle_header = av_mallocz((size_t)dec->subtitle_header_size + 1);
        if (!enc->subtitle_header)
            return af_fail_memory(err);
        memcpy(enc->subtitle_header, dec->subtitle_header, (size_t)dec->subtitle_header_size);
        enc->subtitle_header_size = dec->subtitle_header_size;
    }
    ret = avcodec_open2(enc, lane->codec, NULL);
    if (ret < 0)
        return af_log_fail(&lane->log, err, AF_ENCODE, ret, lane->where,
                           "the encoder refused the stream or its options");
    lane->base = enc->time_base;
    lane->par = avcodec_parameters_alloc();
    lane->subtitle->buffer = av_malloc(LINE);
    lane->packet = av_packet_alloc();
    if (!lane->par || !lane->subtitle->buffer || !lane->packet ||
        avcodec_parameters_from_context(lane->par, enc) < 0)
        return af_fail_memory(err);
    return af_output_lane_ready(lane, err);
}

int af_subtitle_prepare(struct af_lane *lane, const char *name, const AVDictionary *own,
                        const AVDictionary *shared, struct af_error *err)
{
    lane->subtitle = av_mallocz(sizeof *lane->subtitle);
    if (!lane->subtitle)
        return af_fail_memory(err);
    if (af_encoder_prepare(lane, name, own, shared, NULL, err) || open_decoder(lane, err) ||
        open_encoder(lane, err))
        return -1;
    af_input_use(lane->in, lane->in_stream);
    return 0;
}

/* ---- lines ---- */

enum af_subtitle_fit af_subtitle_window(const struct af_lane *lane, unsigned generation,
                                        int64_t *start, int64_t *length)
{
    int64_t first = af_input_begin(lane->in, generation, lane->base);

    if (lane->in->sought && *start < first) {
        if (*length <= first - *start)
            return AF_SUBTITLE_BEFORE;
        *length -= first - *start;
        *start = first;
    }
    if (lane->limit != INT64_MAX) {
        int64_t limit = av_rescale_q(lane->limit, AV_TIME_BASE_Q, lane->base);

        if (*start >= limit)
            return AF_SUBTITLE_AFTER;
        if (*length > limit - *start)
            *length = limit - *start;
    }
    return AF_SUBTITLE_FITS;
}

static int finish(struct af_lane *lane, struct af_error *err)
{
    af_queue_clear(&lane->queue);
    lane->finished = true;
    return af_output_lane_end(lane, err);
}

static int encode(struct af_lane *lane, AVSubtitle *line, unsigned generation,
                  struct af_error *err)
{
    int64_t start = av_sat_add64(line->pts, line->start_display_time * INT64_C(1000));
    int64_t length = line->end_display_time == UINT32_MAX
                         ? 0
                         : ((int64_t)line->end_display_time - line->start_display_time) * 1000;
    AVPacket *packet = lane->out->packet;
    int size;

    switch (af_subtitle_window(lane, generation, &start, &length)) {
    case AF_SUBTITLE_BEFORE:
        return 0;
    case AF_SUBTITLE_AFTER:
        return finish(lane, err);
    default:
        break;
    }
    line->pts = start;
    line->start_display_time = 0;
    line->end_display_time = length > 0 ? (uint32_t)(length / 1000) : UINT32_MAX;
    size = avcodec_encode_subtitle(lane->enc, lane->subtitle->buffer, LINE, line);
    if (size < 0)
        return af_log_fail(&lane->log, err, AF_ENCODE, size, lane->where, "the encoder failed");
    if (!size)
        return 0;
    if (av_new_packet(packet, size) < 0)
        return af_fail_memory(err);
    memcpy(packet->data, lane->subtitle->buffer, (size_t)size);
    packet->pts = packet->dts = start;
    packet->duration = length > 0 ? length : 0;
    packet->flags |= AV_PKT_FLAG_KEY;
    lane->frames++;
    if (start > lane->clock)
        lane->clock = start;
    return af_output_write(lane, packet, err);
}

static int convert(struct af_lane *lane, AVPacket *packet, struct af_error *err)
{
    unsigned generation = (unsigned)(uintptr_t)packet->opaque;
    AVSubtitle line = { 0 };
    int got = 0, ret;

    lane->subtitle->generation = generation;
    packet->pts = af_time_sane(packet->pts, stream_of(lane)->time_base);
    packet->duration = af_length_sane(packet->duration, stream_of(lane)->time_base);
    ret = avcodec_decode_subtitle2(lane->subtitle->dec, &line, &got, packet);
    /* SAMI ends a line with an empty one, which its decoder skips with this number for an error. */
    if (ret == -1 && lane->subtitle->dec->codec_id == AV_CODEC_ID_SAMI)
        return 0;
    if (ret < 0 || packet->pts == AV_NOPTS_VALUE) {
        if (got)
            avsubtitle_free(&line);
        lane->in->corrupt++;
        if (lane->in->skip_corrupt)
            return 0;
        return af_fail_av(err, AF_DECODE, ret < 0 ? ret : AVERROR_INVALIDDATA, lane->where,
                          "the subtitle decoder failed (on_corrupt \"skip\" goes on)");
    }
    if (!got)
        return 0;
    ret = line.num_rects ? encode(lane, &line, generation, err) : 0;
    avsubtitle_free(&line);
    return ret;
}

/* Brings out the lines that a decoder of captions holds until it knows their ends. */
static int drain(struct af_lane *lane, struct af_error *err)
{
    AVCodecContext *dec = lane->subtitle->dec;
    AVPacket *packet = lane->packet;
    int got = 1;

    if (!(dec->codec->capabilities & AV_CODEC_CAP_DELAY))
        return 0;
    av_packet_unref(packet);
    while (got && !lane->finished) {
        AVSubtitle line = { 0 };
        int ret = avcodec_decode_subtitle2(dec, &line, &got, packet);

        if (ret < 0) {
            lane->in->corrupt++;
            return lane->in->skip_corrupt
                       ? 0
                       : af_fail_av(err, AF_DECODE, ret, lane->where,
                                    "the last lines cannot be decoded (on_corrupt \"skip\" goes "
                                    "on without them)");
        }
        ret = got && line.num_rects ? encode(lane, &line, lane->subtitle->generation, err) : 0;
        if (got)
            avsubtitle_free(&line);
        if (ret)
            return -1;
    }
    return 0;
}

enum af_step af_subtitle_step(struct af_lane *lane, struct af_error *err)
{
    int ret;

    if (!af_queue_pop(&lane->queue, lane->packet)) {
        if (!lane->in->ended && !af_copy_window_passed(lane))
            return AF_STEP_STARVING;
        if (drain(lane, err))
            return AF_STEP_ERROR;
        return !lane->finished && finish(lane, err) ? AF_STEP_ERROR : AF_STEP_DONE;
    }
    ret = convert(lane, lane->packet, err);
    av_packet_unref(lane->packet);
    return ret ? AF_STEP_ERROR : AF_STEP_DONE;
}

void af_subtitle_free(struct af_lane *lane)
{
    if (!lane->subtitle)
        return;
    avcodec_free_context(&lane->subtitle->dec);
    av_free(lane->subtitle->buffer);
    av_freep(&lane->subtitle);
}
