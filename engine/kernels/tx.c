/* Kernels of transforms of floating-point numbers: Fourier transforms of a power of two, and the
 * transforms of real numbers and cosine transforms that are made of them. */
#include <string.h>

#include <libavutil/tx.h>
#include <libavutil/tx_priv.h>

#include "kernels.h"

/* From 32 on; for shorter ones a call costs too much. */
enum { SHORTEST = 32, LONGEST = 16384 };

#define TABLE(len) extern float ff_tx_tab_##len##_float[];
#define TABLES(X) X(8) X(16) X(32) X(64) X(128) X(256) X(512) X(1024) X(2048) X(4096) X(8192) X(16384)
TABLES(TABLE)
#define ENTRY(len) ff_tx_tab_##len##_float,
static const float *const cosines[] = {TABLES(ENTRY)};

typedef void plain_fft(void *to, void *from, int len, const float *const *cosines);

static void fft(AVTXContext *s, void *to, void *from, ptrdiff_t stride)
{
    (void)stride;
    ((plain_fft *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_tx_fft])(to, from, s->len, cosines);
}

typedef void plain_mdct(void *to, void *from, int half, const int *map, const void *factors,
                        const float *const *cosines);

/* The kernels have no strides. */
#define MDCT(name) \
    static void name(AVTXContext *s, void *to, void *from, ptrdiff_t stride) \
    { \
        if (stride != sizeof(float)) \
            s->cd_self->function(s, to, from, stride); \
        else \
            ((plain_mdct *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_tx_##name])( \
                to, from, s->len >> 1, s->map, s->exp, cosines); \
    }

MDCT(mdct_inverse)
MDCT(mdct_forward)

typedef void plain_fifteens(void *to, const float *from, int count, const int *map,
                            const int *places, const void *factors, const float *constants);
typedef void plain_fifteens_end(void *to, const void *from, int half, const int *map,
                                const void *factors);

extern float ff_tx_tab_53_float[];

/* The inverse cosine transform of 15 times a power of two: transforms of 15 complex numbers, then 15 of
 * the power of two. */
static void mdct_fifteens(AVTXContext *s, void *to, void *from, ptrdiff_t stride)
{
    const int count = s->sub->len, half = s->len >> 2;
    const AVComplexFloat *factors = (const AVComplexFloat *)s->exp;
    AVComplexFloat *between = (AVComplexFloat *)s->tmp;

    if (stride != sizeof(float)) {
        s->cd_self->function(s, to, from, stride);
        return;
    }
    ((plain_fifteens *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_tx_fifteens])(
        between, from, count, s->map, s->sub->map, factors, ff_tx_tab_53_float);
    for (int i = 0; i < 15; i++)
        s->fn[0](&s->sub[0], between + i * count, between + i * count, sizeof(AVComplexFloat));
    ((plain_fifteens_end *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_tx_fifteens_end])(
        to, between, half, s->map + 15 * count, factors + 15 * count);
}

/* Real numbers and complex ones of half as many. The first and the last are real; they and the middle
 * one have factors of their own. */
static void rdft_ends(float *data, int quarter, const float *factors)
{
    const float first = data[0], last = data[1];

    data[0] = (first + last) * factors[0];
    data[1] = (first - last) * factors[1];
    data[2 * quarter] *= factors[2];
    data[2 * quarter + 1] *= factors[3];
}

typedef void plain_rdft(float *data, int quarter, const float *factors);

static void rdft_forward(AVTXContext *s, void *to, void *from, ptrdiff_t stride)
{
    const int quarter = s->len >> 2;
    const float *factors = (const float *)s->exp;
    float *data = to;

    (void)stride;
    s->fn[0](&s->sub[0], data, from, sizeof(AVComplexFloat));
    rdft_ends(data, quarter, factors);
    ((plain_rdft *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_tx_real])(data, quarter, factors);
    /* The last number goes to the end; the imaginary parts of both are 0. */
    data[4 * quarter] = data[1];
    data[1] = data[4 * quarter + 1] = 0;
}

static void rdft_inverse(AVTXContext *s, void *to, void *from, ptrdiff_t stride)
{
    const int quarter = s->len >> 2;
    const float *factors = (const float *)s->exp;
    float *data = from;

    (void)stride;
    data[1] = data[4 * quarter];
    rdft_ends(data, quarter, factors);
    ((plain_rdft *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_tx_real])(data, quarter, factors);
    s->fn[0](&s->sub[0], to, data, sizeof(AVComplexFloat));
}

typedef void plain_permuted(void *to, const void *from, const int *map, int len,
                            const float *const *cosines);

/* Of numbers that are not yet in the order that the part of the transform below wants. */
static void permuted(AVTXContext *s, void *to, void *from, ptrdiff_t stride)
{
    (void)stride;
    ((plain_permuted *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_tx_permuted])(to, from, s->sub->map, s->len,
                                                                         cosines);
}

/* A transform of permuted numbers by the split-radix algorithm. */
static int is_power_of_two(const FFTXCodelet *cd, int len)
{
    return cd->type == AV_TX_FLOAT_FFT && cd->min_len == len && cd->max_len == len &&
           cd->nb_factors == 1 && cd->factors[0] == 2 && (cd->flags & FF_TX_PRESHUFFLE) &&
           len >= SHORTEST && len <= LONGEST && !(len & (len - 1));
}

/* `function` is that of the context, which was set up. */
static void replace(const AVTXContext *s, av_tx_fn *function)
{
    const FFTXCodelet *cd = s->cd_self;

    if (is_power_of_two(cd, s->len))
        AFMPEG_REPLACE_BY(AFMPEG_tx_fft, *function, fft);
    if (!strcmp(cd->name, "fft_float_c") && s->nb_sub && is_power_of_two(s->cd[0], s->len) &&
        !(s->flags & AV_TX_INPLACE))
        AFMPEG_REPLACE_BY(AFMPEG_tx_permuted, *function, permuted);
    /* Shorter ones have nothing to gain. */
    if (cd->type == AV_TX_FLOAT_RDFT && s->len % 4 == 0 && s->len >= 4 * SHORTEST) {
        if (!strcmp(cd->name, "rdft_c2r_float_c"))
            AFMPEG_REPLACE_BY(AFMPEG_tx_real, *function, rdft_inverse);
        if (!strcmp(cd->name, "rdft_r2c_float_c"))
            AFMPEG_REPLACE_BY(AFMPEG_tx_real, *function, rdft_forward);
    }
    if (!strcmp(cd->name, "mdct_pfa_15xM_inv_float_c") && s->nb_sub && s->sub->len % 4 == 0 &&
        s->sub->len <= 1 << 16) {
        av_tx_fn own = *function;

        AFMPEG_REPLACE_BY(AFMPEG_tx_fifteens, *function, mdct_fifteens);
        AFMPEG_REPLACE_BY(AFMPEG_tx_fifteens_end, own, mdct_fifteens);
        (void)own;
    }
    if (cd->type != AV_TX_FLOAT_MDCT || !s->nb_sub || !is_power_of_two(s->cd[0], s->len >> 1))
        return;
    if (!strcmp(cd->name, "mdct_inv_float_c"))
        AFMPEG_REPLACE_BY(AFMPEG_tx_mdct_inverse, *function, mdct_inverse);
    if (!strcmp(cd->name, "mdct_fwd_float_c"))
        AFMPEG_REPLACE_BY(AFMPEG_tx_mdct_forward, *function, mdct_forward);
}

int __real_ff_tx_init_subtx(AVTXContext *s, enum AVTXType type, uint64_t flags,
                            FFTXCodeletOptions *opts, int len, int inv, const void *scale);

/* For what is part of another transform. */
int ff_tx_init_subtx(AVTXContext *s, enum AVTXType type, uint64_t flags, FFTXCodeletOptions *opts,
                     int len, int inv, const void *scale)
{
    int status = __real_ff_tx_init_subtx(s, type, flags, opts, len, inv, scale);

    if (status >= 0)
        replace(&s->sub[s->nb_sub - 1], &s->fn[s->nb_sub - 1]);
    return status;
}

int __real_av_tx_init(AVTXContext **ctx, av_tx_fn *tx, enum AVTXType type, int inv, int len,
                      const void *scale, uint64_t flags);

int av_tx_init(AVTXContext **ctx, av_tx_fn *tx, enum AVTXType type, int inv, int len,
               const void *scale, uint64_t flags)
{
    int status = __real_av_tx_init(ctx, tx, type, inv, len, scale, flags);

    if (status >= 0)
        replace(*ctx, tx);
    return status;
}
