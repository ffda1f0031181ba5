/* NAL units of H.264 and HEVC, in packets with start codes (ITU-T H.264, annex B) and with lengths
 * (ISO/IEC 14496-15). */
#include "nal.h"

#include <stdint.h>
#include <string.h>

#include <libavutil/intreadwrite.h>
#include <libavutil/mem.h>

#include "vec.h"

/* nal_unit_type: of H.264 table 7-1, of HEVC table 7-1. */
enum { AVC_IDR = 5, AVC_SPS = 7, AVC_AUD = 9, HEVC_IDR_W_RADL = 19, HEVC_IDR_N_LP = 20, HEVC_SPS = 33,
       HEVC_AUD = 35 };

/* Walks the units of a run of bytes. */
struct units {
    const uint8_t *at, *end;
    unsigned length_size; /* 0: start codes */
    const uint8_t *unit;  /* the current one, without its length or start code */
    size_t size;
};

static bool has_units(const AVCodecParameters *par)
{
    return par->codec_id == AV_CODEC_ID_H264 || par->codec_id == AV_CODEC_ID_HEVC;
}

/* Bytes of the length before each unit, 0 for a stream with start codes: what its header says. */
static unsigned length_size(const AVCodecParameters *par)
{
    int n = par->extradata_size;

    if (par->codec_id == AV_CODEC_ID_H264)
        return n >= 7 && par->extradata[0] == 1 ? (par->extradata[4] & 3u) + 1 : 0;
    return n >= 23 && (par->extradata[0] || par->extradata[1] || par->extradata[2] > 1)
               ? (par->extradata[21] & 3u) + 1
               : 0;
}

static const uint8_t *start_code(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= 3; at++)
        if (!at[0] && !at[1] && at[2] == 1)
            return at;
    return end;
}

static bool next_unit(struct units *u)
{
    if (u->length_size) {
        size_t size = 0;

        if ((size_t)(u->end - u->at) < u->length_size)
            return false;
        for (unsigned i = 0; i < u->length_size; i++)
            size = size << 8 | *u->at++;
        if (size > (size_t)(u->end - u->at))
            return false;
        u->unit = u->at;
        u->size = size;
        u->at += size;
        return true;
    }
    u->at = start_code(u->at, u->end);
    if (u->at == u->end)
        return false;
    u->unit = u->at + 3;
    u->at = start_code(u->unit, u->end);
    u->size = (size_t)(u->at - u->unit);
    /* Zeros before a start code belong to no unit, which never ends with one. */
    while (u->size && !u->unit[u->size - 1])
        u->size--;
    return true;
}

static int type_of(const AVCodecParameters *par, const struct units *u)
{
    if (!u->size)
        return -1;
    return par->codec_id == AV_CODEC_ID_H264 ? u->unit[0] & 31 : u->unit[0] >> 1 & 63;
}

static struct units units_of(const AVCodecParameters *par, const AVPacket *packet)
{
    return (struct units){ packet->data, packet->data + packet->size, length_size(par), NULL, 0 };
}

bool af_nal_is_idr(const AVCodecParameters *par, const AVPacket *packet)
{
    struct units u = units_of(par, packet);

    if (!has_units(par))
        return true;
    while (next_unit(&u)) {
        int type = type_of(par, &u);

        if (par->codec_id == AV_CODEC_ID_H264 ? type == AVC_IDR
                                              : type == HEVC_IDR_W_RADL || type == HEVC_IDR_N_LP)
            return true;
    }
    return false;
}

/* Appends a unit in the stream's format. */
static int add_unit(struct af_text *to, unsigned length, const uint8_t *unit, size_t size)
{
    uint8_t head[4];

    AV_WB32(head, length ? (uint32_t)size : 1);
    if (length && length < 4 && size >> 8 * length)
        return AVERROR(ERANGE);
    af_text_add(to, (const char *)(length ? head + 4 - length : head), length ? length : 4);
    af_text_add(to, (const char *)unit, size);
    return 0;
}

/* Gives the packet other bytes. */
static int replace(AVPacket *packet, struct af_text *bytes)
{
    AVBufferRef *buffer;

    if (bytes->failed || bytes->n > INT32_MAX - AV_INPUT_BUFFER_PADDING_SIZE)
        return AVERROR(ENOMEM);
    buffer = av_buffer_allocz(bytes->n + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!buffer)
        return AVERROR(ENOMEM);
    memcpy(buffer->data, bytes->v, bytes->n);
    av_buffer_unref(&packet->buf);
    packet->buf = buffer;
    packet->data = buffer->data;
    packet->size = (int)bytes->n;
    return 0;
}

/* `count` units, each behind two bytes of length, from `at` on; where they end, or NULL. */
static const uint8_t *add_listed(struct af_text *to, unsigned length, const uint8_t *at,
                                 const uint8_t *end, unsigned count)
{
    for (; count; count--) {
        size_t size;

        if (end - at < 2)
            return NULL;
        size = AV_RB16(at);
        at += 2;
        if (size > (size_t)(end - at) || add_unit(to, length, at, size))
            return NULL;
        at += size;
    }
    return at;
}

/* The parameter sets of a configuration record (ISO/IEC 14496-15, 5.3.3.1 and 8.3.3.1). */
static int add_record(struct af_text *to, const AVCodecParameters *par)
{
    const uint8_t *at = par->extradata, *end = at + par->extradata_size;
    unsigned length = length_size(par);

    if (par->codec_id == AV_CODEC_ID_H264) {
        at = add_listed(to, length, at + 6, end, at[5] & 31u);
        if (at && at < end)
            at = add_listed(to, length, at + 1, end, *at);
        return at ? 0 : AVERROR_INVALIDDATA;
    }
    at += 22;
    for (unsigned arrays = *at++; arrays; arrays--) {
        if (end - at < 3)
            return AVERROR_INVALIDDATA;
        at = add_listed(to, length, at + 3, end, AV_RB16(at + 1));
        if (!at)
            return AVERROR_INVALIDDATA;
    }
    return 0;
}

static int insert_parameter_sets(const AVCodecParameters *par, AVPacket *packet)
{
    bool avc = par->codec_id == AV_CODEC_ID_H264, first = true;
    struct units u = units_of(par, packet);
    size_t behind = 0; /* bytes of the access unit delimiter, which stays the first unit */
    struct af_text bytes = { 0 };
    int ret = 0;

    while (next_unit(&u)) {
        int type = type_of(par, &u);

        if (type == (avc ? AVC_SPS : HEVC_SPS))
            return 0;
        if (first && type == (avc ? AVC_AUD : HEVC_AUD))
            behind = (size_t)(u.unit + u.size - packet->data);
        first = false;
    }
    af_text_add(&bytes, (const char *)packet->data, behind);
    if (length_size(par))
        ret = add_record(&bytes, par);
    else
        af_text_add(&bytes, (const char *)par->extradata, (size_t)par->extradata_size);
    af_text_add(&bytes, (const char *)packet->data + behind, (size_t)packet->size - behind);
    if (!ret)
        ret = replace(packet, &bytes);
    af_text_free(&bytes);
    return ret;
}

int af_nal_insert_headers(const AVCodecParameters *par, AVPacket *packet)
{
    struct af_text bytes = { 0 };
    int ret;

    if (par->extradata_size < 4)
        return 0;
    if (has_units(par))
        return insert_parameter_sets(par, packet);
    /* MPEG-1, MPEG-2 and MPEG-4 have headers with start codes too; other codecs none to insert. */
    if (AV_RB24(par->extradata) != 1 || (packet->size >= 4 && AV_RB32(packet->data) ==
                                                                  AV_RB32(par->extradata)))
        return 0;
    af_text_add(&bytes, (const char *)par->extradata, (size_t)par->extradata_size);
    af_text_add(&bytes, (const char *)packet->data, (size_t)packet->size);
    ret = replace(packet, &bytes);
    af_text_free(&bytes);
    return ret;
}

int af_nal_match_format(const AVCodecParameters *par, AVPacket *packet)
{
    struct units u = { packet->data, packet->data + packet->size, 0, NULL, 0 };
    unsigned length = has_units(par) ? length_size(par) : 0;
    struct af_text bytes = { 0 };
    int ret = 0;

    if (!length)
        return 0;
    while (!ret && next_unit(&u))
        ret = add_unit(&bytes, length, u.unit, u.size);
    if (!ret)
        ret = replace(packet, &bytes);
    af_text_free(&bytes);
    return ret;
}
