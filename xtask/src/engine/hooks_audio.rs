//! Calls of host kernels from audio codecs and filters of FFmpeg, as in `hooks.rs`.

use super::hooks::Edit;

/// Loops of plain arithmetic in static functions.
pub(super) const FFMPEG: [Edit; 7] = [
    (
        "ffmpeg/libavcodec/mpegaudiodec_template.c",
        "        for (i = 0; i < nb_frames; i++) {\n            RENAME(ff_mpa_synth_filter)(",
        "#if !USE_FLOATS\n\
         \x20       int afmpeg_mp3_synthesis(int32_t *ring, int *offset, int *carried, int16_t *samples,\n\
         \x20                                int step, const int32_t *bands, int count);\n\
         \x20       if (afmpeg_mp3_synthesis(s->synth_buf[ch], &s->synth_buf_offset[ch], &s->dither_state,\n\
         \x20                                samples_ptr, sample_stride, s->sb_samples[ch][0], nb_frames))\n\
         \x20           continue;\n\
         #endif\n\
         \x20       for (i = 0; i < nb_frames; i++) {\n            RENAME(ff_mpa_synth_filter)(",
    ),
    (
        "ffmpeg/libavcodec/aacpsy.c",
        "static void psy_hp_filter(const float *firbuf, float *hpfsmpl, const float *psy_fir_coeffs)\n{\n    int i, j;\n",
        // The kernels' tests call it.
        "void psy_hp_filter(const float *firbuf, float *hpfsmpl, const float *psy_fir_coeffs);\n\
         void psy_hp_filter(const float *firbuf, float *hpfsmpl, const float *psy_fir_coeffs)\n{\n    int i, j;\n\
         \x20   int afmpeg_aac_high_pass(const float *from, float *to, const float *factors);\n\n\
         \x20   if (afmpeg_aac_high_pass(firbuf, hpfsmpl, psy_fir_coeffs))\n        return;\n",
    ),
    (
        "ffmpeg/libavfilter/af_atempo.c",
        "    const uint8_t *src = frag->data;\n\n",
        "    const uint8_t *src = frag->data;\n\
         \x20   int afmpeg_tempo_mono(float *to, const void *from, int count, int channels, int format);\n\n",
    ),
    (
        "ffmpeg/libavfilter/af_atempo.c",
        "    if (atempo->format == AV_SAMPLE_FMT_U8) {\n        yae_init_xdat(uint8_t, 127);\n",
        "    if (afmpeg_tempo_mono(frag->xdat_in, src, frag->nsamples, atempo->channels, atempo->format))\n        return;\n\
         \x20   if (atempo->format == AV_SAMPLE_FMT_U8) {\n        yae_init_xdat(uint8_t, 127);\n",
    ),
    (
        "ffmpeg/libavfilter/af_atempo.c",
        "    int i;\n\n    for (i = 0; i <= window; i++, xa++, xb++, xc++) {\n",
        "    int i;\n\
         \x20   int afmpeg_tempo_correlate(float *to, const float *a, const float *b, int count);\n\n\
         \x20   if (!afmpeg_tempo_correlate(xcorr_in, &xa->re, &xb->re, window + 1))\n\
         \x20   for (i = 0; i <= window; i++, xa++, xb++, xc++) {\n",
    ),
    (
        "ffmpeg/libavfilter/af_atempo.c",
        "    xcorr = correlation + i0;\n\n",
        "    xcorr = correlation + i0;\n\
         \x20   int afmpeg_tempo_best(const float *correlation, int first, int end, int drift, int *best);\n\
         \x20   int best;\n\
         \x20   if (afmpeg_tempo_best(correlation, i0, i1, drift, &best))\n\
         \x20       return best < 0 ? best_offset : best - window / 2;\n\n",
    ),
    (
        "ffmpeg/libavfilter/af_atempo.c",
        "    av_assert0(start_here <= stop_here &&\n               frag->position[1] <= start_here &&\n               overlap <= frag->nsamples);\n\n",
        "    av_assert0(start_here <= stop_here &&\n               frag->position[1] <= start_here &&\n               overlap <= frag->nsamples);\n\n\
         \x20   int afmpeg_tempo_blend(void *to, const void *a, const void *b, const float *wa, const float *wb,\n\
         \x20                          int count, int channels, int format);\n\
         \x20   int64_t count = FFMIN(overlap, (dst_end - dst) / atempo->stride);\n\n\
         \x20   if (frag->position[0] >= 0 && count > 0 && (dst_end - dst) % atempo->stride == 0 &&\n\
         \x20       afmpeg_tempo_blend(dst, a, b, wa, wb, count, atempo->channels, atempo->format)) {\n\
         \x20       atempo->position[1] += count;\n\
         \x20       dst += count * atempo->stride;\n\
         \x20   } else\n",
    ),
];
