/* Kernels of transforms of floating-point numbers: Fourier transforms of a power of two, and the
 * cosine transforms that are made of one. */
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
