/* Kernels of video filters: rows of pictures. Functions named afmpeg_ are called by changed sources of
 * libavfilter (xtask/src/engine/hooks.rs); those that give an int say whether they did the work. */
#include <libavfilter/hflip.h>
#include <libavfilter/transpose.h>
#include <libavfilter/vf_overlay.h>

#include "kernels.h"

/* The kernel's address as a function pointer. */
#define KERNEL(type, name) ((type *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_##name])

typedef void mix_rows(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *a, ptrdiff_t a_stride,
                      const uint8_t *b, ptrdiff_t b_stride, int width, int height, float share);
typedef int overlay_row(uint8_t *dst, uint8_t *dst_alpha, uint8_t *src, uint8_t *alpha, int width,
                        ptrdiff_t alpha_stride);
typedef void fade_row(uint8_t *row, int count, int level, int factor, int offset);

int afmpeg_mix_rows(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *a, ptrdiff_t a_stride,
                    const uint8_t *b, ptrdiff_t b_stride, int width, int height, float share);
int afmpeg_fade_row(uint8_t *row, int count, int level, int factor, int offset);
void afmpeg_overlay_init(OverlayContext *s, int main_straight, int overlay_straight);
void afmpeg_hflip_init(FlipContext *s, const int step[4], int nb_planes);
void afmpeg_transpose_init(TransVtable *v, int pixstep);

int afmpeg_mix_rows(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *a, ptrdiff_t a_stride,
                    const uint8_t *b, ptrdiff_t b_stride, int width, int height, float share)
{
    mix_rows *kernel = KERNEL(mix_rows, mix_rows);

    if (kernel)
        kernel(dst, dst_stride, a, a_stride, b, b_stride, width, height, share);
    return kernel != NULL;
}

int afmpeg_fade_row(uint8_t *row, int count, int level, int factor, int offset)
{
    fade_row *kernel = KERNEL(fade_row, fade_row);

    if (kernel)
        kernel(row, count, level, factor, offset);
    return kernel != NULL;
}

/* Before each blend: rows of 8 bits over an opaque picture. The filter does what a row leaves over. */
void afmpeg_overlay_init(OverlayContext *s, int main_straight, int overlay_straight)
{
    int plain = !main_straight && overlay_straight;

    for (int i = 0; i < 3; i++) {
        int chroma = i > 0 && !(s->main_desc->flags & AV_PIX_FMT_FLAG_RGB);
        int across = chroma ? s->hsub : 0, down = chroma ? s->vsub : 0;

        s->blend_row[i] = NULL;
        /* Pixels in one plane, and chroma of both kinds in one, have another step. */
        if (!plain || s->main_desc->nb_components <= i || s->main_desc->comp[i].step != 1)
            continue;
        if (!across && !down)
            s->blend_row[i] = KERNEL(overlay_row, overlay_row);
        else if (across == 1 && down == 1)
            s->blend_row[i] = KERNEL(overlay_row, overlay_row_of_four);
        else if (across == 1 && !down)
            s->blend_row[i] = KERNEL(overlay_row, overlay_row_of_two);
    }
}

void afmpeg_hflip_init(FlipContext *s, const int step[4], int nb_planes)
{
    for (int i = 0; i < nb_planes; i++) {
        if (step[i] == 1)
            AFMPEG_REPLACE(AFMPEG_flip_row_1, s->flip_line[i]);
        else if (step[i] == 2)
            AFMPEG_REPLACE(AFMPEG_flip_row_2, s->flip_line[i]);
        else if (step[i] == 3)
            AFMPEG_REPLACE(AFMPEG_flip_row_3, s->flip_line[i]);
        else if (step[i] == 4)
            AFMPEG_REPLACE(AFMPEG_flip_row_4, s->flip_line[i]);
    }
}

void afmpeg_transpose_init(TransVtable *v, int pixstep)
{
    if (pixstep == 1)
        AFMPEG_REPLACE(AFMPEG_transpose_1, v->transpose_8x8);
    else if (pixstep == 2)
        AFMPEG_REPLACE(AFMPEG_transpose_2, v->transpose_8x8);
    else if (pixstep == 3)
        AFMPEG_REPLACE(AFMPEG_transpose_3, v->transpose_8x8);
    else if (pixstep == 4)
        AFMPEG_REPLACE(AFMPEG_transpose_4, v->transpose_8x8);
}
