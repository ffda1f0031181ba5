//! The outside libraries of the full profile: what each is compiled from, and how FFmpeg's configure asks for it.

use super::text::{ASS, FRIBIDI};
use super::vpx::VPX;
use super::xml::XML2;

/// A library. Its name is that of its pin, of its directory in the build, and of its archive.
pub(super) struct Library {
    pub(super) name: &'static str,
    /// What FFmpeg's configure enables it by; a library that only another one uses has none.
    pub(super) ffmpeg: Option<&'static str>,
    /// Only for the GPL variant.
    pub(super) gpl: bool,
    /// It calls `setjmp`.
    pub(super) jumps: bool,
    /// Changes to its sources: file, what it says, what it shall say.
    pub(super) edits: &'static [(&'static str, &'static str, &'static str)],
    /// For every source. Directories are those of the build.
    pub(super) flags: &'static [&'static str],
    pub(super) parts: &'static [Part],
    /// Headers, or directories of them, and where they are installed below `prefix/include`.
    pub(super) headers: &'static [(&'static str, &'static str)],
    /// The packages that configure asks for, and what links them.
    pub(super) packages: &'static [(&'static str, &'static str)],
    /// Where its licence is.
    pub(super) licence: &'static str,
}

/// Sources that are compiled alike.
pub(super) struct Part {
    pub(super) flags: &'static [&'static str],
    /// Files, or directories for all their C files.
    pub(super) sources: &'static [&'static str],
    /// Files that a directory has and the library has not.
    pub(super) without: &'static [&'static str],
}

/// All of them, users before the used.
pub(super) const LIBRARIES: [Library; 15] = [
    JUMPS, OPUS, MP3LAME, OGG, VORBIS, WEBP, DAV1D, VPX, FREETYPE, HARFBUZZ, FRIBIDI, ASS, XML2,
    KVAZAAR, X264,
];

/// What `setjmp` needs beside the host: of this repository, and without a pin.
const JUMPS: Library = Library {
    name: "jumps",
    ffmpeg: None,
    gpl: false,
    jumps: false,
    edits: &[],
    flags: &[],
    parts: &[Part {
        flags: &[],
        sources: &["jumps.c"],
        without: &[],
    }],
    // FreeType's own headers include it, wherever they are included.
    headers: &[("../config/jumps", "")],
    packages: &[],
    licence: "jumps.c",
};

/// Opus, without its neural parts.
const OPUS: Library = Library {
    name: "opus",
    ffmpeg: Some("libopus"),
    gpl: false,
    jumps: false,
    edits: &[],
    flags: &[
        "-DOPUS_BUILD",
        "-DVAR_ARRAYS",
        "-DHAVE_LRINT",
        "-DHAVE_LRINTF",
        "-DPACKAGE_VERSION=\"1.6.1\"",
        "-Iopus",
        "-Iopus/include",
        "-Iopus/celt",
        "-Iopus/silk",
        "-Iopus/silk/float",
    ],
    parts: &[Part {
        flags: &[],
        sources: &["src", "celt", "silk", "silk/float"],
        without: &[
            "opus_compare.c",
            "opus_demo.c",
            "qext_compare.c",
            "repacketizer_demo.c",
            "opus_custom_demo.c",
        ],
    }],
    headers: &[("include", "")],
    packages: &[("opus", "-lopus")],
    licence: "COPYING",
};

/// LAME, the encoder.
const MP3LAME: Library = Library {
    name: "mp3lame",
    ffmpeg: Some("libmp3lame"),
    gpl: false,
    jumps: false,
    edits: &[],
    flags: &[
        "-DSTDC_HEADERS",
        "-DHAVE_MEMCPY",
        "-DHAVE_STRCHR",
        "-DHAVE_LIMITS_H",
        "-DHAVE_STDINT_H",
        "-DHAVE_ERRNO_H",
        "-DHAVE_FCNTL_H",
        "-DTAKEHIRO_IEEE754_HACK",
        "-DUSE_FAST_LOG",
        "-Dieee754_float32_t=float",
        "-Imp3lame/include",
        "-Imp3lame/libmp3lame",
        "-Imp3lame/mpglib",
    ],
    parts: &[Part {
        flags: &[],
        sources: &["libmp3lame"],
        without: &[],
    }],
    headers: &[("include", "lame")],
    packages: &[],
    licence: "COPYING",
};

/// What libvorbis packs bits with.
const OGG: Library = Library {
    name: "ogg",
    ffmpeg: None,
    gpl: false,
    jumps: false,
    edits: &[],
    flags: &["-Iogg/include"],
    parts: &[Part {
        flags: &[],
        sources: &["src"],
        without: &[],
    }],
    headers: &[("include", "")],
    packages: &[("ogg", "-logg")],
    licence: "COPYING",
};

/// Vorbis, the encoder.
const VORBIS: Library = Library {
    name: "vorbis",
    ffmpeg: Some("libvorbis"),
    gpl: false,
    jumps: false,
    edits: &[],
    flags: &["-Iogg/include", "-Ivorbis/include", "-Ivorbis/lib"],
    parts: &[Part {
        flags: &[],
        sources: &["lib"],
        without: &["barkmel.c", "psytune.c", "tone.c"],
    }],
    headers: &[("include", "")],
    packages: &[
        ("vorbis", "-lvorbis -logg"),
        ("vorbisenc", "-lvorbis -logg"),
    ],
    licence: "COPYING",
};

/// WebP with its animations.
const WEBP: Library = Library {
    name: "webp",
    ffmpeg: Some("libwebp"),
    gpl: false,
    jumps: false,
    edits: &[],
    flags: &["-Iwebp", "-Iwebp/src"],
    parts: &[Part {
        flags: &[],
        sources: &[
            "src/dec",
            "src/demux",
            "src/dsp",
            "src/enc",
            "src/mux",
            "src/utils",
            "sharpyuv",
        ],
        without: &[],
    }],
    headers: &[("src/webp", "webp")],
    packages: &[("libwebp", "-lwebp"), ("libwebpmux", "-lwebp")],
    licence: "COPYING",
};

/// AV1, the decoder.
const DAV1D: Library = Library {
    name: "dav1d",
    ffmpeg: Some("libdav1d"),
    gpl: false,
    jumps: false,
    edits: &[],
    flags: &[
        "-D_GNU_SOURCE",
        "-Iconfig/dav1d",
        "-Iconfig/dav1d/dav1d",
        "-Idav1d",
        "-Idav1d/include",
        "-Idav1d/src",
    ],
    parts: &[
        Part {
            flags: &[],
            sources: &[
                "src/cdf.c",
                "src/cpu.c",
                "src/data.c",
                "src/decode.c",
                "src/dequant_tables.c",
                "src/getbits.c",
                "src/intra_edge.c",
                "src/itx_1d.c",
                "src/lf_mask.c",
                "src/lib.c",
                "src/log.c",
                "src/mem.c",
                "src/msac.c",
                "src/obu.c",
                "src/pal.c",
                "src/picture.c",
                "src/qm.c",
                "src/ref.c",
                "src/refmvs.c",
                "src/scan.c",
                "src/tables.c",
                "src/thread_task.c",
                "src/warpmv.c",
                "src/wedge.c",
            ],
            without: &[],
        },
        Part {
            flags: &["-DBITDEPTH=8"],
            sources: &[
                "src/cdef_apply_tmpl.c",
                "src/cdef_tmpl.c",
                "src/fg_apply_tmpl.c",
                "src/filmgrain_tmpl.c",
                "src/ipred_prepare_tmpl.c",
                "src/ipred_tmpl.c",
                "src/itx_tmpl.c",
                "src/lf_apply_tmpl.c",
                "src/loopfilter_tmpl.c",
                "src/looprestoration_tmpl.c",
                "src/lr_apply_tmpl.c",
                "src/mc_tmpl.c",
                "src/recon_tmpl.c",
            ],
            without: &[],
        },
        Part {
            flags: &["-DBITDEPTH=16"],
            sources: &[
                "src/cdef_apply_tmpl.c",
                "src/cdef_tmpl.c",
                "src/fg_apply_tmpl.c",
                "src/filmgrain_tmpl.c",
                "src/ipred_prepare_tmpl.c",
                "src/ipred_tmpl.c",
                "src/itx_tmpl.c",
                "src/lf_apply_tmpl.c",
                "src/loopfilter_tmpl.c",
                "src/looprestoration_tmpl.c",
                "src/lr_apply_tmpl.c",
                "src/mc_tmpl.c",
                "src/recon_tmpl.c",
            ],
            without: &[],
        },
    ],
    headers: &[
        ("include/dav1d", "dav1d"),
        ("../config/dav1d/dav1d", "dav1d"),
    ],
    packages: &[("dav1d", "-ldav1d")],
    licence: "COPYING",
};

/// The glyphs of `drawtext`.
const FREETYPE: Library = Library {
    name: "freetype",
    ffmpeg: Some("libfreetype"),
    gpl: false,
    jumps: true,
    edits: &[],
    flags: &["-Os", "-DFT2_BUILD_LIBRARY", "-Ifreetype/include"],
    parts: &[Part {
        flags: &[],
        sources: &[
            "src/autofit/autofit.c",
            "src/base/ftbase.c",
            "src/base/ftbbox.c",
            "src/base/ftbdf.c",
            "src/base/ftbitmap.c",
            "src/base/ftcid.c",
            "src/base/ftdebug.c",
            "src/base/ftfstype.c",
            "src/base/ftgasp.c",
            "src/base/ftglyph.c",
            "src/base/ftgxval.c",
            "src/base/ftinit.c",
            "src/base/ftmm.c",
            "src/base/ftotval.c",
            "src/base/ftpatent.c",
            "src/base/ftpfr.c",
            "src/base/ftstroke.c",
            "src/base/ftsynth.c",
            "src/base/ftsystem.c",
            "src/base/fttype1.c",
            "src/base/ftwinfnt.c",
            "src/bdf/bdf.c",
            "src/bzip2/ftbzip2.c",
            "src/cache/ftcache.c",
            "src/cff/cff.c",
            "src/cid/type1cid.c",
            "src/gzip/ftgzip.c",
            "src/lzw/ftlzw.c",
            "src/pcf/pcf.c",
            "src/pfr/pfr.c",
            "src/psaux/psaux.c",
            "src/pshinter/pshinter.c",
            "src/psnames/psnames.c",
            "src/raster/raster.c",
            "src/sdf/sdf.c",
            "src/svg/svg.c",
            "src/sfnt/sfnt.c",
            "src/smooth/smooth.c",
            "src/truetype/truetype.c",
            "src/type1/type1.c",
            "src/type42/type42.c",
            "src/winfonts/winfnt.c",
        ],
        without: &[],
    }],
    headers: &[("include", "")],
    packages: &[("freetype2", "-lfreetype -ljumps")],
    licence: "docs/FTL.TXT",
};

/// The shapes of text in every script.
const HARFBUZZ: Library = Library {
    name: "harfbuzz",
    ffmpeg: Some("libharfbuzz"),
    gpl: false,
    jumps: false,
    edits: &[],
    flags: &[
        "-Os",
        // Headers of FreeType ask for it; nothing here jumps.
        "-Iconfig/jumps",
        "-DHAVE_FREETYPE",
        "-DHB_NO_MT",
        // A third of it: what neither `drawtext` nor libass calls. Outlines, colours and hints are FreeType's.
        "-DNDEBUG",
        "-DHB_NO_ATEXIT",
        "-DHB_NO_BITMAP",
        "-DHB_NO_BUFFER_MESSAGE",
        "-DHB_NO_BUFFER_SERIALIZE",
        "-DHB_NO_BUFFER_VERIFY",
        "-DHB_NO_CFF",
        "-DHB_NO_COLOR",
        "-DHB_NO_DRAW",
        "-DHB_NO_FACE_COLLECT_UNICODES",
        "-DHB_NO_GETENV",
        "-DHB_NO_HINTING",
        "-DHB_NO_LAYOUT_COLLECT_GLYPHS",
        "-DHB_NO_LAYOUT_UNUSED",
        "-DHB_NO_MATH",
        "-DHB_NO_META",
        "-DHB_NO_MMAP",
        "-DHB_NO_NAME",
        "-DHB_NO_OPEN",
        "-DHB_NO_OT_FONT_GLYPH_NAMES",
        "-DHB_NO_PAINT",
        "-DHB_NO_SETLOCALE",
        "-DHB_NO_STYLE",
        "-DHB_NO_SUBSET_LAYOUT",
        "-fno-threadsafe-statics",
        "-Iharfbuzz/src",
        "-Ifreetype/include",
    ],
    parts: &[Part {
        flags: &[],
        sources: &["src/harfbuzz.cc"],
        without: &[],
    }],
    headers: &[("src", "")],
    packages: &[("harfbuzz", "-lharfbuzz -lfreetype -ljumps")],
    licence: "COPYING",
};

/// HEVC, the encoder. There are no threads to start by default, and none to set the stack of.
const KVAZAAR: Library = Library {
    name: "kvazaar",
    ffmpeg: Some("libkvazaar"),
    gpl: false,
    jumps: false,
    edits: &[
        (
            "src/cfg.c",
            "  cfg->threads = -1;\n  cfg->cpuid",
            "  cfg->threads = 0;\n  cfg->cpuid",
        ),
        (
            "src/threadqueue.c",
            "#ifndef _MSC_VER\n  pthread_attr_t attr;",
            "#if !defined(_MSC_VER) && !defined(__wasi__)\n  pthread_attr_t attr;",
        ),
    ],
    flags: &[
        "-D_GNU_SOURCE",
        "-DKVZ_DLL_EXPORTS",
        "-DKVZ_VERSION=2.3.2",
        "-DVERSION_STRING=\"2.3.2\"",
        "-Ikvazaar/src",
        "-Ikvazaar/src/extras",
    ],
    parts: &[Part {
        flags: &[],
        sources: &[
            "src",
            "src/strategies",
            "src/strategies/generic",
            // Their parts for other processors, which here compile to functions that offer nothing.
            "src/strategies/altivec",
            "src/strategies/avx2",
            "src/strategies/sse2",
            "src/strategies/sse41",
            "src/extras/libmd5.c",
        ],
        without: &["cli.c", "encmain.c", "yuv_io.c"],
    }],
    headers: &[("src/kvazaar.h", "kvazaar.h")],
    packages: &[("kvazaar", "-lkvazaar")],
    licence: "LICENSE",
};

/// H.264, the encoder of the GPL variant.
const X264: Library = Library {
    name: "x264",
    ffmpeg: Some("libx264"),
    gpl: true,
    jumps: false,
    edits: &[],
    flags: &[
        "-std=gnu99",
        "-D_GNU_SOURCE",
        "-Iconfig/x264",
        "-Ix264/x264-stable",
    ],
    parts: &[
        Part {
            flags: &[],
            sources: &[
                "x264-stable/common/osdep.c",
                "x264-stable/common/base.c",
                "x264-stable/common/cpu.c",
                "x264-stable/common/tables.c",
                "x264-stable/encoder/api.c",
            ],
            without: &[],
        },
        Part {
            flags: &["-DHIGH_BIT_DEPTH=0", "-DBIT_DEPTH=8"],
            sources: &[
                "x264-stable/common/mc.c",
                "x264-stable/common/predict.c",
                "x264-stable/common/pixel.c",
                "x264-stable/common/macroblock.c",
                "x264-stable/common/frame.c",
                "x264-stable/common/dct.c",
                "x264-stable/common/cabac.c",
                "x264-stable/common/common.c",
                "x264-stable/common/rectangle.c",
                "x264-stable/common/set.c",
                "x264-stable/common/quant.c",
                "x264-stable/common/deblock.c",
                "x264-stable/common/vlc.c",
                "x264-stable/common/mvpred.c",
                "x264-stable/common/bitstream.c",
                "x264-stable/encoder/analyse.c",
                "x264-stable/encoder/me.c",
                "x264-stable/encoder/ratecontrol.c",
                "x264-stable/encoder/set.c",
                "x264-stable/encoder/macroblock.c",
                "x264-stable/encoder/cabac.c",
                "x264-stable/encoder/cavlc.c",
                "x264-stable/encoder/encoder.c",
                "x264-stable/encoder/lookahead.c",
            ],
            without: &[],
        },
        Part {
            flags: &["-DHIGH_BIT_DEPTH=1", "-DBIT_DEPTH=10"],
            sources: &[
                "x264-stable/common/mc.c",
                "x264-stable/common/predict.c",
                "x264-stable/common/pixel.c",
                "x264-stable/common/macroblock.c",
                "x264-stable/common/frame.c",
                "x264-stable/common/dct.c",
                "x264-stable/common/cabac.c",
                "x264-stable/common/common.c",
                "x264-stable/common/rectangle.c",
                "x264-stable/common/set.c",
                "x264-stable/common/quant.c",
                "x264-stable/common/deblock.c",
                "x264-stable/common/vlc.c",
                "x264-stable/common/mvpred.c",
                "x264-stable/common/bitstream.c",
                "x264-stable/encoder/analyse.c",
                "x264-stable/encoder/me.c",
                "x264-stable/encoder/ratecontrol.c",
                "x264-stable/encoder/set.c",
                "x264-stable/encoder/macroblock.c",
                "x264-stable/encoder/cabac.c",
                "x264-stable/encoder/cavlc.c",
                "x264-stable/encoder/encoder.c",
                "x264-stable/encoder/lookahead.c",
            ],
            without: &[],
        },
    ],
    headers: &[
        ("x264-stable/x264.h", "x264.h"),
        ("../config/x264/x264_config.h", "x264_config.h"),
    ],
    packages: &[("x264", "-lx264")],
    licence: "x264-stable/COPYING",
};
