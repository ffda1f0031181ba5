/* Chapters that a job authors and files that it attaches: parts of one element of outputs[]. */
#include "error.h"
#include "json.h"
#include "spec.h"

static int read_chapter(struct af_chapter_spec *chapter, struct af_json *node,
                        struct af_error *err)
{
    int start, end;

    chapter->end = -1;
    if (af_json_expect(node, AF_JSON_OBJECT, err))
        return -1;
    start = af_json_seconds(node, "start", &chapter->start, err);
    end = start < 0 ? -1 : af_json_seconds(node, "end", &chapter->end, err);
    if (end < 0 || af_json_string(node, "title", &chapter->title, err) < 0)
        return -1;
    if (!start)
        return af_json_fail(node, err, "a chapter needs a start");
    if (end && chapter->end <= chapter->start)
        return af_json_fail(node, err, "a chapter must end after its start");
    return 0;
}

int af_chapters_read(struct af_output_spec *out, struct af_json *list, struct af_error *err)
{
    if (list->count > AF_JSON_MAX_COUNT)
        return af_json_fail(list, err, "more than %d chapters", AF_JSON_MAX_COUNT);
    out->chapters = AF_CHAPTERS_LIST;
    for (struct af_json *each = list->first; each; each = each->next) {
        struct af_chapter_spec *chapter = af_vec_new(&out->authored), *before;

        if (!chapter)
            return af_fail_memory(err);
        if (read_chapter(chapter, each, err))
            return -1;
        before = out->authored.n > 1 ? chapter - 1 : NULL;
        if (before && chapter->start <= before->start)
            return af_json_fail(each, err, "chapters must be in the order of their starts");
        if (before && before->end < 0)
            before->end = chapter->start;
    }
    if (out->authored.n && out->authored.v[out->authored.n - 1].end < 0 && out->limit < 0)
        return af_json_fail(list, err,
                            "the last chapter needs an end: the output has no duration and no end");
    return 0;
}

int af_attachments_read(struct af_output_spec *out, struct af_json *node, struct af_error *err)
{
    struct af_json *list = NULL;

    if (af_json_array(node, "attachments", &list, err) < 0)
        return -1;
    for (struct af_json *each = list ? list->first : NULL; each; each = each->next) {
        struct af_attachment_spec *file = af_vec_new(&out->attachments);

        if (!file)
            return af_fail_memory(err);
        if (af_json_expect(each, AF_JSON_OBJECT, err) ||
            af_json_need_string(each, "path", &file->path, err) ||
            af_json_string(each, "mime", &file->mime, err) < 0 ||
            af_json_bool(each, "cover", &file->cover, err) < 0)
            return -1;
        if (!*file->path)
            return af_json_fail(each, err, "the path of an attachment is empty");
        if (file->mime && file->cover)
            return af_json_fail(each, err, "a cover is what its file is: it takes no mime");
        if (file->mime && !*file->mime)
            return af_json_fail(each, err, "the mime of an attachment is empty");
    }
    return 0;
}
