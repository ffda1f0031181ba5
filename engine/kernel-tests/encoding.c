/* The init functions of JPEG and MPEG encoding, and a context to quantise with. */
#include <libavcodec/avcodec.h>
#include <libavcodec/idctdsp.h>
#include <libavcodec/mathops.h>
#include <libavcodec/mjpegenc_huffman.h>
#include <libavcodec/mpegvideoenc.h>
#include <libavcodec/put_bits.h>

#include "compared.h"
#include "setup.h"

int afmpeg_jpeg_codes(PutBitContext *pb, const void *codes, size_t count, uint8_t *const sizes[4],
                      uint16_t *const values[4]);
void afmpeg_dct_encode_init(MPVEncContext *s);

enum { SCALES = 32 };

static MPVEncContext context;
static int factors[3][SCALES][64];

MPVEncContext *encoder(int intra, int bias, int turned)
{
    context.c.mb_intra = intra;
    context.intra_quant_bias = context.inter_quant_bias = bias;
    context.c.idsp.perm_type = turned ? FF_IDCT_PERM_TRANSPOSE : FF_IDCT_PERM_NONE;
    for (int i = 0; i < 64; i++)
        context.c.idsp.idct_permutation[i] = turned ? i % 8 * 8 + i / 8 : i;
    return &context;
}

/* What libavcodec's mjpegenc.c does with the codes of a picture, in a function of its own there. `first`
 * bits are there before. */
static void picture_codes(const uint8_t (*codes)[4], int count, uint8_t *const sizes[4],
                          uint16_t *const values[4], int first, uint8_t *out, int room)
{
    PutBitContext bits;

    init_put_bits(&bits, out, room);
    for (int i = 0; i < first; i++)
        put_bits(&bits, 1, i % 3 == 0);
    if (!afmpeg_jpeg_codes(&bits, codes, count, sizes, values)) {
        for (int i = 0; i < count; i++) {
            int table = codes[i][0], code = codes[i][1], follow = code & 15;

            put_bits(&bits, sizes[table][code], values[table][code]);
            if (follow)
                put_sbits(&bits, follow, codes[i][2] | codes[i][3] << 8);
        }
    }
    flush_put_bits(&bits);
}

COMPARED(jpeg_codes,
         (const uint8_t (*codes)[4], int count, uint8_t *const sizes[4],
          uint16_t *const values[4], int first, uint8_t *out, int room),
         picture_codes(codes, count, sizes, values, first, out, room))
COMPARED(code_lengths, (MJpegEncHuffmanContext *counts, uint8_t *bits, uint8_t *values),
         ff_mjpeg_encode_huffman_close(counts, bits, values, 256))

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
#ifndef __wasm__
    /* Called by the line above in the changed sources. */
    afmpeg_dct_encode_init(&context);
#endif
    NOTE(code_lengths);
    NOTE(jpeg_codes);
}
