//! Motion compensation of openh264 (`SMcFunc`): ITU-T H.264 clause 8.4.2.2.
//!
//! A block is done in columns of 16 samples or fewer from the top, each kind of sample carrying what
//! it needs of the rows before.

#![expect(
    clippy::too_many_arguments,
    reason = "the parameters are those of the C functions"
)]

use std::marker::PhantomData;

use wide::i16x8;

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut, slice};
use super::openh264_samples::{
    Centre, Column, Horizontal, Plane, Sample, Vertical, Whole, narrow_row, widen_row,
};

/// `pfLumaHalfpelHor`: `void (const uint8_t *from, int32_t from_stride, uint8_t *to,
/// int32_t to_stride, int32_t width, int32_t height)`.
#[inline(always)]
pub(super) fn half_horizontal(
    mem: &mut [u8],
    from: Ptr,
    from_stride: i32,
    to: Ptr,
    to_stride: i32,
    width: i32,
    height: i32,
) -> Checked {
    half::<Horizontal>(mem, from, from_stride, to, to_stride, width, height)
}

/// `pfLumaHalfpelVer`, as [`half_horizontal`].
#[inline(always)]
pub(super) fn half_vertical(
    mem: &mut [u8],
    from: Ptr,
    from_stride: i32,
    to: Ptr,
    to_stride: i32,
    width: i32,
    height: i32,
) -> Checked {
    half::<Vertical>(mem, from, from_stride, to, to_stride, width, height)
}

/// `pfLumaHalfpelCen`, as [`half_horizontal`].
#[inline(always)]
pub(super) fn half_centre(
    mem: &mut [u8],
    from: Ptr,
    from_stride: i32,
    to: Ptr,
    to_stride: i32,
    width: i32,
    height: i32,
) -> Checked {
    half::<Centre>(mem, from, from_stride, to, to_stride, width, height)
}

/// `pMcLumaFunc`: `void (const uint8_t *from, int32_t from_stride, uint8_t *to, int32_t to_stride,
/// int16_t x, int16_t y, int32_t width, int32_t height)`: the vector's fraction in quarter samples.
#[inline(always)]
pub(super) fn luma(
    mem: &mut [u8],
    from: Ptr,
    from_stride: i32,
    to: Ptr,
    to_stride: i32,
    x: i32,
    y: i32,
    width: i32,
    height: i32,
) -> Checked {
    let area = Area::new((from, from_stride), (to, to_stride), (width, height))?;
    let (x, y) = (x & 3, y & 3);
    let below = if y == 3 { area.from.stride } else { 0 };
    let right = i64::from(x == 3);
    match (x, y) {
        (0, 0) => area.fill::<Whole>(mem),
        (0, 2) => area.fill::<Vertical>(mem),
        (2, 0) => area.fill::<Horizontal>(mem),
        (2, 2) => area.fill::<Centre>(mem),
        (0, _) => area.fill_mean::<Whole, Vertical>(mem, below, 0),
        (_, 0) => area.fill_mean::<Whole, Horizontal>(mem, right, 0),
        (2, _) => area.fill_mean::<Horizontal, Centre>(mem, below, 0),
        (_, 2) => area.fill_mean::<Vertical, Centre>(mem, right, 0),
        _ => area.fill_mean::<Horizontal, Vertical>(mem, below, right),
    }
}

/// `pfSampleAveraging`: `void (uint8_t *to, int32_t to_stride, const uint8_t *a, int32_t a_stride,
/// const uint8_t *b, int32_t b_stride, int32_t width, int32_t height)`.
#[inline(always)]
pub(super) fn average(
    mem: &mut [u8],
    to: Ptr,
    to_stride: i32,
    a: Ptr,
    a_stride: i32,
    b: Ptr,
    b_stride: i32,
    width: i32,
    height: i32,
) -> Checked {
    let area = Area::new((a, a_stride), (to, to_stride), (width, height))?;
    let other = Plane {
        at: i64::from(b),
        stride: i64::from(b_stride),
    };
    area.columns(mem, &Mean(other))
}

/// `pMcChromaFunc`: parameters as [`luma`], the fraction in eighths of a sample.
#[inline(always)]
pub(super) fn chroma(
    mem: &mut [u8],
    from: Ptr,
    from_stride: i32,
    to: Ptr,
    to_stride: i32,
    x: i32,
    y: i32,
    width: i32,
    height: i32,
) -> Checked {
    let area = Area::new((from, from_stride), (to, to_stride), (width, height))?;
    let (x, y) = (x as i16 & 7, y as i16 & 7);
    if (x, y) == (0, 0) {
        return area.fill::<Whole>(mem);
    }
    let weights = [(8 - x) * (8 - y), x * (8 - y), (8 - x) * y, x * y];
    area.columns(mem, &Bilinear(weights))
}

#[inline(always)]
fn half<S: Sample>(
    mem: &mut [u8],
    from: Ptr,
    from_stride: i32,
    to: Ptr,
    to_stride: i32,
    width: i32,
    height: i32,
) -> Checked {
    Area::new((from, from_stride), (to, to_stride), (width, height))?.fill::<S>(mem)
}

/// A block to predict: where from, where to, its size.
struct Area {
    from: Plane,
    to: Plane,
    width: i64,
    height: i64,
}

impl Area {
    /// The C functions are for blocks of at most 17 samples a side; a much larger one is refused, so
    /// that the work of a call is bounded whatever the strides.
    #[inline(always)]
    fn new(from: (Ptr, i32), to: (Ptr, i32), (width, height): (i32, i32)) -> Checked<Self> {
        if width.max(height) > 64 {
            return Err(Trap::MemoryOutOfBounds);
        }
        let plane = |(at, stride): (Ptr, i32)| Plane {
            at: i64::from(at),
            stride: i64::from(stride),
        };
        Ok(Self {
            from: plane(from),
            to: plane(to),
            width: i64::from(width),
            height: i64::from(height),
        })
    }

    /// Runs a filter over the columns of the block.
    #[inline(always)]
    fn columns(&self, mem: &mut [u8], filter: &impl Filter) -> Checked {
        let mut x = 0;
        while x < self.width {
            let lanes = match self.width - x {
                16.. => {
                    filter.column::<16, 2>(mem, self, x)?;
                    16
                }
                8.. => {
                    filter.column::<8, 1>(mem, self, x)?;
                    8
                }
                4.. => {
                    filter.column::<4, 1>(mem, self, x)?;
                    4
                }
                _ => {
                    filter.column::<1, 1>(mem, self, x)?;
                    1
                }
            };
            x += lanes;
        }
        Ok(())
    }

    /// Samples of one kind.
    #[inline(always)]
    fn fill<S: Sample>(&self, mem: &mut [u8]) -> Checked {
        self.columns(mem, &One::<S>(PhantomData))
    }

    /// The mean of samples of two kinds, which begin so far from the block.
    #[inline(always)]
    fn fill_mean<A: Sample, B: Sample>(&self, mem: &mut [u8], a: i64, b: i64) -> Checked {
        self.columns(mem, &Two::<A, B>(a, b, PhantomData))
    }
}

/// What is done to a column of `W` samples, in as many vectors as they need.
trait Filter {
    fn column<const W: usize, const V: usize>(
        &self,
        mem: &mut [u8],
        area: &Area,
        x: i64,
    ) -> Checked;
}

struct One<S>(PhantomData<S>);

impl<S: Sample> Filter for One<S> {
    #[inline(always)]
    fn column<const W: usize, const V: usize>(
        &self,
        mem: &mut [u8],
        area: &Area,
        x: i64,
    ) -> Checked {
        let mut samples = S::Column::<V>::start::<W>(mem, area.from.moved(x, 0))?;
        let mut to = area.to.moved(x, 0);
        for _ in 0..area.height {
            let row = samples.row::<W>(mem)?;
            *bytes_mut::<W>(mem, to.at)? = narrow_row(row);
            to = to.moved(0, 1);
        }
        Ok(())
    }
}

struct Two<A, B>(i64, i64, PhantomData<(A, B)>);

impl<A: Sample, B: Sample> Filter for Two<A, B> {
    #[inline(always)]
    fn column<const W: usize, const V: usize>(
        &self,
        mem: &mut [u8],
        area: &Area,
        x: i64,
    ) -> Checked {
        let mut a = A::Column::<V>::start::<W>(mem, area.from.moved(x + self.0, 0))?;
        let mut b = B::Column::<V>::start::<W>(mem, area.from.moved(x + self.1, 0))?;
        let mut to = area.to.moved(x, 0);
        for _ in 0..area.height {
            let first: [u8; W] = narrow_row(a.row::<W>(mem)?);
            let second: [u8; W] = narrow_row(b.row::<W>(mem)?);
            *bytes_mut(mem, to.at)? = mean(&first, &second);
            to = to.moved(0, 1);
        }
        Ok(())
    }
}

struct Mean(Plane);

impl Filter for Mean {
    #[inline(always)]
    fn column<const W: usize, const V: usize>(
        &self,
        mem: &mut [u8],
        area: &Area,
        x: i64,
    ) -> Checked {
        let (mut a, mut b) = (area.from.moved(x, 0), self.0.moved(x, 0));
        let mut to = area.to.moved(x, 0);
        for _ in 0..area.height {
            let row = mean::<W>(bytes(mem, a.at)?, bytes(mem, b.at)?);
            *bytes_mut(mem, to.at)? = row;
            (a, b, to) = (a.moved(0, 1), b.moved(0, 1), to.moved(0, 1));
        }
        Ok(())
    }
}

struct Bilinear([i16; 4]);

impl Filter for Bilinear {
    #[inline(always)]
    fn column<const W: usize, const V: usize>(
        &self,
        mem: &mut [u8],
        area: &Area,
        x: i64,
    ) -> Checked {
        let [a, b, c, d] = self.0;
        let (mut from, mut to) = (area.from.moved(x, 0), area.to.moved(x, 0));
        let mut above = pairs::<W, V>(mem, from.at)?;
        for _ in 0..area.height {
            from = from.moved(0, 1);
            let below = pairs::<W, V>(mem, from.at)?;
            let mut row = [i16x8::ZERO; V];
            for v in 0..V {
                let sum = above[0][v] * a + above[1][v] * b + below[0][v] * c + below[1][v] * d;
                row[v] = (sum + i16x8::splat(32)) >> 6;
            }
            *bytes_mut::<W>(mem, to.at)? = narrow_row(row);
            to = to.moved(0, 1);
            above = below;
        }
        Ok(())
    }
}

/// The samples of a row, and those to their right.
#[inline(always)]
fn pairs<const W: usize, const V: usize>(mem: &[u8], at: i64) -> Checked<[[i16x8; V]; 2]> {
    let samples = slice(mem, at, W + 1)?;
    Ok([widen_row::<W, V>(samples), widen_row::<W, V>(&samples[1..])])
}

#[inline(always)]
fn mean<const W: usize>(a: &[u8; W], b: &[u8; W]) -> [u8; W] {
    let mut row = [0; W];
    for x in 0..W {
        row[x] = ((u16::from(a[x]) + u16::from(b[x]) + 1) >> 1) as u8;
    }
    row
}
