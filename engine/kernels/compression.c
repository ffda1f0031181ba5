/* Kernels of compressors: zlib's, and that of GIF. Called by changed sources (xtask/src/engine/hooks.rs). */
#include <stddef.h>

#include <libavcodec/put_bits.h>

#include <../zlib/deflate.h>

#include "kernels.h"

typedef void slide_hash(uint16_t *table, uint32_t count, uint32_t by);

int afmpeg_slide_hash(uint16_t *table, unsigned count, unsigned by);
void afmpeg_deflate_run(deflate_state *s);
int afmpeg_lzw_encode(void *table, int *last, int *codes, int *width, int most, PutBitContext *pb,
                      const uint8_t *in, int size);

int afmpeg_slide_hash(uint16_t *table, unsigned count, unsigned by)
{
    slide_hash *kernel = (slide_hash *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_deflate_slide];

    if (kernel)
        kernel(table, count, by);
    return kernel != NULL;
}

/* The sizes for which there is a kernel, those of every stream that asks for no others. */
enum { WINDOW_BITS = 15, HASH_BITS = 15 };

/* What the kernel works on, see src/kernels/deflate.rs. */
struct deflate_run {
    const uint8_t *window;
    uint16_t *previous, *heads;
    uint8_t *symbols;
    uint32_t end;
    void *literals, *distances;
    uint32_t chain, lazy, good, nice, filtered;
    /* From here on what it changes. */
    uint32_t next, hash, start, ahead, waits, length, match, past_length, past_match;
};

typedef void deflate_run(struct deflate_run *run);

/* Goes on with the compression as long as neither the input that is there nor the block ends. */
void afmpeg_deflate_run(deflate_state *s)
{
    deflate_run *kernel = (deflate_run *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_deflate_run];
    struct deflate_run run;

    if (!kernel || s->lookahead < MIN_LOOKAHEAD || s->w_bits != WINDOW_BITS ||
        s->hash_bits != HASH_BITS || s->window_size != 2UL << WINDOW_BITS || !s->strm->avail_out)
        return;
    run = (struct deflate_run){
        .window = s->window,
        .previous = s->prev,
        .heads = s->head,
        .symbols = s->sym_buf,
        .end = s->sym_end,
        .literals = s->dyn_ltree,
        .distances = s->dyn_dtree,
        .chain = s->max_chain_length,
        .lazy = s->max_lazy_match,
        .good = s->good_match,
        .nice = s->nice_match,
        .filtered = s->strategy == Z_FILTERED,
        .next = s->sym_next,
        .hash = s->ins_h,
        .start = s->strstart,
        .ahead = s->lookahead,
        .waits = s->match_available,
        .length = s->match_length,
        .match = s->match_start,
        .past_length = s->prev_length,
        .past_match = s->prev_match,
    };
    kernel(&run);
    s->sym_next = run.next;
    s->ins_h = run.hash;
    s->strstart = run.start;
    s->lookahead = run.ahead;
    s->match_available = run.waits;
    s->match_length = run.length;
    s->match_start = run.match;
    s->prev_length = run.past_length;
    s->prev_match = run.past_match;
}

/* What the kernel works on, see src/kernels/lzw.rs. */
struct lzw_run {
    void *table;
    const uint8_t *in;
    uint32_t size, most;
    int32_t last;
    uint32_t codes, width;
    uint32_t bits, count;
    uint8_t *next, *end;
};

typedef void lzw_encode(struct lzw_run *run);

/* Encodes so many pixels. The table is the encoder's, which only this looks at from a picture's first
 * call to its last. */
int afmpeg_lzw_encode(void *table, int *last, int *codes, int *width, int most, PutBitContext *pb,
                      const uint8_t *in, int size)
{
    lzw_encode *kernel = (lzw_encode *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_lzw_encode];
    struct lzw_run run = {
        .table = table,
        .in = in,
        .size = size,
        .most = most,
        .last = *last,
        .codes = *codes,
        .width = *width,
        .bits = (uint32_t)pb->bit_buf,
        .count = (uint32_t)(8 * (int)sizeof(pb->bit_buf) - pb->bit_left),
        .next = pb->buf_ptr,
        .end = pb->buf_end,
    };

    if (!kernel)
        return 0;
    kernel(&run);
    *last = run.last;
    *codes = run.codes;
    *width = run.width;
    pb->bit_buf = run.bits;
    pb->bit_left = 8 * (int)sizeof(pb->bit_buf) - (int)run.count;
    pb->buf_ptr = run.next;
    return 1;
}
