/* Tags, dispositions and chapters of an output. */
#include "tags.h"

#include <string.h>

#include <libavutil/avstring.h>
#include <libavutil/common.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>

#include "error.h"
#include "input.h"
#include "lane.h"
#include "mux.h"

/* Tags that describe the bytes of the source's container and would be wrong in another. */
static const char *const of_the_source[] = {
    "encoder",   "major_brand", "minor_version",     "compatible_brands", "vendor_id",
    "DURATION",  "BPS",         "NUMBER_OF_FRAMES",  "NUMBER_OF_BYTES",   "_STATISTICS_*",
    "handler_name", "DURATION-*", "BPS-*",           "NUMBER_OF_FRAMES-*", "NUMBER_OF_BYTES-*",
    "variant_bitrate", NULL,
};

static bool describes_source(const char *key)
{
    for (const char *const *name = of_the_source; *name; name++) {
        size_t n = strlen(*name);

        if ((*name)[n - 1] == '*' ? !av_strncasecmp(key, *name, n - 1) : !av_strcasecmp(key, *name))
            return true;
    }
    return false;
}

static int carry(AVDictionary **to, const AVDictionary *from)
{
    const AVDictionaryEntry *entry = NULL;

    while ((entry = av_dict_iterate(from, entry)))
        if (!describes_source(entry->key) && av_dict_set(to, entry->key, entry->value, 0) < 0)
            return -1;
    return 0;
}

int af_tags_of_stream(struct af_lane *lane, struct af_error *err)
{
    AVStream *stream = lane->stream;
    const struct af_map_spec *map = lane->map;

    if (lane->in) {
        const AVStream *source = lane->in->ctx->streams[lane->in_stream];

        if (carry(&stream->metadata, source->metadata))
            return af_fail_memory(err);
        stream->disposition = source->disposition;
        if (!lane->copied)
            stream->disposition &= ~AV_DISPOSITION_ATTACHED_PIC;
    }
    if (!map)
        return 0;
    if (map->language && av_dict_set(&stream->metadata, "language", map->language, 0) < 0)
        return af_fail_memory(err);
    if (av_dict_copy(&stream->metadata, map->tags, 0) < 0)
        return af_fail_memory(err);
    if (map->has_disposition)
        stream->disposition = map->disposition;
    return 0;
}

static int add_chapter(AVFormatContext *oc, int64_t id, int64_t start, int64_t end,
                       AVChapter **made, struct af_error *err)
{
    AVChapter *chapter = av_mallocz(sizeof *chapter);
    AVChapter **list = av_realloc_array(oc->chapters, oc->nb_chapters + 1, sizeof *list);

    if (list)
        oc->chapters = list;
    if (!list || !chapter) {
        av_free(chapter);
        return af_fail_memory(err);
    }
    chapter->id = id;
    chapter->time_base = AV_TIME_BASE_Q;
    chapter->start = start;
    chapter->end = end;
    oc->chapters[oc->nb_chapters++] = *made = chapter;
    return 0;
}

/* Where the output's window ends on its own line of time, which with copy_ts is that of the sources: for what comes of
 * `in` the end that its lanes have, else the last. */
static int64_t window_end(const struct af_output *out, const struct af_input *in)
{
    const struct af_output_spec *spec = out->spec;
    int64_t last = INT64_MIN;

    for (size_t i = 0; i < out->lanes.n; i++) {
        const struct af_lane *lane = out->lanes.v[i];
        int64_t end = av_sat_add64(lane->limit, lane->shift);

        if (in && lane->in == in)
            return end;
        last = FFMAX(last, end);
    }
    if (out->lanes.n)
        return last;
    if (spec->limit < 0)
        return INT64_MAX;
    last = (int64_t)(spec->limit * AV_TIME_BASE + 0.5);
    return in && spec->copy_ts && !spec->limit_is_end ? av_sat_add64(last, in->origin) : last;
}

/* The chapters of an input, moved to the job's time line and cut to the output's window. */
static int carry_chapters(struct af_output *out, const struct af_input *in, struct af_error *err)
{
    int64_t shift = out->spec->copy_ts ? 0 : in->origin;
    int64_t begin = out->spec->copy_ts && in->sought ? in->origin : 0;
    int64_t limit = window_end(out, in);

    for (unsigned i = 0; i < in->ctx->nb_chapters; i++) {
        const AVChapter *from = in->ctx->chapters[i];
        AVChapter *made;
        int64_t start =
            av_sat_sub64(av_rescale_q(from->start, from->time_base, AV_TIME_BASE_Q), shift);
        int64_t end =
            from->end == AV_NOPTS_VALUE
                ? start
                : av_sat_sub64(av_rescale_q(from->end, from->time_base, AV_TIME_BASE_Q), shift);

        if (start >= limit || (end <= begin && start < begin))
            continue;
        if (add_chapter(out->oc, from->id, FFMAX(start, begin), FFMIN(end, limit), &made, err))
            return -1;
        if (carry(&made->metadata, from->metadata))
            return af_fail_memory(err);
    }
    return 0;
}

/* Those of the job, on the output's time line; what lies behind its window is left out. */
static int author_chapters(struct af_output *out, struct af_error *err)
{
    int64_t limit = window_end(out, NULL);

    for (size_t i = 0; i < out->spec->authored.n; i++) {
        const struct af_chapter_spec *from = &out->spec->authored.v[i];
        int64_t start = (int64_t)(from->start * AV_TIME_BASE + 0.5);
        int64_t end = from->end < 0 ? limit : (int64_t)(from->end * AV_TIME_BASE + 0.5);
        AVChapter *made;

        if (start >= limit)
            break;
        if (add_chapter(out->oc, (int64_t)i + 1, start, FFMIN(end, limit), &made, err))
            return -1;
        if (from->title && av_dict_set(&made->metadata, "title", from->title, 0) < 0)
            return af_fail_memory(err);
    }
    return 0;
}

int af_tags_of_container(struct af_output *out, struct af_error *err)
{
    const struct af_output_spec *spec = out->spec;

    if (spec->metadata_from >= 0 &&
        carry(&out->oc->metadata, out->inputs[spec->metadata_from]->ctx->metadata))
        return af_fail_memory(err);
    if (av_dict_copy(&out->oc->metadata, spec->metadata, 0) < 0)
        return af_fail_memory(err);
    if (spec->chapters == AF_CHAPTERS_LIST)
        return author_chapters(out, err);
    if (spec->chapters == AF_CHAPTERS_COPY)
        return carry_chapters(out, out->inputs[spec->chapters_from], err);
    return 0;
}
