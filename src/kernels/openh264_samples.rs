//! The samples between samples that openh264's motion compensation needs: ITU-T H.264 clause
//! 8.4.2.2.1, a column of up to sixteen at a time, each kind carrying what it needs of the rows before.

use wide::bytemuck::cast;
use wide::{i16x8, i32x4, u8x16};

use super::guest::{Checked, slice};
use super::lanes::{first, interleave, pad};

/// Rows of samples in guest memory.
#[derive(Clone, Copy)]
pub(super) struct Plane {
    pub(super) at: i64,
    pub(super) stride: i64,
}

impl Plane {
    #[inline(always)]
    pub(super) fn moved(self, x: i64, y: i64) -> Self {
        Self {
            at: self.at + x + y * self.stride,
            ..self
        }
    }
}

/// A kind of sample between the whole ones.
pub(super) trait Sample {
    type Column<const V: usize>: Column<V>;
}

/// Samples of a kind, row after row of a column, in `V` vectors.
pub(super) trait Column<const V: usize>: Sized {
    fn start<const W: usize>(mem: &[u8], plane: Plane) -> Checked<Self>;

    /// The next row, which is still to be limited to 0 to 255.
    fn row<const W: usize>(&mut self, mem: &[u8]) -> Checked<[i16x8; V]>;
}

pub(super) struct Whole;

impl Sample for Whole {
    type Column<const V: usize> = WholeColumn;
}

pub(super) struct WholeColumn(Plane);

impl<const V: usize> Column<V> for WholeColumn {
    #[inline(always)]
    fn start<const W: usize>(_: &[u8], plane: Plane) -> Checked<Self> {
        Ok(Self(plane))
    }

    #[inline(always)]
    fn row<const W: usize>(&mut self, mem: &[u8]) -> Checked<[i16x8; V]> {
        let row = widen_row::<W, V>(slice(mem, self.0.at, W)?);
        self.0 = self.0.moved(0, 1);
        Ok(row)
    }
}

pub(super) struct Horizontal;

impl Sample for Horizontal {
    type Column<const V: usize> = HorizontalColumn;
}

pub(super) struct HorizontalColumn(Plane);

impl<const V: usize> Column<V> for HorizontalColumn {
    #[inline(always)]
    fn start<const W: usize>(_: &[u8], plane: Plane) -> Checked<Self> {
        Ok(Self(plane))
    }

    #[inline(always)]
    fn row<const W: usize>(&mut self, mem: &[u8]) -> Checked<[i16x8; V]> {
        let sums = across::<W, V>(mem, self.0.at)?;
        self.0 = self.0.moved(0, 1);
        Ok(rounded(sums))
    }
}

pub(super) struct Vertical;

impl Sample for Vertical {
    type Column<const V: usize> = VerticalColumn<V>;
}

/// The five rows before the next, which is the last that the filter needs.
pub(super) struct VerticalColumn<const V: usize>(Plane, [[i16x8; V]; 5]);

impl<const V: usize> Column<V> for VerticalColumn<V> {
    #[inline(always)]
    fn start<const W: usize>(mem: &[u8], plane: Plane) -> Checked<Self> {
        let mut rows = [[i16x8::ZERO; V]; 5];
        let mut plane = plane.moved(0, -2);
        for row in &mut rows {
            *row = widen_row::<W, V>(slice(mem, plane.at, W)?);
            plane = plane.moved(0, 1);
        }
        Ok(Self(plane, rows))
    }

    #[inline(always)]
    fn row<const W: usize>(&mut self, mem: &[u8]) -> Checked<[i16x8; V]> {
        let [a, b, c, d, e] = self.1;
        let f = widen_row::<W, V>(slice(mem, self.0.at, W)?);
        *self = Self(self.0.moved(0, 1), [b, c, d, e, f]);
        Ok(rounded(taps([a, b, c, d, e, f])))
    }
}

pub(super) struct Centre;

impl Sample for Centre {
    type Column<const V: usize> = CentreColumn<V>;
}

/// As [`VerticalColumn`], of horizontally filtered rows that are not rounded.
pub(super) struct CentreColumn<const V: usize>(Plane, [[i16x8; V]; 5]);

impl<const V: usize> Column<V> for CentreColumn<V> {
    #[inline(always)]
    fn start<const W: usize>(mem: &[u8], plane: Plane) -> Checked<Self> {
        let mut rows = [[i16x8::ZERO; V]; 5];
        let mut plane = plane.moved(0, -2);
        for row in &mut rows {
            *row = across::<W, V>(mem, plane.at)?;
            plane = plane.moved(0, 1);
        }
        Ok(Self(plane, rows))
    }

    #[inline(always)]
    fn row<const W: usize>(&mut self, mem: &[u8]) -> Checked<[i16x8; V]> {
        let [a, b, c, d, e] = self.1;
        let f = across::<W, V>(mem, self.0.at)?;
        *self = Self(self.0.moved(0, 1), [b, c, d, e, f]);
        let mut row = [i16x8::ZERO; V];
        for v in 0..V {
            row[v] = twice_filtered(a[v] + f[v], b[v] + e[v], c[v] + d[v]);
        }
        Ok(row)
    }
}

/// The filter on sums of two rows each, which fit 16 bits, and both roundings.
#[inline(always)]
fn twice_filtered(outer: i16x8, middle: i16x8, inner: i16x8) -> i16x8 {
    let outside = interleave(outer, middle);
    let inside = interleave(inner, i16x8::splat(1));
    let (taps, other_taps) = (
        i16x8::new([1, -5, 1, -5, 1, -5, 1, -5]),
        i16x8::new([20, 512, 20, 512, 20, 512, 20, 512]),
    );
    let mut halves = [i32x4::ZERO; 2];
    for half in 0..2 {
        halves[half] = (outside[half].dot(taps) + inside[half].dot(other_taps)) >> 10;
    }
    i16x8::from_i32x8_saturate(cast(halves))
}

/// The horizontal filter before rounding: -2550 to 10710.
#[inline(always)]
fn across<const W: usize, const V: usize>(mem: &[u8], at: i64) -> Checked<[i16x8; V]> {
    let samples = slice(mem, at - 2, W + 5)?;
    let mut window = [[i16x8::ZERO; V]; 6];
    for offset in 0..6 {
        window[offset] = widen_row::<W, V>(&samples[offset..]);
    }
    Ok(taps(window))
}

#[inline(always)]
fn taps<const V: usize>([a, b, c, d, e, f]: [[i16x8; V]; 6]) -> [i16x8; V] {
    let mut sums = [i16x8::ZERO; V];
    for v in 0..V {
        let steep = ((c[v] + d[v]) << 2) - (b[v] + e[v]);
        sums[v] = a[v] + f[v] + steep + (steep << 2);
    }
    sums
}

#[inline(always)]
fn rounded<const V: usize>(sums: [i16x8; V]) -> [i16x8; V] {
    let mut row = sums;
    for lanes in &mut row {
        *lanes = (*lanes + i16x8::splat(16)) >> 5;
    }
    row
}

/// The first `W` samples in lanes.
#[inline(always)]
pub(super) fn widen_row<const W: usize, const V: usize>(samples: &[u8]) -> [i16x8; V] {
    let mut lanes = [i16x8::ZERO; V];
    if let Some(samples) = samples.first_chunk::<W>() {
        let bytes = pad(samples);
        lanes[0] = i16x8::from_u8x16_low(bytes);
        if V > 1 {
            lanes[1] = i16x8::from_u8x16_high(bytes);
        }
    }
    lanes
}

/// The first `W` lanes as samples.
#[inline(always)]
pub(super) fn narrow_row<const W: usize, const V: usize>(lanes: [i16x8; V]) -> [u8; W] {
    first(u8x16::narrow_i16x8(lanes[0], lanes[V - 1]))
}
