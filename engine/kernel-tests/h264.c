/* The H.264 decoder's init functions. */
#include <stdlib.h>

#include <libavcodec/h264chroma.h>
#include <libavcodec/h264dsp.h>
#include <libavcodec/h264qpel.h>

#include "../kernels/kernels.h"
#include "setup.h"

/* What a block is predicted from: none to two pictures. */
typedef struct Prediction {
    int number;
    int picture[2];
    const int16_t *vector[2];
} Prediction;

static Prediction prediction(int8_t ref[2][40], int16_t mv[2][40][2], int lists, int block)
{
    Prediction p = {0};

    for (int list = 0; list < lists; list++) {
        if (ref[list][block] < 0)
            continue;
        p.picture[p.number] = ref[list][block];
        p.vector[p.number++] = mv[list][block];
    }
    return p;
}

static int far(const int16_t *a, const int16_t *b, int field)
{
    return abs(a[0] - b[0]) >= 4 || abs(a[1] - b[1]) >= (field ? 2 : 4);
}

/* Whether `b`, its predictions exchanged or not, is what `a` is. */
static int matches(const Prediction *a, const Prediction *b, int exchanged, int field)
{
    for (int i = 0; i < a->number; i++) {
        int j = exchanged ? a->number - 1 - i : i;

        if (a->picture[i] != b->picture[j] || far(a->vector[i], b->vector[j], field))
            return 0;
    }
    return 1;
}

/* The library has no C for this one: the words of ITU-T H.264, 8.7.2.1. */
static void edge_strengths(int16_t strengths[2][4][4], uint8_t nnz[40], int8_t ref[2][40],
                           int16_t mv[2][40][2], int bidir, int edges, int step, int mask_mv0,
                           int mask_mv1, int field)
{
    /* What these say could be left out is not. */
    (void)edges, (void)step, (void)mask_mv0, (void)mask_mv1;
    for (int dir = 0; dir < 2; dir++) {
        for (int edge = 0; edge < 4; edge++) {
            for (int i = 0; i < 4; i++) {
                int block = 12 + (dir ? i + 8 * edge : edge + 8 * i);
                int beside = block - (dir ? 8 : 1);
                Prediction a = prediction(ref, mv, bidir ? 2 : 1, block);
                Prediction b = prediction(ref, mv, bidir ? 2 : 1, beside);

                if (nnz[block] || nnz[beside])
                    strengths[dir][edge][i] = 2;
                else
                    strengths[dir][edge][i] = a.number != b.number
                        || !(matches(&a, &b, 0, field) || matches(&a, &b, 1, field));
            }
        }
    }
}

void setup_h264(void)
{
    H264ChromaContext chroma;
    H264DSPContext dsp;
    H264QpelContext qpel;

    ff_h264chroma_init(&chroma, 8);
    ff_h264dsp_init(&dsp, 8, 1);
    ff_h264qpel_init(&qpel, 8);
    AFMPEG_NOTE(afmpeg_kernel_before, AFMPEG_h264_edge_strengths, edge_strengths);
}
