//! Kernels of the loop filters of VP8, VP9 and HEVC.

use afmpeg::kernels::KERNELS;

use crate::arena::Arena;
use crate::guest::Guest;

const STRIDES: [usize; 3] = [32, 72, 640];

/// Names of kernels that start so.
fn names(start: &'static str) -> impl Iterator<Item = &'static str> {
    let names = KERNELS.iter().map(|kernel| kernel.function.name);
    names.filter(move |name| name.starts_with(start))
}

/// A picture with slopes, steps and noise, as edges of blocks have them, and its stride.
fn picture(arena: &mut Arena) -> (u32, u32) {
    let stride = STRIDES[arena.random.below(3)];
    let at = arena.picture(stride, 24, 16);
    if arena.random.below(4) > 0 {
        let noise = [1, 2, 3, 6, 20, 60][arena.random.below(6)];
        let step = arena.random.below(3 * noise);
        let base = arena.random.below(256 - noise);
        let past = (at - arena.base) as usize % stride;
        for (place, value) in arena.data.iter_mut().enumerate() {
            // Some edges of both directions have a step.
            let (x, y) = ((place + stride - past) % stride, place / stride);
            let raise = if (x / 8 + y / 8) % 2 == 1 { step } else { 0 };
            *value = (base + raise + *value as usize % noise).min(255) as u8;
        }
    }
    (at, stride as u32)
}

fn thresholds(arena: &mut Arena) -> [u32; 3] {
    let interior = arena.random.below(64);
    let edge = 2 * interior + arena.random.below(140);
    [edge, interior, arena.random.below(8)].map(|value| value as u32)
}

#[test]
fn vp8_edges() {
    let mut guest = Guest::new();
    for name in names("vp8_").filter(|name| name.contains("loop_filter")) {
        guest.compare(name, 120, |arena| {
            let (at, stride) = picture(arena);
            let [edge, interior, variance] = thresholds(arena);
            if name.contains("simple") {
                vec![at, stride, edge]
            } else if name.contains("8uv") {
                let (other, _) = picture(arena);
                // Both planes have one stride, so the second lies within the first's picture.
                let other = if arena.random.below(2) == 0 {
                    at + 8
                } else {
                    other
                };
                vec![at, other, stride, edge, interior, variance]
            } else {
                vec![at, stride, edge, interior, variance]
            }
        });
    }
}

#[test]
fn vp9_edges() {
    let mut guest = Guest::new();
    for name in names("vp9_loop_filter_") {
        guest.compare(name, 120, |arena| {
            let (at, stride) = picture(arena);
            let mut limits = thresholds(arena);
            let two = ["44_16", "48_16", "84_16", "88_16"];
            if two.iter().any(|end| name.ends_with(end)) {
                let others = thresholds(arena);
                for (limit, other) in limits.iter_mut().zip(others) {
                    *limit = (*limit).min(255) | other.min(255) << 8;
                }
            }
            let [edge, interior, variance] = limits;
            vec![at, stride, edge, interior, variance]
        });
    }
}

#[test]
fn hevc_edges() {
    let mut guest = Guest::new();
    for direction in ["h", "v"] {
        for plane in ["luma", "chroma"] {
            guest.compare(
                &format!("hevc_{direction}_loop_filter_{plane}"),
                200,
                |arena| {
                    let (at, stride) = picture(arena);
                    let tc = [0, 1].map(|_| arena.random.below(25) as i32);
                    let tc = arena.ints(&tc);
                    let stays = [0; 4].map(|_: u8| u8::from(arena.random.below(5) == 0));
                    let (p, q) = (arena.put(&stays[..2]), arena.put(&stays[2..]));
                    let beta = arena.random.below(65) as u32;
                    if plane == "luma" {
                        vec![at, stride, beta, tc, p, q]
                    } else {
                        vec![at, stride, tc, p, q]
                    }
                },
            );
        }
    }
}

#[test]
fn hevc_sample_offsets() {
    let mut guest = Guest::new();
    let size = |arena: &mut Arena| {
        let width = [64, 32, 16, 8, 24, 40, 62, 7][arena.random.below(8)];
        [width, 1 + arena.random.below(64) as u32]
    };
    guest.compare("hevc_sao_edge", 200, |arena| {
        let (src, dst) = (arena.picture(192, 64, 16), arena.picture(80, 64, 0));
        let offsets = offsets(arena);
        let [width, height] = size(arena);
        let direction = arena.random.below(4) as u32;
        vec![dst, src, 80, offsets, direction, width, height]
    });
    guest.compare("hevc_sao_band", 200, |arena| {
        let (src, dst) = (arena.picture(144, 64, 0), arena.picture(80, 64, 0));
        let offsets = offsets(arena);
        let [width, height] = size(arena);
        let first = arena.random.below(32) as u32;
        vec![dst, src, 80, 144, offsets, first, width, height]
    });
}

fn offsets(arena: &mut Arena) -> u32 {
    let limit = [7, 300][arena.random.below(2)];
    let offsets = arena.random.many(5, -limit, limit);
    arena.shorts(&offsets)
}
