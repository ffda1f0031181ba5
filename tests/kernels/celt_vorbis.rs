//! The kernels of Opus and Vorbis.

use crate::arena::Arena;
use crate::audio::{floats, length};
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["celt_", "vorbis_"];

/// Three gains, none of which makes numbers grow for ever.
fn gains(arena: &mut Arena) -> u32 {
    let gains: Vec<i32> = (0..3)
        .map(|_| arena.random.below(1000) as f32 / 3000.0)
        .map(|gain| gain.to_bits().cast_signed())
        .collect();
    arena.ints(&gains)
}

#[test]
fn filters_of_pitch() {
    let mut guest = Guest::new();
    guest.compare("celt_postfilter", 200, |arena| {
        // Shorter periods than there are: samples depend on those just before.
        let period = [1, 2, 9, 10, 15, 16, 100, 1022][arena.random.below(8)];
        let count = length(arena) + arena.random.below(8);
        let data = floats(arena, 1024 + 2 + count) + 4 * 1024;
        vec![data, period, gains(arena), count as u32]
    });
    guest.compare("celt_transition", 300, |arena| {
        let periods = [15, 16, 17, 23, 100, 1022];
        let [old, new] = [0; 2].map(|_| periods[arena.random.below(6)]);
        let data = floats(arena, 1024 + 2 + 120) + 4 * 1024;
        vec![data, old, new, gains(arena), gains(arena)]
    });
}

/// How many vectors there are of so many dimensions and pulses: one more of each than are asked for.
fn vectors(dimensions: usize, pulses: usize) -> u64 {
    // Those of fewer dimensions and any number of pulses on the way.
    let mut row = vec![0_u64; pulses + 1];
    row[0] = 1;
    for _ in 0..dimensions {
        let mut next = row.clone();
        for k in 1..=pulses {
            next[k] = row[k]
                .saturating_add(row[k - 1])
                .saturating_add(next[k - 1]);
        }
        row = next;
    }
    row[pulses]
}

#[test]
fn vectors_of_pulses() {
    Guest::new().compare("celt_pulses", 600, |arena| {
        let (dimensions, pulses, count) = loop {
            let most = [[6, 80], [20, 12], [174, 4]][arena.random.below(3)];
            let dimensions = 2 + arena.random.below(most[0]);
            let pulses = 1 + arena.random.below(most[1]);
            let count = vectors(dimensions, pulses);
            // What fits into 32 bits, also with one pulse more, is in the table.
            if vectors(dimensions, pulses + 1) < 1 << 32 && dimensions.max(pulses) < 90 {
                break (dimensions, pulses, count);
            }
        };
        let index = match arena.random.below(4) {
            0 => 0,
            1 => count - 1,
            _ => arena.random.next() % count,
        };
        let (numbers, to) = (arena.ints(&[7; 200]), floats(arena, 200));
        let gain = 0.3_f32 + arena.random.below(100) as f32 / 70.0;
        let gain = gain.to_bits();
        vec![
            numbers,
            to,
            dimensions as u32,
            pulses as u32,
            index as u32,
            gain,
        ]
    });
}

#[test]
fn emphasis_of_two_channels() {
    Guest::new().compare("celt_deemphasis", 100, |arena| {
        let count = [0, 1, 7, 8, 9, 120, 960][arena.random.below(7)];
        let [left, right] = [0; 2].map(|_| floats(arena, count));
        // Elsewhere, or in place.
        let [left_to, right_to] = match arena.random.below(3) {
            0 => [left, right],
            _ => [0; 2].map(|_| floats(arena, count)),
        };
        let states = floats(arena, 2);
        vec![left_to, left, right_to, right, states, count as u32]
    });
}

#[test]
fn coupled_channels() {
    Guest::new().compare("vorbis_coupling", 200, |arena| {
        let count = length(arena);
        let [magnitudes, angles] = [0; 2].map(|_| floats(arena, count));
        vec![magnitudes, angles, count as u32]
    });
}

#[test]
fn curves_of_lines() {
    Guest::new().compare("vorbis_lines", 400, |arena| {
        let count = 2 + arena.random.below(30);
        let samples = [1, 64, 128, 1024][arena.random.below(4)];
        let end = [samples, 128, 1024, 2000][arena.random.below(4)].max(count);
        let mut places: Vec<usize> = (1..end).collect();
        for index in 0..places.len() {
            let other = arena.random.below(places.len());
            places.swap(index, other);
        }
        places.truncate(count - 2);
        // As in a stream: the ends come first, and all others in any order.
        let places: Vec<usize> = [0, end].into_iter().chain(places).take(count).collect();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|&index| places[index]);
        let points: Vec<i16> = (0..count)
            .flat_map(|index| [places[index] as i16, order[index] as i16, 0, 0])
            .collect();
        let highest = [100, 256, 1000][arena.random.below(3)];
        let heights = arena.random.many(count, 0, highest);
        let used: Vec<i32> = (0..count)
            .map(|index| i32::from(index < 2 || arena.random.below(3) > 0))
            .collect();
        let (points, heights, used) = (
            arena.shorts(&points),
            arena.shorts(&heights),
            arena.ints(&used),
        );
        let multiplier = 1 + arena.random.below(4) as u32;
        let to = floats(arena, samples);
        vec![
            points,
            count as u32,
            heights,
            used,
            multiplier,
            to,
            samples as u32,
        ]
    });
}
