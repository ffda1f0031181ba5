//! The search for a stream's frame rate: how far its times are from multiples of each rate that streams
//! usually have.

use super::Trap;
use super::guest::{Checked, Ptr, bytes, slice, slice_mut};

/// Adds what one time says about each rate.
///
/// `errors` has four lists of `count` numbers: sums of errors and of their squares, then the same for
/// times half a frame later. A rate whose squares have reached 1e10 is out. The time is in seconds, a
/// rate in frames for 12,012 of them.
#[inline(always)]
pub(super) fn add_frame(mem: &mut [u8], errors: Ptr, rates: Ptr, count: i32, time: f64) -> Checked {
    const AT_A_TIME: usize = 4;
    let count = usize::try_from(count).unwrap_or(0);
    if count > mem.len() {
        return Err(Trap::MemoryOutOfBounds);
    }
    let mut first = 0;
    while first + AT_A_TIME <= count {
        some_rates::<AT_A_TIME>(mem, errors, rates, count, first, time)?;
        first += AT_A_TIME;
    }
    while first < count {
        some_rates::<1>(mem, errors, rates, count, first, time)?;
        first += 1;
    }
    Ok(())
}

#[inline(always)]
fn some_rates<const N: usize>(
    mem: &mut [u8],
    errors: Ptr,
    rates: Ptr,
    count: usize,
    first: usize,
    time: f64,
) -> Checked {
    let list = |number: usize| i64::from(errors) + 8 * (number * count + first) as i64;
    let mut frames = [0.0; N];
    for (index, frames) in frames.iter_mut().enumerate() {
        let rate = i32::from_le_bytes(*bytes(mem, i64::from(rates) + 4 * (first + index) as i64)?);
        *frames = time * f64::from(rate) / 12012.0;
    }
    let squares = doubles::<N>(mem, list(1))?;
    for half in 0..2 {
        let later = half as f64 * 0.5;
        let (mut sum, mut square) = (
            doubles::<N>(mem, list(2 * half))?,
            doubles::<N>(mem, list(2 * half + 1))?,
        );
        for index in 0..N {
            let nearest = (frames[index] + later).round_ties_even();
            let error = frames[index] - nearest + later;
            let is_in = squares[index] < 1e10;
            sum[index] = if is_in {
                sum[index] + error
            } else {
                sum[index]
            };
            square[index] = if is_in {
                square[index] + error * error
            } else {
                square[index]
            };
        }
        put_doubles(mem, list(2 * half), &sum)?;
        put_doubles(mem, list(2 * half + 1), &square)?;
    }
    Ok(())
}

#[inline(always)]
fn doubles<const N: usize>(mem: &[u8], at: i64) -> Checked<[f64; N]> {
    let mut values = [0.0; N];
    let bytes = slice(mem, at, 8 * N)?;
    for (value, bytes) in values.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *value = f64::from_le_bytes(*bytes);
    }
    Ok(values)
}

#[inline(always)]
fn put_doubles<const N: usize>(mem: &mut [u8], at: i64, values: &[f64; N]) -> Checked {
    let bytes = slice_mut(mem, at, 8 * N)?;
    for (bytes, value) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(values) {
        *bytes = value.to_le_bytes();
    }
    Ok(())
}
