//! The part of the table of kernels that is for openh264's encoder.

use super::guest::Ptr;
use super::{
    Kernel, h264_deblock, kernels, openh264_deblock, openh264_intra, openh264_levels, openh264_mc,
    openh264_quant, openh264_sad, openh264_satd, openh264_transform, openh264_vaa,
};

pub(super) const OPENH264: &[Kernel] = kernels! {
    512 openh264_sad_16x16(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSad[BLOCK_16x16]"] = openh264_sad::sad::<16, 16>;
    513 openh264_sad_16x8(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSad[BLOCK_16x8]"] = openh264_sad::sad::<16, 8>;
    514 openh264_sad_8x16(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSad[BLOCK_8x16]"] = openh264_sad::sad::<8, 16>;
    515 openh264_sad_8x8(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSad[BLOCK_8x8]"] = openh264_sad::sad::<8, 8>;
    516 openh264_sad_4x4(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSad[BLOCK_4x4]"] = openh264_sad::sad::<4, 4>;
    517 openh264_sad_8x4(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSad[BLOCK_8x4]"] = openh264_sad::sad::<8, 4>;
    518 openh264_sad_4x8(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSad[BLOCK_4x8]"] = openh264_sad::sad::<4, 8>;
    519 openh264_sad_four_16x16(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32, sums: Ptr) -> (), ["SWelsFuncPtrList.sSampleDealingFuncs.pfSample4Sad[BLOCK_16x16]"] = openh264_sad::sad_four::<16, 16>;
    520 openh264_sad_four_16x8(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32, sums: Ptr) -> (), ["SWelsFuncPtrList.sSampleDealingFuncs.pfSample4Sad[BLOCK_16x8]"] = openh264_sad::sad_four::<16, 8>;
    521 openh264_sad_four_8x16(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32, sums: Ptr) -> (), ["SWelsFuncPtrList.sSampleDealingFuncs.pfSample4Sad[BLOCK_8x16]"] = openh264_sad::sad_four::<8, 16>;
    522 openh264_sad_four_8x8(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32, sums: Ptr) -> (), ["SWelsFuncPtrList.sSampleDealingFuncs.pfSample4Sad[BLOCK_8x8]"] = openh264_sad::sad_four::<8, 8>;
    523 openh264_sad_four_4x4(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32, sums: Ptr) -> (), ["SWelsFuncPtrList.sSampleDealingFuncs.pfSample4Sad[BLOCK_4x4]"] = openh264_sad::sad_four::<4, 4>;
    524 openh264_sad_four_8x4(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32, sums: Ptr) -> (), ["SWelsFuncPtrList.sSampleDealingFuncs.pfSample4Sad[BLOCK_8x4]"] = openh264_sad::sad_four::<8, 4>;
    525 openh264_sad_four_4x8(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32, sums: Ptr) -> (), ["SWelsFuncPtrList.sSampleDealingFuncs.pfSample4Sad[BLOCK_4x8]"] = openh264_sad::sad_four::<4, 8>;
    526 openh264_satd_16x16(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSatd[BLOCK_16x16]"] = openh264_satd::satd::<16, 16>;
    527 openh264_satd_16x8(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSatd[BLOCK_16x8]"] = openh264_satd::satd::<16, 8>;
    528 openh264_satd_8x16(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSatd[BLOCK_8x16]"] = openh264_satd::satd::<8, 16>;
    529 openh264_satd_8x8(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSatd[BLOCK_8x8]"] = openh264_satd::satd::<8, 8>;
    530 openh264_satd_4x4(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSatd[BLOCK_4x4]"] = openh264_satd::satd::<4, 4>;
    531 openh264_satd_8x4(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSatd[BLOCK_8x4]"] = openh264_satd::satd::<8, 4>;
    532 openh264_satd_4x8(a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfSampleSatd[BLOCK_4x8]"] = openh264_satd::satd::<4, 8>;
    533 openh264_best_4x4_satd(at: Ptr, stride: i32, source: Ptr, source_stride: i32, to: Ptr, mode: Ptr, mean: i32, horizontal: i32, vertical: i32) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfIntra4x4Combined3Satd"] = openh264_satd::small_of_three;
    534 openh264_best_16x16_satd(at: Ptr, stride: i32, source: Ptr, source_stride: i32, mode: Ptr, lambda: i32, scratch: Ptr) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfIntra16x16Combined3Satd"] = openh264_satd::large_of_three::<openh264_satd::Transformed>;
    535 openh264_best_16x16_sad(at: Ptr, stride: i32, source: Ptr, source_stride: i32, mode: Ptr, lambda: i32, scratch: Ptr) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfIntra16x16Combined3Sad"] = openh264_satd::large_of_three::<openh264_satd::Plain>;
    536 openh264_best_chroma_satd(at: Ptr, stride: i32, source: Ptr, source_stride: i32, mode: Ptr, lambda: i32, scratch: Ptr, at_cr: Ptr, source_cr: Ptr) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfIntra8x8Combined3Satd"] = openh264_satd::chroma_of_three::<openh264_satd::Transformed>;
    537 openh264_best_chroma_sad(at: Ptr, stride: i32, source: Ptr, source_stride: i32, mode: Ptr, lambda: i32, scratch: Ptr, at_cr: Ptr, source_cr: Ptr) -> i32, ["SWelsFuncPtrList.sSampleDealingFuncs.pfIntra8x8Combined3Sad"] = openh264_satd::chroma_of_three::<openh264_satd::Plain>;
    540 openh264_half_horizontal(from: Ptr, from_stride: i32, to: Ptr, to_stride: i32, width: i32, height: i32) -> (), ["SWelsFuncPtrList.sMcFuncs.pfLumaHalfpelHor"] = openh264_mc::half_horizontal;
    541 openh264_half_vertical(from: Ptr, from_stride: i32, to: Ptr, to_stride: i32, width: i32, height: i32) -> (), ["SWelsFuncPtrList.sMcFuncs.pfLumaHalfpelVer"] = openh264_mc::half_vertical;
    542 openh264_half_centre(from: Ptr, from_stride: i32, to: Ptr, to_stride: i32, width: i32, height: i32) -> (), ["SWelsFuncPtrList.sMcFuncs.pfLumaHalfpelCen"] = openh264_mc::half_centre;
    543 openh264_mc_luma(from: Ptr, from_stride: i32, to: Ptr, to_stride: i32, x: i32, y: i32, width: i32, height: i32) -> (), ["SWelsFuncPtrList.sMcFuncs.pMcLumaFunc"] = openh264_mc::luma;
    544 openh264_mc_chroma(from: Ptr, from_stride: i32, to: Ptr, to_stride: i32, x: i32, y: i32, width: i32, height: i32) -> (), ["SWelsFuncPtrList.sMcFuncs.pMcChromaFunc"] = openh264_mc::chroma;
    545 openh264_average(to: Ptr, to_stride: i32, a: Ptr, a_stride: i32, b: Ptr, b_stride: i32, width: i32, height: i32) -> (), ["SWelsFuncPtrList.sMcFuncs.pfSampleAveraging"] = openh264_mc::average;
    567 openh264_intra_16x16_plane(to: Ptr, at: Ptr, stride: i32) -> (), ["SWelsFuncPtrList.pfGetLumaI16x16Pred[I16_PRED_P]"] = openh264_intra::large_plane;
    573 openh264_intra_chroma_plane(to: Ptr, at: Ptr, stride: i32) -> (), ["SWelsFuncPtrList.pfGetChromaPred[C_PRED_P]"] = openh264_intra::chroma_plane;
    576 openh264_dct(out: Ptr, a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> (), ["SWelsFuncPtrList.pfDctT4"] = openh264_transform::forward;
    577 openh264_dct_four(out: Ptr, a: Ptr, a_stride: i32, b: Ptr, b_stride: i32) -> (), ["SWelsFuncPtrList.pfDctFourT4"] = openh264_transform::forward_four;
    578 openh264_quant(values: Ptr, bias: Ptr, factors: Ptr) -> (), ["SWelsFuncPtrList.pfQuantization4x4"] = openh264_quant::quantise::<2>;
    579 openh264_quant_four(values: Ptr, bias: Ptr, factors: Ptr) -> (), ["SWelsFuncPtrList.pfQuantizationFour4x4"] = openh264_quant::quantise::<8>;
    580 openh264_quant_dc(values: Ptr, bias: i32, factor: i32) -> (), ["SWelsFuncPtrList.pfQuantizationDc4x4"] = openh264_quant::quantise_dc;
    581 openh264_quant_four_max(values: Ptr, bias: Ptr, factors: Ptr, largest: Ptr) -> (), ["SWelsFuncPtrList.pfQuantizationFour4x4Max"] = openh264_quant::quantise_four_with_maximum;
    582 openh264_quant_chroma_dc(blocks: Ptr, bias: i32, factor: i32, transformed: Ptr, levels: Ptr) -> i32, ["SWelsFuncPtrList.pfQuantizationHadamard2x2"] = openh264_quant::quantise_chroma_dc;
    584 openh264_luma_dc(out: Ptr, blocks: Ptr) -> (), ["SWelsFuncPtrList.pfTransformHadamard4x4Dc"] = openh264_transform::luma_dc;
    587 openh264_single_cost(levels: Ptr) -> i32, ["SWelsFuncPtrList.pfCalculateSingleCtr4x4"] = openh264_levels::single_cost;
    589 openh264_runs(coefficients: Ptr, runs: Ptr, levels: Ptr, number: Ptr, last: i32) -> i32, ["SWelsFuncPtrList.pfCavlcParamCal"] = openh264_levels::runs;
    591 openh264_dequant_four(levels: Ptr, factors: Ptr) -> (), ["SWelsFuncPtrList.pfDequantizationFour4x4"] = openh264_transform::scale::<64>;
    592 openh264_dequant_luma_dc(levels: Ptr, factor: i32) -> (), ["SWelsFuncPtrList.pfDequantizationIHadamard4x4"] = openh264_transform::scale_luma_dc;
    593 openh264_idct(out: Ptr, out_stride: i32, prediction: Ptr, prediction_stride: i32, coefficients: Ptr) -> (), ["SWelsFuncPtrList.pfIDctT4"] = openh264_transform::inverse;
    594 openh264_idct_four(out: Ptr, out_stride: i32, prediction: Ptr, prediction_stride: i32, coefficients: Ptr) -> (), ["SWelsFuncPtrList.pfIDctFourT4"] = openh264_transform::inverse_four;
    595 openh264_idct_luma_dc(out: Ptr, out_stride: i32, prediction: Ptr, prediction_stride: i32, coefficients: Ptr) -> (), ["SWelsFuncPtrList.pfIDctI16x16Dc"] = openh264_transform::inverse_luma_dc;
    600 openh264_deblock_luma_horizontal(edge: Ptr, stride: i32, alpha: i32, beta: i32, limits: Ptr) -> (), ["DeblockingFunc.pfLumaDeblockingLT4Ver"] = h264_deblock::luma::<false, 16>;
    601 openh264_deblock_luma_vertical(edge: Ptr, stride: i32, alpha: i32, beta: i32, limits: Ptr) -> (), ["DeblockingFunc.pfLumaDeblockingLT4Hor"] = h264_deblock::luma::<true, 16>;
    602 openh264_deblock_luma_horizontal_strong(edge: Ptr, stride: i32, alpha: i32, beta: i32) -> (), ["DeblockingFunc.pfLumaDeblockingEQ4Ver"] = h264_deblock::luma_intra::<false, 16>;
    603 openh264_deblock_luma_vertical_strong(edge: Ptr, stride: i32, alpha: i32, beta: i32) -> (), ["DeblockingFunc.pfLumaDeblockingEQ4Hor"] = h264_deblock::luma_intra::<true, 16>;
    604 openh264_deblock_chroma_horizontal(cb: Ptr, cr: Ptr, stride: i32, alpha: i32, beta: i32, limits: Ptr) -> (), ["DeblockingFunc.pfChromaDeblockingLT4Ver"] = openh264_deblock::chroma::<false>;
    605 openh264_deblock_chroma_vertical(cb: Ptr, cr: Ptr, stride: i32, alpha: i32, beta: i32, limits: Ptr) -> (), ["DeblockingFunc.pfChromaDeblockingLT4Hor"] = openh264_deblock::chroma::<true>;
    606 openh264_deblock_chroma_horizontal_strong(cb: Ptr, cr: Ptr, stride: i32, alpha: i32, beta: i32) -> (), ["DeblockingFunc.pfChromaDeblockingEQ4Ver"] = openh264_deblock::chroma_strong::<false>;
    607 openh264_deblock_chroma_vertical_strong(cb: Ptr, cr: Ptr, stride: i32, alpha: i32, beta: i32) -> (), ["DeblockingFunc.pfChromaDeblockingEQ4Hor"] = openh264_deblock::chroma_strong::<true>;
    610 openh264_copy_16x16(to: Ptr, to_stride: i32, from: Ptr, from_stride: i32) -> (), ["SWelsFuncPtrList.pfCopy16x16Aligned"] = openh264_vaa::copy::<16, 16>;
    611 openh264_copy_any_16x16(to: Ptr, to_stride: i32, from: Ptr, from_stride: i32) -> (), ["SWelsFuncPtrList.pfCopy16x16NotAligned"] = openh264_vaa::copy::<16, 16>;
    612 openh264_copy_16x8(to: Ptr, to_stride: i32, from: Ptr, from_stride: i32) -> (), ["SWelsFuncPtrList.pfCopy16x8NotAligned"] = openh264_vaa::copy::<16, 8>;
    613 openh264_copy_8x16(to: Ptr, to_stride: i32, from: Ptr, from_stride: i32) -> (), ["SWelsFuncPtrList.pfCopy8x16Aligned"] = openh264_vaa::copy::<8, 16>;
    616 openh264_variance(at: Ptr, stride: i32) -> i32, ["SWelsFuncPtrList.pfGetVarianceFromIntraVaa"] = openh264_vaa::variance;
    617 openh264_vaa_sad(now: Ptr, before: Ptr, width: i32, height: i32, stride: i32, frame: Ptr, sad: Ptr) -> (), ["VAACalcSad_c"] = openh264_vaa::differences;
    618 openh264_vaa_sad_var(now: Ptr, before: Ptr, width: i32, height: i32, stride: i32, frame: Ptr, sad: Ptr, sum: Ptr, squares: Ptr) -> (), ["VAACalcSadVar_c"] = openh264_vaa::differences_and_variance;
    619 openh264_vaa_sad_ssd(now: Ptr, before: Ptr, width: i32, height: i32, stride: i32, frame: Ptr, sad: Ptr, sum: Ptr, squares: Ptr, squared: Ptr) -> (), ["VAACalcSadSsd_c"] = openh264_vaa::differences_and_squares;
    620 openh264_vaa_sad_bgd(now: Ptr, before: Ptr, width: i32, height: i32, stride: i32, frame: Ptr, sad: Ptr, sd: Ptr, mad: Ptr) -> (), ["VAACalcSadBgd_c"] = openh264_vaa::differences_and_background;
    621 openh264_vaa_sad_ssd_bgd(now: Ptr, before: Ptr, width: i32, height: i32, stride: i32, frame: Ptr, sad: Ptr, sum: Ptr, squares: Ptr, squared: Ptr, sd: Ptr, mad: Ptr) -> (), ["VAACalcSadSsdBgd_c"] = openh264_vaa::differences_and_all;
};
