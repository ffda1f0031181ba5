//! Kernels of the residuals of VP8, VP9 and HEVC.

use crate::arena::Arena;
use crate::guest::Guest;

const STRIDES: [usize; 3] = [32, 48, 640];

/// A picture and its stride.
fn picture(arena: &mut Arena, size: usize) -> (u32, u32) {
    let stride = STRIDES[arena.random.below(3)];
    (arena.picture(stride, size, 0), stride as u32)
}

/// A square block of coefficients, zero outside a triangle at the low frequencies, and the number
/// of those frequencies. Mostly as a stream has them, sometimes anything that fits.
fn coefficients(arena: &mut Arena, size: usize) -> (Vec<i16>, usize) {
    let limit = [40, 1000, 32767][arena.random.below(3)];
    let some = 1 + arena.random.below(2 * size - 1);
    let reach = [1, 4, size / 2, 2 * size, some][arena.random.below(5)];
    let mut block = arena.random.many(size * size, -limit - 1, limit);
    for (at, value) in block.iter_mut().enumerate() {
        if at % size + at / size >= reach {
            *value = 0;
        }
    }
    (block, reach)
}

#[test]
fn vp8_transforms() {
    let mut guest = Guest::new();
    for name in ["add", "dc_add4y", "dc_add4uv"] {
        guest.compare(&format!("vp8_idct_{name}"), 150, |arena| {
            let (mut blocks, _) = coefficients(arena, 4);
            for _ in 1..4 {
                blocks.extend(coefficients(arena, 4).0);
            }
            let blocks = arena.shorts(&blocks);
            let (dst, stride) = picture(arena, 16);
            vec![dst, blocks, stride]
        });
    }
    guest.compare("vp8_luma_dc_wht", 150, |arena| {
        let limit = [500, 32767][arena.random.below(2)];
        let dc = arena.random.many(16, -limit, limit);
        let dc = arena.shorts(&dc);
        let blocks = arena.take(16 * 32, 16, 0);
        vec![blocks, dc]
    });
}

#[test]
fn vp9_transforms() {
    let mut guest = Guest::new();
    for size in [4, 8, 16, 32] {
        for kind in ["dct_dct", "adst_dct", "dct_adst", "adst_adst"] {
            if size == 32 && kind != "dct_dct" {
                continue;
            }
            guest.compare(&format!("vp9_{kind}_{size}_add"), 150, |arena| {
                let (block, reach) = coefficients(arena, size);
                let block = arena.shorts(&block);
                let (dst, stride) = picture(arena, size);
                let count = if reach == 1 { 1 } else { size * size };
                vec![dst, stride, block, count as u32]
            });
        }
    }
}

#[test]
fn hevc_transforms() {
    let mut guest = Guest::new();
    for size in [8, 16, 32] {
        guest.compare(&format!("hevc_idct_{size}"), 150, |arena| {
            let (block, reach) = coefficients(arena, size);
            // Four more than the sum of the last coefficient's coordinates, if both are past three.
            let limit = if reach <= 4 { 4 } else { reach + 3 };
            vec![arena.shorts(&block), limit as u32]
        });
    }
    for size in [4, 8, 16, 32] {
        if size > 4 {
            guest.compare(&format!("hevc_idct_{size}_dc"), 60, |arena| {
                let (block, _) = coefficients(arena, size);
                vec![arena.shorts(&block)]
            });
        }
        guest.compare(&format!("hevc_add_residual_{size}"), 60, |arena| {
            let (block, _) = coefficients(arena, size);
            let block = arena.shorts(&block);
            let (dst, stride) = picture(arena, size);
            vec![dst, block, stride]
        });
    }
}
