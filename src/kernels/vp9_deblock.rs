//! The loop filters of VP9 (bitstream specification, 8.8.2), for 8 bits a sample.
//!
//! Sixteen lanes hold eight or sixteen lines. Their filters may differ in thresholds and size.

#![expect(
    clippy::needless_range_loop,
    reason = "adapters of iterators are not inlined into the wide context"
)]

use fearless_simd::prelude::*;
use fearless_simd::{i16x16, mask16x16, u8x16};

use super::edges::{
    Edge, columns_of_8, columns_of_16, halves, limited, put_columns_of_8, put_columns_of_16,
    two_edges, widen,
};
use super::guest::{Checked, Ptr, bytes, bytes_mut};
use super::loop_filter::{difference, limit, narrow, variation};

/// Thresholds, line by line.
#[derive(Clone, Copy)]
struct Limits<S: Simd> {
    edge: i16x16<S>,
    interior: i16x16<S>,
    variance: i16x16<S>,
}

impl<S: Simd> Limits<S> {
    /// The same for all lines.
    #[inline(always)]
    fn new(simd: S, edge: i32, interior: i32, variance: i32) -> Self {
        Self {
            edge: i16x16::simd_from(simd, limit(edge)),
            interior: i16x16::simd_from(simd, limit(interior)),
            variance: i16x16::simd_from(simd, limit(variance)),
        }
    }
}

/// Eight lines with filters of up to `SIZE` samples; `ROWS`: lines run along rows.
#[inline(always)]
pub(super) fn eight<S: Simd, const ROWS: bool, const SIZE: usize>(
    simd: S,
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    edge: i32,
    interior: i32,
    variance: i32,
) -> Checked {
    let limits = Limits::new(simd, edge, interior, variance);
    let wide = mask16x16::splat(simd, SIZE >= 8);
    lines::<S, ROWS, SIZE, 8>(simd, mem, pixels, stride, limits, wide)
}

/// Sixteen lines with filters of sixteen samples.
#[inline(always)]
pub(super) fn sixteen<S: Simd, const ROWS: bool>(
    simd: S,
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    edge: i32,
    interior: i32,
    variance: i32,
) -> Checked {
    let limits = Limits::new(simd, edge, interior, variance);
    let wide = mask16x16::splat(simd, true);
    lines::<S, ROWS, 16, 16>(simd, mem, pixels, stride, limits, wide)
}

/// Twice eight lines with filters of four or eight samples: thresholds of the first are in the low
/// byte, those of the second in the next.
#[inline(always)]
pub(super) fn two<S: Simd, const ROWS: bool, const FIRST: usize, const SECOND: usize>(
    simd: S,
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    edge: i32,
    interior: i32,
    variance: i32,
) -> Checked {
    let first = mask16x16::from_bitmask(simd, 0xff);
    let pair = Pair { simd, first };
    let limits = Limits {
        edge: pair.of(edge),
        interior: pair.of(interior),
        variance: pair.of(variance),
    };
    let wide = match (FIRST, SECOND) {
        (8, 4) => first,
        (4, 8) => !first,
        _ => mask16x16::splat(simd, FIRST == 8),
    };
    if FIRST == 4 && SECOND == 4 {
        lines::<S, ROWS, 4, 16>(simd, mem, pixels, stride, limits, wide)
    } else {
        lines::<S, ROWS, 8, 16>(simd, mem, pixels, stride, limits, wide)
    }
}

struct Pair<S: Simd> {
    simd: S,
    first: mask16x16<S>,
}

impl<S: Simd> Pair<S> {
    #[inline(always)]
    fn of(&self, both: i32) -> i16x16<S> {
        let low = i16x16::simd_from(self.simd, limit(both & 0xff));
        let high = i16x16::simd_from(self.simd, limit(both >> 8));
        self.first.select(low, high)
    }
}

#[inline(always)]
fn lines<S: Simd, const ROWS: bool, const SIZE: usize, const LINES: usize>(
    simd: S,
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    limits: Limits<S>,
    wide: mask16x16<S>,
) -> Checked {
    let (at, stride) = (i64::from(pixels), i64::from(stride));
    let first = Edge { at, stride };
    let second = Edge {
        at: if LINES == 16 { at + 8 * stride } else { at },
        stride,
    };
    let mut rows = two_edges(first, second);
    if LINES == 8 {
        // The other lanes repeat the first line, and write the same.
        for i in 8..16 {
            rows[i] = rows[i - 8];
        }
    }
    if SIZE == 16 {
        let columns = if ROWS {
            columns_of_16(simd, mem, &rows)?
        } else {
            load_rows::<S, 16, LINES>(simd, mem, at, stride)?
        };
        if let Some(columns) = filter_16(simd, columns, limits) {
            if ROWS {
                put_columns_of_16(mem, &rows, columns)?;
            } else {
                store_rows::<S, 16, LINES>(mem, at, stride, columns)?;
            }
        }
        return Ok(());
    }
    let columns = if ROWS {
        columns_of_8(simd, mem, &rows)?
    } else {
        load_rows::<S, 8, LINES>(simd, mem, at, stride)?
    };
    if let Some(columns) = filter_8::<S, SIZE>(simd, columns, limits, wide) {
        if ROWS {
            put_columns_of_8(mem, &rows, columns)?;
        } else {
            store_rows::<S, 8, LINES>(mem, at, stride, columns)?;
        }
    }
    Ok(())
}

#[inline(always)]
fn load_rows<S: Simd, const SAMPLES: usize, const LINES: usize>(
    simd: S,
    mem: &[u8],
    at: i64,
    stride: i64,
) -> Checked<[u8x16<S>; SAMPLES]> {
    let mut columns = [u8x16::simd_from(simd, 0); SAMPLES];
    for k in 0..SAMPLES {
        let at = at + (k as i64 - SAMPLES as i64 / 2) * stride;
        let mut row = [0; 16];
        row[..LINES].copy_from_slice(bytes::<LINES>(mem, at)?);
        columns[k] = u8x16::load_array(simd, row);
    }
    Ok(columns)
}

/// Writes all but the outermost, which no filter changes.
#[inline(always)]
fn store_rows<S: Simd, const SAMPLES: usize, const LINES: usize>(
    mem: &mut [u8],
    at: i64,
    stride: i64,
    columns: [u8x16<S>; SAMPLES],
) -> Checked {
    for k in 1..SAMPLES - 1 {
        let at = at + (k as i64 - SAMPLES as i64 / 2) * stride;
        if LINES == 8 {
            *bytes_mut(mem, at)? = halves(columns[k])[0];
        } else {
            *bytes_mut(mem, at)? = columns[k].to_array();
        }
    }
    Ok(())
}

/// Which lines are filtered at all, which vary much, and which are flat near the edge.
struct Masks<S: Simd> {
    on: mask16x16<S>,
    high_variance: mask16x16<S>,
    flat: mask16x16<S>,
}

/// The filter mask process (8.8.2), on the eight samples nearest to the edge.
#[inline(always)]
fn masks<S: Simd>(simd: S, samples: &[i16x16<S>; 8], limits: Limits<S>) -> Masks<S> {
    let &[p3, p2, _, p0, q0, _, q2, q3] = samples;
    let variation = variation(*samples);
    let spread = variation
        .steps
        .max(difference(p2, p0))
        .max(difference(q2, q0))
        .max(difference(p3, p0))
        .max(difference(q3, q0));
    Masks {
        on: variation.across.simd_le(limits.edge) & variation.interior.simd_le(limits.interior),
        high_variance: variation.steps.simd_gt(limits.variance),
        flat: spread.simd_le(i16x16::simd_from(simd, 1)),
    }
}

/// The wide filter process (8.8.5): the mean around each sample, with the outermost sample in the
/// place of those outside. `N` is twice the samples of one side.
#[inline(always)]
fn smooth<S: Simd, const N: usize>(samples: &[i16x16<S>; N]) -> [i16x16<S>; N] {
    let (reach, shift) = (N / 2 - 1, if N == 8 { 3 } else { 4 });
    let mut smoothed = *samples;
    // The window around the sample before the first that changes.
    let mut sum = samples[0] * reach as i16 + (N / 2) as i16;
    for k in 0..=reach {
        sum += samples[k];
    }
    for i in 1..N - 1 {
        sum += samples[min(i + reach, N - 1)] - samples[i.saturating_sub(reach + 1)];
        smoothed[i] = (sum + samples[i]) >> shift;
    }
    smoothed
}

#[inline(always)]
fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

#[inline(always)]
fn filter_8<S: Simd, const SIZE: usize>(
    simd: S,
    columns: [u8x16<S>; 8],
    limits: Limits<S>,
    wide: mask16x16<S>,
) -> Option<[u8x16<S>; 8]> {
    let mut samples = [i16x16::simd_from(simd, 0); 8];
    for k in 0..8 {
        samples[k] = widen(simd, columns[k]);
    }
    let masks = masks(simd, &samples, limits);
    if masks.on.to_bitmask() == 0 {
        return None;
    }
    let mut changed = samples;
    let [p1, p0, q0, q1] = narrow(
        simd,
        [samples[2], samples[3], samples[4], samples[5]],
        masks.on,
        masks.high_variance,
    );
    changed[2] = p1;
    changed[3] = p0;
    changed[4] = q0;
    changed[5] = q1;
    if SIZE >= 8 {
        let flat = masks.on & masks.flat & wide;
        if flat.to_bitmask() != 0 {
            let smoothed = smooth(&samples);
            for k in 1..7 {
                changed[k] = flat.select(smoothed[k], changed[k]);
            }
        }
    }
    let mut columns = columns;
    for k in 1..7 {
        columns[k] = limited(changed[k]);
    }
    Some(columns)
}

#[inline(always)]
fn filter_16<S: Simd>(
    simd: S,
    columns: [u8x16<S>; 16],
    limits: Limits<S>,
) -> Option<[u8x16<S>; 16]> {
    let mut samples = [i16x16::simd_from(simd, 0); 16];
    for k in 0..16 {
        samples[k] = widen(simd, columns[k]);
    }
    let mut near = [samples[4]; 8];
    near.copy_from_slice(&samples[4..12]);
    let masks = masks(simd, &near, limits);
    if masks.on.to_bitmask() == 0 {
        return None;
    }
    let mut changed = columns;
    let middle = narrow(
        simd,
        [near[2], near[3], near[4], near[5]],
        masks.on,
        masks.high_variance,
    );
    let flat = masks.on & masks.flat;
    if flat.to_bitmask() == 0 {
        for k in 0..4 {
            changed[k + 6] = limited(middle[k]);
        }
        return Some(changed);
    }
    let mut mixed = near;
    mixed[2..6].copy_from_slice(&middle);
    let smoothed = smooth(&near);
    for k in 1..7 {
        mixed[k] = flat.select(smoothed[k], mixed[k]);
    }
    let mut spread = i16x16::simd_from(simd, 0);
    for k in 0..4 {
        spread = spread
            .max(difference(samples[k], samples[7]))
            .max(difference(samples[15 - k], samples[8]));
    }
    let flat = flat & spread.simd_le(i16x16::simd_from(simd, 1));
    if flat.to_bitmask() == 0 {
        for k in 1..7 {
            changed[k + 4] = limited(mixed[k]);
        }
        return Some(changed);
    }
    let smoothed = smooth(&samples);
    for k in 1..15 {
        let other = if (5..11).contains(&k) {
            mixed[k - 4]
        } else {
            samples[k]
        };
        changed[k] = limited(flat.select(smoothed[k], other));
    }
    Some(changed)
}
