/* The copy lane: packets of an input stream straight to the muxer. */
#include "copy.h"

#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/common.h>
#include <libavutil/mathematics.h>

#include "error.h"
#include "lane.h"
#include "mux.h"
#include "smart.h"
#include "subtitle.h"

/* Packets without a decode time that are held in wait of one that has it. */
enum { UNKNOWN_LIMIT = 64 };

/* Microseconds. */
enum { LATE_PACKETS = 5000000 };

/* Bytes of the block STREAMINFO. */
enum { FLAC_HEADER_SIZE = 34 };

static const AVStream *stream_of(const struct af_lane *lane)
{
    return lane->in->ctx->streams[lane->in_stream];
}

/* A tag that means something else, or nothing, in the output's container must go. */
static void fit_tag(struct af_lane *lane)
{
    const AVOutputFormat *format = lane->out->oc->oformat;
    unsigned tag;

    if (format->codec_tag &&
        av_codec_get_id(format->codec_tag, lane->par->codec_tag) != lane->par->codec_id &&
        av_codec_get_tag2(format->codec_tag, lane->par->codec_id, &tag))
        lane->par->codec_tag = 0;
}

static bool is_cover(const AVStream *stream)
{
    return stream->disposition & AV_DISPOSITION_ATTACHED_PIC;
}

bool af_copy_keeps_covers(const AVOutputFormat *format)
{
    return av_match_name(format->name, "mp4,mov,ipod,mp3,flac");
}

/* A muxer that is asked for the codecs of its streams does not tell of its covers. */
static bool takes_cover(const AVOutputFormat *format, const AVStream *stream)
{
    enum AVCodecID id = stream->codecpar->codec_id;

    return is_cover(stream) && af_copy_keeps_covers(format) &&
           (id == AV_CODEC_ID_MJPEG || id == AV_CODEC_ID_PNG);
}

enum af_cover af_copy_cover(const AVOutputFormat *format, const AVStream *stream)
{
    /* The muxers of music take pictures as covers and nothing else. */
    if (!is_cover(stream))
        return av_match_name(format->name, "mp3,flac") ? AF_COVER_REFUSED : AF_COVER_NONE;
    return takes_cover(format, stream) ? AF_COVER_TAKEN : AF_COVER_REFUSED;
}

/* A file that tells no more than the count of its channels means the usual ones; MP4 cannot say
 * "unknown". */
static void settle_layout(AVCodecParameters *par)
{
    int channels = par->ch_layout.nb_channels;

    if (par->codec_type == AVMEDIA_TYPE_AUDIO && channels > 0 && channels <= 2 &&
        par->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
        av_channel_layout_default(&par->ch_layout, channels);
}

/* The header of FLAC counts the samples and has their MD5: not those of a part, of several files, or of what is left
 * of a damaged one. Both are 0 where they are not known. */
static void settle_flac_header(struct af_lane *lane)
{
    const struct af_input_spec *from = lane->in->spec;
    uint8_t *header = lane->par->extradata;
    bool whole = !from->seek && !from->loop && lane->out->spec->limit < 0 &&
                 !lane->in->skip_corrupt && strcmp(lane->in->ctx->iformat->name, "concat");

    if (whole || lane->par->codec_id != AV_CODEC_ID_FLAC ||
        lane->par->extradata_size != FLAC_HEADER_SIZE)
        return;
    header[13] &= 0xF0;
    memset(header + 14, 0, 20);
}

int af_copy_prepare(struct af_lane *lane, struct af_error *err)
{
    const AVStream *stream = stream_of(lane);
    const AVOutputFormat *format = lane->out->oc->oformat;

    lane->par = avcodec_parameters_alloc();
    lane->packet = av_packet_alloc();
    if (!lane->packet || !lane->par || avcodec_parameters_copy(lane->par, stream->codecpar) < 0)
        return af_fail_memory(err);
    if (stream->sample_aspect_ratio.num > 0)
        lane->par->sample_aspect_ratio = stream->sample_aspect_ratio;
    fit_tag(lane);
    settle_layout(lane->par);
    settle_flac_header(lane);
    if (!takes_cover(format, stream) &&
        avformat_query_codec(format, lane->par->codec_id, FF_COMPLIANCE_EXPERIMENTAL) == 0)
        return af_fail(err, AF_MUX, lane->where, "the muxer %s does not take %s: encode the stream",
                       format->name, avcodec_get_name(lane->par->codec_id));
    lane->base = stream->time_base;
    lane->frame_rate = stream->avg_frame_rate;
    af_input_use(lane->in, lane->in_stream);
    if (lane->out->spec->cut == AF_CUT_SMART && lane->type == AVMEDIA_TYPE_VIDEO &&
        !is_cover(stream))
        return af_smart_prepare(lane, err);
    return af_output_lane_ready(lane, err);
}

/* What is not decodable for want of its key frame, or lies before the start of a sought input. */
static bool before_start(struct af_lane *lane, const AVPacket *packet)
{
    int64_t at = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;

    if (!lane->in->sought || is_cover(stream_of(lane)))
        return false;
    if (at != AV_NOPTS_VALUE)
        at -= af_input_begin(lane->in, (unsigned)(uintptr_t)packet->opaque, lane->base);
    if (lane->type == AVMEDIA_TYPE_VIDEO) {
        if (!lane->started && !(packet->flags & AV_PKT_FLAG_KEY))
            return true;
        /* Pictures that lead an open group refer to the group before it. */
        return at != AV_NOPTS_VALUE && at < 0;
    }
    return at != AV_NOPTS_VALUE && at + packet->duration <= 0;
}

/* Matroska tells no decode times, and the demuxer cannot know the first ones of a stream with
 * reordered pictures: they follow from the first one known. False: more packets have to be seen. */
bool af_copy_know_decode_times(struct af_lane *lane)
{
    AVPacket **first = lane->queue.packets.v + lane->queue.head;
    size_t count = lane->queue.packets.n - lane->queue.head, known = 0;
    int64_t dts;

    while (known < count && first[known]->dts == AV_NOPTS_VALUE)
        known++;
    if (known == count) {
        if (count < UNKNOWN_LIMIT && !lane->in->ended)
            return false;
        return true;
    }
    dts = first[known]->dts;
    while (known--) {
        dts -= first[known]->duration > 0 ? first[known]->duration : 1;
        first[known]->dts = dts;
    }
    return true;
}

/* Demuxers interleave to within seconds. */
bool af_copy_window_passed(const struct af_lane *lane)
{
    return lane->limit != INT64_MAX &&
           lane->in->position > av_sat_add64(lane->limit, LATE_PACKETS);
}

/* The one packet of a cover, which has no place in time; an input read again repeats it. */
static bool pop_cover(struct af_lane *lane)
{
    if (!lane->frames && af_queue_pop(&lane->queue, lane->packet)) {
        lane->packet->pts = lane->packet->dts = 0;
        return true;
    }
    af_queue_clear(&lane->queue);
    return false;
}

/* A line of text that is on when the output begins, or when it ends, is shown for the rest. */
static enum af_subtitle_fit cut_line(const struct af_lane *lane, AVPacket *packet)
{
    unsigned generation = (unsigned)(uintptr_t)packet->opaque;
    enum af_subtitle_fit fit =
        af_subtitle_window(lane, generation, &packet->pts, &packet->duration);

    packet->dts = packet->pts;
    return fit;
}

enum af_step af_copy_step(struct af_lane *lane, struct af_error *err)
{
    AVPacket *packet = lane->packet;
    int64_t at;
    int ret = 0;

    if (lane->type == AVMEDIA_TYPE_VIDEO && !af_copy_know_decode_times(lane))
        return AF_STEP_STARVING;
    if (!(is_cover(stream_of(lane)) ? pop_cover(lane) : af_queue_pop(&lane->queue, packet))) {
        bool done = lane->in->ended || af_copy_window_passed(lane) ||
                    (lane->frames && is_cover(stream_of(lane)));

        if (!done)
            return AF_STEP_STARVING;
        lane->finished = true;
        return af_output_lane_end(lane, err) ? AF_STEP_ERROR : AF_STEP_DONE;
    }
    at = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
    if (at != AV_NOPTS_VALUE) {
        /* Membership is decided on decode time: all that a kept picture refers to comes before it. */
        if (lane->limit != INT64_MAX &&
            av_compare_ts(at, lane->base, lane->limit, AV_TIME_BASE_Q) >= 0) {
            av_packet_unref(packet);
            af_queue_clear(&lane->queue);
            lane->finished = true;
            return af_output_lane_end(lane, err) ? AF_STEP_ERROR : AF_STEP_DONE;
        }
        if (lane->type == AVMEDIA_TYPE_SUBTITLE && packet->pts != AV_NOPTS_VALUE &&
            packet->duration > 0 && cut_line(lane, packet) == AF_SUBTITLE_BEFORE) {
            av_packet_unref(packet);
            return AF_STEP_DONE;
        }
        at = av_rescale_q(at + packet->duration, lane->base, AV_TIME_BASE_Q);
        if (at > lane->clock)
            lane->clock = at;
    }
    if (!before_start(lane, packet)) {
        lane->started = true;
        lane->frames++;
        packet->opaque = NULL;
        ret = af_output_write(lane, packet, err);
    }
    av_packet_unref(packet);
    return ret ? AF_STEP_ERROR : AF_STEP_DONE;
}
