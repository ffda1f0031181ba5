//! The part of the table of kernels that is for audio.

use super::guest::Ptr;
use super::{
    Kernel, aac_band, aac_encoder, aac_psy, aac_refine, aac_scales, aac_search, alac,
    audio_convert, celt, celt_pulses, flac, flac_channels, flac_encode, float_dsp, kernels,
    lpc_window, mpeg_audio, mpeg_codes, mpeg_imdct, probing, resample, rice, tempo, tx,
    tx_fifteens, tx_mdct, tx_real, vorbis,
};

pub(super) const AUDIO: &[Kernel] = kernels! {
    768 float_multiply(to: Ptr, a: Ptr, b: Ptr, count: i32) -> (), ["AVFloatDSPContext.vector_fmul"] = float_dsp::multiply;
    769 float_add_scaled(to: Ptr, a: Ptr, factor: f32, count: i32) -> (), ["AVFloatDSPContext.vector_fmac_scalar"] = float_dsp::add_scaled;
    770 float_scale(to: Ptr, a: Ptr, factor: f32, count: i32) -> (), ["AVFloatDSPContext.vector_fmul_scalar"] = float_dsp::scale;
    771 float_overlap(to: Ptr, a: Ptr, b: Ptr, window: Ptr, half: i32) -> (), ["AVFloatDSPContext.vector_fmul_window"] = float_dsp::overlap;
    772 float_multiply_add(to: Ptr, a: Ptr, b: Ptr, c: Ptr, count: i32) -> (), ["AVFloatDSPContext.vector_fmul_add"] = float_dsp::multiply_add;
    773 float_multiply_reversed(to: Ptr, a: Ptr, b: Ptr, count: i32) -> (), ["AVFloatDSPContext.vector_fmul_reverse"] = float_dsp::multiply_reversed;
    774 float_butterflies(a: Ptr, b: Ptr, count: i32) -> (), ["AVFloatDSPContext.butterflies_float"] = float_dsp::butterflies;
    775 float_dot(a: Ptr, b: Ptr, count: i32) -> f32, ["AVFloatDSPContext.scalarproduct_float"] = float_dsp::dot;
    784 aac_power(to: Ptr, from: Ptr, count: i32) -> (), ["AACEncDSPContext.abs_pow34"] = aac_encoder::power;
    785 aac_quantise(to: Ptr, values: Ptr, scaled: Ptr, count: i32, signed: i32, largest: i32, scale: f32, rounding: f32) -> (), ["AACEncDSPContext.quant_bands"] = aac_encoder::quantise;
    786 aac_cost_signed_fours(values: Ptr, scaled: Ptr, size: i32, lengths: Ptr, down: f32, down34: f32, up: f32, weight: f32, limit: f32, bits: Ptr, energy: Ptr) -> f32, ["quantize_and_encode_band_cost_arr"] = aac_band::cost::<aac_band::SignedFours>;
    787 aac_cost_fours(values: Ptr, scaled: Ptr, size: i32, lengths: Ptr, down: f32, down34: f32, up: f32, weight: f32, limit: f32, bits: Ptr, energy: Ptr) -> f32, ["quantize_and_encode_band_cost_arr"] = aac_band::cost::<aac_band::Fours>;
    788 aac_cost_signed_pairs(values: Ptr, scaled: Ptr, size: i32, lengths: Ptr, down: f32, down34: f32, up: f32, weight: f32, limit: f32, bits: Ptr, energy: Ptr) -> f32, ["quantize_and_encode_band_cost_arr"] = aac_band::cost::<aac_band::SignedPairs>;
    789 aac_cost_pairs(values: Ptr, scaled: Ptr, size: i32, lengths: Ptr, down: f32, down34: f32, up: f32, weight: f32, limit: f32, bits: Ptr, energy: Ptr) -> f32, ["quantize_and_encode_band_cost_arr"] = aac_band::cost::<aac_band::Pairs>;
    790 aac_cost_wide_pairs(values: Ptr, scaled: Ptr, size: i32, lengths: Ptr, down: f32, down34: f32, up: f32, weight: f32, limit: f32, bits: Ptr, energy: Ptr) -> f32, ["quantize_and_encode_band_cost_arr"] = aac_band::cost::<aac_band::WidePairs>;
    791 aac_cost_escapes(values: Ptr, scaled: Ptr, size: i32, lengths: Ptr, down: f32, down34: f32, up: f32, weight: f32, limit: f32, bits: Ptr, energy: Ptr) -> f32, ["quantize_and_encode_band_cost_arr"] = aac_band::cost::<aac_band::Escapes>;
    792 aac_try_scales(bands: Ptr) -> i32, ["AACEncDSPContext.try_scales"] = aac_search::try_scales;
    793 aac_raise_scales(scales: Ptr, highest: Ptr, step: i32, free: i32) -> i32, ["AACEncDSPContext.raise_scales"] = aac_scales::raise;
    794 aac_lower_scales(scales: Ptr, lowest: Ptr, step: i32) -> i32, ["AACEncDSPContext.lower_scales"] = aac_scales::lower;
    795 aac_refine_scales(bands: Ptr) -> i32, ["AACEncDSPContext.refine_scales"] = aac_refine::refine;
    796 aac_high_pass(from: Ptr, to: Ptr, factors: Ptr) -> (), ["psy_hp_filter"] = aac_psy::high_pass;
    797 aac_count_fast(bands: Ptr, lowest: Ptr) -> i32, ["AACEncDSPContext.try_scales_fast"] = aac_search::count_fast;
    800 flac_predict_narrow(samples: Ptr, coefficients: Ptr, order: i32, shift: i32, count: i32) -> (), ["FLACDSPContext.lpc16"] = flac::predict_narrow;
    801 flac_predict_wide(samples: Ptr, coefficients: Ptr, order: i32, shift: i32, count: i32) -> (), ["FLACDSPContext.lpc32"] = flac::predict_wide;
    802 lpc_autocorrelation(data: Ptr, count: i32, lag: i32, sums: Ptr) -> (), ["LPCContext.lpc_compute_autocorr"] = flac::autocorrelation;
    803 flac_residual_narrow(residuals: Ptr, samples: Ptr, count: i32, order: i32, coefficients: Ptr, shift: i32) -> (), ["FLACEncDSPContext.lpc16_encode"] = flac_encode::narrow;
    804 flac_residual_wide(residuals: Ptr, samples: Ptr, count: i32, order: i32, coefficients: Ptr, shift: i32) -> (), ["FLACEncDSPContext.lpc32_encode"] = flac_encode::wide;
    809 mp3_synthesis(ring: Ptr, offset: Ptr, remainder: Ptr, samples: Ptr, step: i32, bands: Ptr, count: i32, window: Ptr) -> (), ["mp_decode_frame"] = mpeg_audio::synthesis;
    810 mp3_imdct_long(out: Ptr, overlap: Ptr, values: Ptr, count: i32, switched: i32, kind: i32, windows: Ptr) -> (), ["MPADSPContext.imdct36_blocks_fixed"] = mpeg_imdct::long;
    811 mp3_pairs(bytes: Ptr, index: Ptr, end: i32, size: i32, codes: Ptr, escape_bits: i32, exponents: Ptr, to: Ptr, count: i32, powers: Ptr, mantissas: Ptr, shifts: Ptr) -> i32, ["huffman_decode"] = mpeg_codes::pairs;
    812 mp3_quads(bytes: Ptr, index: Ptr, end: i32, size: i32, codes: Ptr, width: i32, exponents: Ptr, to: Ptr, from: i32, powers: Ptr, last: Ptr) -> i32, ["huffman_decode"] = mpeg_codes::quads;
    816 samples_float_to_16(to: Ptr, from: Ptr, from_step: i32, to_step: i32, end: Ptr) -> (), ["AudioConvert.conv_f"] = audio_convert::float_to_16;
    817 samples_float_from_16(to: Ptr, from: Ptr, from_step: i32, to_step: i32, end: Ptr) -> (), ["AudioConvert.conv_f"] = audio_convert::float_from_16;
    818 resample_float(context: Ptr, to: Ptr, from: Ptr, count: i32, update: i32) -> i32, ["ResampleContext.dsp.resample_common"] = resample::resample;
    819 samples_16(to: Ptr, from: Ptr, from_step: i32, to_step: i32, end: Ptr) -> (), ["AudioConvert.conv_f"] = audio_convert::moved_16;
    820 samples_32(to: Ptr, from: Ptr, from_step: i32, to_step: i32, end: Ptr) -> (), ["AudioConvert.conv_f"] = audio_convert::moved_32;
    824 tempo_mono_16(to: Ptr, from: Ptr, count: i32, channels: i32) -> (), ["yae_downmix"] = tempo::mono_16;
    825 tempo_mono_float(to: Ptr, from: Ptr, count: i32, channels: i32) -> (), ["yae_downmix"] = tempo::mono_float;
    826 tempo_blend_16(to: Ptr, a: Ptr, b: Ptr, share_a: Ptr, share_b: Ptr, count: i32, channels: i32) -> (), ["yae_overlap_add"] = tempo::blend_16;
    827 tempo_blend_float(to: Ptr, a: Ptr, b: Ptr, share_a: Ptr, share_b: Ptr, count: i32, channels: i32) -> (), ["yae_overlap_add"] = tempo::blend_float;
    828 tempo_correlate(to: Ptr, a: Ptr, b: Ptr, count: i32) -> (), ["yae_xcorr_via_rdft"] = tempo::correlate;
    829 tempo_best(values: Ptr, first: i32, end: i32, drift: i32) -> i32, ["yae_align"] = tempo::best;
    832 tx_fft(to: Ptr, from: Ptr, len: i32, cosines: Ptr) -> (), ["AVTXContext.fn"] = tx::power_of_two;
    833 tx_mdct_inverse(to: Ptr, from: Ptr, half: i32, map: Ptr, factors: Ptr, cosines: Ptr) -> (), ["av_tx_fn"] = tx_mdct::inverse;
    834 tx_mdct_forward(to: Ptr, from: Ptr, half: i32, map: Ptr, factors: Ptr, cosines: Ptr) -> (), ["av_tx_fn"] = tx_mdct::forward;
    835 tx_real(data: Ptr, quarter: i32, factors: Ptr) -> (), ["av_tx_fn"] = tx_real::pairs;
    836 tx_permuted(to: Ptr, from: Ptr, map: Ptr, len: i32, cosines: Ptr) -> (), ["AVTXContext.fn"] = tx::permuted;
    840 flac_independent_16(to: Ptr, from: Ptr, channels: i32, count: i32, shift: i32) -> (), ["FLACDSPContext.decorrelate"] = flac_channels::to_16::<flac_channels::Independent>;
    841 flac_left_side_16(to: Ptr, from: Ptr, channels: i32, count: i32, shift: i32) -> (), ["FLACDSPContext.decorrelate"] = flac_channels::to_16::<flac_channels::LeftSide>;
    842 flac_side_right_16(to: Ptr, from: Ptr, channels: i32, count: i32, shift: i32) -> (), ["FLACDSPContext.decorrelate"] = flac_channels::to_16::<flac_channels::SideRight>;
    843 flac_mid_side_16(to: Ptr, from: Ptr, channels: i32, count: i32, shift: i32) -> (), ["FLACDSPContext.decorrelate"] = flac_channels::to_16::<flac_channels::MidSide>;
    960 alac_predict(residuals: Ptr, samples: Ptr, count: i32, order: i32, shift: i32, coefficients: Ptr, width: i32) -> (), ["alac_linear_predictor"] = alac::predict;
    961 alac_write(writer: Ptr, residuals: Ptr, count: i32, history: u32, multiplier: i32, limit: i32, width: i32) -> i32, ["alac_entropy_coder"] = alac::write;
    962 stereo_sums(left: Ptr, right: Ptr, count: i32, sums: Ptr) -> (), ["estimate_stereo_mode"] = rice::stereo_sums;
    963 flac_write(writer: Ptr, residuals: Ptr, count: i32, order: i32, partition_order: i32, width: i32, parameters: Ptr) -> i32, ["write_subframes"] = rice::write;
    964 flac_read(bytes: Ptr, index: Ptr, size: i32, residuals: Ptr, count: i32, order: i32, partition_order: i32, width: i32) -> i32, ["decode_residuals"] = rice::read;
    965 flac_partition_sums(residuals: Ptr, count: i32, order: i32, partition_order: i32, sums: Ptr) -> (), ["calc_rice_params"] = rice::partition_sums;
    966 flac_code_bits(residuals: Ptr, count: i32, parameter: i32, bits: Ptr) -> (), ["rice_count_exact"] = rice::code_bits;
    967 lpc_welch(samples: Ptr, count: i32, to: Ptr) -> (), ["LPCContext.lpc_apply_welch_window"] = lpc_window::welch;
    970 celt_postfilter(data: Ptr, period: i32, gains: Ptr, count: i32) -> (), ["OpusDSP.postfilter"] = celt::postfilter;
    971 celt_transition(data: Ptr, old_period: i32, period: i32, old_gains: Ptr, gains: Ptr, window: Ptr) -> (), ["celt_postfilter_apply_transition"] = celt::transition;
    973 celt_pulses(numbers: Ptr, to: Ptr, dimensions: u32, pulses: u32, index: u32, gain: f32) -> (), ["celt_alg_unquant"] = celt_pulses::pulses;
    974 tx_fifteens(to: Ptr, from: Ptr, count: i32, map: Ptr, places: Ptr, factors: Ptr, constants: Ptr) -> (), ["av_tx_fn"] = tx_fifteens::transforms;
    975 tx_fifteens_end(to: Ptr, from: Ptr, half: i32, map: Ptr, factors: Ptr) -> (), ["av_tx_fn"] = tx_fifteens::end;
    976 celt_deemphasis(left_to: Ptr, left: Ptr, right_to: Ptr, right: Ptr, states: Ptr, weight: f32, count: i32) -> (), ["ff_celt_decode_frame"] = celt::deemphasis;
    980 vorbis_coupling(magnitudes: Ptr, angles: Ptr, count: i32) -> (), ["VorbisDSPContext.vorbis_inverse_coupling"] = vorbis::coupling;
    981 vorbis_lines(points: Ptr, count: i32, heights: Ptr, used: Ptr, multiplier: i32, to: Ptr, samples: i32, levels: Ptr) -> (), ["ff_vorbis_floor1_render_list"] = vorbis::lines;
    990 probe_mpegts(bytes: Ptr, size: i32, packet: i32, strict: i32) -> i32, ["mpegts_probe"] = probing::mpegts;
    991 probe_mpeg_audio(bytes: Ptr, size: i32, unused: u32, as_well: u32) -> i32, ["mp3_read_probe"] = probing::mpeg_audio;
    992 probe_repeats(bytes: Ptr, size: i32, header: u32, mask: u32) -> i32, ["mp3_read_probe"] = probing::repeats;
    993 probe_adts(bytes: Ptr, size: i32, unused: u32, as_well: u32) -> i32, ["adts_aac_probe"] = probing::adts;
};
