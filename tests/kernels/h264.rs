//! The H.264 decoder's kernels.

use afmpeg::kernels::KERNELS;

use crate::arena::Arena;
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["h264_"];

const STRIDES: [usize; 4] = [16, 24, 64, 1936];

/// Coefficients: mostly as a stream has them, sometimes anything that fits.
fn coefficients(arena: &mut Arena, count: usize) -> Vec<i16> {
    let limit = [64, 2048, 32767][arena.random.below(3)];
    arena.random.many(count, -limit - 1, limit)
}

fn single(name: &str, size: usize) {
    Guest::new().compare(name, 200, |arena| {
        let block = coefficients(arena, size * size);
        let block = arena.shorts(&block);
        let stride = STRIDES[arena.random.below(4)];
        let dst = arena.picture(stride, 16, 0);
        let up = arena.random.below(2) == 1;
        if up {
            // A picture that is stored bottom up.
            vec![
                dst + 15 * stride as u32,
                block,
                (stride as u32).wrapping_neg(),
            ]
        } else {
            vec![dst, block, stride as u32]
        }
    });
}

fn macroblock(name: &str, planes: bool) {
    Guest::new().compare(name, 200, |arena| {
        let blocks: Vec<i16> = (0..48)
            .flat_map(|_| match arena.random.below(3) {
                0 => vec![0; 16],
                1 => {
                    let mut block = vec![0; 16];
                    block[0] = arena.random.between(-2000, 2000) as i16;
                    block
                }
                _ => coefficients(arena, 16),
            })
            .collect();
        let counts: Vec<u8> = (0..15 * 8).map(|_| arena.random.below(4) as u8).collect();
        let stride = STRIDES[arena.random.below(4)];
        let offsets: Vec<i32> = (0..48)
            .map(|i: i32| {
                let (x, y) = ((i & 1) + (i >> 1 & 2), (i >> 1 & 1) + (i >> 2 & 2));
                4 * x + 4 * y * stride as i32
            })
            .collect();
        let (blocks, counts) = (arena.shorts(&blocks), arena.put(&counts));
        let offsets = arena.ints(&offsets);
        let dst = arena.picture(stride, 16, 0);
        let dst = if planes {
            let other = arena.picture(stride, 16, 0);
            arena.ints(&[dst.cast_signed(), other.cast_signed()])
        } else {
            dst
        };
        vec![dst, offsets, blocks, stride as u32, counts]
    });
}

#[test]
fn inverse_transforms_of_one_block() {
    single("h264_idct_add", 4);
    single("h264_idct8_add", 8);
    single("h264_idct8_dc_add", 8);
}

#[test]
fn inverse_transforms_of_a_macroblock() {
    macroblock("h264_idct_add16", false);
    macroblock("h264_idct8_add4", false);
    macroblock("h264_idct_add16intra", false);
    macroblock("h264_idct_add8", true);
}

#[test]
fn deblocking() {
    let mut guest = Guest::new();
    let names = KERNELS.iter().map(|kernel| kernel.function.name);
    for name in names.filter(|name| name.starts_with("h264_") && name.contains("_loop_filter_")) {
        guest.compare(name, 300, |arena| {
            let stride = STRIDES[arena.random.below(4)];
            let pixels = arena.picture(stride, 24, 4);
            if arena.random.below(3) > 0 {
                // Slopes, as a decoder's thresholds are made for.
                let step = arena.random.between(1, 12) as usize;
                for (at, value) in arena.data.iter_mut().enumerate() {
                    *value = ((at * step / 16) as u8).wrapping_add(*value % step as u8);
                }
            }
            let strengths: Vec<u8> = (0..4).map(|_| arena.random.between(-1, 25) as u8).collect();
            let strengths = arena.put(&strengths);
            let (alpha, beta) = (arena.random.below(256), arena.random.below(19));
            let mut args = vec![pixels, stride as u32, alpha as u32, beta as u32];
            if !name.contains("intra") {
                args.push(strengths);
            }
            args
        });
    }
}

#[test]
fn strengths_of_edges() {
    Guest::new().compare("h264_edge_strengths", 2000, |arena| {
        let two_lists = arena.random.below(2);
        let coded = arena.random.below(4);
        let counts: Vec<u8> = (0..40)
            .map(|_| u8::from(arena.random.below(8) < coded) * arena.random.below(17) as u8)
            .collect();
        let (mut pictures, mut vectors) = (Vec::new(), Vec::new());
        let (spread, ids) = (arena.random.below(9) as i32, arena.random.below(3) as i32);
        let centre = arena.random.many(2, -32768, 32767);
        for _ in 0..80 {
            let picture = arena.random.between(-1, ids);
            pictures.push(picture as u8);
            for centre in &centre {
                let vector = i32::from(*centre) + arena.random.between(-spread, spread);
                // What is not predicted has no vector; some are as far apart as can be.
                vectors.push(match (picture, arena.random.below(60)) {
                    (-1, _) => 0,
                    (_, 0) => centre.wrapping_add(i16::MIN),
                    _ => vector.clamp(-32768, 32767) as i16,
                });
            }
        }
        let (counts, pictures) = (arena.put(&counts), arena.put(&pictures));
        let vectors = arena.shorts(&vectors);
        let out = arena.shorts(&[-1; 32]);
        let field = arena.random.below(2) as u32;
        vec![
            out,
            counts,
            pictures,
            vectors,
            two_lists as u32,
            4,
            1,
            0,
            0,
            field,
        ]
    });
}

#[test]
fn luma_prediction() {
    let mut guest = Guest::new();
    let names = KERNELS.iter().map(|kernel| kernel.function.name);
    for name in names.filter(|name| name.starts_with("h264_qpel_")) {
        guest.compare(name, 24, |arena| {
            let stride = STRIDES[1 + arena.random.below(3)];
            let src = arena.picture(stride, 16, 4);
            let dst = arena.picture(stride, 16, 0);
            vec![dst, src, stride as u32]
        });
    }
}

#[test]
fn chroma_prediction() {
    let mut guest = Guest::new();
    for name in ["put_8", "put_4", "put_2", "avg_8", "avg_4", "avg_2"] {
        guest.compare(&format!("h264_chroma_{name}"), 200, |arena| {
            let stride = STRIDES[arena.random.below(4)];
            let (src, dst) = (arena.picture(stride, 17, 1), arena.picture(stride, 17, 0));
            let height = [2, 4, 8, 16][arena.random.below(4)];
            let (x, y) = (arena.random.below(8) as u32, arena.random.below(8) as u32);
            vec![dst, src, stride as u32, height, x, y]
        });
    }
}

#[test]
fn weighted_prediction() {
    let mut guest = Guest::new();
    for size in [16, 8, 4, 2] {
        guest.compare(&format!("h264_weight_{size}"), 200, |arena| {
            let stride = STRIDES[arena.random.below(4)];
            let block = arena.picture(stride, 16, 0);
            let [denom, weight, offset] = weights(arena);
            vec![block, stride as u32, 8, denom, weight, offset]
        });
        guest.compare(&format!("h264_biweight_{size}"), 200, |arena| {
            let stride = STRIDES[arena.random.below(4)];
            let (dst, src) = (arena.picture(stride, 16, 0), arena.picture(stride, 16, 0));
            let ([denom, weight, offset], [_, other, _]) = (weights(arena), weights(arena));
            vec![dst, src, stride as u32, 8, denom, weight, other, offset]
        });
    }
}

/// A denominator, a weight and an offset, as bitstreams can have them.
fn weights(arena: &mut Arena) -> [u32; 3] {
    [(0, 7), (-128, 127), (-128, 127)]
        .map(|(low, high)| arena.random.between(low, high).cast_unsigned())
}
