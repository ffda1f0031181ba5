//! Whether what outputs name is there, as far as the text of the job tells; what only the engine knows is left to it.

use std::collections::{HashMap, HashSet};

use super::check::{known_input, refuse};
use super::codec::COPY;
use super::{Job, Output};
use crate::error::SpecError;
use crate::graph::Labels;

/// A map is `[pad]`, or the number of an input, a colon, and which of its streams.
pub(super) fn check_map(at: &str, what: &str, inputs: usize) -> Result<(), SpecError> {
    if let Some(pad) = what.strip_prefix('[') {
        return match pad.strip_suffix(']') {
            Some(label) if !label.is_empty() && !label.contains(['[', ']']) => Ok(()),
            _ => refuse(at, format!("\"{what}\" is not a pad such as [v]")),
        };
    }
    let number = what.split_once(':').and_then(|(input, stream)| {
        (!stream.is_empty() && input.bytes().all(|b| b.is_ascii_digit()))
            .then(|| input.parse::<u64>().ok())
            .flatten()
    });
    match number {
        Some(input) => known_input(at, input, inputs),
        None => refuse(
            at,
            format!("\"{what}\" is neither a pad such as [v] nor a stream such as 0:v or 0:a:1"),
        ),
    }
}

/// Looks at the labels of the graph, and at what outputs name of it.
pub(super) fn check(job: &Job) -> Result<(), SpecError> {
    let graph = job.filter.as_deref().map(Labels::of);
    // Of a graph that others may read in another way nothing is certain.
    let plain = graph.as_ref().filter(|graph| graph.is_plain());
    for label in plain.into_iter().flat_map(Labels::inputs) {
        let Some(input) = input_of(label) else {
            return refuse(
                "filter",
                format!("[{label}] is made by no filter, and is no stream such as [0:v]"),
            );
        };
        known_input("filter", input, job.inputs.len())?;
    }
    let mut claimed = HashMap::new();
    for (i, output) in job.outputs.iter().enumerate() {
        let mut mapped = HashSet::new();
        if let Some(twice) = output.map.iter().position(|entry| !mapped.insert(entry)) {
            let entry = &output.map[twice];
            return refuse(
                format!("outputs[{i}].map[{twice}]"),
                format!("{entry} is mapped twice in this output"),
            );
        }
        for (at, label) in pads_of(&format!("outputs[{i}]"), output) {
            // A stream may be encoded more than once, and a pad has one taker.
            let is_stream = label.starts_with(|c: char| c.is_ascii_digit());
            if graph.is_some()
                && !is_stream
                && let Some(other) = claimed.insert(label, at.clone())
            {
                return refuse(
                    at,
                    format!("[{label}] goes to {other} already: split the pad in the filter"),
                );
            }
            match (plain, &graph) {
                (Some(graph), _) => open(&at, label, graph, job.inputs.len())?,
                (None, None) => {
                    let input = input_of(label);
                    input.map_or(Ok(()), |input| known_input(&at, input, job.inputs.len()))?;
                }
                (None, Some(_)) => {}
            }
        }
        encoded(&format!("outputs[{i}]"), output, plain, graph.is_some())?;
    }
    Ok(())
}

/// What the output names in brackets, each with its field.
fn pads_of<'a>(at: &str, output: &'a Output) -> Vec<(String, &'a str)> {
    let map = output.map.iter().enumerate();
    let map = map.map(|(i, entry)| (format!("{at}.map[{i}]"), entry));
    let streams = output.streams.iter().enumerate();
    let streams = streams.map(|(i, stream)| (format!("{at}.streams[{i}].from"), &stream.from));
    let label = |(at, entry): (String, &'a String)| Some((at, label(entry)?));
    map.chain(streams).filter_map(label).collect()
}

fn label(entry: &str) -> Option<&str> {
    entry.strip_prefix('[')?.strip_suffix(']')
}

/// Whether the graph leaves the pad open, or it is a stream that passes no filter.
fn open(at: &str, label: &str, graph: &Labels, inputs: usize) -> Result<(), SpecError> {
    let (made, used) = (graph.made(label), graph.used(label));
    // Labels that stand there more than once are the engine's affair.
    if made > 1 || (made == 1 && used == 0) {
        return Ok(());
    }
    if let (0, Some(input)) = (made, input_of(label)) {
        return known_input(at, input, inputs);
    }
    // A pad without a label is called after its kind.
    let unnamed = || graph.is_unnamed() || graph.filters().iter().any(|name| kind(name).is_none());
    if made == 0 && matches!(label, "v" | "a") && unnamed() {
        return Ok(());
    }
    let pads: Vec<_> = graph.open().map(|label| format!("[{label}]")).collect();
    let has = match &pads[..] {
        [] => "none that has a label".to_owned(),
        pads => pads.join(" "),
    };
    refuse(
        at,
        format!("the filter leaves no pad [{label}] open; it leaves {has}"),
    )
}

/// What comes out of a filter, or is in brackets, is encoded.
fn encoded(
    at: &str,
    output: &Output,
    graph: Option<&Labels>,
    filtered: bool,
) -> Result<(), SpecError> {
    let is_copy = |codec: &Option<String>| codec.as_deref() == Some(COPY);
    let reason = |entry: &str| {
        format!(
            "{entry} is encoded and cannot be copied: name an encoder, or map a stream such as 0:v, \
             without brackets"
        )
    };
    let mut streams = output.streams.iter().enumerate();
    let copied = |stream: &super::Stream| label(&stream.from).is_some() && is_copy(&stream.codec);
    if let Some((i, stream)) = streams.find(|(_, stream)| copied(stream)) {
        return refuse(format!("{at}.streams[{i}].codec"), reason(&stream.from));
    }
    let kinds = [
        ("video_codec", &output.video_codec, Kind::Video),
        ("audio_codec", &output.audio_codec, Kind::Audio),
    ];
    for (field, codec, of) in kinds {
        let kind_of = |entry: &String| match (label(entry)?, graph) {
            (label, Some(graph)) if graph.made(label) > 0 => kind(graph.maker(label)?),
            (_, None) if filtered => None,
            (label, _) => stream_kind(label),
        };
        let mut map = output.map.iter();
        if is_copy(codec)
            && let Some(entry) = map.find(|entry| kind_of(entry) == Some(of))
        {
            return refuse(format!("{at}.{field}"), reason(entry));
        }
    }
    Ok(())
}

/// The number of the input of a label such as `0:v`. One beyond all numbers is the input of no job.
fn input_of(label: &str) -> Option<u64> {
    let (input, _) = label.split_once(':')?;
    let digits = !input.is_empty() && input.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| input.parse().unwrap_or(u64::MAX))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Video,
    Audio,
}

/// What `0:v:1`, or `v:1` of the first input, is.
fn stream_kind(label: &str) -> Option<Kind> {
    let which = match input_of(label) {
        Some(_) => label.split_once(':')?.1,
        None => label,
    };
    match which.split(':').next() {
        Some("v") => Some(Kind::Video),
        Some("a") => Some(Kind::Audio),
        _ => None,
    }
}

/// What a filter gives, for those that are known to give one thing, made of what they take.
fn kind(filter: &str) -> Option<Kind> {
    if VIDEO.contains(&filter) {
        Some(Kind::Video)
    } else if AUDIO.contains(&filter) {
        Some(Kind::Audio)
    } else {
        None
    }
}

const VIDEO: &[&str] = &[
    "ass",
    "bwdif",
    "colorbalance",
    "crop",
    "drawbox",
    "drawtext",
    "eq",
    "fade",
    "format",
    "fps",
    "hflip",
    "hstack",
    "hue",
    "loop",
    "null",
    "overlay",
    "pad",
    "rotate",
    "scale",
    "setdar",
    "setpts",
    "setsar",
    "settb",
    "subtitles",
    "tblend",
    "thumbnail",
    "tile",
    "transpose",
    "trim",
    "unsharp",
    "vflip",
    "vstack",
    "xfade",
    "xstack",
    "yadif",
    "zoompan",
];

const AUDIO: &[&str] = &[
    "acompressor",
    "acrossfade",
    "adelay",
    "afade",
    "aformat",
    "alimiter",
    "aloop",
    "amerge",
    "amix",
    "anull",
    "apad",
    "aresample",
    "asetnsamples",
    "asetpts",
    "asettb",
    "atempo",
    "atrim",
    "dynaudnorm",
    "highpass",
    "loudnorm",
    "lowpass",
    "pan",
    "volume",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Input, Stream};

    fn job(graph: &str, maps: &[&str]) -> Job {
        let output = maps
            .iter()
            .fold(Output::file("/o.mkv"), |o, map| o.map(*map));
        let job = Job::new().input(Input::file("/a")).input(Input::file("/b"));
        let job = job.output(output);
        if graph.is_empty() {
            job
        } else {
            job.filter(graph)
        }
    }

    #[track_caller]
    fn refused(job: Job, field: &str, part: &str) {
        let error = job.build().expect_err(part);
        assert_eq!(error.field(), field, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }

    #[test]
    fn a_graph_takes_what_is_there() {
        refused(job("[2:v]null[v]", &["[v]"]), "filter", "names input 2");
        refused(
            job("[0:v][w]hstack[v]", &["[v]"]),
            "filter",
            "[w] is made by no",
        );
        refused(job("[0]null[v]", &["[v]"]), "filter", "[0] is made by no");
        for graph in [
            "[1:v]null[v]",
            "null[v]",
            "[0:v]split[x][y];[y][x]hstack[v]",
            "color[2:v];[2:v]null[v]",
            "[0:v]drawtext=text='[w];[7:v]':x=\\[w\\][v]",
            // FFmpeg takes off what this does not.
            "[ 0:v ]null[v]",
            "[0:v]null[x];['x']null[v]",
        ] {
            job(graph, &["[v]"]).build().expect(graph);
        }
    }

    #[test]
    fn an_output_takes_pads_that_are_open_and_each_once() {
        let scale = "[0:v]scale=64:-2[small]";
        refused(job(scale, &["[v]"]), "outputs[0].map[0]", "leaves [small]");
        refused(
            job(scale, &["0:a", "[w]"]),
            "outputs[0].map[1]",
            "no pad [w]",
        );
        refused(job(scale, &["[2:a]"]), "outputs[0].map[0]", "names input 2");
        refused(job("", &["[2:a]"]), "outputs[0].map[0]", "names input 2");
        let inner = "[0:v]split[x][y];[x]hflip[z];[y][z]hstack[v]";
        refused(job(inner, &["[x]"]), "outputs[0].map[0]", "leaves [v]");
        for map in ["[small]", "[0:a]", "0:v"] {
            refused(
                job(scale, &[map, map]),
                "outputs[0].map[1]",
                "mapped twice in this output",
            );
        }
        let second = Output::file("/p.mkv").stream(Stream::new("[small]"));
        let twice = job(scale, &["[small]"]).output(second);
        refused(twice, "outputs[1].streams[0].from", "split the pad");
        for (graph, maps) in [
            (scale, &["[small]", "[0:v]", "[1:a]"][..]),
            ("", &["[v]", "[0:v]", "[0:a]"]),
            // Pads without a label have that of their kind.
            ("[0:v]scale=64:-2", &["[v]"]),
            ("[0:v]hflip[x];volume=2", &["[x]", "[a]"]),
            ("[0:v]split[x]", &["[x]", "[v]"]),
            // One of two is open.
            ("[0:v]hflip[v];[v]vflip[v]", &["[v]"]),
            ("color[1:v]", &["[1:v]"]),
            ("[0:v]null[ v ]", &["[v]"]),
            ("[0:v]null['v']", &["[v]"]),
            ("sws_flags=bicubic;[0:v]scale=64:-2[v]", &["[v]"]),
        ] {
            job(graph, maps).build().expect(graph);
        }
        // A stream that passes no filter may be encoded as often as one likes.
        let stream = || Stream::new("[0:v]").codec("mjpeg");
        let full = Output::file("/p.mkv").stream(stream()).stream(stream());
        let twice = job(scale, &["[small]", "[0:v]"]).output(full);
        twice.build().expect("each is encoded");
    }

    #[test]
    fn what_is_encoded_is_not_copied() {
        let video = |graph: &str, map: &str| {
            let mut job = job(graph, &[map]);
            job.outputs[0] = job.outputs[0].clone().video_codec("copy");
            job
        };
        let field = "outputs[0].video_codec";
        refused(video("[0:v]scale=64:-2[v]", "[v]"), field, "[v] is encoded");
        refused(video("[0:v]scale=64:-2", "[v]"), field, "[v] is encoded");
        refused(video("", "[0:v]"), field, "[0:v] is encoded");
        refused(video("", "[v:1]"), field, "[v:1] is encoded");
        // What a filter gives may be known to the engine alone, and sound is no business of `video_codec`.
        for (graph, map) in [
            ("[0:a]showwaves[v]", "[v]"),
            ("[0:a]volume=2[v]", "[v]"),
            ("", "[0:a]"),
            ("", "0:v"),
        ] {
            video(graph, map).build().expect(graph);
        }
        let stream = Stream::new("[x]").codec("copy");
        let full = Output::file("/p.mkv").stream(Stream::new("0:v").codec("copy"));
        let base = || job("[0:a]showwaves[x]", &["[0:a]"]);
        refused(
            base().output(full.clone().stream(stream)),
            "outputs[1].streams[1].codec",
            "[x] is encoded",
        );
        base()
            .output(full.stream(Stream::new("[x]")))
            .build()
            .expect("it is encoded");
    }
}
