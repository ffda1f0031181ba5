//! The deblocking filter (ITU-T H.264, 8.7.2.3 and 8.7.2.4), 8 bits a sample.
//!
//! An edge is filtered in lanes: one for each row of samples that crosses it. Across a vertical edge
//! the samples are turned first, so that both directions are one computation. Lines are named as in
//! the standard: `p0` is the nearest before the edge, `q0` the nearest after it.

use wide::{i16x8, u8x16};

use super::block::{load, store};
use super::guest::{Checked, Ptr, bytes};
use super::lanes::{
    choose, columns_of_eight, columns_of_four, mean_down, mean_up, narrow, pad, rows_of_eight,
    rows_of_four, rows_of_two, widen,
};

/// Luma, an edge with strengths below 4; each of the four strengths is for a quarter of the lanes.
#[inline(always)]
pub(super) fn luma<const VERTICAL: bool, const LANES: usize>(
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
    strengths: Ptr,
) -> Checked {
    let Some(limits) = Limits::new(alpha, beta) else {
        return Ok(());
    };
    let (pixels, stride) = (i64::from(pixels), i64::from(stride));
    let tc0 = spread::<LANES>(mem, strengths)?;
    let lines = if VERTICAL {
        // Edges are at multiples of four samples, so the outermost ones are of the picture too.
        let [_, p2, p1, p0, q0, q1, q2, _] = columns::<LANES>(mem, pixels - 4, stride)?;
        [p2, p1, p0, q0, q1, q2]
    } else {
        let rows = load::<LANES, 6>(mem, pixels - 3 * stride, stride)?;
        let mut lines = [u8x16::ZERO; 6];
        for (line, row) in lines.iter_mut().zip(&rows) {
            *line = pad(row);
        }
        lines
    };
    let Some(filtered) = normal(lines, limits, tc0) else {
        return Ok(());
    };
    if VERTICAL {
        let rows = rows_of_four(filtered);
        store(mem, pixels - 2, stride, first::<4, LANES>(&rows))
    } else {
        store_lines::<LANES, 4>(mem, pixels - 2 * stride, stride, filtered)
    }
}

/// Luma, an edge with strength 4.
#[inline(always)]
pub(super) fn luma_intra<const VERTICAL: bool, const LANES: usize>(
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
) -> Checked {
    let Some(limits) = Limits::new(alpha, beta) else {
        return Ok(());
    };
    let (pixels, stride) = (i64::from(pixels), i64::from(stride));
    let strong = below((alpha >> 2) + 2);
    if VERTICAL {
        let lines = columns::<LANES>(mem, pixels - 4, stride)?;
        let Some([a, b, c, d, e, f]) = strongest(lines, limits, strong) else {
            return Ok(());
        };
        let rows = rows_of_eight([lines[0], a, b, c, d, e, f, lines[7]]);
        store(mem, pixels - 4, stride, first::<8, LANES>(&rows))
    } else {
        let rows = load::<LANES, 8>(mem, pixels - 4 * stride, stride)?;
        let mut lines = [u8x16::ZERO; 8];
        for (line, row) in lines.iter_mut().zip(&rows) {
            *line = pad(row);
        }
        let Some(filtered) = strongest(lines, limits, strong) else {
            return Ok(());
        };
        store_lines::<LANES, 6>(mem, pixels - 3 * stride, stride, filtered)
    }
}

/// Chroma, an edge with strengths below 4, of up to eight lanes.
#[inline(always)]
pub(super) fn chroma<const VERTICAL: bool, const LANES: usize>(
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
    strengths: Ptr,
) -> Checked {
    let tc = spread::<LANES>(mem, strengths)?;
    // Negative ones are for edges that are not filtered.
    let tc = i16x8::from_u8x16_low(tc & !above(tc, 127));
    few::<VERTICAL, LANES>(
        mem,
        pixels,
        stride,
        alpha,
        beta,
        #[inline(always)]
        |lines, on| {
            let [_, p0, q0, _] = lines;
            let delta = change(lines).max(-tc).min(tc) & on;
            [p0 + delta, q0 - delta]
        },
    )
}

/// Chroma, an edge with strength 4, of up to eight lanes.
#[inline(always)]
pub(super) fn chroma_intra<const VERTICAL: bool, const LANES: usize>(
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
) -> Checked {
    few::<VERTICAL, LANES>(
        mem,
        pixels,
        stride,
        alpha,
        beta,
        #[inline(always)]
        |[p1, p0, q0, q1], on| {
            let two = i16x8::splat(2);
            let (p, q) = (
                (p1 + p1 + p0 + q1 + two) >> 2,
                (q1 + q1 + q0 + p1 + two) >> 2,
            );
            [choose(on, p, p0), choose(on, q, q0)]
        },
    )
}

/// Two samples on each side, of which the inner ones change where the mask is set.
#[inline(always)]
fn few<const VERTICAL: bool, const LANES: usize>(
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
    filter: impl FnOnce([i16x8; 4], i16x8) -> [i16x8; 2],
) -> Checked {
    let (pixels, stride) = (i64::from(pixels), i64::from(stride));
    let lines = if VERTICAL {
        let some = load::<4, LANES>(mem, pixels - 2, stride)?;
        let mut rows = [[0; 4]; 8];
        rows[..LANES].copy_from_slice(&some);
        columns_of_four(&rows)
    } else {
        let rows = load::<LANES, 4>(mem, pixels - 2 * stride, stride)?;
        [
            widen(&rows[0]),
            widen(&rows[1]),
            widen(&rows[2]),
            widen(&rows[3]),
        ]
    };
    let limit = |threshold: i32| i16x8::splat(threshold.clamp(0, 256) as i16);
    let [p1, p0, q0, q1] = lines;
    let on = limit(alpha).simd_gt((p0 - q0).abs())
        & limit(beta).simd_gt((p1 - p0).abs().max((q1 - q0).abs()));
    if !on.any() {
        return Ok(());
    }
    let [p0, q0] = filter(lines, on);
    if VERTICAL {
        let rows = rows_of_two(p0, q0);
        store(mem, pixels - 1, stride, first::<2, LANES>(&rows))
    } else {
        let rows = [narrow::<LANES>(p0), narrow::<LANES>(q0)];
        store(mem, pixels - stride, stride, &rows)
    }
}

/// The greatest differences that still are the coding's (equation 8-460).
#[derive(Clone, Copy)]
struct Limits {
    alpha: u8x16,
    beta: u8x16,
}

impl Limits {
    /// Nothing where no difference is small enough.
    #[inline(always)]
    fn new(alpha: i32, beta: i32) -> Option<Self> {
        (alpha > 0 && beta > 0).then(|| Self {
            alpha: below(alpha),
            beta: below(beta),
        })
    }

    /// Not zero in the lanes that differ too much to be filtered.
    #[inline(always)]
    fn excess(self, [p1, p0, q0, q1]: [u8x16; 4]) -> u8x16 {
        let near = difference(p1, p0).max(difference(q1, q0));
        difference(p0, q0).saturating_sub(self.alpha) | near.saturating_sub(self.beta)
    }
}

/// The greatest value below a threshold that is positive.
#[inline(always)]
fn below(threshold: i32) -> u8x16 {
    u8x16::splat((threshold - 1).clamp(0, 255) as u8)
}

#[inline(always)]
fn difference(a: u8x16, b: u8x16) -> u8x16 {
    a.saturating_sub(b) | b.saturating_sub(a)
}

/// Set in the lanes that are zero.
#[inline(always)]
fn zero(lanes: u8x16) -> u8x16 {
    lanes.simd_eq(u8x16::ZERO)
}

/// Set in the lanes that are above a limit.
#[inline(always)]
fn above(lanes: u8x16, limit: u8) -> u8x16 {
    !zero(lanes.saturating_sub(u8x16::splat(limit)))
}

/// 8.7.2.3 for luma: the changed `p1`, `p0`, `q0` and `q1`; nothing when none changes.
#[inline(always)]
fn normal(lines: [u8x16; 6], limits: Limits, tc0: u8x16) -> Option<[u8x16; 4]> {
    let [p2, p1, p0, q0, q1, q2] = lines;
    // Strengths that are negative stand for edges that are not filtered.
    let unfiltered = tc0.saturating_sub(u8x16::splat(127));
    let on = zero(limits.excess([p1, p0, q0, q1]) | unfiltered);
    if !on.any() {
        return None;
    }
    let p_flat = on & zero(difference(p2, p0).saturating_sub(limits.beta));
    let q_flat = on & zero(difference(q2, q0).saturating_sub(limits.beta));
    let tc0 = tc0 & on;
    // A mask is minus one where it is set.
    let tc = tc0 - p_flat - q_flat;
    let halves = |half: fn(u8x16) -> i16x8| change([half(p1), half(p0), half(q0), half(q1)]);
    let (low, high) = (
        halves(i16x8::from_u8x16_low),
        halves(i16x8::from_u8x16_high),
    );
    // Narrowing makes nothing of what is negative.
    let up = u8x16::narrow_i16x8(low, high).min(tc);
    let down = u8x16::narrow_i16x8(-low, -high).min(tc);
    let middle = mean_up(p0, q0);
    let outer = |old: u8x16, beyond: u8x16, flat: u8x16| {
        let most = tc0 & flat;
        mean_down(beyond, middle)
            .max(old.saturating_sub(most))
            .min(old.saturating_add(most))
    };
    Some([
        outer(p1, p2, p_flat),
        p0.saturating_add(up).saturating_sub(down),
        q0.saturating_sub(up).saturating_add(down),
        outer(q1, q2, q_flat),
    ])
}

/// By how much the samples at the edge change before that is limited (equation 8-467).
#[inline(always)]
fn change([p1, p0, q0, q1]: [i16x8; 4]) -> i16x8 {
    (((q0 - p0) << 2) + (p1 - q1) + i16x8::splat(4)) >> 3
}

/// 8.7.2.4 for luma: the changed `p2` to `q2`; nothing when none changes.
#[inline(always)]
fn strongest(lines: [u8x16; 8], limits: Limits, strong: u8x16) -> Option<[u8x16; 6]> {
    let [_, p2, p1, p0, q0, q1, q2, _] = lines;
    let on = zero(limits.excess([p1, p0, q0, q1]));
    if !on.any() {
        return None;
    }
    let close = on & zero(difference(p0, q0).saturating_sub(strong));
    let p = close & zero(difference(p2, p0).saturating_sub(limits.beta));
    let q = close & zero(difference(q2, q0).saturating_sub(limits.beta));
    let low = averages(lines, i16x8::from_u8x16_low);
    let high = averages(lines, i16x8::from_u8x16_high);
    let both = |at: usize| u8x16::narrow_i16x8(low[at], high[at]);
    let pick = |mask: u8x16, then: u8x16, otherwise: u8x16| (mask & then) | (!mask & otherwise);
    Some([
        pick(p, both(0), p2),
        pick(p, both(1), p1),
        pick(p, both(2), pick(on, both(3), p0)),
        pick(q, both(5), pick(on, both(4), q0)),
        pick(q, both(6), q1),
        pick(q, both(7), q2),
    ])
}

/// What the samples become: `p2`, `p1`, `p0` by the strong filter, `p0`, `q0` by the weak one, `q0`,
/// `q1`, `q2` by the strong one.
#[inline(always)]
fn averages(lines: [u8x16; 8], half: fn(u8x16) -> i16x8) -> [i16x8; 8] {
    let [p3, p2, p1, p0] = [
        half(lines[0]),
        half(lines[1]),
        half(lines[2]),
        half(lines[3]),
    ];
    let [q0, q1, q2, q3] = [
        half(lines[4]),
        half(lines[5]),
        half(lines[6]),
        half(lines[7]),
    ];
    let (two, four) = (i16x8::splat(2), i16x8::splat(4));
    let middle = p0 + q0;
    let (p_sum, q_sum) = (p2 + p1 + middle, q2 + q1 + middle);
    [
        (((p3 + p2) << 1) + p_sum + four) >> 3,
        (p_sum + two) >> 2,
        (p_sum + p1 + middle + q1 + four) >> 3,
        (p1 + p1 + p0 + q1 + two) >> 2,
        (q1 + q1 + q0 + p1 + two) >> 2,
        (q_sum + q1 + middle + p1 + four) >> 3,
        (q_sum + two) >> 2,
        (((q3 + q2) << 1) + q_sum + four) >> 3,
    ]
}

/// The four strengths of an edge, one for each lane.
#[inline(always)]
fn spread<const LANES: usize>(mem: &[u8], strengths: Ptr) -> Checked<u8x16> {
    let twice = |lanes: u8x16| u8x16::unpack_low(lanes, lanes);
    let four = pad(bytes::<4>(mem, strengths.into())?);
    Ok(match LANES {
        16 => twice(twice(four)),
        8 => twice(four),
        _ => four,
    })
}

/// Eight columns, of which only `LANES` lanes are used.
#[inline(always)]
fn columns<const LANES: usize>(mem: &[u8], at: i64, stride: i64) -> Checked<[u8x16; 8]> {
    let some = load::<8, LANES>(mem, at, stride)?;
    let mut rows = [[0; 8]; 16];
    rows[..LANES].copy_from_slice(&some);
    Ok(columns_of_eight(&rows))
}

/// Writes the used lanes of lines as rows.
#[inline(always)]
fn store_lines<const LANES: usize, const N: usize>(
    mem: &mut [u8],
    at: i64,
    stride: i64,
    lines: [u8x16; N],
) -> Checked {
    let mut rows = [[0; LANES]; N];
    for (row, line) in rows.iter_mut().zip(lines) {
        row.copy_from_slice(&line.to_array()[..LANES]);
    }
    store(mem, at, stride, &rows)
}

/// The rows of the used lanes.
#[inline(always)]
fn first<const W: usize, const LANES: usize>(rows: &[[u8; W]]) -> &[[u8; W]; LANES] {
    rows.first_chunk()
        .expect("there are at least as many rows as lanes")
}
