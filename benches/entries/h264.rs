//! Kernels of the H.264 decoder.

use super::Entry;
use crate::arena::Arena;

pub(crate) const ENTRIES: &[Entry] = &[
    ("h264_idct_add", |arena| block(arena, 16)),
    ("h264_idct8_add", |arena| block(arena, 64)),
    ("h264_idct8_dc_add", |arena| block(arena, 64)),
    ("h264_idct_add16*", macroblock),
    ("h264_idct8_add4", macroblock),
    ("h264_idct_add8", |arena| {
        let mut args = macroblock(arena);
        let other = arena.picture(64, 16, 0);
        args[0] = arena.pointers(&[args[0], other]);
        args
    }),
    ("h264_v_loop_filter_*", edge),
    ("h264_h_loop_filter_*", edge),
    ("h264_v_loop_filter_intra_*", |arena| {
        edge(arena)[..4].to_vec()
    }),
    ("h264_h_loop_filter_intra_*", |arena| {
        edge(arena)[..4].to_vec()
    }),
    ("h264_h_loop_filter_mbaff_intra_*", |arena| {
        edge(arena)[..4].to_vec()
    }),
    ("h264_edge_strengths", |arena| {
        let (counts, pictures) = (arena.put(&[0; 40]), arena.put(&[0; 80]));
        let vectors = arena.random.many(160, -6, 6);
        let (vectors, out) = (arena.shorts(&vectors), arena.shorts(&[0; 32]));
        vec![out, counts, pictures, vectors, 1, 4, 1, 0, 0, 0]
    }),
    ("h264_qpel_*", picture),
    ("h264_chroma_*", |arena| {
        [picture(arena), vec![8, 3, 5]].concat()
    }),
    ("h264_weight_*", |arena| {
        vec![arena.picture(64, 16, 0), 64, 16, 5, 30, 3]
    }),
    ("h264_biweight_*", |arena| {
        [picture(arena), vec![16, 5, 30, 34, 3]].concat()
    }),
];

fn block(arena: &mut Arena, count: usize) -> Vec<u32> {
    let coefficients = arena.random.many(count, -400, 400);
    let block = arena.shorts(&coefficients);
    vec![arena.picture(64, 16, 0), block, 64]
}

/// Blocks that have nothing, a mean, or more, in turns.
fn macroblock(arena: &mut Arena) -> Vec<u32> {
    let mut blocks = arena.random.many(48 * 16, -400, 400);
    for (index, block) in blocks.as_chunks_mut::<16>().0.iter_mut().enumerate() {
        let kept = [0, 1, 16][index % 3];
        block[kept..].fill(0);
    }
    let counts: Vec<u8> = (0..15 * 8).map(|index| index % 3).collect();
    let offsets: Vec<i32> = (0..48)
        .map(|i: i32| {
            let (x, y) = ((i & 1) + (i >> 1 & 2), (i >> 1 & 1) + (i >> 2 & 2));
            4 * x + 4 * y * 64
        })
        .collect();
    let (blocks, counts) = (arena.shorts(&blocks), arena.put(&counts));
    let offsets = arena.ints(&offsets);
    vec![arena.picture(64, 16, 0), offsets, blocks, 64, counts]
}

fn edge(arena: &mut Arena) -> Vec<u32> {
    let pixels = arena.picture(64, 24, 4);
    arena.data.fill(100);
    let strengths = arena.put(&[1, 2, 3, 4]);
    vec![pixels, 64, 60, 12, strengths]
}

fn picture(arena: &mut Arena) -> Vec<u32> {
    let (src, dst) = (arena.picture(64, 24, 4), arena.picture(64, 24, 0));
    vec![dst, src, 64]
}
