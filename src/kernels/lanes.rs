//! Eight 16-bit or sixteen 8-bit lanes at a time, for loops that the compiler does not vectorise by
//! itself.

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

/// `(a + b) >> 1`.
#[inline(always)]
pub(super) fn mean_down(a: u8x16, b: u8x16) -> u8x16 {
    (a & b) + (a ^ b).unbounded_shr_scalar(1)
}

/// `(a + b + 1) >> 1`.
#[inline(always)]
pub(super) fn mean_up(a: u8x16, b: u8x16) -> u8x16 {
    (a | b) - (a ^ b).unbounded_shr_scalar(1)
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

/// Eight numbers of 16 bits as the guest has them.
#[inline(always)]
pub(super) fn words(bytes: &[u8; 16]) -> i16x8 {
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = i16::from_le_bytes(*bytes);
    }
    i16x8::new(words)
}

/// The first halves of two, and the second halves.
#[inline(always)]
pub(super) fn from_halves(a: i16x8, b: i16x8) -> [i16x8; 2] {
    let (a, b) = (a.to_array(), b.to_array());
    [
        i16x8::new([a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]]),
        i16x8::new([a[4], a[5], a[6], a[7], b[4], b[5], b[6], b[7]]),
    ]
}

/// The lanes of two by turns: of their first halves, and of their second.
#[inline(always)]
pub(super) fn interleave(a: i16x8, b: i16x8) -> [i16x8; 2] {
    let (a, b) = (a.to_array(), b.to_array());
    [
        i16x8::new([a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]]),
        i16x8::new([a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7]]),
    ]
}

/// Sixteen rows of eight bytes as eight columns of sixteen.
#[inline(always)]
pub(super) fn turn_tall(rows: &[[u8; 8]; 16]) -> [[u8; 16]; 8] {
    let columns = columns_of_eight(rows);
    let mut arrays = [[0; 16]; 8];
    for index in 0..8 {
        arrays[index] = columns[index].to_array();
    }
    arrays
}

/// Eight columns of sixteen bytes as sixteen rows of eight.
#[inline(always)]
pub(super) fn turn_wide(columns: &[[u8; 16]; 8]) -> [[u8; 8]; 16] {
    let mut lanes = [u8x16::ZERO; 8];
    for index in 0..8 {
        lanes[index] = u8x16::new(columns[index]);
    }
    rows_of_eight(lanes)
}

/// Up to sixteen bytes as lanes; missing ones are zero.
#[inline(always)]
pub(super) fn pad<const N: usize>(bytes: &[u8; N]) -> u8x16 {
    let mut padded = [0; 16];
    padded[..N].copy_from_slice(bytes);
    u8x16::new(padded)
}

/// The columns of sixteen rows of eight bytes.
#[inline(always)]
pub(super) fn columns_of_eight(rows: &[[u8; 8]; 16]) -> [u8x16; 8] {
    // The rows that belong together are eight apart, then four, two and one.
    let mut lanes = [u8x16::ZERO; 8];
    for index in 0..8 {
        lanes[index] = u8x16::unpack_low(pad(&rows[index]), pad(&rows[index + 8]));
    }
    shuffle_bytes(shuffle_bytes(shuffle_bytes(lanes)))
}

/// The rows of eight columns of sixteen bytes.
#[inline(always)]
pub(super) fn rows_of_eight(columns: [u8x16; 8]) -> [[u8; 8]; 16] {
    let pairs = shuffle_bytes(shuffle_bytes(shuffle_bytes(columns)));
    let mut rows = [[0; 8]; 16];
    for index in 0..8 {
        let pair = pairs[index].to_array();
        rows[2 * index].copy_from_slice(&pair[..8]);
        rows[2 * index + 1].copy_from_slice(&pair[8..]);
    }
    rows
}

/// The rows of four columns of sixteen bytes.
#[inline(always)]
pub(super) fn rows_of_four([a, b, c, d]: [u8x16; 4]) -> [[u8; 4]; 16] {
    let (low, other) = (u8x16::unpack_low(a, c), u8x16::unpack_low(b, d));
    let (high, another) = (u8x16::unpack_high(a, c), u8x16::unpack_high(b, d));
    let fours = [
        u8x16::unpack_low(low, other),
        u8x16::unpack_high(low, other),
        u8x16::unpack_low(high, another),
        u8x16::unpack_high(high, another),
    ];
    let mut rows = [[0; 4]; 16];
    for index in 0..16 {
        let four = fours[index / 4].to_array();
        rows[index].copy_from_slice(&four[index % 4 * 4..][..4]);
    }
    rows
}

/// The columns of eight rows of four bytes, each as eight lanes of 16 bits.
#[inline(always)]
pub(super) fn columns_of_four(rows: &[[u8; 4]; 8]) -> [i16x8; 4] {
    let mut lanes = [u8x16::ZERO; 4];
    for index in 0..4 {
        lanes[index] = u8x16::unpack_low(pad(&rows[index]), pad(&rows[index + 4]));
    }
    let even = u8x16::unpack_low(lanes[0], lanes[2]);
    let odd = u8x16::unpack_low(lanes[1], lanes[3]);
    let (left, right) = (u8x16::unpack_low(even, odd), u8x16::unpack_high(even, odd));
    [
        i16x8::from_u8x16_low(left),
        i16x8::from_u8x16_high(left),
        i16x8::from_u8x16_low(right),
        i16x8::from_u8x16_high(right),
    ]
}

/// The rows of two columns of eight bytes, from lanes that are limited to 0 to 255.
#[inline(always)]
pub(super) fn rows_of_two(a: i16x8, b: i16x8) -> [[u8; 2]; 8] {
    let both = u8x16::narrow_i16x8(a, b);
    let pairs = u8x16::unpack_low(both, u8x16::narrow_i16x8(b, a)).to_array();
    let mut rows = [[0; 2]; 8];
    for index in 0..8 {
        rows[index].copy_from_slice(&pairs[2 * index..][..2]);
    }
    rows
}

/// Each of the first four interleaved with the one four further.
#[inline(always)]
fn shuffle_bytes(lanes: [u8x16; 8]) -> [u8x16; 8] {
    let mut shuffled = [u8x16::ZERO; 8];
    for index in 0..4 {
        shuffled[2 * index] = u8x16::unpack_low(lanes[index], lanes[index + 4]);
        shuffled[2 * index + 1] = u8x16::unpack_high(lanes[index], lanes[index + 4]);
    }
    shuffled
}
