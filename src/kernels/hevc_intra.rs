//! Prediction within a picture in HEVC (ITU-T H.265, 8.4.4.2.4 to 8.4.4.2.6), 8 bits a sample.
//!
//! `top` is the address of the row above the block and `left` that of the column beside it, both with
//! the corner before them and going on beyond the block.

#![expect(
    clippy::needless_range_loop,
    reason = "adapters of iterators are not inlined into the wide context"
)]

use fearless_simd::prelude::*;
use fearless_simd::{i16x8, i16x16};

use super::Trap;
use super::fir::Picture;
use super::guest::{Checked, Ptr, bytes, bytes_mut, slice};
use super::simd::{Lanes, load, store, turn};

/// Angles of the modes from 2 on, in 1/32 of a sample for each row (table 8-5).
const ANGLES: [i16; 33] = [
    32, 26, 21, 17, 13, 9, 5, 2, 0, -2, -5, -9, -13, -17, -21, -26, -32, -26, -21, -17, -13, -9,
    -5, -2, 0, 2, 5, 9, 13, 17, 21, 26, 32,
];

/// 8192 over the angle, for the modes from 11 on that have negative ones (table 8-6).
const INVERSES: [i32; 15] = [
    -4096, -1638, -910, -630, -482, -390, -315, -256, -315, -390, -482, -630, -910, -1638, -4096,
];

/// Planar prediction (8.4.4.2.4).
#[inline(always)]
pub(super) fn planar<S: Simd, const N: usize>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    top: Ptr,
    left: Ptr,
    stride: i32,
) -> Checked {
    let dst = Picture::new(dst, stride);
    let (top, left) = (i64::from(top), i64::from(left));
    match N {
        4 => planar_columns::<S, i16x8<S>, N, 4>(simd, mem, dst, top, left, 0),
        8 => planar_columns::<S, i16x8<S>, N, 8>(simd, mem, dst, top, left, 0),
        _ => {
            for x in (0..N).step_by(16) {
                planar_columns::<S, i16x16<S>, N, 16>(simd, mem, dst, top, left, x)?;
            }
            Ok(())
        }
    }
}

#[inline(always)]
fn planar_columns<S: Simd, V: Lanes<S>, const N: usize, const W: usize>(
    simd: S,
    mem: &mut [u8],
    dst: Picture,
    top: i64,
    left: i64,
    x: usize,
) -> Checked {
    let mut places = [0; W];
    for i in 0..W {
        places[i] = (x + i + 1) as i16;
    }
    let places = V::numbers(simd, &places);
    let right = i16::from(bytes::<1>(mem, top + N as i64)?[0]);
    let below = i16::from(bytes::<1>(mem, left + N as i64)?[0]);
    let above: V = load::<S, V, W>(simd, mem, top + x as i64)?;
    let fixed = places * right + N as i16;
    let from_left = V::simd_from(simd, N as i16) - places;
    for y in 0..N as i64 {
        let beside = i16::from(bytes::<1>(mem, left + y)?[0]);
        let down = y as i16 + 1;
        let sum = fixed + from_left * beside + above * (N as i16 - down) + down * below;
        store::<S, V, W>(mem, dst.row(y) + x as i64, sum >> (N.ilog2() + 1))?;
    }
    Ok(())
}

/// Prediction by the mean (8.4.4.2.5); at the edges of luma blocks below 32x32 it is smoothed.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn dc<S: Simd>(
    _simd: S,
    mem: &mut [u8],
    dst: Ptr,
    top: Ptr,
    left: Ptr,
    stride: i32,
    log2_size: i32,
    plane: i32,
) -> Checked {
    let dst = Picture::new(dst, stride);
    let smooth = plane == 0;
    match log2_size {
        2 => dc_block::<4>(mem, dst, top, left, smooth),
        3 => dc_block::<8>(mem, dst, top, left, smooth),
        4 => dc_block::<16>(mem, dst, top, left, smooth),
        5 => dc_block::<32>(mem, dst, top, left, false),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

#[inline(always)]
fn dc_block<const N: usize>(
    mem: &mut [u8],
    dst: Picture,
    top: Ptr,
    left: Ptr,
    smooth: bool,
) -> Checked {
    let top: [u8; N] = *bytes(mem, top.into())?;
    let left: [u8; N] = *bytes(mem, left.into())?;
    let mut sum = N as u32;
    for i in 0..N {
        sum += u32::from(top[i]) + u32::from(left[i]);
    }
    let mean = sum >> (N.ilog2() + 1);
    let blend = |sample: u8| ((u32::from(sample) + 3 * mean + 2) >> 2) as u8;
    for y in 0..N {
        let mut row = [mean as u8; N];
        if smooth {
            row[0] = blend(left[y]);
            if y == 0 {
                for x in 1..N {
                    row[x] = blend(top[x]);
                }
                row[0] = ((u32::from(left[0]) + 2 * mean + u32::from(top[0]) + 2) >> 2) as u8;
            }
        }
        *bytes_mut(mem, dst.row(y as i64))? = row;
    }
    Ok(())
}

/// Angular prediction (8.4.4.2.6).
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn angular<S: Simd, const N: usize>(
    simd: S,
    mem: &mut [u8],
    dst: Ptr,
    top: Ptr,
    left: Ptr,
    stride: i32,
    plane: i32,
    mode: i32,
) -> Checked {
    if !(2..=34).contains(&mode) {
        return Err(Trap::MemoryOutOfBounds);
    }
    let dst = Picture::new(dst, stride);
    // The modes from the left are those from above with rows and columns exchanged.
    let from_above = mode >= 18;
    let (main, side) = if from_above { (top, left) } else { (left, top) };
    let (main, side) = (i64::from(main), i64::from(side));
    let angle = ANGLES[(mode - 2) as usize];
    let reference = reference::<N>(mem, main, side, angle, mode)?;
    let mut rows = [[0; N]; N];
    for y in 0..N {
        let along = (y as i16 + 1) * angle;
        let start = (ORIGIN as i16 + 1 + (along >> 5)) as usize;
        let weight = along & 31;
        match N {
            4 => blend::<S, i16x8<S>, 4>(simd, &reference, start, weight, &mut rows[y])?,
            8 => blend::<S, i16x8<S>, 8>(simd, &reference, start, weight, &mut rows[y])?,
            _ => {
                let row = &mut rows[y];
                for x in (0..N).step_by(16) {
                    let part = &mut row[x..x + 16];
                    blend::<S, i16x16<S>, 16>(simd, &reference, start + x, weight, part)?;
                }
            }
        }
    }
    if angle == 0 && plane == 0 && N < 32 {
        let corner = i16::from(bytes::<1>(mem, side - 1)?[0]);
        let beside: &[u8; N] = bytes(mem, side)?;
        let first = i16::from(reference[ORIGIN + 1]);
        for y in 0..N {
            let change = (i16::from(beside[y]) - corner) >> 1;
            rows[y][0] = (first + change).clamp(0, 255) as u8;
        }
    }
    if from_above {
        for y in 0..N {
            *bytes_mut(mem, dst.row(y as i64))? = rows[y];
        }
        return Ok(());
    }
    if N == 4 {
        for y in 0..N {
            let mut row = [0; N];
            for x in 0..N {
                row[x] = rows[x][y];
            }
            *bytes_mut(mem, dst.row(y as i64))? = row;
        }
        return Ok(());
    }
    for y in (0..N).step_by(8) {
        for x in (0..N).step_by(8) {
            let mut tile = [i16x8::simd_from(simd, 0); 8];
            for i in 0..8 {
                tile[i] = load::<S, _, 8>(simd, &rows[x + i], y as i64)?;
            }
            let tile = turn(tile);
            for i in 0..8 {
                let at = dst.row((y + i) as i64) + x as i64;
                store::<S, _, 8>(mem, at, tile[i])?;
            }
        }
    }
    Ok(())
}

/// Where the corner is among the reference samples.
const ORIGIN: usize = 32;

/// The reference samples around the corner: those of the main side from there on, and for negative
/// angles before it those of the other side that lie in the mode's direction.
#[inline(always)]
fn reference<const N: usize>(
    mem: &[u8],
    main: i64,
    side: i64,
    angle: i16,
    mode: i32,
) -> Checked<[u8; 112]> {
    let mut reference = [0; 112];
    if angle >= 0 {
        let samples = slice(mem, main - 1, 2 * N + 1)?;
        reference[ORIGIN..ORIGIN + 2 * N + 1].copy_from_slice(samples);
        return Ok(reference);
    }
    let samples = slice(mem, main - 1, N + 1)?;
    reference[ORIGIN..ORIGIN + N + 1].copy_from_slice(samples);
    let last = (N as i32 * i32::from(angle)) >> 5;
    if last < -1 {
        let inverse = INVERSES[(mode - 11) as usize];
        let others = slice(mem, side - 1, N + 1)?;
        for x in last..0 {
            let from = ((x * inverse + 128) >> 8) as usize;
            reference[(ORIGIN as i32 + x) as usize] = others[from.min(N)];
        }
    }
    Ok(reference)
}

/// Two neighbouring reference samples for each sample, weighted by 32nds.
#[inline(always)]
fn blend<S: Simd, V: Lanes<S>, const W: usize>(
    simd: S,
    reference: &[u8; 112],
    start: usize,
    weight: i16,
    row: &mut [u8],
) -> Checked {
    let first: V = load::<S, V, W>(simd, reference, start as i64)?;
    let second: V = load::<S, V, W>(simd, reference, start as i64 + 1)?;
    let sum = first * (32 - weight) + second * weight + 16;
    store::<S, V, W>(row, 0, sum >> 5)
}
