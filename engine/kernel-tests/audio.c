/* The init functions of audio. */
#include <libavcodec/flacdsp.h>
#include <libavcodec/flacencdsp.h>
#include <libavcodec/lpc.h>
#include <libavcodec/mpegaudiodsp.h>
#include <libavutil/float_dsp.h>
#include <libswresample/audioconvert.h>
#include <libswresample/resample.h>

#include "compared.h"
#include "setup.h"

static MPADSPContext mpeg;

int afmpeg_mp3_synthesis(int32_t *ring, int *offset, int *carried, int16_t *samples, int step,
                         const int32_t *bands, int count);

/* A frame of one channel, as the decoder makes it. */
static void synthesis(int32_t *ring, int *offset, int *carried, int16_t *samples, int step,
                      int32_t *bands, int count)
{
    if (afmpeg_mp3_synthesis(ring, offset, carried, samples, step, bands, count))
        return;
    for (int i = 0; i < count; i++)
        ff_mpa_synth_filter_fixed(&mpeg, ring, offset, ff_mpa_synth_window_fixed, carried,
                                  samples + 32 * step * i, step, bands + 32 * i);
}

COMPARED(mp3_synthesis, (int32_t *ring, int *offset, int *carried, int16_t *samples, int step,
                         int32_t *bands, int count),
         synthesis(ring, offset, carried, samples, step, bands, count))

void setup_audio(void)
{
    FLACDSPContext flac;
    FLACEncDSPContext flac_encoder;
    LPCContext lpc;
    ResampleContext resample = {.format = AV_SAMPLE_FMT_FLTP};

    avpriv_float_dsp_alloc(0);
    ff_flacdsp_init(&flac, AV_SAMPLE_FMT_S16, 2);
    ff_flacencdsp_init(&flac_encoder);
    ff_lpc_init(&lpc, 1024, 32, FF_LPC_TYPE_LEVINSON);
    ff_mpadsp_init(&mpeg);
    ff_mpa_synth_init_fixed();
    NOTE(mp3_synthesis);
    swri_audio_convert_alloc(AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_FLT, 2, NULL, 0);
    swri_audio_convert_alloc(AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_S16, 2, NULL, 0);
    swri_audio_convert_alloc(AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P, 2, NULL, 0);
    swri_audio_convert_alloc(AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_FLTP, 2, NULL, 0);
    swri_resample_dsp_init(&resample);
}
