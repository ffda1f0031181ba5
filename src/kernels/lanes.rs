//! Eight 16-bit or sixteen 8-bit lanes at a time, for loops that the compiler does not vectorise by
//! itself.

use wide::bytemuck::cast;
use wide::{i16x8, u8x16, u16x8};

/// Up to eight bytes as lanes; missing ones are zero.
#[inline(always)]
pub(super) fn widen<const N: usize>(bytes: &[u8; N]) -> i16x8 {
    const { assert!(N <= 8, "there are eight lanes") };
    i16x8::from_u8x16_low(pad(bytes))
}

/// Two words as one: written to memory one after the other, they would have to arrive there before eight
/// bytes can be read again.
#[inline(always)]
pub(super) fn joined(first: [u8; 4], second: [u8; 4]) -> [u8; 8] {
    let (low, high) = (u32::from_le_bytes(first), u32::from_le_bytes(second));
    (u64::from(low) | u64::from(high) << 32).to_le_bytes()
}

/// The first `N` lanes as bytes, limited to 0 to 255.
#[inline(always)]
pub(super) fn narrow<const N: usize>(lanes: i16x8) -> [u8; N] {
    const { assert!(N <= 8, "there are eight lanes") };
    first(u8x16::narrow_i16x8(lanes, lanes))
}

/// The first `N` of sixteen bytes.
#[inline(always)]
pub(super) fn first<const N: usize>(bytes: u8x16) -> [u8; N] {
    let mut found = [0; N];
    // Whole words, of which the compiler makes one store.
    if N == 8
        && let Some(eight) = found.first_chunk_mut()
    {
        let [low, _]: [u64; 2] = cast(bytes);
        *eight = low.to_ne_bytes();
    } else if N == 4
        && let Some(four) = found.first_chunk_mut()
    {
        let [low, ..]: [u32; 4] = cast(bytes);
        *four = low.to_ne_bytes();
    } else {
        found.copy_from_slice(&bytes.to_array()[..N]);
    }
    found
}

/// Eight numbers of 16 bits as they are in the guest's memory.
#[inline(always)]
pub(super) fn words(bytes: &[u8; 16]) -> i16x8 {
    if cfg!(target_endian = "little") {
        return cast(*bytes);
    }
    let mut values = [0; 8];
    for lane in 0..8 {
        values[lane] = i16::from_le_bytes([bytes[2 * lane], bytes[2 * lane + 1]]);
    }
    i16x8::new(values)
}

/// Eight numbers as the guest's memory has them.
#[inline(always)]
pub(super) fn words_for_guest(lanes: i16x8) -> [u8; 16] {
    if cfg!(target_endian = "little") {
        return cast(lanes);
    }
    let (values, mut bytes) = (lanes.to_array(), [0; 16]);
    for lane in 0..8 {
        [bytes[2 * lane], bytes[2 * lane + 1]] = values[lane].to_le_bytes();
    }
    bytes
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
pub(super) fn turn([a, b, c, d, e, f, g, h]: [i16x8; 8]) -> [i16x8; 8] {
    let rows = [
        cast(a),
        cast(b),
        cast(c),
        cast(d),
        cast(e),
        cast(f),
        cast(g),
        cast(h),
    ];
    let [a, b, c, d, e, f, g, h] = u16x8::transpose(rows);
    [
        cast(a),
        cast(b),
        cast(c),
        cast(d),
        cast(e),
        cast(f),
        cast(g),
        cast(h),
    ]
}

/// Lanes of two vectors in turn. Not to be nested: the compiler then takes the steps apart.
#[inline(always)]
pub(super) fn interleave(a: i16x8, b: i16x8) -> [i16x8; 2] {
    let (a, b) = (a.to_array(), b.to_array());
    [
        i16x8::new([a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]]),
        i16x8::new([a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7]]),
    ]
}

/// Pairs of lanes of two vectors in turn.
#[inline(always)]
pub(super) fn interleave_pairs(a: i16x8, b: i16x8) -> [i16x8; 2] {
    let (a, b): ([u32; 4], [u32; 4]) = (cast(a), cast(b));
    [
        cast([a[0], b[0], a[1], b[1]]),
        cast([a[2], b[2], a[3], b[3]]),
    ]
}

/// The first halves of two vectors, and the second.
#[inline(always)]
pub(super) fn from_halves(a: i16x8, b: i16x8) -> [i16x8; 2] {
    let (a, b): ([u64; 2], [u64; 2]) = (cast(a), cast(b));
    [cast([a[0], b[0]]), cast([a[1], b[1]])]
}

/// Up to sixteen bytes as lanes; missing ones are zero.
#[inline(always)]
pub(super) fn pad<const N: usize>(bytes: &[u8; N]) -> u8x16 {
    // Whole words, of which the compiler makes one load.
    if N == 8
        && let Some(eight) = bytes.first_chunk()
    {
        return cast([u64::from_ne_bytes(*eight), 0]);
    }
    if N == 4
        && let Some(four) = bytes.first_chunk()
    {
        return cast([u32::from_ne_bytes(*four), 0, 0, 0]);
    }
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
