/* The init functions of audio. */
#include <libavcodec/flacdsp.h>
#include <libavcodec/flacencdsp.h>
#include <libavcodec/lpc.h>
#include <libavcodec/mpegaudiodsp.h>
#include <libavutil/float_dsp.h>
#include <libswresample/audioconvert.h>
#include <libswresample/resample.h>

#include "setup.h"

void setup_audio(void)
{
    FLACDSPContext flac;
    FLACEncDSPContext flac_encoder;
    MPADSPContext mpeg;
    LPCContext lpc;
    ResampleContext resample = {.format = AV_SAMPLE_FMT_FLTP};

    avpriv_float_dsp_alloc(0);
    ff_flacdsp_init(&flac, AV_SAMPLE_FMT_S16, 2);
    ff_flacencdsp_init(&flac_encoder);
    ff_lpc_init(&lpc, 1024, 32, FF_LPC_TYPE_LEVINSON);
    ff_mpadsp_init(&mpeg);
    swri_audio_convert_alloc(AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_FLT, 2, NULL, 0);
    swri_audio_convert_alloc(AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_S16, 2, NULL, 0);
    swri_resample_dsp_init(&resample);
}
