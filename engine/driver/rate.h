/* The rate of pictures: what the job says of it, and what formats and codecs with one rate need. */
#ifndef AF_RATE_H
#define AF_RATE_H

#include <stdbool.h>
#include <stddef.h>

#include <libavutil/rational.h>

struct af_lane;

/* Room for what af_rate_hold() writes. */
#define AF_RATE_ARGS 96

/* Whether the lane's pictures are to come at one distance: the arguments of the filter that sees to it. */
bool af_rate_hold(const struct af_lane *lane, char args[AF_RATE_ARGS]);

/* The clock of the pictures that go to the encoder, `base` being the graph's; rate.num is 0 if it is not known. */
AVRational af_rate_clock(const struct af_lane *lane, AVRational base, AVRational rate);

/* The clock that a muxer is to know of a copied stream; `base` where it may be any. */
AVRational af_rate_copied_clock(const struct af_lane *lane, AVRational base);

#endif
