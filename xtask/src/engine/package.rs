//! Puts a linked engine together with its companions: gzip, provenance, licence texts, where its source is.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::driver::{KERNELS, VOCABULARY};
use super::inspect::Report;
use super::layout::Layout;
use super::pins::Pins;
use super::{Profile, Variant, ffmpeg, flags};
use crate::digest;
use crate::failure::{Failure, Result};

/// What the record says beside what the files themselves tell.
pub(super) struct Facts<'a> {
    pub(super) profile: Profile,
    pub(super) variant: Variant,
    pub(super) pins: &'a Pins,
    pub(super) key: &'a str,
    pub(super) report: &'a Report,
    /// What the link was told beside [`flags::LINK`].
    pub(super) link: &'a [String],
}

/// Fills `directory` around the engine that is linked in it. `build` has the libraries' sources.
pub(super) fn write(
    layout: &Layout,
    facts: &Facts<'_>,
    build: &Path,
    directory: &Path,
) -> Result<()> {
    let name = layout.artifact_name();
    let engine = directory.join(format!("{name}.wasm"));
    let module = fs::read(&engine).map_err(Failure::io("read", &engine))?;
    let packed = directory.join(format!("{name}.wasm.gz"));
    gzip(&module, &packed).map_err(Failure::io("write", &packed))?;
    let toolchain = layout.toolchain_dir(facts.pins)?.join("ziglang");
    let of_sources = LICENCES.iter().map(|(from, to)| (build.join(from), to));
    let of_toolchain = TOOLCHAIN_LICENCES
        .iter()
        .map(|(from, to)| (toolchain.join(from), to));
    for (from, to) in of_sources.chain(of_toolchain) {
        let to = directory.join("licenses").join(to);
        let parent = to.parent().unwrap_or(&to);
        fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
        fs::copy(&from, &to).map_err(Failure::io("copy", &from))?;
    }
    let line = build.join(ffmpeg::CONFIGURE_LINE);
    let configure = fs::read_to_string(&line).map_err(Failure::io("read", &line))?;
    let gz_size = fs::metadata(&packed)
        .map_err(Failure::io("read", &packed))?
        .len();
    let record = record(
        facts,
        configure.trim_end(),
        module.len() as u64,
        gz_size,
        &digest::file(&engine)?,
    );
    for (extension, text) in [
        ("provenance.json", format!("{record:#}\n")),
        ("source.txt", source_offer(&name, &record)),
    ] {
        let path = directory.join(format!("{name}.{extension}"));
        fs::write(&path, text).map_err(Failure::io("write", &path))?;
    }
    Ok(())
}

/// What has to go with each copy of the engine under its licence: where the source is that it was made from.
fn source_offer(name: &str, record: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (licence, sha256, key) = (
        word(&record["licence"]),
        word(&record["engine"]["sha256"]),
        word(&record["key"]),
    );
    let mut text = format!(
        "The source of {name}.wasm\n\n\
         {name}.wasm (SHA-256 {sha256})\n\
         is a work under the licence {licence}; the texts of the licences of its parts are in licenses/. Its complete\n\
         source is the repository of afmpeg at the commit whose build has the key {key},\n\
         which has our part and the recipe with every change to the parts of others, and the following sources, as their\n\
         projects published them. `cargo xtask engine` fetches them, checks their digests and makes the same bytes.\n\
         Whoever passes the engine on gives these sources along, or offers them in writing for three years to everyone\n\
         who asks, at no more than the cost of sending them; this file is meant to be that offer's list.\n"
    );
    let toolchain = &record["toolchain"];
    text.push_str(&format!(
        "\nThe C library (wasi-libc, with parts of musl and cloudlibc) and the compiler's runtime are linked from the package\n\
         {} {} (SHA-256 {}), which has their source.\n",
        word(&toolchain["package"]),
        word(&toolchain["version"]),
        word(&toolchain["sha256"]),
    ));
    for (source, facts) in record["sources"].as_object().into_iter().flatten() {
        text.push_str(&format!("\n{source}\n"));
        for (fact, value) in facts.as_object().into_iter().flatten() {
            text.push_str(&format!("    {fact}: {}\n", word(value)));
        }
    }
    text
}

/// Makes the files of a cached engine available under their stable names, each one whole at any
/// moment.
pub(super) fn publish(layout: &Layout, cached: &Path) -> Result<()> {
    // The record comes last: `is_published` trusts the others only when it fits.
    let name = layout.artifact_name();
    let mut files: Vec<PathBuf> = licence_names()
        .map(|to| Path::new("licenses").join(to))
        .collect();
    files.extend(
        ["wasm.gz", "wasm", "source.txt", "provenance.json"]
            .map(|ext| PathBuf::from(format!("{name}.{ext}"))),
    );
    let scratch = layout.scratch();
    fs::create_dir_all(&scratch).map_err(Failure::io("create", &scratch))?;
    for file in files {
        let (from, to) = (cached.join(&file), layout.out().join(&file));
        let parent = to.parent().unwrap_or(&to);
        fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
        let partial = scratch.join("publish");
        fs::copy(&from, &partial).map_err(Failure::io("copy", &from))?;
        fs::rename(&partial, &to).map_err(Failure::io("replace", &to))?;
    }
    Ok(())
}

/// Whether the engine of this key is in place under its stable name, unharmed, with its companions.
pub(super) fn is_published(layout: &Layout, key: &str) -> bool {
    let path = |ext: &str| {
        layout
            .out()
            .join(format!("{}.{ext}", layout.artifact_name()))
    };
    let Ok(record) = fs::read(path("provenance.json")) else {
        return false;
    };
    let Ok(record) = serde_json::from_slice::<Value>(&record) else {
        return false;
    };
    let Ok(found) = digest::file(&path("wasm")) else {
        return false;
    };
    record["key"] == key
        && record["engine"]["sha256"] == found
        && fs::metadata(path("wasm.gz"))
            .is_ok_and(|file| record["engine"]["gzip_size"] == file.len())
        && path("source.txt").is_file()
        && licence_names().all(|to| layout.out().join("licenses").join(to).is_file())
}

/// Licence texts: where a source has it, and its name beside the engine.
const LICENCES: [(&str, &str); 3] = [
    ("ffmpeg/COPYING.LGPLv2.1", "FFmpeg.COPYING.LGPLv2.1"),
    ("openh264/LICENSE", "openh264.LICENSE"),
    ("zlib/LICENSE", "zlib.LICENSE"),
];

/// The same for what is linked from the compiler's package: wasi-libc, of whose licences the MIT licence is taken, and the
/// runtime, which is the compiler's own.
const TOOLCHAIN_LICENCES: [(&str, &str); 5] = [
    ("LICENSE", "zig.LICENSE"),
    ("lib/libc/wasi/LICENSE", "wasi-libc.LICENSE"),
    ("lib/libc/wasi/LICENSE-MIT", "wasi-libc.LICENSE-MIT"),
    (
        "lib/libc/wasi/libc-bottom-half/cloudlibc/LICENSE",
        "cloudlibc.LICENSE",
    ),
    ("lib/libc/musl/COPYRIGHT", "musl.COPYRIGHT"),
];

fn licence_names() -> impl Iterator<Item = &'static str> {
    let all = LICENCES.iter().chain(&TOOLCHAIN_LICENCES);
    all.map(|(_, name)| *name)
}

fn gzip(module: &[u8], path: &Path) -> std::io::Result<()> {
    // No name and no time in the header: equal modules give equal files.
    let mut encoder = GzEncoder::new(File::create(path)?, Compression::best());
    encoder.write_all(module)?;
    encoder.finish()?.sync_all()
}

fn record(facts: &Facts<'_>, configure: &str, size: u64, gzip_size: u64, sha256: &str) -> Value {
    let sources: serde_json::Map<_, _> = facts
        .pins
        .sources()
        .into_iter()
        .map(|(name, source)| {
            let entry = json!({
                "version": source.version,
                "licence": source.licence,
                "crate": source.package,
                "path": source.path,
                "sha256": source.sha256,
            });
            (name.to_owned(), entry)
        })
        .collect();
    let toolchain = &facts.pins.toolchain;
    let driver_flags = [
        &[flags::OPTIMISE_DRIVER],
        &flags::NO_VECTORS[..],
        &flags::DRIVER[..],
    ]
    .concat();
    let beside = facts.link.iter().map(String::as_str);
    let link: Vec<_> = flags::LINK.into_iter().chain(beside).collect();
    json!({
        "profile": facts.profile.to_string(),
        "variant": facts.variant.to_string(),
        "licence": facts.variant.licence(),
        "vocabulary": VOCABULARY,
        "kernel_abi": KERNELS,
        "engine": { "sha256": sha256, "size": size, "gzip_size": gzip_size },
        "imports": facts.report.imports,
        "sources": sources,
        "toolchain": {
            "package": toolchain.package,
            "version": toolchain.version,
            "sha256": facts.pins.wheel().map(|wheel| wheel.sha256.as_str()).unwrap_or_default(),
            "target": "wasm32-wasi",
        },
        "flags": {
            "common": flags::COMMON,
            "libraries": [flags::OPTIMISE, flags::NO_VECTORS[0], flags::NO_VECTORS[1]],
            "containers": [flags::OPTIMISE_CONTAINERS],
            "cpp": flags::CPP,
            "driver": driver_flags,
            "link": link,
        },
        "configure": configure,
        "key": facts.key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_names_the_engine_and_each_source_with_its_digest() {
        let record = json!({
            "licence": "LGPL-2.1-or-later",
            "engine": { "sha256": "e0e0" },
            "key": "4b4b",
            "sources": {
                "ffmpeg": { "version": "9.0.2", "sha256": "f0f0" },
                "zlib": { "version": "1.3", "sha256": "2121" },
            },
            "toolchain": { "package": "some-compiler", "version": "1.2", "sha256": "2c2c" },
        });
        let text = source_offer("some-engine", &record);
        for part in [
            "some-engine.wasm",
            "LGPL-2.1-or-later",
            "e0e0",
            "4b4b",
            "ffmpeg\n",
            "f0f0",
            "zlib\n",
            "2121",
            "some-compiler 1.2",
            "2c2c",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}
