/* What the libraries say of a graph, an encoder or a muxer, kept for the error of the job. */
#include "log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>

enum { LIMIT = 2000 };

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

static void capture(void *avcl, int level, const char *format, va_list args)
{
    struct af_text *log = level <= AV_LOG_ERROR ? target(avcl) : NULL;
    char line[512];
    va_list again;

    if ((log && log->n < LIMIT) || level == AV_LOG_WARNING) {
        va_copy(again, args);
        vsnprintf(line, sizeof line, format, again);
        va_end(again);
        if (level == AV_LOG_WARNING && is_chatter(line))
            return;
        line[strcspn(line, "\n")] = 0;
        if (log && log->n < LIMIT && *line)
            af_text_printf(log, "%s%s", log->n ? "; " : "", line);
    }
    av_log_default_callback(avcl, level, format, args);
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
