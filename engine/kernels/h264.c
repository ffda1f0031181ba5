/* Kernels of the H.264 decoder, for 8 bits a sample. */
#include <libavcodec/h264chroma.h>
#include <libavcodec/h264dsp.h>
#include <libavcodec/h264qpel.h>

#include "kernels.h"

void __real_ff_h264chroma_init(H264ChromaContext *c, int bit_depth);
void __real_ff_h264qpel_init(H264QpelContext *c, int bit_depth);
void __real_ff_h264dsp_init(H264DSPContext *c, const int bit_depth, const int chroma_format_idc);

void ff_h264dsp_init(H264DSPContext *c, const int bit_depth, const int chroma_format_idc)
{
    __real_ff_h264dsp_init(c, bit_depth, chroma_format_idc);
    if (bit_depth > 8)
        return;
    AFMPEG_REPLACE(AFMPEG_h264_idct_add, c->idct_add);
    AFMPEG_REPLACE(AFMPEG_h264_idct8_add, c->idct8_add);
    AFMPEG_REPLACE(AFMPEG_h264_idct8_dc_add, c->idct8_dc_add);
    AFMPEG_REPLACE(AFMPEG_h264_idct_add16, c->idct_add16);
    AFMPEG_REPLACE(AFMPEG_h264_idct8_add4, c->idct8_add4);
    AFMPEG_REPLACE(AFMPEG_h264_idct_add16intra, c->idct_add16intra);
    AFMPEG_REPLACE(AFMPEG_h264_v_loop_filter_luma, c->v_loop_filter_luma);
    AFMPEG_REPLACE(AFMPEG_h264_h_loop_filter_luma, c->h_loop_filter_luma);
    AFMPEG_REPLACE(AFMPEG_h264_h_loop_filter_mbaff_luma, c->h_loop_filter_luma_mbaff);
    AFMPEG_REPLACE(AFMPEG_h264_v_loop_filter_intra_luma, c->v_loop_filter_luma_intra);
    AFMPEG_REPLACE(AFMPEG_h264_h_loop_filter_intra_luma, c->h_loop_filter_luma_intra);
    AFMPEG_REPLACE(AFMPEG_h264_h_loop_filter_mbaff_intra_luma, c->h_loop_filter_luma_mbaff_intra);
    AFMPEG_REPLACE(AFMPEG_h264_v_loop_filter_chroma, c->v_loop_filter_chroma);
    AFMPEG_REPLACE(AFMPEG_h264_v_loop_filter_intra_chroma, c->v_loop_filter_chroma_intra);
    for (int i = 0; i < 4; i++) {
        AFMPEG_REPLACE(AFMPEG_h264_weight_16 + i, c->weight_pixels_tab[i]);
        AFMPEG_REPLACE(AFMPEG_h264_biweight_16 + i, c->biweight_pixels_tab[i]);
    }
    /* With 4:2:2 the blocks are others and vertical edges are twice as long. */
    if (chroma_format_idc > 1)
        return;
    /* The library has no function of its own: with one, it finds an edge's strength in another way,
     * which it has for frames and fields without a mixture of both. */
    AFMPEG_REPLACE(AFMPEG_h264_edge_strengths, c->loop_filter_strength);
    AFMPEG_REPLACE(AFMPEG_h264_idct_add8, c->idct_add8);
    AFMPEG_REPLACE(AFMPEG_h264_h_loop_filter_chroma, c->h_loop_filter_chroma);
    AFMPEG_REPLACE(AFMPEG_h264_h_loop_filter_mbaff_chroma, c->h_loop_filter_chroma_mbaff);
    AFMPEG_REPLACE(AFMPEG_h264_h_loop_filter_intra_chroma, c->h_loop_filter_chroma_intra);
}

void ff_h264qpel_init(H264QpelContext *c, int bit_depth)
{
    __real_ff_h264qpel_init(c, bit_depth);
    if (bit_depth > 8)
        return;
    for (int size = 0; size < 3; size++) {
        /* Small copies are done faster than a call of the host. */
        for (int at = size > 0; at < 16; at++) {
            int slot = AFMPEG_h264_qpel_put16 + 16 * size + at;

            AFMPEG_REPLACE(slot, c->put_h264_qpel_pixels_tab[size][at]);
            AFMPEG_REPLACE(slot + 48, c->avg_h264_qpel_pixels_tab[size][at]);
        }
    }
}

void ff_h264chroma_init(H264ChromaContext *c, int bit_depth)
{
    __real_ff_h264chroma_init(c, bit_depth);
    if (bit_depth > 8)
        return;
    for (int i = 0; i < 3; i++) {
        AFMPEG_REPLACE(AFMPEG_h264_chroma_put_8 + i, c->put_h264_chroma_pixels_tab[i]);
        AFMPEG_REPLACE(AFMPEG_h264_chroma_avg_8 + i, c->avg_h264_chroma_pixels_tab[i]);
    }
}
