//! The kernels of JPEG and MPEG encoding.

use wasmi::Val;

use crate::arena::Arena;
use crate::guest::Guest;

/// What is tested here, by the beginnings of names.
pub(crate) const TESTED: &[&str] = &["fdct_", "pixels_", "code_", "jpeg_"];

/// A block of numbers in the three sizes that encoders have: samples, differences of them, anything.
fn block(arena: &mut Arena) -> u32 {
    let limit = [255, 2047, 32767][arena.random.below(3)];
    let least = [0, -limit][arena.random.below(2)];
    let block = arena.random.many(64, least, limit);
    arena.shorts(&block)
}

#[test]
fn forward_transform() {
    Guest::new().compare("fdct_islow", 300, |arena| vec![block(arena)]);
}

#[test]
fn samples_to_blocks() {
    let mut guest = Guest::new();
    for (name, pictures) in [("pixels_to_block", 1), ("pixels_difference", 2)] {
        guest.compare(name, 60, |arena| {
            let block = arena.shorts(&[7; 64]);
            let stride = [8, 33, 352][arena.random.below(3)];
            let mut args = vec![block];
            args.extend((0..pictures).map(|_| arena.picture(stride, 8, 8)));
            args.push(stride as u32);
            args
        });
    }
}

#[test]
fn transform_and_quantisation() {
    let mut guest = Guest::new();
    for (intra, bias, turned) in [(1, 64, 0), (1, 0, 1), (1, 255, 0), (0, 0, 0), (0, 85, 1)] {
        let wanted = [intra, bias, turned].map(Val::I32);
        let context = guest.call_export("encoder", &wanted);
        guest.compare("fdct_quantise", 80, |arena| {
            let (number, scale) = (arena.random.below(8), 1 + arena.random.below(31));
            let overflow = arena.ints(&[9]);
            vec![context, block(arena), number as u32, scale as u32, overflow]
        });
    }
}

/// Numbers of values of which few are common, some are equal, and any may be missing.
#[test]
fn lengths_of_codes() {
    Guest::new().compare("code_lengths", 60, |arena| {
        let (used, steep) = (2 + arena.random.below(255), 1 + arena.random.below(24));
        let counts: Vec<i32> = (0..256)
            .map(|_| {
                let bits = arena.random.below(steep);
                let count = arena.random.below(1 << bits) as i32;
                count * i32::from(arena.random.below(256) < used)
            })
            .collect();
        let mut counts = counts;
        counts[arena.random.below(256)] += 1;
        vec![
            arena.ints(&counts),
            arena.take(17, 1, 0),
            arena.take(256, 1, 0),
        ]
    });
}

#[test]
fn codes_of_a_picture() {
    Guest::new().compare("jpeg_codes", 60, |arena| {
        let entries = [12, 12, 256, 256];
        let tables = entries.map(|entries| -> Vec<(u8, i16)> {
            (0..entries)
                .map(|_| {
                    let size = 1 + arena.random.below(16);
                    (size as u8, arena.random.below(1 << size) as i16)
                })
                .collect()
        });
        let sizes = tables.each_ref().map(|table| {
            let sizes: Vec<u8> = table.iter().map(|(size, _)| *size).collect();
            arena.put(&sizes)
        });
        let values = tables.each_ref().map(|table| {
            let values: Vec<i16> = table.iter().map(|(_, value)| *value).collect();
            arena.shorts(&values)
        });
        let (sizes, values) = (arena.pointers(&sizes), arena.pointers(&values));
        let count = [0, 1, 30, 3000][arena.random.below(4)];
        let mut codes = Vec::new();
        for _ in 0..count {
            let table = arena.random.below(4);
            let code = arena.random.below(entries[table]);
            codes.extend([table as u8, code as u8]);
            codes.extend((arena.random.below(1 << 16) as u16).to_le_bytes());
        }
        let codes = arena.put(&codes);
        let first = arena.random.below(40) as u32;
        let room = 4 * count + 64;
        vec![
            codes,
            count as u32,
            sizes,
            values,
            first,
            arena.take(room, 1, 0),
            room as u32,
        ]
    });
}
