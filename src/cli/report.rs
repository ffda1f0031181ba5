//! Reports for people and for programs.

use afmpeg::{MediaTime, ProbeReport, ProcessReport, StreamInfo};
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use serde_json::Value;

use super::args::Global;
use super::save::Saved;
use super::stage::Stage;
use super::status::{self, Failure};
use super::text::{self, one_line};

/// Prints a value as JSON, safe for terminals.
///
/// # Errors
///
/// When standard output is closed or the value cannot be written as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let document = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::failed(format!("cannot write the report: {error}")))?;
    print(&format!("{}\n", text::json(&document)))
}

/// Prints a value as JSON on one line, safe for terminals.
///
/// # Errors
///
/// As [`json`].
pub(crate) fn json_line(value: &Value) -> Result<(), Failure> {
    print(&format!("{}\n", text::json(&value.to_string())))
}

/// Writes to standard output. A reader that has seen enough is not an error.
///
/// # Errors
///
/// When standard output fails otherwise.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write as _};
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::failed(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// What a conversion made.
///
/// # Errors
///
/// As [`json`].
pub(crate) fn processed(
    global: &Global,
    stage: &Stage,
    report: &ProcessReport,
    saved: &[Saved],
) -> Result<(), Failure> {
    if global.json {
        return renamed(stage, report);
    }
    for warning in &report.warnings {
        status::warn(warning);
    }
    if global.quiet {
        return Ok(());
    }
    let mut page = saved_lines(saved);
    let mut table = table(&[
        "#", "type", "codec", "frames", "packets", "bytes", "duration",
    ]);
    for stream in report.outputs.iter().flat_map(|output| &output.streams) {
        let codec = stream.codec.as_deref().unwrap_or("?");
        table.add_row([
            stream
                .index
                .map(|index| index.to_string())
                .unwrap_or_default(),
            one_line(&stream.kind).into_owned(),
            format!(
                "{}{}",
                one_line(codec),
                if stream.copied { " (copied)" } else { "" }
            ),
            stream
                .frames
                .map(|count| count.to_string())
                .unwrap_or_default(),
            stream
                .packets
                .map(|count| count.to_string())
                .unwrap_or_default(),
            stream.bytes.map(text::bytes).unwrap_or_default(),
            stream.duration.map(text::seconds).unwrap_or_default(),
        ]);
    }
    right(&mut table, &[3, 4, 5, 6]);
    page.push_str(&format!("{}\n", table.trim_fmt()));
    print(&page)
}

/// One line for each saved file; a long sequence is cut short.
pub(crate) fn saved_lines(saved: &[Saved]) -> String {
    const MOST: usize = 12;
    let mut page = String::new();
    for file in saved.iter().take(MOST) {
        let path = file.path.display().to_string();
        page.push_str(&format!(
            "{}  {}\n",
            one_line(&path),
            text::bytes(file.size)
        ));
    }
    if saved.len() > MOST {
        let rest: u64 = saved[MOST..].iter().map(|file| file.size).sum();
        page.push_str(&format!(
            "and {} more  {}\n",
            saved.len() - MOST,
            text::bytes(rest)
        ));
    }
    page
}

/// What is in a file, as a table of its streams.
pub(crate) fn probed(name: &str, report: &ProbeReport) -> String {
    let mut head = vec![one_line(&report.format).into_owned()];
    head.extend(report.duration.map(text::seconds));
    head.extend(report.bit_rate.map(bit_rate));
    head.extend(report.size.map(text::bytes));
    let mut page = format!("{}: {}\n", one_line(name), head.join(", "));
    for (key, value) in &report.tags {
        page.push_str(&format!("  {}: {}\n", one_line(key), one_line(value)));
    }
    let mut table = table(&[
        "#", "type", "codec", "details", "bit rate", "duration", "language",
    ]);
    for stream in &report.streams {
        table.add_row([
            stream.index.to_string(),
            one_line(&stream.kind).into_owned(),
            codec(stream),
            details(stream),
            stream.bit_rate.map(bit_rate).unwrap_or_default(),
            stream.duration.map(text::seconds).unwrap_or_default(),
            stream
                .language
                .as_deref()
                .map(|l| one_line(l).into_owned())
                .unwrap_or_default(),
        ]);
    }
    right(&mut table, &[4, 5]);
    page.push_str(&format!("{}\n", table.trim_fmt()));
    for (chapter, number) in report.chapters.iter().zip(1..) {
        let time = |at: Option<MediaTime>| at.map_or_else(|| "?".into(), text::seconds);
        page.push_str(&format!(
            "  chapter {number}: {} to {}  {}\n",
            time(chapter.start),
            time(chapter.end),
            one_line(chapter.title.as_deref().unwrap_or_default()),
        ));
    }
    page
}

/// Prints a report as JSON, with the names that the user knows.
///
/// # Errors
///
/// As [`json`].
pub(crate) fn renamed(stage: &Stage, report: &impl Serialize) -> Result<(), Failure> {
    let mut value = serde_json::to_value(report)
        .map_err(|error| Failure::failed(format!("cannot write the report: {error}")))?;
    rename(&mut value, &|guest| stage.host(guest));
    json(&value)
}

/// Replaces the guest paths of a report by what the user wrote.
pub(crate) fn rename(value: &mut Value, host: &impl Fn(&str) -> String) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                match field {
                    Value::String(path) if key == "path" || key == "track" => *path = host(path),
                    Value::Array(files) if key == "files" => {
                        for file in files {
                            if let Value::String(path) = file {
                                *path = host(path);
                            }
                        }
                    }
                    other => rename(other, host),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, host)),
        _ => {}
    }
}

/// A table without borders.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(header.iter().copied());
    table
}

/// Aligns columns of numbers.
pub(crate) fn right(table: &mut Table, columns: &[usize]) {
    for index in columns {
        if let Some(column) = table.column_mut(*index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

fn codec(stream: &StreamInfo) -> String {
    let codec = one_line(stream.codec.as_deref().unwrap_or("unknown")).into_owned();
    match &stream.profile {
        Some(profile) => format!("{codec} ({})", one_line(profile)),
        None => codec,
    }
}

/// "640x360 yuv420p 25 fps" or "48000 Hz stereo fltp".
fn details(stream: &StreamInfo) -> String {
    let mut parts = Vec::new();
    if let (Some(width), Some(height)) = (stream.width, stream.height) {
        parts.push(format!("{width}x{height}"));
    }
    parts.extend(
        stream
            .pix_fmt
            .as_deref()
            .map(|name| one_line(name).into_owned()),
    );
    if let Some(rate) = stream.avg_frame_rate.or(stream.frame_rate) {
        let number = format!("{:.3}", rate.as_f64());
        parts.push(format!(
            "{} fps",
            number.trim_end_matches('0').trim_end_matches('.')
        ));
    }
    if let Some(rotation) = stream.rotation.filter(|degrees| *degrees != 0.0) {
        parts.push(format!("rotated {rotation}°"));
    }
    parts.extend(stream.sample_rate.map(|rate| format!("{rate} Hz")));
    match (&stream.channel_layout, stream.channels) {
        (Some(layout), _) => parts.push(one_line(layout).into_owned()),
        (None, Some(count)) => parts.push(format!("{count} channels")),
        _ => {}
    }
    parts.extend(
        stream
            .sample_fmt
            .as_deref()
            .map(|name| one_line(name).into_owned()),
    );
    if stream.disposition.iter().any(|flag| flag == "attached_pic") {
        parts.push("cover art".into());
    }
    parts.join(" ")
}

fn bit_rate(bits: u64) -> String {
    if bits < 1_000_000 {
        format!("{:.0} kb/s", bits as f64 / 1e3)
    } else {
        format!("{:.2} Mb/s", bits as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_shows_streams_and_hides_escapes() {
        let report: ProbeReport = serde_json::from_value(json!({
            "path": "/in/clip.mp4", "format": "mov,mp4", "duration": 5.312, "bit_rate": 1_589_000,
            "size": 1_055_736, "tags": {"title": "a\u{1b}]0;b\u{7}"}, "chapters": [],
            "streams": [
                {"index": 0, "type": "video", "codec": "h264", "profile": "Main", "width": 1280,
                 "height": 720, "pix_fmt": "yuv420p", "avg_frame_rate": "25/1", "disposition": []},
                {"index": 1, "type": "audio", "codec": "aac", "sample_rate": 48000, "channels": 6,
                 "channel_layout": "5.1", "sample_fmt": "fltp", "language": "und", "disposition": []},
            ],
        }))
        .expect("a report");
        let page = probed("clip.mp4", &report);
        assert!(
            page.starts_with("clip.mp4: mov,mp4, 5.312 s, 1.59 Mb/s, 1.0 MiB\n"),
            "{page}"
        );
        assert!(page.contains("1280x720 yuv420p 25 fps"), "{page}");
        assert!(page.contains("48000 Hz 5.1 fltp"), "{page}");
        assert!(page.contains("h264 (Main)"), "{page}");
        assert!(page.contains("title: a\\u{1b}]0;b\\u{7}\n"), "{page}");
        assert!(!page.contains('\u{1b}'));
    }

    #[test]
    fn paths_of_the_guest_become_those_of_the_user() {
        let mut value = json!({"outputs": [{"path": "/out/a", "files": ["/out/b"], "n": [{"path": "/in/c"}]}], "track": "/out/t"});
        rename(&mut value, &|guest| format!("host{guest}"));
        assert_eq!(
            value,
            json!({"outputs": [{"path": "host/out/a", "files": ["host/out/b"], "n": [{"path": "host/in/c"}]}], "track": "host/out/t"})
        );
    }
}
