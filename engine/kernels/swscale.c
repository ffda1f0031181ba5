/* Kernels of swscale: rows of 8-bit samples, and of 15 bits in between. */
#include <libswscale/swscale_internal.h>

#include "kernels.h"

void __real_ff_sws_init_scale(SwsInternal *c);
void __real_ff_sws_init_range_convert(SwsInternal *c);
SwsFunc __real_ff_yuv2rgb_get_func_ptr(SwsInternal *c);

typedef void across_16(int16_t *dst, int width, const uint8_t *src, const int16_t *filter,
                       const int32_t *positions, int size, int shift);
typedef void across_8(int16_t *dst, int width, const uint8_t *src, const int16_t *filter,
                      const int32_t *positions, int size);

/* The kernel's address as a function pointer. */
#define KERNEL(type, name) ((type *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_##name])

static void scale_across_8(SwsInternal *c, int16_t *dst, int width, const uint8_t *src,
                           const int16_t *filter, const int32_t *positions, int size)
{
    (void)c;
    KERNEL(across_8, scale_across_8)(dst, width, src, filter, positions, size);
}

static void scale_across_16(SwsInternal *c, int16_t *dst, int width, const uint8_t *src,
                            const int16_t *filter, const int32_t *positions, int size)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(c->opts.src_format);
    int shift = desc->comp[0].depth - 1;

    /* RGB and palettes arrive with 14 bits whatever they had, floats with 16. */
    if (shift < 15 && (isAnyRGB(c->opts.src_format) || c->opts.src_format == AV_PIX_FMT_PAL8))
        shift = 13;
    else if (shift >= 15 && desc->flags & AV_PIX_FMT_FLAG_FLOAT)
        shift = 15;
    KERNEL(across_16, scale_across_16)(dst, width, src, filter, positions, size, shift);
}

static void replace_range_convert(SwsInternal *c)
{
    if (!c->lumConvertRange || c->dstBpc > 14)
        return;
    if (c->opts.src_range) {
        AFMPEG_REPLACE(AFMPEG_scale_luma_from_full, c->lumConvertRange);
        AFMPEG_REPLACE(AFMPEG_scale_chroma_from_full, c->chrConvertRange);
    } else {
        AFMPEG_REPLACE(AFMPEG_scale_luma_to_full, c->lumConvertRange);
        AFMPEG_REPLACE(AFMPEG_scale_chroma_to_full, c->chrConvertRange);
    }
}

static void replace_input(SwsInternal *c)
{
    switch (c->opts.src_format) {
    case AV_PIX_FMT_RGB24:
        AFMPEG_REPLACE(AFMPEG_scale_rgb24_to_y, c->lumToYV12);
        if (c->chrSrcHSubSample)
            AFMPEG_REPLACE(AFMPEG_scale_rgb24_to_uv_of_two, c->chrToYV12);
        else
            AFMPEG_REPLACE(AFMPEG_scale_rgb24_to_uv, c->chrToYV12);
        break;
    case AV_PIX_FMT_BGR24:
        AFMPEG_REPLACE(AFMPEG_scale_bgr24_to_y, c->lumToYV12);
        if (c->chrSrcHSubSample)
            AFMPEG_REPLACE(AFMPEG_scale_bgr24_to_uv_of_two, c->chrToYV12);
        else
            AFMPEG_REPLACE(AFMPEG_scale_bgr24_to_uv, c->chrToYV12);
        break;
    default:
        break;
    }
}

/* What the kernels of packed RGB work on, see src/kernels/rgb_rows.rs. */
struct rgb_rows {
    const int16_t *luma_filter, *chroma_filter;
    const int16_t *const *luma, *const *u, *const *v;
    int luma_rows, chroma_rows, luma_rounding, chroma_rounding;
    int offset, factor, v_to_red, v_to_green, u_to_green, u_to_blue;
    uint8_t *dst;
    int width;
    /* Where red, green, blue and nothing are in a pixel, or how far they are shifted in a byte. */
    uint8_t places[4];
    int *errors[3];
};

typedef void rgb_rows(struct rgb_rows *run);

enum { ROUNDING = 1 << 9 };

static void rows_to_rgb(SwsInternal *c, struct rgb_rows *run, uint8_t *dst, int width)
{
    static const struct {
        enum AVPixelFormat format;
        uint8_t places[4];
    } all[] = {
        {AV_PIX_FMT_RGB24, {0, 1, 2, 3}}, {AV_PIX_FMT_BGR24, {2, 1, 0, 3}},
        {AV_PIX_FMT_RGBA, {0, 1, 2, 3}},  {AV_PIX_FMT_BGRA, {2, 1, 0, 3}},
        {AV_PIX_FMT_ARGB, {1, 2, 3, 0}},  {AV_PIX_FMT_ABGR, {3, 2, 1, 0}},
        {AV_PIX_FMT_RGB8, {5, 2, 0, 1}},  {AV_PIX_FMT_BGR8, {0, 3, 6, 1}},
    };
    int is_byte = c->opts.dst_format == AV_PIX_FMT_RGB8 || c->opts.dst_format == AV_PIX_FMT_BGR8;
    int is_three = c->opts.dst_format == AV_PIX_FMT_RGB24 || c->opts.dst_format == AV_PIX_FMT_BGR24;

    run->offset = c->yuv2rgb_y_offset;
    run->factor = c->yuv2rgb_y_coeff;
    run->v_to_red = c->yuv2rgb_v2r_coeff;
    run->v_to_green = c->yuv2rgb_v2g_coeff;
    run->u_to_green = c->yuv2rgb_u2g_coeff;
    run->u_to_blue = c->yuv2rgb_u2b_coeff;
    run->dst = dst;
    run->width = width;
    for (size_t i = 0; i < FF_ARRAY_ELEMS(all); i++)
        if (all[i].format == c->opts.dst_format)
            memcpy(run->places, all[i].places, sizeof(run->places));
    for (int i = 0; i < 3; i++)
        run->errors[i] = c->dither_error[i];
    if (is_byte) {
        KERNEL(rgb_rows, scale_row_to_rgb8)(run);
        return;
    }
    if (is_three)
        KERNEL(rgb_rows, scale_rows_to_rgb24)(run);
    else
        KERNEL(rgb_rows, scale_rows_to_rgb32)(run);
    for (int i = 0; i < 3; i++)
        c->dither_error[i][width] = 0;
}

#define ROWS(filter, rows, count, filter_uv, rows_u, rows_v, count_uv, rounding) { \
    .luma_filter = (filter), .luma = (rows), .luma_rows = (count), .luma_rounding = (rounding), \
    .chroma_filter = (filter_uv), .u = (rows_u), .v = (rows_v), .chroma_rows = (count_uv), \
    .chroma_rounding = (rounding), \
}

static void many_to_rgb(SwsInternal *c, const int16_t *luma_filter, const int16_t **luma,
                        int luma_rows, const int16_t *chroma_filter, const int16_t **u,
                        const int16_t **v, int chroma_rows, const int16_t **alpha, uint8_t *dst,
                        int width, int y)
{
    struct rgb_rows run = ROWS(luma_filter, luma, luma_rows, chroma_filter, u, v, chroma_rows, ROUNDING);

    (void)alpha;
    (void)y;
    rows_to_rgb(c, &run, dst, width);
}

/* Of two rows each: the second one's share in 4096. */
static void two_to_rgb(SwsInternal *c, const int16_t *luma[2], const int16_t *u[2],
                       const int16_t *v[2], const int16_t *alpha[2], uint8_t *dst, int width,
                       int luma_share, int chroma_share, int y)
{
    const int16_t luma_filter[2] = {4096 - luma_share, luma_share};
    const int16_t chroma_filter[2] = {4096 - chroma_share, chroma_share};
    struct rgb_rows run = ROWS(luma_filter, luma, 2, chroma_filter, u, v, 2, 0);

    (void)alpha;
    (void)y;
    rows_to_rgb(c, &run, dst, width);
}

static void one_to_rgb(SwsInternal *c, const int16_t *luma, const int16_t *u[2],
                       const int16_t *v[2], const int16_t *alpha, uint8_t *dst, int width,
                       int chroma_share, int y)
{
    static const int16_t whole[1] = {4096};
    const int16_t chroma_filter[2] = {4096 - chroma_share, chroma_share};
    struct rgb_rows run = ROWS(whole, &luma, 1, chroma_filter, u, v, chroma_share ? 2 : 1, 0);

    (void)alpha;
    (void)y;
    rows_to_rgb(c, &run, dst, width);
}

#define REPLACE_PACKED(slot) do { \
    AFMPEG_REPLACE_BY(slot, c->yuv2packed1, one_to_rgb); \
    AFMPEG_REPLACE_BY(slot, c->yuv2packed2, two_to_rgb); \
    AFMPEG_REPLACE_BY(slot, c->yuv2packedX, many_to_rgb); \
} while (0)

/* Pixels that have their own chroma each; others are looked up in tables. */
static void replace_packed(SwsInternal *c)
{
    if (!(c->opts.flags & SWS_FULL_CHR_H_INT) || c->dstBpc > 14)
        return;
    switch (c->opts.dst_format) {
    case AV_PIX_FMT_RGB24:
    case AV_PIX_FMT_BGR24:
        REPLACE_PACKED(AFMPEG_scale_rows_to_rgb24);
        break;
    case AV_PIX_FMT_RGBA:
    case AV_PIX_FMT_BGRA:
    case AV_PIX_FMT_ARGB:
    case AV_PIX_FMT_ABGR:
        if (!c->needAlpha)
            REPLACE_PACKED(AFMPEG_scale_rows_to_rgb32);
        break;
    case AV_PIX_FMT_RGB8:
    case AV_PIX_FMT_BGR8:
        if (c->opts.dither != SWS_DITHER_NONE && c->opts.dither != SWS_DITHER_A_DITHER &&
            c->opts.dither != SWS_DITHER_X_DITHER)
            REPLACE_PACKED(AFMPEG_scale_row_to_rgb8);
        break;
    default:
        break;
    }
}

void ff_sws_init_scale(SwsInternal *c)
{
    enum AVPixelFormat to = c->opts.dst_format;

    __real_ff_sws_init_scale(c);
    if (c->dstBpc <= 14) {
        if (c->srcBpc == 8) {
            AFMPEG_REPLACE_BY(AFMPEG_scale_across_8, c->hyScale, scale_across_8);
            AFMPEG_REPLACE_BY(AFMPEG_scale_across_8, c->hcScale, scale_across_8);
        } else {
            AFMPEG_REPLACE_BY(AFMPEG_scale_across_16, c->hyScale, scale_across_16);
            AFMPEG_REPLACE_BY(AFMPEG_scale_across_16, c->hcScale, scale_across_16);
        }
    }
    if (!is16BPS(to) && !isNBPS(to) && to != AV_PIX_FMT_GRAYF32LE && to != AV_PIX_FMT_GRAYF32BE) {
        AFMPEG_REPLACE(AFMPEG_scale_down, c->yuv2planeX);
        AFMPEG_REPLACE(AFMPEG_scale_straight, c->yuv2plane1);
    }
    replace_range_convert(c);
    replace_input(c);
    replace_packed(c);
}

void ff_sws_init_range_convert(SwsInternal *c)
{
    __real_ff_sws_init_range_convert(c);
    replace_range_convert(c);
}

typedef void two_rows(const uint8_t *first, const uint8_t *second, const uint8_t *u,
                      const uint8_t *v, uint8_t *dst_first, uint8_t *dst_second, int width,
                      const void *const tables[4]);

/* Converts a slice of 4:2:0 by pairs of rows, also when its height is odd. */
static int to_rgb(SwsInternal *c, two_rows *kernel, const uint8_t *const src[],
                  const int src_stride[], int slice_y, int slice_h, uint8_t *const dst[],
                  const int dst_stride[])
{
    const void *const tables[4] = {
        c->table_rV + YUVRGB_TABLE_HEADROOM,
        c->table_gU + YUVRGB_TABLE_HEADROOM,
        c->table_gV + YUVRGB_TABLE_HEADROOM,
        c->table_bU + YUVRGB_TABLE_HEADROOM,
    };

    for (int y = 0; y < slice_h; y += 2) {
        const uint8_t *luma = src[0] + y * src_stride[0];
        uint8_t *out = dst[0] + (slice_y + y) * dst_stride[0];

        kernel(luma, luma + src_stride[0], src[1] + y / 2 * src_stride[1],
               src[2] + y / 2 * src_stride[2], out, out + dst_stride[0], c->opts.dst_w, tables);
    }
    return slice_h;
}

#define TO_RGB(name) \
    static int name(SwsInternal *c, const uint8_t *const src[], const int src_stride[], \
                    int slice_y, int slice_h, uint8_t *const dst[], const int dst_stride[]) \
    { \
        return to_rgb(c, KERNEL(two_rows, name), src, src_stride, slice_y, slice_h, dst, \
                      dst_stride); \
    }

TO_RGB(scale_to_rgb24)
TO_RGB(scale_to_bgr24)
TO_RGB(scale_to_rgb32)

SwsFunc ff_yuv2rgb_get_func_ptr(SwsInternal *c)
{
    SwsFunc function = __real_ff_yuv2rgb_get_func_ptr(c);

    if (!function || c->opts.src_format == AV_PIX_FMT_YUV422P)
        return function;
    switch (c->opts.dst_format) {
    case AV_PIX_FMT_RGB24:
        AFMPEG_REPLACE_BY(AFMPEG_scale_to_rgb24, function, scale_to_rgb24);
        break;
    case AV_PIX_FMT_BGR24:
        AFMPEG_REPLACE_BY(AFMPEG_scale_to_bgr24, function, scale_to_bgr24);
        break;
    case AV_PIX_FMT_RGBA:
    case AV_PIX_FMT_BGRA:
    case AV_PIX_FMT_ARGB:
    case AV_PIX_FMT_ABGR:
        if (!isALPHA(c->opts.src_format))
            AFMPEG_REPLACE_BY(AFMPEG_scale_to_rgb32, function, scale_to_rgb32);
        break;
    default:
        break;
    }
    return function;
}
