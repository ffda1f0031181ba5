//! What makes a job impossible, found before anything runs; each refusal names the field.

use std::collections::HashMap;

use serde_json::Value;

use super::Job;
use super::codec;
use super::extras::Chapter;
use super::frames::{FramesJob, Scene, Select, Sheet};
use super::input::Input;
use super::output::{Chapters, Cut, MetadataFrom, NULL, Output};
use super::pads::{self, check_map};
use super::stream::RateMode;
use crate::error::SpecError;

/// The longest time that the vocabulary has, in seconds: about a thousand years.
const MAX_SECONDS: f64 = 3.2e10;

/// More streams, options or times than this are a mistake of the caller.
const MAX_ENTRIES: usize = 10_000;

/// The widest number in the name of a picture.
const WIDEST_TOKEN: u32 = 32;

/// The most digits of a number token, leading zeros included.
const MAX_TOKEN: u32 = 8;

/// Pixels of a side of a sheet: no JPEG has more.
const LONGEST_SIDE: u64 = 65_500;

/// Pixels of a sheet.
const MOST_PIXELS: u64 = 1 << 28;

/// The checks of whole jobs.
pub(super) struct Checker;

impl Checker {
    pub(super) fn job(job: &Job) -> Result<(), SpecError> {
        if job.inputs.is_empty() && job.filter.is_none() {
            return refuse("inputs", "a job without a filter graph needs an input");
        }
        if job
            .filter
            .as_deref()
            .is_some_and(|graph| graph.trim().is_empty())
        {
            return refuse("filter", "is empty; leave it out for a pass-through");
        }
        if job.outputs.is_empty() {
            return refuse("outputs", "a job needs an output");
        }
        Self::inputs(&job.inputs)?;
        for (i, output) in job.outputs.iter().enumerate() {
            let at = format!("outputs[{i}]");
            check_output(&at, output, job.inputs.len())?;
            check_cut(&at, output, &job.inputs)?;
        }
        pads::check(job)?;
        distinct_files(job)
    }

    pub(super) fn inputs(inputs: &[Input]) -> Result<(), SpecError> {
        let mut numbered = inputs.iter().enumerate();
        numbered.try_for_each(|(i, input)| check_input(&format!("inputs[{i}]"), input))
    }

    pub(super) fn frames(job: &FramesJob) -> Result<(), SpecError> {
        if job.inputs.len() != 1 {
            return refuse(
                "inputs",
                format!("needs exactly one input, and has {}", job.inputs.len()),
            );
        }
        check_input("inputs[0]", &job.inputs[0])?;
        let most = check_select(job)?.min(job.count.map_or(u64::MAX, u64::from));
        if job.count == Some(0) {
            return refuse("count", "must be at least 1");
        }
        if job.inputs[0].repeat.is_some_and(|times| times != 0) {
            return refuse(
                "inputs[0].loop",
                "pictures are taken from one reading of the input",
            );
        }
        path("path", &job.path)?;
        let room = match &job.sheet {
            Some(sheet) => check_sheet(sheet, job.scale.is_some())?,
            None => 1,
        };
        check_template(&job.path, most > room)
    }
}

fn check_input(at: &str, input: &Input) -> Result<(), SpecError> {
    match (&input.path, &input.concat) {
        (Some(file), None) => path(&format!("{at}.path"), file)?,
        (None, Some(files)) => {
            if files.is_empty() {
                return refuse(format!("{at}.concat"), "is empty");
            }
            for (i, file) in files.iter().enumerate() {
                let at = format!("{at}.concat[{i}]");
                path(&at, file)?;
                // The engine writes these into a playlist of one name a line.
                if file.contains(['\n', '\r']) {
                    return refuse(at, "contains a line break");
                }
            }
        }
        (Some(_), Some(_)) => {
            return refuse(format!("{at}.concat"), "cannot stand together with path");
        }
        (None, None) => return refuse(format!("{at}.path"), "is missing"),
    }
    if let Some(seek) = input.seek {
        seconds(&format!("{at}.seek.start"), seek.start)?;
    }
    if input
        .repeat
        .is_some_and(|times| !(-1..=i64::from(i32::MAX)).contains(&times))
    {
        return refuse(
            format!("{at}.loop"),
            "must be a count of repetitions, or -1 for no end",
        );
    }
    optional_word(&format!("{at}.format"), input.format.as_deref())
}

fn check_output(at: &str, output: &Output, inputs: usize) -> Result<(), SpecError> {
    if output.format.as_deref() != Some(NULL) {
        path(&format!("{at}.path"), &output.path)?;
    }
    if output.path.contains(['\n', '\r']) {
        return refuse(format!("{at}.path"), "contains a line break");
    }
    for (field, word) in [
        ("format", &output.format),
        ("video_codec", &output.video_codec),
        ("audio_codec", &output.audio_codec),
        ("subtitle_codec", &output.subtitle_codec),
    ] {
        optional_word(&format!("{at}.{field}"), word.as_deref())?;
    }
    for (field, codec, options) in [
        ("video_options", &output.video_codec, &output.video_options),
        ("options", &output.video_codec, &output.options),
        ("audio_options", &output.audio_codec, &output.audio_options),
        ("options", &output.audio_codec, &output.options),
    ] {
        if let Some(codec) = codec {
            codec::check(&format!("{at}.{field}"), codec, options)?;
        }
    }
    for (i, what) in output.map.iter().enumerate() {
        check_map(&format!("{at}.map[{i}]"), what, inputs)?;
    }
    check_streams(at, output, inputs)?;
    let filters = output
        .bitstream_filters
        .keys()
        .map(|key| ("bitstream_filters", key));
    let metadata = output
        .stream_metadata
        .keys()
        .map(|key| ("stream_metadata", key));
    for (field, key) in filters.chain(metadata) {
        if !output.map.contains(key) {
            return refuse(
                format!("{at}.{field}"),
                format!("\"{key}\" is not in the map"),
            );
        }
    }
    for (field, value) in [("duration", output.duration), ("end", output.end)] {
        if let Some(value) = value {
            let at = format!("{at}.{field}");
            seconds(&at, value)?;
            if value == 0.0 {
                return refuse(at, "must be more than 0");
            }
        }
    }
    if output.duration.is_some() && output.end.is_some() {
        return refuse(format!("{at}.end"), "cannot stand together with duration");
    }
    if let Some(MetadataFrom::Input(input)) = output.metadata_from {
        known_input(&format!("{at}.metadata_from"), u64::from(input), inputs)?;
    }
    match &output.chapters {
        Some(Chapters::Input(input)) => {
            known_input(&format!("{at}.chapters"), u64::from(*input), inputs)?;
        }
        Some(Chapters::List(list)) => check_chapters(&format!("{at}.chapters"), output, list)?,
        Some(Chapters::Copy | Chapters::None) | None => {}
    }
    for (i, attachment) in output.attachments.iter().enumerate() {
        let at = format!("{at}.attachments[{i}]");
        path(&format!("{at}.path"), &attachment.path)?;
        optional_word(&format!("{at}.mime"), attachment.mime.as_deref())?;
        if attachment.cover && attachment.mime.is_some() {
            return refuse(
                format!("{at}.mime"),
                "cannot be set of a cover, which is what its file is",
            );
        }
    }
    Ok(())
}

fn check_cut(at: &str, output: &Output, inputs: &[Input]) -> Result<(), SpecError> {
    let ends = output.duration.is_some() || output.end.is_some();
    let begins = inputs.iter().any(|input| input.seek.is_some());
    if output.cut == Some(Cut::Smart) && !ends && !begins {
        return refuse(
            format!("{at}.cut"),
            "needs a window: a seek of the input, a duration or an end",
        );
    }
    Ok(())
}

fn check_chapters(at: &str, output: &Output, list: &[Chapter]) -> Result<(), SpecError> {
    let mut before = None;
    for (i, chapter) in list.iter().enumerate() {
        let at = format!("{at}[{i}]");
        seconds(&format!("{at}.start"), chapter.start)?;
        if before.is_some_and(|before| chapter.start <= before) {
            return refuse(
                format!("{at}.start"),
                "must be later than that of the chapter before it",
            );
        }
        before = Some(chapter.start);
        if let Some(end) = chapter.end {
            seconds(&format!("{at}.end"), end)?;
            if end <= chapter.start {
                return refuse(format!("{at}.end"), "must be later than the start");
            }
        } else if i + 1 == list.len() && output.duration.is_none() && output.end.is_none() {
            return refuse(
                format!("{at}.end"),
                "is missing of the last chapter, and the output has no duration and no end",
            );
        }
    }
    Ok(())
}

/// The full form stands alone: what it says of a stream is not said of the output too.
fn check_streams(at: &str, output: &Output, inputs: usize) -> Result<(), SpecError> {
    if output.streams.is_empty() {
        return Ok(());
    }
    let codec = [
        ("video_codec", &output.video_codec),
        ("audio_codec", &output.audio_codec),
        ("subtitle_codec", &output.subtitle_codec),
    ];
    let short = [
        ("map", !output.map.is_empty()),
        ("options", !output.options.is_empty()),
        ("video_options", !output.video_options.is_empty()),
        ("audio_options", !output.audio_options.is_empty()),
        ("bitstream_filters", !output.bitstream_filters.is_empty()),
        ("stream_metadata", !output.stream_metadata.is_empty()),
    ];
    let codec = codec.map(|(field, codec)| (field, codec.is_some()));
    if let Some((field, _)) = codec.iter().chain(&short).find(|(_, given)| *given) {
        return refuse(
            format!("{at}.{field}"),
            "cannot stand together with streams: say it of the stream",
        );
    }
    for (i, stream) in output.streams.iter().enumerate() {
        let at = format!("{at}.streams[{i}]");
        check_map(&format!("{at}.from"), &stream.from, inputs)?;
        optional_word(&format!("{at}.codec"), stream.codec.as_deref())?;
        if let Some(codec) = &stream.codec {
            codec::check(&format!("{at}.options"), codec, &stream.options)?;
        }
        if let Some(rate) = stream.frame_rate {
            let at = format!("{at}.frame_rate");
            if rate.den <= 0 || !(0.001..=10_000.0).contains(&rate.as_f64()) {
                return refuse(at, format!("{rate} is no number of pictures a second"));
            }
            if stream.rate_mode == Some(RateMode::Source) {
                return refuse(at, "cannot stand together with the rate mode source");
            }
        }
    }
    Ok(())
}

pub(super) fn known_input(at: &str, input: u64, inputs: usize) -> Result<(), SpecError> {
    if input < inputs as u64 {
        return Ok(());
    }
    let has = match inputs {
        0 => "no inputs".to_owned(),
        1 => "one input, number 0".to_owned(),
        n => format!("inputs 0 to {}", n - 1),
    };
    refuse(at, format!("names input {input}, and the job has {has}"))
}

/// Whether the choice can give more than one picture.
/// Returns how many pictures there can be.
fn check_select(job: &FramesJob) -> Result<u64, SpecError> {
    match &job.select {
        Select::Timestamp(time) => seconds("select.timestamp", *time).map(|()| 1),
        Select::Timestamps(times) => {
            if times.is_empty() {
                return refuse("select.timestamps", "is empty");
            }
            for (i, time) in times.iter().enumerate() {
                seconds(&format!("select.timestamps[{i}]"), *time)?;
            }
            Ok(times.len() as u64)
        }
        Select::Interval(step) => {
            seconds("select.interval", *step)?;
            if *step == 0.0 {
                return refuse("select.interval", "must be more than 0");
            }
            Ok(u64::MAX)
        }
        Select::Scene(Scene::Threshold(threshold)) => {
            if (0.0..=1.0).contains(threshold) {
                Ok(u64::MAX)
            } else {
                refuse(
                    "select.scene",
                    format!("must be from 0 to 1, and is {threshold}"),
                )
            }
        }
        // The one most representative picture, unless a count asks for more.
        Select::Scene(Scene::Thumbnail) => Ok(job.count.map_or(1, u64::from)),
    }
}

/// Returns how many pictures a sheet has room for.
fn check_sheet(sheet: &Sheet, scaled: bool) -> Result<u64, SpecError> {
    if scaled {
        return refuse("scale", "a sheet says how large its tiles are");
    }
    let height = sheet.height.unwrap_or(1);
    let sides = [
        ("sheet.columns", sheet.columns),
        ("sheet.rows", sheet.rows),
        ("sheet.width", sheet.width),
        ("sheet.height", height),
    ];
    if let Some((field, _)) = sides.iter().find(|(_, length)| *length == 0) {
        return refuse(*field, "must be at least 1");
    }
    let across = u64::from(sheet.columns) * u64::from(sheet.width);
    let down = u64::from(sheet.rows) * u64::from(height);
    if across.max(down) > LONGEST_SIDE || across * down > MOST_PIXELS {
        return refuse(
            "sheet",
            format!(
                "may be {LONGEST_SIDE} pixels long on each side, and have {MOST_PIXELS} of them"
            ),
        );
    }
    if let Some(track) = &sheet.track {
        path("sheet.track", track)?;
    }
    Ok(sheet.room())
}

/// A template has at most one `%d`, `%3d` or `%03d`; `%%` stands for a percent sign.
fn check_template(template: &str, several: bool) -> Result<(), SpecError> {
    let mut tokens = 0;
    let mut rest = template.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            continue;
        }
        let (mut width, mut digits) = (0, 0);
        loop {
            match rest.next() {
                Some('%') if digits == 0 => break,
                Some('d') if width <= WIDEST_TOKEN => {
                    tokens += 1;
                    break;
                }
                Some(c @ '0'..='9') if width <= WIDEST_TOKEN && digits < MAX_TOKEN => {
                    width = width * 10 + u32::from(c as u8 - b'0');
                    digits += 1;
                }
                _ => {
                    return refuse(
                        "path",
                        format!(
                            "\"{template}\" has a % that is neither a number token such as %03d \
                             nor %%"
                        ),
                    );
                }
            }
        }
    }
    match tokens {
        0 if several => refuse(
            "path",
            format!(
                "\"{template}\" needs a number token such as %03d: there can be several \
                     pictures"
            ),
        ),
        0 | 1 => Ok(()),
        _ => refuse(
            "path",
            format!("\"{template}\" has {tokens} number tokens, and may have one"),
        ),
    }
}

/// No output may overwrite an input that is being read, or another output.
fn distinct_files(job: &Job) -> Result<(), SpecError> {
    let mut seen = HashMap::new();
    for (i, input) in job.inputs.iter().enumerate() {
        for file in input.files() {
            seen.insert(plain(file), format!("inputs[{i}]"));
        }
    }
    for (i, output) in job.outputs.iter().enumerate() {
        for (k, attachment) in output.attachments.iter().enumerate() {
            let at = format!("outputs[{i}].attachments[{k}]");
            seen.insert(plain(&attachment.path), at);
        }
    }
    for (i, output) in job.outputs.iter().enumerate() {
        if output.path.is_empty() {
            continue;
        }
        let at = format!("outputs[{i}].path");
        if let Some(other) = seen.insert(plain(&output.path), at.clone()) {
            return refuse(
                at,
                format!("\"{}\" is also the file of {other}", output.path),
            );
        }
    }
    Ok(())
}

/// The components of a path: enough to see that `/a`, `a` and `/./a` are one file. Links are not
/// followed; two names of one file are beyond this check.
fn plain(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts
}

/// What holds for every field of every document: no NUL, since the engine's strings end at one,
/// and no list that nobody would mean.
pub(super) fn document(value: &Value) -> Result<(), SpecError> {
    fn visit(value: &Value, at: &mut String) -> Result<(), SpecError> {
        let length = at.len();
        match value {
            Value::String(text) if text.contains('\0') => {
                return refuse(at.as_str(), "contains a NUL character");
            }
            Value::Array(items) => {
                bounded(at, items.len())?;
                for (i, item) in items.iter().enumerate() {
                    at.push_str(&format!("[{i}]"));
                    visit(item, at)?;
                    at.truncate(length);
                }
            }
            Value::Object(fields) => {
                bounded(at, fields.len())?;
                for (key, field) in fields {
                    if key.contains('\0') {
                        return refuse(at.as_str(), "has a key with a NUL character");
                    }
                    if key.is_empty() {
                        return refuse(at.as_str(), "has an empty key");
                    }
                    if !at.is_empty() {
                        at.push('.');
                    }
                    at.push_str(key);
                    visit(field, at)?;
                    at.truncate(length);
                }
            }
            _ => {}
        }
        Ok(())
    }
    visit(value, &mut String::new())
}

fn bounded(at: &str, entries: usize) -> Result<(), SpecError> {
    if entries <= MAX_ENTRIES {
        return Ok(());
    }
    refuse(
        at,
        format!("has {entries} entries, and may have {MAX_ENTRIES}"),
    )
}

fn path(at: &str, path: &str) -> Result<(), SpecError> {
    if path.is_empty() {
        refuse(at, "is empty")
    } else if plain(path).first() == Some(&"tmp") {
        refuse(
            at,
            format!(
                "\"{path}\" lies in /tmp, which each run has for itself and loses at its end: use \
                 another directory"
            ),
        )
    } else {
        Ok(())
    }
}

fn optional_word(at: &str, word: Option<&str>) -> Result<(), SpecError> {
    if word == Some("") {
        refuse(at, "is empty")
    } else {
        Ok(())
    }
}

fn seconds(at: &str, value: f64) -> Result<(), SpecError> {
    if (0.0..=MAX_SECONDS).contains(&value) {
        return Ok(());
    }
    refuse(
        at,
        format!("must be a number of seconds from 0 to {MAX_SECONDS:e}, and is {value}"),
    )
}

pub(super) fn refuse<T>(at: impl Into<String>, message: impl Into<String>) -> Result<T, SpecError> {
    Err(SpecError::new(at, message))
}
