//! Configures and compiles FFmpeg's libraries in `ffmpeg/` of the build directory.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::aac;
use super::codecs::Site;
use super::components::Component;
use super::demuxers;
use super::edit::replace_once;
use super::flags;
use super::hooks;
use super::target::{Language, Target};
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::step::Step;

/// The libraries in the order in which a linker wants them: users before the used.
pub(super) const LIBRARIES: [&str; 7] = [
    "avdevice",
    "avfilter",
    "avformat",
    "avcodec",
    "swresample",
    "swscale",
    "avutil",
];

/// The file in the build directory that keeps the configure line for the provenance record.
pub(super) const CONFIGURE_LINE: &str = "configure-line.txt";

const MEND: &str = "read the log (configure's own is \
                    target/engine/build/scratch/libraries/ffmpeg/ffbuild/config.log); if a \
                    component cannot be built, take it off the list in engine/components. \
                    `rm -r target/engine` starts over";

/// The arguments of configure. All paths are relative: they end up in the engine as its build
/// configuration.
pub(super) fn configure_args(target: Target, components: &[Component]) -> Vec<String> {
    let (cc, cxx) = (target.compiler(Language::C), target.compiler(Language::Cpp));
    let (arch, os) = target.arch_and_os();
    let mut args = vec![
        "--enable-cross-compile".to_owned(),
        format!("--arch={arch}"),
        format!("--target-os={os}"),
        format!("--cc={cc}"),
        format!("--cxx={cxx}"),
        format!("--ld={cxx}"),
        // Archives and packages are the same for every target.
        "--ar=wasi-ar".to_owned(),
        "--ranlib=wasi-ranlib".to_owned(),
        "--pkg-config=wasi-pkg-config".to_owned(),
        "--pkg-config-flags=--static".to_owned(),
        // Nothing is built for the host; configure only wants to see that its compiler compiles.
        format!("--host-cc={cc}"),
    ];
    args.extend(CONFIGURE.map(str::to_owned));
    let optimise = [&[flags::OPTIMISE], target.vectors()].concat();
    args.push(format!("--optflags={}", optimise.join(" ")));
    let mut cflags = format!("{} -I../prefix/include", target.common().join(" "));
    if target.has_shims() {
        cflags.push_str(" -include afmpeg_wasi.h");
    }
    args.push(format!("--extra-cflags={cflags}"));
    // zig makes its C library once for each set of these: with the set that links the engine, only
    // that one.
    let strip = if target == Target::Wasi {
        "-Wl,--strip-all"
    } else {
        "-s"
    };
    let linked = [flags::OPTIMISE, "-g0", "-fno-sanitize=undefined", strip].join(" ");
    args.push(format!("--extra-ldflags={linked} -L../prefix/lib"));
    args.push(format!("--extra-libs={}", target.libraries().join(" ")));
    for component in components {
        let arg = format!("--enable-{}={}", component.kind, component.configure_name);
        if !args.contains(&arg) {
            args.push(arg);
        }
    }
    args
}

const CONFIGURE: [&str; 18] = [
    // Archives need no listing and the linker strips.
    "--nm=true",
    "--strip=true",
    "--disable-everything",
    "--disable-autodetect",
    "--disable-programs",
    "--disable-doc",
    "--disable-debug",
    "--disable-network",
    "--disable-pthreads",
    "--disable-w32threads",
    "--disable-os2threads",
    "--disable-runtime-cpudetect",
    "--disable-asm",
    "--disable-stripping",
    // The lavfi input is a device to configure.
    "--enable-avdevice",
    "--enable-iconv",
    "--enable-zlib",
    "--enable-libopenh264",
];

/// Configures, and checks that nothing of the list was dropped and the licence is what the variant
/// promises.
pub(super) fn configure(site: &Site<'_>, version: &str, components: &[Component]) -> Result<()> {
    let step = Step::start("configure", &site.layout.logs(), MEND)?;
    let progress = Progress::start("configure", None);
    let tree = site.build.join("ffmpeg");
    if site.target.has_shims() {
        let shim = site.layout.shims().join("ffmpeg").join("afmpeg_wasi.h");
        let included = site.build.join("prefix/include/afmpeg_wasi.h");
        fs::copy(&shim, &included).map_err(Failure::io("copy", &shim))?;
    }
    // See the same call in `codecs::openh264`.
    replace_once(
        &tree.join("libavcodec/libopenh264enc.c"),
        "ForceIntraFrame(s->encoder, true)",
        "ForceIntraFrame(s->encoder, true, -1)",
    )?;
    // The heap knows which of its memory is zero; what is not written costs the host no page.
    replace_once(
        &tree.join("libavutil/mem.c"),
        "void *ptr = av_malloc(size);\n    if (ptr)\n        memset(ptr, 0, size);\n    return ptr;",
        "if (size > atomic_load_explicit(&max_alloc_size, memory_order_relaxed))\n        return NULL;\n    return calloc(1, size ? size : 1);",
    )?;
    demuxers::change(&tree)?;
    aac::add_hooks(&tree)?;
    hooks::ffmpeg(site)?;
    // Without this file FFmpeg asks git, which answers for the repository that the build directory
    // is in.
    let version_file = tree.join("VERSION");
    fs::write(&version_file, version).map_err(Failure::io("write", &version_file))?;
    let temporary = tree.join("tmp");
    fs::create_dir_all(&temporary).map_err(Failure::io("create", &temporary))?;
    let args = configure_args(site.target, components);
    let mut command = site.command("sh")?;
    // A relative directory for its tests: it cannot handle one with a space in its path.
    command
        .current_dir(&tree)
        .env("TMPDIR", "tmp")
        .arg("./configure")
        .args(&args);
    step.run(&mut command, |line| progress.say(line))?;
    check_configured(&step, &tree, components)?;
    optimise_containers(&tree)?;
    adapt(site.target, &tree)?;
    let line = site.build.join(CONFIGURE_LINE);
    let quoted: Vec<_> = args.iter().map(|arg| quote(arg)).collect();
    fs::write(&line, format!("./configure {}\n", quoted.join(" ")))
        .map_err(Failure::io("write", &line))?;
    progress.done();
    Ok(())
}

/// Compiles the libraries.
pub(super) fn make(site: &Site<'_>) -> Result<()> {
    let step = Step::start("ffmpeg", &site.layout.logs(), MEND)?;
    let tree = site.build.join("ffmpeg");
    let make = |args: &[&str]| -> Result<Command> {
        let mut command = site.command("make")?;
        command.current_dir(&tree).args(args);
        Ok(command)
    };
    let mut objects = 0;
    step.run(&mut make(&["-n"])?, |line| {
        objects += u64::from(line.contains(" -c -o "))
    })?;
    let progress = Progress::start("ffmpeg", Some(objects));
    step.run(&mut make(&[&format!("-j{}", site.jobs)])?, |line| {
        if line.starts_with("CC\t") {
            progress.advance(1);
        }
    })?;
    progress.done();
    Ok(())
}

/// Configure drops what lacks a dependency without a word; here it is an error with a name.
fn check_configured(step: &Step, tree: &Path, components: &[Component]) -> Result<()> {
    let read = |name: &str| {
        let path = tree.join(name);
        fs::read_to_string(&path).map_err(Failure::io("read", &path))
    };
    let dropped = dropped(&read("config_components.h")?, components);
    if !dropped.is_empty() {
        return Err(step.failed("./configure", &format!("it dropped {}", dropped.join(", "))));
    }
    let config = read("config.h")?;
    for forbidden in ["CONFIG_GPL", "CONFIG_NONFREE", "CONFIG_VERSION3"] {
        if defined_as(&config, forbidden) != Some("0") {
            return Err(step.failed(
                "./configure",
                &format!("{forbidden} is not 0: not the LGPL 2.1 build"),
            ));
        }
    }
    Ok(())
}

fn dropped(config_components: &str, components: &[Component]) -> Vec<String> {
    let missing = components
        .iter()
        .filter(|c| defined_as(config_components, &c.macro_name()) != Some("1"));
    missing
        .map(|component| format!("the {} `{}`", component.kind, component.configure_name))
        .collect()
}

fn defined_as<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.lines().find_map(|line| {
        line.strip_prefix("#define ")?
            .strip_prefix(name)?
            .strip_prefix(' ')
    })
}

/// Containers are no hot loops, and are a tenth of the engine.
fn optimise_containers(tree: &Path) -> Result<()> {
    let rules = tree.join("ffbuild/config.mak");
    let mut text = fs::read_to_string(&rules).map_err(Failure::io("read", &rules))?;
    text.push_str(&format!(
        "libavformat/%.o: CFLAGS += {}\n",
        flags::OPTIMISE_CONTAINERS
    ));
    fs::write(&rules, text).map_err(Failure::io("write", &rules))
}

/// What configure guesses wrong.
fn adapt(target: Target, tree: &Path) -> Result<()> {
    let config = tree.join("config.h");
    for fast in target.fast() {
        replace_once(
            &config,
            &format!("#define {fast} 0"),
            &format!("#define {fast} 1"),
        )?;
    }
    let text = fs::read_to_string(&config).map_err(Failure::io("read", &config))?;
    for absent in target.absent() {
        if defined_as(&text, absent) != Some("0") {
            replace_once(
                &config,
                &format!("#define {absent} 1"),
                &format!("#define {absent} 0"),
            )?;
        }
    }
    Ok(())
}

fn quote(arg: &str) -> String {
    if arg.contains(' ') {
        format!("'{arg}'")
    } else {
        arg.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::components::parse;
    use super::*;

    #[test]
    fn a_component_that_configure_dropped_is_named() {
        let list =
            parse("[encoder]\npng\nlibopenh264\n[muxer]\ns16le pcm_s16le\n").expect("it is right");
        let header = "#define CONFIG_PNG_ENCODER 1\n#define CONFIG_LIBOPENH264_ENCODER 0\n";
        assert_eq!(
            dropped(header, &list),
            ["the encoder `libopenh264`", "the muxer `pcm_s16le`"]
        );
    }

    #[test]
    fn configure_is_asked_for_each_component_once_and_never_for_another_licence() {
        let list = parse("[demuxer]\nmatroska\nwebm matroska\n[muxer]\ns16le pcm_s16le\n")
            .expect("it is right");
        let args = configure_args(Target::Wasi, &list);
        assert_eq!(
            args.iter()
                .filter(|arg| *arg == "--enable-demuxer=matroska")
                .count(),
            1
        );
        assert!(args.contains(&"--enable-muxer=pcm_s16le".to_owned()));
        for forbidden in ["gpl", "nonfree", "version3"] {
            assert!(
                !args.iter().any(|arg| arg.contains(forbidden)),
                "{forbidden}"
            );
        }
    }
}
