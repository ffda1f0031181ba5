/* What the libraries say of a graph, an encoder or a muxer, kept for the error of the job. */
#include "log.h"

#include <stdarg.h>
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

static void capture(void *avcl, int level, const char *format, va_list args)
{
    struct af_text *log = level <= AV_LOG_ERROR ? target(avcl) : NULL;
    char line[512];
    va_list again;

    if (log && log->n < LIMIT) {
        va_copy(again, args);
        vsnprintf(line, sizeof line, format, again);
        va_end(again);
        line[strcspn(line, "\n")] = 0;
        if (*line)
            af_text_printf(log, "%s%s", log->n ? "; " : "", line);
    }
    av_log_default_callback(avcl, level, format, args);
}

void af_log_capture(void)
{
    av_log_set_callback(capture);
}

void af_log_release(void)
{
    av_log_set_callback(av_log_default_callback);
}

int af_log_fail(const struct af_text *log, struct af_error *err, enum af_class class, int av_error,
                const char *where, const char *what)
{
    if (log->n && !log->failed)
        return af_fail_av(err, class, av_error, where, "%s: %s", what, log->v);
    return af_fail_av(err, class, av_error, where, "%s", what);
}
