//! Motion compensation of openh264 (`SMcFunc`): ITU-T H.264 clause 8.4.2.2.
//!
//! A block is done in columns of 8 or 4 samples from the top, each kind of sample carrying what it
//! needs of the rows before. What is left over by an odd width (half-sample planes are one sample
//! wider than their block) is covered by a column that overlaps the one before it.

#![expect(
    clippy::too_many_arguments,
    reason = "the parameters are those of the C functions"
)]

use std::marker::PhantomData;

use wide::{i16x8, i32x8};

use super::Trap;
use super::guest::{Checked, Ptr, bytes, bytes_mut};
use super::lanes::{narrow, widen};

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
    area.columns(mem, &Bilinear(weights.map(i16x8::splat)))
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

/// Rows of samples in guest memory.
#[derive(Clone, Copy)]
struct Plane {
    at: i64,
    stride: i64,
}

impl Plane {
    #[inline(always)]
    fn moved(self, x: i64, y: i64) -> Self {
        Self {
            at: self.at + x + y * self.stride,
            ..self
        }
    }
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
        let lanes = [8, 4]
            .into_iter()
            .find(|&lanes| lanes <= self.width)
            .unwrap_or(1);
        let mut x = 0;
        while x < self.width {
            let start = x.min(self.width - lanes);
            match lanes {
                8 => filter.column::<8>(mem, self, start)?,
                4 => filter.column::<4>(mem, self, start)?,
                _ => filter.column::<1>(mem, self, start)?,
            }
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

/// What is done to a column of `W` samples.
trait Filter {
    fn column<const W: usize>(&self, mem: &mut [u8], area: &Area, x: i64) -> Checked;
}

struct One<S>(PhantomData<S>);

impl<S: Sample> Filter for One<S> {
    #[inline(always)]
    fn column<const W: usize>(&self, mem: &mut [u8], area: &Area, x: i64) -> Checked {
        let mut samples = S::start::<W>(mem, area.from.moved(x, 0))?;
        for y in 0..area.height {
            let row = samples.row::<W>(mem)?;
            *bytes_mut::<W>(mem, area.to.moved(x, y).at)? = narrow(row);
        }
        Ok(())
    }
}

struct Two<A, B>(i64, i64, PhantomData<(A, B)>);

impl<A: Sample, B: Sample> Filter for Two<A, B> {
    #[inline(always)]
    fn column<const W: usize>(&self, mem: &mut [u8], area: &Area, x: i64) -> Checked {
        let mut a = A::start::<W>(mem, area.from.moved(x + self.0, 0))?;
        let mut b = B::start::<W>(mem, area.from.moved(x + self.1, 0))?;
        for y in 0..area.height {
            let row = mean(a.row::<W>(mem)?, b.row::<W>(mem)?);
            *bytes_mut::<W>(mem, area.to.moved(x, y).at)? = narrow(row);
        }
        Ok(())
    }
}

struct Mean(Plane);

impl Filter for Mean {
    #[inline(always)]
    fn column<const W: usize>(&self, mem: &mut [u8], area: &Area, x: i64) -> Checked {
        for y in 0..area.height {
            let a = widen(bytes::<W>(mem, area.from.moved(x, y).at)?);
            let b = widen(bytes::<W>(mem, self.0.moved(x, y).at)?);
            *bytes_mut::<W>(mem, area.to.moved(x, y).at)? = narrow(mean(a, b));
        }
        Ok(())
    }
}

struct Bilinear([i16x8; 4]);

impl Filter for Bilinear {
    #[inline(always)]
    fn column<const W: usize>(&self, mem: &mut [u8], area: &Area, x: i64) -> Checked {
        let pair = |mem: &[u8], y| -> Checked<_> {
            let at = area.from.moved(x, y).at;
            Ok((widen(bytes::<W>(mem, at)?), widen(bytes::<W>(mem, at + 1)?)))
        };
        let [a, b, c, d] = self.0;
        let mut above = pair(mem, 0)?;
        for y in 0..area.height {
            let below = pair(mem, y + 1)?;
            let sum = above.0 * a + above.1 * b + below.0 * c + below.1 * d;
            let row = (sum + i16x8::splat(32)) >> 6;
            *bytes_mut::<W>(mem, area.to.moved(x, y).at)? = narrow(row);
            above = below;
        }
        Ok(())
    }
}

#[inline(always)]
fn mean(a: i16x8, b: i16x8) -> i16x8 {
    (a + b + i16x8::splat(1)) >> 1
}

/// A kind of sample between the whole ones, row after row of a column.
trait Sample: Sized {
    fn start<const W: usize>(mem: &[u8], plane: Plane) -> Checked<Self>;

    /// The next row, 0 to 255.
    fn row<const W: usize>(&mut self, mem: &[u8]) -> Checked<i16x8>;
}

struct Whole(Plane);

impl Sample for Whole {
    #[inline(always)]
    fn start<const W: usize>(_: &[u8], plane: Plane) -> Checked<Self> {
        Ok(Self(plane))
    }

    #[inline(always)]
    fn row<const W: usize>(&mut self, mem: &[u8]) -> Checked<i16x8> {
        let row = widen(bytes::<W>(mem, self.0.at)?);
        self.0 = self.0.moved(0, 1);
        Ok(row)
    }
}

struct Horizontal(Plane);

impl Sample for Horizontal {
    #[inline(always)]
    fn start<const W: usize>(_: &[u8], plane: Plane) -> Checked<Self> {
        Ok(Self(plane))
    }

    #[inline(always)]
    fn row<const W: usize>(&mut self, mem: &[u8]) -> Checked<i16x8> {
        let sum = across::<W>(mem, self.0.at)?;
        self.0 = self.0.moved(0, 1);
        Ok(rounded(sum))
    }
}

/// The five rows before the next, which is the last that the filter needs.
struct Vertical(Plane, [i16x8; 5]);

impl Sample for Vertical {
    #[inline(always)]
    fn start<const W: usize>(mem: &[u8], plane: Plane) -> Checked<Self> {
        let mut rows = [i16x8::ZERO; 5];
        let mut plane = plane.moved(0, -2);
        for row in &mut rows {
            *row = widen(bytes::<W>(mem, plane.at)?);
            plane = plane.moved(0, 1);
        }
        Ok(Self(plane, rows))
    }

    #[inline(always)]
    fn row<const W: usize>(&mut self, mem: &[u8]) -> Checked<i16x8> {
        let [a, b, c, d, e] = self.1;
        let f = widen(bytes::<W>(mem, self.0.at)?);
        *self = Self(self.0.moved(0, 1), [b, c, d, e, f]);
        Ok(rounded(taps([a, b, c, d, e, f])))
    }
}

/// As [`Vertical`], of horizontally filtered rows that are not rounded.
struct Centre(Plane, [i16x8; 5]);

impl Sample for Centre {
    #[inline(always)]
    fn start<const W: usize>(mem: &[u8], plane: Plane) -> Checked<Self> {
        let mut rows = [i16x8::ZERO; 5];
        let mut plane = plane.moved(0, -2);
        for row in &mut rows {
            *row = across::<W>(mem, plane.at)?;
            plane = plane.moved(0, 1);
        }
        Ok(Self(plane, rows))
    }

    #[inline(always)]
    fn row<const W: usize>(&mut self, mem: &[u8]) -> Checked<i16x8> {
        let [a, b, c, d, e] = self.1;
        let f = across::<W>(mem, self.0.at)?;
        *self = Self(self.0.moved(0, 1), [b, c, d, e, f]);
        let wide = i32x8::from_i16x8;
        // The sum of two rows fits 16 bits, the rest does not: o - 5 m + 20 i = o + 5 (4 i - m).
        let (outer, middle, inner) = (wide(a + f), wide(b + e), wide(c + d));
        let steep = (inner << 2) - middle;
        let sum = outer + steep + (steep << 2) + i32x8::splat(512);
        Ok(limited(i16x8::from_i32x8_saturate(sum >> 10)))
    }
}

/// The horizontal filter before rounding: -2550 to 10710.
#[inline(always)]
fn across<const W: usize>(mem: &[u8], at: i64) -> Checked<i16x8> {
    let mut window = [i16x8::ZERO; 6];
    for (offset, lanes) in window.iter_mut().enumerate() {
        *lanes = widen(bytes::<W>(mem, at - 2 + offset as i64)?);
    }
    Ok(taps(window))
}

#[inline(always)]
fn taps([a, b, c, d, e, f]: [i16x8; 6]) -> i16x8 {
    let steep = ((c + d) << 2) - (b + e);
    a + f + steep + (steep << 2)
}

#[inline(always)]
fn rounded(sum: i16x8) -> i16x8 {
    limited((sum + i16x8::splat(16)) >> 5)
}

#[inline(always)]
fn limited(lanes: i16x8) -> i16x8 {
    lanes.max(i16x8::ZERO).min(i16x8::splat(255))
}
