/* The encode lane: from a pad of the filter graph through an encoder to the muxer. */
#ifndef AF_ENCODE_H
#define AF_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include <libavutil/rational.h>

struct af_error;
struct af_lane;
struct AVDictionary;
struct AVFrame;
struct AVOutputFormat;

/* What a lane needs to go on. */
enum af_step {
    AF_STEP_ERROR = -1,
    AF_STEP_DONE,    /* it went a step on, or finished */
    AF_STEP_STARVING /* there is nothing for it yet */
};

/* Finds the encoder (`name`, or by NULL the one that the muxer prefers) and gives it its options:
 * all of `own` must be its; the keys of `shared` that are its are removed from lane->out->unused;
 * those of `defaults` that are its hold where neither says otherwise. */
int af_encoder_prepare(struct af_lane *lane, const char *name, const struct AVDictionary *own,
                       const struct AVDictionary *shared, const struct AVDictionary *defaults,
                       struct af_error *err);

/* Holds the lane's sink, not yet initialised, to the formats that the encoder takes. */
int af_encoder_constrain(struct af_lane *lane, struct af_error *err);

/* Whether the encoder takes pictures of a pixel format. */
bool af_encoder_takes_pixels(const struct af_lane *lane, int format);

/* Tells a video encoder, not yet open, what the pictures are: their size, colours and light as the first
 * frame has them (NULL when there is none), their rate, and what holds where the job says nothing.
 * 0, or -1 without memory and without an error. */
int af_encoder_describe(struct af_lane *lane, const struct AVFrame *frame, AVRational rate);

/* Opens an audio encoder, once the graph is configured: its frame size is a matter of the graph. A
 * video encoder opens with its first frame, which tells colours and side data. */
int af_encoder_open_audio(struct af_lane *lane, struct af_error *err);

/* Takes what has come to the sink into the lane's own keeping, for its turn. 0, or -1 without memory. */
int af_encode_take(struct af_lane *lane, struct af_error *err);

/* How many frames it keeps so; they hold lane->taken_bytes. */
size_t af_encode_taken(const struct af_lane *lane);

/* Takes the next frame, for which the graph is asked where none was taken, and encodes it. */
enum af_step af_encode_step(struct af_lane *lane, struct af_error *err);

void af_encoder_free(struct af_lane *lane);

#endif
