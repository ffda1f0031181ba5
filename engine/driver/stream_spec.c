/* One element of streams[], the full form of an output's streams. */
#include <math.h>
#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/parseutils.h>

#include "error.h"
#include "json.h"
#include "spec.h"

/* Pictures a second: more is a slip of the pen, and at less a constant rate would hold one for hours. */
static const double LEAST_RATE = 0.001, MOST_RATE = 10000;

static int read_disposition(struct af_map_spec *map, struct af_json *list, struct af_error *err)
{
    map->has_disposition = true;
    for (struct af_json *each = list->first; each; each = each->next) {
        int flag;

        if (af_json_expect(each, AF_JSON_STRING, err))
            return -1;
        flag = av_disposition_from_string(each->string);
        if (flag < 0 && map->lenient)
            continue;
        if (flag < 0)
            return af_json_fail(each, err, "there is no disposition %s", each->string);
        map->disposition |= flag;
    }
    return 0;
}

int af_stream_labels_read(struct af_map_spec *map, struct af_json *node, struct af_error *err)
{
    struct af_json *disposition = NULL;

    if (af_json_string(node, "language", &map->language, err) < 0 ||
        af_json_array(node, "disposition", &disposition, err) < 0 ||
        af_json_dictionary(node, "tags", &map->tags, err) < 0)
        return -1;
    return disposition ? read_disposition(map, disposition, err) : 0;
}

/* 25, 29.97 or "30000/1001". */
static int read_frame_rate(struct af_map_spec *map, struct af_json *member, struct af_error *err)
{
    member->known = true;
    if (member->type == AF_JSON_NUMBER && member->number >= LEAST_RATE &&
        member->number <= MOST_RATE)
        map->frame_rate = av_d2q(member->number, 1000000);
    else if (member->type != AF_JSON_STRING ||
             av_parse_ratio(&map->frame_rate, member->string, 1001000, 0, NULL) < 0)
        map->frame_rate = (AVRational){ 0, 1 };
    if (map->frame_rate.num <= 0 || map->frame_rate.den <= 0 ||
        av_q2d(map->frame_rate) < LEAST_RATE || av_q2d(map->frame_rate) > MOST_RATE)
        return af_json_fail(member, err,
                            "expected pictures a second from %g to %g, as a number or a fraction "
                            "such as \"30000/1001\"",
                            LEAST_RATE, MOST_RATE);
    return 0;
}

static int read_rate(struct af_map_spec *map, struct af_json *node, struct af_error *err)
{
    static const char *const modes[] = { "source", "vfr", "cfr", NULL };
    struct af_json *rate = af_json_get(node, "frame_rate");
    int mode = AF_RATE_SOURCE, given;

    map->frame_rate = (AVRational){ 0, 1 };
    if (rate && read_frame_rate(map, rate, err))
        return -1;
    given = af_json_choice(node, "rate_mode", modes, &mode, err);
    if (given < 0)
        return -1;
    if (given && rate && mode == AF_RATE_SOURCE)
        return af_json_fail(rate, err, "the rate mode \"source\" leaves the pictures at their times: "
                                       "give cfr or vfr, or no frame_rate");
    map->rate_mode = rate && !given ? AF_RATE_CFR : (enum af_rate_mode)mode;
    map->has_rate = rate || given;
    return 0;
}

static int read_stream(struct af_map_spec *map, struct af_json *node, struct af_error *err)
{
    if (af_json_expect(node, AF_JSON_OBJECT, err) ||
        af_json_need_string(node, "from", &map->text, err) ||
        af_json_string(node, "codec", &map->codec, err) < 0 ||
        af_json_dictionary(node, "options", &map->options, err) < 0 ||
        af_json_string(node, "bitstream_filters", &map->bitstream_filters, err) < 0 ||
        read_rate(map, node, err))
        return -1;
    return af_stream_labels_read(map, node, err);
}

int af_streams_read(struct af_output_spec *out, struct af_json *node, struct af_json *list,
                    struct af_error *err)
{
    static const char *const short_form[] = {
        "map",           "video_codec",   "audio_codec",       "subtitle_codec",  "options",
        "video_options", "audio_options", "bitstream_filters", "stream_metadata", NULL,
    };

    for (const char *const *key = short_form; *key; key++) {
        struct af_json *member = af_json_get(node, *key);

        if (member)
            return af_json_fail(member, err,
                                "%s cannot stand beside streams: say it of the stream", *key);
    }
    if (!list->first)
        return af_json_fail(list, err, "streams needs at least one entry");
    out->full = out->has_map = true;
    for (struct af_json *each = list->first; each; each = each->next) {
        struct af_map_spec *map = af_vec_new(&out->maps);

        if (!map)
            return af_fail_memory(err);
        if (read_stream(map, each, err))
            return -1;
    }
    return 0;
}
