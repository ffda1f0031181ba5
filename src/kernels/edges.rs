//! Lines of samples across an edge of blocks, as deblocking filters want them: one vector for each
//! distance from the edge, one lane for each line.

use fearless_simd::prelude::*;
use fearless_simd::{i16x16, u8x16};

use super::guest::{Checked, bytes, bytes_mut};

/// The first line across an edge: the address of its first sample after the edge, and the ways to
/// the next line and to the next sample of a line. One of the two is 1.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub(super) at: i64,
    pub(super) stride: i64,
}

/// Sixteen lines as columns: `SAMPLES` vectors, from the first sample of a line to its last.
pub(super) type Columns<S, const SAMPLES: usize> = [i16x16<S>; SAMPLES];

/// Each vector interleaved with the one half of them further: bytes move as the bits of their
/// numbers, vector and place, rotate.
#[inline(always)]
fn shuffle<S: Simd, const N: usize>(vectors: [u8x16<S>; N]) -> [u8x16<S>; N] {
    let mut shuffled = vectors;
    for i in 0..N / 2 {
        shuffled[2 * i] = vectors[i].zip_low(vectors[i + N / 2]);
        shuffled[2 * i + 1] = vectors[i].zip_high(vectors[i + N / 2]);
    }
    shuffled
}

/// Two rows of eight bytes in one vector.
#[inline(always)]
pub(super) fn join<S: Simd>(simd: S, low: &[u8; 8], high: &[u8; 8]) -> u8x16<S> {
    let mut both = [0; 16];
    both[..8].copy_from_slice(low);
    both[8..].copy_from_slice(high);
    u8x16::load_array(simd, both)
}

/// The halves of a vector.
#[inline(always)]
pub(super) fn halves<S: Simd>(vector: u8x16<S>) -> [[u8; 8]; 2] {
    let both = vector.to_array();
    let mut halves = [[0; 8]; 2];
    halves[0].copy_from_slice(&both[..8]);
    halves[1].copy_from_slice(&both[8..]);
    halves
}

/// Bytes as lanes of 16 bits.
#[inline(always)]
pub(super) fn widen<S: Simd>(simd: S, bytes: u8x16<S>) -> i16x16<S> {
    let (low, high) = simd.widen_u8x16(bytes);
    low.combine(high).bitcast()
}

/// Lanes as bytes, limited to 0 to 255.
#[inline(always)]
pub(super) fn limited<S: Simd>(lanes: i16x16<S>) -> u8x16<S> {
    let (low, high) = lanes.split();
    let signed: fearless_simd::i8x16<S> = low
        .saturating_sub(128)
        .saturating_narrow(high.saturating_sub(128));
    let unsigned: u8x16<S> = signed.bitcast();
    unsigned ^ 128
}

/// The rows of two edges of eight lines each, in the order of [`columns_of_8`].
#[inline(always)]
pub(super) fn two_edges(first: Edge, second: Edge) -> [i64; 16] {
    let mut rows = [0; 16];
    for i in 0..8 {
        rows[i] = first.at + i as i64 * first.stride;
        rows[8 + i] = second.at + i as i64 * second.stride;
    }
    rows
}

/// Sixteen lines that run along the rows whose edges are at these addresses, four samples on each
/// side.
#[inline(always)]
pub(super) fn columns_of_8<S: Simd>(
    simd: S,
    mem: &[u8],
    rows: &[i64; 16],
) -> Checked<[u8x16<S>; 8]> {
    let mut vectors = [u8x16::simd_from(simd, 0); 8];
    for i in 0..8 {
        let (low, high) = (
            bytes(mem, rows[2 * i] - 4)?,
            bytes(mem, rows[2 * i + 1] - 4)?,
        );
        vectors[i] = join(simd, low, high);
    }
    Ok(shuffle(shuffle(shuffle(shuffle(vectors)))))
}

/// Writes what [`columns_of_8`] read.
#[inline(always)]
pub(super) fn put_columns_of_8<S: Simd>(
    mem: &mut [u8],
    rows: &[i64; 16],
    columns: [u8x16<S>; 8],
) -> Checked {
    let vectors = shuffle(shuffle(shuffle(columns)));
    for i in 0..8 {
        let [low, high] = halves(vectors[i]);
        *bytes_mut(mem, rows[2 * i] - 4)? = low;
        *bytes_mut(mem, rows[2 * i + 1] - 4)? = high;
    }
    Ok(())
}

/// The same with eight samples on each side.
#[inline(always)]
pub(super) fn columns_of_16<S: Simd>(
    simd: S,
    mem: &[u8],
    rows: &[i64; 16],
) -> Checked<[u8x16<S>; 16]> {
    let mut vectors = [u8x16::simd_from(simd, 0); 16];
    for i in 0..16 {
        vectors[i] = u8x16::load_array(simd, *bytes(mem, rows[i] - 8)?);
    }
    Ok(shuffle(shuffle(shuffle(shuffle(vectors)))))
}

/// Writes what [`columns_of_16`] read.
#[inline(always)]
pub(super) fn put_columns_of_16<S: Simd>(
    mem: &mut [u8],
    rows: &[i64; 16],
    columns: [u8x16<S>; 16],
) -> Checked {
    let vectors = shuffle(shuffle(shuffle(shuffle(columns))));
    for i in 0..16 {
        *bytes_mut(mem, rows[i] - 8)? = vectors[i].to_array();
    }
    Ok(())
}
