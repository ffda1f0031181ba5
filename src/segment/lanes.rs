//! Takes the video of a job apart from all the rest of its output.

use std::collections::BTreeMap;

use super::local;
use crate::error::SegmentError;
use crate::graph::Scan;
use crate::job::{Chapters, Job, MetadataFrom, Output, SeekMode, Stream};
use crate::report::{ProbeReport, StreamInfo};

/// A job in two: the encoded video, and what is beside it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lanes {
    /// The stream of the first input that the video is made of, as a map names it.
    pub(super) source: String,
    /// The graph of the video alone.
    pub(super) video_filter: Option<String>,
    /// The output with the video alone; its path and its muxer are not set.
    pub(super) video: Output,
    /// The graph and the output of the rest, if there is any.
    pub(super) rest: Option<(Option<String>, Output)>,
    /// Which stream of the output the video is.
    pub(super) place: usize,
    /// How many streams the output has.
    pub(super) count: usize,
}

impl Lanes {
    /// Refuses jobs whose video cannot be made in parts, with the reason.
    pub(super) fn of(job: &Job, probe: &ProbeReport) -> Result<Self, SegmentError> {
        let [output] = job.outputs.as_slice() else {
            return refuse("outputs", "there must be one output");
        };
        check_output(output)?;
        let graphs = Graphs::of(job.filter.as_deref().unwrap_or_default())?;
        let names = entries(output);
        let kinds = names
            .iter()
            .map(|entry| Ok((entry, graphs.kind(entry, probe)?)));
        let kinds: Vec<_> = kinds.collect::<Result<_, SegmentError>>()?;
        let videos: Vec<usize> = (0..kinds.len())
            .filter(|&at| kinds[at].1 == Kind::Video && names[at].encoded)
            .collect();
        let place = match videos.as_slice() {
            [one] => *one,
            [] => {
                return refuse(
                    "outputs[0]",
                    "no video is encoded, so there is nothing to do in parts",
                );
            }
            _ => {
                return refuse(
                    "outputs[0]",
                    "several video streams are encoded; only one can be made in parts",
                );
            }
        };
        check_covers(&names, probe)?;
        let from = &names[place].from;
        let group = pad(from).and_then(|label| graphs.group_of(label));
        let source = match group {
            Some(group) => group.source()?,
            None => pad(from).unwrap_or(from).to_owned(),
        };
        if let Some(group) = group {
            let others = group.open.iter().filter(|open| pad(from) != Some(open));
            if let Some(other) = others.into_iter().next() {
                return refuse(
                    "filter",
                    format!("the filters of the video also make [{other}]"),
                );
            }
        }
        let rest_count = names.len() - 1;
        check_options(output, rest_count)?;
        if rest_count == 0 && matches!(output.chapters, Some(Chapters::Input(from)) if from > 0) {
            return refuse(
                "outputs[0].chapters",
                "they must be those of the first input",
            );
        }
        let rest_filter = graphs.without(group);
        let rest = (rest_count > 0).then(|| (rest_filter, without_video(output, place)));
        Ok(Self {
            source,
            video_filter: group.map(|group| graphs.text_of(group)),
            video: only_video(output, place),
            rest,
            place,
            count: names.len(),
        })
    }
}

pub(super) fn refuse<T>(
    field: impl Into<String>,
    reason: impl Into<String>,
) -> Result<T, SegmentError> {
    Err(SegmentError::Refused {
        field: field.into(),
        reason: reason.into(),
    })
}

/// Refuses inputs that cannot be begun anywhere.
pub(super) fn check_input(job: &Job) -> Result<(), SegmentError> {
    let Some(input) = job.inputs.first() else {
        return refuse("inputs", "there must be an input whose video is encoded");
    };
    if input.path.is_none() {
        return refuse(
            "inputs[0].concat",
            "the video must come from one file; join the files first",
        );
    }
    if input.format.as_deref() == Some("lavfi") {
        return refuse(
            "inputs[0].format",
            "a generated input has no key frames to cut at",
        );
    }
    if input
        .options
        .get("seekable")
        .is_some_and(|value| value == "0")
    {
        return refuse(
            "inputs[0].options.seekable",
            "an input that is read once cannot be begun anywhere",
        );
    }
    if input.repeat.is_some_and(|times| times != 0) {
        return refuse("inputs[0].loop", "an input that is repeated cannot be cut");
    }
    if input.seek.is_some_and(|seek| seek.mode == SeekMode::Fast) {
        return refuse(
            "inputs[0].seek.mode",
            "where a fast seek lands is known when it is done; use accurate",
        );
    }
    Ok(())
}

fn check_output(output: &Output) -> Result<(), SegmentError> {
    if output.path.is_empty() {
        return refuse("outputs[0].path", "there must be a file to write");
    }
    if output.copy_ts {
        return refuse(
            "outputs[0].copy_ts",
            "the parts are put together on a time line that begins at 0",
        );
    }
    let extension = output.path.rsplit_once('.').map(|(_, extension)| extension);
    let muxer = output.format.as_deref();
    if muxer.is_some_and(|muxer| SEVERAL.contains(&muxer))
        || (muxer.is_none()
            && extension.is_some_and(|name| {
                SEVERAL_NAMES
                    .iter()
                    .any(|known| name.eq_ignore_ascii_case(known))
            }))
    {
        return refuse(
            "outputs[0].format",
            "an output of several files cannot be put together of parts; write one file, and copy that",
        );
    }
    let named = |names: &[&str]| match muxer {
        Some(muxer) => names.contains(&muxer),
        None => extension.is_some_and(|it| names.iter().any(|name| it.eq_ignore_ascii_case(name))),
    };
    if named(TRANSPORT) {
        return refuse(
            "outputs[0].format",
            "the clock of a transport stream runs ahead of its times; write another container, and copy that",
        );
    }
    for (key, value) in &output.format_options {
        let fragments = key == "movflags" && FRAGMENTS.iter().any(|flag| value.contains(flag));
        if fragments || MOVING.contains(&key.as_str()) {
            return refuse(
                format!("outputs[0].format_options.{key}"),
                "it moves the times of what is put together; write the file without it, and copy that",
            );
        }
    }
    let paced = |stream: &Stream| stream.frame_rate.is_some() || stream.rate_mode.is_some();
    if let Some(at) = output.streams.iter().position(paced) {
        return refuse(
            format!("outputs[0].streams[{at}].frame_rate"),
            "frames are repeated and dropped by those before",
        );
    }
    Ok(())
}

/// A demuxer gives covers behind all other streams, so that one which is copied would change its place.
fn check_covers(entries: &[Entry], probe: &ProbeReport) -> Result<(), SegmentError> {
    let copied = entries.iter().filter(|entry| !entry.encoded);
    let cover = |entry: &&Entry| stream_of(&entry.from, probe).is_some_and(is_cover);
    match copied.into_iter().find(cover) {
        Some(entry) => refuse(
            "outputs[0]",
            format!("{} is a cover; give it as an attachment", entry.from),
        ),
        None => Ok(()),
    }
}

/// The stream of the first input that `0:v`, `0:v:1` or `0:3` names; covers are counted behind moving pictures.
pub(super) fn stream_of<'p>(label: &str, probe: &'p ProbeReport) -> Option<&'p StreamInfo> {
    let stream = label.strip_prefix("0:")?;
    if let Ok(index) = stream.parse::<u32>() {
        return probe.streams.iter().find(|stream| stream.index == index);
    }
    let (letter, nth) = stream.split_once(':').unwrap_or((stream, "0"));
    let letter = letter.to_ascii_lowercase();
    let mut alike: Vec<&StreamInfo> = probe
        .streams
        .iter()
        .filter(|stream| !letter.is_empty() && stream.kind.starts_with(&letter))
        .collect();
    alike.sort_by_key(|stream| is_cover(stream));
    alike.get(nth.parse::<usize>().ok()?).copied()
}

fn is_cover(stream: &StreamInfo) -> bool {
    stream.disposition.iter().any(|flag| flag == COVER)
}

/// Options for encoders of any kind go to the video; who else would take them is not known here.
fn check_options(output: &Output, rest: usize) -> Result<(), SegmentError> {
    if rest > 0 && !output.options.is_empty() {
        return refuse(
            "outputs[0].options",
            "say in video_options or in audio_options whose they are",
        );
    }
    Ok(())
}

/// One stream of the output, in either form.
struct Entry {
    from: String,
    encoded: bool,
}

fn entries(output: &Output) -> Vec<Entry> {
    let short = output.map.iter().map(|from| Entry {
        from: from.clone(),
        encoded: pad(from).is_some(),
    });
    let full = output.streams.iter().map(|stream| Entry {
        from: stream.from.clone(),
        encoded: match stream.codec.as_deref() {
            Some(codec) => codec != "copy",
            None => pad(&stream.from).is_some(),
        },
    });
    short.chain(full).collect()
}

/// The label of a pad: what is in the brackets.
fn pad(from: &str) -> Option<&str> {
    from.trim().strip_prefix('[')?.strip_suffix(']')
}

fn only_video(output: &Output, place: usize) -> Output {
    let mut video = bare(output);
    if output.streams.is_empty() {
        video.map = vec![output.map[place].clone()];
        video.video_codec.clone_from(&output.video_codec);
        video.video_options.clone_from(&output.video_options);
        video.options.clone_from(&output.options);
        keep(&mut video.bitstream_filters, output, &video.map, |o| {
            &o.bitstream_filters
        });
    } else {
        video.streams = vec![output.streams[place].clone()];
    }
    video.metadata_from = Some(MetadataFrom::None);
    video
}

fn without_video(output: &Output, place: usize) -> Output {
    let mut rest = bare(output);
    rest.format.clone_from(&output.format);
    let mut map = output.map.clone();
    let mut streams = output.streams.clone();
    if streams.is_empty() {
        map.remove(place);
    } else {
        streams.remove(place);
    }
    rest.audio_codec.clone_from(&output.audio_codec);
    rest.subtitle_codec.clone_from(&output.subtitle_codec);
    rest.audio_options.clone_from(&output.audio_options);
    rest.audio_defaults.clone_from(&output.audio_defaults);
    keep(&mut rest.bitstream_filters, output, &map, |o| {
        &o.bitstream_filters
    });
    keep(&mut rest.stream_metadata, output, &map, |o| {
        &o.stream_metadata
    });
    (rest.map, rest.streams) = (map, streams);
    (rest.duration, rest.end) = (output.duration, output.end);
    rest.cut = output.cut;
    rest.metadata.clone_from(&output.metadata);
    rest.metadata_from.clone_from(&output.metadata_from);
    rest.chapters.clone_from(&output.chapters);
    rest
}

/// An output that says nothing.
fn bare(output: &Output) -> Output {
    Output {
        audio_defaults: output.audio_defaults.clone(),
        ..Output::default()
    }
}

fn keep<T: Clone>(
    to: &mut BTreeMap<String, T>,
    from: &Output,
    map: &[String],
    field: impl Fn(&Output) -> &BTreeMap<String, T>,
) {
    let kept = field(from).iter().filter(|(name, _)| map.contains(name));
    to.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
}

/// The disposition of a picture that stands for a file.
pub(super) const COVER: &str = "attached_pic";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Video,
    Other,
}

/// The chains of a graph, in groups that have nothing to do with each other.
struct Graphs {
    /// `sws_flags=…;` in front of the graph.
    settings: String,
    groups: Vec<Group>,
}

#[derive(Clone, Default)]
struct Group {
    chains: Vec<String>,
    inputs: Vec<String>,
    open: Vec<String>,
    labels: Vec<String>,
}

impl Graphs {
    fn of(graph: &str) -> Result<Self, SegmentError> {
        let settings = match graph.trim_start().strip_prefix("sws_flags=") {
            Some(rest) => format!("sws_flags={};", rest.split(';').next().unwrap_or_default()),
            None => String::new(),
        };
        let mut groups: Vec<Group> = Vec::new();
        for chain in Scan::of(graph).chains {
            let own = Scan::of(&chain);
            if own.open.is_empty() {
                return refuse(
                    "filter",
                    format!(
                        "the chain {chain} has no label at its end: write [0:v]{chain}[v], and map [v]"
                    ),
                );
            }
            let labels: Vec<String> = own.inputs.iter().chain(&own.open).cloned().collect();
            // What shares a label with this chain becomes one group with it.
            let (mut with, apart): (Vec<Group>, Vec<Group>) = groups
                .into_iter()
                .partition(|group| group.labels.iter().any(|label| labels.contains(label)));
            let mut joined = Group::default();
            for group in &mut with {
                joined.chains.append(&mut group.chains);
                joined.labels.append(&mut group.labels);
            }
            joined.chains.push(chain);
            joined.labels.extend(labels);
            groups = apart;
            groups.push(joined);
        }
        for group in &mut groups {
            let whole = Scan::of(&group.chains.join(";"));
            (group.inputs, group.open) = (whole.inputs, whole.open);
        }
        Ok(Self { settings, groups })
    }

    fn group_of(&self, label: &str) -> Option<&Group> {
        let mut groups = self.groups.iter();
        groups.find(|group| group.open.iter().any(|open| open == label))
    }

    /// The graph without a group.
    fn without(&self, left_out: Option<&Group>) -> Option<String> {
        let out = |group: &&Group| left_out.is_none_or(|left_out| group.chains != left_out.chains);
        let kept: Vec<String> = self
            .groups
            .iter()
            .filter(out)
            .map(|g| g.chains.join(";"))
            .collect();
        (!kept.is_empty()).then(|| format!("{}{}", self.settings, kept.join(";")))
    }

    fn text_of(&self, group: &Group) -> String {
        format!("{}{}", self.settings, group.chains.join(";"))
    }

    /// What a stream of the output is made of. A graph in which video and something else meet is of the video when
    /// the stream is encoded.
    fn kind(&self, entry: &Entry, probe: &ProbeReport) -> Result<Kind, SegmentError> {
        let label = pad(&entry.from);
        // `[0:v]` is a stream of an input that is encoded without a filter.
        let stream = label.unwrap_or(&entry.from);
        let group = label.and_then(|label| self.group_of(label));
        let Some(group) = group else {
            if label.is_none() || stream.starts_with(|c: char| c.is_ascii_digit()) {
                return Ok(kind_of(stream, probe));
            }
            return refuse(
                "outputs[0]",
                format!("no filter makes the pad {}", entry.from),
            );
        };
        let video = |input: &String| kind_of(input, probe) == Kind::Video;
        Ok(if group.inputs.iter().any(video) {
            Kind::Video
        } else {
            Kind::Other
        })
    }
}

impl Group {
    /// The one stream of the first input that this group reads.
    fn source(&self) -> Result<String, SegmentError> {
        let chains: Vec<&str> = self.chains.iter().map(String::as_str).collect();
        if let Some(reason) = local::refusal(&chains) {
            return refuse("filter", reason);
        }
        match self.inputs.as_slice() {
            [one] if one.starts_with("0:") => Ok(one.clone()),
            several => {
                let others = several.iter().filter(|input| !input.starts_with("0:"));
                let other = others.into_iter().next().or(several.get(1));
                let other = other.map_or("", String::as_str);
                refuse(
                    "filter",
                    format!("the filters of the video also read [{other}]"),
                )
            }
        }
    }
}

/// What `0:v`, `0:a:1` or `0:3` names. Of other inputs only what they say by themselves is known.
fn kind_of(label: &str, probe: &ProbeReport) -> Kind {
    let (input, stream) = label.split_once(':').unwrap_or((label, ""));
    let letter = stream.split(':').next().unwrap_or_default();
    let video = match stream.parse::<u32>() {
        Ok(index) => {
            input == "0"
                && probe
                    .streams
                    .iter()
                    .any(|s| s.index == index && s.kind == "video")
        }
        Err(_) => letter.eq_ignore_ascii_case("v"),
    };
    if video { Kind::Video } else { Kind::Other }
}

/// Muxers that write several files, and extensions that choose them.
const SEVERAL: &[&str] = &[
    "dash",
    "hls",
    "image2",
    "segment",
    "ssegment",
    "stream_segment",
    "tee",
];
const SEVERAL_NAMES: &[&str] = &["m3u8", "mpd", "jpeg", "jpg", "png"];

/// The muxer of transport streams and the extensions that choose it.
const TRANSPORT: &[&str] = &["mpegts", "ts", "m2t", "m2ts", "mts"];

/// Flags of the MP4 muxer that make it write fragments, without the lists of edits that say what begins late.
const FRAGMENTS: &[&str] = &[
    "empty_moov",
    "frag",
    "dash",
    "cmaf",
    "isml",
    "separate_moof",
];

/// Options of muxers that move times.
const MOVING: &[&str] = &[
    "avoid_negative_ts",
    "max_delay",
    "output_ts_offset",
    "use_editlist",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_are_counted_behind_moving_pictures() {
        let probe: ProbeReport = serde_json::from_value(serde_json::json!({
            "path": "/i", "format": "mp4", "streams": [
                {"index": 0, "type": "video", "disposition": ["attached_pic"]},
                {"index": 1, "type": "audio", "disposition": []},
                {"index": 2, "type": "video", "disposition": ["default"]},
            ],
        }))
        .expect("a report");
        let index = |label| stream_of(label, &probe).map(|stream| stream.index);
        assert_eq!(
            (index("0:v"), index("0:v:1"), index("0:0")),
            (Some(2), Some(0), Some(0))
        );
        assert_eq!(
            (index("0:a"), index("0:v:2"), index("1:v")),
            (Some(1), None, None)
        );
        let entry = |from: &str| Entry {
            from: from.to_owned(),
            encoded: false,
        };
        assert!(check_covers(&[entry("0:v"), entry("0:a")], &probe).is_ok());
        assert!(check_covers(&[entry("0:v:1")], &probe).is_err());
    }
}
