/* Reads the sequence parameter set of H.264 (ITU-T H.264, 7.3.2.1.1 and E.1.1). */
#include "h264_header.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>

/* Bits of a payload from which the emulation prevention bytes were taken. */
struct bits {
    const uint8_t *data;
    size_t n; /* in bits */
    size_t at;
    bool over; /* read past the end: every value since is 0 */
};

static uint32_t bits_u(struct bits *b, unsigned count)
{
    uint32_t value = 0;

    if (b->n - b->at < count) {
        b->over = true;
        b->at = b->n;
        return 0;
    }
    for (; count; count--, b->at++)
        value = value << 1 | (b->data[b->at / 8] >> (7 - b->at % 8) & 1);
    return value;
}

/* ue(v), clause 9.1. */
static uint32_t bits_ue(struct bits *b)
{
    unsigned zeros = 0;

    while (!b->over && !bits_u(b, 1))
        zeros++;
    if (b->over || zeros > 31) {
        b->over = true;
        return 0;
    }
    return (UINT32_C(1) << zeros) - 1 + bits_u(b, zeros);
}

/* se(v), clause 9.1.1. */
static int64_t bits_se(struct bits *b)
{
    uint32_t code = bits_ue(b);
    return code & 1 ? (int64_t)(code / 2) + 1 : -(int64_t)(code / 2);
}

/* Clause 7.3.2.1.1.1; only its length matters here. */
static void skip_scaling_list(struct bits *b, unsigned size)
{
    int64_t last = 8, next = 8;

    for (unsigned i = 0; i < size && !b->over; i++) {
        if (next)
            next = (last + bits_se(b) + 256) % 256;
        if (next)
            last = next;
    }
}

struct header {
    uint32_t chroma, depth, chroma_depth; /* chroma_format_idc; bits a sample */
    AVRational sar;
    bool full_range, has_signal, has_colour;
    uint32_t primaries, transfer, matrix;
    uint32_t chroma_location; /* 1 + chroma_sample_loc_type_top_field, 0: not told */
    bool frames_only, tells_reordering;
};

static bool has_chroma_info(uint32_t profile)
{
    static const uint8_t high[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};

    for (size_t i = 0; i < sizeof high; i++)
        if (high[i] == profile)
            return true;
    return false;
}

/* Table E-1. */
static AVRational aspect_ratio(struct bits *b)
{
    static const uint8_t table[][2] = {{0, 1},   {1, 1},   {12, 11}, {10, 11}, {16, 11}, {40, 33},
                                       {24, 11}, {20, 11}, {32, 11}, {80, 33}, {18, 11}, {15, 11},
                                       {64, 33}, {160, 99}, {4, 3},  {3, 2},   {2, 1}};
    uint32_t idc = bits_u(b, 8);
    AVRational sar = {0, 1};

    if (idc == 255) {
        sar.num = (int)bits_u(b, 16);
        sar.den = (int)bits_u(b, 16);
        return sar.num && sar.den ? sar : (AVRational){0, 1};
    }
    if (idc < sizeof table / sizeof *table)
        sar = (AVRational){table[idc][0], table[idc][1]};
    return sar;
}

/* Clause E.1.2; only its length matters here. */
static void skip_hrd(struct bits *b)
{
    uint32_t count = bits_ue(b);

    bits_u(b, 8);
    for (uint32_t i = 0; i <= count && !b->over; i++) {
        bits_ue(b);
        bits_ue(b);
        bits_u(b, 1);
    }
    bits_u(b, 20);
}

/* Clause E.1.1 up to bitstream_restriction_flag. */
static void read_vui(struct bits *b, struct header *h)
{
    bool nal, vcl;

    if (bits_u(b, 1))
        h->sar = aspect_ratio(b);
    if (bits_u(b, 1))
        bits_u(b, 1);
    h->has_signal = bits_u(b, 1);
    if (h->has_signal) {
        bits_u(b, 3);
        h->full_range = bits_u(b, 1);
        h->has_colour = bits_u(b, 1);
        if (h->has_colour) {
            h->primaries = bits_u(b, 8);
            h->transfer = bits_u(b, 8);
            h->matrix = bits_u(b, 8);
        }
    }
    if (bits_u(b, 1)) {
        h->chroma_location = bits_ue(b) + 1;
        bits_ue(b);
    }
    if (b->over)
        return;
    if (bits_u(b, 1)) {
        bits_u(b, 32);
        bits_u(b, 32);
        bits_u(b, 1);
    }
    nal = bits_u(b, 1);
    if (nal)
        skip_hrd(b);
    vcl = bits_u(b, 1);
    if (vcl)
        skip_hrd(b);
    if (nal || vcl)
        bits_u(b, 1);
    bits_u(b, 1);
    h->tells_reordering = bits_u(b, 1);
    /* A header that is cut short from here on has told all else. */
    b->over = false;
}

static bool read_header(struct bits *b, struct header *h)
{
    uint32_t profile = bits_u(b, 8), count;

    *h = (struct header){.chroma = 1, .depth = 8, .chroma_depth = 8, .sar = {0, 1}};
    bits_u(b, 16);
    bits_ue(b);
    if (has_chroma_info(profile)) {
        h->chroma = bits_ue(b);
        if (h->chroma == 3 && bits_u(b, 1))
            return false; /* planes coded apart */
        h->depth = bits_ue(b) + 8;
        h->chroma_depth = bits_ue(b) + 8;
        bits_u(b, 1);
        if (bits_u(b, 1))
            for (unsigned i = 0; i < (h->chroma == 3 ? 12u : 8u); i++)
                if (bits_u(b, 1))
                    skip_scaling_list(b, i < 6 ? 16 : 64);
    }
    bits_ue(b);
    switch (bits_ue(b)) {
    case 0:
        bits_ue(b);
        break;
    case 1:
        bits_u(b, 1);
        bits_se(b);
        bits_se(b);
        count = bits_ue(b);
        for (uint32_t i = 0; i < count && !b->over; i++)
            bits_se(b);
        break;
    }
    bits_ue(b);
    bits_u(b, 1);
    bits_ue(b);
    bits_ue(b);
    h->frames_only = bits_u(b, 1);
    if (!h->frames_only)
        bits_u(b, 1);
    bits_u(b, 1);
    if (bits_u(b, 1))
        for (unsigned i = 0; i < 4; i++)
            bits_ue(b);
    if (bits_u(b, 1))
        read_vui(b, h);
    return !b->over;
}

/* The formats that the decoder gives, for what cameras and encoders make; NONE for the rest. */
static enum AVPixelFormat pixel_format(const struct header *h)
{
    static const enum AVPixelFormat limited[] = {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P,
                                                 AV_PIX_FMT_YUV444P};
    static const enum AVPixelFormat full[] = {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P,
                                              AV_PIX_FMT_YUVJ444P};
    static const enum AVPixelFormat ten[] = {AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUV422P10,
                                             AV_PIX_FMT_YUV444P10};

    if (h->chroma < 1 || h->chroma > 3 || h->depth != h->chroma_depth)
        return AV_PIX_FMT_NONE;
    if (h->has_colour && (h->matrix == AVCOL_SPC_RGB || h->matrix == AVCOL_SPC_YCGCO))
        return AV_PIX_FMT_NONE;
    if (h->depth == 10)
        return ten[h->chroma - 1];
    if (h->depth == 8)
        return h->full_range ? full[h->chroma - 1] : limited[h->chroma - 1];
    return AV_PIX_FMT_NONE;
}

/* The first sequence parameter set of an avcC record, without its NAL header; 0 bytes if none. */
static size_t find_sps(const AVCodecParameters *par, const uint8_t **sps)
{
    const uint8_t *p = par->extradata;
    size_t n = par->extradata_size > 0 ? (size_t)par->extradata_size : 0, length;

    if (n < 9 || p[0] != 1 || !(p[5] & 31))
        return 0;
    length = (size_t)p[6] << 8 | p[7];
    if (length < 2 || length > n - 8 || (p[8] & 31) != 7)
        return 0;
    *sps = p + 9;
    return length - 1;
}

/* A code that libav has a name for, or 2: unspecified, in all three tables (E-3 to E-5). */
#define known(code, name_of) (name_of((int)(code)) ? (int)(code) : 2)

static bool parse(const AVCodecParameters *par, struct header *header)
{
    const uint8_t *sps = NULL;
    size_t n = find_sps(par, &sps), kept = 0;
    uint8_t *payload;
    bool read;

    if (!n || !(payload = av_malloc(n)))
        return false;
    /* Clause 7.4.1: a 3 after two zeros is no part of the payload. */
    for (size_t i = 0; i < n; i++)
        if (i < 2 || sps[i] != 3 || sps[i - 1] || sps[i - 2])
            payload[kept++] = sps[i];
    read = read_header(&(struct bits){.data = payload, .n = kept * 8}, header);
    av_free(payload);
    return read;
}

bool af_h264_passable(const AVCodecParameters *par)
{
    struct header header;

    return par->codec_id == AV_CODEC_ID_H264 && par->extradata_size > 5 &&
           (par->extradata[5] & 31) == 1 && parse(par, &header) && header.frames_only &&
           header.tells_reordering;
}

bool af_h264_describe(AVCodecParameters *par)
{
    struct header header;
    enum AVPixelFormat format = parse(par, &header) ? pixel_format(&header) : AV_PIX_FMT_NONE;

    if (format == AV_PIX_FMT_NONE)
        return false;
    par->format = format;
    if (!par->sample_aspect_ratio.num)
        par->sample_aspect_ratio = header.sar;
    if (header.has_signal && par->color_range == AVCOL_RANGE_UNSPECIFIED)
        par->color_range = header.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    if (header.has_colour && par->color_primaries == AVCOL_PRI_UNSPECIFIED) {
        par->color_primaries = known(header.primaries, av_color_primaries_name);
        par->color_trc = known(header.transfer, av_color_transfer_name);
        par->color_space = known(header.matrix, av_color_space_name);
    }
    if (header.chroma_location && header.chroma_location < AVCHROMA_LOC_NB &&
        par->chroma_location == AVCHROMA_LOC_UNSPECIFIED)
        par->chroma_location = header.chroma_location;
    return true;
}
