//! FriBidi and libass: the order of letters on a line, and subtitles with styles.

use super::table::{Library, Part};

/// Text from right to left. Its tables are in the release as generated.
pub(super) const FRIBIDI: Library = Library {
    name: "fribidi",
    ffmpeg: Some("libfribidi"),
    gpl: false,
    jumps: false,
    edits: &[],
    flags: &[
        "-Os",
        "-DHAVE_CONFIG_H",
        "-Iconfig/fribidi",
        "-Ifribidi/lib",
    ],
    parts: &[Part {
        flags: &[],
        sources: &["lib"],
        without: &[],
    }],
    headers: &[
        ("lib", "fribidi"),
        (
            "../config/fribidi/fribidi-config.h",
            "fribidi/fribidi-config.h",
        ),
        ("../config/fribidi/installed/fribidi.h", "fribidi.h"),
    ],
    packages: &[("fribidi", "-lfribidi")],
    licence: "COPYING",
};

/// The filters `ass` and `subtitles`.
pub(super) const ASS: Library = Library {
    name: "ass",
    ffmpeg: Some("libass"),
    gpl: false,
    jumps: false,
    // A directory of fonts where a system has fontconfig.
    edits: &[
        (
            "libass/ass_fontselect.c",
            "#include \"ass_directwrite.h\"\n",
            "#include \"ass_directwrite.h\"\n#include \"provider.h\"\n",
        ),
        (
            "libass/ass_fontselect.c",
            "    { ASS_FONTPROVIDER_NONE, NULL, NULL },",
            "    { ASS_FONTPROVIDER_FONTCONFIG, &afmpeg_font_provider, \"directory\" },\n    \
             { ASS_FONTPROVIDER_NONE, NULL, NULL },",
        ),
    ],
    flags: &[
        "-Os",
        "-DHAVE_CONFIG_H",
        "-Ifonts",
        "-Iconfig/ass",
        // Headers of FreeType ask for it; nothing here jumps.
        "-Iconfig/jumps",
        "-Iconfig/fribidi",
        "-Iass/libass",
        "-Ifribidi/lib",
        "-Ifreetype/include",
        "-Iharfbuzz/src",
    ],
    parts: &[Part {
        flags: &[],
        sources: &["libass", "../fonts"],
        without: &["ass_coretext.c", "ass_directwrite.c", "ass_fontconfig.c"],
    }],
    headers: &[
        ("libass/ass.h", "ass/ass.h"),
        ("libass/ass_types.h", "ass/ass_types.h"),
        ("../fonts/fonts.h", "afmpeg_fonts.h"),
    ],
    packages: &[("libass", "-lass -lharfbuzz -lfribidi -lfreetype -ljumps")],
    licence: "COPYING",
};
