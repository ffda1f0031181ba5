//! Host kernels: hot loops of the engine's codecs in Rust, which its C calls in the place of its own.
//!
//! The engine runs without them, to the same bits; each is tested against the C function that it
//! stands in for. They are written from the standards that define what they compute, and from the
//! rounding that the result must have.
//!
//! A kernel gets all of the guest's memory and addresses in it. An address outside ends the run as
//! it does for the guest's own code; no address makes a kernel panic.

mod aac_band;
mod aac_encoder;
mod aac_known;
mod aac_psy;
mod aac_refine;
mod aac_scales;
mod aac_search;
mod alac;
mod audio_convert;
mod bits;
mod blend;
mod block;
mod celt;
mod celt_pulses;
mod checksum;
mod codes;
mod deflate;
mod edges;
mod fdct;
mod fir;
mod fixed;
mod flac;
mod flac_channels;
mod flac_encode;
mod float_dsp;
mod guest;
mod h264_deblock;
mod h264_idct;
mod h264_mc;
mod h264_qpel;
mod h264_strength;
mod h264_transform;
mod hevc_deblock;
mod hevc_idct;
mod hevc_intra;
mod hevc_mc;
mod hevc_output;
mod hevc_sao;
mod inflate;
mod jpeg_codes;
mod jpeg_encode;
mod lanes;
mod loop_filter;
mod lpc_window;
mod lzw;
mod mpeg_audio;
mod mpeg_codes;
mod mpeg_dct;
mod mpeg_imdct;
mod numbers;
mod openh264_deblock;
mod openh264_intra;
mod openh264_levels;
mod openh264_mc;
mod openh264_quant;
mod openh264_sad;
mod openh264_samples;
mod openh264_satd;
mod openh264_transform;
mod openh264_vaa;
mod pair;
mod png;
mod probing;
mod rates;
mod resample;
mod rgb_input;
mod rgb_output;
mod rgb_rows;
mod rice;
mod runs;
mod scale;
mod simd;
mod table;
mod table_audio;
mod table_filters;
mod table_motion;
mod table_openh264;
mod tempo;
mod turn;
mod tx;
mod tx_fifteens;
mod tx_mdct;
mod tx_real;
mod vectors;
mod vorbis;
mod vp8_deblock;
mod vp8_idct;
mod vp9_deblock;
mod vp9_idct;
mod vp9_transform;
mod whole_samples;

use afmpeg_lift_runtime::{HostFunction, Trap, ValType};
use afmpeg_wasi::TableFunctions;
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
use fearless_simd::{Level, Simd as _};

pub use table::KERNELS;

/// A kernel, and what it stands in for.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// Its number in the engine's list, `engine/kernels/kernels.h`.
    pub slot: u32,
    /// The function, with its name and signature.
    pub function: HostFunction,
    /// The C function pointer that calls it.
    pub hook: &'static str,
}

/// The version of the arrangement that the kernels are for.
const ABI: u32 = 1;

/// All kernels, as a guest is offered them: for hosts that run an engine by [`crate::wasi`] alone.
#[must_use]
pub fn table_functions() -> TableFunctions {
    TableFunctions {
        slots_export: "afmpeg_kernel_slots",
        abi_export: "afmpeg_kernel_abi",
        abi: ABI,
        functions: KERNELS
            .iter()
            .map(|kernel| (kernel.slot, kernel.function))
            .collect(),
    }
}

/// A parameter of a kernel.
trait Param {
    const TYPE: ValType;
    fn from_bits(bits: u64) -> Self;
}

/// A result of a kernel.
trait Answer {
    const TYPE: Option<ValType>;
    fn bits(self) -> u64;
}

impl Param for u32 {
    const TYPE: ValType = ValType::I32;
    fn from_bits(bits: u64) -> Self {
        (bits & u64::from(Self::MAX)) as Self
    }
}

impl Param for i32 {
    const TYPE: ValType = ValType::I32;
    fn from_bits(bits: u64) -> Self {
        u32::from_bits(bits).cast_signed()
    }
}

impl Param for i64 {
    const TYPE: ValType = ValType::I64;
    fn from_bits(bits: u64) -> Self {
        bits.cast_signed()
    }
}

impl Param for f32 {
    const TYPE: ValType = ValType::F32;
    fn from_bits(bits: u64) -> Self {
        Self::from_bits(<u32 as Param>::from_bits(bits))
    }
}

impl Param for f64 {
    const TYPE: ValType = ValType::F64;
    fn from_bits(bits: u64) -> Self {
        Self::from_bits(bits)
    }
}

impl Answer for () {
    const TYPE: Option<ValType> = None;
    fn bits(self) -> u64 {
        0
    }
}

impl Answer for i32 {
    const TYPE: Option<ValType> = Some(ValType::I32);
    fn bits(self) -> u64 {
        u64::from(self.cast_unsigned())
    }
}

impl Answer for f32 {
    const TYPE: Option<ValType> = Some(ValType::F32);
    fn bits(self) -> u64 {
        u64::from(self.to_bits())
    }
}

/// Runs a kernel compiled for the widest vectors that this processor has, or else for those that
/// every processor of its kind has. What is not inlined into `kernel` is compiled once, without.
#[inline(always)]
fn widest<R>(kernel: impl FnOnce() -> R) -> R {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let Some(avx2) = Level::new().as_avx2() {
        return avx2.vectorize(kernel);
    }
    kernel()
}

/// Writes rows of the table: `slot name (parameters) -> result [hook] = function;`. The function
/// takes the memory and the parameters and gives a `Result` of the result.
macro_rules! kernels {
    ($($slot:literal $name:ident ($($param:ident: $type:ty),*) -> $answer:ty, [$hook:literal] = $function:expr;)*) => {
        &[$($crate::kernels::Kernel {
            slot: $slot,
            hook: $hook,
            function: ::afmpeg_lift_runtime::HostFunction {
                name: stringify!($name),
                params: &[$(<$type as $crate::kernels::Param>::TYPE),*],
                result: <$answer as $crate::kernels::Answer>::TYPE,
                call: |mem, args| {
                    let &[$($param),*] = args else {
                        return Err(::afmpeg_lift_runtime::Trap::BadSignature);
                    };
                    let answer: $answer = $crate::kernels::widest(#[inline(always)] || {
                        $function(mem, $(<$type as $crate::kernels::Param>::from_bits($param)),*)
                    })?;
                    Ok($crate::kernels::Answer::bits(answer))
                },
            },
        }),*]
    };
}
use kernels;

#[cfg(test)]
mod tests;
