/* swscale's init functions, for conversions that use all of its kernels. */
#include <libswscale/swscale_internal.h>

#include "kernels.h"
#include "setup.h"

EXPORT(choose_packed) void choose_packed(int index, int rows);

static SwsContext *contexts[16];

SwsContext *scaler(int index)
{
    return contexts[index];
}

/* Notes the functions of a context for rows of packed pixels: from one row of luma, two, or many. */
void choose_packed(int index, int rows)
{
    SwsInternal *c = sws_internal(contexts[index]);
    yuv2planar1_fn plane_one;
    yuv2planarX_fn plane;
    yuv2interleavedX_fn interleaved;
    yuv2packed1_fn one = NULL;
    yuv2packed2_fn two = NULL;
    yuv2packedX_fn many = NULL;
    yuv2anyX_fn any;
    int is_byte = c->opts.dst_format == AV_PIX_FMT_RGB8 || c->opts.dst_format == AV_PIX_FMT_BGR8;
    int is_three = c->opts.dst_format == AV_PIX_FMT_RGB24 || c->opts.dst_format == AV_PIX_FMT_BGR24;
    int slot = is_byte    ? AFMPEG_scale_row_to_rgb8
               : is_three ? AFMPEG_scale_rows_to_rgb24
                          : AFMPEG_scale_rows_to_rgb32;

    ff_sws_init_output_funcs(c, &plane_one, &plane, &interleaved, &one, &two, &many, &any);
    afmpeg_kernel_before[slot] = rows == 1 ? (uintptr_t)one : rows == 2 ? (uintptr_t)two : (uintptr_t)many;
    afmpeg_kernel_after[slot] = rows == 1   ? (uintptr_t)c->yuv2packed1
                                : rows == 2 ? (uintptr_t)c->yuv2packed2
                                            : (uintptr_t)c->yuv2packedX;
}

void setup_swscale(void)
{
    static const struct {
        enum AVPixelFormat from, to;
        int from_full, to_full;
        int flags;
        int scaled;
    } wanted[] = {
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P, 0, 1, SWS_BICUBIC, 1},
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P, 1, 0, SWS_BICUBIC, 1},
        {AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P, 1, 0, SWS_BICUBIC, 1},
        {AV_PIX_FMT_BGR24, AV_PIX_FMT_YUV420P, 1, 0, SWS_BICUBIC, 1},
        {AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV444P, 1, 0, SWS_BICUBIC | SWS_FULL_CHR_H_INP, 1},
        {AV_PIX_FMT_BGR24, AV_PIX_FMT_YUV444P, 1, 0, SWS_BICUBIC | SWS_FULL_CHR_H_INP, 1},
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_RGB24, 0, 1, SWS_BICUBIC, 0},
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_BGR24, 0, 1, SWS_BICUBIC, 0},
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_RGBA, 0, 1, SWS_BICUBIC, 0},
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_BGR24, 1, 1, SWS_BICUBIC | SWS_FULL_CHR_H_INT, 1},
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_ABGR, 0, 1, SWS_BICUBIC | SWS_FULL_CHR_H_INT, 1},
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_ARGB, 0, 1, SWS_BICUBIC | SWS_FULL_CHR_H_INT, 1},
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_BGR8, 0, 1, SWS_BICUBIC | SWS_FULL_CHR_H_INT, 1},
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_RGB24, 0, 1, SWS_BICUBIC | SWS_FULL_CHR_H_INT, 1},
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_RGBA, 0, 1, SWS_BICUBIC | SWS_FULL_CHR_H_INT, 1},
        {AV_PIX_FMT_YUV420P, AV_PIX_FMT_RGB8, 0, 1, SWS_BICUBIC | SWS_FULL_CHR_H_INT, 1},
    };

    for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        SwsContext *sws = sws_alloc_context();

        sws->src_format = wanted[i].from;
        sws->dst_format = wanted[i].to;
        sws->src_range = wanted[i].from_full;
        sws->dst_range = wanted[i].to_full;
        sws->src_w = sws->src_h = 202;
        sws->dst_w = sws->dst_h = wanted[i].scaled ? 100 : 202;
        sws->flags = wanted[i].flags;
        if (sws_init_context(sws, NULL, NULL) < 0)
            __builtin_trap();
        contexts[i] = sws;
    }
}
