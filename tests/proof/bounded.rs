//! Memory of the guest: what a job holds does not grow with its length or with the number of its clips.

use afmpeg::{Input, Job, MemFs, Output, RateMode, Stream};

use crate::support::runtime;

const MIB: u64 = 1 << 20;

/// Raw frames, of which a copy in the guest would be seen in its memory.
fn frames(fs: &MemFs, path: &str, (width, height): (usize, usize), count: usize) -> Input {
    fs.write(path, vec![90; width * height * 3 / 2 * count])
        .expect("a MemFs without quota takes the frames");
    Input::file(path)
        .format("rawvideo")
        .option("video_size", format!("{width}x{height}"))
        .option("pixel_format", "yuv420p")
        .option("framerate", 25)
}

/// The most memory that the guest had, and the frames of each stream.
#[track_caller]
fn peak(fs: &MemFs, job: &Job) -> (u64, Vec<u64>) {
    let report = runtime().process(fs, job).expect("the job is done");
    let streams = report.outputs.iter().flat_map(|output| &output.streams);
    let frames = streams.map(|stream| stream.frames);
    let frames = frames.map(|frames| frames.expect("frames are counted"));
    (report.usage.peak_memory, frames.collect())
}

/// The same of one output that takes all as it comes.
#[track_caller]
fn peak_alone(fs: &MemFs, input: &Input) -> u64 {
    let job = Job::new().input(input.clone()).filter("[0:v]null[a]");
    peak(fs, &job.output(Output::null().map("[a]"))).0
}

/// A job has at most so many MiB more than the one output that it is held against.
#[track_caller]
fn assert_beside(what: &str, bytes: u64, alone: u64, more: u64) {
    let (bytes, alone) = (bytes / MIB, alone / MIB);
    assert!(
        bytes < alone + more,
        "{what}: {bytes} MiB, and {alone} MiB alone"
    );
}

/// A splitting graph goes on to deliver to a sink whose output is done: 15 seconds of it are 55 MiB.
#[test]
fn a_finished_output_does_not_hoard_the_frames_of_another() {
    let fs = MemFs::new();
    let input = frames(&fs, "/in.yuv", (320, 320), 375);
    let alone = peak_alone(&fs, &input);
    for early in [0, 1] {
        let mut job = Job::new().input(input.clone()).filter("[0:v]split[a][b]");
        for (n, pad) in ["[a]", "[b]"].into_iter().enumerate() {
            let output = Output::null().map(pad);
            job = job.output(if n == early {
                output.duration(0.2)
            } else {
                output
            });
        }
        let (both, counts) = peak(&fs, &job);
        assert_eq!((counts[early], counts[1 - early]), (5, 375));
        assert_beside(&format!("output {early} ends early"), both, alone, 26);
    }
}

/// One output takes what comes at once, and the other only what comes late. The frames of the first one must not wait for
/// the second's: 15 seconds of them are 55 MiB.
#[test]
fn an_output_that_begins_late_does_not_hold_the_frames_of_another() {
    let fs = MemFs::new();
    let input = frames(&fs, "/in.yuv", (320, 320), 375);
    let alone = peak_alone(&fs, &input);
    for (graph, counts) in [
        (
            "[0:v]split[a][b];[b]trim=start=12,setpts=PTS-STARTPTS[c]",
            [375, 75],
        ),
        // Two sources of one stream, and a clock that runs ahead of what was read.
        ("[0:v]setpts=4*PTS[a];[0:v]select=gte(t\\,12)[c]", [375, 75]),
        (
            "[0:v]split[a][b];[b]select=eq(n\\,0)+gte(t\\,12)[c]",
            [375, 76],
        ),
    ] {
        for late in [0, 1] {
            let mut pads = ["[a]", "[c]"];
            pads.rotate_left(late);
            let outputs = pads.map(|pad| Output::null().map(pad));
            let job = outputs
                .into_iter()
                .fold(Job::new().input(input.clone()).filter(graph), Job::output);
            let (both, mut found) = peak(&fs, &job);
            found.rotate_left(late);
            assert_eq!(found, counts, "{graph}");
            assert_beside(graph, both, alone, 10);
        }
    }
}

/// A clock that is slower than the source's, and pictures that are left out, are no reason to let the others wait.
#[test]
fn an_output_that_takes_its_time_does_not_hold_the_frames_of_another() {
    let fs = MemFs::new();
    let input = frames(&fs, "/in.yuv", (320, 320), 375);
    let alone = peak_alone(&fs, &input);
    let seldom = || {
        let stream = Stream::new("[c]").rate_mode(RateMode::Vfr);
        Output::null().stream(stream.frame_rate(1, 30))
    };
    let plain = || Output::null().map("[c]");
    for (graph, slow, count) in [
        (
            "[0:v]split[a][b];[b]setpts=PTS/8[c]",
            plain as fn() -> Output,
            375,
        ),
        ("[0:v]split[a][c]", seldom, 1),
    ] {
        for first in [false, true] {
            let mut outputs = [slow(), Output::null().map("[a]")];
            outputs.rotate_left(usize::from(first));
            let job = outputs
                .into_iter()
                .fold(Job::new().input(input.clone()).filter(graph), Job::output);
            let (both, mut found) = peak(&fs, &job);
            found.rotate_left(usize::from(first));
            assert_eq!(found, [count, 375], "{graph}");
            assert_beside(graph, both, alone, 10);
        }
    }
}

/// Beside an output that begins late another needs a second input, of one picture or of many: it goes on with both.
#[test]
fn an_output_of_two_inputs_goes_on_beside_one_that_begins_late() {
    let fs = MemFs::new();
    let input = frames(&fs, "/in.yuv", (320, 320), 375);
    let alone = peak_alone(&fs, &input);
    for second in [1, 375] {
        let second = frames(&fs, "/second.yuv", (320, 320), second);
        for late in [0, 1] {
            let mut pads = ["[v]", "[t]"];
            pads.rotate_left(late);
            let job = Job::new()
                .input(input.clone())
                .input(second.clone())
                .filter(
                    "[0:v]split[m][s];[m][1:v]overlay,crop=32:32[v];\
                     [s]select=gte(t\\,12),crop=32:32[t]",
                );
            let [one, other] = pads.map(|pad| Output::null().map(pad));
            let together = Output::file("/together.mkv");
            // As streams of two outputs, and of one, where what is encoded waits and is small.
            let jobs = [
                job.clone().output(one).output(other),
                job.output(together.map(pads[0]).map(pads[1]).video_codec("mjpeg")),
            ];
            for job in jobs {
                let (both, mut counts) = peak(&fs, &job);
                counts.rotate_left(late);
                assert_eq!(counts, [375, 75]);
                assert_beside(&format!("{pads:?}"), both, alone, 16);
            }
        }
    }
}

/// One output takes a clip as it comes, which another will want behind the clip before it: that one hurries.
#[test]
fn a_clip_that_is_joined_behind_another_does_not_wait_in_the_graph() {
    let fs = MemFs::new();
    let input = frames(&fs, "/in.yuv", (320, 320), 375);
    let alone = peak_alone(&fs, &input);
    for first in [0, 1] {
        let mut pads = ["[v]", "[t]"];
        pads.rotate_left(first);
        for graph in [
            "[0:v][1:v]concat[v];[1:v]null[t]",
            "[1:v]split[x][t];[0:v][x]concat[v]",
        ] {
            let [one, other] = pads.map(|pad| Output::null().map(pad));
            let job = Job::new().input(input.clone()).input(input.clone());
            let job = job.filter(graph).output(one).output(other);
            let (both, mut counts) = peak(&fs, &job);
            counts.rotate_left(first);
            assert_eq!(counts, [750, 375], "{graph}");
            assert_beside(&format!("{graph}, {pads:?}"), both, alone, 16);
        }
    }
}

/// Sound that ends early is looked for to the end of its file, of which the pictures, as packets or as frames, need not be
/// held till then.
#[test]
fn sound_that_ends_early_does_not_hoard_the_pictures_beside_it() {
    let fs = MemFs::new();
    let output = Output::file("/in.mkv").map("[v]").map("[a]");
    let job = Job::new()
        .input(frames(&fs, "/in.yuv", (320, 320), 750))
        .input(Input::lavfi("sine=sample_rate=8000:duration=2"))
        .filter("[0:v]null[v];[1:a]anull[a]")
        .output(output.video_codec("rawvideo").audio_codec("pcm_s16le"));
    runtime().process(&fs, &job).expect("the source is made");
    let encoded = |path: &str, pads: [&str; 2]| {
        let output = Output::file(path).map(pads[0]).map(pads[1]);
        output.video_codec("mjpeg").audio_codec("pcm_s16le")
    };
    let job = Job::new().input(Input::file("/in.mkv"));
    let (alone, _) = peak(
        &fs,
        &job.clone()
            .filter("[0:v]crop=32:32[v]")
            .output(Output::null().map("[v]")),
    );
    let one = job
        .clone()
        .filter("[0:v]crop=32:32[m];[0:a]anull[a]")
        .output(encoded("/one.mkv", ["[m]", "[a]"]));
    let two = job
        .filter("[0:v]crop=32:32[m];[0:v]crop=32:32[n];[0:a]asplit[a][b]")
        .output(encoded("/one.mkv", ["[m]", "[a]"]))
        .output(encoded("/two.mkv", ["[n]", "[b]"]));
    for job in [one, two] {
        let (bytes, counts) = peak(&fs, &job);
        assert!(counts.iter().step_by(2).all(|&n| n == 750), "{counts:?}");
        assert_beside("with sound", bytes, alone, 44);
    }
}

/// Packets are small, but those of a long stretch are not.
#[test]
fn a_copy_goes_on_beside_an_output_that_begins_late() {
    let fs = MemFs::new();
    let input = frames(&fs, "/in.yuv", (320, 320), 375);
    let alone = peak_alone(&fs, &input);
    for late in [false, true] {
        let mut outputs = [
            Output::null().map("0:v").video_codec("copy"),
            Output::null().map("[t]"),
        ];
        outputs.rotate_left(usize::from(late));
        let job = Job::new()
            .input(input.clone())
            .filter("[0:v]select=gte(t\\,12)[t]");
        let job = outputs.into_iter().fold(job, Job::output);
        let (both, mut counts) = peak(&fs, &job);
        counts.rotate_left(usize::from(late));
        assert_eq!(counts, [375, 75]);
        assert_beside("copied", both, alone, 26);
    }
}

/// What one output waits for is far into one input; of the other input it takes no more than it needs, although another
/// output takes that as it comes.
#[test]
fn an_input_that_is_awaited_does_not_bring_the_frames_of_another() {
    let fs = MemFs::new();
    let input = frames(&fs, "/in.yuv", (320, 320), 375);
    let alone = peak_alone(&fs, &input);
    for late in [0, 1] {
        let mut pads = ["[v]", "[t]"];
        pads.rotate_left(late);
        let job = Job::new()
            .input(input.clone())
            .input(input.clone())
            .filter(
                "[0:v]split[m][s];[1:v]trim=start=12,setpts=PTS-STARTPTS[o];\
                 [m][o]overlay[v];[s]null[t]",
            )
            .output(Output::null().map(pads[0]))
            .output(Output::null().map(pads[1]));
        let (both, counts) = peak(&fs, &job);
        assert_eq!(counts, [375, 375]);
        assert_beside(&format!("{pads:?}"), both, alone, 12);
    }
}

/// A window of one output may end long before that of another, which takes the rest by another way.
#[test]
fn an_output_that_ended_does_not_hoard_the_packets_of_its_input() {
    let fs = MemFs::new();
    let input = frames(&fs, "/in.yuv", (320, 320), 375);
    let encoded = || Output::null().map("[v]");
    let job = Job::new()
        .input(input.clone())
        .input(input)
        .filter("[0:v]null[v]")
        .output(encoded().duration(0.2))
        .output(Output::null().map("1:v").video_codec("copy"));
    let (bytes, counts) = peak(&fs, &job);
    assert_eq!(counts, [5, 375]);
    assert!(bytes < 26 * MIB, "{} MiB", bytes / MIB);
}

/// A job of `clips` clips of 25 frames, 2.7 MiB each.
fn joined(fs: &MemFs, clips: usize, graph: &str) -> Job {
    let mut job = Job::new();
    for n in 0..clips {
        job = job.input(frames(fs, &format!("/{n}.yuv"), (320, 240), 25));
    }
    job.filter(graph).output(Output::null().map("[v]"))
}

fn concat(clips: usize) -> String {
    let pads: String = (0..clips).map(|n| format!("[{n}:v]")).collect();
    format!("{pads}concat=n={clips}:v=1:a=0[v]")
}

/// Each clip fades into the next in its last fifth of a second.
fn xfade(clips: usize) -> String {
    let mut graph = String::new();
    let mut from = "0:v".to_owned();
    for n in 1..clips {
        let to = if n + 1 == clips {
            "v".to_owned()
        } else {
            format!("x{n}")
        };
        let offset = 0.8 * n as f64;
        graph += &format!("[{from}][{n}:v]xfade=duration=0.2:offset={offset:.1}[{to}];");
        from = to;
    }
    graph.pop();
    graph
}

#[test]
fn ten_clips_are_joined_in_the_memory_of_a_few() {
    let fs = MemFs::new();
    for (what, graph, total) in [
        ("concat", concat as fn(usize) -> String, [50, 250]),
        ("xfade", xfade, [45, 205]),
    ] {
        let (two, few) = peak(&fs, &joined(&fs, 2, &graph(2)));
        let (ten, many) = peak(&fs, &joined(&fs, 10, &graph(10)));
        assert_eq!([few[0], many[0]], total, "{what}: frames");
        // A demuxer and its buffers, and two pictures on their way; a clip would be 2.7 MiB.
        let growth = ten.saturating_sub(two) / 8;
        assert!(
            growth < MIB / 2,
            "{what}: {} KiB more for each clip ({} MiB for two, {} MiB for ten)",
            growth >> 10,
            two / MIB,
            ten / MIB
        );
    }
}
