/* Kernels of VP8, VP9 and HEVC decoding, for 8 bits a sample. */
#include <libavcodec/hevc/dsp.h>
#include <libavcodec/hevc/pred.h>
#include <libavcodec/videodsp.h>
#include <libavcodec/vp8dsp.h>
#include <libavcodec/vp9.h>
#include <libavcodec/vp9dsp.h>

#include "kernels.h"

void __real_ff_hevc_dsp_init(HEVCDSPContext *c, int bit_depth);
void __real_ff_hevc_pred_init(HEVCPredContext *c, int bit_depth);
void __real_ff_videodsp_init(VideoDSPContext *c, int bits);
void __real_ff_vp78dsp_init(VP8DSPContext *c);
void __real_ff_vp8dsp_init(VP8DSPContext *c);
void __real_ff_vp9dsp_init(VP9DSPContext *c, int bpp, int bitexact);

/* Of all decoders of 8 bits a sample. */
void ff_videodsp_init(VideoDSPContext *c, int bits)
{
    __real_ff_videodsp_init(c, bits);
    if (bits <= 8)
        AFMPEG_REPLACE(AFMPEG_emulated_edge, c->emulated_edge_mc);
}

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
    for (int i = 0; i < 3; i++)
        AFMPEG_REPLACE(AFMPEG_copy_16 + i, c->put_vp8_epel_pixels_tab[i][0][0]);
}

/* What VP7 does in its own way. */
void ff_vp8dsp_init(VP8DSPContext *c)
{
    __real_ff_vp8dsp_init(c);
    AFMPEG_REPLACE(AFMPEG_vp8_v_loop_filter16y, c->vp8_v_loop_filter16y);
    AFMPEG_REPLACE(AFMPEG_vp8_h_loop_filter16y, c->vp8_h_loop_filter16y);
    AFMPEG_REPLACE(AFMPEG_vp8_v_loop_filter16y_inner, c->vp8_v_loop_filter16y_inner);
    AFMPEG_REPLACE(AFMPEG_vp8_h_loop_filter16y_inner, c->vp8_h_loop_filter16y_inner);
    AFMPEG_REPLACE(AFMPEG_vp8_v_loop_filter8uv, c->vp8_v_loop_filter8uv);
    AFMPEG_REPLACE(AFMPEG_vp8_h_loop_filter8uv, c->vp8_h_loop_filter8uv);
    AFMPEG_REPLACE(AFMPEG_vp8_v_loop_filter8uv_inner, c->vp8_v_loop_filter8uv_inner);
    AFMPEG_REPLACE(AFMPEG_vp8_h_loop_filter8uv_inner, c->vp8_h_loop_filter8uv_inner);
    AFMPEG_REPLACE(AFMPEG_vp8_v_loop_filter_simple, c->vp8_v_loop_filter_simple);
    AFMPEG_REPLACE(AFMPEG_vp8_h_loop_filter_simple, c->vp8_h_loop_filter_simple);
    AFMPEG_REPLACE(AFMPEG_vp8_idct_add, c->vp8_idct_add);
    AFMPEG_REPLACE(AFMPEG_vp8_idct_dc_add4y, c->vp8_idct_dc_add4y);
    AFMPEG_REPLACE(AFMPEG_vp8_idct_dc_add4uv, c->vp8_idct_dc_add4uv);
    AFMPEG_REPLACE(AFMPEG_vp8_luma_dc_wht, c->vp8_luma_dc_wht);
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

/* Whole samples, with whatever filter. */
static void replace_vp9_whole(vp9_mc_func table[5][N_FILTERS][2][2][2])
{
    for (int size = 0; size < 5; size++) {
        for (int filter = 0; filter < N_FILTERS; filter++) {
            AFMPEG_REPLACE(AFMPEG_copy_64 + size, table[size][filter][0][0][0]);
            AFMPEG_REPLACE(AFMPEG_average_64 + size, table[size][filter][1][0][0]);
        }
    }
}

#define REPLACE_VP9_EDGES(dir, index) \
    AFMPEG_REPLACE(AFMPEG_vp9_loop_filter_##dir##_4_8, c->loop_filter_8[0][index]); \
    AFMPEG_REPLACE(AFMPEG_vp9_loop_filter_##dir##_8_8, c->loop_filter_8[1][index]); \
    AFMPEG_REPLACE(AFMPEG_vp9_loop_filter_##dir##_16_8, c->loop_filter_8[2][index]); \
    AFMPEG_REPLACE(AFMPEG_vp9_loop_filter_##dir##_16_16, c->loop_filter_16[index]); \
    AFMPEG_REPLACE(AFMPEG_vp9_loop_filter_##dir##_44_16, c->loop_filter_mix2[0][0][index]); \
    AFMPEG_REPLACE(AFMPEG_vp9_loop_filter_##dir##_48_16, c->loop_filter_mix2[0][1][index]); \
    AFMPEG_REPLACE(AFMPEG_vp9_loop_filter_##dir##_84_16, c->loop_filter_mix2[1][0][index]); \
    AFMPEG_REPLACE(AFMPEG_vp9_loop_filter_##dir##_88_16, c->loop_filter_mix2[1][1][index])
/* The dimension that comes first names the type first. */
#define REPLACE_VP9_TRANSFORMS(size, width) \
    AFMPEG_REPLACE(AFMPEG_vp9_dct_dct_##width##_add, c->itxfm_add[size][DCT_DCT]); \
    AFMPEG_REPLACE(AFMPEG_vp9_adst_dct_##width##_add, c->itxfm_add[size][DCT_ADST]); \
    AFMPEG_REPLACE(AFMPEG_vp9_dct_adst_##width##_add, c->itxfm_add[size][ADST_DCT]); \
    AFMPEG_REPLACE(AFMPEG_vp9_adst_adst_##width##_add, c->itxfm_add[size][ADST_ADST])

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
    replace_vp9_whole(c->mc);
    REPLACE_VP9_EDGES(h, 0);
    REPLACE_VP9_EDGES(v, 1);
    REPLACE_VP9_TRANSFORMS(0, 4);
    REPLACE_VP9_TRANSFORMS(1, 8);
    REPLACE_VP9_TRANSFORMS(2, 16);
    /* Blocks of 32x32 have cosines only, whatever the type. */
    for (int i = 0; i < N_TXFM_TYPES; i++)
        AFMPEG_REPLACE(AFMPEG_vp9_dct_dct_32_add, c->itxfm_add[3][i]);
}

/* Four slots for each: whole samples, across, down, both. */
#define REPLACE_HEVC(first, table) \
    for (int i = 0; i < 10; i++) { \
        AFMPEG_REPLACE((first), (table)[i][0][0]); \
        AFMPEG_REPLACE((first) + 1, (table)[i][0][1]); \
        AFMPEG_REPLACE((first) + 2, (table)[i][1][0]); \
        AFMPEG_REPLACE((first) + 3, (table)[i][1][1]); \
    }

/* Blocks with samples that must stay use the pointers whose names end in _c: they are rare. */
#define REPLACE_HEVC_EDGES(dir) \
    AFMPEG_REPLACE(AFMPEG_hevc_##dir##_loop_filter_luma, c->hevc_##dir##_loop_filter_luma); \
    AFMPEG_REPLACE(AFMPEG_hevc_##dir##_loop_filter_chroma, c->hevc_##dir##_loop_filter_chroma)

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
    REPLACE_HEVC(AFMPEG_hevc_qpel_uni_w_pixels, c->put_hevc_qpel_uni_w);
    REPLACE_HEVC(AFMPEG_hevc_qpel_bi_w_pixels, c->put_hevc_qpel_bi_w);
    REPLACE_HEVC(AFMPEG_hevc_epel_uni_w_pixels, c->put_hevc_epel_uni_w);
    REPLACE_HEVC(AFMPEG_hevc_epel_bi_w_pixels, c->put_hevc_epel_bi_w);
    for (int i = 0; i < 3; i++) {
        AFMPEG_REPLACE(AFMPEG_hevc_idct_8 + i, c->idct[i + 1]);
        AFMPEG_REPLACE(AFMPEG_hevc_idct_8_dc + i, c->idct_dc[i + 1]);
    }
    for (int i = 0; i < 4; i++)
        AFMPEG_REPLACE(AFMPEG_hevc_add_residual_4 + i, c->add_residual[i]);
    REPLACE_HEVC_EDGES(h);
    REPLACE_HEVC_EDGES(v);
    for (int i = 0; i < 5; i++) {
        AFMPEG_REPLACE(AFMPEG_hevc_sao_band, c->sao_band_filter[i]);
        AFMPEG_REPLACE(AFMPEG_hevc_sao_edge, c->sao_edge_filter[i]);
    }
}

void ff_hevc_pred_init(HEVCPredContext *c, int bit_depth)
{
    __real_ff_hevc_pred_init(c, bit_depth);
    if (bit_depth != 8)
        return;
    for (int i = 0; i < 4; i++)
        AFMPEG_REPLACE(AFMPEG_hevc_planar_4 + i, c->pred_planar[i]);
    for (int i = 0; i < 3; i++)
        AFMPEG_REPLACE(AFMPEG_hevc_angular_8 + i, c->pred_angular[i + 1]);
    AFMPEG_REPLACE(AFMPEG_hevc_mean, c->pred_dc);
}
