/* PNG's rows, zlib, the compression of GIF, checksums, and the search for frame rates. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/lossless_videoencdsp.h>
#include <libavcodec/pngdsp.h>
#include <libavutil/adler32.h>
#include <libavutil/crc.h>
#include <zlib.h>

#include <libavcodec/lzw.h>

#include "compared.h"
#include "setup.h"

void png_filter_row(void *encoder, uint8_t *dst, int type, const uint8_t *src, const uint8_t *above,
                    int size, int bpp);
void ff_png_filter_row(PNGDSPContext *dsp, uint8_t *dst, int type, const uint8_t *src,
                       const uint8_t *above, int size, int bpp);
uint32_t __real_av_crc(const AVCRC *table, uint32_t crc, const uint8_t *buffer, size_t length);
int afmpeg_rate_errors(double *errors, const int *rates, int count, double time);
AVAdler __real_av_adler32_update(AVAdler adler, const uint8_t *buffer, size_t length);

EXPORT(crc_table) const AVCRC *crc_table(int id);

/* The beginning of the encoder's own context. */
static struct {
    void *class;
    LLVidEncDSPContext dsp;
} png_encoder;

static PNGDSPContext decoder;

/* A table of a polynomial of nobody's, of the small kind. */
static AVCRC small[257];

/* libavutil's table, or the small one. */
const AVCRC *crc_table(int id)
{
    return id < AV_CRC_MAX ? av_crc_get_table(id) : small;
}

/* Compresses `length` bytes and writes the length of the result, and the result. */
static void compressed(int level, const uint8_t *in, unsigned length, uint8_t *out, unsigned room)
{
    z_stream stream = {0};
    uint32_t size;

    check(deflateInit(&stream, level));
    stream.next_in = (uint8_t *)in;
    stream.avail_in = length;
    stream.next_out = out + sizeof(size);
    stream.avail_out = room - sizeof(size);
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        __builtin_trap();
    size = stream.total_out;
    memcpy(out, &size, sizeof(size));
    deflateEnd(&stream);
}

/* Memory that is cleared when it is freed: what zlib leaves in its state depends on who did the work. */
static void *take(void *opaque, unsigned count, unsigned size)
{
    size_t *block = calloc(1, 16 + (size_t)count * size);

    (void)opaque;
    *block = (size_t)count * size;
    return (char *)block + 16;
}

static void give(void *opaque, void *memory)
{
    size_t *block = (size_t *)((char *)memory - 16);

    (void)opaque;
    memset(memory, 0, *block);
    free(block);
}

/* Compresses, and then decompresses what became of it after `damage`, with `piece` bytes of input at a time
 * and `length` of output in one row, as PNG's decoder does: what comes out, how it ended, what was said. */
static void decompressed(int level, uint8_t *in, unsigned size, uint8_t *out, unsigned room,
                         unsigned damage, unsigned piece, unsigned length)
{
    uint8_t *packed = malloc(room), *row = malloc(length);
    z_stream stream = {.zalloc = take, .zfree = give};
    uint32_t left;
    int status = Z_OK;

    compressed(level, in, size, packed, room);
    memcpy(&left, packed, sizeof(left));
    if (damage)
        packed[sizeof(left) + damage % left] ^= 1 + damage % 255;
    check(inflateInit(&stream));
    stream.next_in = packed + sizeof(left);
    do {
        uint8_t *made = out + stream.total_out / length * length;

        if (!stream.avail_in) {
            stream.avail_in = left < piece ? left : piece;
            left -= stream.avail_in;
        }
        if (!stream.avail_out) {
            stream.next_out = row;
            stream.avail_out = length;
        }
        if (made + length > out + room)
            break;
        status = inflate(&stream, Z_NO_FLUSH);
        memcpy(made, row, length - stream.avail_out);
    } while (status == Z_OK && (left || stream.avail_in || !stream.avail_out));
    out += room;
    memcpy(out, &status, sizeof(status));
    if (stream.msg)
        memcpy(out + sizeof(status), stream.msg, strlen(stream.msg));
    inflateEnd(&stream);
    memset(packed, 0, room);
    free(packed);
    memset(row, 0, length);
    free(row);
}

/* Memory that is about to be freed may else stay as it is. */
static void *(*const volatile clear)(void *, int, size_t) = memset;

/* Compresses pictures of rows, one after the other, and writes what they have become; then the length of each. */
static void lzw(const uint8_t *in, unsigned width, unsigned height, unsigned pictures, uint8_t *out,
                unsigned room, uint32_t *lengths)
{
    struct LZWEncodeState *state = calloc(1, ff_lzw_encode_state_size);

    for (unsigned picture = 0; picture < pictures; picture++) {
        int length = 0;

        ff_lzw_encode_init(state, out, room, 12, FF_LZW_GIF, 1);
        for (unsigned y = 0; y < height; y++, in += width) {
            int row = ff_lzw_encode(state, in, width);

            check(row);
            length += row;
        }
        length += ff_lzw_encode_flush(state);
        lengths[picture] = length;
        out += length;
        room -= length;
    }
    /* The kernel has a table of its own in its place. */
    clear(state, 0, ff_lzw_encode_state_size);
    free(state);
}

/* What libavformat's demux.c does for each time of a stream: with it, all decoders would be in this guest,
 * and every test would compare their memory. The tests of modes probe with the real one. */
static void rate_errors_c(double *errors, const int *rates, int count, double time)
{
    for (int i = 0; i < count; i++) {
        double frames = time * rates[i] / (1001 * 12);

        if (!(errors[count + i] < 1e10))
            continue;
        for (int half = 0; half < 2; half++) {
            int64_t nearest = llrint(frames + half * 0.5);
            double error = frames - nearest + half * 0.5;

            errors[2 * half * count + i] += error;
            errors[(2 * half + 1) * count + i] += error * error;
        }
    }
}

COMPARED(inflate_run,
         (int level, uint8_t *in, unsigned size, uint8_t *out, unsigned room, unsigned damage,
          unsigned piece, unsigned length),
         decompressed(level, in, size, out, room, damage, piece, length))

/* Several times, the first at `first`. */
#define RATES(work) \
    for (int i = 0; i < times; i++) \
        work(errors, rates, count, (first + (double)i * step) / 90000)

static void rates_c(double *errors, const int *rates, int count, int times, int first, int step)
{
    RATES(rate_errors_c);
}

static void rates_kernel(double *errors, const int *rates, int count, int times, int first, int step)
{
    RATES(afmpeg_rate_errors);
}

/* The function is private where no kernel can be called. */
#ifdef __wasm__
COMPARED(png_filter,
         (uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size, int bpp),
         png_filter_row(&png_encoder, dst, type, src, above, size, bpp))
#endif
COMPARED(png_unfilter,
         (uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size, int bpp),
         ff_png_filter_row(&decoder, dst, type, src, above, size, bpp))
COMPARED(lzw_encode,
         (const uint8_t *in, unsigned width, unsigned height, unsigned pictures, uint8_t *out,
          unsigned room, uint32_t *lengths),
         lzw(in, width, height, pictures, out, room, lengths))
COMPARED(deflate_run,
         (int level, const uint8_t *in, unsigned length, uint8_t *out, unsigned room),
         compressed(level, in, length, out, room))
COMPARED(deflate_slide,
         (int level, const uint8_t *in, unsigned length, uint8_t *out, unsigned room),
         compressed(level, in, length, out, room))

void setup_images(void)
{
    /* Memory that grows in one of two calls that are compared leaves the heap another size. */
    void *volatile room = malloc(1 << 20);

    free(room);
    ff_llvidencdsp_init(&png_encoder.dsp);
    ff_pngdsp_init(&decoder);
    check(av_crc_init(small, 0, 24, 0x123457, sizeof(small)));
#ifdef __wasm__
    NOTE(png_filter);
#endif
    NOTE(png_unfilter);
    NOTE(lzw_encode);
    NOTE(deflate_run);
    NOTE(deflate_slide);
    NOTE(inflate_run);
    AFMPEG_NOTE(afmpeg_kernel_before, AFMPEG_rate_errors, rates_c);
    AFMPEG_NOTE(afmpeg_kernel_after, AFMPEG_rate_errors, rates_kernel);
    AFMPEG_NOTE(afmpeg_kernel_before, AFMPEG_checksum_crc, __real_av_crc);
    AFMPEG_NOTE(afmpeg_kernel_after, AFMPEG_checksum_crc, av_crc);
    AFMPEG_NOTE(afmpeg_kernel_before, AFMPEG_checksum_adler, __real_av_adler32_update);
    AFMPEG_NOTE(afmpeg_kernel_after, AFMPEG_checksum_adler, av_adler32_update);
}
