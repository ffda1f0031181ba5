//! The H.264 encoder's kernels.

use crate::arena::Arena;
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["openh264_"];

const SIZES: [(&str, usize); 7] = [
    ("16x16", 16),
    ("16x8", 16),
    ("8x16", 16),
    ("8x8", 8),
    ("4x4", 4),
    ("8x4", 8),
    ("4x8", 8),
];

/// Strides of the encoder's pictures and of its small buffers.
const STRIDES: [usize; 4] = [16, 32, 352, 720];

fn stride(arena: &mut Arena) -> usize {
    STRIDES[arena.random.below(4)]
}

/// A place in a picture with 24 samples around it, and its stride.
fn place(arena: &mut Arena, rows: usize) -> [u32; 2] {
    let stride = stride(arena);
    [arena.picture(stride, rows, 24), stride as u32]
}

fn coefficients(arena: &mut Arena, count: usize) -> u32 {
    let limit = [4, 300, 4080, 32767][arena.random.below(4)];
    let values = arena.random.many(count, -limit - 1, limit);
    arena.shorts(&values)
}

/// Levels as they are after quantisation: mostly zero.
fn levels(arena: &mut Arena, count: usize) -> u32 {
    let rarity = 1 + arena.random.below(8);
    let values: Vec<i16> = (0..count)
        .map(|_| match arena.random.below(rarity) {
            0 => arena.random.between(-40, 40) as i16,
            _ => 0,
        })
        .collect();
    arena.shorts(&values)
}

/// Rounding and multipliers of a quantiser, at every scale that its tables have.
fn quantiser(arena: &mut Arena) -> [u32; 2] {
    let (bias, factor) = (
        [2, 100, 770][arena.random.below(3)],
        [100, 3000, 26214][arena.random.below(3)],
    );
    let bias = arena.random.many(8, 0, bias);
    let factors = arena.random.many(8, 28, factor);
    [arena.shorts(&bias), arena.shorts(&factors)]
}

#[test]
fn differences_of_blocks() {
    let mut guest = Guest::new();
    for (size, rows) in SIZES {
        for kind in ["sad", "satd"] {
            guest.compare(&format!("openh264_{kind}_{size}"), 100, |arena| {
                [place(arena, rows), place(arena, rows)].concat()
            });
        }
        guest.compare(&format!("openh264_sad_four_{size}"), 100, |arena| {
            let sums = arena.ints(&[0; 4]);
            [&place(arena, rows)[..], &place(arena, rows), &[sums]].concat()
        });
    }
}

#[test]
fn choices_of_an_intra_prediction() {
    let mut guest = Guest::new();
    guest.compare("openh264_best_4x4_satd", 300, |arena| {
        let (at, source) = (place(arena, 4), place(arena, 4));
        let outputs = [arena.ints(&[0; 4]), arena.ints(&[0])];
        let lambda = arena.random.below(100) as u32;
        let lambdas = [0, 1, 2].map(|_| [lambda, 4 * lambda][arena.random.below(2)]);
        [&at[..], &source, &outputs, &lambdas].concat()
    });
    for kind in ["satd", "sad"] {
        guest.compare(&format!("openh264_best_16x16_{kind}"), 200, |arena| {
            let (at, source) = (place(arena, 16), place(arena, 16));
            let (mode, scratch) = (arena.ints(&[0]), arena.put(&[0; 256]));
            let lambda = arena.random.below(100) as u32;
            [&at[..], &source, &[mode, lambda, scratch]].concat()
        });
        guest.compare(&format!("openh264_best_chroma_{kind}"), 200, |arena| {
            let (stride, source_stride) = (stride(arena), stride(arena));
            let [at, at_cr] = [0, 1].map(|_| arena.picture(stride, 8, 24));
            let [source, source_cr] = [0, 1].map(|_| arena.picture(source_stride, 8, 24));
            let (mode, scratch) = (arena.ints(&[0]), arena.put(&[0; 128]));
            let lambda = arena.random.below(100) as u32;
            let (stride, source_stride) = (stride as u32, source_stride as u32);
            vec![
                at,
                stride,
                source,
                source_stride,
                mode,
                lambda,
                scratch,
                at_cr,
                source_cr,
            ]
        });
    }
}

#[test]
fn intra_predictions() {
    let mut guest = Guest::new();
    for (size, bytes) in [("16x16", 256), ("chroma", 64)] {
        guest.compare(&format!("openh264_intra_{size}_plane"), 100, |arena| {
            let to = arena.put(&vec![7; bytes]);
            [&[to][..], &place(arena, 16)].concat()
        });
    }
}

#[test]
fn motion_compensation() {
    let mut guest = Guest::new();
    // The encoder asks for one sample more than a block where two half samples surround a whole one.
    for (name, more) in [
        ("horizontal", (1, 0)),
        ("vertical", (0, 1)),
        ("centre", (1, 1)),
    ] {
        guest.compare(&format!("openh264_half_{name}"), 200, |arena| {
            let from = place(arena, 17);
            // The encoder's buffers have rows of 32 bytes.
            let to = [arena.picture(32, 17, 24), 32];
            let (width, height) = (
                [4, 8, 16][arena.random.below(3)],
                [4, 8, 16][arena.random.below(3)],
            );
            let more = if arena.random.below(4) == 0 {
                (0, 0)
            } else {
                more
            };
            [&from[..], &to, &[width + more.0, height + more.1]].concat()
        });
    }
    guest.compare("openh264_mc_luma", 600, |arena| {
        let (from, to) = (place(arena, 16), place(arena, 16));
        let vector = [0, 1].map(|_| arena.random.between(-64, 64) as u32);
        let size = [[16, 16], [16, 8], [8, 16], [8, 8], [4, 4]][arena.random.below(5)];
        [&from[..], &to, &vector, &size].concat()
    });
    guest.compare("openh264_mc_chroma", 600, |arena| {
        let (from, to) = (place(arena, 8), place(arena, 8));
        let vector = [0, 1].map(|_| arena.random.between(-64, 64) as u32);
        let size = [[8, 8], [8, 4], [4, 8], [4, 4], [2, 2]][arena.random.below(5)];
        [&from[..], &to, &vector, &size].concat()
    });
    guest.compare("openh264_average", 200, |arena| {
        let size = [[16, 16], [16, 8], [8, 16], [8, 8], [4, 4]][arena.random.below(5)];
        [
            &place(arena, 16)[..],
            &place(arena, 16),
            &place(arena, 16),
            &size,
        ]
        .concat()
    });
}

#[test]
fn transforms() {
    let mut guest = Guest::new();
    for (name, count) in [("openh264_dct", 16), ("openh264_dct_four", 64)] {
        guest.compare(name, 200, |arena| {
            let out = arena.shorts(&vec![1; count]);
            [&[out][..], &place(arena, 8), &place(arena, 8)].concat()
        });
    }
    for (name, count) in [
        ("openh264_idct", 16),
        ("openh264_idct_four", 64),
        ("openh264_idct_luma_dc", 16),
    ] {
        guest.compare(name, 300, |arena| {
            let levels = coefficients(arena, count);
            [&place(arena, 16)[..], &place(arena, 16), &[levels]].concat()
        });
    }
    guest.compare("openh264_luma_dc", 200, |arena| {
        let out = arena.shorts(&[1; 16]);
        vec![out, coefficients(arena, 256)]
    });
}

#[test]
fn quantisation() {
    let mut guest = Guest::new();
    for (name, count) in [("openh264_quant", 16), ("openh264_quant_four", 64)] {
        guest.compare(name, 300, |arena| {
            let values = coefficients(arena, count);
            [&[values][..], &quantiser(arena)].concat()
        });
    }
    guest.compare("openh264_quant_four_max", 300, |arena| {
        let values = coefficients(arena, 64);
        let largest = arena.shorts(&[0; 4]);
        [&[values][..], &quantiser(arena), &[largest]].concat()
    });
    let pair = |arena: &mut Arena| {
        let bias = arena.random.below(770) as u32;
        let limit = [100, 3000, 26214][arena.random.below(3)];
        [bias, 28 + arena.random.below(limit) as u32]
    };
    guest.compare("openh264_quant_dc", 300, |arena| {
        let values = coefficients(arena, 16);
        [&[values][..], &pair(arena)].concat()
    });
    guest.compare("openh264_quant_chroma_dc", 300, |arena| {
        let blocks = coefficients(arena, 64);
        let outputs = [arena.shorts(&[1; 4]), arena.shorts(&[1; 4])];
        [&[blocks][..], &pair(arena), &outputs].concat()
    });
    guest.compare("openh264_dequant_four", 200, |arena| {
        let values = coefficients(arena, 64);
        let factors = arena.random.many(8, 10, 7424);
        vec![values, arena.shorts(&factors)]
    });
    guest.compare("openh264_dequant_luma_dc", 200, |arena| {
        vec![
            coefficients(arena, 16),
            arena.random.between(10, 7424) as u32,
        ]
    });
}

#[test]
fn levels_for_entropy_coding() {
    let mut guest = Guest::new();
    guest.compare("openh264_single_cost", 400, |arena| vec![levels(arena, 16)]);
    guest.compare("openh264_runs", 600, |arena| {
        let values = levels(arena, 16);
        let outputs = [
            arena.put(&[9; 16]),
            arena.shorts(&[9; 16]),
            arena.ints(&[9]),
        ];
        [
            &[values][..],
            &outputs,
            &[[3, 14, 15][arena.random.below(3)]],
        ]
        .concat()
    });
}

#[test]
fn deblocking() {
    let mut guest = Guest::new();
    // Thresholds of every quantiser, and samples close enough that edges are filtered.
    let edge = |arena: &mut Arena, rows| {
        let place = place(arena, rows);
        let spread = [2, 8, 30, 255][arena.random.below(4)];
        let base = arena.random.below(256 - spread);
        for byte in &mut arena.data {
            *byte = (base + usize::from(*byte) % (spread + 1)) as u8;
        }
        place
    };
    let thresholds = |arena: &mut Arena| {
        [
            arena.random.between(0, 255) as u32,
            arena.random.between(0, 18) as u32,
        ]
    };
    for direction in ["horizontal", "vertical"] {
        guest.compare(
            &format!("openh264_deblock_luma_{direction}"),
            400,
            |arena| {
                let edge = edge(arena, 16);
                let limits = [0; 4].map(|_: u8| arena.random.between(-1, 25) as i8 as u8);
                [&edge[..], &thresholds(arena), &[arena.put(&limits)]].concat()
            },
        );
        guest.compare(
            &format!("openh264_deblock_luma_{direction}_strong"),
            400,
            |arena| [edge(arena, 16), thresholds(arena)].concat(),
        );
        guest.compare(
            &format!("openh264_deblock_chroma_{direction}"),
            400,
            |arena| {
                let [cb, stride] = edge(arena, 40);
                let limits = [0; 4].map(|_: u8| arena.random.between(0, 26) as u8);
                [
                    &[cb, cb + 12 * stride, stride][..],
                    &thresholds(arena),
                    &[arena.put(&limits)],
                ]
                .concat()
            },
        );
        guest.compare(
            &format!("openh264_deblock_chroma_{direction}_strong"),
            400,
            |arena| {
                let [cb, stride] = edge(arena, 40);
                [&[cb, cb + 12 * stride, stride][..], &thresholds(arena)].concat()
            },
        );
    }
}

#[test]
fn copies_and_analysis() {
    let mut guest = Guest::new();
    for size in ["16x16", "any_16x16", "16x8", "8x16"] {
        guest.compare(&format!("openh264_copy_{size}"), 50, |arena| {
            [place(arena, 16), place(arena, 16)].concat()
        });
    }
    guest.compare("openh264_variance", 200, |arena| place(arena, 16).to_vec());
    for (name, outputs) in [
        ("sad", 2),
        ("sad_var", 4),
        ("sad_ssd", 5),
        ("sad_bgd", 4),
        ("sad_ssd_bgd", 7),
    ] {
        guest.compare(&format!("openh264_vaa_{name}"), 30, |arena| {
            let (columns, rows) = (arena.random.below(9), arena.random.below(7));
            // A picture that ends within a macroblock, too.
            let width = 16 * columns + [0, 2, 8][arena.random.below(3)];
            let stride = width.next_multiple_of(16) + 32;
            let [now, before] = [0, 1].map(|_| arena.picture(stride, 112, 0));
            let size = [width, 16 * rows, stride].map(|value| value as u32);
            let outputs: Vec<u32> = (0..outputs).map(|_| arena.ints(&[3; 224])).collect();
            [&[now, before][..], &size, &outputs].concat()
        });
    }
}
