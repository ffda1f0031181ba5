//! Reads a Matroska or WebM file with an independent demuxer.

use std::io::Cursor;

use matroska_demuxer::{Frame, MatroskaFile, TrackType};

/// One track and its packets.
pub(crate) struct ParsedTrack {
    pub(crate) codec: String,
    pub(crate) kind: TrackType,
    /// Times in seconds, in file order.
    pub(crate) times: Vec<f64>,
    pub(crate) packets: Vec<Vec<u8>>,
    pub(crate) keyframes: Vec<bool>,
}

/// A parsed file.
pub(crate) struct Parsed {
    pub(crate) doc_type: String,
    pub(crate) duration: f64,
    pub(crate) tracks: Vec<ParsedTrack>,
    /// Times in seconds of the packets of all tracks, in file order.
    pub(crate) order: Vec<f64>,
}

impl Parsed {
    /// Parses `bytes`, or fails the test.
    #[track_caller]
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut file =
            MatroskaFile::open(Cursor::new(bytes)).expect("an independent demuxer opens it");
        let tick = file.info().timestamp_scale().get() as f64 / 1e9;
        let numbers: Vec<u64> = file
            .tracks()
            .iter()
            .map(|t| t.track_number().get())
            .collect();
        let mut tracks: Vec<ParsedTrack> = file
            .tracks()
            .iter()
            .map(|track| ParsedTrack {
                codec: track.codec_id().to_owned(),
                kind: track.track_type(),
                times: Vec::new(),
                packets: Vec::new(),
                keyframes: Vec::new(),
            })
            .collect();
        let mut order = Vec::new();
        let mut frame = Frame::default();
        while file
            .next_frame(&mut frame)
            .expect("every block is well formed")
        {
            let at = numbers
                .iter()
                .position(|&n| n == frame.track)
                .expect("a declared track");
            order.push(frame.timestamp as f64 * tick);
            tracks[at].times.push(frame.timestamp as f64 * tick);
            tracks[at].packets.push(frame.data.clone());
            tracks[at].keyframes.push(frame.is_keyframe.unwrap_or(true));
        }
        Self {
            doc_type: file.ebml_header().doc_type().to_owned(),
            duration: file.info().duration().unwrap_or(0.0) * tick,
            tracks,
            order,
        }
    }

    /// The only track of this kind.
    #[track_caller]
    pub(crate) fn only(&self, kind: TrackType) -> &ParsedTrack {
        let mut found = self.tracks.iter().filter(|track| track.kind == kind);
        let first = found.next().unwrap_or_else(|| panic!("no {kind:?} track"));
        assert!(found.next().is_none(), "more than one {kind:?} track");
        first
    }
}

impl ParsedTrack {
    /// When the earliest packet is presented.
    pub(crate) fn start(&self) -> f64 {
        self.times.iter().copied().fold(f64::INFINITY, f64::min)
    }
}
