/* The order of a job's work: demand drives it, from the output that is furthest behind to the input
 * that it waits for. */
#include "process.h"

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/common.h>

#include "copy.h"
#include "encode.h"
#include "error.h"
#include "lane.h"
#include "ops.h"
#include "smart.h"
#include "source.h"
#include "subtitle.h"

/* Requests in a row that a graph may leave unanswered with no input left to feed it. */
enum { STALL_LIMIT = 1000 };

/* What may wait for a lane whose turn is not near: frames, where they are both many and large, and bytes of packets. Twice as
 * much may where two lanes have others go on, one for the other, and so on. */
enum { FRAMES_WAITING = 8, FRAME_BYTES_WAITING = 4 << 20, PACKET_BYTES_WAITING = 16 << 20 };

/* Minutes of sound, as the pictures of a slide show are far apart. */
enum { SOUND_BYTES_WAITING = 64 << 20 };

/* As many pictures are too many even where one buffer is behind them all. */
enum { REPEATS_WAITING = 10000 };

/* Steps of the lanes of one output between two of the lane that is furthest behind. */
enum { STEPS_APART = 1000 };

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

/* Of those that wait for nothing yet. */
static struct af_lane *furthest_behind(struct af_lane *const *lanes, size_t count)
{
    struct af_lane *found = NULL;

    for (size_t i = 0; i < count; i++) {
        struct af_lane *lane = lanes[i];

        if (!lane->finished && !lane->waits && (!found || clock_of(lane) < clock_of(found)))
            found = lane;
    }
    return found;
}

static bool is_of_kind(const struct af_source *source, enum AVMediaType type)
{
    return source->dec->in->ctx->streams[source->dec->stream]->codecpar->codec_type == type;
}

/* How well a source fits what a lane asks for, of those that were asked in vain: others may have asked for what an input
 * has that is awaited, and for what is of another kind than the lane. */
static int fitness(const struct af_lane *lane, const struct af_source *source, unsigned failed)
{
    return failed ? 1 + is_of_kind(source, lane->type) + 2 * !source->dec->in->awaited : 0;
}

/* The source that the lane's graph asked for in vain: the one that fits best, of these the one most often asked, of these the
 * one least far. NULL when all have ended. */
static struct af_source *hungriest(const struct af_lane *lane)
{
    struct af_source *found = NULL;
    unsigned most = 0;
    int best = 0;

    for (size_t i = 0; i < lane->sources.n; i++) {
        struct af_source *source = lane->sources.v[i];
        unsigned failed;
        int fits;

        if (source->closed)
            continue;
        failed = av_buffersrc_get_nb_failed_requests(source->ctx);
        fits = fitness(lane, source, failed);
        if (found && (fits < best || (fits == best && failed < most) ||
                      (fits == best && failed == most &&
                       source->dec->in->position >= found->dec->in->position)))
            continue;
        found = source;
        best = fits;
        most = failed;
    }
    return found;
}

/* A picture went into the graphs of all lanes of pictures that take from its decoder. Sound is small. */
static void note_frame(struct af_process *job, const struct af_decoder *dec)
{
    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];

        for (size_t k = 0; lane->type == AVMEDIA_TYPE_VIDEO && k < lane->sources.n; k++)
            if (lane->sources.v[k]->dec == dec && !lane->sources.v[k]->closed &&
                is_of_kind(lane->sources.v[k], lane->type)) {
                lane->given.v[k].frames++;
                lane->given.v[k].bytes += dec->frame_bytes;
            }
    }
}

/* What the lane was given does not wait in its graph: it asks for more of the decoder's, or, of any (NULL), it gives frames
 * without asking. */
static void forget_given(struct af_lane *lane, const struct af_decoder *dec)
{
    for (size_t i = 0; i < lane->given.n; i++)
        if (!dec || lane->sources.v[i]->dec == dec)
            lane->given.v[i] = (struct af_given){ 0 };
}

enum supply {
    SUPPLY_ERROR = -1,
    SUPPLY_NONE,   /* no input has anything left for it */
    SUPPLY_AWAITED, /* only an input that another lane waits for, too */
    SUPPLY_GIVEN
};

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

/* The lane's next step, and what is to be done when it was its last. */
static enum af_step take_step(struct af_process *job, struct af_lane *lane, struct af_error *err)
{
    enum af_step step = lane->smart      ? af_smart_step(lane, err)
                        : lane->copied   ? af_copy_step(lane, err)
                        : lane->subtitle ? af_subtitle_step(lane, err)
                                         : af_encode_step(lane, err);

    lane->made = step == AF_STEP_DONE ? lane->made + 1 : 0;
    if (lane->made > FRAMES_WAITING)
        forget_given(lane, NULL);
    if (step == AF_STEP_DONE && lane->finished && settle(job, lane, err))
        return AF_STEP_ERROR;
    return step;
}

static bool is_much(const struct af_process *job, size_t frames, size_t bytes)
{
    return frames > FRAMES_WAITING && bytes / FRAME_BYTES_WAITING >= job->waiting;
}

static bool is_long(const struct af_process *job, const struct af_queue *queue)
{
    return queue->bytes / PACKET_BYTES_WAITING >= job->waiting;
}

static bool has_taken_much(const struct af_process *job, const struct af_lane *lane)
{
    size_t frames = af_encode_taken(lane);

    if (lane->type == AVMEDIA_TYPE_AUDIO)
        return lane->taken_bytes / SOUND_BYTES_WAITING >= job->waiting;
    return frames > REPEATS_WAITING || is_much(job, frames, lane->taken_bytes);
}

/* Whether more was read or decoded for the lane than should wait, while job->waiting lanes have others go on. */
static bool is_burdened(const struct af_process *job, const struct af_lane *lane)
{
    if (lane->finished)
        return false;
    for (size_t i = 0; i < lane->sources.n; i++) {
        const struct af_source *source = lane->sources.v[i];
        const struct af_given *given = &lane->given.v[i];

        if (!source->closed && (is_long(job, &source->dec->queue) ||
                                is_much(job, given->frames, given->bytes)))
            return true;
    }
    return is_long(job, &lane->queue) || has_taken_much(job, lane);
}

static bool is_output_burdened(const struct af_process *job, const struct af_output *out)
{
    for (size_t i = 0; i < out->lanes.n; i++)
        if (!out->lanes.v[i]->waits && is_burdened(job, out->lanes.v[i]))
            return true;
    return false;
}

static int unburden(struct af_process *job, struct af_lane *behind, struct af_input *from,
                    struct af_error *err);

static enum supply supply_packet(struct af_process *job, struct af_lane *lane, struct af_error *err)
{
    if (lane->in->awaited)
        return SUPPLY_AWAITED;
    if (af_pump(job, lane->in, err) < 0 || unburden(job, lane, lane->in, err))
        return SUPPLY_ERROR;
    return SUPPLY_GIVEN;
}

/* Whether a lane that waits has been given much of the decoder already, and waits for another. */
static bool is_enough(const struct af_process *job, const struct af_decoder *dec)
{
    for (size_t i = 0; i < job->lanes.n; i++) {
        const struct af_lane *lane = job->lanes.v[i];

        for (size_t k = 0; lane->waits && k < lane->sources.n; k++)
            if (lane->sources.v[k]->dec == dec &&
                is_much(job, lane->given.v[k].frames, lane->given.v[k].bytes))
                return true;
    }
    return false;
}

/* Gives a lane that has nothing what it asks for. */
static enum supply supply(struct af_process *job, struct af_lane *lane, struct af_error *err)
{
    const struct af_source *source;
    struct af_decoder *dec;
    enum af_feed fed;
    uint64_t before;

    if (af_lane_takes_packets(lane))
        return supply_packet(job, lane, err);
    source = hungriest(lane);
    if (!source)
        return SUPPLY_NONE;
    dec = source->dec;
    forget_given(lane, dec);
    if (is_enough(job, dec))
        return SUPPLY_AWAITED;
    before = dec->frames;
    while ((fed = af_decoder_feed(dec, dec->in->ended, err)) == AF_FEED_STARVING) {
        if (dec->in->awaited)
            return SUPPLY_AWAITED;
        if (af_pump(job, dec->in, err) < 0 || unburden(job, lane, dec->in, err))
            return SUPPLY_ERROR;
        /* Another has had it decoded, or ended the lane with what was there. */
        if (dec->frames != before || lane->finished)
            return SUPPLY_GIVEN;
    }
    if (fed == AF_FEED_ERROR)
        return SUPPLY_ERROR;
    note_frame(job, dec);
    return unburden(job, lane, dec->in, err) ? SUPPLY_ERROR : SUPPLY_GIVEN;
}

/* A step of a lane out of its turn, or what it needs for one. Starving: that must come by another's turn. */
static enum af_step go_on(struct af_process *job, struct af_lane *lane, struct af_error *err)
{
    enum af_step step = take_step(job, lane, err);

    if (step == AF_STEP_DONE)
        af_progress_note(&job->progress, job->outputs.v, job->outputs.n, false);
    if (step != AF_STEP_STARVING)
        return step;
    switch (supply(job, lane, err)) {
    case SUPPLY_ERROR:
        return AF_STEP_ERROR;
    case SUPPLY_GIVEN:
        return AF_STEP_DONE;
    default:
        return AF_STEP_STARVING;
    }
}

/* Takes the lanes of a burdened output, in the order of their clocks, as far as they come without more of the inputs that
 * are awaited; and when one of them needs more, those that are burdened without it. */
static int advance(struct af_process *job, struct af_output *out, struct af_error *err)
{
    enum af_step step = AF_STEP_DONE;
    int left = STEPS_APART;
    struct af_lane *lane;

    while (left-- > 0 && step == AF_STEP_DONE && is_output_burdened(job, out) &&
           (lane = furthest_behind(out->lanes.v, out->lanes.n)))
        step = go_on(job, lane, err);
    for (size_t i = 0; i < out->lanes.n && step != AF_STEP_ERROR; i++) {
        lane = out->lanes.v[i];
        step = lane->waits ? AF_STEP_STARVING : AF_STEP_DONE;
        while (left-- > 0 && step == AF_STEP_DONE && is_burdened(job, lane))
            step = go_on(job, lane, err);
    }
    return step == AF_STEP_ERROR ? -1 : 0;
}

/* What has come to the sinks is kept for its turn; of a lane that waits, so that it has no turn, what is too much is encoded. */
static int take_what_came(struct af_process *job, struct af_error *err)
{
    for (size_t i = 0; i < job->lanes.n; i++) {
        struct af_lane *lane = job->lanes.v[i];
        enum af_step step = AF_STEP_DONE;

        if (lane->finished || af_lane_takes_packets(lane))
            continue;
        if (af_encode_take(lane, err))
            return -1;
        while (step == AF_STEP_DONE && lane->waits && !lane->finished && has_taken_much(job, lane))
            step = take_step(job, lane, err);
        if (step == AF_STEP_ERROR)
            return -1;
    }
    return 0;
}

/* What was read and decoded for one lane came to others too, whose turn may be far away: before too much waits for one,
 * its output goes on out of turn. Which may bring too much to yet others: so deep as there are lanes that wait. */
static int unburden(struct af_process *job, struct af_lane *behind, struct af_input *from,
                    struct af_error *err)
{
    bool awaited = from->awaited;
    int ret;

    behind->waits = from->awaited = true;
    job->waiting++;
    ret = take_what_came(job, err);
    for (size_t i = 0; i < job->outputs.n && !ret; i++)
        if (is_output_burdened(job, job->outputs.v[i]))
            ret = advance(job, job->outputs.v[i], err);
    job->waiting--;
    from->awaited = awaited;
    behind->waits = false;
    drain_finished(job);
    return ret;
}

int af_schedule(struct af_process *job, struct af_error *err)
{
    struct af_lane *lane;
    int stalled = 0;

    /* What has no streams, tags and chapters alone, is complete. */
    if (finish_outputs(job, err))
        return -1;
    while ((lane = furthest_behind(job->lanes.v, job->lanes.n))) {
        enum af_step step = take_step(job, lane, err);
        enum supply given = SUPPLY_GIVEN;

        if (step == AF_STEP_STARVING)
            given = supply(job, lane, err);
        if (step == AF_STEP_ERROR || given == SUPPLY_ERROR)
            return -1;
        stalled = given == SUPPLY_NONE ? stalled + 1 : 0;
        if (stalled > STALL_LIMIT)
            return af_fail(err, AF_GRAPH, "filter",
                           "the filter graph waits for frames that no input has");
        drain_finished(job);
        if (step == AF_STEP_DONE)
            af_progress_note(&job->progress, job->outputs.v, job->outputs.n, false);
    }
    af_progress_note(&job->progress, job->outputs.v, job->outputs.n, true);
    return 0;
}
