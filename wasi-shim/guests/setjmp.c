/* Cases of setjmp and longjmp. The first argument is the number of a case; the exit status is 0 when all that
 * it expects is so, otherwise the line of what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECT(condition) do { if (!(condition)) exit(__LINE__ & 255 ? __LINE__ & 255 : 255); } while (0)

typedef struct {
    double x, y;
    int64_t n;
} triple;

static jmp_buf outer, inner;
static volatile int marks;

/* Address of something on the stack of the guest. */
static __attribute__((noinline)) uintptr_t stack(void)
{
    volatile char here = 0;

    uintptr_t address = (uintptr_t)&here;

    return address;
}

static __attribute__((noinline)) void down(jmp_buf to, int frames, int value)
{
    volatile char filler[64];

    filler[0] = (char)frames;
    if (frames)
        down(to, frames - 1, value);
    else
        longjmp(to, value);
    marks += filler[0];
}

static void frames_50_deep(void)
{
    uintptr_t before = stack();
    int value = setjmp(outer);

    if (!value)
        down(outer, 50, 42);
    EXPECT(value == 42);
    EXPECT(marks == 0);
    EXPECT(stack() == before);
}

static void zero_becomes_one(void)
{
    int value = setjmp(outer);

    if (!value)
        longjmp(outer, 0);
    EXPECT(value == 1);
    value = setjmp(outer);
    if (!value)
        longjmp(outer, -7);
    EXPECT(value == -7);
}

/* Each of the frames has a buffer of its own, and jumps on to that of the frame before. */
static __attribute__((noinline)) void chain(jmp_buf before, int frames)
{
    jmp_buf own;

    if (frames == 0)
        longjmp(before, 1);
    if (setjmp(own) == 0)
        chain(own, frames - 1);
    else {
        marks++;
        longjmp(before, 1);
    }
}

static void nested(void)
{
    if (setjmp(outer) == 0)
        chain(outer, 50);
    EXPECT(marks == 50);
    /* Past a buffer that is set in between. */
    marks = 0;
    if (setjmp(outer) == 0) {
        if (setjmp(inner) == 0)
            down(outer, 3, 5);
        marks += 100;
    } else {
        marks += 1;
    }
    EXPECT(marks == 1);
}

static void again_and_again(void)
{
    volatile int turns = 0;

    setjmp(outer);
    if (++turns < 10000)
        longjmp(outer, turns);
    EXPECT(turns == 10000);
}

static int leaves(const void *a, const void *b)
{
    if (*(const int *)a == 13 || *(const int *)b == 13)
        longjmp(outer, 13);
    return *(const int *)a - *(const int *)b;
}

static void out_of_qsort(void)
{
    int numbers[] = { 9, 4, 13, 2, 7, 1, 8 };

    if (setjmp(outer) == 0) {
        qsort(numbers, 7, sizeof(*numbers), leaves);
        EXPECT(0);
    }
    /* And the library is as it was. */
    numbers[2] = 3;
    qsort(numbers, 7, sizeof(*numbers), leaves);
    for (int i = 1; i < 7; i++)
        EXPECT(numbers[i - 1] < numbers[i]);
}

/* Not inlined, and not known to return. */
static __attribute__((noinline)) float as_float(float a, double b, int64_t c)
{
    if (c < 0)
        longjmp(outer, 2);
    return a + (float)b + (float)c;
}

static __attribute__((noinline)) int64_t as_long(int64_t a, int b, float c)
{
    if (b < 0)
        longjmp(outer, 3);
    return a + b + (int64_t)c;
}

static __attribute__((noinline)) double as_double(double a)
{
    if (a < 0)
        longjmp(outer, 4);
    return a * 2;
}

static __attribute__((noinline)) triple as_struct(int n)
{
    if (n < 0)
        longjmp(outer, 5);
    return (triple){ n, n * 2.5, (int64_t)n << 40 };
}

static __attribute__((noinline)) int sum(int count, ...)
{
    va_list list;
    int total = 0;

    va_start(list, count);
    for (int i = 0; i < count; i++)
        total += va_arg(list, int);
    va_end(list);
    if (total == 99)
        longjmp(outer, 6);
    return total;
}

static void signatures(void)
{
    volatile int seen = 0;
    int value = setjmp(outer);

    switch (value) {
    case 0:
        EXPECT(as_float(1.5f, 2.25, 3) == 6.75f);
        EXPECT(as_long((int64_t)1 << 40, 5, 2.0f) == ((int64_t)1 << 40) + 7);
        EXPECT(as_double(1.25) == 2.5);
        EXPECT(as_struct(3).n == (int64_t)3 << 40 && as_struct(3).y == 7.5);
        EXPECT(sum(3, 1, 2, 3) == 6);
        as_float(0, 0, -1);
        break;
    case 2: seen += 1; as_long(0, -1, 0); break;
    case 3: seen += 10; as_double(-1); break;
    case 4: seen += 100; as_struct(-1); break;
    case 5: seen += 1000; sum(3, 33, 33, 33); break;
    case 6: seen += 10000; break;
    default: EXPECT(0);
    }
    EXPECT(seen == 11111);
}

struct context {
    char before[24];
    jmp_buf error;
    char after[24];
};

static __attribute__((noinline)) void fails(struct context *context, const char *why)
{
    snprintf(context->after, sizeof(context->after), "%s", why);
    longjmp(context->error, (int)strlen(why));
}

static void in_a_context(void)
{
    struct context *context = calloc(1, sizeof(*context));

    EXPECT(context);
    memset(context->before, 'x', sizeof(context->before));
    if (setjmp(context->error) == 0)
        fails(context, "damaged");
    EXPECT(!strcmp(context->after, "damaged"));
    for (size_t i = 0; i < sizeof(context->before); i++)
        EXPECT(context->before[i] == 'x');
    free(context);
}

static void a_million_on_a_flat_stack(void)
{
    volatile int turns = 0;
    uintptr_t before = stack();

    while (turns < 1000000) {
        turns++;
        if (setjmp(outer) == 0)
            down(outer, 1, 1);
    }
    EXPECT(stack() == before);
}

static void locals_survive(void)
{
    volatile double x = 1.5;
    volatile int64_t n = 7;

    if (setjmp(outer) == 0) {
        x = 2.5;
        n = (int64_t)9 << 33;
        down(outer, 2, 1);
    }
    EXPECT(x == 2.5 && n == (int64_t)9 << 33);
}

static void spins(void)
{
    if (setjmp(outer) == 0)
        for (volatile int i = 0;; i++)
            if (i < 0)
                longjmp(outer, 1);
}

static __attribute__((noinline)) void endless(volatile int *n)
{
    for (;; ++*n)
        if (*n == -1)
            longjmp(outer, 1);
}

/* For cancels and limits: a loop without end below two calls that may be jumped out of. */
static void loops(void)
{
    volatile int n = 0;

    if (setjmp(outer) == 0) {
        jmp_buf own;

        if (setjmp(own) == 0)
            endless(&n);
    }
    spins();
}

static __attribute__((noinline)) void ends(int status)
{
    if (status == -1)
        longjmp(outer, 1);
    exit(status);
}

static void an_exit_is_no_jump(void)
{
    if (setjmp(outer) == 0)
        ends(0);
    EXPECT(0);
}

/* What outlives its function is no buffer any more; it must not be taken for another. */
static __attribute__((noinline)) void sets(void)
{
    if (setjmp(inner))
        marks += 1000;
}

static void stale(void)
{
    sets();
    if (setjmp(outer) == 0)
        longjmp(inner, 1);
    EXPECT(0);
}

int main(int argc, char **argv)
{
    static void (*const cases[])(void) = {
        frames_50_deep, zero_becomes_one, nested, again_and_again, out_of_qsort, signatures,
        in_a_context, a_million_on_a_flat_stack, locals_survive, an_exit_is_no_jump, loops, stale,
    };
    int number = argc > 1 ? atoi(argv[1]) : -1;

    EXPECT(number >= 0 && number < (int)(sizeof(cases) / sizeof(*cases)));
    cases[number]();
    return 0;
}
