/* Transforms of floating-point numbers. */
#include <libavutil/tx.h>
#include <libavutil/tx_priv.h>

#include "setup.h"

__attribute__((export_name("transform"))) AVTXContext *transform(int type, int inverse, int len);

static void restore(AVTXContext *s)
{
    for (int i = 0; i < s->nb_sub; i++) {
        s->fn[i] = s->cd[i]->function;
        restore(&s->sub[i]);
    }
}

/* A context of a transform whose parts are all in C. It is the last that the hooks have seen. */
AVTXContext *transform(int type, int inverse, int len)
{
    AVTXContext *context = NULL;
    av_tx_fn function;
    const float scale = 1.0f / 700;

    if (av_tx_init(&context, &function, type, inverse, len, &scale, 0) < 0)
        return NULL;
    restore(context);
    return context;
}

/* The part of a context that transforms complex numbers, which come permuted. */
__attribute__((export_name("transform_part"))) AVTXContext *transform_part(AVTXContext *context);

AVTXContext *transform_part(AVTXContext *context)
{
    return context->sub;
}

void setup_tx(void)
{
    transform(AV_TX_FLOAT_MDCT, 0, 64);
    transform(AV_TX_FLOAT_MDCT, 1, 64);
    transform(AV_TX_FLOAT_RDFT, 0, 128);
}
