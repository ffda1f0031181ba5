/* Transforms of floating-point numbers. */
#include <libavutil/tx.h>
#include <libavutil/tx_priv.h>

#include "setup.h"

EXPORT(transform) AVTXContext *transform(int type, int inverse, int len);

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
EXPORT(transform_part) AVTXContext *transform_part(AVTXContext *context);

AVTXContext *transform_part(AVTXContext *context)
{
    return context->sub;
}

static AVTXContext *contexts[6];

AVTXContext *transformer(int index)
{
    return index < 6 ? contexts[index] : NULL;
}

void setup_tx(void)
{
    /* The functions for complex numbers that stay noted are those of the last. */
    contexts[5] = transform(AV_TX_FLOAT_RDFT, 0, 128);
    contexts[3] = transform(AV_TX_FLOAT_FFT, 0, 1024);
    contexts[4] = transform(AV_TX_FLOAT_MDCT, 1, 960);
    contexts[1] = transform(AV_TX_FLOAT_MDCT, 1, 1024);
    contexts[0] = transform(AV_TX_FLOAT_MDCT, 0, 1024);
    contexts[2] = contexts[0]->sub;
}
