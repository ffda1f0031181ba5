//! The loop filters of VP8 (RFC 6386, section 15), sixteen lines at a time.

#![expect(
    clippy::needless_range_loop,
    reason = "adapters of iterators are not inlined into the wide context"
)]

use fearless_simd::prelude::*;
use fearless_simd::{i16x16, u8x16};

use super::edges::{
    Columns, Edge, columns_of_8, halves, join, limited, put_columns_of_8, two_edges, widen,
};
use super::guest::{Checked, Ptr, bytes, bytes_mut};
use super::loop_filter::{across, halves_of, limit, narrow, variation};

/// Thresholds of the normal filter.
#[derive(Clone, Copy)]
struct Limits {
    edge: i16,
    interior: i16,
    variance: i16,
}

impl Limits {
    #[inline(always)]
    fn new(edge: i32, interior: i32, variance: i32) -> Self {
        Self {
            edge: limit(edge),
            interior: limit(interior),
            variance: limit(variance),
        }
    }
}

/// Sixteen lines of luma. `ROWS`: lines run along rows, the edge is vertical. `INNER`: an edge within
/// a macroblock.
#[inline(always)]
pub(super) fn luma<S: Simd, const ROWS: bool, const INNER: bool>(
    simd: S,
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    edge: i32,
    interior: i32,
    variance: i32,
) -> Checked {
    let limits = Limits::new(edge, interior, variance);
    let (at, stride) = (i64::from(pixels), i64::from(stride));
    if ROWS {
        let first = Edge { at, stride };
        let second = Edge {
            at: at + 8 * stride,
            stride,
        };
        return along_rows::<S, INNER>(simd, mem, two_edges(first, second), limits);
    }
    let mut columns = [u8x16::simd_from(simd, 0); 8];
    for k in 0..8 {
        columns[k] = u8x16::load_array(simd, *bytes(mem, at + (k as i64 - 4) * stride)?);
    }
    if let Some(columns) = normal::<S, INNER>(simd, columns, limits) {
        for k in 1..7 {
            *bytes_mut(mem, at + (k as i64 - 4) * stride)? = columns[k].to_array();
        }
    }
    Ok(())
}

/// Eight lines of each chroma plane.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn chroma<S: Simd, const ROWS: bool, const INNER: bool>(
    simd: S,
    mem: &mut [u8],
    u: Ptr,
    v: Ptr,
    stride: i32,
    edge: i32,
    interior: i32,
    variance: i32,
) -> Checked {
    let limits = Limits::new(edge, interior, variance);
    let (u, v, stride) = (i64::from(u), i64::from(v), i64::from(stride));
    if ROWS {
        let rows = two_edges(Edge { at: u, stride }, Edge { at: v, stride });
        return along_rows::<S, INNER>(simd, mem, rows, limits);
    }
    let mut columns = [u8x16::simd_from(simd, 0); 8];
    for k in 0..8 {
        let down = (k as i64 - 4) * stride;
        columns[k] = join(simd, bytes(mem, u + down)?, bytes(mem, v + down)?);
    }
    if let Some(columns) = normal::<S, INNER>(simd, columns, limits) {
        for k in 1..7 {
            let down = (k as i64 - 4) * stride;
            let [low, high] = halves(columns[k]);
            *bytes_mut(mem, u + down)? = low;
            *bytes_mut(mem, v + down)? = high;
        }
    }
    Ok(())
}

/// The simple filter on sixteen lines of luma.
#[inline(always)]
pub(super) fn simple<S: Simd, const ROWS: bool>(
    simd: S,
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    edge: i32,
) -> Checked {
    let (at, stride) = (i64::from(pixels), i64::from(stride));
    let edge = limit(edge);
    if ROWS {
        let first = Edge { at, stride };
        let second = Edge {
            at: at + 8 * stride,
            stride,
        };
        let rows = two_edges(first, second);
        let mut columns = columns_of_8(simd, mem, &rows)?;
        let mut middle = [columns[2], columns[3], columns[4], columns[5]];
        simple_columns(simd, &mut middle, edge);
        columns[3] = middle[1];
        columns[4] = middle[2];
        return put_columns_of_8(mem, &rows, columns);
    }
    let mut columns = [u8x16::simd_from(simd, 0); 4];
    for k in 0..4 {
        columns[k] = u8x16::load_array(simd, *bytes(mem, at + (k as i64 - 2) * stride)?);
    }
    simple_columns(simd, &mut columns, edge);
    *bytes_mut(mem, at - stride)? = columns[1].to_array();
    *bytes_mut(mem, at)? = columns[2].to_array();
    Ok(())
}

#[inline(always)]
fn simple_columns<S: Simd>(simd: S, columns: &mut [u8x16<S>; 4], edge: i16) {
    let mut wide = [i16x16::simd_from(simd, 0); 4];
    for k in 0..4 {
        wide[k] = widen(simd, columns[k]);
    }
    let [p1, p0, q0, q1] = wide;
    let on = across(wide).simd_le(i16x16::simd_from(simd, edge));
    let filter = (p1 - q1).clamp(-128, 127) + (q0 - p0) * 3;
    let filter = on.select(filter.clamp(-128, 127), i16x16::simd_from(simd, 0));
    let (p_change, q_change) = halves_of(filter);
    columns[1] = limited(p0 + p_change);
    columns[2] = limited(q0 - q_change);
}

#[inline(always)]
fn along_rows<S: Simd, const INNER: bool>(
    simd: S,
    mem: &mut [u8],
    rows: [i64; 16],
    limits: Limits,
) -> Checked {
    let columns = columns_of_8(simd, mem, &rows)?;
    if let Some(columns) = normal::<S, INNER>(simd, columns, limits) {
        put_columns_of_8(mem, &rows, columns)?;
    }
    Ok(())
}

/// The normal filter; nothing if no line is filtered.
#[inline(always)]
fn normal<S: Simd, const INNER: bool>(
    simd: S,
    columns: [u8x16<S>; 8],
    limits: Limits,
) -> Option<[u8x16<S>; 8]> {
    let zero = i16x16::simd_from(simd, 0);
    let mut wide: Columns<S, 8> = [zero; 8];
    for k in 0..8 {
        wide[k] = widen(simd, columns[k]);
    }
    let [_, p2, p1, p0, q0, q1, q2, _] = wide;
    let variation = variation(wide);
    let on = variation
        .across
        .simd_le(i16x16::simd_from(simd, limits.edge))
        & variation
            .interior
            .simd_le(i16x16::simd_from(simd, limits.interior));
    if on.to_bitmask() == 0 {
        return None;
    }
    let high_variance = variation
        .steps
        .simd_gt(i16x16::simd_from(simd, limits.variance));
    let mut changed = wide;
    if INNER {
        let inner = narrow(simd, [p1, p0, q0, q1], on, high_variance);
        changed[2..6].copy_from_slice(&inner);
    } else {
        let outer = (p1 - q1).clamp(-128, 127);
        let filter = on.select((outer + (q0 - p0) * 3).clamp(-128, 127), zero);
        let (p_change, q_change) = halves_of(filter);
        let first = (filter * 27 + 63) >> 7;
        let second = high_variance.select(zero, (filter * 18 + 63) >> 7);
        let third = high_variance.select(zero, (filter * 9 + 63) >> 7);
        changed[1] = p2 + third;
        changed[2] = p1 + second;
        changed[3] = p0 + high_variance.select(p_change, first);
        changed[4] = q0 - high_variance.select(q_change, first);
        changed[5] = q1 - second;
        changed[6] = q2 - third;
    }
    let mut columns = columns;
    for k in 1..7 {
        columns[k] = limited(changed[k]);
    }
    Some(columns)
}
