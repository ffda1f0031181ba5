//! The one table of all kernels, in the order of their slots.

use super::guest::Ptr;
use super::{Kernel, h264_idct, kernels};

/// Every kernel. `engine/kernels/kernels.h` has the same slots and names.
pub const KERNELS: &[Kernel] = kernels! {
    // H.264 decoding, 8 bits a sample.
    0 h264_idct_add(dst: Ptr, block: Ptr, stride: i32) -> (), ["H264DSPContext.idct_add"] = h264_idct::add4;
    1 h264_idct8_add(dst: Ptr, block: Ptr, stride: i32) -> (), ["H264DSPContext.idct8_add"] = h264_idct::add8;
    2 h264_idct_dc_add(dst: Ptr, block: Ptr, stride: i32) -> (), ["H264DSPContext.idct_dc_add"] = h264_idct::add_dc::<4>;
    3 h264_idct8_dc_add(dst: Ptr, block: Ptr, stride: i32) -> (), ["H264DSPContext.idct8_dc_add"] = h264_idct::add_dc::<8>;
    4 h264_idct_add16(dst: Ptr, offsets: Ptr, blocks: Ptr, stride: i32, counts: Ptr) -> (), ["H264DSPContext.idct_add16"] = h264_idct::add_16;
    5 h264_idct8_add4(dst: Ptr, offsets: Ptr, blocks: Ptr, stride: i32, counts: Ptr) -> (), ["H264DSPContext.idct8_add4"] = h264_idct::add_4_of_8;
    6 h264_idct_add8(dst: Ptr, offsets: Ptr, blocks: Ptr, stride: i32, counts: Ptr) -> (), ["H264DSPContext.idct_add8"] = h264_idct::add_chroma;
    7 h264_idct_add16intra(dst: Ptr, offsets: Ptr, blocks: Ptr, stride: i32, counts: Ptr) -> (), ["H264DSPContext.idct_add16intra"] = h264_idct::add_16_intra;
};
