/* The AAC encoder: a context for the functions that take one, and its searches for scales as a whole,
 * with the kernels of their steps and without. */
#include <string.h>

#include <libavcodec/aacenc.h>
#include <libavcodec/aacencdsp.h>
#include <libavcodec/aacenctab.h>
#include <libavcodec/aactab.h>
#include <libavcodec/psymodel.h>

#include "compared.h"
#include "setup.h"

static AACEncContext context;
static AVCodecContext codec;
static SingleChannelElement element;
static FFPsyChannel channel;
static AACEncDSPContext plain, hooked;

AACEncContext *aac_encoder(void)
{
    return &context;
}

/* Searches scales for 1024 coefficients. `thresholds` has 128 shares of energy, one for each band
 * that there can be. Gives a sum of the scales and codebooks. */
static int search(int coder, const AACEncDSPContext *dsp, const float *coefficients,
                  const float *thresholds, int is_short, int bit_rate, float lambda)
{
    IndividualChannelStream *ics = &element.ics;
    int sum = 0;

    context.aacdsp = *dsp;
    context.options.pns = 1;
    context.psy.ch = &channel;
    context.psy.bitres.alloc = -1;
    context.lambda = lambda;
    codec.bit_rate = bit_rate;
    codec.sample_rate = 44100;
    codec.ch_layout.nb_channels = 1;
    ics->num_windows = is_short ? 8 : 1;
    ics->num_swb = is_short ? 14 : 49;
    ics->swb_sizes = is_short ? ff_aac_swb_size_128[4] : ff_aac_swb_size_1024[4];
    ics->swb_offset = is_short ? ff_swb_offset_128[4] : ff_swb_offset_1024[4];
    for (int w = 0; w < 8; w++)
        ics->group_len[w] = is_short ? (w == 1 ? 3 : w == 4 ? 4 : 1) : 1;
    for (int i = 0; i < 1024; i++)
        element.coeffs[i] = coefficients[i];
    for (int w = 0; w < ics->num_windows; w++) {
        const float *values = element.coeffs + 128 * w;
        for (int g = 0; g < ics->num_swb; g++) {
            FFPsyBand *band = &channel.psy_bands[16 * w + g];
            float energy = 0;
            for (int i = 0; i < ics->swb_sizes[g]; i++, values++)
                energy += *values * *values;
            band->energy = energy;
            band->threshold = energy * thresholds[16 * w + g];
            band->spread = 1;
            element.can_pns[16 * w + g] = g % 3 == 2;
        }
    }
    ff_aac_coders[coder].search_for_quantizers(&codec, &context, &element, lambda);
    context.aacdsp = plain;
    for (int i = 0; i < 128; i++)
        sum += (element.sf_idx[i] + 256 * element.band_type[i]) * (i + 1);
    return sum;
}

#define SEARCH(name, coder, dsp) \
    static int name(const float *coefficients, const float *thresholds, int is_short, int bit_rate, \
                    float lambda) \
    { \
        return search(coder, dsp, coefficients, thresholds, is_short, bit_rate, lambda); \
    }

SEARCH(search_plain, AAC_CODER_TWOLOOP, &plain)
SEARCH(search_hooked, AAC_CODER_TWOLOOP, &hooked)
SEARCH(search_fast_plain, AAC_CODER_FAST, &plain)
SEARCH(search_fast_hooked, AAC_CODER_FAST, &hooked)

typedef float band_cost(AACEncContext *s, PutBitContext *pb, const float *in, float *out,
                        const float *scaled, int size, int scale, int book, float weight,
                        float limit, int *bits, float *energy);

/* By kinds of codebooks, of which there are six. */
static band_cost *costs[2][6];

/* The levels that are left behind are not compared: nothing reads them, and the kernels leave none. */
#define COST(name, costs) \
    static float name(AACEncContext *s, PutBitContext *pb, const float *in, float *out, \
                      const float *scaled, int size, int scale, int book, float weight, float limit, \
                      int *bits, float *energy) \
    { \
        float cost = costs[(book - 1) / 2](s, pb, in, out, scaled, size, scale, book, weight, limit, \
                                           bits, energy); \
        memset(s->qcoefs, 0, sizeof(s->qcoefs)); \
        return cost; \
    }

COST(cost_plain, costs[0])
COST(cost_hooked, costs[1])

#ifdef __wasm__
/* Of aacpsy.c, which keeps it for itself where there are no kernels. */
void psy_hp_filter(const float *from, float *to, const float *factors);

COMPARED(aac_high_pass, (const float *from, float *to, const float *factors),
         psy_hp_filter(from, to, factors))
#endif

void setup_aac(void)
{
    ff_aacenc_dsp_init(&hooked);
    plain.abs_pow34 = (void *)afmpeg_kernel_before[AFMPEG_aac_power];
    plain.quant_bands = (void *)afmpeg_kernel_before[AFMPEG_aac_quantise];
    context.aacdsp = plain;
    ff_aac_float_common_init();
    for (int i = 0; i < 6; i++) {
        const int slot = AFMPEG_aac_cost_signed_fours + i;

        costs[0][i] = (void *)afmpeg_kernel_before[slot];
        costs[1][i] = (void *)afmpeg_kernel_after[slot];
        AFMPEG_NOTE(afmpeg_kernel_before, slot, cost_plain);
        AFMPEG_NOTE(afmpeg_kernel_after, slot, cost_hooked);
    }
    /* These have no C of their own that could be called: it is a part of the search. */
    for (int slot = AFMPEG_aac_try_scales; slot <= AFMPEG_aac_refine_scales; slot++) {
        AFMPEG_NOTE(afmpeg_kernel_before, slot, search_plain);
        AFMPEG_NOTE(afmpeg_kernel_after, slot, search_hooked);
    }
    AFMPEG_NOTE(afmpeg_kernel_before, AFMPEG_aac_count_fast, search_fast_plain);
    AFMPEG_NOTE(afmpeg_kernel_after, AFMPEG_aac_count_fast, search_fast_hooked);
#ifdef __wasm__
    NOTE(aac_high_pass);
#endif
}
