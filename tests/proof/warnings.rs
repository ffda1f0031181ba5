//! What a report warns of: jobs that are done, and of which somebody may have expected something else.

use afmpeg::{Input, Job, MemFs, Output, Stream};

use crate::support::runtime;

#[track_caller]
fn warnings(fs: &MemFs, job: &Job) -> Vec<String> {
    let report = runtime().process(fs, job).expect("the job is done");
    report.warnings
}

#[test]
fn a_stream_without_a_packet_is_named() {
    let fs = MemFs::new();
    let graph = "color=size=16x16:duration=0.2,split[s][w];[s]select=0[v]";
    let short = |output: Output| output.video_codec("mjpeg").map("[w]").map("[v]");
    let full = |output: Output| {
        let mjpeg = |pad: &str| Stream::new(pad).codec("mjpeg");
        output.stream(mjpeg("[v]")).stream(mjpeg("[w]"))
    };
    for (output, place) in [
        (short(Output::file("/out.mkv")), "outputs[0].map[1]"),
        (full(Output::file("/out.mkv")), "outputs[0].streams[0]"),
    ] {
        let job = Job::new().filter(graph).output(output);
        let expected = format!("{place}: the stream is empty");
        assert_eq!(warnings(&fs, &job), [expected]);
    }
    let output = Output::file("/out.mkv").map("[v]").video_codec("mjpeg");
    let whole = Job::new().filter("color=size=16x16:duration=0.2[v]");
    assert_eq!(warnings(&fs, &whole.output(output)), [] as [&str; 0]);
}

/// Thirteen packets of one time each, of which twelve come too late for a container whose times grow. Matroska's may stay.
#[test]
fn packets_whose_times_do_not_grow_are_counted() {
    let fs = MemFs::new();
    let copied = |path: &str| Output::file(path).map("0:a").audio_codec("copy");
    let job = Job::new()
        .input(Input::lavfi("sine=duration=0.3,asetpts=0"))
        .output(copied("/out.mkv"))
        .output(copied("/out.mov"));
    let report = runtime().process(&fs, &job).expect("the job is done");
    for output in &report.outputs {
        assert_eq!(output.streams[0].packets, Some(13));
    }
    assert_eq!(
        report.warnings,
        ["outputs[1]: the decode times of 12 packets did not grow and were moved"]
    );
}

/// Black and white by turns: each picture has as many new values as the one before it, and a reply has room for 8000.
#[test]
fn findings_that_are_left_out_are_counted() {
    const PICTURE: usize = 16 * 16 * 3 / 2;
    let fs = MemFs::new();
    let pictures = (0..400).flat_map(|n| [if n % 2 == 0 { 30_u8 } else { 200 }; PICTURE]);
    fs.write("/in.yuv", pictures.collect::<Vec<_>>())
        .expect("room");
    let [some, twice, many] = [100, 200, 400].map(|frames| {
        let input = Input::file("/in.yuv")
            .format("rawvideo")
            .option("video_size", "16x16")
            .option("pixel_format", "yuv420p");
        let job = Job::new()
            .input(input)
            .filter(format!("[0:v]trim=end_frame={frames},signalstats[v]"))
            .output(Output::null().map("[v]"));
        runtime().process(&fs, &job).expect("the job is done")
    });
    let (less, more) = (some.analysis.len(), twice.analysis.len());
    assert!(some.warnings.is_empty() && twice.warnings.is_empty());
    assert!(less > 500 && more < 8000, "{less}, {more}");
    assert_eq!(many.analysis.len(), 8000);
    let left_out = more + 2 * (more - less) - 8000;
    assert_eq!(
        many.warnings,
        [format!("analysis: {left_out} more values were left out")]
    );
}
