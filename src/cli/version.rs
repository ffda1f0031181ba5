//! `afmpeg --version`: the command, and the engine when one is found.

use afmpeg::{EngineInfo, Mode};
use serde_json::json;

use super::args::Global;
use super::report;
use super::session::{self, Opened};
use super::status::Failure;
use super::text::one_line;

/// Prints the versions. A missing engine is said, and is no failure.
pub(crate) fn version(global: &Global) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!("afmpeg {version}\n");
    let mut document = json!({"afmpeg": version, "engine": null, "mode": null, "from": null});
    match session::opened(global) {
        Err(failure) if global.engine.is_some() || global.mode != Mode::Auto => {
            return Err(failure);
        }
        Err(_) => text.push_str("engine: none found\n"),
        Ok(Opened { runtime, name }) => {
            let info = runtime
                .engine_info()
                .map_or_else(|| "not an ffmpeg engine".into(), describe);
            let mode = runtime.mode();
            document["engine"] = json!(runtime.engine_info());
            document["mode"] = mode.to_string().into();
            document["from"] = name.as_str().into();
            text.push_str(&format!("engine: {info} ({})\n", one_line(&name)));
            text.push_str(&format!("mode: {mode}\n"));
        }
    }
    if global.json {
        return report::json(&document);
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
