//! Kernels of VP8, VP9 and HEVC decoding, with arguments of their usual size.

use super::Entry;
use crate::arena::Arena;

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
    ("hevc_qpel_bi_w_*", two_weighted),
    ("hevc_epel_bi_w_*", two_weighted),
    ("vp8_h_loop_filter16y*", sloping),
    ("vp8_v_loop_filter16y*", sloping),
    ("vp8_h_loop_filter8uv*", sloping_chroma),
    ("vp8_v_loop_filter8uv*", sloping_chroma),
    ("vp8_h_loop_filter_simple", |arena| {
        sloping(arena)[..3].to_vec()
    }),
    ("vp8_v_loop_filter_simple", |arena| {
        sloping(arena)[..3].to_vec()
    }),
    ("vp8_idct_add", |arena| block(arena, 16)),
    ("vp8_idct_dc_add4*", |arena| block(arena, 64)),
    ("vp8_luma_dc_wht", |arena| {
        let dc = arena.random.many(16, -500, 500);
        let dc = arena.shorts(&dc);
        vec![arena.take(16 * 32, 16, 0), dc]
    }),
    ("vp9_loop_filter_*", sloping),
    ("vp9_loop_filter_h_44_16", sloping_twice),
    ("vp9_loop_filter_h_48_16", sloping_twice),
    ("vp9_loop_filter_h_84_16", sloping_twice),
    ("vp9_loop_filter_h_88_16", sloping_twice),
    ("vp9_loop_filter_v_44_16", sloping_twice),
    ("vp9_loop_filter_v_48_16", sloping_twice),
    ("vp9_loop_filter_v_84_16", sloping_twice),
    ("vp9_loop_filter_v_88_16", sloping_twice),
    ("vp9_dct_dct_4_add", |arena| residual(arena, 4)),
    ("vp9_adst_dct_4_add", |arena| residual(arena, 4)),
    ("vp9_dct_adst_4_add", |arena| residual(arena, 4)),
    ("vp9_adst_adst_4_add", |arena| residual(arena, 4)),
    ("vp9_dct_dct_8_add", |arena| residual(arena, 8)),
    ("vp9_adst_dct_8_add", |arena| residual(arena, 8)),
    ("vp9_dct_adst_8_add", |arena| residual(arena, 8)),
    ("vp9_adst_adst_8_add", |arena| residual(arena, 8)),
    ("vp9_dct_dct_16_add", |arena| residual(arena, 16)),
    ("vp9_adst_dct_16_add", |arena| residual(arena, 16)),
    ("vp9_dct_adst_16_add", |arena| residual(arena, 16)),
    ("vp9_adst_adst_16_add", |arena| residual(arena, 16)),
    ("vp9_dct_dct_32_add", |arena| residual(arena, 32)),
    ("hevc_idct_8", |arena| hevc_block(arena, 8, &[8])),
    ("hevc_idct_16", |arena| hevc_block(arena, 16, &[8])),
    ("hevc_idct_32", |arena| hevc_block(arena, 32, &[32])),
    ("hevc_idct_8_dc", |arena| hevc_block(arena, 8, &[])),
    ("hevc_idct_16_dc", |arena| hevc_block(arena, 16, &[])),
    ("hevc_idct_32_dc", |arena| hevc_block(arena, 32, &[])),
    ("hevc_add_residual_4", |arena| block(arena, 16)),
    ("hevc_add_residual_8", |arena| block(arena, 64)),
    ("hevc_add_residual_16", |arena| block(arena, 256)),
    ("hevc_add_residual_32", |arena| block(arena, 1024)),
    ("hevc_h_loop_filter_luma", |arena| hevc_edge(arena, &[40])),
    ("hevc_v_loop_filter_luma", |arena| hevc_edge(arena, &[40])),
    ("hevc_h_loop_filter_chroma", |arena| hevc_edge(arena, &[])),
    ("hevc_v_loop_filter_chroma", |arena| hevc_edge(arena, &[])),
    ("hevc_sao_edge", |arena| {
        let (src, dst) = (arena.picture(192, 64, 8), arena.picture(160, 64, 0));
        let offsets = arena.shorts(&[0, 1, 2, -1, -2]);
        vec![dst, src, 160, offsets, 2, 64, 64]
    }),
    ("hevc_sao_band", |arena| {
        let (src, dst) = (arena.picture(192, 64, 8), arena.picture(160, 64, 0));
        let offsets = arena.shorts(&[0, 1, 2, -1, -2]);
        vec![dst, src, 160, 192, offsets, 12, 64, 64]
    }),
    ("hevc_planar_*", neighbours),
    ("hevc_angular_*", |arena| {
        // Between two directions that need no interpolation.
        [neighbours(arena), vec![0, 21]].concat()
    }),
    ("hevc_mean", |arena| {
        [neighbours(arena), vec![4, 0]].concat()
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

/// The same in both planes of chroma.
fn sloping_chroma(arena: &mut Arena) -> Vec<u32> {
    let mut args = sloping(arena);
    args.insert(1, args[0] + 8);
    args
}

/// Two edges of VP9, each with its thresholds.
fn sloping_twice(arena: &mut Arena) -> Vec<u32> {
    let mut args = sloping(arena);
    for threshold in &mut args[2..] {
        *threshold |= *threshold << 8;
    }
    args
}

/// An edge of HEVC and its thresholds, `beta` where the filter has one.
fn hevc_edge(arena: &mut Arena, beta: &[u32]) -> Vec<u32> {
    let pixels = sloping(arena)[..2].to_vec();
    let (tc, stays) = (arena.ints(&[6, 9]), arena.put(&[0, 0]));
    [&pixels[..], beta, &[tc, stays, stays]].concat()
}

/// A block of HEVC's coefficients, and for transforms how far they reach.
fn hevc_block(arena: &mut Arena, size: usize, columns: &[u32]) -> Vec<u32> {
    let mut coefficients = arena.random.many(size * size, -40, 40);
    // Four more than the sum of the last coefficient's coordinates.
    let reach = columns.first().map_or(1, |count| *count as usize - 3);
    for (at, value) in coefficients.iter_mut().enumerate() {
        if at % size + at / size >= reach {
            *value = 0;
        }
    }
    [&[arena.shorts(&coefficients)][..], columns].concat()
}

/// A picture of HEVC, and the samples above and to the left, with the corner before them.
fn neighbours(arena: &mut Arena) -> Vec<u32> {
    let dst = arena.picture(80, 32, 0);
    let [top, left] = [0, 1].map(|_| arena.take(1 + 64, 16, 15) + 1);
    vec![dst, top, left, 80]
}

/// A block of VP9's coefficients.
fn residual(arena: &mut Arena, size: usize) -> Vec<u32> {
    let coefficients = arena.random.many(size * size, -40, 40);
    let block = arena.shorts(&coefficients);
    let count = (size * size).min(200);
    vec![arena.picture(64, 32, 0), 64, block, count as u32]
}

fn block(arena: &mut Arena, count: usize) -> Vec<u32> {
    let coefficients = arena.random.many(count, -400, 400);
    let block = arena.shorts(&coefficients);
    vec![arena.picture(64, 32, 0), block, 64]
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

/// The same with a denominator, weights and offsets.
fn two_weighted(arena: &mut Arena) -> Vec<u32> {
    let mut args = two(arena);
    args.splice(6..6, [6, 60, 70, 2, 3]);
    args
}
