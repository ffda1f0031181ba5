//! Kernels of VP8, VP9 and HEVC decoding, with arguments of their usual size.

use super::Entry;
use crate::guest::Arena;

pub(crate) const ENTRIES: &[Entry] = &[
    ("vp8_put_*", |arena| {
        [pictures(arena), vec![16, 2, 2]].concat()
    }),
    // A block of 16 columns with what eight taps need, over the corner of a picture.
    ("emulated_edge", |arena| {
        let src = arena.picture(64, 40, 0);
        let dst = arena.take(80 * 23, 16, 0);
        let place = |at: i32| at.cast_unsigned();
        let src = src.wrapping_add_signed(-5 * 64 - 4);
        vec![dst, src, 80, 64, 23, 23, place(-4), place(-5), 60, 40]
    }),
    ("copy_*", whole),
    ("average_*", whole),
    ("vp9_put_*", motion_vp9),
    ("vp9_avg_*", motion_vp9),
    ("hevc_qpel_put_*", put),
    ("hevc_epel_put_*", put),
    ("hevc_qpel_uni_*", |arena| {
        [pictures(arena), BLOCK.to_vec()].concat()
    }),
    ("hevc_epel_uni_*", |arena| {
        [pictures(arena), BLOCK.to_vec()].concat()
    }),
    ("hevc_qpel_uni_w_*", weighted),
    ("hevc_epel_uni_w_*", weighted),
    ("hevc_qpel_bi_*", two),
    ("hevc_epel_bi_*", two),
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

fn block(arena: &mut Arena, count: usize) -> Vec<u32> {
    let coefficients = arena.random.many(count, -400, 400);
    let block = arena.shorts(&coefficients);
    vec![arena.picture(64, 16, 0), block, 64]
}

/// Rows, the place between samples, and columns.
const BLOCK: [u32; 4] = [32, 1, 2, 32];

/// A destination and a source, each with its stride.
fn pictures(arena: &mut Arena) -> Vec<u32> {
    let (src, dst) = (arena.picture(160, 32, 8), arena.picture(160, 32, 0));
    vec![dst, 160, src, 160]
}

fn whole(arena: &mut Arena) -> Vec<u32> {
    [pictures(arena), vec![16, 0, 0]].concat()
}

fn motion_vp9(arena: &mut Arena) -> Vec<u32> {
    [pictures(arena), vec![16, 5, 7]].concat()
}

fn put(arena: &mut Arena) -> Vec<u32> {
    let src = arena.picture(160, 32, 8);
    let dst = arena.shorts(&[0; 64 * 64]);
    [&[dst, src, 160], &BLOCK[..]].concat()
}

fn weighted(arena: &mut Arena) -> Vec<u32> {
    [pictures(arena), vec![32, 6, 60, 2, 1, 2, 32]].concat()
}

fn two(arena: &mut Arena) -> Vec<u32> {
    let other = arena.random.many(64 * 64, -8192, 8191);
    let other = arena.shorts(&other);
    [pictures(arena), vec![other], BLOCK.to_vec()].concat()
}
