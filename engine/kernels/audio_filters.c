/* Kernels of audio filters: atempo. The functions here are called by changed sources of libavfilter
 * (xtask/src/engine/hooks_audio.rs) and say whether they did the work. */
#include <stddef.h>

#include <libavutil/samplefmt.h>

#include "kernels.h"

/* The kernel's address as a function pointer. */
#define KERNEL(type, name) ((type *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_tempo_##name])

typedef void mono(float *to, const void *from, int count, int channels);
typedef void blend(void *to, const void *a, const void *b, const float *wa, const float *wb, int count,
                   int channels);
typedef void correlate(float *to, const float *a, const float *b, int count);
typedef int best(const float *correlation, int first, int end, int drift);

int afmpeg_tempo_mono(float *to, const void *from, int count, int channels, int format);
int afmpeg_tempo_blend(void *to, const void *a, const void *b, const float *wa, const float *wb,
                       int count, int channels, int format);
int afmpeg_tempo_correlate(float *to, const float *a, const float *b, int count);
int afmpeg_tempo_best(const float *correlation, int first, int end, int drift, int *index);

int afmpeg_tempo_mono(float *to, const void *from, int count, int channels, int format)
{
    mono *kernel = format == AV_SAMPLE_FMT_S16   ? KERNEL(mono, mono_16)
                   : format == AV_SAMPLE_FMT_FLT ? KERNEL(mono, mono_float)
                                                 : NULL;

    if (!kernel || channels > 2)
        return 0;
    kernel(to, from, count, channels);
    return 1;
}

int afmpeg_tempo_blend(void *to, const void *a, const void *b, const float *wa, const float *wb,
                       int count, int channels, int format)
{
    blend *kernel = format == AV_SAMPLE_FMT_S16   ? KERNEL(blend, blend_16)
                    : format == AV_SAMPLE_FMT_FLT ? KERNEL(blend, blend_float)
                                                  : NULL;

    if (!kernel || channels > 2)
        return 0;
    kernel(to, a, b, wa, wb, count, channels);
    return 1;
}

int afmpeg_tempo_correlate(float *to, const float *a, const float *b, int count)
{
    correlate *kernel = KERNEL(correlate, correlate);

    if (kernel)
        kernel(to, a, b, count);
    return kernel != NULL;
}

/* The index is negative where nothing is better than nothing. */
int afmpeg_tempo_best(const float *correlation, int first, int end, int drift, int *index)
{
    best *kernel = KERNEL(best, best);

    if (kernel)
        *index = kernel(correlation, first, end, drift);
    return kernel != NULL;
}
