//! Kernels of PNG, checksums and filters that move pixels, with arguments of their usual size.

use super::Entry;
use crate::guest::Arena;

pub(crate) const ENTRIES: &[Entry] = &[
    ("png_filter", paeth_row),
    ("png_unfilter", paeth_row),
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
