/* Decoding of one input stream, on demand, into the sources of the filter graph that want it. */
#include "decode.h"

#include <libavutil/mathematics.h>
#include <libavutil/mem.h>

#include "components.h"
#include "error.h"
#include "h264_header.h"
#include "source.h"
#include "times.h"

size_t af_frame_bytes(const AVFrame *frame)
{
    size_t bytes = 0;

    for (int i = 0; i < AV_NUM_DATA_POINTERS && frame->buf[i]; i++)
        bytes += frame->buf[i]->size;
    return bytes;
}

static const AVStream *stream_of(const struct af_decoder *dec)
{
    return dec->in->ctx->streams[dec->stream];
}

int af_decoder_init(struct af_decoder *dec, struct af_input *in, int stream, struct af_error *err)
{
    const AVCodecParameters *par = in->ctx->streams[stream]->codecpar;

    dec->in = in;
    dec->stream = stream;
    dec->base = in->ctx->streams[stream]->time_base;
    dec->next_pts = AV_NOPTS_VALUE;
    dec->packet = av_packet_alloc();
    dec->frame = av_frame_alloc();
    if (!dec->packet || !dec->frame)
        return af_fail_memory(err);
    if (!avcodec_find_decoder(par->codec_id))
        return af_fail_no_codec(err, AF_DECODER, par->codec_type,
                                avcodec_get_name(par->codec_id), in->where);
    af_input_use(in, stream);
    return 0;
}

/* Codecs with checksums over all of their data, which the library looks at when it is asked to only: damage
 * is told with certainty. */
static bool has_checksums(enum AVCodecID id)
{
    return id == AV_CODEC_ID_FLAC || id == AV_CODEC_ID_PNG;
}

static int open_decoder(struct af_decoder *dec, struct af_error *err)
{
    const AVStream *stream = stream_of(dec);
    const AVCodec *codec = avcodec_find_decoder(stream->codecpar->codec_id);
    int ret;

    dec->ctx = avcodec_alloc_context3(codec);
    if (!dec->ctx)
        return af_fail_memory(err);
    ret = avcodec_parameters_to_context(dec->ctx, stream->codecpar);
    if (ret >= 0) {
        dec->ctx->pkt_timebase = stream->time_base;
        dec->ctx->framerate = stream->avg_frame_rate;
        dec->ctx->thread_count = 1;
        if (has_checksums(codec->id))
            dec->ctx->err_recognition |= AV_EF_CRCCHECK | AV_EF_EXPLODE;
        dec->passes = af_h264_passable(stream->codecpar);
        ret = avcodec_open2(dec->ctx, codec, NULL);
    }
    if (ret < 0)
        return af_fail_av(err, AF_DECODE, ret, dec->in->where,
                          "cannot open the decoder %s for stream %d", codec->name, dec->stream);
    return 0;
}

/* A damaged place in the stream: counted, or the end of the job. */
static int corrupt(struct af_decoder *dec, int code, struct af_error *err)
{
    const AVStream *stream = stream_of(dec);

    dec->in->corrupt++;
    if (dec->in->skip_corrupt)
        return 0;
    if (code)
        return af_fail_av(err, AF_DECODE, code, dec->in->where,
                          "the %s decoder failed on stream %d (on_corrupt \"skip\" goes on)",
                          avcodec_get_name(stream->codecpar->codec_id), dec->stream);
    return af_fail(err, AF_DECODE, dec->in->where,
                   "damaged data in the %s stream %d (on_corrupt \"skip\" goes on)",
                   avcodec_get_name(stream->codecpar->codec_id), dec->stream);
}

/* Containers round the times of packets, and some files hold packets whose lengths are wrong by a part
 * of a frame. Within this many microseconds the count of samples is the better clock. */
enum { JITTER = 30000 };

/* Of a frame without a time. */
static int64_t next_time(const struct af_decoder *dec)
{
    return dec->next_pts == AV_NOPTS_VALUE ? af_input_begin(dec->in, dec->generation, dec->base)
                                           : dec->next_pts;
}

static void time_audio(struct af_decoder *dec, AVFrame *frame)
{
    AVRational samples = { 1, frame->sample_rate };
    int64_t off;

    frame->pts = af_time_sane(frame->pts, stream_of(dec)->time_base);
    if (frame->pts == AV_NOPTS_VALUE)
        frame->pts = next_time(dec);
    else
        frame->pts = av_rescale_q(frame->pts, stream_of(dec)->time_base, dec->base);
    if (dec->next_pts != AV_NOPTS_VALUE) {
        off = av_rescale_q(frame->pts - dec->next_pts, dec->base, AV_TIME_BASE_Q);
        if (off > -JITTER && off < JITTER)
            frame->pts = dec->next_pts;
    }
    frame->duration = av_rescale_q(frame->nb_samples, samples, dec->base);
    dec->next_pts = frame->pts + frame->duration;
    frame->time_base = dec->base;
}

static bool is_cover(const struct af_decoder *dec)
{
    return stream_of(dec)->disposition & AV_DISPOSITION_ATTACHED_PIC;
}

/* A cover has the rate of its demuxer's clock; it is shown as any single image is. */
AVRational af_decoder_frame_rate(const struct af_decoder *dec)
{
    AVStream *stream = dec->in->ctx->streams[dec->stream];

    if (is_cover(dec))
        return (AVRational){ 25, 1 };
    return av_guess_frame_rate(dec->in->ctx, stream, NULL);
}

static void time_video(struct af_decoder *dec, AVFrame *frame)
{
    frame->pts = af_time_sane(frame->best_effort_timestamp, dec->base);
    frame->duration = af_length_sane(frame->duration, dec->base);
    /* It has no place in time either: where the input begins, it is there. */
    if (is_cover(dec)) {
        frame->pts = af_input_begin(dec->in, dec->generation, dec->base);
        frame->duration = 0;
    }
    if (frame->pts == AV_NOPTS_VALUE)
        frame->pts = next_time(dec);
    if (frame->duration <= 0) {
        AVRational rate = af_decoder_frame_rate(dec);

        frame->duration = rate.num > 0 && rate.den > 0
                              ? av_rescale_q(1, av_inv_q(rate), dec->base)
                              : 0;
    }
    dec->next_pts = frame->pts + frame->duration;
    frame->time_base = dec->base;
    frame->pict_type = AV_PICTURE_TYPE_NONE;
}

/* Drops what lies before time 0 of an input that was sought. False when nothing is left. */
static bool trim_start(const struct af_decoder *dec, AVFrame *frame)
{
    int64_t begin, drop;
    size_t bytes;
    int planes;

    /* Read again, a file begins with the samples that warm its decoder up. */
    if (!dec->in->sought && !dec->generation)
        return true;
    begin = af_input_begin(dec->in, dec->generation, dec->base);
    if (frame->pts >= begin)
        return true;
    if (!frame->nb_samples)
        return false;
    drop = av_rescale_q(begin - frame->pts, dec->base, (AVRational){ 1, frame->sample_rate });
    if (drop >= frame->nb_samples)
        return false;
    bytes = (size_t)drop * (size_t)av_get_bytes_per_sample(frame->format);
    planes = 1;
    if (av_sample_fmt_is_planar(frame->format))
        planes = frame->ch_layout.nb_channels;
    else
        bytes *= (size_t)frame->ch_layout.nb_channels;
    for (int i = 0; i < planes; i++) {
        frame->extended_data[i] += bytes;
        if (i < AV_NUM_DATA_POINTERS && frame->data != frame->extended_data)
            frame->data[i] += bytes;
    }
    frame->nb_samples -= (int)drop;
    frame->pts = begin;
    frame->duration = av_rescale_q(frame->nb_samples, (AVRational){ 1, frame->sample_rate },
                                   dec->base);
    return true;
}

/* Whether trim_start() will drop the picture in any case. */
static bool before_start(const struct af_decoder *dec, const AVPacket *packet)
{
    return (dec->in->sought || dec->generation) && packet->pts != AV_NOPTS_VALUE &&
           packet->pts < af_input_begin(dec->in, dec->generation, dec->base);
}

/* One packet into the decoder. 1, 0 when there is none, -1. */
static int send(struct af_decoder *dec, bool input_ended, struct af_error *err)
{
    AVPacket *next = af_queue_first(&dec->queue), *packet = NULL;
    int ret;

    if (next) {
        unsigned generation = (unsigned)(uintptr_t)next->opaque;

        if (!dec->ctx)
            dec->generation = generation;
        /* The input begins again: what the decoder still holds comes out first. */
        if (generation == dec->generation && af_queue_pop(&dec->queue, dec->packet))
            packet = dec->packet;
    } else if (!input_ended) {
        return 0;
    }
    if (!dec->ctx && open_decoder(dec, err))
        return -1;
    if (!packet)
        dec->draining = true;
    dec->ctx->skip_frame = dec->passes && packet && before_start(dec, packet) ? AVDISCARD_NONREF
                                                                              : AVDISCARD_DEFAULT;
    ret = avcodec_send_packet(dec->ctx, packet);
    av_packet_unref(dec->packet);
    if (ret < 0 && ret != AVERROR_EOF && corrupt(dec, ret, err))
        return -1;
    return 1;
}

/* The decoder is empty: begin the next round of a loop, or end. True at the end. */
static bool drained(struct af_decoder *dec)
{
    const AVPacket *next = af_queue_first(&dec->queue);

    dec->draining = false;
    if (!next)
        return true;
    avcodec_flush_buffers(dec->ctx);
    dec->next_pts = AV_NOPTS_VALUE;
    dec->generation = (unsigned)(uintptr_t)next->opaque;
    return false;
}

/* Decodes into dec->frame. AF_FEED_FRAME also at the end, with dec->ended set. */
static enum af_feed decode(struct af_decoder *dec, bool input_ended, struct af_error *err)
{
    for (;;) {
        int ret = dec->ctx ? avcodec_receive_frame(dec->ctx, dec->frame) : AVERROR(EAGAIN);

        if (ret == AVERROR_EOF) {
            if (!drained(dec))
                continue;
            dec->ended = true;
            return AF_FEED_FRAME;
        }
        if (ret == AVERROR(EAGAIN)) {
            ret = send(dec, input_ended, err);
            if (ret <= 0)
                return ret ? AF_FEED_ERROR : AF_FEED_STARVING;
            continue;
        }
        if (ret < 0) {
            if (ret == AVERROR(ENOMEM)) {
                af_fail_memory(err);
                return AF_FEED_ERROR;
            }
            if (corrupt(dec, ret, err))
                return AF_FEED_ERROR;
            continue;
        }
        if (dec->ctx->codec_type == AVMEDIA_TYPE_AUDIO)
            time_audio(dec, dec->frame);
        else
            time_video(dec, dec->frame);
        if (!trim_start(dec, dec->frame)) {
            av_frame_unref(dec->frame);
            continue;
        }
        if (dec->frame->decode_error_flags || dec->frame->flags & AV_FRAME_FLAG_CORRUPT) {
            if (corrupt(dec, 0, err))
                return AF_FEED_ERROR;
        }
        return AF_FEED_FRAME;
    }
}

/* Leaves the frame as it is or empty. */
static int push(struct af_decoder *dec, AVFrame *frame, struct af_error *err)
{
    dec->frames++;
    dec->frame_bytes = af_frame_bytes(frame);
    for (size_t i = 0; i < dec->sources.n; i++)
        if (af_source_push(dec->sources.v[i], frame, i + 1 == dec->sources.n, err))
            return -1;
    return 0;
}

static int end(struct af_decoder *dec, struct af_error *err)
{
    for (size_t i = 0; i < dec->sources.n; i++)
        if (af_source_end(dec->sources.v[i], err))
            return -1;
    avcodec_free_context(&dec->ctx);
    return 0;
}

enum af_feed af_decoder_feed(struct af_decoder *dec, bool input_ended, struct af_error *err)
{
    enum af_feed fed;
    int ret;

    if (dec->first) {
        ret = push(dec, dec->first, err);
        av_frame_free(&dec->first);
        return ret ? AF_FEED_ERROR : AF_FEED_FRAME;
    }
    if (!dec->ended) {
        fed = decode(dec, input_ended, err);
        if (fed != AF_FEED_FRAME)
            return fed;
    }
    if (dec->ended)
        return end(dec, err) ? AF_FEED_ERROR : AF_FEED_FRAME;
    ret = push(dec, dec->frame, err);
    av_frame_unref(dec->frame);
    return ret ? AF_FEED_ERROR : AF_FEED_FRAME;
}

enum af_feed af_decoder_prime(struct af_decoder *dec, bool input_ended, struct af_error *err)
{
    enum af_feed fed = decode(dec, input_ended, err);

    if (fed != AF_FEED_FRAME || dec->ended)
        return fed;
    dec->first = dec->frame;
    dec->frame = av_frame_alloc();
    if (!dec->frame) {
        af_fail_memory(err);
        return AF_FEED_ERROR;
    }
    return fed;
}

bool af_decoder_needs_prime(const struct af_decoder *dec)
{
    const AVCodecParameters *par = stream_of(dec)->codecpar;
    const AVCodecDescriptor *codec = avcodec_descriptor_get(par->codec_id);

    if (par->codec_type == AVMEDIA_TYPE_AUDIO)
        return par->format < 0 || par->sample_rate <= 0 || par->ch_layout.nb_channels <= 0;
    /* The orientation that a camera wrote into a photograph is known with its first frame only. */
    return par->format < 0 || par->width <= 0 || par->height <= 0 ||
           (codec && codec->props & AV_CODEC_PROP_INTRA_ONLY && codec->mime_types);
}

bool af_decoder_live(const struct af_decoder *dec)
{
    if (dec->ended)
        return false;
    for (size_t i = 0; i < dec->sources.n; i++)
        if (!dec->sources.v[i]->closed && dec->sources.v[i]->wanted)
            return true;
    return false;
}

void af_decoder_free(struct af_decoder *dec)
{
    af_queue_free(&dec->queue);
    av_packet_free(&dec->packet);
    avcodec_free_context(&dec->ctx);
    av_frame_free(&dec->frame);
    av_frame_free(&dec->first);
    af_vec_free(&dec->sources);
}
