//! The 128-bit vector and one function for each vector operator of WebAssembly 2.0.
//!
//! Each function has the name of the instruction with underscores. Numbers are as everywhere in
//! generated code: i32 is `u32`, i64 is `u64`. Vectors are arrays of bytes in memory order and the
//! functions are loops over arrays of lanes: after inlining LLVM keeps them in vector registers and
//! makes one vector instruction of each loop, which it does not do for a `u128`.

mod bits;
mod convert;
mod float;
mod int;
mod lanes;
mod memory;
mod widen;

pub use bits::*;
pub use convert::*;
pub use float::*;
pub use int::*;
pub use lanes::*;
pub use memory::*;
pub use widen::*;

/// A vector of 128 bits: sixteen bytes, lane 0 first, each lane little-endian.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
#[repr(align(16))]
pub struct V128(pub [u8; 16]);

impl V128 {
    /// The vector with all bits zero.
    pub const ZERO: Self = Self([0; 16]);

    /// The vector in the form in which hosts pass it: two words, the low half first.
    #[inline(always)]
    #[must_use]
    pub const fn from_words(low: u64, high: u64) -> Self {
        Self::from_bits((high as u128) << 64 | low as u128)
    }

    /// The low and the high half.
    #[inline(always)]
    #[must_use]
    pub const fn to_words(self) -> (u64, u64) {
        let bits = self.to_bits();
        (bits as u64, (bits >> 64) as u64)
    }

    /// The vector whose bits are those of `bits`, lane 0 in the lowest bits.
    #[inline(always)]
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits.to_le_bytes())
    }

    /// All bits as one number, lane 0 in the lowest bits.
    #[inline(always)]
    #[must_use]
    pub const fn to_bits(self) -> u128 {
        u128::from_le_bytes(self.0)
    }
}

/// A number that is a lane: the view of a vector as an array of `N` of them.
///
/// The implementations are the ten lane types; nothing outside of this module can add one.
pub(crate) trait Lane<const N: usize>: Copy {
    fn of(vector: V128) -> [Self; N];
    fn vector(lanes: [Self; N]) -> V128;
}

macro_rules! lanes {
    ($($number:ty, $count:literal;)*) => {$(
        impl Lane<$count> for $number {
            #[inline(always)]
            fn of(vector: V128) -> [Self; $count] {
                const BYTES: usize = size_of::<$number>();
                core::array::from_fn(|lane| {
                    <$number>::from_le_bytes(core::array::from_fn(|i| vector.0[lane * BYTES + i]))
                })
            }

            #[inline(always)]
            fn vector(lanes: [Self; $count]) -> V128 {
                let bytes = lanes.map(<$number>::to_le_bytes);
                let bytes = bytes.as_flattened();
                V128(core::array::from_fn(|i| bytes[i]))
            }
        }
    )*};
}
lanes! {
    u8, 16; i8, 16; u16, 8; i16, 8; u32, 4; i32, 4; u64, 2; i64, 2; f32, 4; f64, 2;
}

/// The vector of `f` of each lane.
#[inline(always)]
pub(crate) fn map<A: Lane<N>, R: Lane<N>, const N: usize>(a: V128, f: impl Fn(A) -> R) -> V128 {
    let a = A::of(a);
    R::vector(core::array::from_fn(|i| f(a[i])))
}

/// The vector of `f` of each pair of lanes at the same place.
#[inline(always)]
pub(crate) fn zip<A: Lane<N>, R: Lane<N>, const N: usize>(
    a: V128,
    b: V128,
    f: impl Fn(A, A) -> R,
) -> V128 {
    let (a, b) = (A::of(a), A::of(b));
    R::vector(core::array::from_fn(|i| f(a[i], b[i])))
}

#[cfg(test)]
mod tests;
