//! Vectors of 16-bit lanes for kernels that name their instructions: generic over what the processor
//! has, from 128 bits up.

use fearless_simd::prelude::*;
use fearless_simd::{i8x16, i16x8, i16x16, u8x16};

use super::guest::{Checked, bytes, bytes_mut, slice, slice_mut};

/// Writes rows of the table as `kernels!` does, for functions that take the set of vectors first.
macro_rules! vector_kernels {
    ($($slot:literal $name:ident ($($param:ident: $type:ty),*), [$hook:literal] = $function:expr;)*) => {
        &[$($crate::kernels::Kernel {
            slot: $slot,
            hook: $hook,
            function: ::afmpeg_lift_runtime::HostFunction {
                name: stringify!($name),
                params: &[$(<$type as $crate::kernels::Param>::TYPE),*],
                result: None,
                call: |mem, args| {
                    let &[$($param),*] = args else {
                        return Err(::afmpeg_lift_runtime::Trap::BadSignature);
                    };
                    $(let $param = <$type as $crate::kernels::Param>::from_bits($param);)*
                    $crate::kernels::simd::with_vectors!(simd => $function(simd, mem, $($param),*))?;
                    Ok(0)
                },
            },
        }),*]
    };
}
pub(super) use vector_kernels;

/// Runs an expression with the widest vectors of this processor up to 256 bits.
macro_rules! with_vectors {
    ($simd:ident => $run:expr) => {{
        #[cfg(target_arch = "x86_64")]
        {
            use ::fearless_simd::Simd as _;
            let level = ::fearless_simd::Level::new();
            if let Some($simd) = level.as_avx2() {
                $simd.vectorize(#[inline(always)] || $run)
            } else if let Some($simd) = level.as_sse2() {
                $simd.vectorize(#[inline(always)] || $run)
            } else {
                Err(::afmpeg_lift_runtime::Trap::BadSignature)
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        ::fearless_simd::dispatch!(::fearless_simd::Level::new(), $simd => $run)
    }};
}
pub(super) use with_vectors;

/// Lanes of 16 bits, as many as fit one vector of the kernel's choice.
pub(super) trait Lanes<S: Simd>:
    SimdInt<S, Element = i16>
    + SimdIntWiden<S, Widened: SimdInt<S, Element = i32> + SimdNarrow<S, Narrowed = Self>>
{
    /// Bytes as lanes; missing ones are zero.
    fn load<const N: usize>(simd: S, bytes: &[u8; N]) -> Self;
    /// The first lanes as bytes, limited to 0 to 255.
    fn limited<const N: usize>(self) -> [u8; N];
    /// Numbers of 16 bits; missing ones are zero.
    fn numbers<const N: usize>(simd: S, numbers: &[i16; N]) -> Self;
}

impl<S: Simd> Lanes<S> for i16x8<S> {
    #[inline(always)]
    fn load<const N: usize>(simd: S, bytes: &[u8; N]) -> Self {
        simd.widen_u8x16(u8x16::load_array(simd, padded(bytes)))
            .0
            .bitcast()
    }

    #[inline(always)]
    fn limited<const N: usize>(self) -> [u8; N] {
        first(pack(self, self))
    }

    #[inline(always)]
    fn numbers<const N: usize>(simd: S, numbers: &[i16; N]) -> Self {
        Self::load_array(simd, padded(numbers))
    }
}

impl<S: Simd> Lanes<S> for i16x16<S> {
    #[inline(always)]
    fn load<const N: usize>(simd: S, bytes: &[u8; N]) -> Self {
        let (low, high) = simd.widen_u8x16(u8x16::load_array(simd, padded(bytes)));
        low.combine(high).bitcast()
    }

    #[inline(always)]
    fn limited<const N: usize>(self) -> [u8; N] {
        let (low, high) = self.split();
        first(pack(low, high))
    }

    #[inline(always)]
    fn numbers<const N: usize>(simd: S, numbers: &[i16; N]) -> Self {
        Self::load_array(simd, padded(numbers))
    }
}

/// Sixteen lanes as bytes, limited to 0 to 255.
#[inline(always)]
fn pack<S: Simd>(low: i16x8<S>, high: i16x8<S>) -> [u8; 16] {
    let signed: i8x16<S> = low
        .saturating_sub(128)
        .saturating_narrow(high.saturating_sub(128));
    let unsigned: u8x16<S> = signed.bitcast();
    (unsigned ^ 128).to_array()
}

#[inline(always)]
fn padded<T: Copy + Default, const N: usize, const M: usize>(values: &[T; N]) -> [T; M] {
    const { assert!(N <= M, "there are as many lanes") };
    let mut padded = [T::default(); M];
    padded[..N].copy_from_slice(values);
    padded
}

#[inline(always)]
fn first<const N: usize>(bytes: [u8; 16]) -> [u8; N] {
    let mut first = [0; N];
    first.copy_from_slice(&bytes[..N]);
    first
}

/// `N` bytes of memory as lanes.
#[inline(always)]
pub(super) fn load<S: Simd, V: Lanes<S>, const N: usize>(
    simd: S,
    mem: &[u8],
    at: i64,
) -> Checked<V> {
    Ok(V::load::<N>(simd, bytes(mem, at)?))
}

/// Writes the first `N` lanes as bytes, limited to 0 to 255.
#[inline(always)]
pub(super) fn store<S: Simd, V: Lanes<S>, const N: usize>(
    mem: &mut [u8],
    at: i64,
    lanes: V,
) -> Checked {
    *bytes_mut(mem, at)? = lanes.limited::<N>();
    Ok(())
}

/// `N` numbers of 16 bits in memory as lanes.
#[inline(always)]
pub(super) fn load_numbers<S: Simd, V: Lanes<S>, const N: usize>(
    simd: S,
    mem: &[u8],
    at: i64,
) -> Checked<V> {
    let mut numbers = [0; N];
    let pairs = slice(mem, at, 2 * N)?.as_chunks::<2>().0;
    for i in 0..N {
        numbers[i] = i16::from_le_bytes(pairs[i]);
    }
    Ok(V::numbers(simd, &numbers))
}

/// Writes the first `N` lanes as numbers of 16 bits.
#[inline(always)]
pub(super) fn store_numbers<S: Simd, V: Lanes<S>, const N: usize>(
    mem: &mut [u8],
    at: i64,
    lanes: V,
) -> Checked {
    let pairs = slice_mut(mem, at, 2 * N)?.as_chunks_mut::<2>().0;
    for i in 0..N {
        pairs[i] = lanes[i].to_le_bytes();
    }
    Ok(())
}

/// Rows as columns.
#[inline(always)]
pub(super) fn turn<S: Simd, V: SimdBase<S>>(rows: [V; 8]) -> [V; 8] {
    let mut rows = rows;
    for _ in 0..3 {
        let before = rows;
        for i in 0..4 {
            rows[2 * i] = before[i].zip_low(before[i + 4]);
            rows[2 * i + 1] = before[i].zip_high(before[i + 4]);
        }
    }
    rows
}
