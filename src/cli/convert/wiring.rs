//! The filter graph of a conversion, and what its output takes from the graph and from the inputs.

use afmpeg::graph::Scan;

use super::sources::Source;
use crate::cli::args::Settings;
use crate::cli::status::Failure;

/// What happens to one kind of stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    Absent,
    Copy,
    Encode(String),
}

/// What picture and sound come from: a stream such as `0:v:0`, or the pad of a chain before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Feeds {
    pub(super) video: Option<String>,
    pub(super) audio: Option<String>,
}

/// Filter chains, and what the output takes from them and from the inputs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wiring {
    pub(super) graph: Vec<String>,
    pub(super) maps: Vec<String>,
}

impl Wiring {
    /// Joins the inputs end to end, and gives the pads of what comes of it. Pictures of another size, shape or
    /// rate than the first get those of the first.
    ///
    /// # Errors
    ///
    /// An input lacks what another has.
    pub(super) fn join(
        &mut self,
        sources: &[Source],
        video: &Lane,
        audio: &Lane,
    ) -> Result<Feeds, Failure> {
        let (video, audio) = (*video != Lane::Absent, *audio != Lane::Absent);
        let alike = sources
            .iter()
            .all(|source| source.shape == sources[0].shape);
        let mut pads = String::new();
        for (at, source) in sources.iter().enumerate() {
            for (wanted, there, kind) in [
                (video, source.video.is_some(), "video"),
                (audio, source.audio, "audio"),
            ] {
                if wanted && !there {
                    return Err(Failure::failed(format!(
                        "{} has no {kind}, so that of the others cannot be joined: drop it with --{kind}-codec none",
                        source.name.display()
                    )));
                }
            }
            if video {
                let stream = format!("{at}:v:{}", source.video.unwrap_or(0));
                match fitting(sources).filter(|_| !alike) {
                    Some(filters) => {
                        self.graph.push(format!("[{stream}]{filters}[afmpeg_{at}]"));
                        pads.push_str(&format!("[afmpeg_{at}]"));
                    }
                    None => pads.push_str(&format!("[{stream}]")),
                }
            }
            if audio {
                pads.push_str(&format!("[{at}:a:0]"));
            }
        }
        let feeds = Feeds {
            video: video.then(|| "joined_v".to_owned()),
            audio: audio.then(|| "joined_a".to_owned()),
        };
        let made = [&feeds.video, &feeds.audio].into_iter().flatten();
        let made: String = made.map(|pad| format!("[{pad}]")).collect();
        self.graph.push(format!(
            "{pads}concat=n={}:v={}:a={}{made}",
            sources.len(),
            u8::from(video),
            u8::from(audio)
        ));
        Ok(feeds)
    }

    /// Passes what feeds a kind of stream on: through a graph that does nothing, or as packets.
    fn pass(&mut self, lane: &Lane, feed: Option<&str>, filter: &str, pad: &str) {
        let Some(feed) = feed else { return };
        match lane {
            Lane::Absent => {}
            Lane::Copy => self.maps.push(feed.into()),
            Lane::Encode(_) => {
                self.graph.push(format!("[{feed}]{filter}[{pad}]"));
                self.maps.push(format!("[{pad}]"));
            }
        }
    }

    /// Ends the first pad that the output takes after one frame.
    pub(super) fn first_frame_only(&mut self) {
        if let Some(map) = self.maps.iter_mut().find(|map| map.starts_with('[')) {
            self.graph
                .push(format!("{map}trim=end_frame=1[afmpeg_still]"));
            *map = "[afmpeg_still]".into();
        }
    }

    /// Leads the feeds through the user's filters to the output.
    ///
    /// # Errors
    ///
    /// A stream that is to be copied goes through a filter.
    pub(super) fn wire(
        &mut self,
        settings: &Settings,
        filter: Option<&(&str, Scan)>,
        feeds: &Feeds,
        video: &Lane,
        audio: &Lane,
    ) -> Result<(), Failure> {
        let (picture, sound) = (feeds.video.as_deref(), feeds.audio.as_deref());
        if !settings.map.is_empty() {
            self.graph
                .extend(filter.map(|(graph, _)| (*graph).to_owned()));
            self.maps.clone_from(&settings.map);
            return Ok(());
        }
        let Some((graph, pads)) = filter else {
            self.pass(video, picture, "null", "v");
            self.pass(audio, sound, "anull", "a");
            return Ok(());
        };
        if pads.inputs.is_empty() && pads.open.is_empty() {
            // A plain chain: for the picture, or for the sound of an output without one.
            let for_audio = *video == Lane::Absent;
            no_copy(
                if for_audio { audio } else { video },
                if for_audio { "audio" } else { "video" },
            )?;
            self.pass(video, picture, graph, "v");
            let sound_filter = if for_audio { graph } else { "anull" };
            self.pass(audio, sound, sound_filter, "a");
            return Ok(());
        }
        self.graph.push((*graph).to_owned());
        self.maps
            .extend(pads.open.iter().map(|pad| format!("[{pad}]")));
        let taken = usize::from(takes(pads, 'v')) + usize::from(takes(pads, 'a'));
        for (kind, name, lane, feed, filter, pad) in [
            ('v', "video", video, picture, "null", "afmpeg_v"),
            ('a', "audio", audio, sound, "anull", "afmpeg_a"),
        ] {
            if takes(pads, kind) {
                no_copy(lane, name)?;
            } else if pads.open.len() <= taken {
                self.pass(lane, feed, filter, pad);
            }
        }
        Ok(())
    }
}

/// The filters that give a picture the shape of the first, when that is known.
fn fitting(sources: &[Source]) -> Option<String> {
    let first = sources.first()?.shape?;
    let (width, height) = (first.width, first.height);
    let sar = match first.sar {
        Some(sar) if sar.num > 0 => format!("{}/{}", sar.num, sar.den),
        _ => "1".to_owned(),
    };
    let rate = match first.rate {
        Some(rate) if rate.num > 0 => format!(",fps={}/{}", rate.num, rate.den),
        _ => String::new(),
    };
    Some(format!(
        "scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:-1:-1,setsar={sar}{rate}"
    ))
}

fn no_copy(lane: &Lane, kind: &str) -> Result<(), Failure> {
    if *lane == Lane::Copy {
        return Err(Failure::usage(format!(
            "the {kind} goes through --filter, so it cannot be copied: name an encoder instead"
        )));
    }
    Ok(())
}

/// Whether a stream of this kind (`v` or `a`) of an input enters the graph.
pub(super) fn takes(graph: &Scan, kind: char) -> bool {
    graph.inputs.iter().any(|label| {
        let stream = label.split_once(':');
        stream.is_some_and(|(input, stream)| {
            input.bytes().all(|byte| byte.is_ascii_digit()) && stream.starts_with(kind)
        })
    })
}
