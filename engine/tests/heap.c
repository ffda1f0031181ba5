/*
 * Exercises the heap of the engine (engine/libc/heap.c) as a guest of its own, under a host that
 * gives no more than the memory it is told to: every block keeps its bytes, aligned and apart from the
 * others, memory comes back when it is freed, and a request that cannot be met is refused.
 *
 * To be compiled with -fno-builtin: a compiler that knows malloc() leaves out calls whose result is only
 * compared, and does not read errno after them.
 *
 * Arguments: the memory limit in MiB. Prints the pages it ends with, and fails on the first mistake.
 */
#define _POSIX_C_SOURCE 200809L /* posix_memalign() */

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

extern unsigned char __heap_base;

enum { BLOCKS = 400, ROUNDS = 20000 };

struct held {
    unsigned char *at;
    size_t size, alignment;
    unsigned char mark;
};

static uint32_t state = 0x2545f491;

static uint32_t next(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* Mostly small, sometimes a picture. */
static size_t some_size(void)
{
    switch (next() % 16) {
    case 0:
        return next() % 300000;
    case 1:
    case 2:
    case 3:
        return next() % 5000;
    default:
        return next() % 200;
    }
}

static void fill(struct held *held)
{
    held->mark = (unsigned char)next();
    memset(held->at, held->mark, held->size);
}

static void verify(const struct held *held)
{
    CHECK((uintptr_t)held->at % (held->alignment > 16 ? held->alignment : 16) == 0);
    CHECK(malloc_usable_size(held->at) >= held->size);
    for (size_t i = 0; i < held->size; i++)
        CHECK(held->at[i] == held->mark);
}

static void take(struct held *held)
{
    size_t size = some_size();
    void *made = NULL;

    held->alignment = 0;
    switch (next() % 4) {
    case 0:
        held->at = calloc(size, 1);
        for (size_t i = 0; held->at && i < size; i++)
            CHECK(!held->at[i]);
        break;
    case 1:
        held->alignment = (size_t)16 << next() % 9;
        CHECK(!posix_memalign(&made, held->alignment, size));
        held->at = made;
        break;
    default:
        held->at = malloc(size);
    }
    CHECK(held->at);
    held->size = size;
    fill(held);
}

static void resize(struct held *held)
{
    size_t size = some_size(), kept = size < held->size ? size : held->size;
    unsigned char *moved = realloc(held->at, size);

    CHECK(moved);
    for (size_t i = 0; i < kept; i++)
        CHECK(moved[i] == held->mark);
    *held = (struct held){ .at = moved, .size = size };
    fill(held);
}

static void churn(void)
{
    static struct held blocks[BLOCKS];

    for (int i = 0; i < ROUNDS; i++) {
        struct held *held = &blocks[next() % BLOCKS];

        if (!held->at) {
            take(held);
            continue;
        }
        verify(held);
        if (next() % 3 == 0) {
            resize(held);
        } else {
            free(held->at);
            held->at = NULL;
        }
    }
    for (int i = 0; i < BLOCKS; i++)
        if (blocks[i].at) {
            verify(&blocks[i]);
            free(blocks[i].at);
            blocks[i].at = NULL;
        }
}

/* Memory that was never used is not cleared again, which must not be seen: blocks of zeros between
 * others that are written, as the heap grows. */
static void zeros(void)
{
    enum { COUNT = 300 };
    static unsigned char *taken[2 * COUNT];
    size_t sizes[] = { 1, 24, 100, 4000, 65528, 65536, 70000, 12345 };

    /* A block that grows in place uses memory as well. */
    for (int i = 0; i < 100; i++) {
        unsigned char *grown = realloc(malloc(100), 3000), *zero;

        CHECK(grown);
        memset(grown, 0xcc, 3000);
        free(grown);
        zero = calloc(1, 3000);
        CHECK(zero);
        for (size_t j = 0; j < 3000; j++)
            CHECK(!zero[j]);
    }
    for (int i = 0; i < COUNT; i++) {
        size_t size = sizes[next() % 8], other = sizes[next() % 8] / 2;
        unsigned char *zero = calloc(1, size);

        CHECK(zero);
        for (size_t j = 0; j < size; j++)
            CHECK(!zero[j]);
        memset(zero, 0xee, size);
        taken[2 * i] = zero;
        taken[2 * i + 1] = malloc(other);
        CHECK(taken[2 * i + 1]);
        memset(taken[2 * i + 1], 0xdd, other);
        if (next() % 3 == 0) {
            int old = (int)(next() % (unsigned)(2 * i + 2));

            free(taken[old]);
            taken[old] = NULL;
        }
        if (next() % 5 == 0 && taken[2 * i]) {
            taken[2 * i] = realloc(taken[2 * i], size + next() % 9000);
            CHECK(taken[2 * i]);
        }
    }
    for (int i = 0; i < 2 * COUNT; i++)
        free(taken[i]);
}

static bool refused(void *made)
{
    return !made && errno == ENOMEM;
}

/* Refused requests, more of them than a host puts up with, of every size and in every order. */
static void refusals(size_t limit)
{
    for (int i = 0; i < 4000; i++) {
        errno = 0;
        CHECK(refused(malloc(limit + (size_t)(i % 7) * 100000)));
        errno = 0;
        CHECK(refused(calloc(limit / 16, 17 + (size_t)(i % 5))));
    }
    for (size_t size = limit * 3; size > limit; size -= 12345)
        CHECK(refused(malloc(size)));
    CHECK(refused(malloc(SIZE_MAX)) && refused(malloc(SIZE_MAX - 70000)));
    CHECK(refused(calloc(SIZE_MAX, 2)));
    CHECK(posix_memalign(&(void *){ NULL }, 24, 8) == EINVAL);
}

int main(int argc, char **argv)
{
    size_t limit = argc > 1 ? strtoul(argv[1], NULL, 10) << 20 : 0;
    size_t pages;
    void *most, *least;

    CHECK(limit);
    zeros();
    churn();
    pages = __builtin_wasm_memory_size(0);
    refusals(limit);
    CHECK(__builtin_wasm_memory_size(0) == pages);
    /* Small things are still to be had, and what is freed is there for one large block. */
    least = malloc(1);
    CHECK(least);
    churn();
    free(least);
    most = malloc((pages * 65536 - (size_t)&__heap_base) / 4 * 3);
    CHECK(most);
    free(most);
    CHECK(__builtin_wasm_memory_size(0) <= pages + pages / 8 + 8);
    printf("%zu\n", __builtin_wasm_memory_size(0));
    return 0;
}
