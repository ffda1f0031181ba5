/* Opus and Vorbis: libavcodec's own functions where they can be called, and else loops in the form of its
 * own. */
#include <math.h>

#include <libavcodec/opus/dsp.h>
#include <libavcodec/opus/tab.h>
#include <libavcodec/vorbis.h>
#include <libavcodec/vorbisdsp.h>

#include "compared.h"
#include "setup.h"

int afmpeg_celt_transition(float *data, int old_period, int period, const float *old_gains,
                           const float *gains, const float *window);
int afmpeg_celt_pulses(int *numbers, float *to, uint32_t dimensions, uint32_t pulses, uint32_t index,
                       float gain);
int afmpeg_celt_deemphasis(float *left_to, const float *left, float *right_to, const float *right,
                           float *left_state, float *right_state, int count);
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

    if (afmpeg_celt_pulses(numbers, to, dimensions, left, index, gain))
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

static OpusDSP opus;

static void deemphasis(float *left_to, float *left, float *right_to, float *right, float *states,
                       int count)
{
    if (!afmpeg_celt_deemphasis(left_to, left, right_to, right, &states[0], &states[1], 0)) {
        states[0] = opus.deemphasis(left_to, left, states[0], ff_opus_deemph_weights, count);
        states[1] = opus.deemphasis(right_to, right, states[1], ff_opus_deemph_weights, count);
    } else if (count) {
        afmpeg_celt_deemphasis(left_to, left, right_to, right, &states[0], &states[1], count);
    }
}

COMPARED(celt_deemphasis,
         (float *left_to, float *left, float *right_to, float *right, float *states, int count),
         deemphasis(left_to, left, right_to, right, states, count))

void setup_celt_vorbis(void)
{
    VorbisDSPContext vorbis;

    ff_opus_dsp_init(&opus);
    ff_vorbisdsp_init(&vorbis);
    NOTE(celt_transition);
    NOTE(celt_pulses);
    NOTE(celt_deemphasis);
    AFMPEG_NOTE(afmpeg_kernel_before, AFMPEG_vorbis_lines, __real_ff_vorbis_floor1_render_list);
    AFMPEG_NOTE(afmpeg_kernel_after, AFMPEG_vorbis_lines, ff_vorbis_floor1_render_list);
}
