//! Changes to FFmpeg's demuxer of DASH: a manifest is a list of files that are there, and every one of them is read or
//! is an error.

use std::fs;

use super::super::codecs::Site;
use super::super::edit::replace_once;
use crate::failure::{Failure, Result};

/// Changes the demuxer, before it is compiled.
pub(super) fn change(site: &Site<'_>) -> Result<()> {
    let tree = site.build.join("ffmpeg/libavformat");
    let segments = site.layout.of_full().engine().join("dash/dash_segments.h");
    fs::copy(&segments, tree.join("dash_segments.h")).map_err(Failure::io("copy", &segments))?;
    let file = tree.join("dashdec.c");
    EDITS
        .iter()
        .flat_map(|part| part.iter())
        .try_for_each(|(from, to)| replace_once(&file, from, to))
}

/// One text for another.
type Edit = (&'static str, &'static str);

const EDITS: [&[Edit]; 5] = [&STILL, &SECONDS, &COUNT, &END, &HOSTILE];

/// Nobody adds to a manifest or takes away from it while a job runs, however it calls itself: all that it lists is
/// read, from the first. The demuxer would begin where the clock says and go on until there is nothing more.
///
/// The guest's filesystem holds what the application put there, whatever it is called: what has an unusual name would be
/// passed over without a word, as would what is on a network.
const STILL: [Edit; 3] = [
    (
        "        if (!av_strcasecmp(val, \"dynamic\"))\n            c->is_live = 1;\n",
        "",
    ),
    (
        "        {.str = \"aac,m4a,m4s,m4v,mov,mp4,webm,ts\"},\n",
        "        {.str = \"ALL\"},\n",
    ),
    (
        "    if (!proto_name)\n        return AVERROR_INVALIDDATA;\n\n    proto_name_len",
        "    if (!proto_name)\n        return s->io_open(s, pb, url, AVIO_FLAG_READ, NULL);\n\n    \
         proto_name_len",
    ),
];

/// Durations with their fractions, which the demuxer cuts off.
const SECONDS: [Edit; 10] = [
    (
        "#include <time.h>\n",
        "#include <math.h>\n#include <time.h>\n",
    ),
    (
        "    int is_live;\n    AVIOInterruptCB",
        "    double seconds; /* how long the period is that is read, or 0 */\n    int is_live;\n    \
         AVIOInterruptCB",
    ),
    (
        "static uint32_t get_duration_insec(AVFormatContext *s, const char *duration)\n",
        "static double get_duration(AVFormatContext *s, const char *duration)\n",
    ),
    (
        "    uint32_t secs = 0;\n    int size = 0;\n    float value = 0;\n",
        "    double secs = 0;\n    int size = 0;\n    double value = 0;\n",
    ),
    ("\"%f%c%n\"", "\"%lf%c%n\""),
    ("secs = (uint32_t)value;", "secs = value;"),
    (
        "    return  ((days * 24 + hours) * 60 + mins) * 60 + secs;\n}\n",
        "    return av_clipd(((days * 24 + hours) * 60 + mins) * 60 + secs, 0, 1e12);\n}\n\n\
         static uint32_t get_duration_insec(AVFormatContext *s, const char *duration)\n{\n    \
         return av_clipd(get_duration(s, duration), 0, UINT32_MAX);\n}\n",
    ),
    (
        "                c->media_presentation_duration = get_duration_insec(s, val);\n",
        "                c->media_presentation_duration = get_duration_insec(s, val);\n                \
         c->seconds = get_duration(s, val);\n",
    ),
    (
        "    uint32_t period_start_sec = 0;\n",
        "    uint32_t period_start_sec = 0;\n    double period_seconds = 0, period_begin = 0, presentation_seconds = 0;\n",
    ),
    (
        "        s->duration = (int64_t) c->media_presentation_duration * AV_TIME_BASE;\n",
        "        if (c->seconds > 0)\n            s->duration = llrint(c->seconds * AV_TIME_BASE);\n",
    ),
];

/// How many segments there are, and at which times. The demuxer looks for one more than the manifest means, or for less
/// where they are short, for one less than the number of the last that DASH-IF's property tells,
/// takes a first number that is not stated for 0, which the standard (ISO/IEC 23009-1, 5.3.9.5.3) says is 1, and applies
/// it to lists, too, of which it then leaves out the first.
const COUNT: [Edit; 12] = [
    (
        "        tmp_node = find_child_node_by_name(node, \"BaseURL\");\n",
        "        presentation_seconds = c->seconds;\n        \
         tmp_node = find_child_node_by_name(node, \"BaseURL\");\n",
    ),
    (
        "                period_duration_sec = 0;\n",
        "                period_duration_sec = 0;\n                period_seconds = period_begin = 0;\n",
    ),
    (
        "                        period_duration_sec = get_duration_insec(s, val);\n",
        "                        period_duration_sec = get_duration_insec(s, val);\n                        \
         period_seconds = get_duration(s, val);\n",
    ),
    (
        "                        period_start_sec    = get_duration_insec(s, val);\n",
        "                        period_start_sec    = get_duration_insec(s, val);\n                        \
         period_begin = get_duration(s, val);\n",
    ),
    (
        "                    c->period_start = period_start_sec;\n",
        "                    c->period_start = period_start_sec;\n                    \
         c->seconds = period_seconds > 0 ? period_seconds : presentation_seconds - period_begin;\n",
    ),
    (
        "        SET_REPRESENTATION_SEQUENCE_BASE_INFO(fragment_templates_tab, 4);\n",
        "        rep->start_number = rep->first_seq_no = 1;\n        \
         SET_REPRESENTATION_SEQUENCE_BASE_INFO(fragment_templates_tab, 4);\n",
    ),
    (
        "        SET_REPRESENTATION_SEQUENCE_BASE_INFO(segmentlists_tab, 3)\n",
        "        SET_REPRESENTATION_SEQUENCE_BASE_INFO(segmentlists_tab, 3)\n        \
         rep->start_number = rep->first_seq_no = 0;\n",
    ),
    (
        "static int64_t calc_max_seg_no(struct representation *pls, DASHContext *c)\n",
        "#include \"dash_segments.h\"\n\n\
         static int64_t calc_max_seg_no(struct representation *pls, DASHContext *c)\n",
    ),
    (
        "num = pls->timelines[i]->duration ? av_rescale(c->period_duration, pls->fragment_timescale, \
         pls->timelines[i]->duration) : pls->first_seq_no;",
        "num = last_counted(pls, c, -DASH_ROUNDING);\n                break;",
    ),
    (
        "start_time = pls->timelines[i]->duration * cur_seq_no;",
        "start_time += pls->timelines[i]->duration * (cur_seq_no - num - 1);",
    ),
    (
        "rep->last_seq_no = (int64_t)strtoll(val, NULL, 10) - 1;",
        "rep->last_seq_no = av_clip64(strtoll(val, NULL, 10), 0, DASH_LARGEST_NUMBER);",
    ),
    (
        "num = pls->first_seq_no + av_rescale_rnd(1, c->media_presentation_duration * \
         pls->fragment_timescale, pls->fragment_duration, AV_ROUND_UP);",
        "num = last_counted(pls, c, -DASH_ROUNDING);",
    ),
];

/// The end of a representation is the end and no damage; a manifest that tells no end is refused. The driver knows by the
/// option of a file that it may be absent (`engine/driver/parts.c`).
const END: [Edit; 3] = [
    (
        "    ret = open_url(pls->parent, &pls->input, url, &c->avio_opts, opts, NULL);\n",
        "    if (seg == pls->cur_seg && may_be_absent(pls, c))\n        \
         av_dict_set_int(&opts, \"afmpeg_may_be_absent\", 1, 0);\n    \
         ret = open_url(pls->parent, &pls->input, url, &c->avio_opts, opts, NULL);\n",
    ),
    (
        "        pls->last_seq_no = calc_max_seg_no(pls, s->priv_data);\n\n    \
         ret = reopen_demux_for_component(s, pls);\n",
        "        pls->last_seq_no = calc_max_seg_no(pls, s->priv_data);\n    \
         if (pls->last_seq_no < pls->first_seq_no) {\n        \
         av_log(s, AV_LOG_ERROR, \"the manifest tells neither its segments nor its duration, as that of a \"\n               \
         \"broadcast does: it cannot be read\\n\");\n        \
         return AVERROR_PATCHWELCOME;\n    }\n\n    \
         ret = reopen_demux_for_component(s, pls);\n",
    ),
    (
        "            ret = reopen_demux_for_component(s, cur);\n        } else if (ret == AVERROR_EOF) {\n            \
         close_demux_for_component(cur);\n",
        "            ret = reopen_demux_for_component(s, cur);\n            \
         if (ret < 0 && !cur->ctx && cur->cur_seq_no > cur->last_seq_no)\n                \
         ret = AVERROR_EOF;\n        }\n        \
         if (ret == AVERROR_EOF) {\n            \
         if (cur->ctx)\n                close_demux_for_component(cur);\n",
    ),
];

/// Numbers that the demuxer can add up, and repeats that its loops get through.
const HOSTILE: [Edit; 3] = [
    (
        "#define INITIAL_BUFFER_SIZE 32768\n",
        "#define INITIAL_BUFFER_SIZE 32768\n\
         #define DASH_LARGEST_NUMBER (INT64_C(1) << 60)\n\
         #define DASH_LONGEST (INT64_C(1) << 38)\n#define DASH_MOST_REPEATS (1 << 22)\n",
    ),
    (
        "            if (start_number < 0) { \\\n",
        "            if (start_number < 0 || start_number > DASH_LARGEST_NUMBER) { \\\n",
    ),
    (
        "        err = av_dynarray_add_nofree(&rep->timelines, &rep->n_timelines, tml);\n",
        "        if (tml->repeat < -1 || tml->repeat > DASH_MOST_REPEATS || tml->duration <= 0 ||\n            \
         tml->duration > DASH_LONGEST || tml->starttime < 0 || tml->starttime > DASH_LARGEST_NUMBER) {\n            \
         av_log(s, AV_LOG_ERROR, \"the manifest has a segment of impossible length or number\\n\");\n            \
         av_free(tml);\n            return AVERROR_INVALIDDATA;\n        }\n        \
         err = av_dynarray_add_nofree(&rep->timelines, &rep->n_timelines, tml);\n",
    ),
];
