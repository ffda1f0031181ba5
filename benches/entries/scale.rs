//! Kernels of swscale, for rows of 640 samples.

use super::Entry;
use crate::arena::Arena;

pub(crate) const ENTRIES: &[Entry] = &[
    ("scale_across_8", |arena| across(arena, 1, 0)),
    ("scale_across_16", |arena| across(arena, 2, 2)),
    ("scale_down", |arena| {
        let filter = arena.random.many(8, -1000, 4000);
        let filter = arena.shorts(&filter);
        let sources = [0; 8].map(|_| arena.take(1280, 16, 0));
        let sources = arena.pointers(&sources);
        let dither = arena.take(8, 8, 0);
        let dst = arena.take(640, 16, 0);
        vec![filter, 8, sources, dst, 640, dither, 0]
    }),
    ("scale_straight", |arena| {
        let src = arena.take(1280, 16, 0);
        let dither = arena.take(8, 8, 0);
        let dst = arena.take(640, 16, 0);
        vec![src, dst, 640, dither, 0]
    }),
    ("scale_luma_*", |arena| {
        vec![arena.take(1280, 16, 0), 640, 18_622, 1_000_000]
    }),
    ("scale_chroma_*", |arena| {
        let rows = [0, 1].map(|_| arena.take(1280, 16, 0));
        vec![rows[0], rows[1], 640, 18_622, 1_000_000]
    }),
    ("scale_rgb24_to_y", to_luma),
    ("scale_bgr24_to_y", to_luma),
    ("scale_rgb24_to_uv*", to_chroma),
    ("scale_bgr24_to_uv*", to_chroma),
    ("scale_to_rgb24", |arena| to_rgb(arena, 6)),
    ("scale_to_bgr24", |arena| to_rgb(arena, 7)),
    ("scale_to_rgb32", |arena| to_rgb(arena, 8)),
    ("scale_rows_to_rgb24", |arena| packed(arena, 13)),
    ("scale_rows_to_rgb32", |arena| packed(arena, 14)),
    ("scale_row_to_rgb8", |arena| packed(arena, 15)),
];

/// 100 pixels, from two rows of luma and one of chroma.
fn packed(arena: &mut Arena, context: usize) -> Vec<u32> {
    let [luma, u, v] = [2, 1, 1].map(|count| {
        let rows: Vec<u32> = (0..count).map(|_| arena.take(200, 16, 0)).collect();
        arena.pointers(&rows)
    });
    let (two, one) = (arena.shorts(&[3000, 1096]), arena.shorts(&[4096]));
    let dst = arena.take(400, 16, 0);
    let context = arena.contexts[context];
    vec![context, two, luma, 2, one, u, v, 1, 0, dst, 100, 0]
}

fn across(arena: &mut Arena, bytes: usize, context: usize) -> Vec<u32> {
    let src = arena.take(1280 * bytes, 16, 0);
    let filter = arena.random.many(640 * 8, -1000, 8000);
    let filter = arena.shorts(&filter);
    let positions: Vec<i32> = (0..640).map(|x| 2 * x - x / 100).collect();
    let positions = arena.ints(&positions);
    let dst = arena.take(1280, 16, 0);
    let context = arena.contexts[context];
    vec![context, dst, 640, src, filter, positions, 8]
}

fn weights(arena: &mut Arena) -> u32 {
    arena.ints(&[8414, 16519, 3208, -4865, -9528, 14392, 14392, -12061, -2332])
}

fn to_luma(arena: &mut Arena) -> Vec<u32> {
    let (dst, src) = (arena.take(1280, 16, 0), arena.take(1920, 16, 0));
    vec![dst, src, src, src, 640, weights(arena), 0]
}

fn to_chroma(arena: &mut Arena) -> Vec<u32> {
    let (u, v) = (arena.take(640, 16, 0), arena.take(640, 16, 0));
    let src = arena.take(1920, 16, 0);
    vec![u, v, 0, src, src, 320, weights(arena), 0]
}

/// Sixteen rows of the width that the context is for.
fn to_rgb(arena: &mut Arena, context: usize) -> Vec<u32> {
    const SIZE: u32 = 202;
    let (luma, chroma, packed) = (SIZE + 6, SIZE / 2 + 3, 4 * SIZE + 8);
    let planes = [luma, chroma, chroma].map(|stride| arena.take(16 * stride as usize, 16, 0));
    let planes = arena.pointers(&planes);
    let strides = arena.ints(&[luma, chroma, chroma].map(u32::cast_signed));
    let dst = arena.take(16 * packed as usize, 16, 0);
    let dst = arena.pointers(&[dst]);
    let dst_strides = arena.ints(&[packed.cast_signed()]);
    let context = arena.contexts[context];
    vec![context, planes, strides, 0, 16, dst, dst_strides]
}
