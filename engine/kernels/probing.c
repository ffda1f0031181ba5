/* Kernels of the search for a format: what every file is asked. Called by changed sources
 * (xtask/src/engine/audio.rs). */
#include <stddef.h>
#include <stdint.h>

#include "kernels.h"

#define KERNEL(slot) ((scan *)(uintptr_t)afmpeg_kernel_slots[AFMPEG_##slot])

typedef int scan(const uint8_t *bytes, int size, uint32_t a, uint32_t b);

int afmpeg_probe_mpegts(const uint8_t *bytes, int size, int packet, int strict, int *score);
int afmpeg_probe_mpeg_audio(const uint8_t *bytes, const uint8_t *end);
int afmpeg_probe_repeats(const uint8_t *bytes, int size, uint32_t header, uint32_t mask, int *count);
int afmpeg_probe_adts(const uint8_t *bytes, const uint8_t *end);

/* How many packets there seem to be, less what speaks against. Says whether it did the work. */
int afmpeg_probe_mpegts(const uint8_t *bytes, int size, int packet, int strict, int *score)
{
    scan *kernel = KERNEL(probe_mpegts);

    if (kernel)
        *score = kernel(bytes, size, packet, strict);
    return kernel != NULL;
}

/* How many bytes begin no header of MPEG audio, of which four are in memory everywhere before the end. */
int afmpeg_probe_mpeg_audio(const uint8_t *bytes, const uint8_t *end)
{
    scan *kernel = KERNEL(probe_mpeg_audio);

    return kernel ? kernel(bytes, end - bytes, 0, 0) : 0;
}

/* At how many of the places there are four bytes that are like a header. Says whether it did the work. */
int afmpeg_probe_repeats(const uint8_t *bytes, int size, uint32_t header, uint32_t mask, int *count)
{
    scan *kernel = KERNEL(probe_repeats);

    if (kernel)
        *count = kernel(bytes, size, header, mask);
    return kernel != NULL;
}

/* How many bytes begin no header of AAC's transport stream. */
int afmpeg_probe_adts(const uint8_t *bytes, const uint8_t *end)
{
    scan *kernel = KERNEL(probe_adts);

    return kernel ? kernel(bytes, end - bytes, 0, 0) : 0;
}
