//! Configures FFmpeg with the outside libraries.
//!
//! The edits are those of [`ffmpeg::configure`], which knows neither libraries beside openh264 and zlib nor the GPL.

use std::env;
use std::fs;
use std::path::Path;

use super::super::codecs::Site;
use super::super::components::Component;
use super::super::demuxers;
use super::super::edit::replace_once;
use super::super::ffmpeg::{self, CONFIGURE_LINE};
use super::super::{Options, Variant};
use super::super::{aac, flags, hooks};
use super::dash;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::step::Step;

const MEND: &str = "read the log (configure's own is \
                    target/engine/build/scratch/libraries/ffmpeg/ffbuild/config.log); if a \
                    component cannot be built, take it off the lists in engine/components. \
                    `rm -r target/engine` starts over";

/// Configures, and checks that nothing of the lists was dropped and the licence is what the variant promises.
pub(in super::super) fn configure(
    site: &Site<'_>,
    options: &Options,
    version: &str,
    components: &[Component],
) -> Result<()> {
    let step = Step::start("configure", &site.layout.logs(), MEND)?;
    let progress = Progress::start("configure", None);
    let tree = site.build.join("ffmpeg");
    prepare(site, &tree, version)?;
    let mut args = ffmpeg::configure_args(site.target, components);
    args.push("--pkg-config=full-pkg-config".to_owned());
    args.extend(super::of(options).filter_map(|library| {
        let asked = library.ffmpeg?;
        Some(format!("--enable-{asked}"))
    }));
    if options.variant == Variant::Gpl {
        args.push("--enable-gpl".to_owned());
    }
    let mut command = site.command("sh")?;
    let own = site.layout.of_full().engine().join("tools");
    let path = command
        .get_envs()
        .find_map(|(name, value)| (name == "PATH").then_some(value?))
        .unwrap_or_default()
        .to_owned();
    let path =
        env::join_paths([own].into_iter().chain(env::split_paths(&path))).map_err(|err| {
            Failure::new(format!(
                "this workspace's path cannot be part of PATH: {err}"
            ))
        })?;
    command
        .current_dir(&tree)
        .env("PATH", path)
        // A relative directory for its tests: it cannot handle one with a space in its path.
        .env("TMPDIR", "tmp")
        .arg("./configure")
        .args(&args);
    step.run(&mut command, |line| progress.say(line))?;
    check(&step, &tree, options.variant, components)?;
    finish(site, &tree)?;
    let quoted: Vec<_> = args
        .iter()
        .map(|arg| match arg.contains(' ') {
            true => format!("'{arg}'"),
            false => arg.clone(),
        })
        .collect();
    let line = site.build.join(CONFIGURE_LINE);
    fs::write(&line, format!("./configure {}\n", quoted.join(" ")))
        .map_err(Failure::io("write", &line))?;
    progress.done();
    Ok(())
}

/// The changes that every engine has, each with its reason at the same place in [`ffmpeg::configure`].
fn prepare(site: &Site<'_>, tree: &Path, version: &str) -> Result<()> {
    let shim = site.layout.shims().join("ffmpeg").join("afmpeg_wasi.h");
    let included = site.build.join("prefix/include/afmpeg_wasi.h");
    fs::copy(&shim, &included).map_err(Failure::io("copy", &shim))?;
    replace_once(
        &tree.join("libavcodec/libopenh264enc.c"),
        "ForceIntraFrame(s->encoder, true)",
        "ForceIntraFrame(s->encoder, true, -1)",
    )?;
    replace_once(
        &tree.join("libavutil/mem.c"),
        "void *ptr = av_malloc(size);\n    if (ptr)\n        memset(ptr, 0, size);\n    return ptr;",
        "if (size > atomic_load_explicit(&max_alloc_size, memory_order_relaxed))\n        return NULL;\n    return calloc(1, size ? size : 1);",
    )?;
    // It has threads, and `tee` uses it only when it is told to.
    replace_once(
        &tree.join("configure"),
        "tee_muxer_select=\"fifo_muxer\"\n",
        "",
    )?;
    add_fonts(tree)?;
    give_whole_blocks(tree)?;
    dash::change(site)?;
    demuxers::change(tree)?;
    aac::add_hooks(tree)?;
    hooks::ffmpeg(site)?;
    let version_file = tree.join("VERSION");
    fs::write(&version_file, version).map_err(Failure::io("write", &version_file))?;
    let temporary = tree.join("tmp");
    fs::create_dir_all(&temporary).map_err(Failure::io("create", &temporary))
}

/// `anlmdn` writes whole blocks, and the last frame has less: it wrote behind the end of that frame.
fn give_whole_blocks(tree: &Path) -> Result<()> {
    let file = tree.join("libavfilter/af_anlmdn.c");
    replace_once(
        &file,
        "    if (av_frame_is_writable(in)) {\n",
        "    if (in->nb_samples == s->H && av_frame_is_writable(in)) {\n",
    )?;
    replace_once(
        &file,
        "        out = ff_get_audio_buffer(outlink, in->nb_samples);\n",
        "        out = ff_get_audio_buffer(outlink, s->H);\n",
    )?;
    replace_once(
        &file,
        "        out->pts = in->pts;\n",
        "        out->nb_samples = in->nb_samples;\n        out->pts = in->pts;\n",
    )
}

/// Filters of text find their fonts in a directory, and say so when there is none.
fn add_fonts(tree: &Path) -> Result<()> {
    let edits = [
        (
            "vf_drawtext.c",
            "#include <fribidi.h>\n",
            "#include <fribidi.h>\n#include \"afmpeg_fonts.h\"\n",
        ),
        (
            "vf_drawtext.c",
            "    if (!s->fontfile && !CONFIG_LIBFONTCONFIG) {\n        \
             av_log(ctx, AV_LOG_ERROR, \"No font filename provided\\n\");\n        \
             return AVERROR(EINVAL);\n    }\n",
            "    if (!s->fontfile)\n        s->fontfile = afmpeg_default_font(av_strdup);\n    \
             if (!s->fontfile) {\n        av_log(ctx, AV_LOG_ERROR, AFMPEG_NO_FONT);\n        \
             return AVERROR(ENOENT);\n    }\n",
        ),
        (
            "vf_subtitles.c",
            "#include <ass/ass.h>\n",
            "#include <ass/ass.h>\n#include \"afmpeg_fonts.h\"\n",
        ),
        (
            "vf_subtitles.c",
            "    ass_set_frame_size  (ass->renderer, inlink->w, inlink->h);\n",
            "    if (!afmpeg_ass_has_fonts(ass->library)) {\n        \
             av_log(ctx, AV_LOG_ERROR, AFMPEG_NO_FONT);\n        return AVERROR(ENOENT);\n    }\n    \
             ass_set_frame_size  (ass->renderer, inlink->w, inlink->h);\n",
        ),
    ];
    for (file, from, to) in edits {
        replace_once(&tree.join("libavfilter").join(file), from, to)?;
    }
    Ok(())
}

/// Configure drops what lacks a dependency without a word; here it is an error with a name.
fn check(step: &Step, tree: &Path, variant: Variant, components: &[Component]) -> Result<()> {
    let read = |name: &str| {
        let path = tree.join(name);
        fs::read_to_string(&path).map_err(Failure::io("read", &path))
    };
    let header = read("config_components.h")?;
    let dropped: Vec<_> = components
        .iter()
        .filter(|component| value(&header, &component.macro_name()) != Some("1"))
        .map(|component| format!("the {} `{}`", component.kind, component.configure_name))
        .collect();
    if !dropped.is_empty() {
        return Err(step.failed("./configure", &format!("it dropped {}", dropped.join(", "))));
    }
    let config = read("config.h")?;
    let gpl = if variant == Variant::Gpl { "1" } else { "0" };
    let wanted = [
        ("CONFIG_GPL", gpl),
        ("CONFIG_NONFREE", "0"),
        ("CONFIG_VERSION3", "0"),
    ];
    for (name, wanted) in wanted {
        if value(&config, name) != Some(wanted) {
            return Err(step.failed(
                "./configure",
                &format!("{name} is not {wanted}: not a build of the variant `{variant}`"),
            ));
        }
    }
    Ok(())
}

/// What configure guesses wrong, and the optimisation of containers, which are no hot loops.
fn finish(site: &Site<'_>, tree: &Path) -> Result<()> {
    let config = tree.join("config.h");
    for (names, from, to) in [
        (site.target.fast(), "0", "1"),
        (site.target.absent(), "1", "0"),
    ] {
        for name in names {
            let text = fs::read_to_string(&config).map_err(Failure::io("read", &config))?;
            if value(&text, name) != Some(to) {
                let (from, to) = (
                    format!("#define {name} {from}"),
                    format!("#define {name} {to}"),
                );
                replace_once(&config, &from, &to)?;
            }
        }
    }
    let rules = tree.join("ffbuild/config.mak");
    let mut text = fs::read_to_string(&rules).map_err(Failure::io("read", &rules))?;
    for (library, optimise) in [
        ("libavformat", flags::OPTIMISE_CONTAINERS),
        ("libavfilter", "-Os"),
        ("libavcodec", "-Oz"),
    ] {
        text.push_str(&format!("{library}/%.o: CFLAGS += {optimise}\n"));
    }
    // Of the patterns that fit, make takes the longer ones last.
    for stem in FAST {
        text.push_str(&format!("{stem}%.o: CFLAGS += {}\n", flags::OPTIMISE));
    }
    fs::write(&rules, text).map_err(Failure::io("write", &rules))
}

/// What lean has, too, and much time is spent in: as fast here as there. Everything else is seven of ten parts of the
/// codecs, and would be half as large again.
const FAST: [&str; 42] = [
    "libavcodec/aac",
    "libavcodec/alac",
    "libavcodec/blockdsp",
    "libavcodec/cabac",
    "libavcodec/dct32",
    "libavcodec/faan",
    "libavcodec/fdctdsp",
    "libavcodec/flac",
    "libavcodec/gif",
    "libavcodec/h26",
    "libavcodec/hevc/",
    "libavcodec/hpeldsp",
    "libavcodec/idctdsp",
    "libavcodec/imgconvert",
    "libavcodec/jfdct",
    "libavcodec/jrevdct",
    "libavcodec/lossless_video",
    "libavcodec/lpc",
    "libavcodec/lzw",
    "libavcodec/me_cmp",
    "libavcodec/mjpeg",
    "libavcodec/motion_est",
    "libavcodec/mpegaudio",
    "libavcodec/mpegvideo",
    "libavcodec/opus/",
    "libavcodec/pcm",
    "libavcodec/pixblockdsp",
    "libavcodec/png",
    "libavcodec/psymodel",
    "libavcodec/raw",
    "libavcodec/sbrdsp",
    "libavcodec/simple_idct",
    "libavcodec/videodsp",
    "libavcodec/vorbis",
    "libavcodec/vp8",
    "libavcodec/vp9",
    "libavcodec/webp",
    "libavfilter/af_a",
    "libavfilter/framesync",
    "libavfilter/vf_overlay",
    "libavfilter/vf_scale",
    "libavfilter/vf_xfade",
];

/// What a header defines a name as.
fn value<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.lines().find_map(|line| {
        line.strip_prefix("#define ")?
            .strip_prefix(name)?
            .strip_prefix(' ')
    })
}
