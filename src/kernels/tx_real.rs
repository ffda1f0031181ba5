//! The part of a Fourier transform of real numbers (`AVTXContext`) that makes it from one of half as
//! many complex numbers, or the other way round: in the order of operations of libavutil's.

use wide::f32x8;

use super::Trap;
use super::guest::{Checked, Ptr};
use super::numbers::{load, store};
use super::tx::reversed;
use super::vectors::floats;

/// The most pairs of numbers from both ends.
const MOST: i64 = 1 << 16;

/// `void (float *data, int quarter, const float *factors)`: numbers 1 to `quarter` - 1 of twice as
/// many, and their mirror images. The factors are eight, then the cosines, then the sines.
#[inline(always)]
pub(super) fn pairs(mem: &mut [u8], data: Ptr, quarter: i32, factors: Ptr) -> Checked {
    let quarter = i64::from(quarter);
    if !(0..=MOST).contains(&quarter) {
        return Err(Trap::MemoryOutOfBounds);
    }
    let [.., a, b, c, d] = load::<f32, 8>(mem, factors, 0)?;
    let parts = [a, b, c, d];
    let mut at = 1;
    while at + 8 <= quarter {
        let (cos, sin) = (
            floats(mem, factors, 8 + at)?,
            floats(mem, factors, 8 + quarter + at)?,
        );
        let far = 2 * quarter - at;
        let near_pairs = load::<f32, 16>(mem, data, 2 * at)?;
        let far_pairs = load::<f32, 16>(mem, data, 2 * (far - 7))?;
        let (near_re, near_im) = apart(near_pairs);
        let (far_re, far_im) = apart(far_pairs);
        let [near, [re, im]] = pair(
            [near_re, near_im],
            [reversed(far_re), reversed(far_im)],
            parts.map(f32x8::splat),
            [cos, sin],
        );
        store(mem, data, 2 * at, together(near[0], near[1]))?;
        let far_pairs = together(reversed(re), reversed(im));
        store(mem, data, 2 * (far - 7), far_pairs)?;
        at += 8;
    }
    while at < quarter {
        let far = 2 * quarter - at;
        let [cos] = load::<f32, 1>(mem, factors, 8 + at)?;
        let [sin] = load::<f32, 1>(mem, factors, 8 + quarter + at)?;
        let (first, last) = (
            load::<f32, 2>(mem, data, 2 * at)?,
            load::<f32, 2>(mem, data, 2 * far)?,
        );
        let [first, last] = pair(first, last, parts, [cos, sin]);
        store(mem, data, 2 * at, first)?;
        store(mem, data, 2 * far, last)?;
        at += 1;
    }
    Ok(())
}

/// What becomes of a number and its mirror image.
#[inline(always)]
fn pair<V>(
    [re, im]: [V; 2],
    [far_re, far_im]: [V; 2],
    [a, b, c, d]: [V; 4],
    [cos, sin]: [V; 2],
) -> [[V; 2]; 2]
where
    V: Copy + std::ops::Add<Output = V> + std::ops::Sub<Output = V> + std::ops::Mul<Output = V>,
{
    let (even_re, even_im) = (a * (re + far_re), b * (im - far_im));
    let (odd_re, odd_im) = (c * (im + far_im), d * (re - far_re));
    let (turned_re, turned_im) = (odd_re * cos - odd_im * sin, odd_re * sin + odd_im * cos);
    [
        [even_re + turned_re, turned_im - even_im],
        [even_re - turned_re, turned_im + even_im],
    ]
}

/// The real and the imaginary parts of pairs.
#[inline(always)]
fn apart(pairs: [f32; 16]) -> (f32x8, f32x8) {
    let [a, i, b, j, c, k, d, l, e, m, f, n, g, o, h, p] = pairs;
    (
        f32x8::new([a, b, c, d, e, f, g, h]),
        f32x8::new([i, j, k, l, m, n, o, p]),
    )
}

/// Pairs of real and imaginary parts.
#[inline(always)]
fn together(re: f32x8, im: f32x8) -> [f32; 16] {
    let ([a, b, c, d, e, f, g, h], [i, j, k, l, m, n, o, p]) = (re.to_array(), im.to_array());
    [a, i, b, j, c, k, d, l, e, m, f, n, g, o, h, p]
}
