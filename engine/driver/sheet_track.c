/* The WebVTT track of contact sheets. A cue names its picture by a URL relative to the track and the part
 * of it by a media fragment: sheet.png#xywh=160,0,160,90. */
#include "sheet_track.h"

#include <inttypes.h>
#include <string.h>

#include <libavformat/avio.h>
#include <libavutil/avutil.h>
#include <libavutil/mem.h>

#include "error.h"
#include "input.h"

void af_sheet_track_begin(struct af_sheet_track *track, const char *path)
{
    memset(track, 0, sizeof *track);
    track->path = path;
    track->start = -1;
    af_text_puts(&track->text, "WEBVTT\n");
}

void af_sheet_track_free(struct af_sheet_track *track)
{
    af_text_free(&track->text);
}

static void add_time(struct af_text *text, int64_t time)
{
    int64_t ms = time / 1000;

    af_text_printf(text, "%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%03" PRId64, ms / 3600000,
                   ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

/* The bytes that a URL's path may have as they are. A colon is not among them: before the first slash it
 * would end a scheme. */
static bool is_plain(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte && strchr("-._~!$&'()*+,;=@/", byte));
}

/* How many bytes of both paths are the directories that they share, with the slash. */
static size_t shared(const char *a, const char *b)
{
    size_t n = 0;

    for (size_t i = 0; a[i] && a[i] == b[i]; i++)
        if (a[i] == '/')
            n = i + 1;
    return n;
}

/* The way from the track's directory to the sheet. */
static void add_url(struct af_sheet_track *track)
{
    size_t same = shared(track->path, track->sheet);

    for (const char *rest = track->path + same; (rest = strchr(rest, '/')); rest++)
        af_text_puts(&track->text, "../");
    for (const char *byte = track->sheet + same; *byte; byte++) {
        if (is_plain(*byte))
            af_text_add(&track->text, byte, 1);
        else
            af_text_printf(&track->text, "%%%02X", (unsigned)(unsigned char)*byte);
    }
}

/* Ends the cue that waits. One that would last for no time is left out. */
static void end_cue(struct af_sheet_track *track, int64_t end)
{
    const struct af_tile *tile = &track->tile;

    if (track->start < 0 || end / 1000 <= track->start / 1000)
        return;
    af_text_puts(&track->text, "\n");
    add_time(&track->text, track->start);
    af_text_puts(&track->text, " --> ");
    add_time(&track->text, end);
    af_text_puts(&track->text, "\n");
    add_url(track);
    af_text_printf(&track->text, "#xywh=%d,%d,%d,%d\n", tile->x, tile->y, tile->width,
                   tile->height);
}

void af_sheet_track_add(struct af_sheet_track *track, int64_t start, const char *sheet,
                        const struct af_tile *tile)
{
    end_cue(track, start);
    track->start = start < 0 ? 0 : start;
    track->sheet = sheet;
    track->tile = *tile;
}

int af_sheet_track_write(struct af_sheet_track *track, int64_t end, struct af_error *err)
{
    AVIOContext *file = NULL;
    char *url;
    int ret;

    end_cue(track, end > track->start ? end : track->start + AV_TIME_BASE);
    if (track->text.failed || track->text.n > INT32_MAX)
        return af_fail_memory(err);
    url = af_file_url(track->path);
    if (!url)
        return af_fail_memory(err);
    ret = avio_open(&file, url, AVIO_FLAG_WRITE);
    av_free(url);
    if (ret < 0)
        return af_fail_av(err, AF_OPEN_OUTPUT, ret, "sheet.track", "cannot create %s", track->path);
    avio_write(file, (const unsigned char *)track->text.v, (int)track->text.n);
    /* It gives the error of any write before it. */
    ret = avio_close(file);
    return ret < 0 ? af_fail_av(err, AF_MUX, ret, "sheet.track", "writing %s", track->path) : 0;
}
