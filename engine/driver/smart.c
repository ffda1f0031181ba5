/* The smart cut of a copied video lane: which packets are copied, and which pictures are encoded again. */
#include "smart.h"

#include <libavutil/common.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>

#include "components.h"
#include "copy.h"
#include "error.h"
#include "lane.h"
#include "mux.h"
#include "nal.h"

int af_smart_encoder(struct af_lane *lane, struct af_error *err)
{
    const struct af_output_spec *spec = lane->out->spec;

    avcodec_free_context(&lane->enc);
    return af_encoder_prepare(lane, lane->codec->name,
                              spec->full ? lane->map->options : spec->video_options,
                              spec->full ? NULL : spec->options, NULL, err);
}

int af_smart_prepare(struct af_lane *lane, struct af_error *err)
{
    if (lane->in->spec->loop)
        return af_fail(err, AF_SEEK, lane->where,
                       "a smart cut reads its input once, and %s is looped", lane->in->where);
    if (!lane->in->spec->seek && lane->out->spec->limit < 0)
        return af_fail(err, AF_SEEK, lane->where,
                       "a smart cut needs a window: a seek of %s, or a duration or an end of the "
                       "output",
                       lane->in->where);
    lane->smart = av_mallocz(sizeof *lane->smart);
    if (!lane->smart || !(lane->smart->packet = av_packet_alloc()))
        return af_fail_memory(err);
    lane->smart->last_dts = INT64_MIN;
    /* What no seek cuts begins as the source does. */
    lane->smart->copying = !lane->in->spec->seek;
    lane->in->exact = true;
    /* Whether it is wanted shows when a cut falls into a group of pictures. */
    lane->codec = avcodec_find_encoder(lane->par->codec_id);
    if (!lane->codec && lane->out->spec->full && lane->map->options)
        return af_fail_no_codec(err, AF_ENCODER, lane->type,
                                avcodec_get_name(lane->par->codec_id), lane->where);
    if (lane->codec && af_smart_encoder(lane, err))
        return -1;
    if (av_dict_count(lane->private_options))
        return af_fail(err, AF_OPTION, lane->where,
                       "a smart cut keeps the source's pixel format: no option %s",
                       av_dict_iterate(lane->private_options, NULL)->key);
    return 0;
}

static size_t count_of(const struct af_queue *queue)
{
    return queue->packets.n - queue->head;
}

static const AVPacket *packet_at(const struct af_queue *queue, size_t i)
{
    return queue->packets.v[queue->head + i];
}

static bool at_end(const struct af_lane *lane, int64_t time)
{
    return av_compare_ts(time, lane->base, lane->limit, AV_TIME_BASE_Q) >= 0;
}

/* Whether the picture at a time is one of the output's. */
static bool is_wanted(const struct af_lane *lane, int64_t pts)
{
    return (pts >= 0 || !lane->in->sought) && !at_end(lane, pts);
}

/* The earliest picture of the output among what is held from the packet `from` on, INT64_MAX if there
 * is none. */
static int64_t earliest_wanted(const struct af_lane *lane, size_t from)
{
    const struct af_queue *held = &lane->smart->held;
    int64_t earliest = INT64_MAX;

    for (size_t i = from; i < count_of(held); i++) {
        int64_t pts = packet_at(held, i)->pts;

        if (is_wanted(lane, pts) && pts < earliest)
            earliest = pts;
    }
    return earliest;
}

static int64_t earliest_held(const struct af_queue *held)
{
    int64_t earliest = INT64_MAX;

    for (size_t i = 0; i < count_of(held); i++)
        earliest = FFMIN(earliest, packet_at(held, i)->pts);
    return earliest;
}

/* Whether no picture that is held looks behind the key frame. Leading pictures, shown before it, may:
 * of HEVC those of an IDR picture do not. */
static bool is_closed(const struct af_lane *lane)
{
    const struct af_queue *held = &lane->smart->held;

    return af_nal_is_idr(lane->par, packet_at(held, 0)) &&
           (lane->par->codec_id == AV_CODEC_ID_HEVC ||
            earliest_held(held) >= packet_at(held, 0)->pts);
}

/* Whether copying can begin with the group that is held: every picture of the output before it belongs
 * to a run, and no decoder that comes from that run needs more than the group. */
static bool can_begin(const struct af_lane *lane)
{
    const struct af_smart *smart = lane->smart;
    int64_t key = packet_at(&smart->held, 0)->pts;

    if (key < 0)
        return false;
    if (is_closed(lane) && earliest_held(&smart->held) >= 0)
        return true;
    return !smart->dec && earliest_wanted(lane, 0) >= key;
}

/* How many of the packets that are held can be copied: none from the window's end on, and none that is
 * shown after a picture that has to be encoded. */
static size_t copied_part(const struct af_lane *lane)
{
    const struct af_queue *held = &lane->smart->held;
    size_t part = 0;

    while (part < count_of(held) && !at_end(lane, packet_at(held, part)->pts))
        part++;
    for (; part; part--) {
        int64_t rest = earliest_wanted(lane, part), latest = INT64_MIN;

        for (size_t i = 0; i < part && rest != INT64_MAX; i++)
            latest = FFMAX(latest, packet_at(held, i)->pts);
        if (latest < rest)
            break;
    }
    return part;
}

/* Parameter sets will change within the stream: MP4 has a sample entry that says so. */
static void tell_of_headers(struct af_lane *lane)
{
    static const struct { enum AVCodecID id; unsigned tag; } in_band[] = {
        { AV_CODEC_ID_H264, MKTAG('a', 'v', 'c', '3') },
        { AV_CODEC_ID_HEVC, MKTAG('h', 'e', 'v', '1') },
    };
    const struct AVCodecTag *const *tags = lane->out->oc->oformat->codec_tag;
    bool at_the_end = lane->codec && lane->limit != INT64_MAX && lane->par->video_delay > 0;

    for (size_t i = 0; i < FF_ARRAY_ELEMS(in_band); i++)
        if (in_band[i].id == lane->par->codec_id && tags && (lane->smart->opened || at_the_end) &&
            av_codec_get_id(tags, in_band[i].tag) == in_band[i].id)
            lane->par->codec_tag = in_band[i].tag;
}

/* The header waits for the first packet, which shows whether parameter sets will change. */
static int make_ready(struct af_lane *lane, struct af_error *err)
{
    if (lane->ready)
        return 0;
    tell_of_headers(lane);
    return af_output_lane_ready(lane, err);
}

int af_smart_write(struct af_lane *lane, AVPacket *packet, struct af_error *err)
{
    lane->frames++;
    lane->smart->last_dts = packet->dts;
    packet->opaque = NULL;
    return make_ready(lane, err) || af_output_write(lane, packet, err) ? -1 : 0;
}

/* Copies the first `count` packets that are held, but for leading pictures whose references are not
 * there. */
static int copy(struct af_lane *lane, size_t count, bool leading, struct af_error *err)
{
    struct af_smart *smart = lane->smart;
    AVPacket *packet = smart->packet;

    for (size_t i = 0; i < count; i++) {
        int ret = av_packet_ref(packet, packet_at(&smart->held, i));

        if (ret >= 0 && smart->headers && packet->flags & AV_PKT_FLAG_KEY) {
            ret = af_nal_insert_headers(lane->par, packet);
            smart->headers = false;
        }
        if (ret < 0)
            return af_fail_av(err, AF_MUX, ret, lane->where,
                              "a copied key frame takes no headers");
        if (!leading && packet->pts < packet_at(&smart->held, 0)->pts)
            av_packet_unref(packet);
        else if (af_smart_write(lane, packet, err))
            return -1;
        av_packet_unref(packet);
    }
    return 0;
}

/* Copies the first `count` packets that are held, which no run has to bring before. */
static int begin_copy(struct af_lane *lane, size_t count, struct af_error *err)
{
    struct af_smart *smart = lane->smart;
    bool begins = !smart->copying;

    if (smart->dec && af_smart_run_end(lane, err))
        return -1;
    smart->copying = true;
    return copy(lane, count, !begins || is_closed(lane), err);
}

/* Encodes what is wanted of the packets that are held, from the packet `from` on. */
static int encode_held(struct af_lane *lane, size_t from, struct af_error *err)
{
    struct af_smart *smart = lane->smart;
    int64_t earliest = earliest_wanted(lane, from);
    size_t count = count_of(&smart->held);

    if (earliest == INT64_MAX)
        return 0;
    if (!smart->dec &&
        (af_smart_run_begin(lane, earliest, err) ||
         (!is_closed(lane) &&
          af_smart_run_feed(lane, &smart->before, count_of(&smart->before), err))))
        return -1;
    while (!is_wanted(lane, packet_at(&smart->held, count - 1)->pts))
        count--;
    return af_smart_run_feed(lane, &smart->held, count, err);
}

/* A group that ends before the window does is complete. */
static int end_group(struct af_lane *lane, struct af_error *err)
{
    struct af_smart *smart = lane->smart;
    struct af_queue group;
    int ret = smart->copying || can_begin(lane)
                  ? begin_copy(lane, count_of(&smart->held), err)
                  : encode_held(lane, 0, err);

    group = smart->before;
    smart->before = smart->held;
    smart->held = group;
    af_queue_clear(&smart->held);
    return ret;
}

/* No packet follows that could belong to the output. */
static int finish(struct af_lane *lane, struct af_error *err)
{
    struct af_smart *smart = lane->smart;
    size_t copied = 0;

    lane->finished = true;
    if (count_of(&smart->held)) {
        if (smart->copying || can_begin(lane))
            copied = copied_part(lane);
        if (copied && begin_copy(lane, copied, err))
            return -1;
        if (encode_held(lane, copied, err))
            return -1;
    }
    if (smart->dec && af_smart_run_end(lane, err))
        return -1;
    af_queue_clear(&smart->held);
    af_queue_clear(&smart->before);
    return make_ready(lane, err) || af_output_lane_end(lane, err) ? -1 : 0;
}

/* Holds what lane->packet holds. */
static int hold(struct af_lane *lane, struct af_error *err)
{
    struct af_smart *smart = lane->smart;
    AVPacket *packet = lane->packet;
    bool key = packet->flags & AV_PKT_FLAG_KEY;

    if (packet->pts == AV_NOPTS_VALUE)
        return af_fail(err, AF_SEEK, lane->where,
                       "%s does not tell when its pictures are shown, so they cannot be cut exactly",
                       lane->in->where);
    if (key && packet->dts != AV_NOPTS_VALUE)
        smart->delay = FFMAX(smart->delay, packet->pts - packet->dts);
    smart->passed |= at_end(lane, packet->pts);
    if (key && !smart->passed) {
        if (count_of(&smart->held) && end_group(lane, err))
            return -1;
        /* The next group needs the one before it only where it looks behind its key frame. */
        if ((lane->par->codec_id == AV_CODEC_ID_H264 || lane->par->codec_id == AV_CODEC_ID_HEVC) &&
            af_nal_is_idr(lane->par, packet))
            af_queue_clear(&smart->before);
    }
    if (!key && !count_of(&smart->held))
        return 0;
    return af_queue_move(&smart->held, packet) ? af_fail_memory(err) : 0;
}

enum af_step af_smart_step(struct af_lane *lane, struct af_error *err)
{
    AVPacket *packet = lane->packet;
    int64_t at;
    int ret;

    if (!af_copy_know_decode_times(lane))
        return AF_STEP_STARVING;
    if (!af_queue_pop(&lane->queue, packet)) {
        if (!lane->in->ended && !af_copy_window_passed(lane))
            return AF_STEP_STARVING;
        return finish(lane, err) ? AF_STEP_ERROR : AF_STEP_DONE;
    }
    at = packet->dts != AV_NOPTS_VALUE ? packet->dts : packet->pts;
    if (at != AV_NOPTS_VALUE) {
        int64_t end = av_rescale_q(at + packet->duration, lane->base, AV_TIME_BASE_Q);

        lane->clock = FFMAX(lane->clock, end);
        /* No picture is shown before it is decoded. */
        if (packet->dts != AV_NOPTS_VALUE && at_end(lane, packet->dts)) {
            av_packet_unref(packet);
            af_queue_clear(&lane->queue);
            return finish(lane, err) ? AF_STEP_ERROR : AF_STEP_DONE;
        }
    }
    ret = hold(lane, err);
    av_packet_unref(packet);
    return ret ? AF_STEP_ERROR : AF_STEP_DONE;
}

void af_smart_free(struct af_lane *lane)
{
    struct af_smart *smart = lane->smart;

    if (!smart)
        return;
    if (smart->dec)
        af_decoder_free(smart->dec);
    av_free(smart->dec);
    af_vec_free(&smart->times);
    af_queue_free(&smart->held);
    af_queue_free(&smart->before);
    av_packet_free(&smart->packet);
    av_freep(&lane->smart);
}
