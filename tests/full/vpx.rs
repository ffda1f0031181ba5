//! VP8 and VP9 as libvpx encodes them, decoded by FFmpeg's own decoders.

use afmpeg::MemFs;

use crate::support::pixels::{self, Video, psnr};
use crate::support::runtime;

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
