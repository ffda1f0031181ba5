//! Sample adaptive offset of HEVC (ITU-T H.265, 8.7.3), 8 bits a sample.

use fearless_simd::prelude::*;
use fearless_simd::{i16x8, i16x16};

use super::Trap;
use super::fir::Picture;
use super::guest::{Checked, Ptr, shorts};
use super::simd::{Lanes, load, store};

/// The way from row to row of the copy that edges are found in.
const EDGE_STRIDE: i32 = 2 * 64 + 64;

/// Edge offset: four of the five offsets are for samples below or above one or both of their
/// neighbours in a direction (table 8-13).
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn edge<S: Simd>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    dst_stride: i32,
    offsets: Ptr,
    direction: i32,
    width: i32,
    height: i32,
) -> Checked {
    let (x, y) = match direction {
        0 => (-1, 0),
        1 => (0, -1),
        2 => (-1, -1),
        3 => (1, -1),
        _ => return Err(Trap::MemoryOutOfBounds),
    };
    let [offsets] = shorts::<5, 1>(mem, offsets.into())?;
    let [none, both_above, above, below, both_below] = offsets;
    let kind = Edges {
        neighbour: x + y * i64::from(EDGE_STRIDE),
        offsets: [both_above, above, none, below, both_below],
    };
    let src = Picture::new(src, EDGE_STRIDE);
    rows(
        simd,
        mem,
        Picture::new(dst, dst_stride),
        src,
        width,
        height,
        kind,
    )
}

/// Band offset: samples of four neighbouring bands of 32 have offsets.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn band<S: Simd>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    src: Ptr,
    dst_stride: i32,
    src_stride: i32,
    offsets: Ptr,
    first: i32,
    width: i32,
    height: i32,
) -> Checked {
    let [offsets] = shorts::<5, 1>(mem, offsets.into())?;
    let kind = Bands {
        first: (first & 31) as i16,
        offsets,
    };
    let src = Picture::new(src, src_stride);
    rows(
        simd,
        mem,
        Picture::new(dst, dst_stride),
        src,
        width,
        height,
        kind,
    )
}

/// How samples get their offsets.
trait Kind<S: Simd>: Copy {
    fn change<V: Lanes<S>, const N: usize>(self, simd: S, mem: &[u8], at: i64) -> Checked<V>;
}

#[derive(Clone, Copy)]
struct Edges {
    neighbour: i64,
    /// By the number of neighbours that are above less those that are below, from -2 on.
    offsets: [i16; 5],
}

impl<S: Simd> Kind<S> for Edges {
    #[inline(always)]
    fn change<V: Lanes<S>, const N: usize>(self, simd: S, mem: &[u8], at: i64) -> Checked<V> {
        let samples: V = load::<S, V, N>(simd, mem, at)?;
        let first: V = load::<S, V, N>(simd, mem, at + self.neighbour)?;
        let second: V = load::<S, V, N>(simd, mem, at - self.neighbour)?;
        let sign = (samples - first).max(-1).min(1) + (samples - second).max(-1).min(1);
        let mut offset = V::simd_from(simd, self.offsets[2]);
        for (at, sum) in [(0, -2), (1, -1), (3, 1), (4, 2)] {
            let one = V::simd_from(simd, self.offsets[at]);
            let on = sign.simd_eq(V::simd_from(simd, sum));
            offset = Select::<V>::select(on, one, offset);
        }
        Ok(samples.saturating_add(offset))
    }
}

#[derive(Clone, Copy)]
struct Bands {
    first: i16,
    offsets: [i16; 5],
}

impl<S: Simd> Kind<S> for Bands {
    #[inline(always)]
    fn change<V: Lanes<S>, const N: usize>(self, simd: S, mem: &[u8], at: i64) -> Checked<V> {
        let samples: V = load::<S, V, N>(simd, mem, at)?;
        let band = ((samples >> 3) - self.first) & 31;
        let mut offset = V::simd_from(simd, 0);
        for k in 0..4 {
            let one = V::simd_from(simd, self.offsets[k + 1]);
            let on = band.simd_eq(V::simd_from(simd, k as i16));
            offset = Select::<V>::select(on, one, offset);
        }
        Ok(samples.saturating_add(offset))
    }
}

#[inline(always)]
fn rows<S: Simd, K: Kind<S>>(
    simd: S,
    mem: &mut [u8],
    dst: Picture,
    src: Picture,
    width: i32,
    height: i32,
    kind: K,
) -> Checked {
    if width > 64 || height > 64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    let width = i64::from(width);
    for y in 0..i64::from(height) {
        let (from, to) = (src.row(y), dst.row(y));
        let mut x = 0;
        while x + 16 <= width {
            put::<S, i16x16<S>, 16, K>(simd, mem, to + x, from + x, kind)?;
            x += 16;
        }
        if x + 8 <= width {
            put::<S, i16x8<S>, 8, K>(simd, mem, to + x, from + x, kind)?;
            x += 8;
        }
        while x < width {
            put::<S, i16x8<S>, 1, K>(simd, mem, to + x, from + x, kind)?;
            x += 1;
        }
    }
    Ok(())
}

#[inline(always)]
fn put<S: Simd, V: Lanes<S>, const N: usize, K: Kind<S>>(
    simd: S,
    mem: &mut [u8],
    to: i64,
    from: i64,
    kind: K,
) -> Checked {
    let changed = kind.change::<V, N>(simd, mem, from)?;
    store::<S, V, N>(mem, to, changed)
}
