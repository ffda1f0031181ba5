//! Reads an MP4 with an independent parser: sample counts, times from the sample tables and the edit
//! lists, and the coded bytes.

use re_mp4::{FourCC, Mp4, StsdBoxContent, TrackKind};

/// A parsed MP4 file.
pub(crate) struct Parsed {
    pub(crate) tracks: Vec<ParsedTrack>,
    pub(crate) brand: String,
    /// The boxes at the top level, in file order.
    pub(crate) top_level: Vec<String>,
}

/// One track, times in seconds of the movie's own clock (edit lists applied).
pub(crate) struct ParsedTrack {
    pub(crate) kind: TrackKind,
    pub(crate) codec: String,
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) channels: u8,
    pub(crate) sample_rate: u16,
    pub(crate) samples: Vec<ParsedSample>,
    /// When the track begins to be presented: after its empty edits.
    pub(crate) begins: f64,
    /// Length of what is presented, from the edit list where there is one.
    pub(crate) duration: f64,
    /// Sum of the sample durations.
    pub(crate) media_duration: f64,
}

/// One sample.
pub(crate) struct ParsedSample {
    pub(crate) pts: f64,
    pub(crate) dts: f64,
    pub(crate) duration: f64,
    pub(crate) is_sync: bool,
    /// Where in the file it stands.
    pub(crate) at: usize,
    pub(crate) data: Vec<u8>,
}

impl Parsed {
    /// Parses `bytes`, or fails the test.
    #[track_caller]
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mp4 = Mp4::read_bytes(bytes).expect("an independent parser reads the MP4");
        let tracks = mp4
            .tracks()
            .values()
            .map(|track| parse_track(&mp4, track, bytes))
            .collect();
        Self {
            tracks,
            brand: mp4.ftyp.major_brand.to_string(),
            top_level: top_level(bytes),
        }
    }

    /// The only video track.
    #[track_caller]
    pub(crate) fn video(&self) -> &ParsedTrack {
        self.only(TrackKind::Video)
    }

    /// The only audio track.
    #[track_caller]
    pub(crate) fn audio(&self) -> &ParsedTrack {
        self.only(TrackKind::Audio)
    }

    #[track_caller]
    fn only(&self, kind: TrackKind) -> &ParsedTrack {
        let mut found = self.tracks.iter().filter(|track| track.kind == kind);
        let first = found.next().unwrap_or_else(|| panic!("no {kind:?} track"));
        assert!(found.next().is_none(), "more than one {kind:?} track");
        first
    }
}

impl ParsedTrack {
    /// When the first sample is presented.
    pub(crate) fn start(&self) -> f64 {
        self.samples
            .iter()
            .map(|s| s.pts)
            .fold(f64::INFINITY, f64::min)
    }

    /// When the last sample ends to be presented.
    pub(crate) fn end(&self) -> f64 {
        self.samples
            .iter()
            .map(|s| s.pts + s.duration)
            .fold(0.0, f64::max)
    }

    /// The presentation times, in order.
    pub(crate) fn times(&self) -> Vec<f64> {
        let mut times: Vec<f64> = self.samples.iter().map(|s| s.pts).collect();
        times.sort_by(f64::total_cmp);
        times
    }
}

fn parse_track(mp4: &Mp4, track: &re_mp4::Track, bytes: &[u8]) -> ParsedTrack {
    let trak = track.trak(mp4);
    let scale = track.timescale as f64;
    let table = &trak.mdia.minf.stbl;
    let offsets: Vec<i32> = table.ctts.as_ref().map_or_else(Vec::new, |ctts| {
        let entries = ctts.entries.iter();
        entries
            .flat_map(|e| vec![e.sample_offset; e.sample_count as usize])
            .collect()
    });

    let edits = trak.edts.as_ref().and_then(|edts| edts.elst.as_ref());
    let movie_scale = f64::from(mp4.moov.mvhd.timescale);
    let (mut begins, mut skipped, mut presented, mut found) = (0.0, 0.0, 0.0, false);
    for edit in edits.map_or(&[][..], |elst| &elst.entries) {
        let length = edit.segment_duration as f64 / movie_scale;
        // An empty edit has a media time of -1, which the parser leaves in its unsigned form.
        if edit.media_time == u64::MAX || edit.media_time == u64::from(u32::MAX) {
            begins += length;
        } else if !found {
            found = true;
            presented = length;
            skipped = edit.media_time as f64 / scale;
        }
    }
    let shift = begins - skipped;

    let mut dts = 0_u64;
    let mut samples = Vec::new();
    let deltas = table.stts.entries.iter();
    let deltas = deltas.flat_map(|e| vec![u64::from(e.sample_delta); e.sample_count as usize]);
    for (i, (delta, sample)) in deltas.zip(&track.samples).enumerate() {
        let offset = f64::from(offsets.get(i).copied().unwrap_or(0));
        samples.push(ParsedSample {
            pts: (dts as f64 + offset) / scale + shift,
            dts: dts as f64 / scale + shift,
            duration: delta as f64 / scale,
            is_sync: sample.is_sync,
            at: sample.byte_range().start,
            data: bytes[sample.byte_range()].to_vec(),
        });
        dts += delta;
    }
    assert_eq!(
        samples.len(),
        track.samples.len(),
        "the sample tables agree on the sample count"
    );
    let media_duration = dts as f64 / scale;
    let (codec, channels, sample_rate) = match &table.stsd.contents {
        StsdBoxContent::Avc1(_) => ("h264", 0, 0),
        StsdBoxContent::Hvc1(_) | StsdBoxContent::Hev1(_) => ("hevc", 0, 0),
        StsdBoxContent::Vp09(_) => ("vp9", 0, 0),
        StsdBoxContent::Mp4a(mp4a) => {
            // The sample entry says 2 for every AAC stream; the decoder configuration is right.
            let esds = mp4a
                .esds
                .as_ref()
                .expect("an AAC sample entry has its descriptor");
            let channels = esds.es_desc.dec_config.dec_specific.chan_conf;
            ("aac", channels, mp4a.samplerate.value())
        }
        // H.264 whose parameter sets stand with the pictures; the parser does not know it by name.
        StsdBoxContent::Unknown(name) if *name == FourCC::from(*b"avc3") => ("avc3", 0, 0),
        _ => ("other", 0, 0),
    };
    ParsedTrack {
        kind: track
            .kind
            .or_else(|| TrackKind::try_from(&trak.mdia.hdlr.handler_type).ok())
            .expect("the parser knows the kind of every track we make"),
        codec: codec.to_owned(),
        width: track.width,
        height: track.height,
        channels,
        sample_rate,
        samples,
        begins,
        duration: if found { presented } else { media_duration },
        media_duration,
    }
}

/// The types of the boxes at the top level.
fn top_level(mut bytes: &[u8]) -> Vec<String> {
    let mut types = Vec::new();
    while bytes.len() >= 8 {
        let size = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
        types.push(String::from_utf8_lossy(&bytes[4..8]).into_owned());
        assert!(
            size >= 8 && size <= bytes.len(),
            "top-level box {types:?} has a sane size"
        );
        bytes = &bytes[size..];
    }
    assert!(bytes.is_empty(), "no trailing bytes after the last box");
    types
}
