/* Kernels of containers: checksums, and the search for a stream's frame rate. */
#include <math.h>
#include <stddef.h>

#include <libavutil/adler32.h>
#include <libavutil/crc.h>
#include <zlib.h>

#include "kernels.h"

uint32_t __real_av_crc(const AVCRC *table, uint32_t crc, const uint8_t *buffer, size_t length);
AVAdler __real_av_adler32_update(AVAdler adler, const uint8_t *buffer, size_t length);
uLong __real_adler32(uLong adler, const Bytef *buffer, uInt length);

typedef uint32_t crc(const AVCRC *table, uint32_t crc, const uint8_t *buffer, size_t length);
typedef uint32_t adler(uint32_t adler, const uint8_t *buffer, size_t length);
typedef void rate_errors(double *errors, const int *rates, int count, double time);

int afmpeg_rate_errors(double *errors, const int *rates, int count, double time);

/* What is shorter than this is done faster than a call of the host. */
enum { SHORT = 64 };

uint32_t av_crc(const AVCRC *table, uint32_t value, const uint8_t *buffer, size_t length)
{
    crc *kernel = (crc *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_checksum_crc];

    return kernel && length >= SHORT ? kernel(table, value, buffer, length)
                                     : __real_av_crc(table, value, buffer, length);
}

AVAdler av_adler32_update(AVAdler value, const uint8_t *buffer, size_t length)
{
    adler *kernel = (adler *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_checksum_adler];

    return kernel && length >= SHORT ? kernel(value, buffer, length)
                                     : __real_av_adler32_update(value, buffer, length);
}

uLong adler32(uLong value, const Bytef *buffer, uInt length)
{
    adler *kernel = (adler *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_checksum_adler];

    return kernel && buffer && length >= SHORT ? kernel(value, buffer, length)
                                               : __real_adler32(value, buffer, length);
}

/* Called by libavformat's demux.c, see xtask/src/engine/hooks.rs. Says whether it did the work: times
 * beyond count no frames. */
int afmpeg_rate_errors(double *errors, const int *rates, int count, double time)
{
    rate_errors *kernel = (rate_errors *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_rate_errors];

    if (!kernel || !(fabs(time) < 1e12))
        return 0;
    kernel(errors, rates, count, time);
    return 1;
}
