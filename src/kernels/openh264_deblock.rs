//! The deblocking filter of openh264 (`DeblockingFunc`): ITU-T H.264 clause 8.7.2, an edge of a
//! macroblock at a time.
//!
//! The lanes of an edge are computed without branches. A vertical edge is read as rows, turned,
//! filtered and turned back.

use wide::i16x8;

use super::block::{load, store};
use super::guest::{Checked, Ptr, bytes};
use super::lanes::{
    choose, columns_of_four, narrow, narrow_rows, rows_of_two, turn_tall, turn_wide, widen,
    widen_rows,
};

/// `pfLumaDeblockingLT4Ver`: `void (uint8_t *edge, int32_t stride, int32_t alpha, int32_t beta,
/// int8_t limits[4])`, a horizontal edge of 16 samples.
#[inline(always)]
pub(super) fn luma_horizontal_edge(
    mem: &mut [u8],
    edge: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
    limits: Ptr,
) -> Checked {
    let (edge, stride) = (i64::from(edge), i64::from(stride));
    let limits = spread_wide(mem, limits)?;
    let lines = load::<16, 6>(mem, edge - 3 * stride, stride)?;
    let filtered = normal(&lines, Thresholds::new(alpha, beta), limits);
    store(mem, edge - 2 * stride, stride, &filtered)?;
    Ok(())
}

/// `pfLumaDeblockingLT4Hor`: as [`luma_horizontal_edge`] for a vertical edge.
#[inline(always)]
pub(super) fn luma_vertical_edge(
    mem: &mut [u8],
    edge: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
    limits: Ptr,
) -> Checked {
    let (edge, stride) = (i64::from(edge), i64::from(stride));
    let limits = spread_wide(mem, limits)?;
    let mut lines = turn_tall(&load(mem, edge - 4, stride)?);
    let [_, p2, p1, p0, q0, q1, q2, _] = lines;
    let thresholds = Thresholds::new(alpha, beta);
    let filtered = normal(&[p2, p1, p0, q0, q1, q2], thresholds, limits);
    lines[2..6].copy_from_slice(&filtered);
    store(mem, edge - 4, stride, &turn_wide(&lines))?;
    Ok(())
}

/// `pfLumaDeblockingEQ4Ver`: `void (uint8_t *edge, int32_t stride, int32_t alpha, int32_t beta)`, a
/// horizontal edge of 16 samples with the strong filter.
#[inline(always)]
pub(super) fn luma_horizontal_edge_strong(
    mem: &mut [u8],
    edge: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
) -> Checked {
    let (edge, stride) = (i64::from(edge), i64::from(stride));
    let lines = load::<16, 8>(mem, edge - 4 * stride, stride)?;
    let filtered = strong(&lines, alpha, Thresholds::new(alpha, beta));
    store(mem, edge - 3 * stride, stride, &filtered)?;
    Ok(())
}

/// `pfLumaDeblockingEQ4Hor`: as [`luma_horizontal_edge_strong`] for a vertical edge.
#[inline(always)]
pub(super) fn luma_vertical_edge_strong(
    mem: &mut [u8],
    edge: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
) -> Checked {
    let (edge, stride) = (i64::from(edge), i64::from(stride));
    let mut lines = turn_tall(&load(mem, edge - 4, stride)?);
    let filtered = strong(&lines, alpha, Thresholds::new(alpha, beta));
    lines[1..7].copy_from_slice(&filtered);
    store(mem, edge - 4, stride, &turn_wide(&lines))?;
    Ok(())
}

/// `pfChromaDeblockingLT4Ver`: `void (uint8_t *cb, uint8_t *cr, int32_t stride, int32_t alpha,
/// int32_t beta, int8_t limits[4])`, a horizontal edge of 8 samples in both planes.
#[inline(always)]
pub(super) fn chroma_horizontal_edge(
    mem: &mut [u8],
    cb: Ptr,
    cr: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
    limits: Ptr,
) -> Checked {
    let (stride, thresholds) = (i64::from(stride), Thresholds::new(alpha, beta));
    let limits = spread(mem, limits)?;
    for edge in [i64::from(cb), i64::from(cr)] {
        let lines = chroma_lines(mem, edge, stride)?;
        let [p0, q0] = chroma(lines, thresholds, limits);
        store(mem, edge - stride, stride, &[narrow::<8>(p0), narrow(q0)])?;
    }
    Ok(())
}

/// `pfChromaDeblockingLT4Hor`: as [`chroma_horizontal_edge`] for a vertical edge.
#[inline(always)]
pub(super) fn chroma_vertical_edge(
    mem: &mut [u8],
    cb: Ptr,
    cr: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
    limits: Ptr,
) -> Checked {
    let (stride, thresholds) = (i64::from(stride), Thresholds::new(alpha, beta));
    let limits = spread(mem, limits)?;
    vertical_chroma(
        mem,
        [cb, cr],
        stride,
        #[inline(always)]
        |lines| chroma(lines, thresholds, limits),
    )
}

/// `pfChromaDeblockingEQ4Ver`: `void (uint8_t *cb, uint8_t *cr, int32_t stride, int32_t alpha,
/// int32_t beta)`, a horizontal edge of 8 samples in both planes with the strong filter.
#[inline(always)]
pub(super) fn chroma_horizontal_edge_strong(
    mem: &mut [u8],
    cb: Ptr,
    cr: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
) -> Checked {
    let (stride, thresholds) = (i64::from(stride), Thresholds::new(alpha, beta));
    for edge in [i64::from(cb), i64::from(cr)] {
        let lines = chroma_lines(mem, edge, stride)?;
        let [p0, q0] = chroma_strong(lines, thresholds);
        store(mem, edge - stride, stride, &[narrow::<8>(p0), narrow(q0)])?;
    }
    Ok(())
}

/// `pfChromaDeblockingEQ4Hor`: as [`chroma_horizontal_edge_strong`] for a vertical edge.
#[inline(always)]
pub(super) fn chroma_vertical_edge_strong(
    mem: &mut [u8],
    cb: Ptr,
    cr: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
) -> Checked {
    let (stride, thresholds) = (i64::from(stride), Thresholds::new(alpha, beta));
    vertical_chroma(
        mem,
        [cb, cr],
        stride,
        #[inline(always)]
        |lines| chroma_strong(lines, thresholds),
    )
}

/// The four rows around a horizontal edge.
#[inline(always)]
fn chroma_lines(mem: &[u8], edge: i64, stride: i64) -> Checked<[i16x8; 4]> {
    let [p1, p0, q0, q1] = load::<8, 4>(mem, edge - 2 * stride, stride)?;
    Ok([widen(&p1), widen(&p0), widen(&q0), widen(&q1)])
}

/// Filters the vertical edges of both chroma planes.
#[inline(always)]
fn vertical_chroma(
    mem: &mut [u8],
    [cb, cr]: [Ptr; 2],
    stride: i64,
    filter: impl Fn([i16x8; 4]) -> [i16x8; 2],
) -> Checked {
    for edge in [i64::from(cb), i64::from(cr)] {
        let rows = load::<4, 8>(mem, edge - 2, stride)?;
        let [p0, q0] = filter(columns_of_four(&rows));
        store(mem, edge - 1, stride, &rows_of_two(p0, q0))?;
    }
    Ok(())
}

/// The activity thresholds, limited to what a difference of samples can be compared with.
#[derive(Clone, Copy)]
struct Thresholds {
    alpha: i16x8,
    beta: i16x8,
}

impl Thresholds {
    #[inline(always)]
    fn new(alpha: i32, beta: i32) -> Self {
        let lanes = |value: i32| i16x8::splat(value.clamp(0, 256) as i16);
        Self {
            alpha: lanes(alpha),
            beta: lanes(beta),
        }
    }

    /// The lanes that are filtered at all.
    #[inline(always)]
    fn edge(self, p1: i16x8, p0: i16x8, q0: i16x8, q1: i16x8) -> i16x8 {
        near(p0, q0, self.alpha) & near(p1, p0, self.beta) & near(q1, q0, self.beta)
    }
}

/// The normal luma filter (8.7.2.3) on p2 to q2, giving p1 to q1.
#[inline(always)]
fn normal(lines: &[[u8; 16]; 6], thresholds: Thresholds, limits: [i16x8; 2]) -> [[u8; 16]; 4] {
    let [p2, p1, p0, q0, q1, q2] = widen_rows(lines);
    let mut out = [[i16x8::ZERO; 2]; 4];
    for half in 0..2 {
        let (p2, p1, p0) = (p2[half], p1[half], p0[half]);
        let (q0, q1, q2) = (q0[half], q1[half], q2[half]);
        let limit = limits[half];
        let filter = thresholds.edge(p1, p0, q0, q1) & limit.simd_gt(i16x8::splat(-1));
        let p_flat = filter & near(p2, p0, thresholds.beta);
        let q_flat = filter & near(q2, q0, thresholds.beta);
        let middle = (p0 + q0 + i16x8::splat(1)) >> 1;
        let p1_change = within((p2 + middle - p1 - p1) >> 1, limit);
        let q1_change = within((q2 + middle - q1 - q1) >> 1, limit);
        // A mask is minus one where it is set.
        let wider = limit - p_flat - q_flat;
        let change = within((((q0 - p0) << 2) + (p1 - q1) + i16x8::splat(4)) >> 3, wider);
        out[0][half] = p1 + (p_flat & p1_change);
        out[1][half] = p0 + (filter & change);
        out[2][half] = q0 - (filter & change);
        out[3][half] = q1 + (q_flat & q1_change);
    }
    narrow_rows(out)
}

/// The strong luma filter (8.7.2.4) on p3 to q3, giving p2 to q2.
#[inline(always)]
fn strong(lines: &[[u8; 16]; 8], alpha: i32, thresholds: Thresholds) -> [[u8; 16]; 6] {
    let small = i16x8::splat(((alpha >> 2) + 2).clamp(0, 256) as i16);
    let [p3, p2, p1, p0, q0, q1, q2, q3] = widen_rows(lines);
    let mut out = [[i16x8::ZERO; 2]; 6];
    for half in 0..2 {
        let (p3, p2, p1, p0) = (p3[half], p2[half], p1[half], p0[half]);
        let (q0, q1, q2, q3) = (q0[half], q1[half], q2[half], q3[half]);
        let filter = thresholds.edge(p1, p0, q0, q1);
        let close = filter & near(p0, q0, small);
        let p_flat = close & near(p2, p0, thresholds.beta);
        let q_flat = close & near(q2, q0, thresholds.beta);
        let (two, four) = (i16x8::splat(2), i16x8::splat(4));
        let middle = p0 + q0;
        let p0_weak = choose(filter, (p1 + p1 + p0 + q1 + two) >> 2, p0);
        let q0_weak = choose(filter, (q1 + q1 + q0 + p1 + two) >> 2, q0);
        let (p_sum, q_sum) = (p2 + p1 + middle, middle + q1 + q2);
        out[0][half] = choose(p_flat, (p3 + p3 + p2 + p2 + p_sum + four) >> 3, p2);
        out[1][half] = choose(p_flat, (p_sum + two) >> 2, p1);
        out[2][half] = choose(p_flat, (p_sum + p1 + middle + q1 + four) >> 3, p0_weak);
        out[3][half] = choose(q_flat, (q_sum + q1 + middle + p1 + four) >> 3, q0_weak);
        out[4][half] = choose(q_flat, (q_sum + two) >> 2, q1);
        out[5][half] = choose(q_flat, (q3 + q3 + q2 + q2 + q_sum + four) >> 3, q2);
    }
    narrow_rows(out)
}

/// The normal chroma filter on p1 to q1, giving p0 and q0.
#[inline(always)]
fn chroma([p1, p0, q0, q1]: [i16x8; 4], thresholds: Thresholds, limits: i16x8) -> [i16x8; 2] {
    let filter = thresholds.edge(p1, p0, q0, q1) & limits.simd_gt(i16x8::ZERO);
    let change = within(
        (((q0 - p0) << 2) + (p1 - q1) + i16x8::splat(4)) >> 3,
        limits,
    );
    [p0 + (filter & change), q0 - (filter & change)]
}

/// The strong chroma filter on p1 to q1, giving p0 and q0.
#[inline(always)]
fn chroma_strong([p1, p0, q0, q1]: [i16x8; 4], thresholds: Thresholds) -> [i16x8; 2] {
    let filter = thresholds.edge(p1, p0, q0, q1);
    let two = i16x8::splat(2);
    [
        choose(filter, (p1 + p1 + p0 + q1 + two) >> 2, p0),
        choose(filter, (q1 + q1 + q0 + p1 + two) >> 2, q0),
    ]
}

#[inline(always)]
fn near(a: i16x8, b: i16x8, threshold: i16x8) -> i16x8 {
    threshold.simd_gt((a - b).abs())
}

/// Limited to plus or minus `limit`, which is negative in lanes that are not filtered.
#[inline(always)]
fn within(value: i16x8, limit: i16x8) -> i16x8 {
    value.max(-limit).min(limit)
}

/// The four limits of an edge of eight samples, one for each lane.
#[inline(always)]
fn spread(mem: &[u8], limits: Ptr) -> Checked<i16x8> {
    let [a, b, c, d] = four(mem, limits)?;
    Ok(i16x8::new([a, a, b, b, c, c, d, d]))
}

/// The four limits of an edge of sixteen samples, one for each lane.
#[inline(always)]
fn spread_wide(mem: &[u8], limits: Ptr) -> Checked<[i16x8; 2]> {
    let [a, b, c, d] = four(mem, limits)?;
    Ok([
        i16x8::new([a, a, a, a, b, b, b, b]),
        i16x8::new([c, c, c, c, d, d, d, d]),
    ])
}

#[inline(always)]
fn four(mem: &[u8], limits: Ptr) -> Checked<[i16; 4]> {
    let [a, b, c, d] = *bytes(mem, i64::from(limits))?;
    Ok([
        i16::from(a as i8),
        i16::from(b as i8),
        i16::from(c as i8),
        i16::from(d as i8),
    ])
}
