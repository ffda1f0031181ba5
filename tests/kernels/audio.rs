//! The kernels of audio.

use crate::arena::Arena;
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["float_", "flac_", "lpc_", "mp3_", "samples_", "resample_"];

/// Numbers of every size that audio has, with some that are exactly nothing.
pub(crate) fn floats(arena: &mut Arena, count: usize) -> u32 {
    let scale = [1e-6, 1.0, 300.0, 40_000.0][arena.random.below(4)];
    let values: Vec<i32> = (0..count)
        .map(|_| match arena.random.below(16) {
            0 => 0.0_f32,
            1 => -0.0,
            _ => (arena.random.below(2_000_001) as f32 / 1e6 - 1.0) * scale,
        })
        .map(|value| value.to_bits().cast_signed())
        .collect();
    arena.ints(&values)
}

pub(crate) fn length(arena: &mut Arena) -> usize {
    [1, 7, 8, 16, 31, 64, 128, 1024][arena.random.below(8)]
}

#[test]
fn vectors() {
    let mut guest = Guest::new();
    for name in ["float_multiply", "float_multiply_reversed"] {
        guest.compare(name, 150, |arena| {
            let count = length(arena);
            let [to, a, b] = [0; 3].map(|_| floats(arena, count));
            vec![to, a, b, count as u32]
        });
    }
    for name in ["float_add_scaled", "float_scale"] {
        guest.compare(name, 150, |arena| {
            let count = length(arena);
            let [to, a] = [0; 2].map(|_| floats(arena, count));
            let factor = arena.random.below(4000) as f32 / 1000.0 - 2.0;
            // In place, too.
            let a = if arena.random.below(4) == 0 { to } else { a };
            vec![to, a, factor.to_bits(), count as u32]
        });
    }
    guest.compare("float_multiply_add", 150, |arena| {
        let count = length(arena);
        let [to, a, b, c] = [0; 4].map(|_| floats(arena, count));
        vec![to, a, b, c, count as u32]
    });
    guest.compare("float_overlap", 200, |arena| {
        let half = length(arena);
        let [a, b] = [0; 2].map(|_| floats(arena, half));
        let [to, window] = [0; 2].map(|_| floats(arena, 2 * half));
        vec![to, a, b, window, half as u32]
    });
    guest.compare("float_butterflies", 150, |arena| {
        let count = length(arena);
        let [a, b] = [0; 2].map(|_| floats(arena, count));
        vec![a, b, count as u32]
    });
    guest.compare("float_dot", 150, |arena| {
        let count = length(arena);
        let [a, b] = [0; 2].map(|_| floats(arena, count));
        vec![a, b, count as u32]
    });
}

#[test]
fn linear_prediction() {
    let mut guest = Guest::new();
    for (name, limit) in [
        ("flac_predict_narrow", 32767),
        ("flac_predict_wide", 1 << 23),
    ] {
        guest.compare(name, 150, |arena| {
            let order = 1 + arena.random.below(32);
            let count = [order, order + 1, 200, 1152, 4096][arena.random.below(5)];
            let count = count.max(order);
            let samples: Vec<i32> = (0..count)
                .map(|_| arena.random.between(-limit, limit))
                .collect();
            let coefficients: Vec<i32> = (0..32)
                .map(|_| arena.random.between(-16384, 16383))
                .collect();
            let shift = arena.random.below(16) as u32;
            let [samples, coefficients] = [samples, coefficients].map(|list| arena.ints(&list));
            vec![samples, coefficients, order as u32, shift, count as u32]
        });
    }
    guest.compare("lpc_autocorrelation", 100, |arena| {
        let count = 33 + arena.random.below(1000);
        let lag = 1 + arena.random.below(32);
        let data: Vec<u8> = (0..count + 1)
            .flat_map(|_| (arena.random.between(-32768, 32767) as f64 / 3.0).to_le_bytes())
            .collect();
        let (data, sums) = (arena.put(&data), arena.put(&[0; 8 * 34]));
        // The encoder keeps one number before the data.
        vec![data + 8, count as u32, lag as u32, sums]
    });
}

#[test]
fn window_of_linear_prediction() {
    Guest::new().compare("lpc_welch", 100, |arena| {
        let count = [0, 1, 2, 3, 7, 8, 9, 10, 16, 17, 1152, 4096, 4097][arena.random.below(13)];
        let (samples, to) = (arena.take(4 * count, 16, 0), arena.put(&vec![0; 8 * count]));
        vec![samples, count as u32, to]
    });
}

#[test]
fn residuals_of_linear_prediction() {
    let mut guest = Guest::new();
    for (name, limit) in [
        ("flac_residual_narrow", 32767),
        ("flac_residual_wide", i32::MAX),
    ] {
        guest.compare(name, 200, |arena| {
            let order = 1 + arena.random.below(32);
            let count = order + [0, 1, 2, 5, 7, 8, 9, 16, 301, 1152][arena.random.below(10)];
            let mut list = |count, limit: i32| -> Vec<i32> {
                (0..count)
                    .map(|_| arena.random.between(-limit, limit))
                    .collect()
            };
            let lists = [list(count + 2, 9), list(count + 2, limit), list(32, 16383)];
            let [residuals, samples, coefficients] = lists.map(|list| arena.ints(&list));
            let shift = arena.random.below(16) as u32;
            vec![
                residuals,
                samples,
                count as u32,
                order as u32,
                coefficients,
                shift,
            ]
        });
    }
}

#[test]
fn channels_of_flac() {
    let mut guest = Guest::new();
    for name in [
        "flac_independent_16",
        "flac_left_side_16",
        "flac_side_right_16",
        "flac_mid_side_16",
    ] {
        guest.compare(name, 150, |arena| {
            let count = length(arena);
            let channels = if name == "flac_independent_16" {
                1 + arena.random.below(4)
            } else {
                2
            };
            let sources = [0; 4].map(|_| arena.take(4 * count, 16, 0).cast_signed());
            let to = arena.take(2 * channels * count, 16, 0).cast_signed();
            let [to, from] = [vec![to], sources.to_vec()].map(|list| arena.ints(&list));
            let shift = arena.random.below(5) as u32;
            vec![to, from, channels as u32, count as u32, shift]
        });
    }
}

/// Numbers whose magnitude is at most `limit`.
fn numbers(arena: &mut Arena, count: usize, limit: i32) -> u32 {
    let values: Vec<i32> = (0..count)
        .map(|_| arena.random.between(-limit, limit))
        .collect();
    arena.ints(&values)
}

#[test]
fn synthesis_of_mpeg_audio() {
    Guest::new().compare("mp3_synthesis", 100, |arena| {
        let limit = [1 << 15, 1 << 23, i32::MAX][arena.random.below(3)];
        let count = [1, 8, 18, 36][arena.random.below(4)];
        let ring = numbers(arena, 1024, limit);
        let offset = 32 * arena.random.below(16) as i32;
        let carried = arena.random.between(0, (1 << 24) - 1);
        let state = arena.ints(&[offset, carried]);
        let step = 1 + arena.random.below(2);
        let samples = arena.shorts(&vec![0; 32 * step * count]);
        let bands = numbers(arena, 32 * count, limit);
        let count = count as u32;
        vec![ring, state, state + 4, samples, step as u32, bands, count]
    });
}

#[test]
fn cosine_transform_of_mpeg_audio() {
    Guest::new().compare("mp3_imdct_long", 200, |arena| {
        let limit = [1 << 15, 1 << 23, i32::MAX][arena.random.below(3)];
        let count = [0, 1, 2, 7, 8, 13, 22, 31, 32][arena.random.below(9)];
        let out = numbers(arena, 18 * 32, limit);
        let [overlap, values] = [0; 2].map(|_| numbers(arena, 18 * 32, limit));
        let (switched, kind) = (arena.random.below(2) as u32, arena.random.below(4) as u32);
        vec![out, overlap, values, count, switched, kind]
    });
}

#[test]
fn conversion_of_samples() {
    let mut guest = Guest::new();
    let steps = |arena: &mut Arena, from: u32, to: u32| {
        let channels = 1 + arena.random.below(2) as u32;
        [from * [1, channels][arena.random.below(2)], to * channels]
    };
    guest.compare("samples_float_to_16", 300, |arena| {
        let count = length(arena);
        let scale = [0.5_f32, 1.2, 1e4, f32::MAX][arena.random.below(4)];
        let values: Vec<i32> = (0..2 * count)
            .map(|_| match arena.random.below(40) {
                0 => f32::NAN,
                1 => f32::INFINITY,
                2 => f32::NEG_INFINITY,
                // Halfway between two samples.
                3..8 => (arena.random.between(-40_000, 40_000) as f32 + 0.5) / 32768.0,
                _ => (arena.random.below(2_000_001) as f32 / 1e6 - 1.0) * scale,
            })
            .map(|value| value.to_bits().cast_signed())
            .collect();
        let (to, from) = (arena.shorts(&vec![1; 2 * count]), arena.ints(&values));
        let [from_step, to_step] = steps(arena, 4, 2);
        vec![to, from, from_step, to_step, to + to_step * count as u32]
    });
    guest.compare("samples_float_from_16", 150, |arena| {
        let count = length(arena);
        let (to, from) = (floats(arena, 2 * count), arena.take(4 * count, 16, 0));
        let [from_step, to_step] = steps(arena, 2, 4);
        vec![to, from, from_step, to_step, to + to_step * count as u32]
    });
    for (name, size) in [("samples_16", 2), ("samples_32", 4)] {
        guest.compare(name, 100, |arena| {
            let count = length(arena);
            let channels = 1 + arena.random.below(3) as u32;
            let [from_step, to_step] =
                [[1, channels], [channels, 1], [1, 1]][arena.random.below(3)].map(|n| n * size);
            let bytes = (size * channels) as usize * count;
            let [to, from] = [0; 2].map(|_| arena.take(bytes, 16, 0));
            vec![to, from, from_step, to_step, to + to_step * count as u32]
        });
    }
    guest.compare("resample_float", 150, |arena| {
        let (phases, taps) = (
            [1, 10, 147, 160][arena.random.below(4)],
            1 + arena.random.below(40),
        );
        let pitch = taps.next_multiple_of(8);
        let filters = floats(arena, pitch * (phases + 1));
        let count = arena.random.below(300);
        let rate = 1 + arena.random.below(1000);
        let (step, part) = (arena.random.below(3 * phases), arena.random.below(rate));
        let from = floats(arena, 4 * count + taps + 8);
        let to = floats(arena, count + 1);
        let (index, frac) = (arena.random.below(2 * phases), arena.random.below(rate));
        let mut context = [0; 40];
        let fields = [
            (1, filters as usize),
            (2, taps),
            (3, pitch),
            (6, step),
            (7, part),
            (8, index),
            (9, frac),
            (10, rate),
            (12, phases),
        ];
        for (field, value) in fields {
            context[field] = value as i32;
        }
        let context = arena.ints(&context);
        vec![
            context,
            to,
            from,
            count as u32,
            arena.random.below(2) as u32,
        ]
    });
}
