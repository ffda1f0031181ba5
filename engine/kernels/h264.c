/* Kernels of the H.264 decoder, for 8 bits a sample. */
#include <libavcodec/h264dsp.h>

#include "kernels.h"

void __real_ff_h264dsp_init(H264DSPContext *c, const int bit_depth, const int chroma_format_idc);

void ff_h264dsp_init(H264DSPContext *c, const int bit_depth, const int chroma_format_idc)
{
    __real_ff_h264dsp_init(c, bit_depth, chroma_format_idc);
    if (bit_depth > 8)
        return;
    AFMPEG_REPLACE(AFMPEG_h264_idct_add, c->idct_add);
    AFMPEG_REPLACE(AFMPEG_h264_idct8_add, c->idct8_add);
    AFMPEG_REPLACE(AFMPEG_h264_idct_dc_add, c->idct_dc_add);
    AFMPEG_REPLACE(AFMPEG_h264_idct8_dc_add, c->idct8_dc_add);
    AFMPEG_REPLACE(AFMPEG_h264_idct_add16, c->idct_add16);
    AFMPEG_REPLACE(AFMPEG_h264_idct8_add4, c->idct8_add4);
    AFMPEG_REPLACE(AFMPEG_h264_idct_add16intra, c->idct_add16intra);
    if (chroma_format_idc <= 1)
        AFMPEG_REPLACE(AFMPEG_h264_idct_add8, c->idct_add8);
}
