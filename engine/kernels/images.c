/* Kernels of PNG and of zlib, called by changed sources (xtask/src/engine/hooks.rs): each says whether
 * it did the work. */
#include <stddef.h>

#include "kernels.h"

typedef void png_row(uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size,
                     int bpp);
typedef uint32_t longest_match(const uint8_t *window, uint32_t size, const uint16_t *previous,
                               uint32_t mask, uint32_t first, uint32_t limit, uint32_t start,
                               uint32_t length, uint32_t chain, uint32_t nice, uint32_t lookahead,
                               uint32_t *found);
typedef void slide_hash(uint16_t *table, uint32_t count, uint32_t by);

int afmpeg_png_filter(uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size,
                      int bpp);
int afmpeg_png_unfilter(uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size,
                        int bpp);
unsigned afmpeg_longest_match(const uint8_t *window, unsigned long size, const uint16_t *previous,
                              unsigned mask, unsigned first, unsigned limit, unsigned start,
                              unsigned length, unsigned chain, unsigned nice, unsigned lookahead,
                              unsigned *found);
int afmpeg_slide_hash(uint16_t *table, unsigned count, unsigned by);

int afmpeg_png_filter(uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size,
                      int bpp)
{
    png_row *kernel = (png_row *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_png_filter];

    if (kernel)
        kernel(dst, type, src, above, size, bpp);
    return kernel != NULL;
}

int afmpeg_png_unfilter(uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size,
                        int bpp)
{
    png_row *kernel = (png_row *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_png_unfilter];

    if (kernel)
        kernel(dst, type, src, above, size, bpp);
    return kernel != NULL;
}

/* 0, which is no length of a match, without the kernel. */
unsigned afmpeg_longest_match(const uint8_t *window, unsigned long size, const uint16_t *previous,
                              unsigned mask, unsigned first, unsigned limit, unsigned start,
                              unsigned length, unsigned chain, unsigned nice, unsigned lookahead,
                              unsigned *found)
{
    longest_match *kernel = (longest_match *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_deflate_match];
    uint32_t at = *found, best;

    if (!kernel)
        return 0;
    best = kernel(window, size, previous, mask, first, limit, start, length, chain, nice, lookahead,
                  &at);
    *found = at;
    return best;
}

int afmpeg_slide_hash(uint16_t *table, unsigned count, unsigned by)
{
    slide_hash *kernel = (slide_hash *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_deflate_slide];

    if (kernel)
        kernel(table, count, by);
    return kernel != NULL;
}
