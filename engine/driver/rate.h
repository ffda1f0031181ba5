/* The clocks of pictures: those that encoders and muxers with one rate can keep to. */
#ifndef AF_RATE_H
#define AF_RATE_H

#include <stdbool.h>

#include <libavutil/rational.h>

struct af_lane;

/* Whether the lane's format or its encoder has one rate, and each tick of the clock is a picture. */
bool af_rate_is_one(const struct af_lane *lane);

/* Whether the lane's format counts what the lane brings, and has no times: each picture is shown for one tick of the
 * clock, and sound goes on where it ended. */
bool af_rate_is_counted(const struct af_lane *lane);

/* The rate of the pictures that go to the encoder, whose size is known, `rate` being the graph's; where that is not
 * known, 0 is left unless there has to be one. */
AVRational af_rate_settle(const struct af_lane *lane, AVRational rate);

/* Their clock, `base` being the graph's, and `rate` settled. */
AVRational af_rate_clock(const struct af_lane *lane, AVRational base, AVRational rate);

/* The clock that a muxer is to know of a copied stream; `base` where it may be any. */
AVRational af_rate_copied_clock(const struct af_lane *lane, AVRational base);

#endif
