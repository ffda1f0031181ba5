//! Inverse modified cosine transforms of 15 times a power of two (`AVTXContext`): the parts about the
//! transforms of the power of two, in the order of operations of libavutil's.

use std::ops::{Add, Mul, Sub};

use wide::f32x4;

use super::Trap;
use super::guest::{Checked, Ptr, bytes_mut, slice};
use super::numbers::{load, one};

/// Transforms that are done together.
const LANES: usize = 4;

/// A complex number of each.
#[derive(Clone, Copy)]
struct Complex {
    re: f32x4,
    im: f32x4,
}

impl Complex {
    const ZERO: Self = Self {
        re: f32x4::ZERO,
        im: f32x4::ZERO,
    };

    /// Real and imaginary part by one factor each.
    #[inline(always)]
    fn scaled(self, re: f32x4, im: f32x4) -> Self {
        Self {
            re: self.re * re,
            im: self.im * im,
        }
    }

    /// Turned by a quarter.
    #[inline(always)]
    fn swapped(self) -> Self {
        Self {
            re: self.im,
            im: self.re,
        }
    }
}

impl Add for Complex {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self {
            re: self.re + other.re,
            im: self.im + other.im,
        }
    }
}

impl Sub for Complex {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self {
            re: self.re - other.re,
            im: self.im - other.im,
        }
    }
}

impl Mul<f32x4> for Complex {
    type Output = Self;

    #[inline(always)]
    fn mul(self, factor: f32x4) -> Self {
        self.scaled(factor, factor)
    }
}

/// `count` transforms of 15 numbers, which the map takes from both ends of the source and which are turned
/// before: `void (void *to, const float *from, int count, const int *map, const int *places, const void
/// *factors, const float *constants)`. The number of a transform that has an index goes to `count` times
/// that and the transform's place.
#[expect(clippy::too_many_arguments, reason = "the signature is the engine's")]
#[inline(always)]
pub(super) fn transforms(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    count: i32,
    map: Ptr,
    places: Ptr,
    factors: Ptr,
    constants: Ptr,
) -> Checked {
    let len = match usize::try_from(count) {
        Ok(len) if len % LANES == 0 && len <= 1 << 16 => len,
        _ => return Err(Trap::MemoryOutOfBounds),
    };
    let constants: [f32; 12] = load(mem, constants, 0)?;
    let constants = constants.map(f32x4::splat);
    let last = 30 * len as i64 - 1;
    for block in (0..len).step_by(LANES) {
        let mut numbers = [Complex::ZERO; 15];
        for (index, number) in numbers.iter_mut().enumerate() {
            let (mut a, mut b) = ([0.0; LANES], [0.0; LANES]);
            let (mut c, mut d) = (a, b);
            for lane in 0..LANES {
                let at = (15 * (block + lane) + index) as i64;
                let place = i64::from(one::<i32>(mem, map, at)?);
                a[lane] = one(mem, from, last - place)?;
                b[lane] = one(mem, from, place)?;
                [c[lane], d[lane]] = load(mem, factors, 2 * at)?;
            }
            let (a, b) = (f32x4::new(a), f32x4::new(b));
            let (c, d) = (f32x4::new(c), f32x4::new(d));
            *number = Complex {
                re: a * c - b * d,
                im: a * d + b * c,
            };
        }
        let numbers = fifteen(numbers, &constants);
        let places: [i32; LANES] = load(mem, places, block as i64)?;
        for (index, number) in numbers.iter().enumerate() {
            let (re, im) = (number.re.to_array(), number.im.to_array());
            for lane in 0..LANES {
                let at = i64::from(places[lane]) + (len * index) as i64;
                let ([a, b, c, d], [e, f, g, h]) = (re[lane].to_le_bytes(), im[lane].to_le_bytes());
                *bytes_mut(mem, i64::from(to) + 8 * at)? = [a, b, c, d, e, f, g, h];
            }
        }
    }
    Ok(())
}

/// By prime factors: five transforms of three, then three of five.
#[inline(always)]
fn fifteen(numbers: [Complex; 15], constants: &[f32x4; 12]) -> [Complex; 15] {
    let mut between = [Complex::ZERO; 15];
    for index in 0..5 {
        let three = [
            numbers[3 * index],
            numbers[3 * index + 1],
            numbers[3 * index + 2],
        ];
        let [a, b, c] = three_of(three, constants);
        between[index] = a;
        between[index + 5] = b;
        between[index + 10] = c;
    }
    let mut result = [Complex::ZERO; 15];
    for part in 0..3 {
        let mut five = [Complex::ZERO; 5];
        five.copy_from_slice(&between[5 * part..5 * part + 5]);
        let five = five_of(five, constants);
        for index in 0..5 {
            // By the Chinese remainder theorem.
            result[(10 * part + 6 * index) % 15] = five[index];
        }
    }
    result
}

#[inline(always)]
fn three_of([first, b, c]: [Complex; 3], constants: &[f32x4; 12]) -> [Complex; 3] {
    let (across, along) = ((b - c).swapped(), b + c);
    let across = across.scaled(constants[8], constants[9]);
    let sum = first + along;
    let rest = first - along * constants[10];
    let turned = |sign: bool| Complex {
        re: if sign {
            rest.re + across.re
        } else {
            rest.re - across.re
        },
        im: if sign {
            rest.im - across.im
        } else {
            rest.im + across.im
        },
    };
    [sum, turned(true), turned(false)]
}

#[inline(always)]
fn five_of([first, b, c, d, e]: [Complex; 5], constants: &[f32x4; 12]) -> [Complex; 5] {
    let (outer, across_outer) = (b + e, (b - e).swapped());
    let (inner, across_inner) = (c + d, (c - d).swapped());
    let sum = first + outer + inner;
    // Cosines of one and of two fifths of a turn, and sines.
    let [cos1, cos2, sin1, sin2] = [constants[0], constants[2], constants[4], constants[6]];
    let near = outer * cos1 - inner * cos2;
    let far = inner * cos1 - outer * cos2;
    let across_far = across_inner * sin1 - across_outer * sin2;
    let across_near = across_inner * sin2 + across_outer * sin1;
    let plus = near + across_near;
    let minus = near - across_near;
    let far_plus = far + across_far;
    let far_minus = far - across_far;
    let of = |re: Complex, im: Complex| Complex {
        re: first.re + re.re,
        im: first.im + im.im,
    };
    [
        sum,
        of(plus, minus),
        of(far_minus, far_plus),
        of(far_plus, far_minus),
        of(minus, plus),
    ]
}

/// The last step: numbers that the map takes from where they are, turned, to both halves of the result:
/// `void (void *to, const void *from, int half, const int *map, const void *factors)`.
#[inline(always)]
pub(super) fn end(
    mem: &mut [u8],
    to: Ptr,
    from: Ptr,
    half: i32,
    map: Ptr,
    factors: Ptr,
) -> Checked {
    let Ok(half) = usize::try_from(half) else {
        return Err(Trap::MemoryOutOfBounds);
    };
    slice(mem, to.into(), 16_usize.saturating_mul(half))?;
    for index in 0..half {
        let pair = [half - index - 1, half + index];
        let mut results = [[0.0_f32; 2]; 2];
        for side in 0..2 {
            let at = pair[side] as i64;
            let place: i32 = one(mem, map, at)?;
            let [im, re]: [f32; 2] = load(mem, from, 2 * i64::from(place))?;
            let [d, c]: [f32; 2] = load(mem, factors, 2 * at)?;
            results[side] = [re * c - im * d, re * d + im * c];
        }
        for side in 0..2 {
            let [re, im] = [results[side][0], results[1 - side][1]];
            let at = i64::from(to) + 8 * pair[side] as i64;
            let ([a, b, c, d], [e, f, g, h]) = (re.to_le_bytes(), im.to_le_bytes());
            *bytes_mut(mem, at)? = [a, b, c, d, e, f, g, h];
        }
    }
    Ok(())
}
