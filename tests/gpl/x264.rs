//! H.264 as x264 encodes it, read by FFmpeg's own decoder and by the headers of its slices.

use afmpeg::MemFs;

use crate::support::h264::{Kind, Picture};
use crate::support::mp4::{Parsed, ParsedSample};
use crate::support::pixels::{self, Video, psnr};
use crate::support::read;

struct Encoded {
    fs: MemFs,
    samples: Vec<ParsedSample>,
}

impl Encoded {
    fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.samples
            .iter()
            .map(|sample| Picture::of(&sample.data).kind)
    }

    fn size(&self) -> usize {
        self.samples.iter().map(|sample| sample.data.len()).sum()
    }
}

fn encoded(source: &Video, options: &[(&str, &str)]) -> Encoded {
    let fs = MemFs::new();
    source.encode(&fs, "/out.mp4", "libx264", options);
    let mut tracks = Parsed::new(&read(&fs, "/out.mp4")).tracks;
    let samples = tracks.remove(0).samples;
    Encoded { fs, samples }
}

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn b_frames_with_a_pyramid_come_back_in_their_order() {
    let source = Video::synthetic(160, 96, 24);
    let options = [
        ("preset", "medium"),
        ("crf", "18"),
        ("bf", "3"),
        ("x264-params", "b-adapt=0:b-pyramid=normal:scenecut=0"),
    ];
    let encoded = encoded(&source, &options);
    assert_eq!(encoded.samples.len(), source.len());
    assert_eq!(encoded.kinds().filter(|kind| *kind == Kind::I).count(), 1);
    assert!(encoded.kinds().filter(|kind| *kind == Kind::B).count() >= source.len() / 2);
    // The middle one of three.
    let referred = encoded.samples.iter().any(|sample| {
        let picture = Picture::of(&sample.data);
        picture.kind == Kind::B && picture.referenced
    });
    assert!(referred, "a pyramid has B-frames that others refer to");
    let result = pixels::decode(&encoded.fs, "/out.mp4", 160, 96);
    assert_eq!(result.len(), source.len());
    for n in 0..source.len() {
        assert_eq!(result.spelled(n), n);
        let db = psnr(result.frame(n), source.frame(n));
        assert!(db > 36.0, "frame {n} is {db:.1} dB from the source");
    }
}

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn one_key_frame_is_less_than_half_of_nothing_but_key_frames() {
    let source = Video::synthetic(160, 96, 15);
    let long = encoded(&source, &[("qp", "26"), ("g", "250")]);
    let intra = encoded(&source, &[("qp", "26"), ("g", "1")]);
    assert_eq!(long.kinds().filter(|kind| *kind == Kind::I).count(), 1);
    assert!(intra.kinds().all(|kind| kind == Kind::I));
    assert!(
        2 * long.size() <= intra.size(),
        "{} bytes and {}",
        long.size(),
        intra.size()
    );
}

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn a_finer_quality_is_nearer_to_the_source_and_larger() {
    let source = Video::synthetic(160, 96, 10);
    let at = |crf| {
        let encoded = encoded(&source, &[("preset", "veryfast"), ("crf", crf)]);
        let result = pixels::decode(&encoded.fs, "/out.mp4", 160, 96);
        (psnr(&result.data, &source.data), encoded.size())
    };
    let ((fine, large), (coarse, small)) = (at("12"), at("40"));
    assert!(
        fine > coarse + 3.0 && large > small,
        "{fine:.1} dB in {large} bytes, {coarse:.1} dB in {small}"
    );
}

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn the_same_job_gives_the_same_bytes() {
    let source = Video::synthetic(96, 64, 12);
    let bytes = || read(&encoded(&source, &[("crf", "23")]).fs, "/out.mp4");
    assert_eq!(bytes(), bytes());
}
