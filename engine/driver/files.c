/* The files of an output: every one that its muxer opens, whatever it calls them. */
#include "files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <libavformat/avformat.h>
#include <libavutil/avstring.h>
#include <libavutil/mem.h>

#include "error.h"
#include "input.h"
#include "mux.h"
#include "names.h"
#include "paths.h"

static int note_file(struct af_output *out, const char *url)
{
    char **slot;

    switch (af_names_put(out->written, af_output_file_path(url), out)) {
    case AF_NAME_FAILED:
        return AVERROR(ENOMEM);
    case AF_NAME_KNOWN:
        /* A device is everybody's. */
        if (!af_names_taken(out->written, af_output_file_path(url), out))
            return 0;
        break;
    case AF_NAME_NEW:
        break;
    }
    slot = af_vec_new(&out->files);
    if (!slot)
        return AVERROR(ENOMEM);
    *slot = av_strdup(url);
    if (!*slot) {
        out->files.n--;
        return AVERROR(ENOMEM);
    }
    return 0;
}

/* What a muxer names itself, of many files or their list, was not seen in the spec. */
static const char *why_not(const struct af_output *out, const char *path)
{
    if (path[strcspn(path, "\r\n")])
        return "has a line break in its name, which lists of files cannot hold";
    for (size_t i = 0; i < out->input_count; i++)
        if (af_input_reads(out->inputs[i]->spec, path))
            return "is an input of the job too: write to another file";
    if (af_names_taken(out->written, path, out) && !af_path_is_device(path))
        return "is an output or an attachment of the job already: write to another file";
    return NULL;
}

static int open_file(AVFormatContext *s, AVIOContext **pb, const char *url, int flags,
                     AVDictionary **options)
{
    struct af_output *out = s->opaque;
    const char *path = af_output_file_path(url);
    const char *why = flags & AVIO_FLAG_WRITE ? why_not(out, path) : NULL;
    int ret;

    if (why) {
        if (!out->refused)
            out->refused = av_asprintf("%s %s", path, why);
        return AVERROR(EPERM);
    }
    ret = out->open(s, pb, url, flags, options);
    if (flags & AVIO_FLAG_WRITE) {
        if (ret >= 0)
            ret = note_file(out, url);
        if (ret < 0 && !out->io_error)
            out->io_error = ret;
    }
    return ret;
}

/* Muxers of many files forget to look: a file that could not be written or closed fails the job. */
static int close_file(AVFormatContext *s, AVIOContext *pb)
{
    struct af_output *out = s->opaque;
    int error = 0, ret;

    if (pb && pb->write_flag) {
        avio_flush(pb);
        error = pb->error;
    }
    ret = out->close(s, pb);
    if (error < 0)
        ret = error;
    if (ret < 0 && !out->io_error)
        out->io_error = ret;
    return ret;
}

const char *af_output_file_path(const char *url)
{
    const char *path = url;

    av_strstart(url, "file:", &path);
    return path;
}

void af_output_files_watch(struct af_output *out)
{
    out->open = out->oc->io_open;
    out->close = out->oc->io_close2;
    out->oc->io_open = open_file;
    out->oc->io_close2 = close_file;
}

int af_output_files_failed(struct af_output *out, struct af_error *err)
{
    int code = out->io_error;

    if (out->refused)
        return af_fail(err, AF_OPEN_OUTPUT, out->where, "%s", out->refused);

    if (!code && out->oc->pb && out->oc->pb->error < 0)
        code = out->oc->pb->error;
    return code < 0 ? af_fail_av(err, AF_STORAGE, code, out->where, "writing %s failed",
                                 out->spec->path ? out->spec->path : out->oc->oformat->name)
                    : 0;
}

/* Whether the file is there: 1, 0, or -1 when the storage does not say. */
static int look(const struct af_output *out, const char *path, struct stat *info,
                struct af_error *err)
{
    if (!stat(path, info))
        return 1;
    return errno == ENOENT ? 0
                           : af_fail_av(err, AF_STORAGE, AVERROR(errno), out->where,
                                        "cannot tell what was written to %s", path);
}

/* A segmenting muxer writes beside the name and renames; what counts is what is there now. */
int af_output_files_look(struct af_output *out, struct af_error *err)
{
    bool renamed = false;
    size_t kept = 0;
    struct stat info;

    out->size = 0;
    for (size_t i = 0; i < out->files.n; i++) {
        char *url = out->files.v[i];
        size_t length = strlen(url);
        int there = look(out, af_output_file_path(url), &info, err);

        if (there < 0)
            return -1;
        if (length > 4 && !strcmp(url + length - 4, ".tmp") && strcmp(url, out->oc->url)) {
            if (there)
                return af_fail(err, AF_STORAGE, out->where, "%s could not be renamed",
                               af_output_file_path(url));
            url[length - 4] = 0;
            renamed = true;
            there = look(out, af_output_file_path(url), &info, err);
            if (there < 0)
                return -1;
        }
        /* Each is listed once but under its other name. */
        for (size_t k = 0; renamed && there && k < kept; k++)
            there = strcmp(out->files.v[k], url) != 0;
        if (!there) {
            av_freep(&out->files.v[i]);
            continue;
        }
        out->files.v[kept++] = url;
        if (kept <= i)
            out->files.v[i] = NULL;
        if (!info.st_size && S_ISREG(info.st_mode))
            return af_fail(err, AF_MUX, out->where, "%s is empty: nothing came to be written",
                           af_output_file_path(url));
        out->size += info.st_size;
    }
    out->files.n = kept;
    if (!kept && out->spec->path && strcmp(out->oc->oformat->name, "null"))
        return af_fail(err, AF_MUX, out->where, "no file was written for %s", out->spec->path);
    return 0;
}
