/* Opus and Vorbis: libavcodec's own functions where they can be called, and else loops in the form of its
 * own, with its reader of bits. */
#include <math.h>

#define BITSTREAM_READER_LE
#include <libavcodec/get_bits.h>
#include <libavcodec/opus/dsp.h>
#include <libavcodec/opus/tab.h>
#include <libavcodec/vorbis.h>
#include <libavcodec/vorbisdsp.h>

#include "compared.h"
#include "setup.h"

int afmpeg_celt_transition(float *data, int old_period, int period, const float *old_gains,
                           const float *gains, const float *window);
int afmpeg_celt_pulses(int *numbers, float *to, uint32_t dimensions, uint32_t pulses, uint32_t index,
                       const uint32_t *const *rows, float gain);
int afmpeg_vorbis_vectors(const uint8_t *bytes, int *index, int size, const VLCElem *table, int bits,
                          const float *vectors, int dimensions, int count, float *to, int pitch);
void __real_ff_vorbis_floor1_render_list(vorbis_floor1_entry *list, int values, uint16_t *y_list,
                                         int *flag, int multiplier, float *out, int samples);

static void transition(float *data, int old_period, int period, const float *old_gains,
                       const float *gains)
{
    if (afmpeg_celt_transition(data, old_period, period, old_gains, gains, ff_celt_window2))
        return;
    for (int i = 0; i < 120; i++) {
        const float in = ff_celt_window2[i];
        const double out = 1.0 - in;
        const float *old = data + i - old_period, *now = data + i - period;
        double sum = out * old_gains[0] * old[0];

        sum += out * old_gains[1] * (old[-1] + old[1]);
        sum += out * old_gains[2] * (old[-2] + old[2]);
        sum += in * gains[0] * now[0];
        sum += in * gains[1] * (now[1] + now[-1]);
        sum += in * gains[2] * (now[2] + now[-2]);
        data[i] += sum;
    }
}

COMPARED(celt_transition,
         (float *data, int old_period, int period, const float *old_gains, const float *gains),
         transition(data, old_period, period, old_gains, gains))

/* How many vectors there are of so many dimensions and pulses, as libavcodec's table has it. */
static uint32_t count_of(uint32_t n, uint32_t k)
{
    return n < k ? ff_celt_pvq_u_row[n][k] : ff_celt_pvq_u_row[k][n];
}

static void pulses(int *numbers, float *to, uint32_t dimensions, uint32_t left, uint32_t index,
                   float gain)
{
    uint64_t norm = 0;

    if (afmpeg_celt_pulses(numbers, to, dimensions, left, index, ff_celt_pvq_u_row, gain))
        return;
    for (uint32_t n = dimensions; n > 0; n--) {
        uint32_t negative = index >= count_of(n, left + 1), before = left;
        int64_t value;

        index -= negative ? count_of(n, left + 1) : 0;
        while (count_of(n, left) > index)
            left--;
        index -= count_of(n, left);
        value = before - left;
        norm += value * value;
        numbers[dimensions - n] = negative ? -value : value;
    }
    gain /= sqrtf((float)norm);
    for (uint32_t i = 0; i < dimensions; i++)
        to[i] = gain * numbers[i];
}

COMPARED(celt_pulses,
         (int *numbers, float *to, uint32_t dimensions, uint32_t number, uint32_t index, float gain),
         pulses(numbers, to, dimensions, number, index, gain))

/* Pairs of dimensions go to two channels. */
static void vectors_of(const uint8_t *bytes, int *index, int size, const VLCElem *table, int bits,
                       const float *vectors, int dimensions, int count, float *to, int pitch)
{
    GetBitContext gb;

    if (afmpeg_vorbis_vectors(bytes, index, size, table, bits, vectors, dimensions, count, to, pitch))
        return;
    check(init_get_bits(&gb, bytes, size));
    skip_bits_long(&gb, *index);
    for (int k = 0; k < count; k++) {
        int code = get_vlc2(&gb, table, bits, 3);

        if (code < 0)
            break;
        for (int d = 0; d < dimensions; d += 2, to++) {
            to[0] += vectors[code * dimensions + d];
            to[pitch] += vectors[code * dimensions + d + 1];
        }
    }
    *index = get_bits_count(&gb);
}

COMPARED(vorbis_vectors,
         (const uint8_t *bytes, int *index, int size, const VLCElem *table, int bits,
          const float *vectors, int dimensions, int count, float *to, int pitch),
         vectors_of(bytes, index, size, table, bits, vectors, dimensions, count, to, pitch))

void setup_celt_vorbis(void)
{
    OpusDSP opus;
    VorbisDSPContext vorbis;

    ff_opus_dsp_init(&opus);
    ff_vorbisdsp_init(&vorbis);
    NOTE(celt_transition);
    NOTE(celt_pulses);
    NOTE(vorbis_vectors);
    AFMPEG_NOTE(afmpeg_kernel_before, AFMPEG_vorbis_lines, __real_ff_vorbis_floor1_render_list);
    AFMPEG_NOTE(afmpeg_kernel_after, AFMPEG_vorbis_lines, ff_vorbis_floor1_render_list);
}
