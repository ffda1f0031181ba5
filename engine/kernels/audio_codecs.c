/* Kernels of audio codecs: linear prediction of FLAC and of the encoders that search for predictors,
 * codes and synthesis of MPEG audio. Those that begin with afmpeg_ are called by changed sources
 * (xtask/src/engine/audio.rs and hooks_audio.rs), and say whether, or how far, they did the work. */
#include <libavcodec/flacdsp.h>
#include <libavcodec/flacencdsp.h>
#include <libavcodec/get_bits.h>
#include <libavcodec/lpc.h>
#include <libavcodec/mpegaudio.h>
#include <libavcodec/mpegaudiodata.h>
#include <libavcodec/mpegaudiodsp.h>
#include <libavcodec/vlc.h>

#include "kernels.h"

void __real_ff_flacdsp_init(FLACDSPContext *c, enum AVSampleFormat fmt, int channels);

void ff_flacdsp_init(FLACDSPContext *c, enum AVSampleFormat fmt, int channels)
{
    __real_ff_flacdsp_init(c, fmt, channels);
    AFMPEG_REPLACE(AFMPEG_flac_predict_narrow, c->lpc16);
    AFMPEG_REPLACE(AFMPEG_flac_predict_wide, c->lpc32);
    if (fmt != AV_SAMPLE_FMT_S16)
        return;
    AFMPEG_REPLACE(AFMPEG_flac_independent_16, c->decorrelate[0]);
    AFMPEG_REPLACE(AFMPEG_flac_left_side_16, c->decorrelate[1]);
    AFMPEG_REPLACE(AFMPEG_flac_side_right_16, c->decorrelate[2]);
    AFMPEG_REPLACE(AFMPEG_flac_mid_side_16, c->decorrelate[3]);
}

void __real_ff_flacencdsp_init(FLACEncDSPContext *c);

void ff_flacencdsp_init(FLACEncDSPContext *c)
{
    __real_ff_flacencdsp_init(c);
    AFMPEG_REPLACE(AFMPEG_flac_residual_narrow, c->lpc16_encode);
    AFMPEG_REPLACE(AFMPEG_flac_residual_wide, c->lpc32_encode);
}

int __real_ff_lpc_init(LPCContext *s, int blocksize, int max_order, enum FFLPCType lpc_type);

int ff_lpc_init(LPCContext *s, int blocksize, int max_order, enum FFLPCType lpc_type)
{
    int status = __real_ff_lpc_init(s, blocksize, max_order, lpc_type);

    if (status >= 0) {
        AFMPEG_REPLACE(AFMPEG_lpc_autocorrelation, s->lpc_compute_autocorr);
        AFMPEG_REPLACE(AFMPEG_lpc_welch, s->lpc_apply_welch_window);
    }
    return status;
}

typedef void plain_imdct(int *out, int *buf, int *in, int count, int switch_point, int block_type,
                         const int *windows);

static void imdct(int *out, int *buf, int *in, int count, int switch_point, int block_type)
{
    ((plain_imdct *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_mp3_imdct_long])(
        out, buf, in, count, switch_point, block_type, ff_mdct_win_fixed[0]);
}

void __real_ff_mpadsp_init(MPADSPContext *s);

void ff_mpadsp_init(MPADSPContext *s)
{
    __real_ff_mpadsp_init(s);
    AFMPEG_REPLACE_BY(AFMPEG_mp3_imdct_long, s->imdct36_blocks_fixed, imdct);
}

typedef void synthesis(int32_t *ring, int *offset, int *carried, int16_t *samples, int step,
                       const int32_t *bands, int count, const int32_t *window);

int afmpeg_mp3_synthesis(int32_t *ring, int *offset, int *carried, int16_t *samples, int step,
                         const int32_t *bands, int count);

/* The synthesis of a channel's frame. */
int afmpeg_mp3_synthesis(int32_t *ring, int *offset, int *carried, int16_t *samples, int step,
                         const int32_t *bands, int count)
{
    synthesis *kernel = (synthesis *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_mp3_synthesis];

    if (kernel)
        kernel(ring, offset, carried, samples, step, bands, count, ff_mpa_synth_window_fixed);
    return kernel != NULL;
}

_Static_assert(sizeof(VLCElem) == 4, "the host reads a symbol and a length of 16 bits each");

typedef int pairs(const uint8_t *bytes, int *index, int end, int size, const VLCElem *codes,
                  int escape_bits, const int16_t *exponents, int32_t *to, int count,
                  const uint32_t *powers, const uint32_t *mantissas, const int8_t *shifts);
typedef int quads(const uint8_t *bytes, int *index, int end, int size, const VLCElem *codes, int width,
                  const int16_t *exponents, int32_t *to, int from, const uint32_t *powers, int *last);

int afmpeg_mp3_pairs(GetBitContext *gb, int end, const VLCElem *codes, int escape_bits,
                     const int16_t *exponents, int32_t *to, int count, const uint32_t *powers);
int afmpeg_mp3_quads(GetBitContext *gb, int end, const VLC *codes, const int16_t *exponents,
                     int32_t *to, int from, const uint32_t *powers, int *last);

/* Gives the number of pairs that were read: all, or those before one that is near an end. */
int afmpeg_mp3_pairs(GetBitContext *gb, int end, const VLCElem *codes, int escape_bits,
                     const int16_t *exponents, int32_t *to, int count, const uint32_t *powers)
{
    pairs *kernel = (pairs *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_mp3_pairs];

    if (!kernel)
        return 0;
    return kernel(gb->buffer, &gb->index, end, gb->size_in_bits, codes, escape_bits, exponents, to, count,
                  powers, ff_table_4_3_value, ff_table_4_3_exp);
}

/* Gives the index of the first number that was not read, and the bit at which the last four began. */
int afmpeg_mp3_quads(GetBitContext *gb, int end, const VLC *codes, const int16_t *exponents,
                     int32_t *to, int from, const uint32_t *powers, int *last)
{
    quads *kernel = (quads *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_mp3_quads];

    if (!kernel)
        return from;
    return kernel(gb->buffer, &gb->index, end, gb->size_in_bits, codes->table, codes->bits, exponents, to,
                  from, powers, last);
}
