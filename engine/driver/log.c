/* What the libraries say: kept for the error of the job, and told to the host. */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>

#include "json.h"

/* Bytes that are kept for an error, and of one message. */
enum { LIMIT = 2000, LINE = 1024 };

static const char DEVICE[] = "/dev/afmpeg-log";

static struct af_text *target(void *avcl)
{
    const AVClass *class = avcl ? *(const AVClass **)avcl : NULL;
    const AVCodecContext *codec = avcl;

    if (!class)
        return NULL;
    if (!strcmp(class->class_name, "AVFilterGraph"))
        return ((AVFilterGraph *)avcl)->opaque;
    if (!strcmp(class->class_name, "AVFilter"))
        return ((AVFilterContext *)avcl)->graph ? ((AVFilterContext *)avcl)->graph->opaque : NULL;
    if (!strcmp(class->class_name, "AVFormatContext"))
        return ((AVFormatContext *)avcl)->opaque;
    if (!strcmp(class->class_name, "AVCodecContext"))
        return codec->codec && av_codec_is_encoder(codec->codec) ? codec->opaque : NULL;
    return NULL;
}

/* What the libraries warn of at each turn in the course of things, of their own choices: it would bury
 * the warnings that are about the job. */
static bool is_chatter(const char *line)
{
    static const char *const phrases[] = {
        "doesn't support profile(578)", /* openh264: the name of constrained baseline */
        "bEnableFrameSkip = 0",         /* openh264: frames are kept, at a rate less exact */
        "No accelerated colorspace conversion",
        "deprecated pixel format used", /* the full-range formats that JPEG needs */
        "does not contain an image sequence pattern", /* one picture, one name */
        "Use a pattern such as %03d for an image",
        NULL,
    };

    for (const char *const *phrase = phrases; *phrase; phrase++)
        if (strstr(line, *phrase))
            return true;
    return false;
}

static const char *level_name(int level)
{
    return level <= AV_LOG_PANIC     ? "panic"
           : level <= AV_LOG_FATAL   ? "fatal"
           : level <= AV_LOG_ERROR   ? "error"
           : level <= AV_LOG_WARNING ? "warning"
           : level <= AV_LOG_INFO    ? "info"
           : level <= AV_LOG_VERBOSE ? "verbose"
                                     : "debug";
}

/* One JSON line to the host's device; false when there is none that takes it. The device is opened for
 * each message: a callback of the whole process has nowhere to keep it, and messages are few. */
static bool tell(void *avcl, int level, const char *text)
{
    const AVClass *class = avcl ? *(const AVClass **)avcl : NULL;
    struct af_writer line = { 0 };
    int fd = open(DEVICE, O_WRONLY);
    bool told;

    if (fd < 0)
        return false;
    af_write_object(&line, NULL);
    af_write_string(&line, "level", level_name(level));
    af_write_string(&line, "context",
                    class ? class->item_name ? class->item_name(avcl) : class->class_name : "");
    af_write_string(&line, "text", text);
    af_write_end(&line);
    af_text_puts(&line.text, "\n");
    told = !line.text.failed && write(fd, line.text.v, line.text.n) == (ssize_t)line.text.n;
    close(fd);
    af_writer_free(&line);
    return told;
}

static void capture(void *avcl, int level, const char *format, va_list args)
{
    struct af_text *log;
    char line[LINE];
    va_list again;
    int error = errno;

    /* Above the level are the bits of a colour. */
    level &= 0xff;
    if (level > av_log_get_level())
        return;
    log = level <= AV_LOG_ERROR ? target(avcl) : NULL;
    va_copy(again, args);
    vsnprintf(line, sizeof line, format, again);
    va_end(again);
    if (level == AV_LOG_WARNING && is_chatter(line))
        return;
    line[strcspn(line, "\n")] = 0;
    if (log && log->n < LIMIT && *line)
        af_text_printf(log, "%s%s", log->n ? "; " : "", line);
    if (*line && !tell(avcl, level, line))
        av_log_default_callback(avcl, level, format, args);
    /* Who logs may be about to look at why a call failed. */
    errno = error;
}

void af_log_capture(void)
{
    av_log_set_callback(capture);
}

int af_log_fail(const struct af_text *log, struct af_error *err, enum af_class class, int av_error,
                const char *where, const char *what)
{
    if (log->n && !log->failed)
        return af_fail_av(err, class, av_error, where, "%s: %s", what, log->v);
    return af_fail_av(err, class, av_error, where, "%s", what);
}
