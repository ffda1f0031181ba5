/* Kernels of JPEG and MPEG encoding. */
#include <libavcodec/fdctdsp.h>

#include "kernels.h"

void __real_ff_fdctdsp_init(FDCTDSPContext *c, struct AVCodecContext *avctx);

void ff_fdctdsp_init(FDCTDSPContext *c, struct AVCodecContext *avctx)
{
    __real_ff_fdctdsp_init(c, avctx);
    if (c->fdct == ff_jpeg_fdct_islow_8)
        AFMPEG_REPLACE(AFMPEG_fdct_islow, c->fdct);
}
