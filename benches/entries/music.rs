//! Kernels of lossless audio, of Opus and Vorbis, of codes, and of probes.

use super::{Entry, floats};
use crate::arena::Arena;

/// A block of FLAC, and of ALAC.
const BLOCK: usize = 4096;

pub(crate) const ENTRIES: &[Entry] = &[
    ("alac_predict", |arena| {
        let samples = wave(arena, BLOCK);
        let coefficients = arena.ints(&[160, -190, 170, -130, 80, -25]);
        let to = arena.ints(&[0; BLOCK]);
        vec![to, samples, BLOCK as u32, 6, 6, coefficients, 17]
    }),
    ("alac_write", |arena| {
        let values = noise(arena, 60);
        let [to, room, result] = room(arena);
        vec![to, room, 5, result, values, BLOCK as u32, 10, 40, 14, 17]
    }),
    ("flac_write", |arena| {
        let values = noise(arena, 60);
        let parameters = arena.ints(&[5; 8]);
        let [to, room, result] = room(arena);
        vec![
            to,
            room,
            5,
            result,
            values,
            BLOCK as u32,
            8,
            3,
            4,
            parameters,
        ]
    }),
    ("flac_read", |arena| {
        // Eight partitions with the parameter 5; two zeros or fewer before each one.
        let mut bits: Vec<bool> = Vec::new();
        for index in 0..BLOCK {
            if index % (BLOCK / 8) == 0 {
                bits.extend([false, true, false, true]);
            }
            bits.extend(vec![false; arena.random.below(3)]);
            bits.push(true);
            bits.extend([0; 5].map(|_| arena.random.below(2) == 0));
        }
        let mut bytes: Vec<u8> = bits
            .chunks(8)
            .map(|eight| {
                let bits = eight.iter().enumerate();
                bits.fold(0, |byte, (at, bit)| byte | u8::from(*bit) << (7 - at))
            })
            .collect();
        bytes.extend([0; 64]);
        let (bytes, to, end) = (arena.put(&bytes), arena.ints(&[0; BLOCK]), arena.ints(&[0]));
        vec![bytes, 0, bits.len() as u32, to, BLOCK as u32, 0, 3, 4, end]
    }),
    ("stereo_sums", |arena| {
        let (left, right) = (wave(arena, BLOCK), wave(arena, BLOCK));
        vec![left, right, BLOCK as u32, arena.ints(&[0; 8])]
    }),
    ("flac_partition_sums", |arena| {
        let values = noise(arena, 60);
        vec![values, BLOCK as u32, 8, 3, arena.ints(&[0; 16])]
    }),
    ("flac_code_bits", |arena| {
        let values = noise(arena, 60);
        vec![values, 512, 5, arena.ints(&[0; 2])]
    }),
    ("lpc_welch", |arena| {
        let (samples, to) = (wave(arena, BLOCK), arena.ints(&[0; 2 * BLOCK]));
        vec![samples, BLOCK as u32, to]
    }),
    ("celt_postfilter", |arena| {
        let data = floats(arena, 2048);
        let gains = floats(arena, 3);
        vec![data + 4 * 1024, 200, gains, 720]
    }),
    ("celt_transition", |arena| {
        let data = floats(arena, 2048);
        let gains = [0; 2].map(|_| floats(arena, 3));
        vec![data + 4 * 1024, 200, 230, gains[0], gains[1]]
    }),
    ("celt_pulses", |arena| {
        let (numbers, to) = (arena.ints(&[0; 16]), floats(arena, 16));
        // Vectors of 16 numbers and 6 pulses: 1,549,824 in all.
        let index = arena.random.below(1_500_000) as u32;
        vec![numbers, to, 16, 6, index, 1.0_f32.to_bits()]
    }),
    ("celt_deemphasis", |arena| {
        let [left_to, left, right_to, right] = [0; 4].map(|_| floats(arena, 960));
        let states = floats(arena, 2);
        vec![left_to, left, right_to, right, states, 960]
    }),
    ("tx_fifteens*", |arena| {
        let [to, from] = [0; 2].map(|_| floats(arena, 2048));
        vec![arena.contexts[FIFTEENS], to, from, 4]
    }),
    ("vorbis_coupling", |arena| {
        let [magnitudes, angles] = [0; 2].map(|_| floats(arena, 1024));
        vec![magnitudes, angles, 1024]
    }),
    ("vorbis_lines", |arena| {
        let points: Vec<i16> = (0..33)
            .flat_map(|index| [32 * index, index, 0, 0])
            .collect();
        let points = arena.shorts(&points);
        let heights = arena.random.many(33, 20, 60);
        let (heights, used) = (arena.shorts(&heights), arena.ints(&[1; 33]));
        vec![points, 33, heights, used, 2, floats(arena, 1024), 1024]
    }),
    ("mp3_pairs", |arena| {
        let (bytes, exponents) = (codes(arena), arena.shorts(&[220; 576]));
        let (to, done) = (arena.ints(&[0; 576]), arena.ints(&[0; 2]));
        vec![bytes, 0, 8000, 8000, 7, 0, exponents, to, 120, done]
    }),
    ("mp3_quads", |arena| {
        let (bytes, exponents) = (codes(arena), arena.shorts(&[220; 576]));
        let (to, done) = (arena.ints(&[0; 576]), arena.ints(&[0; 3]));
        vec![bytes, 0, 8000, 8000, 0, exponents, to, 240, done]
    }),
    ("probe_mpegts", |arena| {
        let (bytes, score) = (arena.take(BLOCK, 16, 0), arena.ints(&[0]));
        vec![bytes, BLOCK as u32, 188, 1, score]
    }),
    ("probe_mpeg_audio", quiet),
    ("probe_adts", quiet),
    ("probe_repeats", |arena| {
        let bytes = arena.take(1048, 16, 0);
        vec![bytes, 1044, 0xfffb_9064, arena.ints(&[0])]
    }),
];

/// The context of the inverse transform of 960 numbers.
const FIFTEENS: usize = 21;

/// Bits that a decoder reads codes from.
fn codes(arena: &mut Arena) -> u32 {
    let bytes: Vec<u8> = (0..1024 + 64).map(|_| arena.random.next() as u8).collect();
    arena.put(&bytes)
}

/// Samples of 16 bits.
fn wave(arena: &mut Arena, count: usize) -> u32 {
    let samples: Vec<i32> = (0..count)
        .map(|index| {
            let phase = index as f32 / 30.0;
            (phase.sin() * 9000.0 + (phase * 0.13).cos() * 4000.0) as i32
                + arena.random.between(-40, 40)
        })
        .collect();
    arena.ints(&samples)
}

/// A block of numbers about zero.
fn noise(arena: &mut Arena, limit: i32) -> u32 {
    let values: Vec<i32> = (0..BLOCK)
        .map(|_| arena.random.between(-limit, limit))
        .collect();
    arena.ints(&values)
}

/// Room for the codes of a block, and for a number.
fn room(arena: &mut Arena) -> [u32; 3] {
    let to = arena.take(1 << 15, 16, 0);
    [to, 1 << 15, arena.ints(&[0])]
}

/// A block of samples in which no header is found.
fn quiet(arena: &mut Arena) -> Vec<u32> {
    let samples: Vec<i16> = (0..2048)
        .map(|_| arena.random.between(-9000, 9000) as i16)
        .map(|sample| {
            if sample.to_be_bytes().contains(&255) {
                0
            } else {
                sample
            }
        })
        .collect();
    vec![arena.shorts(&samples), 4096, arena.ints(&[0])]
}
