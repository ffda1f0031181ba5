/* One element of outputs[] of a job spec. */
#include <string.h>

#include <libavformat/avformat.h>

#include "error.h"
#include "json.h"
#include "spec.h"

static struct af_map_spec *find_map(struct af_output_spec *out, const char *text)
{
    for (size_t i = 0; i < out->maps.n; i++)
        if (!strcmp(out->maps.v[i].text, text))
            return &out->maps.v[i];
    return NULL;
}

static int read_maps(struct af_output_spec *out, struct af_json *output, struct af_error *err)
{
    struct af_json *list = NULL;

    if (af_json_array(output, "map", &list, err) < 0)
        return -1;
    out->has_map = list != NULL;
    for (struct af_json *each = list ? list->first : NULL; each; each = each->next) {
        struct af_map_spec *map;

        if (af_json_expect(each, AF_JSON_STRING, err))
            return -1;
        if (find_map(out, each->string))
            return af_json_fail(each, err, "%s is mapped twice in this output", each->string);
        map = af_vec_new(&out->maps);
        if (!map)
            return af_fail_memory(err);
        map->text = each->string;
        map->lenient = out->version < 10;
    }
    if (list && !list->first)
        return af_json_fail(list, err, "map needs at least one entry");
    return 0;
}

/* An object keyed by map entries; calls `read` for each member. */
static int read_by_map(struct af_output_spec *out, struct af_json *output, const char *key,
                       int (*read)(struct af_map_spec *map, struct af_json *member,
                                   struct af_error *err),
                       struct af_error *err)
{
    struct af_json *object = NULL;

    if (af_json_object(output, key, &object, err) < 0)
        return -1;
    for (struct af_json *each = object ? object->first : NULL; each; each = each->next) {
        struct af_map_spec *map = find_map(out, each->key);

        if (!map)
            return af_json_fail(each, err, "%s is not an entry of this output's map", each->key);
        each->known = true;
        if (read(map, each, err))
            return -1;
    }
    return 0;
}

static int read_bitstream_filters(struct af_map_spec *map, struct af_json *member,
                                  struct af_error *err)
{
    map->bitstream_filters = member->string;
    return af_json_expect(member, AF_JSON_STRING, err);
}

static int read_stream_metadata(struct af_map_spec *map, struct af_json *member,
                                struct af_error *err)
{
    return af_json_expect(member, AF_JSON_OBJECT, err) ? -1
                                                       : af_stream_labels_read(map, member, err);
}

static int read_window(struct af_output_spec *out, struct af_json *output, struct af_error *err)
{
    int duration, end;

    out->limit = -1;
    duration = af_json_seconds(output, "duration", &out->limit, err);
    if (duration < 0)
        return -1;
    end = af_json_seconds(output, "end", &out->limit, err);
    if (end < 0)
        return -1;
    if (duration && end)
        return af_json_fail(output, err, "duration and end exclude each other: give one of them");
    out->limit_is_end = end > 0;
    return 0;
}

static int read_cut(struct af_output_spec *out, struct af_json *output, struct af_error *err)
{
    static const char *const cuts[] = { "keyframe", "smart", NULL };
    struct af_json *member = af_json_get(output, "cut");
    int cut = AF_CUT_KEYFRAME;

    /* To pass it over would cut elsewhere than is asked for. */
    if (member && out->version < 10)
        return af_json_fail(member, err, "cut is a field of vocabulary 10, and the spec is of %d",
                            out->version);
    if (af_json_choice(output, "cut", cuts, &cut, err) < 0)
        return -1;
    out->cut = (enum af_cut)cut;
    return 0;
}

/* An input's index, or one of the words; returns the index, -1 for none, -2 for the word `copy`. */
static int read_input_index(struct af_json *member, const char *copy, size_t inputs, int *index,
                            struct af_error *err)
{
    member->known = true;
    if (member->type == AF_JSON_STRING && !strcmp(member->string, "none")) {
        *index = -1;
        return 0;
    }
    if (member->type == AF_JSON_STRING && copy && !strcmp(member->string, copy)) {
        if (!inputs)
            return af_json_fail(member, err, "the job has no input to copy from");
        *index = 0;
        return 0;
    }
    if (member->type == AF_JSON_NUMBER && member->number >= 0 &&
        member->number < (double)inputs && member->number == (int)member->number) {
        *index = (int)member->number;
        return 0;
    }
    return af_json_fail(member, err, "expected \"none\"%s%s%s or the index of an input",
                        copy ? ", \"" : "", copy ? copy : "", copy ? "\"" : "");
}

static int read_metadata(const struct af_process_spec *spec, struct af_output_spec *out,
                         struct af_json *output, struct af_error *err)
{
    struct af_json *from = af_json_get(output, "metadata_from");
    struct af_json *chapters = af_json_get(output, "chapters");

    if (af_json_dictionary(output, "metadata", &out->metadata, err) < 0)
        return -1;
    /* Before 10 no container tag was carried unasked. */
    out->metadata_from = spec->version >= 10 && spec->inputs.n ? 0 : -1;
    if (from && read_input_index(from, NULL, spec->inputs.n, &out->metadata_from, err))
        return -1;
    if (!chapters)
        return 0;
    if (chapters->type == AF_JSON_ARRAY)
        return af_chapters_read(out, chapters, err);
    if (read_input_index(chapters, "copy", spec->inputs.n, &out->chapters_from, err))
        return -1;
    out->chapters = out->chapters_from < 0 ? AF_CHAPTERS_NONE : AF_CHAPTERS_COPY;
    return 0;
}

/* What the short form says of streams: by map entry, by kind, or for all. */
static int read_short_form(struct af_output_spec *out, struct af_json *node, struct af_error *err)
{
    if (read_maps(out, node, err) ||
        af_json_string(node, "video_codec", &out->video_codec, err) < 0 ||
        af_json_string(node, "audio_codec", &out->audio_codec, err) < 0 ||
        af_json_string(node, "subtitle_codec", &out->subtitle_codec, err) < 0 ||
        af_json_dictionary(node, "options", &out->options, err) < 0 ||
        af_json_dictionary(node, "video_options", &out->video_options, err) < 0 ||
        af_json_dictionary(node, "audio_options", &out->audio_options, err) < 0 ||
        read_by_map(out, node, "bitstream_filters", read_bitstream_filters, err) ||
        read_by_map(out, node, "stream_metadata", read_stream_metadata, err))
        return -1;
    return 0;
}

int af_output_spec_read(const struct af_process_spec *spec, struct af_output_spec *out,
                        struct af_json *node, struct af_error *err)
{
    struct af_json *streams = NULL;
    int has_path;

    out->version = spec->version;
    if (af_json_expect(node, AF_JSON_OBJECT, err) ||
        af_json_array(node, "streams", &streams, err) < 0)
        return -1;
    has_path = af_json_string(node, "path", &out->path, err);
    if (has_path < 0 || af_json_string(node, "format", &out->format, err) < 0 ||
        af_json_dictionary(node, "format_options", &out->format_options, err) < 0 ||
        af_json_dictionary(node, "audio_defaults", &out->audio_defaults, err) < 0 ||
        (streams ? af_streams_read(out, node, streams, err) : read_short_form(out, node, err)) ||
        read_window(out, node, err) || read_cut(out, node, err) ||
        af_json_bool(node, "copy_ts", &out->copy_ts, err) < 0 ||
        read_metadata(spec, out, node, err) || af_attachments_read(out, node, err))
        return -1;
    if (!has_path && (!out->format || strcmp(out->format, "null")))
        return af_json_fail(node, err, "an output needs a path");
    if (has_path && spec->version >= 10 && out->path[strcspn(out->path, "\r\n")])
        return af_json_fail(af_json_get(node, "path"), err, "a line break in the name of a file");
    if (has_path && !*out->path)
        return af_json_fail(node, err, "the path of an output is empty");
    return 0;
}

void af_output_spec_free(struct af_output_spec *out)
{
    for (size_t i = 0; i < out->maps.n; i++) {
        av_dict_free(&out->maps.v[i].options);
        av_dict_free(&out->maps.v[i].tags);
    }
    af_vec_free(&out->maps);
    av_dict_free(&out->format_options);
    av_dict_free(&out->options);
    av_dict_free(&out->video_options);
    av_dict_free(&out->audio_options);
    av_dict_free(&out->audio_defaults);
    av_dict_free(&out->metadata);
    af_vec_free(&out->authored);
    af_vec_free(&out->attachments);
}
