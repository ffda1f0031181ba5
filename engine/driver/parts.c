/* The files that an input refers to. */
#include "parts.h"

#include <string.h>

#include <libavutil/mem.h>
#include <libavutil/opt.h>

#include "error.h"
#include "files.h"
#include "input.h"

/* Set by the demuxer of DASH (xtask/src/engine/full/dash.rs) for a segment that the manifest may or may not mean. */
#define MAY_BE_ABSENT "afmpeg_may_be_absent"

/* Demuxers of playlists go on without a file that is not there and say nothing. */
static int open_file(AVFormatContext *ctx, AVIOContext **io, const char *url, int flags,
                     AVDictionary **options)
{
    struct af_input *in = ctx->opaque;
    bool may_be_absent = options && av_dict_get(*options, MAY_BE_ABSENT, NULL, 0);
    int ret;

    if (may_be_absent)
        av_dict_set(options, MAY_BE_ABSENT, NULL, 0);
    ret = in->open(ctx, io, url, flags, options);
    if (ret < 0 && !in->missing_error && !(may_be_absent && ret == AVERROR(ENOENT))) {
        /* Without memory for its name it is missing all the same. */
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

static const char *own_name(const struct af_input *in)
{
    return in->spec->path ? in->spec->path : in->spec->concat.v[0];
}

bool af_parts_missing(const struct af_input *in)
{
    return in->missing_error &&
           (!in->missing || strcmp(af_output_file_path(in->missing), own_name(in)));
}

static int fail(const struct af_input *in, const char *mend, struct af_error *err)
{
    return af_fail_av(err, AF_OPEN_INPUT, in->missing_error, in->where,
                      "%s refers to %s, which cannot be opened%s", own_name(in),
                      in->missing ? af_output_file_path(in->missing) : "a file", mend);
}

int af_parts_fail(const struct af_input *in, struct af_error *err)
{
    return fail(in, "", err);
}

int af_parts_check(struct af_input *in, struct af_error *err)
{
    int ret = 0;

    if (!in->missing_error)
        return 0;
    in->corrupt++;
    if (!in->skip_corrupt)
        ret = fail(in, " (on_corrupt \"skip\" goes on without it)", err);
    av_freep(&in->missing);
    in->missing_error = 0;
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
