//! The eight workloads of the race: what each does, as a job of ours and as arguments of FFmpeg's own command.

use serde_json::{Value, json};

/// A file that workloads read, made once by the engine under test or taken from the test fixtures.
pub(crate) struct Source {
    /// File name in the race's folder.
    pub(crate) name: &'static str,
    /// Where it comes from.
    pub(crate) origin: Origin,
}

/// Where a [`Source`] comes from.
pub(crate) enum Origin {
    /// A file of `tests/fixtures/`.
    Fixture(&'static str),
    /// The result of this job spec; its first input, if any, is the named source.
    Made {
        from: Option<&'static str>,
        spec: fn() -> Value,
    },
}

/// One workload.
pub(crate) struct Workload {
    /// Name in the table and in the JSON.
    pub(crate) name: &'static str,
    /// What it does, in a line.
    pub(crate) what: &'static str,
    /// Sources it reads, in the order of the job's inputs.
    pub(crate) inputs: &'static [&'static str],
    /// The file it writes, or none for a probe.
    pub(crate) output: Option<&'static str>,
    /// The job spec, with guest paths `/in/NAME` and `/out/NAME`.
    pub(crate) spec: fn() -> Value,
    /// Arguments for FFmpeg's own command, without the inputs and the output.
    pub(crate) native: Native,
}

/// The same work for FFmpeg's own command-line tools.
pub(crate) enum Native {
    /// `ffmpeg` that says its version.
    Version,
    /// `ffprobe` with full stream information.
    Probe,
    /// `ffmpeg BEFORE -i … ARGS OUTPUT`.
    Convert {
        before: &'static [&'static str],
        args: &'static [&'static str],
    },
}

/// Sources in the order in which they can be made.
pub(crate) const SOURCES: &[Source] = &[
    Source {
        name: "bbb720.mp4",
        origin: Origin::Fixture("bbb_720p_h264_aac51.mp4"),
    },
    Source {
        name: "music.mp3",
        origin: Origin::Fixture("bbb.mp3"),
    },
    Source {
        name: "clip240.mp4",
        origin: Origin::Made {
            from: None,
            spec: || lavfi_clip(440),
        },
    },
    Source {
        name: "clip240b.mp4",
        origin: Origin::Made {
            from: None,
            spec: || lavfi_clip(660),
        },
    },
    Source {
        name: "nat360.mp4",
        origin: Origin::Made {
            from: Some("bbb720.mp4"),
            spec: natural_clip,
        },
    },
];

/// Nothing but the start of a process: what a column of whole processes has on top of the work itself.
pub(crate) const START: Workload = Workload {
    name: "start",
    what: "a process that starts, opens the engine and says its version",
    inputs: &[],
    output: None,
    spec: || json!({"op": "version", "version": 10}),
    native: Native::Version,
};

/// The workloads of one process on two threads: benches of ours that print a `speedup`. They have no peers.
pub(crate) const PARALLEL: &[Parallel] = &[
    Parallel {
        name: "pool",
        what: "many small jobs on a pool of two threads against one of one",
    },
    Parallel {
        name: "segment",
        what: "one transcode in parts on two threads against one piece on one",
    },
];

/// A workload of [`PARALLEL`].
pub(crate) struct Parallel {
    /// Name in the table and in the JSON, and of the bench.
    pub(crate) name: &'static str,
    /// What it does, in a line.
    pub(crate) what: &'static str,
}

/// The race.
pub(crate) const WORKLOADS: &[Workload] = &[
    Workload {
        name: "probe",
        what: "stream information of a 1 MB MP4",
        inputs: &["bbb720.mp4"],
        output: None,
        spec: || json!({"op": "probe", "version": 10, "inputs": [{"path": "/in/bbb720.mp4"}]}),
        native: Native::Probe,
    },
    Workload {
        name: "remux",
        what: "1 MB MP4 to Matroska, copied",
        inputs: &["bbb720.mp4"],
        output: Some("remux.mkv"),
        spec: || {
            bitexact(process(
                json!([{"path": "/in/bbb720.mp4"}]),
                None,
                json!({"path": "/out/remux.mkv", "map": ["0:v", "0:a"],
                    "video_codec": "copy", "audio_codec": "copy"}),
            ))
        },
        native: Native::Convert {
            before: &[],
            args: &["-map", "0:v", "-map", "0:a", "-c", "copy"],
        },
    },
    Workload {
        name: "thumb720",
        what: "frame at 1.5 s of 720p H.264 to PNG, 320 wide",
        inputs: &["bbb720.mp4"],
        output: Some("thumb.png"),
        spec: || {
            json!({"op": "frames", "version": 10, "inputs": [{"path": "/in/bbb720.mp4"}],
                "select": {"timestamp": 1.5}, "path": "/out/thumb.png", "scale": "320:-2"})
        },
        native: Native::Convert {
            before: &["-ss", "1.5"],
            args: &["-frames:v", "1", "-update", "1", "-vf", "scale=320:-2"],
        },
    },
    Workload {
        name: "mjpeg320",
        what: "3 s of 320x240 H.264, scaled to 160x120, to MJPEG",
        inputs: &["clip240.mp4"],
        output: Some("mjpeg.mkv"),
        spec: || {
            bitexact(process(
                json!([{"path": "/in/clip240.mp4"}]),
                Some("[0:v]scale=160:120[v]"),
                json!({"path": "/out/mjpeg.mkv", "map": ["[v]"], "video_codec": "mjpeg",
                    "duration": 3}),
            ))
        },
        native: Native::Convert {
            before: &[],
            args: &["-an", "-t", "3", "-vf", "scale=160:120", "-c:v", "mjpeg"],
        },
    },
    Workload {
        name: "transcode",
        what: "3 s of 320x240 H.264 + AAC to 160x120 H.264 + AAC",
        inputs: &["clip240.mp4"],
        output: Some("transcode.mp4"),
        spec: || {
            process(
                json!([{"path": "/in/clip240.mp4"}]),
                Some("[0:v]scale=160:120[v];[0:a]anull[a]"),
                encoded("/out/transcode.mp4", "300000", Some(3.0)),
            )
        },
        native: Native::Convert {
            before: &[],
            args: &["-t", "3", "-vf", "scale=160:120", "-b:v", "300000"],
        },
    },
    Workload {
        name: "transcode_nat",
        what: "3 s of natural 640x360 H.264 + AAC to 320x180 H.264 + AAC",
        inputs: &["nat360.mp4"],
        output: Some("nat.mp4"),
        spec: || {
            process(
                json!([{"path": "/in/nat360.mp4"}]),
                Some("[0:v]scale=320:180[v];[0:a]anull[a]"),
                encoded("/out/nat.mp4", "500000", Some(3.0)),
            )
        },
        native: Native::Convert {
            before: &[],
            args: &["-t", "3", "-vf", "scale=320:180", "-b:v", "500000"],
        },
    },
    Workload {
        name: "reel",
        what: "two 3 s clips, crossfaded and mixed, 5 s of 320x240 H.264 + AAC",
        inputs: &["clip240.mp4", "clip240b.mp4"],
        output: Some("reel.mp4"),
        spec: || {
            process(
                json!([{"path": "/in/clip240.mp4"}, {"path": "/in/clip240b.mp4"}]),
                Some(
                    "[0:v][1:v]xfade=transition=fade:duration=1:offset=2[v];\
                     [1:a]adelay=2000:all=1[d];[0:a][d]amix=inputs=2[a]",
                ),
                encoded("/out/reel.mp4", "500000", Some(5.0)),
            )
        },
        native: Native::Convert {
            before: &[],
            args: &[
                "-filter_complex",
                "[0:v][1:v]xfade=transition=fade:duration=1:offset=2[v];\
                 [1:a]adelay=2000:all=1[d];[0:a][d]amix=inputs=2[a]",
                "-map",
                "[v]",
                "-map",
                "[a]",
                "-t",
                "5",
                "-b:v",
                "500000",
            ],
        },
    },
    Workload {
        name: "audio_mp3",
        what: "10 s of MP3 (a clip three times over) to AAC in MP4",
        inputs: &["music.mp3"],
        output: Some("audio.m4a"),
        spec: || {
            process(
                json!([{"path": "/in/music.mp3", "loop": 2}]),
                Some("[0:a]anull[a]"),
                json!({"path": "/out/audio.m4a", "map": ["[a]"], "audio_codec": "aac",
                    "duration": 10}),
            )
        },
        native: Native::Convert {
            before: &["-stream_loop", "2"],
            args: &["-vn", "-t", "10", "-c:a", "aac"],
        },
    },
];

fn process(inputs: Value, filter: Option<&str>, output: Value) -> Value {
    let mut spec = json!({"op": "process", "version": 10, "inputs": inputs, "outputs": [output]});
    if let Some(filter) = filter {
        spec["filter"] = filter.into();
    }
    spec
}

/// The muxer of Matroska draws random identifiers unless it is told not to, and results are compared by their
/// bytes.
fn bitexact(mut spec: Value) -> Value {
    spec["bitexact"] = true.into();
    spec
}

fn encoded(path: &str, bit_rate: &str, duration: Option<f64>) -> Value {
    let mut output = json!({"path": path, "map": ["[v]", "[a]"], "video_codec": "libopenh264",
        "audio_codec": "aac", "video_options": {"b": bit_rate}});
    if let Some(seconds) = duration {
        output["duration"] = seconds.into();
    }
    output
}

fn lavfi_clip(tone: u32) -> Value {
    process(
        json!([
            {"path": "testsrc2=size=320x240:rate=25:duration=3", "format": "lavfi"},
            {"path": format!("sine=frequency={tone}:sample_rate=44100:duration=3"),
                "format": "lavfi"},
        ]),
        Some("[0:v]format=yuv420p[v];[1:a]anull[a]"),
        encoded("/out/out.mp4", "800000", None),
    )
}

fn natural_clip() -> Value {
    process(
        json!([{"path": "/in/bbb720.mp4"}]),
        Some("[0:v]scale=640:360[v];[0:a]aformat=channel_layouts=stereo[a]"),
        encoded("/out/out.mp4", "2000000", Some(3.0)),
    )
}
