//! Kernels of PNG, checksums and filters that move pixels, with arguments of their usual size.

use super::Entry;
use crate::guest::Arena;

pub(crate) const ENTRIES: &[Entry] = &[
    ("png_filter", paeth_row),
    ("png_unfilter", paeth_row),
    ("inflate_run", packed),
    ("deflate_match", |arena| packed(arena)[..5].to_vec()),
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
    ("flip_row_1", |arena| {
        let (src, dst) = (arena.take(640, 16, 0), arena.take(640, 16, 0));
        vec![src + 639, dst, 640]
    }),
    ("transpose_1", |arena| {
        let (src, dst) = (arena.take(640 * 8, 16, 0), arena.take(360 * 8, 16, 0));
        vec![src, 640, dst, 360]
    }),
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
