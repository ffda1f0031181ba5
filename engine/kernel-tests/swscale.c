/* swscale's init functions, for conversions that use all of its kernels. */
#include <libswscale/swscale_internal.h>

#include "setup.h"

static SwsContext *contexts[16];

SwsContext *scaler(int index)
{
    return contexts[index];
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
