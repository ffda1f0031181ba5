/* Kernels of Opus (CELT) and Vorbis: filters, vectors and curves. Those that begin with afmpeg_ are called
 * by changed sources (xtask/src/engine/audio.rs), and say whether they did the work. */
#include <stddef.h>
#include <stdint.h>

#include <libavcodec/opus/dsp.h>
#include <libavcodec/opus/tab.h>
#include <libavcodec/vorbis.h>
#include <libavcodec/vorbis_data.h>
#include <libavcodec/vorbisdsp.h>

#include "kernels.h"

#define KERNEL(type, slot) ((type *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_##slot])

_Static_assert(sizeof(vorbis_floor1_entry) == 8, "the host reads four numbers of 16 bits");

typedef void celt_transition(float *data, int old_period, int period, const float *old_gains,
                             const float *gains, const float *window);
typedef void celt_pulses(int *numbers, float *to, uint32_t dimensions, uint32_t pulses, uint32_t index,
                         float gain);
typedef void celt_deemphasis(float *left_to, const float *left, float *right_to, const float *right,
                             float *states, float weight, int count);
typedef void vorbis_lines(const vorbis_floor1_entry *points, int count, const uint16_t *heights,
                          const int *used, int multiplier, float *to, int samples, const float *levels);

int afmpeg_celt_transition(float *data, int old_period, int period, const float *old_gains,
                           const float *gains, const float *window);
int afmpeg_celt_pulses(int *numbers, float *to, uint32_t dimensions, uint32_t pulses, uint32_t index,
                       float gain);
int afmpeg_celt_deemphasis(float *left_to, const float *left, float *right_to, const float *right,
                           float *left_state, float *right_state, int count);

/* Periods from here on leave eight samples that do not depend on each other. */
enum { SHORTEST_PERIOD = 15 };

void __real_ff_opus_dsp_init(OpusDSP *dsp);

void ff_opus_dsp_init(OpusDSP *dsp)
{
    __real_ff_opus_dsp_init(dsp);
    AFMPEG_REPLACE(AFMPEG_celt_postfilter, dsp->postfilter);
}

void __real_ff_vorbisdsp_init(VorbisDSPContext *dsp);

void ff_vorbisdsp_init(VorbisDSPContext *dsp)
{
    __real_ff_vorbisdsp_init(dsp);
    AFMPEG_REPLACE(AFMPEG_vorbis_coupling, dsp->vorbis_inverse_coupling);
}

int afmpeg_celt_transition(float *data, int old_period, int period, const float *old_gains,
                           const float *gains, const float *window)
{
    celt_transition *kernel = KERNEL(celt_transition, celt_transition);

    if (!kernel || old_period < SHORTEST_PERIOD || period < SHORTEST_PERIOD)
        return 0;
    kernel(data, old_period, period, old_gains, gains, window);
    return 1;
}

int afmpeg_celt_pulses(int *numbers, float *to, uint32_t dimensions, uint32_t pulses, uint32_t index,
                       float gain)
{
    celt_pulses *kernel = KERNEL(celt_pulses, celt_pulses);

    if (kernel)
        kernel(numbers, to, dimensions, pulses, index, gain);
    return kernel != NULL;
}

/* Of no samples, when the left channel's turn comes, this does nothing; they are done with the right one's. */
int afmpeg_celt_deemphasis(float *left_to, const float *left, float *right_to, const float *right,
                           float *left_state, float *right_state, int count)
{
    celt_deemphasis *kernel = KERNEL(celt_deemphasis, celt_deemphasis);
    float states[2] = {*left_state, *right_state};

    if (!kernel || !count)
        return kernel != NULL;
    kernel(left_to, left, right_to, right, states, ff_opus_deemph_weights[0], count);
    *left_state = states[0];
    *right_state = states[1];
    return 1;
}

void __real_ff_vorbis_floor1_render_list(vorbis_floor1_entry *list, int values, uint16_t *y_list,
                                         int *flag, int multiplier, float *out, int samples);

void ff_vorbis_floor1_render_list(vorbis_floor1_entry *list, int values, uint16_t *y_list, int *flag,
                                  int multiplier, float *out, int samples)
{
    vorbis_lines *kernel = KERNEL(vorbis_lines, vorbis_lines);

    if (kernel)
        kernel(list, values, y_list, flag, multiplier, out, samples,
               ff_vorbis_floor1_inverse_db_table);
    else
        __real_ff_vorbis_floor1_render_list(list, values, y_list, flag, multiplier, out, samples);
}
