//! What demuxers are made to do otherwise than upstream.

use std::path::Path;

use super::edit::replace_once;
use crate::failure::Result;

/// Changes the sources in `tree`.
pub(super) fn change(tree: &Path) -> Result<()> {
    say_endings(tree)?;
    leave_sound_alone(tree)?;
    pass_over_what_is_no_asset(tree)?;
    end_where_it_says_so(tree)
}

/// Those that keep to themselves where a file stops in the middle say it: the driver reads it in their log
/// (`engine/driver/ending.c`).
fn say_endings(tree: &Path) -> Result<()> {
    // A sample that the index tells of and that is not there reads as the end of the file. Where only the seek to it
    // failed, it is said upstream.
    replace_once(
        &tree.join("libavformat/mov.c"),
        "            if (should_retry(sc->pb, ret)) {\n                mov_current_sample_dec(sc);\n            }\n            return ret;\n",
        "            if (should_retry(sc->pb, ret)) {\n                mov_current_sample_dec(sc);\n            } else if (ret == AVERROR_EOF) {\n                \
         av_log(mov->fc, AV_LOG_ERROR, \"stream %d: partial file\\n\", sc->ffindex);\n            }\n            return ret;\n",
    )?;
    let concat = tree.join("libavformat/concatdec.c");
    // What is said of the files that are joined is said to the one who joins them.
    replace_once(
        &concat,
        "    cat->avf->interrupt_callback = avf->interrupt_callback;\n",
        "    cat->avf->interrupt_callback = avf->interrupt_callback;\n    cat->avf->opaque = avf->opaque;\n",
    )?;
    // Two lines for each packet, which are put together also where nobody asked for them.
    for line in ["\"file:%d stream:%d pts:%s", "\" -> pts:%s"] {
        replace_once(
            &concat,
            &format!("    av_log(avf, AV_LOG_DEBUG, {line}"),
            &format!(
                "    if (av_log_get_level() >= AV_LOG_DEBUG)\n    av_log(avf, AV_LOG_DEBUG, {line}"
            ),
        )?;
    }
    Ok(())
}

/// GXF has a packet for the end; behind it, the next was looked for, and that there is none was called invalid data. What
/// has ended is read again where a parser had a packet left.
fn end_where_it_says_so(tree: &Path) -> Result<()> {
    let index = "        if (pkt_type == PKT_FLT) {\n            gxf_read_index(s, pkt_len);\n";
    replace_once(
        &tree.join("libavformat/gxf.c"),
        index,
        &format!(
            "        if (pkt_type == PKT_EOS) {{\n            pb->eof_reached = 1;\n            return AVERROR_EOF;\n        }}\n{index}"
        ),
    )
}

/// What else stands in the list of assets of an IMF package was looked at again and again, for ever.
fn pass_over_what_is_no_asset(tree: &Path) -> Result<()> {
    let other = "        if (av_strcasecmp(asset_element->name, \"Asset\") != 0)";
    replace_once(
        &tree.join("libavformat/imfdec.c"),
        &format!("{other}\n            continue;\n"),
        &format!(
            "{other} {{\n            asset_element = xmlNextElementSibling(asset_element);\n            continue;\n        }}\n"
        ),
    )
}

/// The bytes of a tone of 1 kHz come again after 192, the length of a packet of M2TS, and ten of these are all that is
/// looked at of a file first. One that says it is sound is.
fn leave_sound_alone(tree: &Path) -> Result<()> {
    let mpegts = tree.join("libavformat/mpegts.c");
    let (start, first) = (
        "    if (!check_count)\n        return 0;\n\n",
        "    for (i = 0; i<check_count; i+=CHECK_BLOCK) {\n        int left",
    );
    let sound = "    for (i = 0; i < FF_ARRAY_ELEMS(sound); i++)\n        if (!memcmp(p->buf, sound[i], 4))\n            return 0;\n\n";
    replace_once(
        &mpegts,
        &format!("{start}{first}"),
        &format!("{start}{sound}{first}"),
    )?;
    replace_once(
        &mpegts,
        "    int check_count = size / TS_FEC_PACKET_SIZE;\n",
        "    int check_count = size / TS_FEC_PACKET_SIZE;\n    static const char sound[][5] = { \"RIFF\", \"RIFX\", \"RF64\", \
         \"BW64\", \"FORM\", \"caff\", \"riff\", \".snd\" };\n",
    )
}
