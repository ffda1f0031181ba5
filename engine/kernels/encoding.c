/* Kernels of JPEG and MPEG encoding. */
#include <libavcodec/fdctdsp.h>
#include <libavcodec/idctdsp.h>
#include <libavcodec/mpegvideoenc.h>
#include <libavcodec/pixblockdsp.h>
#include <libavcodec/put_bits.h>

#include "kernels.h"

void __real_ff_fdctdsp_init(FDCTDSPContext *c, struct AVCodecContext *avctx);
void __real_ff_pixblockdsp_init(PixblockDSPContext *c, int bits_per_raw_sample);
void afmpeg_dct_encode_init(MPVEncContext *s);
int afmpeg_code_lengths(const int *table, int size, int longest, int *lengths);
int afmpeg_jpeg_codes(PutBitContext *pb, const void *codes, size_t count, uint8_t *const sizes[4],
                      uint16_t *const values[4]);

void ff_fdctdsp_init(FDCTDSPContext *c, struct AVCodecContext *avctx)
{
    __real_ff_fdctdsp_init(c, avctx);
    if (c->fdct == ff_jpeg_fdct_islow_8)
        AFMPEG_REPLACE(AFMPEG_fdct_islow, c->fdct);
}

void ff_pixblockdsp_init(PixblockDSPContext *c, int bits_per_raw_sample)
{
    __real_ff_pixblockdsp_init(c, bits_per_raw_sample);
    AFMPEG_REPLACE(AFMPEG_pixels_difference, c->diff_pixels);
    c->diff_pixels_unaligned = c->diff_pixels;
    if (bits_per_raw_sample > 8 && bits_per_raw_sample <= 16)
        return;
    AFMPEG_REPLACE(AFMPEG_pixels_to_block, c->get_pixels);
    c->get_pixels_unaligned = c->get_pixels;
}

/* Bits of the fractions of the encoder's factors and of its biases. */
enum { FACTOR_BITS = 21, BIAS_BITS = 8 };

typedef int quantise(int16_t *block, const int *factors, const uint8_t *order, int divisor,
                     int bias, int limit, int *overflow);

/* The library's own function, and whether its transform is the one that the kernel has: it is the
 * kernel's where there are kernels. */
static int (*own_quantise)(MPVEncContext *s, int16_t *block, int n, int qscale, int *overflow);

static int has_kernels_transform(const MPVEncContext *s)
{
    return s->fdsp.fdct == ff_jpeg_fdct_islow_8 ||
           (uintptr_t)s->fdsp.fdct == afmpeg_kernel_slots[AFMPEG_fdct_islow];
}

static int fdct_quantise(MPVEncContext *s, int16_t *block, int n, int qscale, int *overflow)
{
    int intra = s->c.mb_intra;
    int bias = intra ? s->intra_quant_bias : s->inter_quant_bias;
    const uint8_t *order = intra ? s->c.intra_scantable.scantable : s->c.inter_scantable.scantable;
    int divisor = s->c.h263_aic ? 8 : (n < 4 ? s->c.y_dc_scale : s->c.c_dc_scale) * 8;
    const int *factors;
    int last;

    if (!has_kernels_transform(s) || s->dct_error_sum || bias < 0 || bias >= 1 << BIAS_BITS ||
        (intra && (divisor <= 0 || order[0])))
        return own_quantise(s, block, n, qscale, overflow);
    if (!intra)
        factors = s->q_inter_matrix[qscale];
    else if (n < 4)
        factors = s->q_intra_matrix[qscale];
    else
        factors = s->q_chroma_intra_matrix[qscale];
    last = ((quantise *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_fdct_quantise])(
        block, factors, order, intra ? divisor : 0, bias * (1 << (FACTOR_BITS - BIAS_BITS)),
        s->max_qcoeff, overflow);
    if (s->c.idsp.perm_type != FF_IDCT_PERM_NONE)
        ff_block_permute(block, s->c.idsp.idct_permutation, order, last);
    return last;
}

/* At the end of ff_dct_encode_init. */
void afmpeg_dct_encode_init(MPVEncContext *s)
{
    if (s->c.avctx->trellis)
        return;
    own_quantise = s->dct_quantize;
    AFMPEG_REPLACE_BY(AFMPEG_fdct_quantise, s->dct_quantize, fdct_quantise);
}

typedef void code_lengths(const int *table, int size, int longest, int *lengths);

/* Finds the lengths of a Huffman code's codes for the sorted values of a table and their numbers. */
int afmpeg_code_lengths(const int *table, int size, int longest, int *lengths)
{
    code_lengths *kernel = (code_lengths *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_code_lengths];

    if (kernel)
        kernel(table, size, longest, lengths);
    return kernel != NULL;
}

/* What the kernel of codes works on, see src/kernels/jpeg_codes.rs. */
struct jpeg_codes {
    const void *codes;
    uint32_t count;
    const uint8_t *sizes[4];
    const uint16_t *values[4];
    uint8_t *out;
    uint32_t room;
    uint32_t hold, bits;
};

typedef int jpeg_codes(struct jpeg_codes *run);

/* Writes Huffman codes and the bits that come with them. */
int afmpeg_jpeg_codes(PutBitContext *pb, const void *codes, size_t count, uint8_t *const sizes[4],
                      uint16_t *const values[4])
{
    jpeg_codes *kernel = (jpeg_codes *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_jpeg_codes];
    struct jpeg_codes run = {
        .codes = codes,
        .count = count,
        .out = pb->buf_ptr,
        .room = pb->buf_end - pb->buf_ptr,
        .hold = pb->bit_buf,
        .bits = BUF_BITS - pb->bit_left,
    };

    if (!kernel)
        return 0;
    for (int i = 0; i < 4; i++) {
        run.sizes[i] = sizes[i];
        run.values[i] = values[i];
    }
    if (!kernel(&run))
        return 0;
    pb->buf_ptr = run.out;
    pb->bit_buf = run.hold;
    pb->bit_left = BUF_BITS - run.bits;
    return 1;
}
