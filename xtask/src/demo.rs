//! `cargo xtask demo [FILE]`: set-up, then the main job on real input, then what came out.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use comfy_table::{CellAlignment, Table, presets};
use serde_json::{Value, json};

use crate::command;
use crate::engine;
use crate::failure::{Failure, Result};
use crate::lift::pack;
use crate::workspace::Workspace;

/// The options of `cargo xtask demo`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A media file with video [default: a clip made from test sources]
    file: Option<PathBuf>,
    /// Run the engine as code that was lifted to Rust, which takes minutes to build once
    #[arg(long)]
    fast: bool,
}

/// Runs the command: transcodes, extracts a thumbnail, shows what came out.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let start = Instant::now();
    if let Some(file) = options.file.as_ref().filter(|file| !file.is_file()) {
        return Err(Failure::new(format!("{} is not a file", file.display())));
    }
    let engine = engine::ensure(workspace)?;
    let program = if options.fast {
        command::build_fast_cli(workspace, &pack::ensure(workspace)?)?
    } else {
        command::build_cli(workspace)?
    };
    let afmpeg = Afmpeg {
        program,
        engine,
        is_inside: options.fast,
    };
    let set_up = start.elapsed();
    let dir = workspace.target().join("demo");
    std::fs::create_dir_all(&dir).map_err(Failure::io("create", &dir))?;

    let mut rows = Vec::new();
    let input = match &options.file {
        Some(file) => file.clone(),
        None => make_clip(&afmpeg, &dir, &mut rows)?,
    };
    let probed = afmpeg.probe(&input)?;
    if stream(&probed, "video").is_none() {
        return Err(
            Failure::new(format!("{} has no video to scale", input.display()))
                .mend("name a file with video, or none"),
        );
    }

    let scaled = dir.join("scaled.mp4");
    let transcode = timed(|| afmpeg.transcode(&input, &probed, &scaled))?;
    let thumbnail = dir.join("thumbnail.png");
    let extract = timed(|| afmpeg.thumbnail(&scaled, &thumbnail))?;

    if rows.is_empty() {
        rows.push(Row {
            role: "input",
            file: probed,
            wall: None,
        });
    }
    rows.push(Row {
        role: "transcoded",
        file: afmpeg.probe(&scaled)?,
        wall: Some(transcode),
    });
    rows.push(Row {
        role: "thumbnail",
        file: afmpeg.probe(&thumbnail)?,
        wall: Some(extract),
    });
    println!("\n{}\n", table(workspace, &rows).trim_fmt());
    println!(
        "decoded, scaled and encoded by FFmpeg in the sandbox, in memory; saved in {}",
        workspace.short(&dir)
    );
    println!(
        "set-up {:.1} s, in all {:.1} s",
        set_up.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// The built command with the built engine.
struct Afmpeg {
    program: PathBuf,
    engine: PathBuf,
    /// Whether the command has the engine inside and is not told where it is.
    is_inside: bool,
}

impl Afmpeg {
    fn json(&self, args: Vec<OsString>) -> Result<Value> {
        let mut all: Vec<OsString> = Vec::new();
        if !self.is_inside {
            all.extend(["--engine".into(), self.engine.clone().into()]);
        }
        all.extend(args);
        command::json(&self.program, &all)
    }

    fn probe(&self, file: &Path) -> Result<Value> {
        let mut report = self.json(vec!["probe".into(), "--json".into(), file.into()])?;
        Ok(report["inputs"][0].take())
    }

    /// Half the width, H.264 and AAC in MP4.
    fn transcode(&self, input: &Path, probed: &Value, output: &Path) -> Result<Value> {
        let words = [
            "--json",
            "--video-codec",
            "libopenh264",
            "--audio-codec",
            "aac",
            "--filter",
            // Even numbers, as 4:2:0 wants them, and never larger than the input.
            "scale=w=trunc(iw/4)*2:h=-2",
            "--video-option",
            "b=600k",
        ];
        let mut args: Vec<OsString> = vec!["convert".into(), input.into(), output.into()];
        let silent = stream(probed, "audio").is_none();
        let skip = |word: &&str| silent && matches!(*word, "--audio-codec" | "aac");
        args.extend(words.iter().filter(|word| !skip(word)).map(OsString::from));
        self.json(args)
    }

    fn thumbnail(&self, input: &Path, output: &Path) -> Result<Value> {
        let words = ["--thumbnail", "--json"].map(OsString::from);
        let mut args: Vec<OsString> = vec!["frames".into(), input.into(), output.into()];
        args.extend(words);
        self.json(args)
    }
}

/// A clip from the engine's own sources; made once for each engine.
fn make_clip(afmpeg: &Afmpeg, dir: &Path, rows: &mut Vec<Row>) -> Result<PathBuf> {
    let clip = dir.join("clip.mp4");
    if newer(&clip, &afmpeg.engine) {
        println!("reusing {}", clip.display());
        return Ok(clip);
    }
    let spec = json!({
        "version": 10,
        "op": "process",
        "progress": true,
        "inputs": [
            {"path": "testsrc2=size=640x360:rate=25:duration=5", "format": "lavfi"},
            {"path": "sine=frequency=440:beep_factor=4:sample_rate=48000:duration=5", "format": "lavfi"},
        ],
        "filter": "[0:v]format=yuv420p[v];[1:a]anull[a]",
        "outputs": [{
            "path": "/clip.mp4",
            "map": ["[v]", "[a]"],
            "video_codec": "libopenh264",
            "audio_codec": "aac",
            "video_options": {"b": "1500k", "g": "50"},
            "audio_options": {"b": "128k"},
        }],
    });
    let path = dir.join("clip.json");
    std::fs::write(&path, format!("{spec:#}\n")).map_err(Failure::io("write", &path))?;
    let mut out = OsString::from("/clip.mp4::");
    out.push(&clip);
    let wall = timed(|| afmpeg.json(vec!["job".into(), path.into(), "--out".into(), out]))?;
    rows.push(Row {
        role: "made here",
        file: afmpeg.probe(&clip)?,
        wall: Some(wall),
    });
    Ok(clip)
}

/// Whether `file` exists and is younger than `than`.
fn newer(file: &Path, than: &Path) -> bool {
    let time = |path: &Path| {
        path.metadata()
            .and_then(|metadata| metadata.modified())
            .ok()
    };
    matches!((time(file), time(than)), (Some(file), Some(than)) if file > than)
}

fn timed(work: impl FnOnce() -> Result<Value>) -> Result<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

/// One file of the demo: its probe, and how long it took to make.
struct Row {
    role: &'static str,
    file: Value,
    wall: Option<Duration>,
}

fn table(workspace: &Workspace, rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", "file", "streams", "duration", "size", "wall time"]);
    for Row { role, file, wall } in rows {
        let streams: Vec<String> = file["streams"]
            .as_array()
            .map(|streams| streams.iter().map(describe).collect())
            .unwrap_or_default();
        let seconds = |value: Option<f64>| value.map(|s| format!("{s:.2} s")).unwrap_or_default();
        let path = Path::new(file["path"].as_str().unwrap_or_default());
        table.add_row([
            (*role).to_owned(),
            workspace.short(path).to_string(),
            streams.join("\n"),
            seconds(file["duration"].as_f64()),
            file["size"]
                .as_u64()
                .map(|size| format!("{} kB", size.div_ceil(1000)))
                .unwrap_or_default(),
            seconds(wall.map(|wall| wall.as_secs_f64())),
        ]);
    }
    for right in [3, 4, 5] {
        if let Some(column) = table.column_mut(right) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// "h264 640x360 25/1 fps" or "aac 48000 Hz mono". Text from media is reduced to plain characters.
fn describe(stream: &Value) -> String {
    let mut parts = vec![plain(&stream["codec"])];
    if let (Some(width), Some(height)) = (stream["width"].as_u64(), stream["height"].as_u64()) {
        parts.push(format!("{width}x{height}"));
    }
    if stream["type"] == "video" && stream["avg_frame_rate"].is_string() {
        parts.push(format!(
            "{} fps",
            plain(&stream["avg_frame_rate"]).trim_end_matches("/1")
        ));
    }
    if let Some(rate) = stream["sample_rate"].as_u64() {
        parts.push(format!("{rate} Hz {}", plain(&stream["channel_layout"])));
    }
    parts.join(" ")
}

fn plain(value: &Value) -> String {
    let text = value.as_str().unwrap_or("?");
    text.chars()
        .filter(|c| c.is_ascii_graphic())
        .take(40)
        .collect()
}

fn stream<'a>(probe: &'a Value, kind: &str) -> Option<&'a Value> {
    probe["streams"]
        .as_array()?
        .iter()
        .find(|stream| stream["type"] == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_described_without_escapes() {
        let video = json!({"type": "video", "codec": "h264\u{1b}[2J", "width": 640, "height": 360,
                           "avg_frame_rate": "25/1"});
        assert_eq!(describe(&video), "h264[2J 640x360 25 fps");
        let audio = json!({"type": "audio", "codec": "aac", "sample_rate": 48000,
                           "channel_layout": "mono"});
        assert_eq!(describe(&audio), "aac 48000 Hz mono");
    }

    #[test]
    fn a_missing_file_is_not_newer() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(!newer(Path::new("no/such/file"), &here));
        assert!(!newer(&here, &here));
    }
}
