//! The kernels of the AAC encoder.

use crate::arena::Arena;
use crate::audio::{floats, length};
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["aac_"];

#[test]
fn quantisation_of_aac() {
    let mut guest = Guest::new();
    guest.compare("aac_power", 150, |arena| {
        let count = length(arena);
        let [to, from] = [0; 2].map(|_| floats(arena, count));
        vec![to, from, count as u32]
    });
    guest.compare("aac_quantise", 400, |arena| {
        let count = length(arena);
        let [to, values, scaled] = [0; 3].map(|_| floats(arena, count));
        let signed = arena.random.below(2) as u32;
        let largest = [1, 2, 4, 7, 12, 16][arena.random.below(6)];
        let scale = [0.01_f32, 0.3, 1.7, 40.0][arena.random.below(4)];
        let rounding = [0.4054_f32, 0.1054][arena.random.below(2)];
        let numbers = [
            count as u32,
            signed,
            largest,
            scale.to_bits(),
            rounding.to_bits(),
        ];
        [&[to, values, scaled][..], &numbers].concat()
    });
}

/// Coefficients of a band, and their magnitudes to the power of three quarters.
fn band(arena: &mut Arena, size: usize, largest: f32) -> [u32; 2] {
    let values: Vec<f32> = (0..size)
        .map(|_| match arena.random.below(12) {
            0 => 0.0,
            1 => -0.0,
            2 => -largest,
            _ => (arena.random.below(2_000_001) as f32 / 1e6 - 1.0) * largest,
        })
        .collect();
    let bits = |values: &[f32]| -> Vec<i32> {
        values
            .iter()
            .map(|value| value.to_bits().cast_signed())
            .collect()
    };
    let scaled: Vec<f32> = values
        .iter()
        .map(|value| (value.abs() * value.abs().sqrt()).sqrt())
        .collect();
    [arena.ints(&bits(&values)), arena.ints(&bits(&scaled))]
}

#[test]
fn costs_of_bands() {
    let mut guest = Guest::new();
    let context = guest.call_export("aac_encoder", &[]);
    for (name, books, largest) in [
        ("aac_cost_signed_fours", [1, 2], 1),
        ("aac_cost_fours", [3, 4], 2),
        ("aac_cost_signed_pairs", [5, 6], 4),
        ("aac_cost_pairs", [7, 8], 7),
        ("aac_cost_wide_pairs", [9, 10], 12),
        ("aac_cost_escapes", [11, 11], 9000),
    ] {
        guest.compare(name, 600, |arena| {
            let size = [4, 8, 12, 16, 20, 28, 32, 96][arena.random.below(8)];
            // Scale 104 has the factor 1.
            let scale = 60 + arena.random.below(140);
            let step = 2f32.powf((scale as f32 - 104.0) / 4.0);
            let level = [largest, 1 + arena.random.below(largest)][arena.random.below(2)];
            let overshoot = [0.4, 1.0, 2.5][arena.random.below(3)];
            let [values, scaled] = band(
                arena,
                size,
                (level as f32).powf(4.0 / 3.0) * step * overshoot,
            );
            let book = books[arena.random.below(2)];
            let weight = [1.0_f32, 0.0, 0.03][arena.random.below(3)];
            let limit = [f32::INFINITY, f32::INFINITY, 60.0][arena.random.below(3)];
            let results = arena.ints(&[1, 2]);
            let [bits, energy] = match arena.random.below(4) {
                0 => [0, 0],
                1 => [results, 0],
                _ => [results, results + 4],
            };
            vec![
                context,
                0,
                values,
                0,
                scaled,
                size as u32,
                scale as u32,
                book,
                weight.to_bits(),
                limit.to_bits(),
                bits,
                energy,
            ]
        });
    }
}

/// Every number that an escape can have: the kernel has its own cube roots.
#[test]
fn escapes() {
    let mut guest = Guest::new();
    let context = guest.call_export("aac_encoder", &[]);
    let mut level = 15;
    guest.compare("aac_cost_escapes", 86, |arena| {
        let values: Vec<f32> = (level..level + 96)
            .map(|level| (level as f32 + 0.1).powf(4.0 / 3.0))
            .collect();
        level += 96;
        let bits = |value: f32| value.to_bits().cast_signed();
        let scaled: Vec<i32> = values.iter().map(|value| bits(value.powf(0.75))).collect();
        let values: Vec<i32> = values.into_iter().map(bits).collect();
        let [values, scaled, results] = [values, scaled, vec![0, 0]].map(|list| arena.ints(&list));
        let (weight, limit) = (1.0_f32.to_bits(), f32::INFINITY.to_bits());
        vec![
            context,
            0,
            values,
            0,
            scaled,
            96,
            104,
            11,
            weight,
            limit,
            results,
            results + 4,
        ]
    });
}

#[test]
fn filter_for_attacks() {
    Guest::new().compare("aac_high_pass", 20, |arena| {
        let from = floats(arena, 1024 + 22);
        let [to, factors] = [1024, 10].map(|count| floats(arena, count));
        vec![from, to, factors]
    });
}

/// The searches as a whole, in C and with their steps replaced.
#[test]
fn search_for_scales() {
    let mut guest = Guest::new();
    for name in [
        "aac_try_scales",
        "aac_raise_scales",
        "aac_lower_scales",
        "aac_refine_scales",
        "aac_count_fast",
    ] {
        guest.compare(name, 12, |arena| {
            let mut slope = [30_000.0_f32, 300.0, 3.0][arena.random.below(3)];
            let values: Vec<i32> = (0..1024)
                .map(|_| {
                    slope *= 0.994;
                    let value = (arena.random.below(2_000_001) as f32 / 1e6 - 1.0) * slope;
                    value.to_bits().cast_signed()
                })
                .collect();
            let thresholds: Vec<i32> = (0..128)
                .map(|_| [0.5_f32, 0.1, 0.01, 0.001, 2.0][arena.random.below(5)])
                .map(|share| share.to_bits().cast_signed())
                .collect();
            let [values, thresholds] = [values, thresholds].map(|list| arena.ints(&list));
            let is_short = arena.random.below(2) as u32;
            let bit_rate = [16_000, 64_000, 160_000][arena.random.below(3)];
            let lambda = [120.0_f32, 40.0, 300.0][arena.random.below(3)];
            vec![values, thresholds, is_short, bit_rate, lambda.to_bits()]
        });
    }
}
