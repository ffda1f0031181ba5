//! The deblocking filter of HEVC (ITU-T H.265, 8.7.2.5), 8 bits a sample: eight lines across an edge,
//! in two segments of four with decisions of their own.

#![expect(
    clippy::needless_range_loop,
    reason = "adapters of iterators are not inlined into the wide context"
)]

use fearless_simd::prelude::*;
use fearless_simd::{i16x8, mask16x8};

use super::guest::{Checked, Ptr, bytes, int};
use super::simd::{load, store, turn};

/// What the segment says about itself: its strength, and which sides must stay.
#[derive(Clone, Copy)]
struct Segment {
    tc: i16,
    keep_p: bool,
    keep_q: bool,
}

#[inline(always)]
fn segments(mem: &[u8], tc: Ptr, keep_p: Ptr, keep_q: Ptr) -> Checked<[Segment; 2]> {
    let (p, q): (&[u8; 2], &[u8; 2]) = (bytes(mem, keep_p.into())?, bytes(mem, keep_q.into())?);
    let mut segments = [Segment {
        tc: 0,
        keep_p: false,
        keep_q: false,
    }; 2];
    for j in 0..2 {
        // The largest one of table 8-12 is 24.
        let tc = int(mem, i64::from(tc) + 4 * j as i64)?.clamp(0, 255) as i16;
        segments[j] = Segment {
            tc,
            keep_p: p[j] != 0,
            keep_q: q[j] != 0,
        };
    }
    Ok(segments)
}

/// A value for each segment, line by line.
#[inline(always)]
fn spread<S: Simd>(simd: S, [first, second]: [i16; 2]) -> i16x8<S> {
    i16x8::load_array(
        simd,
        [first, first, first, first, second, second, second, second],
    )
}

#[inline(always)]
fn mask<S: Simd>(simd: S, [first, second]: [bool; 2]) -> mask16x8<S> {
    mask16x8::from_vector(spread(simd, [-i16::from(first), -i16::from(second)]))
}

/// Luma; `ROWS`: lines run along rows, the edge is vertical.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn luma<S: Simd, const ROWS: bool>(
    simd: S,
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    beta: i32,
    tc: Ptr,
    keep_p: Ptr,
    keep_q: Ptr,
) -> Checked {
    let segments = segments(mem, tc, keep_p, keep_q)?;
    let beta = beta.clamp(0, 255);
    let mut columns = [i16x8::simd_from(simd, 0); 8];
    for k in 0..8 {
        columns[k] = load::<S, _, 8>(simd, mem, place::<ROWS>(pixels, stride, k))?;
    }
    if ROWS {
        columns = turn(columns);
    }
    let Some(changed) = luma_lines(simd, columns, beta, segments) else {
        return Ok(());
    };
    let changed = if ROWS { turn(changed) } else { changed };
    for k in 0..8 {
        if ROWS || (1..7).contains(&k) {
            store::<S, _, 8>(mem, place::<ROWS>(pixels, stride, k), changed[k])?;
        }
    }
    Ok(())
}

/// The address of row `k` of the eight around an edge.
#[inline(always)]
fn place<const ROWS: bool>(pixels: Ptr, stride: i32, k: usize) -> i64 {
    let (pixels, stride, k) = (i64::from(pixels), i64::from(stride), k as i64);
    if ROWS {
        pixels - 4 + k * stride
    } else {
        pixels + (k - 4) * stride
    }
}

#[inline(always)]
fn luma_lines<S: Simd>(
    simd: S,
    columns: [i16x8<S>; 8],
    beta: i32,
    segments: [Segment; 2],
) -> Option<[i16x8<S>; 8]> {
    let [p3, p2, p1, p0, q0, q1, q2, q3] = columns;
    let bend_p: [i16; 8] = magnitude(p2 - p1 * 2 + p0).to_array();
    let bend_q: [i16; 8] = magnitude(q2 - q1 * 2 + q0).to_array();
    let rise: [i16; 8] = (magnitude(p3 - p0) + magnitude(q3 - q0)).to_array();
    let step: [i16; 8] = magnitude(p0 - q0).to_array();

    // The decisions of 8.7.2.5.3 and 8.7.2.5.6, by the first and the last line of a segment.
    let (mut on, mut strong) = ([false; 2], [false; 2]);
    let (mut more_p, mut more_q) = ([false; 2], [false; 2]);
    for j in 0..2 {
        let (first, last) = (4 * j, 4 * j + 3);
        let sum = |a: i16, b: i16| i32::from(a) + i32::from(b);
        let bend_first = sum(bend_p[first], bend_q[first]);
        let bend_last = sum(bend_p[last], bend_q[last]);
        on[j] = bend_first + bend_last < beta;
        let tc = i32::from(segments[j].tc);
        let mut is_strong = true;
        for (line, bend) in [(first, bend_first), (last, bend_last)] {
            is_strong &= 2 * bend < beta >> 2
                && i32::from(rise[line]) < beta >> 3
                && i32::from(step[line]) < (5 * tc + 1) >> 1;
        }
        strong[j] = is_strong;
        let side = (beta + (beta >> 1)) >> 3;
        more_p[j] = sum(bend_p[first], bend_p[last]) < side;
        more_q[j] = sum(bend_q[first], bend_q[last]) < side;
    }
    if !on[0] && !on[1] {
        return None;
    }
    let tc = spread(simd, [segments[0].tc, segments[1].tc]);
    let zero = i16x8::simd_from(simd, 0);

    // The normal filter.
    let delta = ((q0 - p0) * 9 - (q1 - p1) * 3 + 8) >> 4;
    let small = magnitude(delta).simd_lt(tc * 10);
    let delta = small.select(within(delta, tc), zero);
    let half = tc >> 1;
    let inner_p = within((((p2 + p0 + 1) >> 1) - p1 + delta) >> 1, half);
    let inner_q = within((((q2 + q0 + 1) >> 1) - q1 - delta) >> 1, half);
    let p_too = small & mask(simd, more_p);
    let q_too = small & mask(simd, more_q);
    let mut changes = [
        zero,
        p_too.select(inner_p, zero),
        delta,
        zero - delta,
        q_too.select(inner_q, zero),
        zero,
    ];

    // The strong filter.
    if strong[0] | strong[1] {
        let strong = mask(simd, strong);
        let twice = tc * 2;
        let middle = p0 + q0;
        let strongly = [
            within(((p3 * 2 + p2 * 3 + p1 + middle + 4) >> 3) - p2, twice),
            within(((p2 + p1 + middle + 2) >> 2) - p1, twice),
            within(((p2 + (p1 + middle) * 2 + q1 + 4) >> 3) - p0, twice),
            within(((p1 + (middle + q1) * 2 + q2 + 4) >> 3) - q0, twice),
            within(((middle + q1 + q2 + 2) >> 2) - q1, twice),
            within(((middle + q1 + q2 * 3 + q3 * 2 + 4) >> 3) - q2, twice),
        ];
        for k in 0..6 {
            changes[k] = strong.select(strongly[k], changes[k]);
        }
    }
    let p = mask(
        simd,
        [on[0] && !segments[0].keep_p, on[1] && !segments[1].keep_p],
    );
    let q = mask(
        simd,
        [on[0] && !segments[0].keep_q, on[1] && !segments[1].keep_q],
    );
    let mut changed = columns;
    for k in 0..3 {
        changed[k + 1] += p.select(changes[k], zero);
        changed[k + 4] += q.select(changes[k + 3], zero);
    }
    Some(changed)
}

/// Chroma (8.7.2.5.8).
#[inline(always)]
pub(super) fn chroma<S: Simd, const ROWS: bool>(
    simd: S,
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    tc: Ptr,
    keep_p: Ptr,
    keep_q: Ptr,
) -> Checked {
    let segments = segments(mem, tc, keep_p, keep_q)?;
    let (at, stride) = (i64::from(pixels), i64::from(stride));
    let mut columns = [i16x8::simd_from(simd, 0); 8];
    if ROWS {
        for k in 0..8 {
            columns[k] = load::<S, _, 4>(simd, mem, at - 2 + k as i64 * stride)?;
        }
        columns = turn(columns);
    } else {
        for k in 0..4 {
            columns[k] = load::<S, _, 8>(simd, mem, at + (k as i64 - 2) * stride)?;
        }
    }
    let [p1, p0, q0, q1, ..] = columns;
    let tc = spread(simd, [segments[0].tc, segments[1].tc]);
    let delta = within(((q0 - p0) * 4 + p1 - q1 + 4) >> 3, tc);
    let zero = i16x8::simd_from(simd, 0);
    let keep_p = mask(simd, [segments[0].keep_p, segments[1].keep_p]);
    let keep_q = mask(simd, [segments[0].keep_q, segments[1].keep_q]);
    columns[1] = p0 + keep_p.select(zero, delta);
    columns[2] = q0 - keep_q.select(zero, delta);
    if ROWS {
        columns = turn(columns);
        for k in 0..8 {
            store::<S, _, 4>(mem, at - 2 + k as i64 * stride, columns[k])?;
        }
    } else {
        store::<S, _, 8>(mem, at - stride, columns[1])?;
        store::<S, _, 8>(mem, at, columns[2])?;
    }
    Ok(())
}

#[inline(always)]
fn magnitude<S: Simd>(x: i16x8<S>) -> i16x8<S> {
    x.max(-x)
}

/// Limited to what a limit and its negative allow.
#[inline(always)]
fn within<S: Simd>(x: i16x8<S>, limit: i16x8<S>) -> i16x8<S> {
    x.max(-limit).min(limit)
}
