//! Changing the tempo of sound as libavfilter's atempo does: pieces that overlap are moved to where they
//! fit best, which their correlation tells.

use super::Trap;
use super::guest::{Checked, Ptr, bytes, slice, slice_mut};
use super::numbers::{load, store};

/// How many samples are worked on at a time.
const EIGHT: usize = 8;

/// A sample of sound.
trait Sample: Copy + Default {
    const BYTES: usize;
    /// The greatest magnitude that counts.
    const LIMIT: f32;
    fn read(bytes: &[u8]) -> Self;
    fn write(self, bytes: &mut [u8]);
    fn number(self) -> f32;
    fn from_number(number: f32) -> Self;
}

impl Sample for i16 {
    const BYTES: usize = 2;
    const LIMIT: f32 = 32767.0;

    #[inline(always)]
    fn read(bytes: &[u8]) -> Self {
        Self::from_le_bytes([bytes[0], bytes[1]])
    }

    #[inline(always)]
    fn write(self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.to_le_bytes());
    }

    #[inline(always)]
    fn number(self) -> f32 {
        self.into()
    }

    #[inline(always)]
    fn from_number(number: f32) -> Self {
        number as i32 as Self
    }
}

impl Sample for f32 {
    const BYTES: usize = 4;
    const LIMIT: f32 = 1.0;

    #[inline(always)]
    fn read(bytes: &[u8]) -> Self {
        Self::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    #[inline(always)]
    fn write(self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&self.to_le_bytes());
    }

    #[inline(always)]
    fn number(self) -> f32 {
        self
    }

    #[inline(always)]
    fn from_number(number: f32) -> Self {
        number
    }
}

/// `N` samples.
#[inline(always)]
fn read<T: Sample, const N: usize>(mem: &[u8], from: Ptr, index: i64) -> Checked<[T; N]> {
    let bytes = slice(mem, i64::from(from) + T::BYTES as i64 * index, T::BYTES * N)?;
    let mut samples = [T::default(); N];
    for index in 0..N {
        samples[index] = T::read(&bytes[T::BYTES * index..T::BYTES * (index + 1)]);
    }
    Ok(samples)
}

#[inline(always)]
fn write<T: Sample, const N: usize>(
    mem: &mut [u8],
    to: Ptr,
    index: i64,
    samples: [T; N],
) -> Checked {
    let bytes = slice_mut(mem, i64::from(to) + T::BYTES as i64 * index, T::BYTES * N)?;
    for index in 0..N {
        samples[index].write(&mut bytes[T::BYTES * index..T::BYTES * (index + 1)]);
    }
    Ok(())
}

/// A number of samples that memory can hold.
#[inline(always)]
fn length(mem: &[u8], count: i32) -> Checked<i64> {
    match i64::from(count) {
        count if count <= mem.len() as i64 => Ok(count.max(0)),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

/// `void (float *to, const int16_t *from, int count, int channels)`: one channel of one or of two, of
/// which each sample is the louder one, the first if there is none.
#[inline(always)]
pub(super) fn mono_16(mem: &mut [u8], to: Ptr, from: Ptr, count: i32, channels: i32) -> Checked {
    mono::<i16>(mem, to, from, count, channels)
}

/// The same of samples in floating point.
#[inline(always)]
pub(super) fn mono_float(mem: &mut [u8], to: Ptr, from: Ptr, count: i32, channels: i32) -> Checked {
    mono::<f32>(mem, to, from, count, channels)
}

#[inline(always)]
fn mono<T: Sample>(mem: &mut [u8], to: Ptr, from: Ptr, count: i32, channels: i32) -> Checked {
    let count = length(mem, count)?;
    let whole = count - count % EIGHT as i64;
    for index in (0..whole).step_by(EIGHT) {
        one_of::<T, EIGHT, { 2 * EIGHT }>(mem, to, from, index, channels)?;
    }
    for index in whole..count {
        one_of::<T, 1, 2>(mem, to, from, index, channels)?;
    }
    Ok(())
}

#[inline(always)]
fn one_of<T: Sample, const N: usize, const TWICE: usize>(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    index: i64,
    channels: i32,
) -> Checked {
    let mut numbers = [0.0; N];
    if channels == 1 {
        let samples = read::<T, N>(mem, from, index)?;
        for lane in 0..N {
            numbers[lane] = samples[lane].number();
        }
    } else {
        let samples = read::<T, TWICE>(mem, from, 2 * index)?;
        for lane in 0..N {
            let (first, second) = (samples[2 * lane].number(), samples[2 * lane + 1].number());
            let is_louder = magnitude::<T>(first) < magnitude::<T>(second);
            numbers[lane] = if is_louder { second } else { first };
        }
    }
    store(mem, to, index, numbers)
}

/// The limit of what is no number.
#[inline(always)]
fn magnitude<T: Sample>(number: f32) -> f32 {
    let magnitude = number.abs();
    if T::LIMIT > magnitude {
        magnitude
    } else {
        T::LIMIT
    }
}

/// `void (int16_t *to, const int16_t *a, const int16_t *b, const float *share_a, const float *share_b,
/// int count, int channels)`: what two pieces with their shares are together, without its fraction.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn blend_16(
    mem: &mut [u8],
    to: Ptr,
    a: Ptr,
    b: Ptr,
    share_a: Ptr,
    share_b: Ptr,
    count: i32,
    channels: i32,
) -> Checked {
    blend::<i16>(mem, to, [a, b], [share_a, share_b], count, channels)
}

/// The same of samples in floating point.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn blend_float(
    mem: &mut [u8],
    to: Ptr,
    a: Ptr,
    b: Ptr,
    share_a: Ptr,
    share_b: Ptr,
    count: i32,
    channels: i32,
) -> Checked {
    blend::<f32>(mem, to, [a, b], [share_a, share_b], count, channels)
}

#[inline(always)]
fn blend<T: Sample>(
    mem: &mut [u8],
    to: Ptr,
    pieces: [Ptr; 2],
    shares: [Ptr; 2],
    count: i32,
    channels: i32,
) -> Checked {
    let count = length(mem, count)?;
    let whole = count - count % EIGHT as i64;
    for index in (0..whole).step_by(EIGHT) {
        mixed::<T, EIGHT, { 2 * EIGHT }>(mem, to, pieces, shares, index, channels)?;
    }
    for index in whole..count {
        mixed::<T, 1, 2>(mem, to, pieces, shares, index, channels)?;
    }
    Ok(())
}

#[inline(always)]
fn mixed<T: Sample, const N: usize, const TWICE: usize>(
    mem: &mut [u8],
    to: Ptr,
    [a, b]: [Ptr; 2],
    [share_a, share_b]: [Ptr; 2],
    index: i64,
    channels: i32,
) -> Checked {
    let share_a = load::<f32, N>(mem, share_a, index)?;
    let share_b = load::<f32, N>(mem, share_b, index)?;
    if channels == 1 {
        let (a, b) = (read::<T, N>(mem, a, index)?, read::<T, N>(mem, b, index)?);
        let mut sums = [T::default(); N];
        for lane in 0..N {
            let sum = a[lane].number() * share_a[lane] + b[lane].number() * share_b[lane];
            sums[lane] = T::from_number(sum);
        }
        return write(mem, to, index, sums);
    }
    let a = read::<T, TWICE>(mem, a, 2 * index)?;
    let b = read::<T, TWICE>(mem, b, 2 * index)?;
    let mut sums = [T::default(); TWICE];
    for lane in 0..TWICE {
        let sum = a[lane].number() * share_a[lane / 2] + b[lane].number() * share_b[lane / 2];
        sums[lane] = T::from_number(sum);
    }
    write(mem, to, 2 * index, sums)
}

/// `void (float *to, const float *a, const float *b, int count)`: products of complex numbers, the first
/// with the sign of their imaginary parts changed.
#[inline(always)]
pub(super) fn correlate(mem: &mut [u8], to: Ptr, a: Ptr, b: Ptr, count: i32) -> Checked {
    let count = length(mem, count)?;
    let whole = count - count % 4;
    for index in (0..whole).step_by(4) {
        products::<8>(mem, to, a, b, 2 * index)?;
    }
    for index in whole..count {
        products::<2>(mem, to, a, b, 2 * index)?;
    }
    Ok(())
}

#[inline(always)]
fn products<const N: usize>(mem: &mut [u8], to: Ptr, a: Ptr, b: Ptr, index: i64) -> Checked {
    let (a, b) = (
        load::<f32, N>(mem, a, index)?,
        load::<f32, N>(mem, b, index)?,
    );
    let mut products = [0.0; N];
    for lane in (0..N).step_by(2) {
        products[lane] = a[lane] * b[lane] + a[lane + 1] * b[lane + 1];
        products[lane + 1] = a[lane + 1] * b[lane] - a[lane] * b[lane + 1];
    }
    store(mem, to, index, products)
}

/// `int (const float *values, int first, int end, int drift)`: the index of the greatest value from
/// `first` to `end`, where it counts the more the farther from both ends it is; -1 if none is greater than
/// the least number. Of equal ones it is the first.
#[inline(always)]
pub(super) fn best(mem: &mut [u8], values: Ptr, first: i32, end: i32, drift: i32) -> Checked<i32> {
    if end <= first {
        return Ok(-1);
    }
    if first < 0 || i64::from(end) > mem.len() as i64 {
        return Err(Trap::MemoryOutOfBounds);
    }
    // In each lane the best of every eighth.
    let (mut metrics, mut places) = ([f32::MIN; EIGHT], [-1; EIGHT]);
    let mut index = first;
    while i64::from(index) + EIGHT as i64 <= i64::from(end) {
        let given = load::<f32, EIGHT>(mem, values, index.into())?;
        for lane in 0..EIGHT {
            let place = index + lane as i32;
            let metric = weighted(given[lane], place, first, end, drift);
            let is_better = metric > metrics[lane];
            metrics[lane] = if is_better { metric } else { metrics[lane] };
            places[lane] = if is_better { place } else { places[lane] };
        }
        index += EIGHT as i32;
    }
    let (mut metric, mut place) = (f32::MIN, -1);
    for lane in 0..EIGHT {
        let is_first = metrics[lane] == metric && places[lane] < place;
        if places[lane] >= 0 && (metrics[lane] > metric || is_first) {
            (metric, place) = (metrics[lane], places[lane]);
        }
    }
    while index < end {
        let given = *bytes(mem, i64::from(values) + 4 * i64::from(index))?;
        let found = weighted(f32::from_le_bytes(given), index, first, end, drift);
        if found > metric {
            (metric, place) = (found, index);
        }
        index += 1;
    }
    Ok(place)
}

#[inline(always)]
fn weighted(value: f32, index: i32, first: i32, end: i32, drift: i32) -> f32 {
    let from_drift = drift.wrapping_add(index) as f32;
    value * (from_drift * (index - first) as f32 * (end - index) as f32)
}
