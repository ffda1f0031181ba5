//! A job in lines of text: what is read, what happens to it, what is written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use afmpeg::graph::Scan;
use afmpeg::{
    Attachment, Chapters, Cut, Input, Job, MetadataFrom, OnCorrupt, Output, RateMode, SeekMode,
};

use super::text::seconds;

/// A job in lines, each with what it is about in front.
pub(crate) fn story(job: &Job) -> String {
    let mut text = String::new();
    let mut line = |about: &str, what: &str| {
        let _ = writeln!(text, "{about:<11}{what}");
    };
    for (i, input) in job.inputs.iter().enumerate() {
        line(&format!("input {i}"), &reading(input));
    }
    if job.on_corrupt == OnCorrupt::Skip {
        line("", "what is damaged is passed over and counted");
    }
    let scan = Scan::of(job.filter.as_deref().unwrap_or_default());
    for (i, chain) in scan.chains.iter().enumerate() {
        line(if i == 0 { "filters" } else { "" }, chain);
    }
    for (i, output) in job.outputs.iter().enumerate() {
        line(&format!("output {i}"), &writing(output));
        for (from, what) in streams(output) {
            line(&format!("  {from}"), &what);
        }
        for (about, what) in beside(output) {
            line(&format!("  {about}"), &what);
        }
    }
    if job.bitexact {
        line("", "the same bytes each time: no dates, no versions");
    }
    text
}

fn reading(input: &Input) -> String {
    let mut text = match (&input.path, &input.concat) {
        (Some(path), _) => path.clone(),
        (None, files) => files.as_deref().unwrap_or_default().join(" + "),
    };
    if let Some(format) = &input.format {
        let _ = write!(text, ", read as {format}");
    }
    if let Some(seek) = input.seek {
        let place = match seek.mode {
            SeekMode::Accurate => "from",
            _ => "from the key frame before",
        };
        let _ = write!(text, ", {place} {}", seconds(seek.start));
    }
    match input.repeat {
        Some(-1) => text.push_str(", again and again"),
        Some(times) if times > 0 => {
            let _ = write!(text, ", {} times", times + 1);
        }
        _ => {}
    }
    if input.autorotate == Some(false) {
        text.push_str(", not turned as it asks");
    }
    text + &settings(&input.options)
}

fn writing(output: &Output) -> String {
    let mut text = match output.path.is_empty() {
        true => "no file".to_owned(),
        false => output.path.clone(),
    };
    if let Some(format) = &output.format {
        let _ = write!(text, ", written as {format}");
    }
    if let Some(length) = output.duration {
        let _ = write!(text, ", {} long", seconds(length));
    }
    if let Some(end) = output.end {
        let _ = write!(text, ", up to {}", seconds(end));
    }
    if output.cut == Some(Cut::Smart) {
        text.push_str(", cut at the very frames");
    }
    if output.copy_ts {
        text.push_str(", with the times of the source");
    }
    text + &settings(&output.format_options)
}

/// What is in an output: from where, and what becomes of it.
fn streams(output: &Output) -> Vec<(String, String)> {
    let full = output.streams.iter().map(|stream| {
        let copied = !stream.from.starts_with('[');
        let otherwise = if copied { "copy" } else { CHOSEN };
        let mut text = stream.codec.as_deref().unwrap_or(otherwise).to_owned();
        if let Some(rate) = stream.frame_rate {
            let _ = write!(text, ", {}/{} pictures a second", rate.num, rate.den);
        }
        text.push_str(match stream.rate_mode {
            Some(RateMode::Source) => ", each at its own time",
            Some(RateMode::Vfr) => ", none before its time",
            Some(RateMode::Cfr) => ", at one distance",
            _ => "",
        });
        text += &settings(&stream.options);
        text += &filtered(stream.bitstream_filters.as_deref());
        text += &described(
            stream.language.as_deref(),
            &stream.disposition,
            &stream.tags,
        );
        (stream.from.clone(), text)
    });
    let short = output.map.iter().map(|map| {
        let mut text = match map.starts_with('[') {
            true => encoded(output),
            false if output.cut == Some(Cut::Smart) => {
                "copy, and what is cut is encoded".to_owned() + &settings(&output.video_options)
            }
            false => {
                let is_text = map.split(':').nth(1) == Some("s");
                let codec = output.subtitle_codec.clone().filter(|_| is_text);
                codec.unwrap_or_else(|| "copy".to_owned())
            }
        };
        text += &filtered(output.bitstream_filters.get(map).map(String::as_str));
        if let Some(of) = output.stream_metadata.get(map) {
            text += &described(of.language.as_deref(), &of.disposition, &of.tags);
        }
        (map.clone(), text)
    });
    let all: Vec<_> = full.chain(short).collect();
    match all.is_empty() {
        // One of each kind that the muxer takes, or every pad of the graph.
        true => vec![("what fits".to_owned(), encoded(output))],
        false => all,
    }
}

/// What a pad is encoded with: its kind is known to the engine alone, so that it is one of two where both are named.
fn encoded(output: &Output) -> String {
    let kinds = [
        (&output.video_codec, &output.video_options),
        (&output.audio_codec, &output.audio_options),
    ];
    let named = kinds.into_iter().filter_map(|(codec, options)| {
        let codec = match codec {
            Some(codec) => codec,
            None if options.is_empty() => return None,
            None => CHOSEN,
        };
        Some(codec.to_owned() + &settings(options))
    });
    let named: Vec<_> = named.collect();
    let codec = match named.is_empty() {
        true => CHOSEN.to_owned(),
        false => named.join(" or "),
    };
    codec + &settings(&output.options)
}

/// What an output has beside its streams.
fn beside(output: &Output) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if !output.metadata.is_empty() {
        let tags = output.metadata.iter();
        let tags: Vec<_> = tags.map(|(key, value)| format!("{key}={value}")).collect();
        lines.push(("tags", tags.join(", ")));
    }
    match &output.metadata_from {
        Some(MetadataFrom::Input(input)) => lines.push(("tags", format!("of input {input}"))),
        Some(MetadataFrom::None) => lines.push(("tags", "of no input".to_owned())),
        _ => {}
    }
    let chapters = match &output.chapters {
        Some(Chapters::Copy) => Some("those of input 0".to_owned()),
        Some(Chapters::Input(input)) => Some(format!("those of input {input}")),
        Some(Chapters::List(list)) => Some(format!("{} of the job", list.len())),
        Some(Chapters::None) => Some("none".to_owned()),
        _ => None,
    };
    lines.extend(chapters.map(|what| ("chapters", what)));
    let attached = |attachment: &Attachment| {
        let kind = if attachment.cover {
            "cover"
        } else {
            "attached"
        };
        let mime = attachment.mime.as_deref();
        let mime = mime.map_or_else(String::new, |mime| format!(", {mime}"));
        (kind, attachment.path.clone() + &mime)
    };
    lines.extend(output.attachments.iter().map(attached));
    lines
}

fn filtered(chain: Option<&str>) -> String {
    chain.map_or_else(String::new, |chain| format!(", bitstream filters {chain}"))
}

fn described(
    language: Option<&str>,
    disposition: &[String],
    tags: &BTreeMap<String, String>,
) -> String {
    let language = language.map(|code| format!(", language {code}"));
    let flags = (!disposition.is_empty()).then(|| format!(", {}", disposition.join(" ")));
    language.unwrap_or_default() + &flags.unwrap_or_default() + &settings(tags)
}

fn settings(options: &BTreeMap<String, String>) -> String {
    options
        .iter()
        .fold(String::new(), |mut text, (key, value)| {
            let _ = write!(text, ", {key}={value}");
            text
        })
}

const CHOSEN: &str = "the encoder that the format prefers";
