/* Times of a file or of a filter, made fit to be counted with. */
#ifndef AF_TIMES_H
#define AF_TIMES_H

#include <stdint.h>

#include <libavutil/avutil.h>
#include <libavutil/common.h>
#include <libavutil/mathematics.h>

/* Microseconds, over 2000 years: the greatest time of a job spec is half of it. What lies further
 * from 0 is no time, and two that lie nearer can be added in any time base that files have. */
#define AF_TIME_FAR (INT64_C(1) << 56)

/* The time if it is one that can be counted with, else AV_NOPTS_VALUE. */
static inline int64_t af_time_sane(int64_t time, AVRational base)
{
    int64_t at;

    if (time == AV_NOPTS_VALUE || time > INT64_MAX / 4 || time < INT64_MIN / 4)
        return AV_NOPTS_VALUE;
    at = av_rescale_q(time, base, AV_TIME_BASE_Q);
    return at > AF_TIME_FAR || at < -AF_TIME_FAR ? AV_NOPTS_VALUE : time;
}

/* The sum, if both are times. */
static inline int64_t af_time_add(int64_t time, int64_t shift)
{
    return time == AV_NOPTS_VALUE ? AV_NOPTS_VALUE : av_sat_add64(time, shift);
}

/* A length; one that cannot be is unknown, which is 0. */
static inline int64_t af_length_sane(int64_t length, AVRational base)
{
    return length < 0 || af_time_sane(length, base) == AV_NOPTS_VALUE ? 0 : length;
}

#endif
