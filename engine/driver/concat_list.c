/* The list that the concat demuxer reads, made in memory from the paths of inputs[].concat. */
#include "concat_list.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/mem.h>

#include "error.h"
#include "input.h"
#include "vec.h"

struct af_list_file {
    AVIOContext *io;
    struct af_text text;
    size_t at;
};

enum { BUFFER = 4096 };

static int read_list(void *opaque, uint8_t *buffer, int size)
{
    struct af_list_file *list = opaque;
    size_t left = list->text.n - list->at;
    size_t n = left < (size_t)size ? left : (size_t)size;

    if (!n)
        return AVERROR_EOF;
    memcpy(buffer, list->text.v + list->at, n);
    list->at += n;
    return (int)n;
}

static int64_t seek_list(void *opaque, int64_t offset, int whence)
{
    struct af_list_file *list = opaque;
    int64_t size = (int64_t)list->text.n;

    if (whence == AVSEEK_SIZE)
        return size;
    if (whence == SEEK_CUR)
        offset += (int64_t)list->at;
    else if (whence == SEEK_END)
        offset += size;
    if (offset < 0 || offset > size)
        return AVERROR(EINVAL);
    list->at = (size_t)offset;
    return offset;
}

/* Inside single quotes only the quote itself needs care: it is closed, escaped and opened again. */
static void add_quoted(struct af_text *text, const char *name)
{
    af_text_puts(text, "file '");
    for (; *name; name++) {
        if (*name == '\'')
            af_text_puts(text, "'\\''");
        else
            af_text_add(text, name, 1);
    }
    af_text_puts(text, "'\n");
}

/* Microseconds, or a negative code where the file does not tell. */
static int64_t duration_of(const char *url)
{
    AVFormatContext *ctx = NULL;
    int64_t duration = avformat_open_input(&ctx, url, NULL, NULL);

    if (duration >= 0)
        duration = avformat_find_stream_info(ctx, NULL);
    if (duration >= 0)
        duration = ctx->duration > 0 ? ctx->duration : AVERROR(ENOSYS);
    avformat_close_input(&ctx);
    return duration;
}

/* A list is sought in only when it tells how long each of its files is. One that cannot be opened is
 * the demuxer's to complain of. */
static void add_duration(struct af_text *text, const char *url)
{
    int64_t duration = duration_of(url);

    if (duration > 0)
        af_text_printf(text, "duration %" PRId64 ".%06" PRId64 "\n", duration / AV_TIME_BASE,
                       duration % AV_TIME_BASE);
}

int af_list_open(struct af_list_file **out, const char *const *paths, size_t count, bool sought,
                 const char *where, struct af_error *err)
{
    struct af_list_file *list = av_mallocz(sizeof *list);
    uint8_t *buffer;

    *out = list;
    if (!list)
        return af_fail_memory(err);
    af_text_puts(&list->text, "ffconcat version 1.0\n");
    for (size_t i = 0; i < count; i++) {
        char *url;

        if (strpbrk(paths[i], "\r\n"))
            return af_fail(err, AF_SPEC, where, "a name in concat has a line break in it");
        url = af_file_url(paths[i]);
        if (!url)
            return af_fail_memory(err);
        add_quoted(&list->text, url);
        if (sought)
            add_duration(&list->text, url);
        av_free(url);
    }
    if (list->text.failed)
        return af_fail_memory(err);
    buffer = av_malloc(BUFFER);
    if (!buffer)
        return af_fail_memory(err);
    list->io = avio_alloc_context(buffer, BUFFER, 0, list, read_list, NULL, seek_list);
    if (!list->io) {
        av_free(buffer);
        return af_fail_memory(err);
    }
    return 0;
}

AVIOContext *af_list_io(struct af_list_file *list)
{
    return list->io;
}

void af_list_close(struct af_list_file **list)
{
    if (!*list)
        return;
    if ((*list)->io) {
        av_freep(&(*list)->io->buffer);
        avio_context_free(&(*list)->io);
    }
    af_text_free(&(*list)->text);
    av_freep(list);
}
