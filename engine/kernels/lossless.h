/* Entries to the kernels of lossless audio. Each says whether it did the work; where it did not, nothing has
 * changed. */
#ifndef AFMPEG_LOSSLESS_H
#define AFMPEG_LOSSLESS_H

#include <stdint.h>

#include <libavcodec/put_bits.h>

int afmpeg_alac_predict(int32_t *residuals, const int32_t *samples, int count, int order, int shift,
                        const int *coefficients, int width);
int afmpeg_alac_write(PutBitContext *pb, const int32_t *residuals, int count, unsigned history,
                      int multiplier, int limit, int width);
int afmpeg_stereo_sums(const int32_t *left, const int32_t *right, int count, uint64_t *sums);
int afmpeg_flac_write(PutBitContext *pb, const int32_t *residuals, int count, int order,
                      int partition_order, int width, const int *parameters);
int afmpeg_flac_read(const uint8_t *bytes, int *index, int size, int32_t *residuals, int count,
                     int order, int partition_order, int width);
int afmpeg_flac_partition_sums(const int32_t *residuals, int count, int order, int partition_order,
                               uint64_t *sums);
int afmpeg_flac_code_bits(const int32_t *residuals, int count, int parameter, uint64_t *bits);

#endif
