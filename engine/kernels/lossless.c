/* Kernels of lossless audio: codes of prediction residuals in ALAC and FLAC, and what their encoders
 * count. Called by changed sources (xtask/src/engine/audio.rs); each says whether it did the work. */
#include "kernels.h"
#include "lossless.h"

#define KERNEL(type, slot) ((type *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_##slot])

/* Where bits are written to, as the host sees it: fewer than 32 bits that wait, their number, the address
 * of the next byte and of the end. */
typedef struct Writer {
    uint32_t bits, count, next, end;
} Writer;

typedef void alac_predict(int32_t *residuals, const int32_t *samples, int count, int order, int shift,
                          const int *coefficients, int width);
typedef int alac_write(Writer *writer, const int32_t *residuals, int count, unsigned history,
                       int multiplier, int limit, int width);
typedef void stereo_sums(const int32_t *left, const int32_t *right, int count, uint64_t *sums);
typedef int flac_write(Writer *writer, const int32_t *residuals, int count, int order,
                       int partition_order, int width, const int *parameters);
typedef int flac_read(const uint8_t *bytes, int *index, int size, int32_t *residuals, int count,
                      int order, int partition_order, int width);
typedef void partition_sums(const int32_t *residuals, int count, int order, int partition_order,
                            uint64_t *sums);
typedef void code_bits(const int32_t *residuals, int count, int parameter, uint64_t *bits);

static Writer writer_of(const PutBitContext *pb)
{
    return (Writer){
        .bits = (uint32_t)pb->bit_buf,
        .count = (uint32_t)(8 * (int)sizeof(pb->bit_buf) - pb->bit_left),
        .next = (uint32_t)(uintptr_t)pb->buf_ptr,
        .end = (uint32_t)(uintptr_t)pb->buf_end,
    };
}

static void write_back(const Writer *writer, PutBitContext *pb)
{
    pb->bit_buf = writer->bits;
    pb->bit_left = 8 * (int)sizeof(pb->bit_buf) - (int)writer->count;
    pb->buf_ptr = (uint8_t *)(uintptr_t)writer->next;
}

int afmpeg_alac_predict(int32_t *residuals, const int32_t *samples, int count, int order, int shift,
                        const int *coefficients, int width)
{
    alac_predict *kernel = KERNEL(alac_predict, alac_predict);

    /* The encoder searches for no longer ones. */
    if (!kernel || order > 8)
        return 0;
    kernel(residuals, samples, count, order, shift, coefficients, width);
    return 1;
}

int afmpeg_alac_write(PutBitContext *pb, const int32_t *residuals, int count, unsigned history,
                      int multiplier, int limit, int width)
{
    alac_write *kernel = KERNEL(alac_write, alac_write);
    Writer writer = writer_of(pb);

    if (!kernel || !kernel(&writer, residuals, count, history, multiplier, limit, width))
        return 0;
    write_back(&writer, pb);
    return 1;
}

int afmpeg_stereo_sums(const int32_t *left, const int32_t *right, int count, uint64_t *sums)
{
    stereo_sums *kernel = KERNEL(stereo_sums, stereo_sums);

    if (kernel)
        kernel(left, right, count, sums);
    return kernel != NULL;
}

int afmpeg_flac_write(PutBitContext *pb, const int32_t *residuals, int count, int order,
                      int partition_order, int width, const int *parameters)
{
    flac_write *kernel = KERNEL(flac_write, flac_write);
    Writer writer = writer_of(pb);

    if (!kernel || !kernel(&writer, residuals, count, order, partition_order, width, parameters))
        return 0;
    write_back(&writer, pb);
    return 1;
}

int afmpeg_flac_read(const uint8_t *bytes, int *index, int size, int32_t *residuals, int count,
                     int order, int partition_order, int width)
{
    flac_read *kernel = KERNEL(flac_read, flac_read);

    return kernel &&
           kernel(bytes, index, size, residuals, count, order, partition_order, width);
}

int afmpeg_flac_partition_sums(const int32_t *residuals, int count, int order, int partition_order,
                               uint64_t *sums)
{
    partition_sums *kernel = KERNEL(partition_sums, flac_partition_sums);

    if (kernel)
        kernel(residuals, count, order, partition_order, sums);
    return kernel != NULL;
}

int afmpeg_flac_code_bits(const int32_t *residuals, int count, int parameter, uint64_t *bits)
{
    code_bits *kernel = KERNEL(code_bits, flac_code_bits);

    if (kernel)
        kernel(residuals, count, parameter, bits);
    return kernel != NULL;
}
