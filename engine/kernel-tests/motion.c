/* The init functions of VP8, VP9 and HEVC. */
#include <libavcodec/avcodec.h>
#include <libavcodec/hevc/dsp.h>
#include <libavcodec/hevc/pred.h>
#include <libavcodec/videodsp.h>
#include <libavcodec/vp8dsp.h>
#include <libavcodec/vp9.h>
#include <libavcodec/vp9dsp.h>

#include "kernels.h"
#include "setup.h"

void __real_ff_vp78dsp_init(VP8DSPContext *c);
void __real_ff_vp9dsp_init(VP9DSPContext *c, int bpp, int bitexact);

EXPORT(choose_vp8) void choose_vp8(int size, int across, int down);
EXPORT(choose_vp9) void choose_vp9(int size, int filter);

static void note(int slot, vp9_mc_func before, vp9_mc_func after)
{
    afmpeg_kernel_before[slot] = (uintptr_t)before;
    afmpeg_kernel_after[slot] = (uintptr_t)after;
}

/* Notes the functions for one size and number of taps: 1 for four, 2 for six. */
void choose_vp8(int size, int across, int down)
{
    VP8DSPContext real, ours;

    __real_ff_vp78dsp_init(&real);
    ff_vp78dsp_init(&ours);
    note(AFMPEG_vp8_put_h, real.put_vp8_epel_pixels_tab[size][0][across],
         ours.put_vp8_epel_pixels_tab[size][0][across]);
    note(AFMPEG_vp8_put_v, real.put_vp8_epel_pixels_tab[size][down][0],
         ours.put_vp8_epel_pixels_tab[size][down][0]);
    note(AFMPEG_vp8_put_hv, real.put_vp8_epel_pixels_tab[size][down][across],
         ours.put_vp8_epel_pixels_tab[size][down][across]);
}

/* Notes the functions for one size and filter. */
void choose_vp9(int size, int filter)
{
    VP9DSPContext real, ours;

    __real_ff_vp9dsp_init(&real, 8, 0);
    ff_vp9dsp_init(&ours, 8, 0);
    for (int op = 0; op < 2; op++) {
        int slot = op ? AFMPEG_vp9_avg_h : AFMPEG_vp9_put_h;

        note(slot, real.mc[size][filter][op][1][0], ours.mc[size][filter][op][1][0]);
        note(slot + 1, real.mc[size][filter][op][0][1], ours.mc[size][filter][op][0][1]);
        note(slot + 2, real.mc[size][filter][op][1][1], ours.mc[size][filter][op][1][1]);
    }
}

void setup_motion(void)
{
    HEVCDSPContext hevc;
    HEVCPredContext intra;
    VP8DSPContext vp8;
    VP9DSPContext vp9;
    VideoDSPContext video;

    ff_videodsp_init(&video, 8);
    ff_hevc_dsp_init(&hevc, 8);
    ff_hevc_pred_init(&intra, 8);
    ff_vp78dsp_init(&vp8);
    ff_vp8dsp_init(&vp8);
    ff_vp9dsp_init(&vp9, 8, 0);
    /* Of the many, those of 16 columns with the most taps. */
    choose_vp8(0, 2, 2);
    choose_vp9(2, 0);
}
