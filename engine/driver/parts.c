/* The files that an input refers to. */
#include "parts.h"

#include <string.h>

#include <libavutil/mem.h>
#include <libavutil/opt.h>

#include "error.h"
#include "files.h"
#include "input.h"

/* Demuxers of playlists go on without a file that is not there and say nothing. */
static int open_file(AVFormatContext *ctx, AVIOContext **io, const char *url, int flags,
                     AVDictionary **options)
{
    struct af_input *in = ctx->opaque;
    int ret = in->open(ctx, io, url, flags, options);

    if (ret < 0 && !in->missing) {
        in->missing = av_strdup(url);
        in->missing_error = ret;
    }
    return ret;
}

void af_parts_watch(struct af_input *in)
{
    /* The log of an input is its first member: messages of the demuxer find it by the same pointer. */
    in->ctx->opaque = in;
    in->open = in->ctx->io_open;
    in->ctx->io_open = open_file;
}

int af_parts_check(struct af_input *in, struct af_error *err)
{
    const char *name = in->spec->path ? in->spec->path : in->spec->concat.v[0];
    int ret = 0;

    if (!in->missing)
        return 0;
    in->corrupt++;
    if (!in->skip_corrupt)
        ret = af_fail_av(err, AF_OPEN_INPUT, in->missing_error, in->where,
                         "%s refers to %s, which cannot be opened (on_corrupt \"skip\" goes on "
                         "without it)",
                         name, af_output_file_path(in->missing));
    av_freep(&in->missing);
    return ret;
}

/* The demuxer waits for it to grow, as a broadcast does, and loads it again many times. Here nobody adds to it while a
 * job runs; once, which also counts the first load, is the least that reads all segments. */
void af_parts_end_playlist(struct af_input *in)
{
    if (!strcmp(in->ctx->iformat->name, "hls") &&
        !av_dict_get(in->spec->options, "max_reload", NULL, 0))
        av_opt_set_int(in->ctx->priv_data, "max_reload", 1, 0);
}
