/*
 * The heap: malloc() and its family, in place of libc's.
 *
 * Of libc's allocator every block is a power of two, so that a picture takes up to twice its size, and
 * memory is never given from one size to another. Worse in an interpreter: it asks the host for memory
 * again for every request that was refused, and a refused growth is dear there. This one fits blocks
 * into two levels of size classes, joins free neighbours at once, and remembers what was refused and
 * what has never been used: that is zero already, and a page that is not written costs the host nothing.
 *
 * M. Masmano, I. Ripoll, A. Crespo, J. Real: TLSF: a new dynamic memory allocator for real-time systems,
 * ECRTS 2004, describes the scheme; each operation takes a bounded number of steps.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <malloc.h>

enum {
    PAGE = 65536,
    ALIGN = 16, /* of every block that is handed out: what av_malloc() wants, and max_align_t */
    HEADER = 8,
    FREE = 1,
    SPLIT_BITS = 4, /* each power of two is cut into 16 classes */
    SPLITS = 1 << SPLIT_BITS,
    SMALL_BITS = 8, /* below 256 bytes every multiple of 16 is a class of its own */
    LEVELS = 32 - SMALL_BITS + 1,
    STEP = 4,        /* pages: the least that is asked for at once */
    REFUSALS = 16,   /* after so many the host is not asked again */
    ALL_PAGES = 65535 /* the last page stays out: the end of memory must have an address */
};

/* A block begins 8 bytes before a multiple of 16; `size` counts the header and is a multiple of 16. A
 * region ends with a block of size 0 that is never free. */
struct block {
    struct block *before; /* its neighbour at the lower address, NULL at the start of a region */
    uint32_t size;        /* | FREE */
    struct block *next, *previous; /* while it is free: in its class */
};

static struct {
    uint32_t levels;         /* which levels have a free block */
    uint32_t splits[LEVELS]; /* and which of their classes */
    struct block *free[LEVELS][SPLITS];
    struct block *end; /* of the region that can still grow */
    uintptr_t fresh;   /* from here on memory is zero, but for the ends of regions */
    size_t refused;    /* the least number of pages in all that the host did not give */
    unsigned refusals;
} heap = { .refused = ALL_PAGES + 1 };

extern unsigned char __heap_base;

static uint32_t size_of(const struct block *block)
{
    return block->size & ~(uint32_t)FREE;
}

static bool is_free(const struct block *block)
{
    return block->size & FREE;
}

static struct block *after(struct block *block)
{
    return (struct block *)((char *)block + size_of(block));
}

static void *payload(struct block *block)
{
    return (char *)block + HEADER;
}

static struct block *block_of(void *pointer)
{
    return (struct block *)((char *)pointer - HEADER);
}

/* ---- the classes ---- */

struct class {
    unsigned level, split;
};

/* The class whose blocks are at least as large as its least, which `size` is or passes. */
static struct class class_of(uint32_t size)
{
    unsigned top;

    if (size < 1 << SMALL_BITS)
        return (struct class){ 0, size / ALIGN };
    top = 31 - (unsigned)__builtin_clz(size);
    return (struct class){ top - SMALL_BITS + 1, size >> (top - SPLIT_BITS) & (SPLITS - 1) };
}

static void enter(struct block *block)
{
    struct class at = class_of(size_of(block));
    struct block *first = heap.free[at.level][at.split];

    block->size |= FREE;
    block->previous = NULL;
    block->next = first;
    if (first)
        first->previous = block;
    heap.free[at.level][at.split] = block;
    heap.splits[at.level] |= UINT32_C(1) << at.split;
    heap.levels |= UINT32_C(1) << at.level;
}

static void leave(struct block *block)
{
    struct class at = class_of(size_of(block));

    if (block->next)
        block->next->previous = block->previous;
    if (block->previous) {
        block->previous->next = block->next;
    } else {
        heap.free[at.level][at.split] = block->next;
        if (!block->next && !(heap.splits[at.level] &= ~(UINT32_C(1) << at.split)))
            heap.levels &= ~(UINT32_C(1) << at.level);
    }
    block->size &= ~(uint32_t)FREE;
}

/* A free block of at least `size` bytes, taken out of its class; NULL when there is none for sure. */
static struct block *find(uint32_t size)
{
    uint64_t least = size;
    struct class at;
    struct block *block;
    uint32_t splits, levels;

    /* From the next class on every block is large enough, so that none has to be looked at. */
    if (size >= 1 << SMALL_BITS)
        least += (UINT64_C(1) << (31 - __builtin_clz(size) - SPLIT_BITS)) - 1;
    if (least > UINT32_MAX)
        return NULL;
    at = class_of((uint32_t)least);
    splits = heap.splits[at.level] & ~UINT32_C(0) << at.split;
    if (!splits) {
        levels = at.level + 1 < LEVELS ? heap.levels & ~UINT32_C(0) << (at.level + 1) : 0;
        if (!levels)
            return NULL;
        at.level = (unsigned)__builtin_ctz(levels);
        splits = heap.splits[at.level];
    }
    block = heap.free[at.level][__builtin_ctz(splits)];
    leave(block);
    return block;
}

/* ---- blocks ---- */

/* The block, and the beginning of the one behind it, are no longer fresh. */
static void use(struct block *block)
{
    uintptr_t used = (uintptr_t)after(block) + sizeof(struct block);

    if (heap.fresh < used)
        heap.fresh = used;
}

/* Makes a block of what lies behind the first `size` bytes, if that can be one, and frees it. */
static void cut(struct block *block, uint32_t size)
{
    uint32_t rest = size_of(block) - size;
    struct block *tail, *behind = after(block);

    if (rest < 2 * ALIGN)
        return;
    if (is_free(behind)) {
        rest += size_of(behind);
        leave(behind);
        behind = after(behind);
    }
    block->size = size;
    tail = after(block);
    tail->before = block;
    tail->size = rest;
    behind->before = tail;
    enter(tail);
}

/* Joins a block, which is in no class, with its free neighbours, and enters what that makes. */
static void release(struct block *block)
{
    struct block *behind = after(block);

    if (is_free(behind)) {
        leave(behind);
        block->size += size_of(behind);
    }
    if (block->before && is_free(block->before)) {
        struct block *before = block->before;

        leave(before);
        before->size += block->size;
        block = before;
    }
    after(block)->before = block;
    enter(block);
}

/* ---- the host ---- */

/* Takes the memory from `start` to `end` into the heap. */
static void add_region(uintptr_t start, uintptr_t end)
{
    struct block *first, *old = NULL;

    end -= HEADER;
    if (heap.end && (uintptr_t)heap.end + HEADER == start) {
        /* Right behind the region before: its last block becomes the first of what is new. */
        first = old = heap.end;
    } else {
        start = (start + HEADER + ALIGN - 1) / ALIGN * ALIGN - HEADER;
        if (end < start + 2 * ALIGN)
            return;
        first = (struct block *)start;
        first->before = NULL;
    }
    first->size = (uint32_t)(end - (uintptr_t)first);
    heap.end = (struct block *)end;
    heap.end->before = first;
    heap.end->size = 0;
    if (old && is_free(old->before)) {
        release(first);
        /* In the middle of what may be fresh. */
        memset(old, 0, HEADER);
    } else {
        heap.fresh = (uintptr_t)first + sizeof(struct block);
        release(first);
    }
}

/* Asks for pages, unless it is known that there are none. */
static bool ask(size_t present, size_t pages)
{
    size_t old;

    if (present + pages >= heap.refused)
        return false;
    old = __builtin_wasm_memory_grow(0, pages);
    if (old != SIZE_MAX) {
        add_region(old * PAGE, (old + pages) * PAGE);
        return true;
    }
    heap.refused = ++heap.refusals < REFUSALS ? present + pages : present + 1;
    return false;
}

/* Grows the heap so that a block of `size` bytes is in it. */
static bool grow(uint32_t size)
{
    size_t present = __builtin_wasm_memory_size(0), pages, more;
    uint64_t needed;

    if (!heap.end) {
        add_region((uintptr_t)&__heap_base, present * PAGE);
        if (heap.end)
            return true;
    }
    /* What a search takes for sure is up to a sixteenth more than what is wanted. */
    needed = size + size / SPLITS + 2 * ALIGN;
    if (heap.end && heap.end->before && is_free(heap.end->before))
        needed -= size_of(heap.end->before) < needed ? size_of(heap.end->before) : 0;
    pages = (size_t)((needed + PAGE - 1) / PAGE);
    /* A sixteenth of what there is: the number of growths stays small. */
    more = present / 16 > STEP ? present / 16 : STEP;
    return (more > pages && ask(present, more)) || ask(present, pages);
}

/* A block of at least `size` bytes, header included; NULL without memory. Of the block, what lies at
 * `*fresh` and behind is zero. */
static struct block *take(uint32_t size, uintptr_t *fresh)
{
    struct block *block;

    while (!(block = find(size)))
        if (!grow(size)) {
            errno = ENOMEM;
            return NULL;
        }
    *fresh = heap.fresh;
    cut(block, size);
    use(block);
    return block;
}

/* ---- the family ---- */

/* The size of the block for `size` bytes of payload, or 0 when there is none. */
static uint32_t block_size(size_t size)
{
    if (size > UINT32_MAX - PAGE) {
        errno = ENOMEM;
        return 0;
    }
    size = (size + HEADER + ALIGN - 1) / ALIGN * ALIGN;
    return size < 2 * ALIGN ? 2 * ALIGN : (uint32_t)size;
}

void *malloc(size_t size)
{
    uint32_t whole = block_size(size);
    uintptr_t fresh;
    struct block *block = whole ? take(whole, &fresh) : NULL;

    return block ? payload(block) : NULL;
}

void free(void *pointer)
{
    struct block *block;

    if (!pointer)
        return;
    block = block_of(pointer);
    if (is_free(block))
        abort();
    release(block);
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    uint32_t whole;
    uintptr_t fresh, start;
    struct block *block;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    whole = block_size(bytes);
    block = whole ? take(whole, &fresh) : NULL;
    if (!block)
        return NULL;
    start = (uintptr_t)payload(block);
    if (fresh > start)
        memset((void *)start, 0, fresh - start < bytes ? fresh - start : bytes);
    return (void *)start;
}

void *realloc(void *pointer, size_t size)
{
    struct block *block, *behind;
    uint32_t whole, old;
    void *moved;

    if (!pointer)
        return malloc(size);
    whole = block_size(size);
    if (!whole)
        return NULL;
    block = block_of(pointer);
    old = size_of(block);
    behind = after(block);
    if (whole > old && is_free(behind) && old + size_of(behind) >= whole) {
        leave(behind);
        block->size = old + size_of(behind);
        after(block)->before = block;
    }
    if (whole <= size_of(block)) {
        cut(block, whole);
        use(block);
        return pointer;
    }
    moved = malloc(size);
    if (!moved)
        return NULL;
    memcpy(moved, pointer, old - HEADER);
    release(block);
    return moved;
}

void *memalign(size_t alignment, size_t size)
{
    uint32_t whole = block_size(size);
    struct block *block, *aligned;
    uintptr_t at, fresh;

    if (alignment <= ALIGN || !whole)
        return whole ? malloc(size) : NULL;
    if (alignment & (alignment - 1) || alignment > UINT32_MAX / 2 ||
        whole > UINT32_MAX - PAGE - alignment) {
        errno = alignment & (alignment - 1) ? EINVAL : ENOMEM;
        return NULL;
    }
    /* Room for a block of its own before the aligned one. */
    block = take(whole + (uint32_t)alignment + 2 * ALIGN, &fresh);
    if (!block)
        return NULL;
    at = (uintptr_t)payload(block);
    if (at % alignment) {
        at = (at + 2 * ALIGN + alignment - 1) / alignment * alignment;
        aligned = block_of((void *)at);
        aligned->before = block;
        aligned->size = (uint32_t)((char *)after(block) - (char *)aligned);
        after(aligned)->before = aligned;
        block->size = (uint32_t)((char *)aligned - (char *)block);
        release(block);
        block = aligned;
    }
    cut(block, whole);
    return payload(block);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
    int kept = errno;
    void *made;

    if (alignment < sizeof(void *) || alignment & (alignment - 1))
        return EINVAL;
    made = memalign(alignment, size);
    errno = kept;
    if (!made)
        return ENOMEM;
    *result = made;
    return 0;
}

void *reallocarray(void *pointer, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(pointer, bytes);
}

size_t malloc_usable_size(void *pointer)
{
    return pointer ? size_of(block_of(pointer)) - HEADER : 0;
}
