//! Kernels of VP8, VP9 and HEVC decoding, with arguments of their usual size.

use crate::Entry;
use crate::guest::Arena;

pub(crate) const ENTRIES: &[Entry] = &[
    ("hevc_qpel_bi_pixels", |arena| {
        let (src, dst) = (arena.picture(160, 32, 8), arena.picture(160, 32, 0));
        let other = arena.take(64 * 64 * 2, 16, 0);
        vec![dst, 160, src, 160, other, 32, 0, 0, 32]
    }),
    ("hevc_qpel_uni_w_hv", |arena| {
        let (src, dst) = (arena.picture(160, 32, 8), arena.picture(160, 32, 0));
        vec![dst, 160, src, 160, 32, 6, 60, 2, 1, 2, 32]
    }),
    ("vp8_v_loop_filter16y_inner", sloping),
    ("vp8_h_loop_filter16y_inner", sloping),
    ("vp8_h_loop_filter16y", sloping),
    ("vp8_idct_add", |arena| block(arena, 16)),
    ("vp8_idct_dc_add4y", |arena| block(arena, 64)),
    ("vp9_loop_filter_v_16_16", sloping),
    ("vp9_loop_filter_h_16_16", sloping),
    ("vp9_loop_filter_h_88_16", sloping),
    ("vp9_dct_dct_8_add", |arena| residual(arena, 8)),
    ("vp9_dct_dct_16_add", |arena| residual(arena, 16)),
    ("vp9_dct_dct_32_add", |arena| residual(arena, 32)),
    ("hevc_idct_32", |arena| {
        let coefficients = arena.random.many(1024, -40, 40);
        vec![arena.shorts(&coefficients), 32]
    }),
    ("hevc_idct_16", |arena| {
        let coefficients = arena.random.many(256, -40, 40);
        vec![arena.shorts(&coefficients), 8]
    }),
    ("hevc_v_loop_filter_luma", |arena| {
        let mut args = sloping(arena)[..2].to_vec();
        let (tc, stays) = (arena.ints(&[6, 9]), arena.put(&[0, 0]));
        args.extend([40, tc, stays, stays]);
        args
    }),
    ("hevc_sao_edge", |arena| {
        let (src, dst) = (arena.picture(192, 64, 8), arena.picture(160, 64, 0));
        let offsets = arena.shorts(&[0, 1, 2, -1, -2]);
        vec![dst, src, 160, offsets, 2, 64, 64]
    }),
];

/// Kernels that C calls with other arguments than its own functions have.
pub(crate) const OWN: &[Entry] = &[
    ("vp8_put_h", |arena| filtered(arena, 16, 6)),
    ("vp8_put_v", |arena| filtered(arena, 16, 6)),
    ("vp8_put_hv", |arena| filtered(arena, 16, 6)),
    ("vp9_put_h", |arena| filtered(arena, 64, 8)),
    ("vp9_put_v", |arena| filtered(arena, 64, 8)),
    ("vp9_put_hv", |arena| filtered(arena, 64, 8)),
    ("vp9_avg_hv", |arena| filtered(arena, 16, 8)),
];

/// An edge that a filter of VP8 or VP9 changes.
fn sloping(arena: &mut Arena) -> Vec<u32> {
    let pixels = arena.picture(64, 24, 16);
    for (at, value) in arena.data.iter_mut().enumerate() {
        *value = 100 + (at * 5 % 7 / 6) as u8;
    }
    vec![pixels, 64, 60, 12, 2]
}

/// A block of VP9's coefficients.
fn residual(arena: &mut Arena, size: usize) -> Vec<u32> {
    let coefficients = arena.random.many(size * size, -40, 40);
    let block = arena.shorts(&coefficients);
    vec![arena.picture(64, 32, 0), 64, block, 200]
}

/// A square block and two filters of so many taps.
fn filtered(arena: &mut Arena, size: u32, taps: usize) -> Vec<u32> {
    let (src, dst) = (arena.picture(160, 64, 8), arena.picture(160, 64, 0));
    let weights = &[3, -16, 77, 77, -16, 3, 1, -1][..taps];
    let weights = arena.shorts(weights);
    vec![dst, 160, src, 160, size, size, weights, weights]
}

fn block(arena: &mut Arena, count: usize) -> Vec<u32> {
    let coefficients = arena.random.many(count, -400, 400);
    let block = arena.shorts(&coefficients);
    vec![arena.picture(64, 16, 0), block, 64]
}
