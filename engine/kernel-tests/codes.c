/* Codes of MPEG audio: loops in the form of the decoders' own, with libavcodec's reader of bits and
 * its tables. */
#include <libavcodec/get_bits.h>
#include <libavcodec/mpegaudio.h>
#include <libavcodec/mpegaudiodata.h>

#include "compared.h"
#include "setup.h"

int afmpeg_mp3_pairs(GetBitContext *gb, int end, const VLCElem *codes, int escape_bits,
                     const int16_t *exponents, int32_t *to, int count, const uint32_t *powers);
int afmpeg_mp3_quads(GetBitContext *gb, int end, const VLC *codes, const int16_t *exponents,
                     int32_t *to, int from, const uint32_t *powers, int *last);

/* The decoder's own tables of powers are not to be seen from here: numbers as large. */
static uint32_t powers[512][16], powers_of_one[512];

static GetBitContext reader(const uint8_t *bytes, int size, int position)
{
    GetBitContext gb;

    check(init_get_bits(&gb, bytes, size));
    skip_bits_long(&gb, position);
    return gb;
}

static int32_t signed_number(GetBitContext *gb, uint32_t number)
{
    return get_bits1(gb) ? -number : number;
}

static int32_t number(GetBitContext *gb, int value, int escape_bits, int exponent)
{
    uint32_t mantissa;
    int shift;

    if (!value)
        return 0;
    if (value < 15)
        return signed_number(gb, powers[exponent][value]);
    value += get_bitsz(gb, escape_bits);
    mantissa = ff_table_4_3_value[4 * value + (exponent & 3)];
    shift = ff_table_4_3_exp[4 * value + (exponent & 3)] - (exponent >> 2);
    if (shift < 0 || shift > 31)
        mantissa = 0;
    else
        mantissa = (mantissa + ((1U << shift) >> 1)) >> shift;
    return signed_number(gb, mantissa);
}

/* How many numbers there are shows in `done`. */
static void pairs(const uint8_t *bytes, int position, int end, int size, int table, int escape_bits,
                  const int16_t *exponents, int32_t *to, int count, int *done)
{
    GetBitContext gb = reader(bytes, size, position);
    int i = afmpeg_mp3_pairs(&gb, end, ff_huff_vlc[table], escape_bits, exponents, to, count, powers[0]);

    for (; i < count && get_bits_count(&gb) < end; i++) {
        int pair = get_vlc2(&gb, ff_huff_vlc[table], 7, 3);

        to[2 * i] = number(&gb, pair >> 5, escape_bits, exponents[2 * i]);
        to[2 * i + 1] = number(&gb, pair & 15, escape_bits, exponents[2 * i]);
    }
    done[0] = i;
    done[1] = get_bits_count(&gb);
}

COMPARED(mp3_pairs,
         (const uint8_t *bytes, int position, int end, int size, int table, int escape_bits,
          const int16_t *exponents, int32_t *to, int count, int *done),
         pairs(bytes, position, end, size, table, escape_bits, exponents, to, count, done))

static void quads(const uint8_t *bytes, int position, int end, int size, int table,
                  const int16_t *exponents, int32_t *to, int from, int *done)
{
    const VLC *codes = &ff_huff_quad_vlc[table];
    GetBitContext gb = reader(bytes, size, position);

    done[2] = 0;
    from = afmpeg_mp3_quads(&gb, end, codes, exponents, to, from, powers_of_one, &done[2]);
    for (; from <= 572 && get_bits_count(&gb) < end; from += 4) {
        int four;

        done[2] = get_bits_count(&gb);
        four = get_vlc2(&gb, codes->table, codes->bits, 1);
        for (int i = 0; i < 4; i++) {
            int is_one = four >> (3 - i) & 1;

            to[from + i] = is_one ? signed_number(&gb, powers_of_one[exponents[from + i]]) : 0;
        }
    }
    done[0] = from;
    done[1] = get_bits_count(&gb);
}

COMPARED(mp3_quads,
         (const uint8_t *bytes, int position, int end, int size, int table, const int16_t *exponents,
          int32_t *to, int from, int *done),
         quads(bytes, position, end, size, table, exponents, to, from, done))

void setup_codes(void)
{
    ff_mpegaudiodec_common_init_static();
    for (unsigned exponent = 0; exponent < 512; exponent++) {
        for (unsigned value = 1; value < 16; value++)
            powers[exponent][value] = value << (exponent / 20);
        powers_of_one[exponent] = powers[exponent][1];
    }
    NOTE(mp3_pairs);
    NOTE(mp3_quads);
}
