/* Kernels of PNG and of zlib's decompressor, called by changed sources (xtask/src/engine/hooks.rs): each says whether
 * it did the work. */
#include <stddef.h>

#include <../zlib/zutil.h>
#include <../zlib/inftrees.h>
#include <../zlib/inflate.h>

#include "kernels.h"

int afmpeg_inflate_run(z_streamp stream, unsigned start);

typedef void png_row(uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size,
                     int bpp);

int afmpeg_png_filter(uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size,
                      int bpp);
int afmpeg_png_unfilter(uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size,
                        int bpp);

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

/* What the kernel works on, see src/kernels/inflate.rs. */
struct inflate_run {
    uint8_t *in;
    uint32_t available;
    uint8_t *out;
    uint32_t room;
    const uint8_t *begin, *window;
    uint32_t window_size, filled, next;
    const code *lengths, *distances;
    uint32_t length_bits, distance_bits;
    uint32_t hold, bits;
    uint32_t status;
};

enum { END_OF_BLOCK = 1, BAD_LITERAL, BAD_DISTANCE, TOO_FAR };

typedef void inflate_run(struct inflate_run *run);

/* Decodes literals and matches of the block that the stream is in, as zlib's inflate_fast does, but as long as
 * there is room for the next one. `start` is what the room was in the beginning. */
int afmpeg_inflate_run(z_streamp stream, unsigned start)
{
    inflate_run *kernel = (inflate_run *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_inflate_run];
    struct inflate_state *state = (struct inflate_state *)stream->state;
    struct inflate_run run;

    if (!kernel || !state->sane)
        return 0;
    run = (struct inflate_run){
        .in = (uint8_t *)stream->next_in,
        .available = stream->avail_in,
        .out = stream->next_out,
        .room = stream->avail_out,
        .begin = stream->next_out - (start - stream->avail_out),
        .window = state->window,
        .window_size = state->wsize,
        .filled = state->whave,
        .next = state->wnext,
        .lengths = state->lencode,
        .distances = state->distcode,
        .length_bits = state->lenbits,
        .distance_bits = state->distbits,
        .hold = state->hold,
        .bits = state->bits,
    };
    kernel(&run);
    switch (run.status) {
    case END_OF_BLOCK:
        state->mode = TYPE;
        break;
    case BAD_LITERAL:
        stream->msg = "invalid literal/length code";
        state->mode = BAD;
        break;
    case BAD_DISTANCE:
        stream->msg = "invalid distance code";
        state->mode = BAD;
        break;
    case TOO_FAR:
        stream->msg = "invalid distance too far back";
        state->mode = BAD;
        break;
    default:
        /* The next one does not fit. */
        if (run.room == stream->avail_out)
            return 0;
    }
    stream->next_in = run.in;
    stream->avail_in = run.available;
    stream->next_out = run.out;
    stream->avail_out = run.room;
    state->hold = run.hold;
    state->bits = run.bits;
    return 1;
}
