/* Files that an output carries beside its streams: cover pictures and attachments. */
#include "attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <libavcodec/packet.h>
#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/intreadwrite.h>
#include <libavutil/mem.h>

#include "copy.h"
#include "error.h"
#include "log.h"
#include "mux.h"

/* What the libraries take as the extradata of a stream. */
enum { SIZE_LIMIT = (1 << 28) - AV_INPUT_BUFFER_PADDING_SIZE };

/* ---- what the file is ---- */

static const struct {
    const char *extension, *mime;
} mime_types[] = {
    { "ttf", "font/ttf" },         { "otf", "font/otf" },
    { "ttc", "font/collection" },  { "otc", "font/collection" },
    { "woff", "font/woff" },       { "woff2", "font/woff2" },
    { "jpg", "image/jpeg" },       { "jpeg", "image/jpeg" },
    { "png", "image/png" },        { "webp", "image/webp" },
    { "gif", "image/gif" },        { "txt", "text/plain" },
    { "pdf", "application/pdf" },  { "xml", "application/xml" },
    { "json", "application/json" },
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static const char *mime_of(const char *path)
{
    const char *dot = strrchr(base_name(path), '.');

    for (size_t i = 0; dot && i < sizeof mime_types / sizeof *mime_types; i++)
        if (!av_strcasecmp(dot + 1, mime_types[i].extension))
            return mime_types[i].mime;
    return "application/octet-stream";
}

static bool read_png(struct af_attachment *file)
{
    static const uint8_t begin[] = { 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13,
                                     'I',  'H', 'D', 'R' };

    if (file->size < 24 || memcmp(file->data, begin, sizeof begin))
        return false;
    file->picture = AV_CODEC_ID_PNG;
    file->mime = "image/png";
    file->width = (int)(AV_RB32(file->data + 16) & INT32_MAX);
    file->height = (int)(AV_RB32(file->data + 20) & INT32_MAX);
    return true;
}

/* The first frame header tells the size; what lies before it is passed over by its lengths. */
static bool read_jpeg(struct af_attachment *file)
{
    size_t at = 2;

    if (file->size < 4 || file->data[0] != 0xff || file->data[1] != 0xd8 || file->data[2] != 0xff)
        return false;
    file->picture = AV_CODEC_ID_MJPEG;
    file->mime = "image/jpeg";
    while (at + 9 <= file->size && file->data[at] == 0xff) {
        uint8_t marker = file->data[at + 1];

        /* SOF0 to SOF15, less the tables and the reserved one that lie between them. */
        if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
            file->height = AV_RB16(file->data + at + 5);
            file->width = AV_RB16(file->data + at + 7);
            break;
        }
        /* A byte that fills. */
        if (marker == 0xff)
            at++;
        else
            at += 2 + (size_t)AV_RB16(file->data + at + 2);
    }
    return true;
}

/* ---- reading ---- */

static int fill(struct af_attachment *file, FILE *from, const char *where, struct af_error *err)
{
    struct stat info;

    if (stat(file->spec->path, &info))
        return af_fail_av(err, AF_OPEN_INPUT, AVERROR(errno), where, "cannot read %s",
                          file->spec->path);
    if (!S_ISREG(info.st_mode))
        return af_fail(err, AF_OPEN_INPUT, where, "%s is no file", file->spec->path);
    if (info.st_size <= 0 || info.st_size > SIZE_LIMIT)
        return af_fail(err, AF_OPEN_INPUT, where, "%s has %lld bytes, and an attachment 1 to %d",
                       file->spec->path, (long long)info.st_size, SIZE_LIMIT);
    file->size = (size_t)info.st_size;
    file->data = av_mallocz(file->size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!file->data)
        return af_fail_memory(err);
    errno = 0;
    if (fread(file->data, 1, file->size, from) != file->size)
        return af_fail_av(err, AF_OPEN_INPUT, errno ? AVERROR(errno) : AVERROR_EOF, where,
                          "cannot read %s", file->spec->path);
    return 0;
}

static int read_file(struct af_attachment *file, const char *where, struct af_error *err)
{
    FILE *from = fopen(file->spec->path, "rb");
    int ret;

    if (!from)
        return af_fail_av(err, AF_OPEN_INPUT, AVERROR(errno), where, "cannot open %s",
                          file->spec->path);
    /* A stream with a buffer reads the last byte apart, and asks again for what failed there. */
    setvbuf(from, NULL, _IONBF, 0);
    ret = fill(file, from, where, err);
    fclose(from);
    if (ret)
        return -1;
    file->mime = file->spec->mime ? file->spec->mime : mime_of(file->spec->path);
    if (!file->spec->cover)
        return 0;
    if (!read_png(file) && !read_jpeg(file))
        return af_fail(err, AF_MUX, where, "%s is no cover: it must be JPEG or PNG",
                       file->spec->path);
    return file->width > 0 && file->height > 0
               ? 0
               : af_fail(err, AF_MUX, where, "%s does not tell the size of its picture",
                         file->spec->path);
}

static bool keeps_files(const AVOutputFormat *format)
{
    return !strcmp(format->name, "matroska");
}

int af_attachments_open(struct af_output *out, struct af_error *err)
{
    const AVOutputFormat *format = out->oc->oformat;

    for (size_t i = 0; i < out->spec->attachments.n; i++) {
        struct af_attachment *file = af_vec_new(&out->attached);
        char where[64];

        if (!file)
            return af_fail_memory(err);
        file->spec = &out->spec->attachments.v[i];
        snprintf(where, sizeof where, "%s.attachments[%zu]", out->where, i);
        if (!keeps_files(format) && !(file->spec->cover && af_copy_keeps_covers(format)))
            return af_fail(err, AF_MUX, where, "the muxer %s keeps no %s", format->name,
                           file->spec->cover ? "covers" : "attachments");
        if (read_file(file, where, err))
            return -1;
    }
    return 0;
}

/* ---- writing ---- */

/* The name by which players know the cover in a Matroska file. */
static const char *name_of(const struct af_attachment *file)
{
    if (!file->spec->cover)
        return base_name(file->spec->path);
    return file->picture == AV_CODEC_ID_PNG ? "cover.png" : "cover.jpg";
}

static int add_file(struct af_attachment *file)
{
    AVStream *stream = file->stream;

    stream->codecpar->codec_type = AVMEDIA_TYPE_ATTACHMENT;
    stream->codecpar->extradata = file->data;
    stream->codecpar->extradata_size = (int)file->size;
    file->data = NULL;
    return av_dict_set(&stream->metadata, "filename", name_of(file), 0) < 0 ||
                   av_dict_set(&stream->metadata, "mimetype", file->mime, 0) < 0
               ? -1
               : 0;
}

static int add_cover(struct af_attachment *file)
{
    AVStream *stream = file->stream;

    stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
    stream->codecpar->codec_id = file->picture;
    stream->codecpar->width = file->width;
    stream->codecpar->height = file->height;
    stream->disposition = AV_DISPOSITION_ATTACHED_PIC;
    stream->time_base = (AVRational){ 1, 90000 };
    /* How the tags of ID3 and FLAC name the front cover. */
    return av_dict_set(&stream->metadata, "comment", "Cover (front)", 0) < 0 ? -1 : 0;
}

int af_attachments_add(struct af_output *out, struct af_error *err)
{
    for (size_t i = 0; i < out->attached.n; i++) {
        struct af_attachment *file = &out->attached.v[i];

        file->stream = avformat_new_stream(out->oc, NULL);
        if (!file->stream ||
            (keeps_files(out->oc->oformat) ? add_file(file) : add_cover(file)))
            return af_fail_memory(err);
    }
    return 0;
}

int af_attachments_write(struct af_output *out, struct af_error *err)
{
    for (size_t i = 0; i < out->attached.n; i++) {
        struct af_attachment *file = &out->attached.v[i];
        AVPacket *packet = out->packet;
        int ret;

        if (!file->data)
            continue;
        ret = av_packet_from_data(packet, file->data, (int)file->size);
        if (ret < 0)
            return af_fail_memory(err);
        file->data = NULL;
        packet->stream_index = file->stream->index;
        packet->pts = packet->dts = 0;
        packet->flags |= AV_PKT_FLAG_KEY;
        ret = av_interleaved_write_frame(out->oc, packet);
        if (ret < 0)
            return af_log_fail(&out->log, err, AF_MUX, ret, out->where,
                               "the muxer refused a cover");
    }
    return 0;
}

void af_attachments_free(struct af_output *out)
{
    for (size_t i = 0; i < out->attached.n; i++)
        av_free(out->attached.v[i].data);
    af_vec_free(&out->attached);
}
