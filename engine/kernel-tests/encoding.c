/* The init functions of JPEG and MPEG encoding, and a context to quantise with. */
#include <libavcodec/avcodec.h>
#include <libavcodec/idctdsp.h>
#include <libavcodec/mathops.h>
#include <libavcodec/mpegvideoenc.h>

#include "setup.h"

enum { SCALES = 32 };

static MPVEncContext context;
static int factors[3][SCALES][64];

EXPORT(encoder) MPVEncContext *encoder(int intra, int bias, int turned);

/* The context for intra blocks or others, with a bias, and with levels in turned blocks or not. */
MPVEncContext *encoder(int intra, int bias, int turned)
{
    context.c.mb_intra = intra;
    context.intra_quant_bias = context.inter_quant_bias = bias;
    context.c.idsp.perm_type = turned ? FF_IDCT_PERM_TRANSPOSE : FF_IDCT_PERM_NONE;
    for (int i = 0; i < 64; i++)
        context.c.idsp.idct_permutation[i] = turned ? i % 8 * 8 + i / 8 : i;
    return &context;
}

void setup_encoding(void)
{
    static AVCodecContext avctx = {.dct_algo = FF_DCT_INT};

    context.c.avctx = &avctx;
    context.c.y_dc_scale = 8;
    context.c.c_dc_scale = 11;
    context.max_qcoeff = 255;
    context.q_intra_matrix = factors[0];
    context.q_chroma_intra_matrix = factors[1];
    context.q_inter_matrix = factors[2];
    for (int kind = 0; kind < 3; kind++)
        for (int scale = 1; scale < SCALES; scale++)
            for (int i = 0; i < 64; i++)
                factors[kind][scale][i] = (2 << 21) / (2 * scale * (8 + kind + i));
    context.c.intra_scantable.scantable = ff_zigzag_direct;
    context.c.inter_scantable.scantable = ff_zigzag_direct;
    ff_fdctdsp_init(&context.fdsp, &avctx);
    ff_pixblockdsp_init(&context.pdsp, 8);
    ff_dct_encode_init(&context);
}
