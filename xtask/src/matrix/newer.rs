//! What FFmpeg of the engine's version decodes, for codecs that the older native one decodes otherwise or does not know.

use super::signals;
use crate::digest;

/// Whether these bytes are what that FFmpeg decodes of the codec's forged file, if it was asked.
pub(super) fn decodes(codec: &str, bytes: &[u8]) -> Option<bool> {
    let sketch = SKETCHES.iter().find(|(name, ..)| *name == codec);
    if let Some((.., sketch)) = sketch {
        return Some(near(sketch, &signals::samples(bytes)));
    }
    let (.., expected) = DIGESTS.iter().find(|(name, ..)| *name == codec)?;
    Some(digest::bytes(bytes) == *expected)
}

/// The seed of the forged file that it was asked about.
pub(super) fn seed(codec: &str) -> Option<u64> {
    let digests = DIGESTS.iter().map(|(name, seed, _)| (*name, *seed));
    let sketches = SKETCHES.iter().map(|(name, seed, _)| (*name, *seed));
    let (_, seed) = digests.chain(sketches).find(|(name, _)| *name == codec)?;
    Some(seed)
}

/// Whether sound is what a sketch is of, but for roundings: a hundredth is far more than they make.
fn near(sketch: &Sketch, samples: &[f64]) -> bool {
    let energy: f64 = samples.iter().map(|sample| sample * sample).sum();
    let most = energy.sqrt() / 100.0;
    let mut apart = sketch.sums.iter().zip(sums(samples));
    samples.len() == sketch.samples && apart.all(|(one, other)| (one - other).abs() <= most)
}

/// Sums of samples whose signs are turned by numbers that look random, each by another one.
fn sums(samples: &[f64]) -> [f64; 8] {
    let mut sums = [0.0; 8];
    for (at, sample) in (1_u64..).zip(samples) {
        let signs = at.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0];
        for (bit, sum) in sums.iter_mut().enumerate() {
            *sum += if signs >> bit & 1 == 1 {
                *sample
            } else {
                -sample
            };
        }
    }
    sums
}

/// What there is to say of sound whose last bits are those of its processor.
struct Sketch {
    samples: usize,
    sums: [f64; 8],
}

/// Codecs, the seeds of their forged files, and the SHA-256 of what is decoded of them: pictures in their own pixel
/// format without padding, sound as little-endian `double`. By FFmpeg 9.0.2 of the engine's sources, built for x86-64
/// without its processor code.
const DIGESTS: &[(&str, u64, &str)] = &[
    (
        "adpcm_ima_xbox",
        1,
        "4cb4052ace11bcf355c0cdf475cd3bf7316b7e0e81c0edbaf1a41865152d4211",
    ),
    (
        "adpcm_sanyo",
        1,
        "52ad7c16bc9d775e1cc7ac5d2e5394a096709a8d2f80063b6867a52eff3a3286",
    ),
    (
        "adpcm_xmd",
        1,
        "ebc86194d843996a484e53b95673a443d4aa31335c4e65ee88e289fca9bc1594",
    ),
    (
        "apac",
        1,
        "1f626700f1edb4d8d9efe15099bc33ba0e6239a776e20fc3c822cb469b05a941",
    ),
    (
        "apv",
        1,
        "a77e6c1d97a53fb7a68b9fa7a7daf1e2410b0948da8ddd7d2aa2b2ecb75b8ec8",
    ),
    (
        "bonk",
        1,
        "c61733093488024a6eb441092c332099cfaed475b004d4056e1cb3b4858de586",
    ),
    (
        "cbd2_dpcm",
        1,
        "6e533d1555b7897da095ef40190f0c2d1f9127776b793cbd43a89cc869ff28f0",
    ),
    (
        "lead",
        1,
        "77ee2045dba49bf3130c9f5670f8ab4ba97c276caaf2ff196bc0a344a3e34941",
    ),
    (
        "media100",
        1,
        "a1de3671a4f481d4de3a613a529bd6096a38d29a6541d3479265b9342f1f13fb",
    ),
    (
        "misc4",
        1,
        "36127eff09b2915d22539f91a14a1d54efa8646e7440e4e3526ed863634b5b40",
    ),
    (
        "mmvideo",
        1,
        "ba00d50945672b7ad8ddefa65882d4d95adcf91db9168716ed03e687dd8e5911",
    ),
    (
        "osq",
        1,
        "6108c46ac91fbc4f12dd68b45c6d85c9f0144b535819c1d5d5066a0238ee4157",
    ),
    (
        "prores_raw",
        1,
        "77ee0215c0b2652684a99cffabd5d75f219f63db1218ce42e35d3ef8dc0f5d85",
    ),
    (
        "qoa",
        1,
        "a690f5a17ae0cb6a7320f81dfc7fbfde0683134a9fb48a7de11b227b038ab85e",
    ),
    (
        "rka",
        1,
        "7ca1fdc6b3126a3c1ce0a83f9e44cab404f6cf7ad0d735b3764ab1ab6a480431",
    ),
    (
        "rtv1",
        1,
        "f5c7f99c4d3bd8651f27fda10447daa0697e725d0d5ae3d2e8901564324a5c0d",
    ),
    (
        "rv60",
        1,
        "d0427b5609d2bcd0a479c0530b574ffbfd1531bebea3af957a38587da6b5c2af",
    ),
    (
        "vmix",
        1,
        "3566472cb76a4b2f145ecbc085d2dfae7a3fcdc00f3e87d509c9f571f2bf1374",
    ),
    (
        "vqc",
        1,
        "80a2e24e54e377e007d6c36389725102c28ffe62d41fcb74769c1b9c45f2e4f6",
    ),
    (
        "vvc",
        187,
        "7ec418eee6ef7e587c27d2b945c8a2a5e8ca4e1342aa995e348343ec7921de23",
    ),
    (
        "wady_dpcm",
        1,
        "fbfb4e5331d7bf31e4fa57e7a6e7f4496fcecb103a029813afa0e69ea062b6a8",
    ),
    (
        "wavarc",
        1,
        "4f3669ee862d1d931d384b1b44ef5fb2387c823c5d249c11d3ea005798e06d23",
    ),
    (
        "xan_dpcm",
        1,
        "de73c7d627ca8d909468e2a090c0db4c9d90934351c0528ab7f3933be76bbef4",
    ),
];

/// The same for codecs that reckon with floats, by the same FFmpeg.
const SKETCHES: &[(&str, u64, Sketch)] = &[
    (
        "ftr",
        1,
        Sketch {
            samples: 10240,
            sums: [
                0.003980, -0.018059, 0.011302, 0.002455, 0.120804, -0.006709, 0.002224, -0.000185,
            ],
        },
    ),
    (
        "g728",
        1,
        Sketch {
            samples: 2000,
            sums: [
                -26.807, -12.726, 13.488, 39.369, 0.558, -0.455, 11.783, 0.972,
            ],
        },
    ),
    (
        "iac",
        1,
        Sketch {
            samples: 6144,
            sums: [
                -1288.611, 12127.766, -7251.398, 9467.604, -9339.691, -1811.276, -15932.507,
                2323.561,
            ],
        },
    ),
    (
        "imc",
        1,
        Sketch {
            samples: 3072,
            sums: [
                2509.345, 7139.315, 1472.860, 540.697, -548.326, 2059.896, -532.338, -10820.714,
            ],
        },
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::fixtures;

    #[test]
    fn the_tables_are_sorted_and_each_codec_can_be_forged() {
        assert!(DIGESTS.is_sorted_by(|(one, ..), (other, ..)| one < other));
        assert!(SKETCHES.is_sorted_by(|(one, ..), (other, ..)| one < other));
        for (codec, _, expected) in DIGESTS {
            assert!(fixtures::is_forged(codec), "{codec}");
            assert_eq!(expected.len(), 64, "{codec}");
        }
        for (codec, ..) in SKETCHES {
            assert!(fixtures::is_forged(codec), "{codec}");
        }
    }

    #[test]
    fn other_contents_are_told_from_its_own() {
        assert_eq!(decodes("qoa", b"other"), Some(false));
        assert_eq!(decodes("no such codec", b""), None);
    }

    #[test]
    fn a_sketch_allows_roundings_and_no_more() {
        let samples: Vec<f64> = (0..1000).map(|at| f64::from(at).sin()).collect();
        let sketch = Sketch {
            samples: 1000,
            sums: sums(&samples),
        };
        let turned = |by: f64| -> Vec<f64> { samples.iter().map(|sample| sample * by).collect() };
        assert!(near(&sketch, &turned(1.0001)));
        assert!(!near(&sketch, &turned(-1.0)));
        assert!(!near(&sketch, &samples[1..]));
    }
}
