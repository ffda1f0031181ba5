/* Kernels of audio codecs: linear prediction of FLAC and of the encoders that search for predictors,
 * synthesis of MPEG audio. */
#include <libavcodec/flacdsp.h>
#include <libavcodec/flacencdsp.h>
#include <libavcodec/lpc.h>
#include <libavcodec/mpegaudiodsp.h>

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

    if (status >= 0)
        AFMPEG_REPLACE(AFMPEG_lpc_autocorrelation, s->lpc_compute_autocorr);
    return status;
}

void __real_ff_mpadsp_init(MPADSPContext *s);

void ff_mpadsp_init(MPADSPContext *s)
{
    __real_ff_mpadsp_init(s);
    AFMPEG_REPLACE(AFMPEG_mp3_window, s->apply_window_fixed);
}
