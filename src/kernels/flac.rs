//! Linear prediction of FLAC: RFC 9639 section 9.2.6, and the search for predictors in FFmpeg's
//! encoders.

use super::Trap;
use super::guest::{Checked, Ptr, bytes_mut, slice, slice_mut};
use super::numbers::{load, one, put, store};

/// `FLACDSPContext.lpc16`: `void (int32_t *samples, const int coefficients[32], int order, int shift,
/// int count)`, in arithmetic of 32 bits, which wraps.
#[inline(always)]
pub(super) fn predict_narrow(
    mem: &mut [u8],
    samples: Ptr,
    coefficients: Ptr,
    order: i32,
    shift: i32,
    count: i32,
) -> Checked {
    predict::<i32, Low>(mem, samples, coefficients, order, shift, count)
}

/// `FLACDSPContext.lpc32`: as [`predict_narrow`], in arithmetic of 64 bits.
#[inline(always)]
pub(super) fn predict_wide(
    mem: &mut [u8],
    samples: Ptr,
    coefficients: Ptr,
    order: i32,
    shift: i32,
    count: i32,
) -> Checked {
    predict::<i64, i64>(mem, samples, coefficients, order, shift, count)
}

/// The arithmetic of a prediction.
trait Sum: Copy + Default {
    fn plus_product(self, a: i32, b: i32) -> Self;
    fn shifted(self, shift: i32) -> i32;
}

impl Sum for i32 {
    #[inline(always)]
    fn plus_product(self, a: i32, b: i32) -> Self {
        self.wrapping_add(a.wrapping_mul(b))
    }

    #[inline(always)]
    fn shifted(self, shift: i32) -> i32 {
        self.wrapping_shr(shift.cast_unsigned())
    }
}

impl Sum for i64 {
    #[inline(always)]
    fn plus_product(self, a: i32, b: i32) -> Self {
        self.wrapping_add(Self::from(a) * Self::from(b))
    }

    #[inline(always)]
    fn shifted(self, shift: i32) -> i32 {
        self.wrapping_shr(shift.cast_unsigned()) as i32
    }
}

/// A sum of which the low 32 bits count: it is shifted with its halves exchanged, so that all bits of it are needed.
/// Else it would become a lane of 32 bits, the product of which takes longer than the next sample can wait.
#[derive(Clone, Copy, Default)]
struct Low(i64);

impl Sum for Low {
    #[inline(always)]
    fn plus_product(self, a: i32, b: i32) -> Self {
        Self(self.0.plus_product(a, b))
    }

    #[inline(always)]
    fn shifted(self, shift: i32) -> i32 {
        (self.0.rotate_left(32) >> (32 + (shift & 31))) as i32
    }
}

/// Samples that are predicted at a time: from those before them all at once, then from each other.
const BLOCK: usize = 8;

/// The highest order.
const ORDERS: usize = 32;

/// Adds to every sample after the first `order` what is predicted from those before it: in sums of their own
/// where the order is low.
#[inline(always)]
fn predict<S: Sum, L: Sum>(
    mem: &mut [u8],
    samples: Ptr,
    coefficients: Ptr,
    order: i32,
    shift: i32,
    count: i32,
) -> Checked {
    // A stream has up to 32 coefficients.
    let order = match usize::try_from(order) {
        Ok(order @ 1..=ORDERS) => order,
        _ => return Err(Trap::MemoryOutOfBounds),
    };
    let Ok(count) = usize::try_from(count) else {
        return Ok(());
    };
    if count <= order {
        return Ok(());
    }
    // By the distance to what is predicted, the nearest first.
    let mut weights = [0; ORDERS];
    for (distance, weight) in weights[..order].iter_mut().enumerate() {
        *weight = one(mem, coefficients, (order - 1 - distance) as i64)?;
    }
    let Some(length) = count.checked_mul(4) else {
        return Err(Trap::MemoryOutOfBounds);
    };
    let all = slice_mut(mem, samples.into(), length)?
        .as_chunks_mut::<4>()
        .0;
    match order {
        1 => return in_turn::<L, 1>(all, &weights, shift),
        2 => return in_turn::<L, 2>(all, &weights, shift),
        3 => return in_turn::<L, 3>(all, &weights, shift),
        4 => return in_turn::<L, 4>(all, &weights, shift),
        5 => return in_turn::<L, 5>(all, &weights, shift),
        6 => return in_turn::<L, 6>(all, &weights, shift),
        7 => return in_turn::<L, 7>(all, &weights, shift),
        8 => return in_turn::<L, 8>(all, &weights, shift),
        9 => return in_turn::<L, 9>(all, &weights, shift),
        10 => return in_turn::<L, 10>(all, &weights, shift),
        11 => return in_turn::<L, 11>(all, &weights, shift),
        _ => {}
    }
    // The samples before a block, and zeros where its own will be.
    let mut window = [0; ORDERS + BLOCK];
    for index in 0..order {
        window[ORDERS - order + index] = one(mem, samples, index as i64)?;
    }
    let mut at = order;
    while at + BLOCK <= count {
        let mut block = load::<i32, BLOCK>(mem, samples, at as i64)?;
        let mut sums = [S::default(); BLOCK];
        for (distance, &weight) in weights[..order].iter().enumerate() {
            let from = ORDERS - 1 - distance;
            for lane in 0..BLOCK {
                sums[lane] = sums[lane].plus_product(weight, window[from + lane]);
            }
        }
        for lane in 0..BLOCK {
            block[lane] = block[lane].wrapping_add(sums[lane].shifted(shift));
            for later in lane + 1..BLOCK {
                sums[later] = sums[later].plus_product(weights[later - lane - 1], block[lane]);
            }
        }
        store(mem, samples, at as i64, block)?;
        for index in 0..ORDERS - BLOCK {
            window[index] = window[index + BLOCK];
        }
        for lane in 0..BLOCK {
            window[ORDERS - BLOCK + lane] = block[lane];
        }
        at += BLOCK;
    }
    for index in at..count {
        let mut sum = S::default();
        for (distance, &weight) in weights[..order].iter().enumerate() {
            sum = sum.plus_product(weight, window[ORDERS - 1 - distance]);
        }
        let residual: i32 = one(mem, samples, index as i64)?;
        let sample = residual.wrapping_add(sum.shifted(shift));
        put(mem, samples, index as i64, sample)?;
        for index in 0..ORDERS - 1 {
            window[index] = window[index + 1];
        }
        window[ORDERS - 1] = sample;
    }
    Ok(())
}

/// The same for one order: each sample is added to the sums of those after it when it is known, so that the
/// next one waits for one product only.
#[inline(always)]
fn in_turn<S: Sum, const ORDER: usize>(
    samples: &mut [[u8; 4]],
    weights: &[i32; ORDERS],
    shift: i32,
) -> Checked {
    let Some((before, samples)) = samples.split_first_chunk_mut::<ORDER>() else {
        return Err(Trap::MemoryOutOfBounds);
    };
    // Of the next sample, the one after it, and so on.
    let mut sums = [S::default(); ORDER];
    for index in 0..ORDER {
        let sample = i32::from_le_bytes(before[index]);
        for later in 0..=index {
            sums[later] = sums[later].plus_product(weights[ORDER - 1 - index + later], sample);
        }
    }
    for word in samples {
        let sample = i32::from_le_bytes(*word).wrapping_add(sums[0].shifted(shift));
        *word = sample.to_le_bytes();
        for later in 1..ORDER {
            sums[later - 1] = sums[later].plus_product(weights[later - 1], sample);
        }
        sums[ORDER - 1] = S::default().plus_product(weights[ORDER - 1], sample);
    }
    Ok(())
}

/// Distances that are worked on at a time.
const DISTANCES: usize = 16;

/// `LPCContext.lpc_compute_autocorr`: `void (const double *data, ptrdiff_t count, int lag,
/// double *sums)`: the correlation of the data with itself at every distance up to `lag`, each sum
/// from 1 on and in order.
#[inline(always)]
pub(super) fn autocorrelation(
    mem: &mut [u8],
    data: Ptr,
    count: i32,
    lag: i32,
    sums: Ptr,
) -> Checked {
    let lag = match usize::try_from(lag) {
        Ok(lag) if lag <= 2 * ORDERS => lag,
        _ => return Err(Trap::MemoryOutOfBounds),
    };
    let count = usize::try_from(count).map_err(|_| Trap::MemoryOutOfBounds)?;
    for first in (0..=lag).step_by(DISTANCES) {
        // The number before the first is there, too.
        let values = slice(mem, i64::from(data) - 8, 8 * (count + 1))?;
        let values: &[[u8; 8]] = values.as_chunks().0;
        // The farthest first: so lanes and values go the same way.
        let mut lanes = [1.0_f64; DISTANCES];
        let common = (first + DISTANCES).min(count);
        for (lane, sum) in lanes.iter_mut().enumerate() {
            let distance = first + DISTANCES - 1 - lane;
            // Distances come in pairs, which begin with the even one; the last may be alone.
            let start = if distance == lag && lag % 2 == 0 {
                distance as i64 - 1
            } else {
                distance as i64 & !1
            };
            if distance <= lag {
                for index in start..common as i64 {
                    let (now, then) = (index + 1, index + 1 - distance as i64);
                    *sum += f64::from_le_bytes(values[now as usize])
                        * f64::from_le_bytes(values[then as usize]);
                }
            }
        }
        for index in common..count {
            let now = f64::from_le_bytes(values[index + 1]);
            let from = index + 2 - first - DISTANCES;
            let before: &[[u8; 8]] = &values[from..from + DISTANCES];
            for lane in 0..DISTANCES {
                lanes[lane] += now * f64::from_le_bytes(before[lane]);
            }
        }
        for lane in 0..DISTANCES.min(lag + 1 - first) {
            let sum = lanes[DISTANCES - 1 - lane];
            *bytes_mut(mem, i64::from(sums) + 8 * (first + lane) as i64)? = sum.to_le_bytes();
        }
    }
    Ok(())
}
