//! Kernels of the H.264 encoder and of JPEG.

use super::Entry;
use crate::arena::Arena;

pub(crate) const ENTRIES: &[Entry] = &[
    ("openh264_sad_*", two_places),
    ("openh264_sad_four_*", |arena| {
        let sums = arena.ints(&[0; 4]);
        [two_places(arena), vec![sums]].concat()
    }),
    ("openh264_satd_*", two_places),
    ("openh264_best_4x4_satd", |arena| {
        let outputs = [arena.ints(&[0; 4]), arena.ints(&[0])];
        [&two_places(arena)[..], &outputs, &[4, 4, 16]].concat()
    }),
    ("openh264_best_16x16_*", |arena| {
        let (mode, scratch) = (arena.ints(&[0]), arena.put(&[0; 256]));
        [&two_places(arena)[..], &[mode, 10, scratch]].concat()
    }),
    ("openh264_best_chroma_*", |arena| {
        let (mode, scratch) = (arena.ints(&[0]), arena.put(&[0; 128]));
        let more = [0, 1].map(|_| arena.picture(352, 16, 24));
        [&two_places(arena)[..], &[mode, 10, scratch], &more].concat()
    }),
    ("openh264_half_horizontal", |arena| {
        [two_places(arena), vec![17, 16]].concat()
    }),
    ("openh264_half_vertical", |arena| {
        [two_places(arena), vec![16, 17]].concat()
    }),
    ("openh264_half_centre", |arena| {
        [two_places(arena), vec![17, 17]].concat()
    }),
    ("openh264_mc_luma", |arena| {
        [two_places(arena), vec![1, 2, 16, 16]].concat()
    }),
    ("openh264_mc_chroma", |arena| {
        [two_places(arena), vec![3, 5, 8, 8]].concat()
    }),
    ("openh264_average", |arena| {
        [
            two_places(arena),
            vec![arena.picture(352, 16, 24), 352, 16, 16],
        ]
        .concat()
    }),
    ("openh264_intra_*", prediction),
    ("openh264_dct", |arena| {
        [vec![arena.shorts(&[0; 16])], two_places(arena)].concat()
    }),
    ("openh264_dct_four", |arena| {
        [vec![arena.shorts(&[0; 64])], two_places(arena)].concat()
    }),
    ("openh264_luma_dc", |arena| {
        vec![arena.shorts(&[0; 16]), levels(arena, 256)]
    }),
    ("openh264_quant_four_max", |arena| {
        let (values, quantiser) = (levels(arena, 64), quantiser(arena));
        let largest = arena.shorts(&[0; 4]);
        [&[values][..], &quantiser, &[largest]].concat()
    }),
    ("openh264_quant", |arena| {
        [&[levels(arena, 16)][..], &quantiser(arena)].concat()
    }),
    ("openh264_quant_four", |arena| {
        [&[levels(arena, 64)][..], &quantiser(arena)].concat()
    }),
    ("openh264_quant_dc", |arena| {
        vec![levels(arena, 16), 100, 3000]
    }),
    ("openh264_quant_chroma_dc", |arena| {
        let outputs = [arena.shorts(&[0; 4]), arena.shorts(&[0; 4])];
        [&[levels(arena, 64), 100, 3000][..], &outputs].concat()
    }),
    ("openh264_single_cost", |arena| vec![levels(arena, 16)]),
    ("openh264_runs", |arena| {
        let outputs = [
            arena.put(&[0; 16]),
            arena.shorts(&[0; 16]),
            arena.ints(&[0]),
        ];
        [&[levels(arena, 16)][..], &outputs, &[15]].concat()
    }),
    ("openh264_dequant_luma_dc", |arena| {
        vec![levels(arena, 16), 100]
    }),
    ("openh264_dequant_four", |arena| {
        let factors = arena.random.many(8, 10, 200);
        vec![levels(arena, 64), arena.shorts(&factors)]
    }),
    ("openh264_idct", |arena| {
        [two_places(arena), vec![levels(arena, 16)]].concat()
    }),
    ("openh264_idct_four", |arena| {
        [two_places(arena), vec![levels(arena, 64)]].concat()
    }),
    ("openh264_idct_luma_dc", |arena| {
        [two_places(arena), vec![levels(arena, 16)]].concat()
    }),
    ("openh264_deblock_luma_*", |arena| {
        edge(arena, &[1, 2, 3, 4])
    }),
    ("openh264_deblock_luma_horizontal_strong", |arena| {
        edge(arena, &[])
    }),
    ("openh264_deblock_luma_vertical_strong", |arena| {
        edge(arena, &[])
    }),
    ("openh264_deblock_chroma_*", |arena| {
        two_edges(arena, &[1, 2, 3, 4])
    }),
    ("openh264_deblock_chroma_horizontal_strong", |arena| {
        two_edges(arena, &[])
    }),
    ("openh264_deblock_chroma_vertical_strong", |arena| {
        two_edges(arena, &[])
    }),
    ("openh264_copy_*", two_places),
    ("openh264_variance", |arena| two_places(arena)[..2].to_vec()),
    ("openh264_vaa_sad", |arena| analysis(arena, 2)),
    ("openh264_vaa_sad_var", |arena| analysis(arena, 4)),
    ("openh264_vaa_sad_ssd", |arena| analysis(arena, 5)),
    ("openh264_vaa_sad_bgd", |arena| analysis(arena, 4)),
    ("openh264_vaa_sad_ssd_bgd", |arena| analysis(arena, 7)),
    ("fdct_islow", |arena| {
        let block = arena.random.many(64, -255, 255);
        vec![arena.shorts(&block)]
    }),
    ("fdct_quantise", |arena| {
        let block = arena.random.many(64, 0, 255);
        let (block, overflow) = (arena.shorts(&block), arena.ints(&[0]));
        vec![arena.contexts[ENCODER], block, 0, 4, overflow]
    }),
    ("pixels_to_block", |arena| {
        let block = arena.shorts(&[0; 64]);
        vec![block, arena.picture(352, 8, 8), 352]
    }),
    ("pixels_difference", |arena| {
        let block = arena.shorts(&[0; 64]);
        let [a, b] = [0; 2].map(|_| arena.picture(352, 8, 8));
        vec![block, a, b, 352]
    }),
];

/// The context of the MPEG encoders.
const ENCODER: usize = 23;

/// Two places in pictures, each with its stride.
fn two_places(arena: &mut Arena) -> Vec<u32> {
    vec![
        arena.picture(352, 17, 24),
        352,
        arena.picture(352, 17, 24),
        352,
    ]
}

fn prediction(arena: &mut Arena) -> Vec<u32> {
    vec![arena.put(&[0; 256]), arena.picture(352, 16, 24), 352]
}

/// Coefficients of a residual: mostly small.
fn levels(arena: &mut Arena, count: usize) -> u32 {
    let values: Vec<i16> = (0..count)
        .map(|index| {
            if index % 16 < 6 {
                arena.random.between(-30, 30) as i16
            } else {
                0
            }
        })
        .collect();
    arena.shorts(&values)
}

fn quantiser(arena: &mut Arena) -> [u32; 2] {
    let bias = arena.random.many(8, 0, 100);
    let factors = arena.random.many(8, 2000, 8000);
    [arena.shorts(&bias), arena.shorts(&factors)]
}

/// An edge that is filtered, its stride and thresholds, and limits.
fn edge(arena: &mut Arena, limits: &[u8]) -> Vec<u32> {
    let edge = arena.picture(352, 40, 24);
    arena.data.fill(100);
    let mut args = vec![edge, 352, 60, 12];
    if !limits.is_empty() {
        args.push(arena.put(limits));
    }
    args
}

/// The same in both planes of chroma.
fn two_edges(arena: &mut Arena, limits: &[u8]) -> Vec<u32> {
    let mut args = edge(arena, limits);
    args.insert(1, args[0] + 12 * 352);
    args
}

/// Two pictures, their size and stride, and room for what is found of them.
fn analysis(arena: &mut Arena, outputs: usize) -> Vec<u32> {
    let pictures = [0, 1].map(|_| arena.picture(352, 128, 0));
    let mut args = [&pictures[..], &[320, 128, 352]].concat();
    args.extend((0..outputs).map(|_| arena.ints(&[0; 1024])));
    args
}
