//! Kernels of PNG, checksums and filters that move pixels, with arguments of their usual size.

use super::Entry;
use crate::arena::Arena;

pub(crate) const ENTRIES: &[Entry] = &[
    ("png_filter", paeth_row),
    ("png_unfilter", paeth_row),
    ("inflate_run", packed),
    ("code_lengths", |arena| {
        let counts: Vec<i32> = (0..256)
            .map(|value| {
                if value % 16 < 11 {
                    20_000 / (value + 1)
                } else {
                    0
                }
            })
            .collect();
        vec![
            arena.ints(&counts),
            arena.take(17, 1, 0),
            arena.take(256, 1, 0),
        ]
    }),
    ("jpeg_codes", |arena| {
        let (sizes, values) = ([6; 256], [21; 256]);
        let sizes = arena.put(&sizes);
        let values = arena.shorts(&values);
        let tables = [sizes, values].map(|table| arena.pointers(&[table; 4]));
        let codes: Vec<u8> = (0..4000)
            .flat_map(|_| [2, arena.random.below(8) as u8, 1, 0])
            .collect();
        let codes = arena.put(&codes);
        let out = arena.take(1 << 14, 16, 0);
        vec![codes, 4000, tables[0], tables[1], 5, out, 1 << 14]
    }),
    ("checksum_crc", |arena| {
        let mut table: Vec<i32> = (0..256).map(remainder).collect();
        table.push(1);
        let table = arena.ints(&table);
        vec![table, 0xffff_ffff, arena.take(1 << 16, 16, 0), 1 << 16]
    }),
    ("checksum_adler", |arena| {
        vec![1, arena.take(1 << 16, 16, 0), 1 << 16]
    }),
    ("deflate_run", |arena| compression(arena, 6, 10_000, 40)),
    ("lzw_encode", |arena| {
        let pixels: Vec<u8> = (0..200 * 100)
            .map(|_| {
                let bits = arena.random.below(9);
                arena.random.below(1 << bits) as u8
            })
            .collect();
        let (input, out) = (arena.put(&pixels), arena.take(60_000, 16, 0));
        vec![input, 200, 100, 1, out, 60_000, arena.take(4, 4, 0)]
    }),
    // Long runs leave little other work: what moves the window is seen.
    ("deflate_slide", |arena| {
        compression(arena, 1, 100_000, 4000)
    }),
    ("rate_errors", |arena| {
        let rates: Vec<i32> = (1..=399).map(|rate| 1001 * rate).collect();
        let (rates, errors) = (arena.ints(&rates), arena.put(&[0; 399 * 4 * 8]));
        vec![errors, rates, 399, 12, 0, 3003]
    }),
    ("flip_row_1", |arena| mirrored(arena, 1)),
    ("flip_row_2", |arena| mirrored(arena, 2)),
    ("flip_row_3", |arena| mirrored(arena, 3)),
    ("flip_row_4", |arena| mirrored(arena, 4)),
    ("transpose_1", |arena| turned(arena, 1)),
    ("transpose_2", |arena| turned(arena, 2)),
    ("transpose_3", |arena| turned(arena, 3)),
    ("transpose_4", |arena| turned(arena, 4)),
];

/// A picture's bytes as 600 of them, which come again with changes: level 6, pieces and rows of a decoder.
fn packed(arena: &mut Arena) -> Vec<u32> {
    let mut bytes: Vec<u8> = (0..600).map(|_| arena.random.below(90) as u8).collect();
    while bytes.len() < 30_000 {
        let again = bytes[bytes.len() - 600];
        let change = arena.random.below(5) == 0;
        bytes.push(again.wrapping_add(change.into()));
    }
    let (input, room) = (arena.put(&bytes), 40_000);
    vec![
        6,
        input,
        30_000,
        arena.take(room + 64, 16, 0),
        room as u32,
        0,
        8192,
        1801,
    ]
}

/// A row of 640 pixels, from its last on.
fn mirrored(arena: &mut Arena, bytes: u32) -> Vec<u32> {
    let [src, dst] = [0; 2].map(|_| arena.take(640 * bytes as usize, 16, 0));
    vec![src + 639 * bytes, dst, 640]
}

/// Eight by eight pixels of pictures.
fn turned(arena: &mut Arena, bytes: u32) -> Vec<u32> {
    let [from, to] = [640 * bytes, 360 * bytes];
    let [src, dst] = [from, to].map(|stride| arena.take(8 * stride as usize, 16, 0));
    vec![src, from, dst, to]
}

/// Bytes to compress, half of them in runs that came before.
fn compression(arena: &mut Arena, level: u32, length: usize, run: usize) -> Vec<u32> {
    let mut bytes: Vec<u8> = Vec::new();
    while bytes.len() < length {
        bytes.extend((0..8).map(|_| arena.random.below(200) as u8));
        let from = arena.random.below(bytes.len());
        for index in from..from + 1 + arena.random.below(run) {
            bytes.push(bytes[index]);
        }
    }
    bytes.truncate(length);
    let (input, room) = (arena.put(&bytes), length + 500);
    let out = arena.take(room, 16, 0);
    vec![level, input, length as u32, out, room as u32]
}

fn paeth_row(arena: &mut Arena) -> Vec<u32> {
    let [src, above, dst] = [3, 5, 1].map(|past| arena.take(640 * 3, 16, past));
    vec![dst, 4, src, above, 640 * 3, 3]
}

/// What a byte leaves in the register of ISO 3309.
fn remainder(byte: u32) -> i32 {
    let mut register = byte;
    for _ in 0..8 {
        register = (register >> 1) ^ ((register & 1) * 0xedb8_8320);
    }
    register.cast_signed()
}
