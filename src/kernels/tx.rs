//! Fourier transforms of a power of two of complex numbers (`AVTXContext`), by the split-radix
//! algorithm, decimated in time: in the order of operations of libavutil's.
//!
//! Numbers come permuted, real and imaginary parts beside each other; here they are apart, so that
//! eight are worked on at a time.

use wide::{f32x4, f32x8};

use super::Trap;
use super::guest::{Checked, Ptr, pointer, slice, slice_mut};
use super::numbers::load;
use super::vectors::floats;

/// The longest transform.
const LONGEST: usize = 1 << 14;

/// Complex numbers: real parts, imaginary parts.
pub(super) struct Complex {
    pub(super) re: Vec<f32>,
    pub(super) im: Vec<f32>,
}

impl Complex {
    /// `len` zeros.
    #[inline(always)]
    pub(super) fn new(len: usize) -> Self {
        Self {
            re: vec![0.0; len],
            im: vec![0.0; len],
        }
    }

    /// From pairs in guest memory.
    #[inline(always)]
    fn read(mem: &[u8], from: Ptr, len: usize) -> Checked<Self> {
        let pairs: &[[u8; 8]] = slice(mem, from.into(), 8 * len)?.as_chunks().0;
        let mut numbers = Self::new(len);
        let (re, im) = (&mut numbers.re[..len], &mut numbers.im[..len]);
        for index in 0..len {
            let [a, b, c, d, e, f, g, h] = pairs[index];
            re[index] = f32::from_le_bytes([a, b, c, d]);
            im[index] = f32::from_le_bytes([e, f, g, h]);
        }
        Ok(numbers)
    }

    /// From pairs in guest memory, in the order of a list of their numbers.
    #[inline(always)]
    fn read_by(mem: &[u8], from: Ptr, map: Ptr, len: usize) -> Checked<Self> {
        let pairs: &[[u8; 8]] = slice(mem, from.into(), 8 * len)?.as_chunks().0;
        let map: &[[u8; 4]] = slice(mem, map.into(), 4 * len)?.as_chunks().0;
        let mut numbers = Self::new(len);
        let (re, im) = (&mut numbers.re[..len], &mut numbers.im[..len]);
        for index in 0..len {
            let Some(pair) = pairs.get(u32::from_le_bytes(map[index]) as usize) else {
                return Err(Trap::MemoryOutOfBounds);
            };
            let [a, b, c, d, e, f, g, h] = *pair;
            re[index] = f32::from_le_bytes([a, b, c, d]);
            im[index] = f32::from_le_bytes([e, f, g, h]);
        }
        Ok(numbers)
    }

    /// As pairs to guest memory.
    #[inline(always)]
    pub(super) fn write(&self, mem: &mut [u8], to: Ptr) -> Checked {
        let len = self.re.len().min(self.im.len());
        let pairs: &mut [[u8; 8]] = slice_mut(mem, to.into(), 8 * len)?.as_chunks_mut().0;
        let (re, im) = (&self.re[..len], &self.im[..len]);
        for index in 0..len {
            let ([a, b, c, d], [e, f, g, h]) = (re[index].to_le_bytes(), im[index].to_le_bytes());
            pairs[index] = [a, b, c, d, e, f, g, h];
        }
        Ok(())
    }
}

/// A transform of permuted numbers: `void (float *to, const float *from, int len, const float *const
/// *cosines)`, in place or not.
#[inline(always)]
pub(super) fn power_of_two(mem: &mut [u8], to: Ptr, from: Ptr, len: i32, cosines: Ptr) -> Checked {
    let mut numbers = Complex::read(mem, from, length(len)?)?;
    transform(mem, &mut numbers, cosines)?;
    numbers.write(mem, to)
}

/// The same of numbers that are not in the algorithm's order, which is given: `void (float *to,
/// const float *from, const int *order, int len, const float *const *cosines)`.
#[inline(always)]
pub(super) fn permuted(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    order: Ptr,
    len: i32,
    cosines: Ptr,
) -> Checked {
    let mut numbers = Complex::read_by(mem, from, order, length(len)?)?;
    transform(mem, &mut numbers, cosines)?;
    numbers.write(mem, to)
}

/// A length that there is a transform for.
#[inline(always)]
pub(super) fn length(len: i32) -> Checked<usize> {
    match usize::try_from(len) {
        Ok(len) if (32..=LONGEST).contains(&len) && len.is_power_of_two() => Ok(len),
        _ => Err(Trap::MemoryOutOfBounds),
    }
}

/// Transforms a power of two of numbers, from 32 on. The list has cosines for 8, 16, 32 and so on, a
/// quarter of a turn each.
#[inline(always)]
pub(super) fn transform(mem: &[u8], numbers: &mut Complex, cosines: Ptr) -> Checked {
    let len = numbers.re.len();
    let (re, im) = (&mut numbers.re[..len], &mut numbers.im[..len]);
    for at in Blocks::new(len, 4) {
        four(re, im, at)?;
    }
    let [_, cos]: [f32; 2] = load(mem, pointer(mem, cosines.into())?, 0)?;
    for at in Blocks::new(len, 8) {
        eight(re, im, at, cos)?;
    }
    let cos: [f32; 4] = load(mem, pointer(mem, i64::from(cosines) + 4)?, 0)?;
    for at in Blocks::new(len, 16) {
        sixteen(re, im, at, cos)?;
    }
    let (mut size, mut table) = (32, i64::from(cosines) + 8);
    while size <= len {
        let cosines = pointer(mem, table)?;
        for at in Blocks::new(len, size) {
            combine(mem, re, im, at, size / 4, cosines)?;
        }
        size *= 2;
        table += 4;
    }
    Ok(())
}

/// Where transforms of a size begin within a longer one: each has one of half its length, then two
/// of a quarter.
struct Blocks {
    len: usize,
    size: usize,
    at: usize,
    step: usize,
}

impl Blocks {
    #[inline(always)]
    fn new(len: usize, size: usize) -> Self {
        Self {
            len,
            size,
            at: 0,
            step: 2 * size,
        }
    }
}

impl Iterator for Blocks {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.at >= self.len {
            // Those of the next kind are farther from each other.
            let first = 2 * self.step - self.size;
            self.step *= 4;
            self.at = first;
            if first >= self.len {
                return None;
            }
        }
        let at = self.at;
        self.at += self.step;
        Some(at)
    }
}

/// The numbers of a block.
#[inline(always)]
fn block<const N: usize>(list: &mut [f32], at: usize) -> Checked<&mut [f32; N]> {
    if let Some(list) = list.get_mut(at..)
        && let Some(block) = list.first_chunk_mut()
    {
        Ok(block)
    } else {
        Err(Trap::MemoryOutOfBounds)
    }
}

#[inline(always)]
fn four(re: &mut [f32], im: &mut [f32], at: usize) -> Checked {
    let (re, im) = (block::<4>(re, at)?, block::<4>(im, at)?);
    let (t3, t1) = (re[0] - re[1], re[0] + re[1]);
    let (t8, t6) = (re[3] - re[2], re[3] + re[2]);
    let (t4, t2) = (im[0] - im[1], im[0] + im[1]);
    let (t7, t5) = (im[2] - im[3], im[2] + im[3]);
    *re = [t1 + t6, t3 + t7, t1 - t6, t3 - t7];
    *im = [t2 + t5, t4 + t8, t2 - t5, t4 - t8];
    Ok(())
}

/// Four numbers that a combination changes: of the half, of the second half of it, and of the
/// quarters.
type Quad<V> = [V; 4];

/// The last step of a combination: the quarters' numbers are turned by their factors already.
#[inline(always)]
fn butterflies<V>(re: Quad<V>, im: Quad<V>, [t1, t2, t5, t6]: [V; 4]) -> (Quad<V>, Quad<V>)
where
    V: Copy + std::ops::Add<Output = V> + std::ops::Sub<Output = V>,
{
    let (t3, t5) = (t5 - t1, t5 + t1);
    let (t4, t6) = (t2 - t6, t2 + t6);
    (
        [re[0] + t5, re[1] + t4, re[0] - t5, re[1] - t4],
        [im[0] + t6, im[1] + t3, im[0] - t6, im[1] - t3],
    )
}

/// The quarters' numbers turned by an angle, to either side.
#[inline(always)]
fn turned<V>(re: Quad<V>, im: Quad<V>, cos: V, sin: V) -> [V; 4]
where
    V: Copy + std::ops::Add<Output = V> + std::ops::Sub<Output = V> + std::ops::Mul<Output = V>,
{
    [
        re[2] * cos + im[2] * sin,
        im[2] * cos - re[2] * sin,
        re[3] * cos - im[3] * sin,
        re[3] * sin + im[3] * cos,
    ]
}

/// Combines one of four and two of two, which are not transformed yet.
#[inline(always)]
fn eight(re: &mut [f32], im: &mut [f32], at: usize, cos: f32) -> Checked {
    let (re, im) = (block::<8>(re, at)?, block::<8>(im, at)?);
    for list in [&mut *re, &mut *im] {
        let [_, _, _, _, a, b, c, d] = *list;
        list[4..].copy_from_slice(&[a + b, a - b, c + d, c - d]);
    }
    for lane in 0..2 {
        let quads = (
            [re[lane], re[lane + 2], re[lane + 4], re[lane + 6]],
            [im[lane], im[lane + 2], im[lane + 4], im[lane + 6]],
        );
        let ends = if lane == 0 {
            [quads.0[2], quads.1[2], quads.0[3], quads.1[3]]
        } else {
            turned(quads.0, quads.1, cos, cos)
        };
        let (real, imaginary) = butterflies(quads.0, quads.1, ends);
        for quarter in 0..4 {
            re[lane + 2 * quarter] = real[quarter];
            im[lane + 2 * quarter] = imaginary[quarter];
        }
    }
    Ok(())
}

/// Combines one of eight and two of four.
#[inline(always)]
fn sixteen(re: &mut [f32], im: &mut [f32], at: usize, [_, a, b, c]: [f32; 4]) -> Checked {
    let (re, im) = (block::<16>(re, at)?, block::<16>(im, at)?);
    let real = quarters(re);
    let imaginary = quarters(im);
    let cos = f32x4::new([0.0, a, b, c]);
    let sin = f32x4::new([0.0, c, b, a]);
    let mut ends = turned(real, imaginary, cos, sin);
    // The first of each is not turned.
    for (end, from) in ends
        .iter_mut()
        .zip([real[2], imaginary[2], real[3], imaginary[3]])
    {
        let ([_, b, c, d], [a, ..]) = (end.to_array(), from.to_array());
        *end = f32x4::new([a, b, c, d]);
    }
    let (real, imaginary) = butterflies(real, imaginary, ends);
    for quarter in 0..4 {
        re[4 * quarter..4 * quarter + 4].copy_from_slice(&real[quarter].to_array());
        im[4 * quarter..4 * quarter + 4].copy_from_slice(&imaginary[quarter].to_array());
    }
    Ok(())
}

#[inline(always)]
fn quarters(list: &[f32; 16]) -> Quad<f32x4> {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *list;
    [
        f32x4::new([a, b, c, d]),
        f32x4::new([e, f, g, h]),
        f32x4::new([i, j, k, l]),
        f32x4::new([m, n, o, p]),
    ]
}

/// Combines a transform of two quarters and two of one quarter each, which have at least eight numbers.
#[inline(always)]
fn combine(
    mem: &[u8],
    re: &mut [f32],
    im: &mut [f32],
    at: usize,
    quarter: usize,
    cosines: Ptr,
) -> Checked {
    for k in (0..quarter).step_by(8) {
        let cos = floats(mem, cosines, k as i64)?;
        let sin = reversed(floats(mem, cosines, (quarter - k) as i64 - 7)?);
        let starts = [
            at + k,
            at + k + quarter,
            at + k + 2 * quarter,
            at + k + 3 * quarter,
        ];
        let (mut real, mut imaginary) = ([f32x8::ZERO; 4], [f32x8::ZERO; 4]);
        for part in 0..4 {
            real[part] = f32x8::new(*block(re, starts[part])?);
            imaginary[part] = f32x8::new(*block(im, starts[part])?);
        }
        let ends = turned(real, imaginary, cos, sin);
        let (real, imaginary) = butterflies(real, imaginary, ends);
        for part in 0..4 {
            *block(re, starts[part])? = real[part].to_array();
            *block(im, starts[part])? = imaginary[part].to_array();
        }
    }
    Ok(())
}

/// The lanes from the last to the first.
#[inline(always)]
pub(super) fn reversed(lanes: f32x8) -> f32x8 {
    let [a, b, c, d, e, f, g, h] = lanes.to_array();
    f32x8::new([h, g, f, e, d, c, b, a])
}
