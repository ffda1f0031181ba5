/* Kernels of motion compensation in VP8, VP9 and HEVC, for 8 bits a sample. */
#include <libavcodec/hevc/dsp.h>
#include <libavcodec/vp8dsp.h>
#include <libavcodec/vp9.h>
#include <libavcodec/vp9dsp.h>

#include "kernels.h"

void __real_ff_hevc_dsp_init(HEVCDSPContext *c, int bit_depth);
void __real_ff_vp78dsp_init(VP8DSPContext *c);
void __real_ff_vp9dsp_init(VP9DSPContext *c, int bpp, int bitexact);

/* What the kernels need to know besides: the width and the filters. */
typedef void predict(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,
                     int height, int width, const int16_t *across, const int16_t *down);

#define PREDICT(slot) ((predict *)(uintptr_t)afmpeg_kernel_slots[slot])

/* RFC 6386, section 18.3. */
static const int16_t vp8_filters[8][6] = {
    {0, 0, 128, 0, 0, 0},
    {0, -6, 123, 12, -1, 0},
    {2, -11, 108, 36, -8, 1},
    {0, -9, 93, 50, -6, 0},
    {3, -16, 77, 77, -16, 3},
    {0, -6, 50, 93, -9, 0},
    {1, -8, 36, 108, -11, 2},
    {0, -1, 12, 123, -6, 0},
};

#define VP8(width, name) \
    static void vp8_##width##_##name(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, \
                                     ptrdiff_t src_stride, int h, int x, int y) \
    { \
        PREDICT(AFMPEG_vp8_put_##name)(dst, dst_stride, src, src_stride, h, width, \
                                       vp8_filters[x & 7], vp8_filters[y & 7]); \
    }
#define VP8_ALL(width) VP8(width, h) VP8(width, v) VP8(width, hv)

VP8_ALL(16)
VP8_ALL(8)
VP8_ALL(4)

static void replace_vp8(vp8_mc_func table[3][3], vp8_mc_func h, vp8_mc_func v, vp8_mc_func hv,
                        int step)
{
    /* Filters of four taps are those of six with nothing at the ends. */
    for (int i = step; i < 3; i += step) {
        AFMPEG_REPLACE_BY(AFMPEG_vp8_put_h, table[0][i], h);
        AFMPEG_REPLACE_BY(AFMPEG_vp8_put_v, table[i][0], v);
        for (int k = step; k < 3; k += step)
            AFMPEG_REPLACE_BY(AFMPEG_vp8_put_hv, table[i][k], hv);
    }
}

void ff_vp78dsp_init(VP8DSPContext *c)
{
    __real_ff_vp78dsp_init(c);
    /* Luma moves by quarters, whose filters have six taps: there are no others for 16 columns. */
    replace_vp8(c->put_vp8_epel_pixels_tab[0], vp8_16_h, vp8_16_v, vp8_16_hv, 2);
    replace_vp8(c->put_vp8_epel_pixels_tab[1], vp8_8_h, vp8_8_v, vp8_8_hv, 1);
    replace_vp8(c->put_vp8_epel_pixels_tab[2], vp8_4_h, vp8_4_v, vp8_4_hv, 1);
}

#define VP9(width, filter, op, name) \
    static void vp9_##op##_##width##_##filter##_##name( \
        uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride, int h, \
        int x, int y) \
    { \
        PREDICT(AFMPEG_vp9_##op##_##name)(dst, dst_stride, src, src_stride, h, width, \
                                          ff_vp9_subpel_filters[filter][x & 15], \
                                          ff_vp9_subpel_filters[filter][y & 15]); \
    }
#define VP9_OP(width, filter, op) \
    VP9(width, filter, op, h) VP9(width, filter, op, v) VP9(width, filter, op, hv)
#define VP9_FILTER(width, filter) VP9_OP(width, filter, put) VP9_OP(width, filter, avg)
#define VP9_ALL(width) \
    VP9_FILTER(width, FILTER_8TAP_SMOOTH) \
    VP9_FILTER(width, FILTER_8TAP_REGULAR) \
    VP9_FILTER(width, FILTER_8TAP_SHARP)

VP9_ALL(64)
VP9_ALL(32)
VP9_ALL(16)
VP9_ALL(8)
VP9_ALL(4)

#define REPLACE_VP9_OP(size, width, filter, op, index) \
    AFMPEG_REPLACE_BY(AFMPEG_vp9_##op##_h, c->mc[size][filter][index][1][0], \
                      vp9_##op##_##width##_##filter##_h); \
    AFMPEG_REPLACE_BY(AFMPEG_vp9_##op##_v, c->mc[size][filter][index][0][1], \
                      vp9_##op##_##width##_##filter##_v); \
    AFMPEG_REPLACE_BY(AFMPEG_vp9_##op##_hv, c->mc[size][filter][index][1][1], \
                      vp9_##op##_##width##_##filter##_hv)
#define REPLACE_VP9_FILTER(size, width, filter) \
    REPLACE_VP9_OP(size, width, filter, put, 0); \
    REPLACE_VP9_OP(size, width, filter, avg, 1)
#define REPLACE_VP9(size, width) \
    REPLACE_VP9_FILTER(size, width, FILTER_8TAP_SMOOTH); \
    REPLACE_VP9_FILTER(size, width, FILTER_8TAP_REGULAR); \
    REPLACE_VP9_FILTER(size, width, FILTER_8TAP_SHARP)

void ff_vp9dsp_init(VP9DSPContext *c, int bpp, int bitexact)
{
    __real_ff_vp9dsp_init(c, bpp, bitexact);
    if (bpp != 8)
        return;
    REPLACE_VP9(0, 64);
    REPLACE_VP9(1, 32);
    REPLACE_VP9(2, 16);
    REPLACE_VP9(3, 8);
    REPLACE_VP9(4, 4);
}

/* Four slots for each: whole samples, across, down, both. */
#define REPLACE_HEVC(first, table) \
    for (int i = 0; i < 10; i++) { \
        AFMPEG_REPLACE((first), (table)[i][0][0]); \
        AFMPEG_REPLACE((first) + 1, (table)[i][0][1]); \
        AFMPEG_REPLACE((first) + 2, (table)[i][1][0]); \
        AFMPEG_REPLACE((first) + 3, (table)[i][1][1]); \
    }

void ff_hevc_dsp_init(HEVCDSPContext *c, int bit_depth)
{
    __real_ff_hevc_dsp_init(c, bit_depth);
    if (bit_depth != 8)
        return;
    REPLACE_HEVC(AFMPEG_hevc_qpel_put_pixels, c->put_hevc_qpel);
    REPLACE_HEVC(AFMPEG_hevc_qpel_uni_pixels, c->put_hevc_qpel_uni);
    REPLACE_HEVC(AFMPEG_hevc_qpel_bi_pixels, c->put_hevc_qpel_bi);
    REPLACE_HEVC(AFMPEG_hevc_epel_put_pixels, c->put_hevc_epel);
    REPLACE_HEVC(AFMPEG_hevc_epel_uni_pixels, c->put_hevc_epel_uni);
    REPLACE_HEVC(AFMPEG_hevc_epel_bi_pixels, c->put_hevc_epel_bi);
}
