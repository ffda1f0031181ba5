//! What becomes of predicted samples of 14 bits in HEVC (ITU-T H.265, 8.5.3.3.4): they are kept, or
//! rounded, alone or with those of another prediction, with or without weights.

use fearless_simd::prelude::*;

use super::fir::Picture;
use super::guest::{Checked, Ptr};
use super::simd::{Lanes, load_numbers, store, store_numbers};

/// Bytes from one row of 14-bit samples to the next.
const ROW: i64 = 2 * 64;

/// Takes the samples of a prediction, which come in rows of up to 16, in 16 bits or, after
/// two filters, as the low and the high lanes of 32.
pub(super) trait Output<S: Simd>: Copy {
    #[inline(always)]
    fn short<V: Lanes<S>, const N: usize>(
        self,
        simd: S,
        mem: &mut [u8],
        x: i64,
        y: i64,
        samples: V,
    ) -> Checked {
        self.long::<V, N>(simd, mem, x, y, samples.widen())
    }

    fn long<V: Lanes<S>, const N: usize>(
        self,
        simd: S,
        mem: &mut [u8],
        x: i64,
        y: i64,
        samples: (V::Widened, V::Widened),
    ) -> Checked;
}

/// Stores the samples with their 14 bits.
#[derive(Clone, Copy)]
pub(super) struct Kept(pub(super) Ptr);

impl<S: Simd> Output<S> for Kept {
    #[inline(always)]
    fn short<V: Lanes<S>, const N: usize>(
        self,
        _simd: S,
        mem: &mut [u8],
        x: i64,
        y: i64,
        samples: V,
    ) -> Checked {
        store_numbers::<S, V, N>(mem, i64::from(self.0) + y * ROW + 2 * x, samples)
    }

    #[inline(always)]
    fn long<V: Lanes<S>, const N: usize>(
        self,
        simd: S,
        mem: &mut [u8],
        x: i64,
        y: i64,
        (low, high): (V::Widened, V::Widened),
    ) -> Checked {
        self.short::<V, N>(simd, mem, x, y, low.narrow(high))
    }
}

/// Rounds the samples of one prediction (8-262).
#[derive(Clone, Copy)]
pub(super) struct Alone(pub(super) Picture);

impl<S: Simd> Output<S> for Alone {
    #[inline(always)]
    fn short<V: Lanes<S>, const N: usize>(
        self,
        _simd: S,
        mem: &mut [u8],
        x: i64,
        y: i64,
        samples: V,
    ) -> Checked {
        store::<S, V, N>(mem, self.0.row(y) + x, samples.saturating_add(32) >> 6)
    }

    #[inline(always)]
    fn long<V: Lanes<S>, const N: usize>(
        self,
        simd: S,
        mem: &mut [u8],
        x: i64,
        y: i64,
        (low, high): (V::Widened, V::Widened),
    ) -> Checked {
        self.short::<V, N>(simd, mem, x, y, low.saturating_narrow(high))
    }
}

/// Rounds the mean of this prediction and another one that was stored before (8-264).
#[derive(Clone, Copy)]
pub(super) struct Mean(pub(super) Picture, pub(super) Ptr);

impl<S: Simd> Output<S> for Mean {
    #[inline(always)]
    fn short<V: Lanes<S>, const N: usize>(
        self,
        simd: S,
        mem: &mut [u8],
        x: i64,
        y: i64,
        samples: V,
    ) -> Checked {
        let other = load_numbers::<S, V, N>(simd, mem, i64::from(self.1) + y * ROW + 2 * x)?;
        // A sum that does not fit is limited to the same sample as the limit itself.
        let sum = samples.saturating_add(other).saturating_add(64) >> 7;
        store::<S, V, N>(mem, self.0.row(y) + x, sum)
    }

    #[inline(always)]
    fn long<V: Lanes<S>, const N: usize>(
        self,
        simd: S,
        mem: &mut [u8],
        x: i64,
        y: i64,
        (low, high): (V::Widened, V::Widened),
    ) -> Checked {
        let other = load_numbers::<S, V, N>(simd, mem, i64::from(self.1) + y * ROW + 2 * x)?;
        let others = other.widen();
        let (low, high) = ((low + others.0 + 64) >> 7, (high + others.1 + 64) >> 7);
        store::<S, V, N>(mem, self.0.row(y) + x, low.saturating_narrow(high))
    }
}

/// Weights the samples of one prediction (8-265).
#[derive(Clone, Copy)]
pub(super) struct Weighted {
    pub(super) dst: Picture,
    pub(super) weight: i32,
    pub(super) rounding: i32,
    pub(super) shift: u32,
    pub(super) offset: i32,
}

impl<S: Simd> Output<S> for Weighted {
    #[inline(always)]
    fn long<V: Lanes<S>, const N: usize>(
        self,
        _simd: S,
        mem: &mut [u8],
        x: i64,
        y: i64,
        (low, high): (V::Widened, V::Widened),
    ) -> Checked {
        let low = ((low * self.weight + self.rounding) >> self.shift) + self.offset;
        let high = ((high * self.weight + self.rounding) >> self.shift) + self.offset;
        store::<S, V, N>(mem, self.dst.row(y) + x, low.saturating_narrow(high))
    }
}

/// Weights the samples of this prediction and of another one that was stored before (8-266).
#[derive(Clone, Copy)]
pub(super) struct WeightedMean {
    pub(super) dst: Picture,
    pub(super) other: Ptr,
    pub(super) weights: [i32; 2],
    pub(super) rounding: i32,
    pub(super) shift: u32,
}

impl<S: Simd> Output<S> for WeightedMean {
    #[inline(always)]
    fn long<V: Lanes<S>, const N: usize>(
        self,
        simd: S,
        mem: &mut [u8],
        x: i64,
        y: i64,
        (low, high): (V::Widened, V::Widened),
    ) -> Checked {
        let at = i64::from(self.other) + y * ROW + 2 * x;
        let others = load_numbers::<S, V, N>(simd, mem, at)?.widen();
        let [other, own] = self.weights;
        let low = (low * own + others.0 * other + self.rounding) >> self.shift;
        let high = (high * own + others.1 * other + self.rounding) >> self.shift;
        store::<S, V, N>(mem, self.dst.row(y) + x, low.saturating_narrow(high))
    }
}
