//! Kernels of audio.

use super::{Entry, floats};
use crate::arena::Arena;

/// A frame of AAC.
const FRAME: usize = 1024;

pub(crate) const ENTRIES: &[Entry] = &[
    ("float_multiply*", three),
    ("float_multiply_add", |arena| {
        let more = floats(arena, FRAME);
        let mut args = three(arena);
        args.insert(3, more);
        args
    }),
    ("float_add_scaled", scaled),
    ("float_scale", scaled),
    ("float_overlap", |arena| {
        let halves = [0; 2].map(|_| floats(arena, FRAME));
        let [to, window] = [0; 2].map(|_| floats(arena, 2 * FRAME));
        vec![to, halves[0], halves[1], window, FRAME as u32]
    }),
    ("float_butterflies", two),
    ("float_dot", two),
    ("aac_power", two),
    ("aac_quantise", |arena| {
        let lists = [0; 3].map(|_| floats(arena, 96));
        let (scale, rounding) = (1.7_f32.to_bits(), 0.4054_f32.to_bits());
        [&lists[..], &[96, 1, 12, scale, rounding]].concat()
    }),
    ("aac_cost_signed_fours", |arena| cost(arena, 1)),
    ("aac_cost_fours", |arena| cost(arena, 3)),
    ("aac_cost_signed_pairs", |arena| cost(arena, 5)),
    ("aac_cost_pairs", |arena| cost(arena, 7)),
    ("aac_cost_wide_pairs", |arena| cost(arena, 9)),
    ("aac_cost_escapes", |arena| cost(arena, 11)),
    ("aac_try_scales", search),
    ("aac_raise_scales", search),
    ("aac_lower_scales", search),
    ("aac_refine_scales", search),
    ("aac_count_fast", search),
    ("aac_high_pass", |arena| {
        let (from, to) = (floats(arena, FRAME + 22), floats(arena, FRAME));
        vec![from, to, floats(arena, 10)]
    }),
    ("flac_predict_narrow", |arena| prediction(arena, 32_767)),
    ("flac_predict_wide", |arena| prediction(arena, 1 << 23)),
    ("flac_residual_*", |arena| {
        let mut list = |count, limit: i32| -> u32 {
            let values: Vec<i32> = (0..count)
                .map(|_| arena.random.between(-limit, limit))
                .collect();
            arena.ints(&values)
        };
        let lists = [list(1160, 9), list(1160, 32_767), list(32, 4096)];
        vec![lists[0], lists[1], 1152, 8, lists[2], 12]
    }),
    ("flac_independent_16", channels),
    ("flac_left_side_16", channels),
    ("flac_side_right_16", channels),
    ("flac_mid_side_16", channels),
    ("lpc_autocorrelation", |arena| {
        let data: Vec<u8> = (0..=1152)
            .flat_map(|_| f64::from(arena.random.between(-32768, 32767)).to_le_bytes())
            .collect();
        let (data, sums) = (arena.put(&data), arena.put(&[0; 8 * 34]));
        // The encoder keeps one number before the data.
        vec![data + 8, 1152, 8, sums]
    }),
    ("mp3_synthesis", |arena| {
        let (ring, state) = (numbers(arena, 1024), arena.ints(&[0, 0]));
        let (samples, bands) = (arena.shorts(&[0; 32 * 36]), numbers(arena, 32 * 36));
        vec![ring, state, state + 4, samples, 1, bands, 36]
    }),
    ("mp3_imdct_long", |arena| {
        let lists = [0; 3].map(|_| numbers(arena, 18 * 32));
        [&lists[..], &[24, 0, 0]].concat()
    }),
    ("samples_float_to_16", |arena| {
        let (to, from) = (arena.shorts(&[0; FRAME]), floats(arena, FRAME));
        vec![to, from, 4, 2, to + 2 * FRAME as u32]
    }),
    ("samples_float_from_16", |arena| {
        let (to, from) = (arena.ints(&[0; FRAME]), arena.take(2 * FRAME, 16, 0));
        vec![to, from, 2, 4, to + 4 * FRAME as u32]
    }),
    ("samples_16", |arena| {
        let (to, from) = (arena.shorts(&[0; 2 * FRAME]), arena.take(2 * FRAME, 16, 0));
        vec![to, from, 2, 4, to + 4 * FRAME as u32]
    }),
    ("samples_32", |arena| {
        let (to, from) = (arena.ints(&[0; 2 * FRAME]), arena.take(4 * FRAME, 16, 0));
        vec![to, from, 4, 8, to + 8 * FRAME as u32]
    }),
    ("resample_float", resample),
    ("tempo_*", |arena| tempo(arena, "s16")),
    ("tempo_mono_float", |arena| tempo(arena, "flt")),
    ("tempo_blend_float", |arena| tempo(arena, "flt")),
    ("tx_permuted", |arena| transform(arena, 3, 8)),
    ("tx_fft", |arena| transform(arena, 2, 8)),
    ("tx_mdct_forward", |arena| transform(arena, 0, 4)),
    ("tx_mdct_inverse", |arena| transform(arena, 1, 4)),
    ("tx_real", |arena| transform(arena, 5, 8)),
];

/// The context of the AAC encoder, and the first of a transform.
const ENCODER: usize = 16;
const TRANSFORM: usize = 17;

fn transform(arena: &mut Arena, index: usize, stride: u32) -> Vec<u32> {
    let [to, from] = [0; 2].map(|_| floats(arena, 2 * FRAME));
    vec![arena.contexts[TRANSFORM + index], to, from, stride]
}

/// Two pieces of stereo through the filter as a whole.
fn tempo(arena: &mut Arena, format: &str) -> Vec<u32> {
    let text = format!(
        "abuffer@0=sample_rate=8000:sample_fmt={format}:channel_layout=stereo:time_base=1/8000,\
         atempo=1.3,abuffersink@o\0"
    );
    let (text, input) = (arena.put(text.as_bytes()), floats(arena, 12_000));
    vec![text, input, arena.take(1 << 17, 16, 0)]
}

/// Numbers in fixed point with 23 bits of fraction.
fn numbers(arena: &mut Arena, count: usize) -> u32 {
    let values: Vec<i32> = (0..count)
        .map(|_| arena.random.between(-(1 << 23), 1 << 23))
        .collect();
    arena.ints(&values)
}

fn two(arena: &mut Arena) -> Vec<u32> {
    let [a, b] = [0; 2].map(|_| floats(arena, FRAME));
    vec![a, b, FRAME as u32]
}

fn three(arena: &mut Arena) -> Vec<u32> {
    let [to, a, b] = [0; 3].map(|_| floats(arena, FRAME));
    vec![to, a, b, FRAME as u32]
}

fn scaled(arena: &mut Arena) -> Vec<u32> {
    let [to, from] = [0; 2].map(|_| floats(arena, FRAME));
    vec![to, from, 0.7_f32.to_bits(), FRAME as u32]
}

/// A band whose levels go a little beyond those of the book.
fn cost(arena: &mut Arena, book: u32) -> Vec<u32> {
    let values = floats(arena, 32);
    // To the power of three quarters, without signs.
    let scaled: Vec<i32> = (0..32)
        .map(|_| (arena.random.below(1_000_001) as f32 / 1e6).to_bits())
        .map(u32::cast_signed)
        .collect();
    let scaled = arena.ints(&scaled);
    let results = arena.ints(&[0, 0]);
    let (weight, limit) = (1.0_f32.to_bits(), f32::INFINITY.to_bits());
    let context = arena.contexts[ENCODER];
    // Scale 92 makes levels of up to 8.
    let numbers = [32, 92, book, weight, limit];
    [
        &[context, 0, values, 0, scaled][..],
        &numbers,
        &[results, results + 4],
    ]
    .concat()
}

fn search(arena: &mut Arena) -> Vec<u32> {
    let mut slope = 30_000.0_f32;
    let values: Vec<i32> = (0..FRAME)
        .map(|_| {
            slope *= 0.994;
            let value = (arena.random.below(2_000_001) as f32 / 1e6 - 1.0) * slope;
            value.to_bits().cast_signed()
        })
        .collect();
    let thresholds = [0.01_f32.to_bits().cast_signed(); 128];
    let (values, thresholds) = (arena.ints(&values), arena.ints(&thresholds));
    vec![values, thresholds, 0, 64_000, 120.0_f32.to_bits()]
}

fn prediction(arena: &mut Arena, limit: i32) -> Vec<u32> {
    let mut list = |count, limit: i32| -> u32 {
        let values: Vec<i32> = (0..count)
            .map(|_| arena.random.between(-limit, limit))
            .collect();
        arena.ints(&values)
    };
    let lists = [list(1152, limit), list(32, 4096)];
    [&lists[..], &[8, 12, 1152]].concat()
}

/// A block of two channels.
fn channels(arena: &mut Arena) -> Vec<u32> {
    let from = [0; 2].map(|_| arena.take(4 * 1152, 16, 0));
    let to = arena.take(4 * 1152, 16, 0);
    let [to, from] = [vec![to], from.to_vec()].map(|list| arena.pointers(&list));
    vec![to, from, 2, 1152, 0]
}

/// From 48 to 44.1 kHz. The context is the guest's structure.
fn resample(arena: &mut Arena) -> Vec<u32> {
    let (phases, taps, count) = (147, 32, 512);
    let filters = floats(arena, taps * (phases + 1));
    let (from, to) = (floats(arena, 4 * count), floats(arena, count + 1));
    let mut context = [0; 40];
    let fields = [
        (1, filters as usize),
        (2, taps),
        (3, taps),
        (6, 160),
        (10, 147),
        (12, phases),
    ];
    for (field, value) in fields {
        context[field] = value as i32;
    }
    vec![arena.ints(&context), to, from, count as u32, 1]
}
