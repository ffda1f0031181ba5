/* What the probes of MPEG's formats look for, in the form of libavformat's own loops. */
#include <string.h>

#include <libavcodec/mpegaudiodecheader.h>
#include <libavutil/intreadwrite.h>

#include "compared.h"
#include "setup.h"

int afmpeg_probe_mpegts(const uint8_t *bytes, int size, int packet, int strict, int *score);
int afmpeg_probe_mpeg_audio(const uint8_t *bytes, const uint8_t *end);
int afmpeg_probe_repeats(const uint8_t *bytes, int size, uint32_t header, uint32_t mask, int *count);
int afmpeg_probe_adts(const uint8_t *bytes, const uint8_t *end);

static void mpegts(const uint8_t *bytes, int size, int packet, int strict, int *score)
{
    int counts[204], all = 0, best = 0, id;

    if (afmpeg_probe_mpegts(bytes, size, packet, strict, score))
        return;
    memset(counts, 0, sizeof(counts));
    for (int i = 0; i < size - 3; i++) {
        /* libavformat looks at the first packet each time. */
        id = AV_RB16(bytes + 1) & 0x1fff;
        if (bytes[i] != 0x47 || (strict && id != 0x1fff && !(bytes[i + 3] & 0x30)))
            continue;
        all++;
        if (++counts[i % packet] > best)
            best = counts[i % packet];
    }
    *score = best - (all > 10 * best ? all - 10 * best : 0) / 10;
}

COMPARED(probe_mpegts, (const uint8_t *bytes, int size, int packet, int strict, int *score),
         mpegts(bytes, size, packet, strict, score))

/* Steps as the probes do: past what the kernel says, and then one by one. */
#define NEXT(kernel, is_header) \
    do { \
        const uint8_t *at = bytes, *end = bytes + size; \
        at += kernel(at, end); \
        while (at < end && !(is_header)) \
            at++; \
        *found = at - bytes; \
    } while (0)

COMPARED(probe_mpeg_audio, (const uint8_t *bytes, int size, int *found),
         NEXT(afmpeg_probe_mpeg_audio, ff_mpa_check_header(AV_RB32(at)) == 0))
COMPARED(probe_adts, (const uint8_t *bytes, int size, int *found),
         NEXT(afmpeg_probe_adts, (AV_RB16(at) & 0xfff6) == 0xfff0))

static void repeats(const uint8_t *bytes, int size, uint32_t header, int *count)
{
    *count = 0;
    if (afmpeg_probe_repeats(bytes, size, header, MP3_MASK, count))
        return;
    for (int i = 0; i < size; i++)
        *count += !((AV_RB32(bytes + i) ^ header) & MP3_MASK);
}

COMPARED(probe_repeats, (const uint8_t *bytes, int size, uint32_t header, int *count),
         repeats(bytes, size, header, count))

void setup_probing(void)
{
    NOTE(probe_mpegts);
    NOTE(probe_mpeg_audio);
    NOTE(probe_repeats);
    NOTE(probe_adts);
}
