//! The deblocking filter (ITU-T H.264, 8.7.2.3 and 8.7.2.4), 8 bits a sample.
//!
//! An edge is filtered in lanes: one for each row of samples that crosses it. Across a vertical edge
//! the samples are turned first, so that both directions are one computation.

use super::guest::{Checked, Ptr, bytes, bytes_mut};

/// Samples of `LANES` lines across an edge: three or four on its near side, `p`, and as many on the
/// far side, `q`, in the order of the picture.
type Lines<const LANES: usize, const SAMPLES: usize> = [[u8; LANES]; SAMPLES];

/// Luma, an edge with strengths below 4; `GROUP` lines have one of the four strengths each.
#[inline(always)]
pub(super) fn luma<const VERTICAL: bool, const LANES: usize>(
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
    strengths: Ptr,
) -> Checked {
    let tc0 = spread::<LANES>(mem, strengths)?;
    edge::<VERTICAL, LANES, 6>(mem, pixels, stride, |lines| {
        let (alpha, beta) = (limit(alpha), limit(beta));
        for i in 0..LANES {
            let [p2, p1, p0, q0, q1, q2] = lines.map(|line| i16::from(line[i]));
            let on = flat(p1, p0, q0, q1, alpha, beta) & (tc0[i] >= 0);
            let (p_flat, q_flat) = ((p2 - p0).abs() < beta, (q2 - q0).abs() < beta);
            let tc = tc0[i] + i16::from(p_flat) + i16::from(q_flat);
            let delta = (((q0 - p0) * 4 + p1 - q1 + 4) >> 3).max(-tc).min(tc);
            let middle = (p0 + q0 + 1) >> 1;
            // A strength of 0 leaves these as they are, since the change is limited to it.
            let p_change = (((p2 + middle) >> 1) - p1).max(-tc0[i]).min(tc0[i]);
            let q_change = (((q2 + middle) >> 1) - q1).max(-tc0[i]).min(tc0[i]);
            let keep = |old: i16, new: i16, on: bool| if on { new as u8 } else { old as u8 };
            lines[1][i] = keep(p1, p1 + p_change, on & p_flat);
            lines[2][i] = keep(p0, (p0 + delta).clamp(0, 255), on);
            lines[3][i] = keep(q0, (q0 - delta).clamp(0, 255), on);
            lines[4][i] = keep(q1, q1 + q_change, on & q_flat);
        }
    })
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
    edge::<VERTICAL, LANES, 8>(mem, pixels, stride, |lines| {
        let strong = limit((alpha >> 2) + 2);
        let (alpha, beta) = (limit(alpha), limit(beta));
        for i in 0..LANES {
            let [p3, p2, p1, p0, q0, q1, q2, q3] = lines.map(|line| i16::from(line[i]));
            let on = flat(p1, p0, q0, q1, alpha, beta);
            let close = on & ((p0 - q0).abs() < strong);
            let (p, q) = (
                close & ((p2 - p0).abs() < beta),
                close & ((q2 - q0).abs() < beta),
            );
            let sides = p0 + q0;
            let pick = |old: i16, weak: i16, strong: i16, on: bool, is_strong: bool| {
                let new = if is_strong { strong } else { weak };
                (if on { new } else { old }) as u8
            };
            lines[1][i] = pick(p2, p2, (2 * p3 + 3 * p2 + p1 + sides + 4) >> 3, p, p);
            lines[2][i] = pick(p1, p1, (p2 + p1 + sides + 2) >> 2, p, p);
            let weak = (2 * p1 + p0 + q1 + 2) >> 2;
            lines[3][i] = pick(p0, weak, (p2 + 2 * p1 + 2 * sides + q1 + 4) >> 3, on, p);
            let weak = (2 * q1 + q0 + p1 + 2) >> 2;
            lines[4][i] = pick(q0, weak, (q2 + 2 * q1 + 2 * sides + p1 + 4) >> 3, on, q);
            lines[5][i] = pick(q1, q1, (q2 + q1 + sides + 2) >> 2, q, q);
            lines[6][i] = pick(q2, q2, (2 * q3 + 3 * q2 + q1 + sides + 4) >> 3, q, q);
        }
    })
}

/// Chroma, an edge with strengths below 4.
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
    edge::<VERTICAL, LANES, 4>(mem, pixels, stride, |lines| {
        let (alpha, beta) = (limit(alpha), limit(beta));
        for i in 0..LANES {
            let [p1, p0, q0, q1] = lines.map(|line| i16::from(line[i]));
            let on = flat(p1, p0, q0, q1, alpha, beta) & (tc[i] > 0);
            let delta = (((q0 - p0) * 4 + p1 - q1 + 4) >> 3).max(-tc[i]).min(tc[i]);
            let delta = if on { delta } else { 0 };
            lines[1][i] = (p0 + delta).clamp(0, 255) as u8;
            lines[2][i] = (q0 - delta).clamp(0, 255) as u8;
        }
    })
}

/// Chroma, an edge with strength 4.
#[inline(always)]
pub(super) fn chroma_intra<const VERTICAL: bool, const LANES: usize>(
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    alpha: i32,
    beta: i32,
) -> Checked {
    edge::<VERTICAL, LANES, 4>(mem, pixels, stride, |lines| {
        let (alpha, beta) = (limit(alpha), limit(beta));
        for i in 0..LANES {
            let [p1, p0, q0, q1] = lines.map(|line| i16::from(line[i]));
            let on = flat(p1, p0, q0, q1, alpha, beta);
            let (p, q) = ((2 * p1 + p0 + q1 + 2) >> 2, (2 * q1 + q0 + p1 + 2) >> 2);
            lines[1][i] = (if on { p } else { p0 }) as u8;
            lines[2][i] = (if on { q } else { q0 }) as u8;
        }
    })
}

/// Whether the samples at an edge differ so little that the difference is the coding's
/// (equation 8-460).
#[inline(always)]
fn flat(p1: i16, p0: i16, q0: i16, q1: i16, alpha: i16, beta: i16) -> bool {
    ((p0 - q0).abs() < alpha) & ((p1 - p0).abs() < beta) & ((q1 - q0).abs() < beta)
}

/// A threshold in 16 bits: differences of samples are below 256.
#[inline(always)]
fn limit(threshold: i32) -> i16 {
    threshold.clamp(0, 256) as i16
}

/// The four strengths of an edge, one for each line.
#[inline(always)]
fn spread<const LANES: usize>(mem: &[u8], strengths: Ptr) -> Checked<[i16; LANES]> {
    let four: [u8; 4] = *bytes(mem, strengths.into())?;
    let mut lines = [0; LANES];
    for (index, line) in lines.iter_mut().enumerate() {
        *line = i16::from(four[index * 4 / LANES].cast_signed());
    }
    Ok(lines)
}

/// Reads the lines across an edge, changes them, and writes all but the outermost back. `pixels` is
/// the first sample after the edge.
#[inline(always)]
fn edge<const VERTICAL: bool, const LANES: usize, const SAMPLES: usize>(
    mem: &mut [u8],
    pixels: Ptr,
    stride: i32,
    filter: impl FnOnce(&mut Lines<LANES, SAMPLES>),
) -> Checked {
    let (pixels, stride) = (i64::from(pixels), i64::from(stride));
    let before = (SAMPLES / 2) as i64;
    let mut lines = [[0; LANES]; SAMPLES];
    if VERTICAL {
        for i in 0..LANES {
            let row: &[u8; SAMPLES] = bytes(mem, pixels - before + i as i64 * stride)?;
            for (line, sample) in lines.iter_mut().zip(row) {
                line[i] = *sample;
            }
        }
        filter(&mut lines);
        for i in 0..LANES {
            let row: &mut [u8; SAMPLES] = bytes_mut(mem, pixels - before + i as i64 * stride)?;
            for (line, sample) in lines.iter().zip(row) {
                *sample = line[i];
            }
        }
    } else {
        for (k, line) in (0..).zip(&mut lines) {
            *line = *bytes(mem, pixels + (k - before) * stride)?;
        }
        filter(&mut lines);
        for (k, line) in (0..).zip(&lines).skip(1).take(SAMPLES - 2) {
            *bytes_mut(mem, pixels + (k - before) * stride)? = *line;
        }
    }
    Ok(())
}
