/* Codes of residuals in ALAC and FLAC, and what their encoders count: in the form of the codecs' own loops,
 * which are part of functions on contexts, with libavcodec's readers and writers of bits. */
#include <limits.h>
#include <stdlib.h>

#include <libavutil/internal.h>

#include <libavcodec/get_bits.h>
#include <libavcodec/golomb.h>
#include <libavcodec/mathops.h>
#include <libavcodec/put_bits.h>

#include "compared.h"
#include "lossless.h"
#include "setup.h"

static int sign_of(int value)
{
    return (value > 0) - (value < 0);
}

static void predict(int32_t *residuals, const int32_t *samples, int count, int order, int shift,
                    const int *coefficients, int width)
{
    int weights[8];

    if (afmpeg_alac_predict(residuals, samples, count, order, shift, coefficients, width))
        return;
    for (int k = 0; k < order; k++)
        weights[k] = coefficients[k];
    for (int at = order + 1; at < count; at++) {
        const int32_t *past = samples + at - order - 1;
        unsigned sum = 1U << ((shift - 1) & 31);
        int rest, sign;

        for (int k = 0; k < order; k++)
            sum += (unsigned)(past[order - k] - past[0]) * weights[k];
        sum = ((int)sum >> shift) + past[0];
        rest = residuals[at] = sign_extend(past[order + 1] - sum, width);
        sign = sign_of(rest);
        for (int k = order - 1; k >= 0 && sign && rest * (int64_t)sign > 0; k--) {
            int distance = past[0] - past[order - k], step = sign * sign_of(distance);

            weights[k] -= step;
            rest -= (distance * step >> shift) * (order - k);
        }
    }
}

COMPARED(alac_predict,
         (int32_t *residuals, const int32_t *samples, int count, int order, int shift,
          const int *coefficients, int width),
         predict(residuals, samples, count, order, shift, coefficients, width))

static void scalar(PutBitContext *pb, unsigned value, unsigned k, int limit, int width)
{
    unsigned most, quotient, rest;

    k = (int)k < limit ? k : (unsigned)limit;
    most = (1 << k) - 1;
    quotient = value / most;
    rest = value % most;
    if (quotient > 8) {
        put_bits(pb, 9, 511);
        put_bits(pb, width, value);
        return;
    }
    put_bits(pb, quotient + 1, (2 << quotient) - 2);
    if (k > 1 && rest)
        put_bits(pb, k, rest + 1);
    else if (k > 1)
        put_bits(pb, k - 1, 0);
}

static void alac_codes(PutBitContext *pb, const int32_t *residuals, int count, unsigned history,
                       int multiplier, int limit, int width)
{
    int less = 0;

    for (int at = 0; at < count;) {
        unsigned value = residuals[at] < 0 ? -2 * residuals[at] - 1 : 2 * residuals[at];

        at++;
        scalar(pb, value - less, av_log2((history >> 9) + 3), limit, width);
        history += value * multiplier - ((history * multiplier) >> 9);
        less = 0;
        if (value > 0xffff)
            history = 0xffff;
        if (history < 128 && at < count) {
            int first = at;

            while (at < count && !residuals[at])
                at++;
            scalar(pb, at - first, 7 - av_log2(history) + ((history + 16) >> 6), limit, 16);
            less = at - first <= 0xffff;
            history = 0;
        }
    }
}

/* A few bits, the codes, and what they are; then the length in bits. */
#define WRITTEN(done, otherwise) \
    do { \
        PutBitContext pb; \
        init_put_bits(&pb, to, room); \
        put_bits(&pb, lead, 1); \
        if (!(done)) \
            otherwise; \
        *(uint32_t *)result = put_bits_count(&pb); \
        flush_put_bits(&pb); \
    } while (0)

COMPARED(alac_write,
         (uint8_t *to, int room, int lead, uint32_t *result, const int32_t *residuals, int count,
          unsigned history, int multiplier, int limit, int width),
         WRITTEN(afmpeg_alac_write(&pb, residuals, count, history, multiplier, limit, width),
                 alac_codes(&pb, residuals, count, history, multiplier, limit, width)))

static void flac_codes(PutBitContext *pb, const int32_t *residuals, int count, int order,
                       int partition_order, int width, const int *parameters)
{
    int at = order;

    for (int part = 0; part < 1 << partition_order; part++) {
        int k = parameters[part];

        put_bits(pb, width, k);
        for (; at < (count >> partition_order) * (part + 1); at++) {
            unsigned value = ((unsigned)residuals[at] << 1) ^ (residuals[at] >> 31);

            for (unsigned zeros = value >> k; zeros; zeros--)
                put_bits(pb, 1, 0);
            put_bits(pb, 1, 1);
            if (k)
                put_bits(pb, k, value & ((1U << k) - 1));
        }
    }
}

COMPARED(flac_write,
         (uint8_t *to, int room, int lead, uint32_t *result, const int32_t *residuals, int count,
          int order, int partition_order, int width, const int *parameters),
         WRITTEN(afmpeg_flac_write(&pb, residuals, count, order, partition_order, width, parameters),
                 flac_codes(&pb, residuals, count, order, partition_order, width, parameters)))

/* Where the reader is at the end, -1 after a code that is too long. */
static int flac_values(GetBitContext *gb, int32_t *to, int count, int order, int partition_order,
                       int width)
{
    int at = order;

    for (int part = 0; part < 1 << partition_order; part++) {
        int k = get_bits(gb, width), plain = k == (1 << width) - 1;
        int limit = k > 1 ? (INT_MAX >> (k - 1)) + 2 : INT_MAX;

        if (plain)
            k = get_bits(gb, 5);
        for (; at < (count >> partition_order) * (part + 1); at++) {
            int value = plain ? get_sbits_long(gb, k) : get_sr_golomb_flac(gb, k, limit, 1);

            if (!plain && value == INT_MIN)
                return -1;
            *to++ = value;
        }
    }
    return get_bits_count(gb);
}

static void read_residuals(const uint8_t *bytes, int index, int size, int32_t *to, int count, int order,
                           int partition_order, int width, int32_t *end)
{
    GetBitContext gb;

    *end = index;
    if (afmpeg_flac_read(bytes, end, size, to, count, order, partition_order, width))
        return;
    check(init_get_bits(&gb, bytes, size));
    skip_bits_long(&gb, index);
    *end = flac_values(&gb, to, count, order, partition_order, width);
    /* What an error leaves behind is nobody's. */
    for (int at = 0; *end < 0 && at < count - order; at++)
        to[at] = 0;
}

COMPARED(flac_read,
         (const uint8_t *bytes, int index, int size, int32_t *to, int count, int order,
          int partition_order, int width, int32_t *end),
         read_residuals(bytes, index, size, to, count, order, partition_order, width, end))

static void stereo(const int32_t *left, const int32_t *right, int count, uint64_t *sums)
{
    for (int sum = 0; sum < 4; sum++)
        sums[sum] = 0;
    if (afmpeg_stereo_sums(left, right, count, sums))
        return;
    for (int i = 2; i < count; i++) {
        int32_t l = left[i] - 2 * left[i - 1] + left[i - 2];
        int32_t r = right[i] - 2 * right[i - 1] + right[i - 2];

        sums[0] += abs(l);
        sums[1] += abs(r);
        sums[2] += abs((l + r) >> 1);
        sums[3] += abs(l - r);
    }
}

COMPARED(stereo_sums, (const int32_t *left, const int32_t *right, int count, uint64_t *sums),
         stereo(left, right, count, sums))

static void partition_sums(const int32_t *residuals, int count, int order, int partition_order,
                           uint64_t *sums)
{
    int at = order;

    if (afmpeg_flac_partition_sums(residuals, count, order, partition_order, sums))
        return;
    for (int part = 0; part < 1 << partition_order; part++) {
        uint64_t sum = 0;

        for (; at < (count >> partition_order) * (part + 1); at++)
            sum += ((unsigned)residuals[at] << 1) ^ (residuals[at] >> 31);
        sums[part] = sum;
    }
}

COMPARED(flac_partition_sums,
         (const int32_t *residuals, int count, int order, int partition_order, uint64_t *sums),
         partition_sums(residuals, count, order, partition_order, sums))

static void code_bits(const int32_t *residuals, int count, int parameter, uint64_t *bits)
{
    uint64_t sum = 0;

    if (afmpeg_flac_code_bits(residuals, count, parameter, bits))
        return;
    for (int i = 0; i < count; i++) {
        unsigned value = ((unsigned)residuals[i] << 1) ^ (residuals[i] >> 31);

        sum += (value >> parameter) + 1 + parameter;
    }
    *bits = sum;
}

COMPARED(flac_code_bits, (const int32_t *residuals, int count, int parameter, uint64_t *bits),
         code_bits(residuals, count, parameter, bits))

void setup_lossless(void)
{
    NOTE(alac_predict);
    NOTE(alac_write);
    NOTE(flac_write);
    NOTE(flac_read);
    NOTE(stereo_sums);
    NOTE(flac_partition_sums);
    NOTE(flac_code_bits);
}
