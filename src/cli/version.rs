//! `afmpeg --version`: the command, and the engine when one is found.

use afmpeg::{Engine, EngineInfo, Runtime};

use super::args::Global;
use super::locate;
use super::report;
use super::status::{Failure, chain};
use super::text::one_line;

/// Prints the versions. A missing engine is said, and is no failure.
pub(crate) fn version(global: &Global) -> Result<(), Failure> {
    let mut text = format!("afmpeg {}\n", env!("CARGO_PKG_VERSION"));
    match locate::engine(global.engine.as_deref()) {
        Err(failure) if global.engine.is_some() => return Err(failure),
        Err(_) => text.push_str("engine: none found\n"),
        Ok(path) => {
            let info = Engine::open(&path).and_then(Runtime::new).map(|runtime| {
                runtime
                    .engine_info()
                    .map_or_else(|| "not an ffmpeg engine".into(), describe)
            });
            let info = info.unwrap_or_else(|error| format!("cannot be used: {}", chain(&error)));
            text.push_str(&format!(
                "engine: {} ({})\n",
                info,
                one_line(&path.display().to_string())
            ));
        }
    }
    report::print(&text)
}

/// "FFmpeg n9.0.2, lean, lgpl, vocabulary 10".
pub(crate) fn describe(info: &EngineInfo) -> String {
    let mut parts = Vec::new();
    parts.extend(
        info.ffmpeg_version
            .as_deref()
            .map(|version| format!("FFmpeg {}", one_line(version))),
    );
    parts.extend(
        info.profile
            .as_deref()
            .map(|profile| one_line(profile).into_owned()),
    );
    parts.extend(
        info.variant
            .as_deref()
            .map(|variant| one_line(variant).into_owned()),
    );
    parts.push(format!("vocabulary {}", info.vocab_version));
    parts.join(", ")
}
