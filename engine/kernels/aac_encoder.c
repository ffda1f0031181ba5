/* Kernels of the AAC encoder: quantisation, what a band costs in a codebook, and the steps of the
 * searches for scales. The last two are hooked into by edits of the sources; see xtask's aac.rs, and for
 * the high-pass filter its hooks_audio.rs. */
#include <stddef.h>

#include <libavcodec/aacenc.h>
#include <libavcodec/aacenctab.h>
#include <libavcodec/aactab.h>

#include "kernels.h"

typedef float band_cost(AACEncContext *s, PutBitContext *pb, const float *in, float *out,
                        const float *scaled, int size, int scale, int book, float weight,
                        float limit, int *bits, float *energy);

/* By codebook; no longer static and constant there. */
extern band_cost *quantize_and_encode_band_cost_arr[16];

static band_cost *originals[16];

/* Where in the tables of powers a scale is, and its inverse. */
enum {
    SCALE_OF_1 = SCALE_ONE_POS - SCALE_DIV_512,
    DOWN = POW_SF2_ZERO + SCALE_OF_1,
    UP = POW_SF2_ZERO - SCALE_OF_1,
};

typedef float plain_cost(const float *values, const float *scaled, int size, const uint8_t *lengths,
                         float down, float down34, float up, float weight, float limit, int *bits,
                         float *energy);

/* The kernels only count: code words and what they stand for are written by the encoder's own. */
#define COST(name) \
    static float cost_in_##name(AACEncContext *s, PutBitContext *pb, const float *in, float *out, \
                                const float *scaled, int size, int scale, int book, float weight, \
                                float limit, int *bits, float *energy) \
    { \
        if (pb || out || !scaled) \
            return originals[book](s, pb, in, out, scaled, size, scale, book, weight, limit, bits, \
                                   energy); \
        return ((plain_cost *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_aac_cost_##name])( \
            in, scaled, size, ff_aac_spectral_bits[book - 1], \
            ff_aac_pow2sf_tab[DOWN - scale], ff_aac_pow34sf_tab[DOWN - scale], \
            ff_aac_pow2sf_tab[UP + scale], weight, limit, bits, energy); \
    }

COST(signed_fours)
COST(fours)
COST(signed_pairs)
COST(pairs)
COST(wide_pairs)
COST(escapes)

static void replace_costs(void)
{
    static int done;

    if (done)
        return;
    done = 1;
    for (int book = 0; book < 16; book++)
        originals[book] = quantize_and_encode_band_cost_arr[book];
    for (int i = 0; i < 2; i++) {
        band_cost **books = quantize_and_encode_band_cost_arr + i;
        AFMPEG_REPLACE_BY(AFMPEG_aac_cost_signed_fours, books[1], cost_in_signed_fours);
        AFMPEG_REPLACE_BY(AFMPEG_aac_cost_fours, books[3], cost_in_fours);
        AFMPEG_REPLACE_BY(AFMPEG_aac_cost_signed_pairs, books[5], cost_in_signed_pairs);
        AFMPEG_REPLACE_BY(AFMPEG_aac_cost_pairs, books[7], cost_in_pairs);
        AFMPEG_REPLACE_BY(AFMPEG_aac_cost_wide_pairs, books[9], cost_in_wide_pairs);
    }
    AFMPEG_REPLACE_BY(AFMPEG_aac_cost_escapes, quantize_and_encode_band_cost_arr[11],
                      cost_in_escapes);
}

/* What the kernels read, in this order. */
struct afmpeg_aac_bands {
    const float *values, *scaled, *maxima;
    int *scales;
    const uint8_t *silent, *noise, *sizes, *groups;
    const uint16_t *offsets;
    int windows, bands;
    void *known;
    int generation;
    float *distortions, *energies;
    const uint8_t *const *lengths;
    const uint8_t *scale_lengths;
    const float *powers, *powers34;
};

/* And these after them for the pass over single bands. */
struct afmpeg_aac_pass {
    struct afmpeg_aac_bands bands;
    const float *wanted, *tight, *loose;
    const int *lowest;
    int *highest, *books;
    int patience, may_save;
    float leniency;
};

_Static_assert(sizeof(struct afmpeg_aac_pass) == (19 + 9) * 4, "one field after the other");
_Static_assert(sizeof(AACQuantizeBandCostCacheEntry) == 16 &&
               offsetof(AACQuantizeBandCostCacheEntry, rd) == 0 &&
               offsetof(AACQuantizeBandCostCacheEntry, energy) == 4 &&
               offsetof(AACQuantizeBandCostCacheEntry, bits) == 8 &&
               offsetof(AACQuantizeBandCostCacheEntry, cb) == 12 &&
               offsetof(AACQuantizeBandCostCacheEntry, rtz) == 13 &&
               offsetof(AACQuantizeBandCostCacheEntry, generation) == 14 &&
               sizeof(((AACEncContext *)0)->quantize_band_cost_cache) == 128 * 260 * 16 &&
               sizeof(((AACEncContext *)0)->quantize_band_cost_cache[0]) == 260 * 16 &&
               sizeof(((SingleChannelElement *)0)->band_type) == 128 * 4,
               "the fields are where the kernels look");

static struct afmpeg_aac_bands bands_of(AACEncContext *s, SingleChannelElement *sce,
                                        const float *maxima, float *distortions, float *energies)
{
    return (struct afmpeg_aac_bands){
        .values = sce->coeffs,
        .scaled = s->scoefs,
        .maxima = maxima,
        .scales = sce->sf_idx,
        .silent = sce->zeroes,
        .noise = sce->can_pns,
        .sizes = sce->ics.swb_sizes,
        .groups = sce->ics.group_len,
        .offsets = sce->ics.swb_offset,
        .windows = sce->ics.num_windows,
        .bands = sce->ics.num_swb,
        .known = s->quantize_band_cost_cache,
        .generation = s->quantize_band_cost_cache_generation,
        .distortions = distortions,
        .energies = energies,
        .lengths = ff_aac_spectral_bits,
        .scale_lengths = ff_aac_scalefactor_bits,
        .powers = ff_aac_pow2sf_tab,
        .powers34 = ff_aac_pow34sf_tab,
    };
}

static int try_scales(AACEncContext *s, const void *element, const float *maxima,
                      float *distortions, float *energies)
{
    struct afmpeg_aac_bands bands = bands_of(s, (SingleChannelElement *)element, maxima, distortions, energies);

    return ((int (*)(struct afmpeg_aac_bands *))(uintptr_t)
            afmpeg_kernel_slots[AFMPEG_aac_try_scales])(&bands);
}

/* The search that is fast knows no noise and no energies. A negative answer is that there are scales
 * too far from each other, which is left to the encoder. */
static int try_scales_fast(AACEncContext *s, const void *element, const float *maxima,
                           float *distortions, int *lowest)
{
    struct afmpeg_aac_bands bands = bands_of(s, (SingleChannelElement *)element, maxima, distortions, NULL);

    return ((int (*)(struct afmpeg_aac_bands *, int *))(uintptr_t)
            afmpeg_kernel_slots[AFMPEG_aac_count_fast])(&bands, lowest);
}

/* Passes of the search get shorter: all of them go through all bands, and let less and less happen. */
static int refine_scales(AACEncContext *s, void *element, const float *maxima, float *distortions,
                         float *energies, const float *wanted, const float *tight,
                         const float *loose, const int *lowest, int *highest, int pass, int passes,
                         int bits, int wanted_bits, int least_bits)
{
    SingleChannelElement *sce = element;
    struct afmpeg_aac_pass fields = {
        .bands = bands_of(s, sce, maxima, distortions, energies),
        .wanted = wanted,
        .tight = tight,
        .loose = loose,
        .lowest = lowest,
        .highest = highest,
        .books = (int *)sce->band_type,
        .patience = pass <= passes / 2 ? 10 : pass <= passes * 2 / 3 ? 3 : 1,
        .may_save = bits > least_bits,
        .leniency = pass / (passes * 0.25f) + 1.0f,
    };

    if (bits > wanted_bits) {
        const float excess = bits / (float)FFMAX(1, wanted_bits);

        fields.leniency *= FFMIN(2.0f, excess);
    }
    return ((int (*)(struct afmpeg_aac_pass *))(uintptr_t)
            afmpeg_kernel_slots[AFMPEG_aac_refine_scales])(&fields);
}

typedef void high_pass(const float *from, float *to, const float *factors);

int afmpeg_aac_high_pass(const float *from, float *to, const float *factors);

/* Called by libavcodec's aacpsy.c. Says whether it did the work. */
int afmpeg_aac_high_pass(const float *from, float *to, const float *factors)
{
    high_pass *kernel = (high_pass *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_aac_high_pass];

    if (kernel)
        kernel(from, to, factors);
    return kernel != NULL;
}

void __real_ff_aacenc_dsp_init(AACEncDSPContext *s);

void ff_aacenc_dsp_init(AACEncDSPContext *s)
{
    __real_ff_aacenc_dsp_init(s);
    AFMPEG_REPLACE(AFMPEG_aac_power, s->abs_pow34);
    AFMPEG_REPLACE(AFMPEG_aac_quantise, s->quant_bands);
    AFMPEG_REPLACE_BY(AFMPEG_aac_try_scales, s->try_scales, try_scales);
    AFMPEG_REPLACE(AFMPEG_aac_raise_scales, s->raise_scales);
    AFMPEG_REPLACE(AFMPEG_aac_lower_scales, s->lower_scales);
    AFMPEG_REPLACE_BY(AFMPEG_aac_count_fast, s->try_scales_fast, try_scales_fast);
    AFMPEG_REPLACE_BY(AFMPEG_aac_refine_scales, s->refine_scales, refine_scales);
    replace_costs();
}
