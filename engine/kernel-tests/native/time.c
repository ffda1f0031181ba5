/* A program of this machine that calls the functions that the glue noted, on data that it is given, and
 * says how long they take. Commands come on standard input, a line each:
 *
 *   arena <bytes>                 this many bytes follow: the data of the next calls
 *   pointers <offset>...          an array of addresses in the arena, the next `p`
 *   time <slot> <count> <arg>...  call; answers with the nanoseconds of all calls, or "none"
 *   read                          answers with the bytes of the arena as the calls left them
 *
 * An argument is a letter and a number: `n` a number, `f` the bits of a float, `a` an offset in the arena,
 * `p` one of the arrays, `c` one of the contexts. */
#define _POSIX_C_SOURCE 199309L
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels.h"
#include "setup.h"

enum { ARENA = 1 << 18, ARGUMENTS = 14, FLOATS = 4, ARRAYS = 8, POINTERS = 64, LINE = 4096 };

struct call {
    /* As calling conventions have them: integers and addresses, and apart from them floats. */
    uint64_t numbers[ARGUMENTS];
    double floats[FLOATS];
    int number_count, float_count;
};

static _Alignas(64) uint8_t arena[ARENA];
static void *arrays[ARRAYS][POINTERS];
static int array_count;

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* A caller's types need not be the function's own where both pass their arguments in the same places: all
 * integers and addresses in 64 bits, floats in the low part of a double's place. */
#define N1 uint64_t
#define N2 N1, uint64_t
#define N3 N2, uint64_t
#define N4 N3, uint64_t
#define N5 N4, uint64_t
#define N6 N5, uint64_t
#define N7 N6, uint64_t
#define N8 N7, uint64_t
#define N9 N8, uint64_t
#define N10 N9, uint64_t
#define N11 N10, uint64_t
#define N12 N11, uint64_t
#define N13 N12, uint64_t
#define N14 N13, uint64_t
#define V1 n[0]
#define V2 V1, n[1]
#define V3 V2, n[2]
#define V4 V3, n[3]
#define V5 V4, n[4]
#define V6 V5, n[5]
#define V7 V6, n[6]
#define V8 V7, n[7]
#define V9 V8, n[8]
#define V10 V9, n[9]
#define V11 V10, n[10]
#define V12 V11, n[11]
#define V13 V12, n[12]
#define V14 V13, n[13]
#define CASE(count_of) \
    case count_of: \
        for (; count; count--) \
            ((void (*)(N##count_of))function)(V##count_of); \
        break; \
    case 32 + count_of: \
        for (; count; count--) \
            ((void (*)(N##count_of, double, double, double, double))function)(V##count_of, d[0], \
                                                                             d[1], d[2], d[3]); \
        break;

static void repeat(uintptr_t function, uint64_t count, const struct call *call)
{
    const uint64_t *n = call->numbers;
    const double *d = call->floats;

    switch ((call->float_count ? 32 : 0) + call->number_count) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7)
    CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
    default:
        fail("a call has too few or too many arguments");
    }
}

static uint8_t *in_arena(uint64_t offset)
{
    if (offset > ARENA)
        fail("an address is outside of the arena");
    return arena + offset;
}

static void read_argument(const char *text, struct call *call)
{
    uint64_t value = strtoull(text + 1, NULL, 10);

    if (*text == 'f') {
        if (call->float_count == FLOATS)
            fail("a call has too many floats");
        memcpy(&call->floats[call->float_count++], &value, sizeof(value));
        return;
    }
    if (call->number_count == ARGUMENTS)
        fail("a call has too many arguments");
    if (*text == 'a')
        value = (uintptr_t)in_arena(value);
    else if (*text == 'p')
        value = (uintptr_t)arrays[value % ARRAYS];
    else if (*text == 'c')
        value = (uintptr_t)listed_context((int)value);
    call->numbers[call->number_count++] = value;
}

static void time_calls(void)
{
    struct call call = {0};
    struct timespec start, end;
    uint64_t slot = strtoull(strtok(NULL, " "), NULL, 10) % AFMPEG_KERNEL_COUNT;
    uint64_t count = strtoull(strtok(NULL, " "), NULL, 10);

    for (const char *text; (text = strtok(NULL, " "));)
        read_argument(text, &call);
    if (!afmpeg_kernel_before[slot]) {
        puts("none");
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &start);
    repeat(afmpeg_kernel_before[slot], count, &call);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%" PRIu64 "\n", (uint64_t)(end.tv_sec - start.tv_sec) * 1000000000 +
                                (uint64_t)end.tv_nsec - (uint64_t)start.tv_nsec);
}

static void read_arena(void)
{
    uint64_t size = strtoull(strtok(NULL, " "), NULL, 10);

    if (size > ARENA || fread(arena, 1, size, stdin) != size)
        fail("the data is not as long as was said");
    array_count = 0;
}

static void read_pointers(void)
{
    int count = 0;

    if (array_count == ARRAYS)
        fail("there are too many arrays of addresses");
    for (const char *text; (text = strtok(NULL, " ")); count++) {
        if (count == POINTERS)
            fail("an array of addresses is too long");
        arrays[array_count][count] = in_arena(strtoull(text, NULL, 10));
    }
    array_count++;
}

int main(void)
{
    static char line[LINE];

    setup();
    while (fgets(line, sizeof(line), stdin)) {
        const char *command;

        line[strcspn(line, "\n")] = '\0';
        command = strtok(line, " ");
        if (!command)
            fail("a command is missing");
        else if (!strcmp(command, "arena"))
            read_arena();
        else if (!strcmp(command, "pointers"))
            read_pointers();
        else if (!strcmp(command, "time"))
            time_calls();
        else if (!strcmp(command, "read"))
            fwrite(arena, 1, ARENA, stdout);
        else
            fail("a command is unknown");
        fflush(stdout);
    }
    return 0;
}
