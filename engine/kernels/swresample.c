/* Kernels of conversion between sample formats and rates. */
#include <stddef.h>

#include <libswresample/audioconvert.h>
#include <libswresample/resample.h>

#include "kernels.h"

AudioConvert *__real_swri_audio_convert_alloc(enum AVSampleFormat out_fmt, enum AVSampleFormat in_fmt,
                                              int channels, const int *ch_map, int flags);

AudioConvert *swri_audio_convert_alloc(enum AVSampleFormat out_fmt, enum AVSampleFormat in_fmt,
                                       int channels, const int *ch_map, int flags)
{
    AudioConvert *ctx = __real_swri_audio_convert_alloc(out_fmt, in_fmt, channels, ch_map, flags);
    const enum AVSampleFormat out = av_get_packed_sample_fmt(out_fmt);
    const enum AVSampleFormat in = av_get_packed_sample_fmt(in_fmt);
    const int size = av_get_bytes_per_sample(out_fmt);

    if (!ctx)
        return NULL;
    if (out == AV_SAMPLE_FMT_S16 && in == AV_SAMPLE_FMT_FLT)
        AFMPEG_REPLACE(AFMPEG_samples_float_to_16, ctx->conv_f);
    if (out == AV_SAMPLE_FMT_FLT && in == AV_SAMPLE_FMT_S16)
        AFMPEG_REPLACE(AFMPEG_samples_float_from_16, ctx->conv_f);
    /* Samples that only move between channels. */
    if (out == in && size == 2)
        AFMPEG_REPLACE(AFMPEG_samples_16, ctx->conv_f);
    if (out == in && size == 4)
        AFMPEG_REPLACE(AFMPEG_samples_32, ctx->conv_f);
    return ctx;
}

/* The kernel reads the context itself. */
_Static_assert(offsetof(ResampleContext, filter_bank) == 4 &&
               offsetof(ResampleContext, filter_length) == 8 &&
               offsetof(ResampleContext, filter_alloc) == 12 &&
               offsetof(ResampleContext, dst_incr_div) == 24 &&
               offsetof(ResampleContext, dst_incr_mod) == 28 &&
               offsetof(ResampleContext, index) == 32 &&
               offsetof(ResampleContext, frac) == 36 &&
               offsetof(ResampleContext, src_incr) == 40 &&
               offsetof(ResampleContext, phase_count) == 48, "the fields are where the kernel looks");

void __real_swri_resample_dsp_init(ResampleContext *c);

void swri_resample_dsp_init(ResampleContext *c)
{
    __real_swri_resample_dsp_init(c);
    if (c->format == AV_SAMPLE_FMT_FLTP)
        AFMPEG_REPLACE(AFMPEG_resample_float, c->dsp.resample_common);
}
