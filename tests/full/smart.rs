//! Smart cuts of what lean has no encoder for: the very frames of the window, most of them copied bit by bit.

use afmpeg::{Cut, Input, Job, MemFs, Output, Seek};
use matroska_demuxer::TrackType;

use crate::support::pixels::{self, Video, psnr};
use crate::support::{mkv, mp4, read, runtime};

const WIDTH: usize = 160;
const HEIGHT: usize = 96;

/// A source: its file, its encoder, the encoder's options.
struct Source {
    path: &'static str,
    encoder: &'static str,
    options: &'static [(&'static str, &'static str)],
}

/// Key frames are a second apart, and each second has 25 frames.
const SOURCES: [Source; 7] = [
    Source {
        path: "/hevc.mp4",
        encoder: "libkvazaar",
        options: &[("kvazaar-params", "period=25,gop=lp-g4d3t1,qp=20")],
    },
    Source {
        path: "/hevc.mkv",
        encoder: "libkvazaar",
        options: &[("kvazaar-params", "period=25,gop=lp-g4d3t1,qp=20")],
    },
    Source {
        path: "/mpeg2.ts",
        encoder: "mpeg2video",
        options: &[
            ("g", "25"),
            ("bf", "2"),
            ("b", "4000000"),
            ("flags", "+cgop"),
            ("sc_threshold", "1000000000"),
        ],
    },
    Source {
        path: "/mpeg2.mkv",
        encoder: "mpeg2video",
        options: &[("g", "25"), ("b", "4000000")],
    },
    Source {
        path: "/mpeg4.mp4",
        encoder: "mpeg4",
        options: &[("g", "25"), ("b", "4000000")],
    },
    Source {
        path: "/vp8.webm",
        encoder: "libvpx",
        options: &[
            ("g", "25"),
            ("keyint_min", "25"),
            ("b", "1000000"),
            ("deadline", "realtime"),
            ("cpu-used", "4"),
        ],
    },
    Source {
        path: "/vp9.webm",
        encoder: "libvpx-vp9",
        options: &[
            ("g", "25"),
            ("keyint_min", "25"),
            ("b", "1000000"),
            ("deadline", "realtime"),
            ("cpu-used", "6"),
        ],
    },
];

fn make(source: &Source) -> (MemFs, Video) {
    let fs = MemFs::new();
    let video = Video::synthetic(WIDTH, HEIGHT, 75);
    video.encode(&fs, source.path, source.encoder, source.options);
    let decoded = pixels::decode(&fs, source.path, WIDTH, HEIGHT);
    assert_eq!(decoded.len(), 75, "{}", source.path);
    (fs, decoded)
}

/// When the pictures of a file are shown, by a parser that is not FFmpeg's; none of MPEG-TS.
fn times(fs: &MemFs, path: &str) -> Vec<f64> {
    let bytes = read(fs, path);
    let mut times = match path.rsplit_once('.').expect("it has one").1 {
        "mp4" => mp4::Parsed::new(&bytes).video().times(),
        "mkv" | "webm" => mkv::Parsed::new(&bytes)
            .only(TrackType::Video)
            .times
            .clone(),
        _ => return Vec::new(),
    };
    times.sort_by(f64::total_cmp);
    times
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn every_codec_has_its_very_frames_and_copies_whole_groups() {
    for source in &SOURCES {
        let (fs, shown) = make(source);
        let extension = source.path.rsplit_once('.').expect("it has one").1;
        let result = format!("/cut.{extension}");
        // From frame 20, the group of 25 to 49 is whole, and of the last one ten frames are wanted.
        for (first, end, least_copied) in [(20, 60, 25), (25, 50, 25), (30, 40, 0), (0, 30, 25)] {
            let what = format!("{} from {first} to {end}", source.path);
            let input = Input::file(source.path).seek(Seek::accurate(first as f64 * 0.04));
            let output = Output::file(&result).map("0:v").cut(Cut::Smart);
            let job = Job::new()
                .input(input)
                .output(output.duration((end - first) as f64 * 0.04));
            let report = runtime()
                .process(&fs, &job)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            let stream = &report.outputs[0].streams[0];
            let encoded = stream.reencoded.expect("a smart cut tells") as usize;
            assert!(
                end - first - encoded >= least_copied,
                "{what}: {encoded} of {} encoded",
                end - first
            );
            let cut = pixels::decode(&fs, &result, WIDTH, HEIGHT);
            assert_eq!(cut.len(), end - first, "{what}");
            let mut differ = 0;
            for n in 0..cut.len() {
                assert_eq!(cut.spelled(n), first + n, "{what}");
                if cut.frame(n) != shown.frame(first + n) {
                    differ += 1;
                    let db = psnr(cut.frame(n), shown.frame(first + n));
                    assert!(db > 30.0, "{what}: frame {n} is {db:.1} dB from the source");
                }
            }
            for (n, time) in times(&fs, &result).iter().enumerate() {
                let expected = n as f64 * 0.04;
                assert!(
                    (time - expected).abs() < 0.0016,
                    "{what}: frame {n} at {time}"
                );
            }
            assert!(
                differ <= encoded,
                "{what}: {differ} differ, {encoded} encoded"
            );
        }
    }
}
