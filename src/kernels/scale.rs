//! Scaling of rows: to the side with a filter for each column, down with a filter for each row, and
//! between the two ranges of video. Samples in between have 15 bits (8-bit samples times 128).

use wide::bytemuck::cast;
use wide::{i16x8, i32x4, u32x4};

use super::block::load_lanes;
use super::guest::{Checked, Ptr, bytes, bytes_mut, pointer, slice, slice_mut};
use super::lanes::{narrow, widen};

/// Columns that are computed before they are written: sums of many rows stay in registers.
const TILE: usize = 32;

/// Filters a row of 8-bit samples to the side: `size` weights of 14 bits for each output sample, from
/// the position that is given for it.
#[inline(always)]
pub(super) fn across_8(
    mem: &mut [u8],
    dst: Ptr,
    width: i32,
    src: Ptr,
    filter: Ptr,
    positions: Ptr,
    size: i32,
) -> Checked {
    let row = Across::new(dst, width, src, filter, positions, size)?;
    match size {
        4 => row.run::<1, 4>(mem, 7),
        8 => row.run::<1, 8>(mem, 7),
        16 => row.run::<1, 16>(mem, 7),
        _ => row.run::<1, 0>(mem, 7),
    }
}

/// The same for samples in 16 bits.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "a row has as many")]
pub(super) fn across_16(
    mem: &mut [u8],
    dst: Ptr,
    width: i32,
    src: Ptr,
    filter: Ptr,
    positions: Ptr,
    size: i32,
    shift: i32,
) -> Checked {
    let row = Across::new(dst, width, src, filter, positions, size)?;
    match size {
        4 => row.run::<2, 4>(mem, shift),
        8 => row.run::<2, 8>(mem, shift),
        _ => row.run::<2, 0>(mem, shift),
    }
}

struct Across {
    dst: i64,
    width: usize,
    src: i64,
    filter: i64,
    positions: i64,
    size: usize,
}

impl Across {
    #[inline(always)]
    fn new(
        dst: Ptr,
        width: i32,
        src: Ptr,
        filter: Ptr,
        positions: Ptr,
        size: i32,
    ) -> Checked<Self> {
        Ok(Self {
            dst: dst.into(),
            width: columns(width),
            src: src.into(),
            filter: filter.into(),
            positions: positions.into(),
            size: columns(size),
        })
    }

    /// `BYTES` in a sample; `TAPS` is the size of the filter where that is known, or 0.
    #[inline(always)]
    fn run<const BYTES: usize, const TAPS: usize>(&self, mem: &mut [u8], shift: i32) -> Checked {
        let size = if TAPS == 0 { self.size } else { TAPS };
        // All of the filter and the positions, so that a hostile size ends here.
        slice(
            mem,
            self.filter,
            size.saturating_mul(self.width).saturating_mul(2),
        )?;
        slice(mem, self.positions, 4 * self.width)?;
        let mut x = 0;
        while x < self.width {
            let count = TILE.min(self.width - x);
            let filter = slice(mem, self.filter + 2 * (size * x) as i64, 2 * size * count)?;
            let positions = slice(mem, self.positions + 4 * x as i64, 4 * count)?
                .as_chunks()
                .0;
            let mut values = [0i16; TILE];
            if size > 0 {
                let filters = filter.chunks_exact(2 * size);
                for ((value, filter), position) in values.iter_mut().zip(filters).zip(positions) {
                    let at = self.src + BYTES as i64 * i64::from(i32::from_le_bytes(*position));
                    let samples = slice(mem, at, BYTES * size)?;
                    let sum = dot::<BYTES>(samples, filter);
                    *value = sum.wrapping_shr(shift.cast_unsigned()).min(MAX) as i16;
                }
            }
            let out = slice_mut(mem, self.dst + 2 * x as i64, 2 * count)?;
            put_shorts(out, &values);
            x += count;
        }
        Ok(())
    }
}

/// The largest value in between.
const MAX: i32 = (1 << 15) - 1;

/// The sum of products of samples and weights.
#[inline(always)]
fn dot<const BYTES: usize>(samples: &[u8], weights: &[u8]) -> i32 {
    let mut sum = 0i32;
    let weights = weights.as_chunks().0;
    if BYTES == 1 {
        for (sample, weight) in samples.iter().zip(weights) {
            let product = i32::from(i16::from(*sample)) * i32::from(i16::from_le_bytes(*weight));
            sum = sum.wrapping_add(product);
        }
    } else {
        for (sample, weight) in samples.as_chunks().0.iter().zip(weights) {
            let product = i32::from(u16::from_le_bytes(*sample))
                .wrapping_mul(i16::from_le_bytes(*weight).into());
            sum = sum.wrapping_add(product);
        }
    }
    sum
}

/// Filters rows down to a row of 8-bit samples; `sources` holds the addresses of `size` rows.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
pub(super) fn down(
    mem: &mut [u8],
    filter: Ptr,
    size: i32,
    sources: Ptr,
    dst: Ptr,
    width: i32,
    dither: Ptr,
    offset: i32,
) -> Checked {
    let (size, width) = (columns(size), columns(width));
    let dither = dither_from(mem, dither, offset)?;
    slice(mem, filter.into(), 2 * size)?;
    slice(mem, sources.into(), 4 * size)?;
    // So that a hostile size cannot make the work more than the memory has rows for.
    if size.saturating_mul(width) > mem.len() {
        return Err(super::Trap::MemoryOutOfBounds);
    }
    let rows = Rows {
        filter: filter.into(),
        sources: sources.into(),
        size: size as i64,
    };
    let [a, b, c, d, e, f, g, h] = dither.map(i32::from);
    let dither = [
        i32x4::new([a, c, e, g]) << 12,
        i32x4::new([b, d, f, h]) << 12,
    ];
    let mut x = 0;
    while x < width {
        let count = TILE.min(width - x);
        let samples = if count == TILE {
            rows.filtered::<true>(mem, x, count, dither)?
        } else {
            rows.filtered::<false>(mem, x, count, dither)?
        };
        put(mem, i64::from(dst) + x as i64, &samples, count)?;
        x += count;
    }
    Ok(())
}

/// Rows and their weights.
struct Rows {
    filter: i64,
    sources: i64,
    size: i64,
}

impl Rows {
    /// A tile of samples.
    #[inline(always)]
    fn filtered<const WHOLE: bool>(
        &self,
        mem: &[u8],
        x: usize,
        count: usize,
        dither: [i32x4; 2],
    ) -> Checked<[[u8; 8]; TILE / 8]> {
        let mut sums = [dither; TILE / 8];
        let mut row = 0;
        while row < self.size {
            // Two rows at a time: the sum of two products is one instruction.
            let first = self.address(mem, row, x)?;
            let weight = self.weight(mem, row)?;
            let (second, other) = if row + 1 < self.size {
                (self.address(mem, row + 1, x)?, self.weight(mem, row + 1)?)
            } else {
                (first, 0)
            };
            let weights = i16x8::new([weight, other, weight, other, weight, other, weight, other]);
            let (first, second) = if WHOLE {
                (load_lanes(mem, first)?, load_lanes(mem, second)?)
            } else {
                (tile(mem, first, count)?, tile(mem, second, count)?)
            };
            for eight in 0..TILE / 8 {
                let [even, odd] = paired(first[eight], second[eight]);
                sums[eight][0] += even.dot(weights);
                sums[eight][1] += odd.dot(weights);
            }
            row += 2;
        }
        let mut samples = [[0; 8]; TILE / 8];
        for eight in 0..TILE / 8 {
            let [even, odd] = sums[eight];
            let [both, _] = paired(cast(even >> 19), cast(odd >> 19));
            samples[eight] = narrow(both);
        }
        Ok(samples)
    }

    #[inline(always)]
    fn address(&self, mem: &[u8], row: i64, x: usize) -> Checked<i64> {
        Ok(i64::from(pointer(mem, self.sources + 4 * row)?) + 2 * x as i64)
    }

    #[inline(always)]
    fn weight(&self, mem: &[u8], row: i64) -> Checked<i16> {
        Ok(i16::from_le_bytes(*bytes(mem, self.filter + 2 * row)?))
    }
}

/// The even lanes of two vectors beside each other, and the odd ones.
#[inline(always)]
fn paired(a: i16x8, b: i16x8) -> [i16x8; 2] {
    let (a, b): (u32x4, u32x4) = (cast(a), cast(b));
    let low = u32x4::splat(0xffff);
    [cast((a & low) | (b << 16)), cast((a >> 16) | (b & !low))]
}

/// `count` numbers of a row, and what follows or zeros up to a whole tile.
#[inline(always)]
fn tile(mem: &[u8], at: i64, count: usize) -> Checked<[i16x8; TILE / 8]> {
    if count == TILE {
        return load_lanes(mem, at);
    }
    let mut bytes = [0; 2 * TILE];
    bytes[..2 * count].copy_from_slice(slice(mem, at, 2 * count)?);
    load_lanes(&bytes, 0)
}

/// Writes `count` samples of a tile.
#[inline(always)]
fn put(mem: &mut [u8], at: i64, samples: &[[u8; 8]; TILE / 8], count: usize) -> Checked {
    let samples = samples.as_flattened();
    if count == TILE {
        let out: &mut [u8; TILE] = bytes_mut(mem, at)?;
        out.copy_from_slice(samples);
    } else {
        slice_mut(mem, at, count)?.copy_from_slice(&samples[..count]);
    }
    Ok(())
}

/// A row as it is, to 8-bit samples.
#[inline(always)]
pub(super) fn straight(
    mem: &mut [u8],
    src: Ptr,
    dst: Ptr,
    width: i32,
    dither: Ptr,
    offset: i32,
) -> Checked {
    let width = columns(width);
    let [a, b, c, d, e, f, g, h] = dither_from(mem, dither, offset)?;
    let dither = widen(&[a, b, c, d, e, f, g, h]);
    let mut x = 0;
    while x < width {
        let count = TILE.min(width - x);
        let values = tile(mem, i64::from(src) + 2 * x as i64, count)?;
        let mut samples = [[0; 8]; TILE / 8];
        for eight in 0..TILE / 8 {
            // Where the sum is limited, the sample is too.
            samples[eight] = narrow(values[eight].saturating_add(dither) >> 7);
        }
        put(mem, i64::from(dst) + x as i64, &samples, count)?;
        x += count;
    }
    Ok(())
}

/// The eight values that are added to eight columns in turn, beginning at `offset`.
#[inline(always)]
fn dither_from(mem: &[u8], dither: Ptr, offset: i32) -> Checked<[u8; 8]> {
    let values: [u8; 8] = *bytes(mem, dither.into())?;
    let first = (offset & 7) as usize;
    Ok(std::array::from_fn(|index| values[(index + first) % 8]))
}

/// Scales a row in place to the other range: `CLIP` where that can make values too large.
#[inline(always)]
pub(super) fn convert_range<const CLIP: bool>(
    mem: &mut [u8],
    row: Ptr,
    width: i32,
    factor: u32,
    offset: i64,
) -> Checked {
    let values = slice_mut(mem, row.into(), 2 * columns(width))?;
    let (factor, offset) = ((factor & 0xffff).cast_signed(), offset as i32);
    for bytes in values.as_chunks_mut().0 {
        let value = i32::from(i16::from_le_bytes(*bytes));
        let scaled = value.wrapping_mul(factor).wrapping_add(offset) >> 14;
        let scaled = if CLIP { scaled.min(MAX) } else { scaled };
        *bytes = (scaled as i16).to_le_bytes();
    }
    Ok(())
}

/// The same for two rows of chroma.
#[inline(always)]
pub(super) fn convert_ranges<const CLIP: bool>(
    mem: &mut [u8],
    first: Ptr,
    second: Ptr,
    width: i32,
    factor: u32,
    offset: i64,
) -> Checked {
    convert_range::<CLIP>(mem, first, width, factor, offset)?;
    convert_range::<CLIP>(mem, second, width, factor, offset)
}

/// A number of columns; nothing for a negative one, as in C.
#[inline(always)]
pub(super) fn columns(width: i32) -> usize {
    usize::try_from(width).unwrap_or(0)
}

#[inline(always)]
pub(super) fn put_shorts(bytes: &mut [u8], values: &[i16]) {
    for (bytes, value) in bytes.as_chunks_mut().0.iter_mut().zip(values) {
        *bytes = value.to_le_bytes();
    }
}
