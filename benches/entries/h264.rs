//! More kernels of the H.264 decoder, with arguments of their usual size.

use crate::Entry;
use crate::guest::Arena;

pub(crate) const ENTRIES: &[Entry] = &[
    ("h264_idct_add16", macroblock),
    ("h264_idct_add16intra", macroblock),
    ("h264_idct8_add4", macroblock),
    ("h264_idct_dc_add", |arena| {
        let block = arena.shorts(&[700; 16]);
        vec![arena.picture(64, 16, 0), block, 64]
    }),
    ("h264_v_loop_filter_intra_luma", |arena| edge(arena, 16)),
    ("h264_h_loop_filter_intra_luma", |arena| edge(arena, 16)),
    ("h264_edge_strengths", |arena| {
        let (counts, pictures) = (arena.put(&[0; 40]), arena.put(&[0; 80]));
        let vectors = arena.random.many(160, -6, 6);
        let (vectors, out) = (arena.shorts(&vectors), arena.shorts(&[0; 32]));
        vec![out, counts, pictures, vectors, 1, 4, 1, 0, 0, 0]
    }),
    ("h264_qpel_put16_mc00", prediction),
    ("h264_qpel_put16_mc11", prediction),
    ("h264_qpel_put16_mc12", prediction),
    ("h264_qpel_put16_mc21", prediction),
    ("h264_qpel_avg16_mc22", prediction),
    ("h264_qpel_put8_mc22", prediction),
    ("h264_qpel_put4_mc22", prediction),
    ("h264_chroma_put_4", |arena| {
        [prediction(arena), vec![4, 3, 5]].concat()
    }),
    ("h264_chroma_avg_8", |arena| {
        [prediction(arena), vec![8, 3, 5]].concat()
    }),
    ("h264_weight_16", |arena| {
        vec![arena.picture(64, 24, 4), 64, 16, 5, 30, 2]
    }),
    ("h264_biweight_16", |arena| {
        [prediction(arena), vec![16, 5, 30, 34, 1]].concat()
    }),
];

/// The places of prediction, with room for the samples around them.
fn prediction(arena: &mut Arena) -> Vec<u32> {
    let (src, dst) = (arena.picture(64, 24, 4), arena.picture(64, 24, 0));
    vec![dst, src, 64]
}

/// An edge of flat samples, which is filtered everywhere.
fn edge(arena: &mut Arena, alpha: u32) -> Vec<u32> {
    let pixels = arena.picture(64, 24, 4);
    arena.data.fill(100);
    vec![pixels, 64, alpha, 12]
}

/// Sixteen blocks: a third has nothing, a third its first coefficient, a third all.
fn macroblock(arena: &mut Arena) -> Vec<u32> {
    let blocks = arena.random.many(256, -200, 200);
    let counts: Vec<u8> = (0..120).map(|index| [0, 1, 9][index % 3]).collect();
    let offsets: Vec<i32> = (0..16)
        .map(|i: i32| {
            let (x, y) = ((i & 1) + (i >> 1 & 2), (i >> 1 & 1) + (i >> 2 & 2));
            4 * x + 4 * y * 64
        })
        .collect();
    let (blocks, counts) = (arena.shorts(&blocks), arena.put(&counts));
    let offsets = arena.ints(&offsets);
    vec![arena.picture(64, 16, 0), offsets, blocks, 64, counts]
}
