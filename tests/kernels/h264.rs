//! The H.264 decoder's kernels.

use crate::guest::{Arena, Guest};

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["h264_idct"];

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
    single("h264_idct_dc_add", 4);
    single("h264_idct8_dc_add", 8);
}

#[test]
fn inverse_transforms_of_a_macroblock() {
    macroblock("h264_idct_add16", false);
    macroblock("h264_idct8_add4", false);
    macroblock("h264_idct_add16intra", false);
    macroblock("h264_idct_add8", true);
}
