//! What the loop filters of VP8 and VP9 share (RFC 6386, section 15; VP9 bitstream specification, 8.8): how much
//! a line varies, and the filter of few samples. Lines are lanes, and samples are named by their distance from
//! the edge.

use fearless_simd::prelude::*;
use fearless_simd::{i16x16, mask16x16};

/// A threshold in 16 bits: what is compared with it is below 1023.
#[inline(always)]
pub(super) fn limit(threshold: i32) -> i16 {
    threshold.clamp(-1, 1023) as i16
}

#[inline(always)]
pub(super) fn difference<S: Simd>(a: i16x16<S>, b: i16x16<S>) -> i16x16<S> {
    (a - b).max(b - a)
}

/// How much the lines vary.
pub(super) struct Variation<S: Simd> {
    /// Across the edge.
    pub(super) across: i16x16<S>,
    /// The largest step between neighbours on one side, and that of those next to the edge.
    pub(super) interior: i16x16<S>,
    pub(super) steps: i16x16<S>,
}

/// Of the four samples on each side.
#[inline(always)]
pub(super) fn variation<S: Simd>([p3, p2, p1, p0, q0, q1, q2, q3]: [i16x16<S>; 8]) -> Variation<S> {
    let steps = difference(p1, p0).max(difference(q1, q0));
    let interior = difference(p3, p2)
        .max(difference(p2, p1))
        .max(difference(q3, q2))
        .max(difference(q2, q1))
        .max(steps);
    Variation {
        across: across([p1, p0, q0, q1]),
        interior,
        steps,
    }
}

/// What the threshold of the edge is compared with.
#[inline(always)]
pub(super) fn across<S: Simd>([p1, p0, q0, q1]: [i16x16<S>; 4]) -> i16x16<S> {
    difference(p0, q0) * 2 + (difference(p1, q1) >> 1)
}

/// Changes the two samples on each side in the lines that are on; the outer ones only where the line varies
/// little.
#[inline(always)]
pub(super) fn narrow<S: Simd>(
    simd: S,
    [p1, p0, q0, q1]: [i16x16<S>; 4],
    on: mask16x16<S>,
    high_variance: mask16x16<S>,
) -> [i16x16<S>; 4] {
    let zero = i16x16::simd_from(simd, 0);
    let outer = high_variance.select((p1 - q1).clamp(-128, 127), zero);
    let filter = on.select((outer + (q0 - p0) * 3).clamp(-128, 127), zero);
    let (p_change, q_change) = halves_of(filter);
    let second = high_variance.select(zero, (q_change + 1) >> 1);
    [p1 + second, p0 + p_change, q0 - q_change, q1 - second]
}

/// What the samples beside the edge change by: the rounding differs, so that they do not swap.
#[inline(always)]
pub(super) fn halves_of<S: Simd>(filter: i16x16<S>) -> (i16x16<S>, i16x16<S>) {
    ((filter + 3).min(127) >> 3, (filter + 4).min(127) >> 3)
}
