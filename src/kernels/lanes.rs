//! Eight 16-bit lanes at a time, for loops that the compiler does not vectorise by itself.

use wide::{i16x8, u8x16};

/// Up to eight bytes as lanes; missing ones are zero.
#[inline(always)]
pub(super) fn widen<const N: usize>(bytes: &[u8; N]) -> i16x8 {
    const { assert!(N <= 8, "there are eight lanes") };
    let mut padded = [0; 16];
    padded[..N].copy_from_slice(bytes);
    i16x8::from_u8x16_low(u8x16::new(padded))
}

/// The first `N` lanes as bytes, limited to 0 to 255.
#[inline(always)]
pub(super) fn narrow<const N: usize>(lanes: i16x8) -> [u8; N] {
    const { assert!(N <= 8, "there are eight lanes") };
    let bytes = u8x16::narrow_i16x8(lanes, lanes).to_array();
    let mut first = [0; N];
    first.copy_from_slice(&bytes[..N]);
    first
}

/// Sixteen bytes as lanes.
#[inline(always)]
pub(super) fn widen_both(bytes: &[u8; 16]) -> [i16x8; 2] {
    let bytes = u8x16::new(*bytes);
    [i16x8::from_u8x16_low(bytes), i16x8::from_u8x16_high(bytes)]
}

/// Sixteen lanes as bytes, limited to 0 to 255.
#[inline(always)]
pub(super) fn narrow_both([low, high]: [i16x8; 2]) -> [u8; 16] {
    u8x16::narrow_i16x8(low, high).to_array()
}

/// The lanes of `then` where the mask is set, of `otherwise` where it is clear.
#[inline(always)]
pub(super) fn choose(mask: i16x8, then: i16x8, otherwise: i16x8) -> i16x8 {
    (mask & then) | (!mask & otherwise)
}

/// Rows as columns.
#[inline(always)]
pub(super) fn turn(rows: [i16x8; 8]) -> [i16x8; 8] {
    shuffle(shuffle(shuffle(rows)))
}

/// One of the three passes of [`turn`]: each row interleaved with the one four further.
#[inline(always)]
fn shuffle([a, b, c, d, e, f, g, h]: [i16x8; 8]) -> [i16x8; 8] {
    let [[a, e], [b, f], [c, g], [d, h]] = [
        interleave(a, e),
        interleave(b, f),
        interleave(c, g),
        interleave(d, h),
    ];
    [a, e, b, f, c, g, d, h]
}

#[inline(always)]
fn interleave(a: i16x8, b: i16x8) -> [i16x8; 2] {
    let (a, b) = (a.to_array(), b.to_array());
    [
        i16x8::new([a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]]),
        i16x8::new([a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7]]),
    ]
}

/// Sixteen rows of eight bytes as eight columns of sixteen.
#[inline(always)]
pub(super) fn turn_tall(rows: &[[u8; 8]; 16]) -> [[u8; 16]; 8] {
    let mut padded = [u8x16::ZERO; 16];
    for (padded, row) in padded.iter_mut().zip(rows) {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(row);
        *padded = u8x16::new(bytes);
    }
    let columns = turn_bytes(padded);
    std::array::from_fn(|index| columns[index].to_array())
}

/// Eight columns of sixteen bytes as sixteen rows of eight.
#[inline(always)]
pub(super) fn turn_wide(columns: &[[u8; 16]; 8]) -> [[u8; 8]; 16] {
    let mut padded = [u8x16::ZERO; 16];
    for (padded, column) in padded.iter_mut().zip(columns) {
        *padded = u8x16::new(*column);
    }
    let rows = turn_bytes(padded);
    std::array::from_fn(|index| {
        let mut row = [0; 8];
        row.copy_from_slice(&rows[index].to_array()[..8]);
        row
    })
}

#[inline(always)]
fn turn_bytes(rows: [u8x16; 16]) -> [u8x16; 16] {
    let mut rows = rows;
    for _ in 0..4 {
        let before = rows;
        for index in 0..8 {
            rows[2 * index] = u8x16::unpack_low(before[index], before[index + 8]);
            rows[2 * index + 1] = u8x16::unpack_high(before[index], before[index + 8]);
        }
    }
    rows
}
