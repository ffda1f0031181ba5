//! VP8 and VP9 as libvpx encodes them, decoded by FFmpeg's own decoders.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::pixels::{self, Video, psnr};
use crate::support::{read, runtime};

fn encoded(source: &Video, encoder: &str, options: &[(&str, &str)]) -> (MemFs, usize) {
    let fs = MemFs::new();
    let report = source.encode(&fs, "/out.webm", encoder, options);
    let size = report.outputs[0].size.expect("it is one file") as usize;
    (fs, size)
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn both_encoders_keep_the_frames_and_their_pictures() {
    let source = Video::synthetic(160, 96, 20);
    for (encoder, codec) in [("libvpx", "vp8"), ("libvpx-vp9", "vp9")] {
        let options = [("b", "600000"), ("deadline", "realtime"), ("cpu-used", "4")];
        let (fs, size) = encoded(&source, encoder, &options);
        let probe = runtime().probe(&fs, "/out.webm").expect("it is WebM");
        assert_eq!(probe.streams[0].codec.as_deref(), Some(codec));
        assert!(
            size < source.data.len() / 4,
            "{encoder} made {size} bytes of {}",
            source.data.len()
        );
        let result = pixels::decode(&fs, "/out.webm", 160, 96);
        assert_eq!(result.len(), source.len(), "{encoder}");
        for n in 0..source.len() {
            assert_eq!(result.spelled(n), n, "{encoder}");
            let db = psnr(result.frame(n), source.frame(n));
            assert!(
                db > 30.0,
                "{encoder}: frame {n} is {db:.1} dB from the source"
            );
        }
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn more_bits_make_a_better_picture() {
    let source = Video::synthetic(160, 96, 8);
    for encoder in ["libvpx", "libvpx-vp9"] {
        let at = |crf: &str| {
            let options = [
                ("crf", crf),
                ("b", "2000000"),
                ("deadline", "realtime"),
                ("cpu-used", "4"),
            ];
            let (fs, size) = encoded(&source, encoder, &options);
            let result = pixels::decode(&fs, "/out.webm", 160, 96);
            (psnr(&result.data, &source.data), size)
        };
        let ((fine, large), (coarse, small)) = (at("8"), at("60"));
        assert!(
            fine > coarse && large > small,
            "{encoder}: {fine:.1} dB in {large} bytes, {coarse:.1} dB in {small}"
        );
    }
}

/// Samples of 10 bits, of which a ramp of neighbouring levels is nearer to itself than any picture of 8 bits can be.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn vp9_of_ten_bits_has_levels_that_eight_bits_have_not() {
    let fs = MemFs::new();
    let raw = |input: Input, graph: &str| {
        let output = Output::file("/raw").format("rawvideo").map("[v]");
        let job = Job::new()
            .input(input)
            .filter(graph)
            .output(output.video_codec("rawvideo"));
        runtime().process(&fs, &job).expect("the job is done");
        let bytes = read(&fs, "/raw");
        let samples = bytes.as_chunks::<2>().0.iter();
        samples.map(|two| u16::from_le_bytes(*two)).collect()
    };
    let source = || Input::file("color=size=128x64:rate=5:duration=1").format("lavfi");
    let ramp = "[0:v]format=yuv420p10le,geq=lum=400+X:cb=512:cr=512[v]";
    let before: Vec<u16> = raw(source(), ramp);
    let output = Output::file("/out.webm")
        .map("[v]")
        .video_codec("libvpx-vp9")
        .video_option("crf", 4)
        .video_option("deadline", "realtime")
        .video_option("cpu-used", 4);
    let job = Job::new().input(source()).filter(ramp).output(output);
    runtime().process(&fs, &job).expect("it is encoded");
    let probe = runtime().probe(&fs, "/out.webm").expect("it is WebM");
    assert_eq!(probe.streams[0].pix_fmt.as_deref(), Some("yuv420p10le"));
    let after: Vec<u16> = raw(Input::file("/out.webm"), "[0:v]format=yuv420p10le[v]");
    assert_eq!(before.len(), after.len());
    let error = |of: &dyn Fn(u16) -> u16| {
        let squares = before
            .iter()
            .zip(&after)
            .map(|(&before, &after)| (f64::from(before) - f64::from(of(after))).powi(2));
        squares.sum::<f64>() / before.len() as f64
    };
    let (fine, coarse) = (error(&|level| level), error(&|level| level & !3));
    assert!(
        fine < 1.0 && fine < coarse / 2.0,
        "mean square error of {fine} of 10 bits, {coarse} of the upper 8 of them"
    );
}
