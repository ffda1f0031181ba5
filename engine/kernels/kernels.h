/* Host kernels: functions of the host that may stand in for C functions of the guest.
 *
 * A host that knows this interface writes, before it starts the guest, table indices of its own
 * functions into `afmpeg_kernel_slots`. The files here stand in front of the libraries' init functions:
 * each defines a function f again and calls the library's own as `__real_f`, which the build renames.
 * After that one has filled in its function pointers, those whose slot is not 0 are replaced. A host
 * that knows nothing of it leaves the slots alone, and the C functions run.
 *
 * A slot belongs to one function with one signature for ever; what changes gets a new slot. */
#ifndef AFMPEG_KERNELS_H
#define AFMPEG_KERNELS_H

#include <stdint.h>

enum { AFMPEG_KERNEL_ABI = 1, AFMPEG_KERNEL_COUNT = 2048 };

/* X(first slot, number of slots, name). The host has the same list; a test compares them. */
#define AFMPEG_KERNELS(X) \
    /* H.264 decoding, 8 bits a sample: H264DSPContext (0 to 63) */ \
    X(0, 1, h264_idct_add) \
    X(1, 1, h264_idct8_add) \
    X(3, 1, h264_idct8_dc_add) \
    X(4, 1, h264_idct_add16) \
    X(5, 1, h264_idct8_add4) \
    X(6, 1, h264_idct_add8) \
    X(7, 1, h264_idct_add16intra) \
    X(8, 1, h264_v_loop_filter_luma) \
    X(9, 1, h264_h_loop_filter_luma) \
    X(10, 1, h264_h_loop_filter_mbaff_luma) \
    X(11, 1, h264_v_loop_filter_intra_luma) \
    X(12, 1, h264_h_loop_filter_intra_luma) \
    X(13, 1, h264_h_loop_filter_mbaff_intra_luma) \
    X(14, 1, h264_v_loop_filter_chroma) \
    X(15, 1, h264_h_loop_filter_chroma) \
    X(16, 1, h264_h_loop_filter_mbaff_chroma) \
    X(17, 1, h264_v_loop_filter_intra_chroma) \
    X(18, 1, h264_h_loop_filter_intra_chroma) \
    X(20, 1, h264_weight_16) \
    X(21, 1, h264_weight_8) \
    X(22, 1, h264_weight_4) \
    X(23, 1, h264_weight_2) \
    X(24, 1, h264_biweight_16) \
    X(25, 1, h264_biweight_8) \
    X(26, 1, h264_biweight_4) \
    X(27, 1, h264_biweight_2) \
    X(28, 1, h264_edge_strengths) \
    X(64, 1, h264_chroma_put_8) \
    X(65, 1, h264_chroma_put_4) \
    X(66, 1, h264_chroma_put_2) \
    X(68, 1, h264_chroma_avg_8) \
    X(69, 1, h264_chroma_avg_4) \
    X(70, 1, h264_chroma_avg_2) \
    /* H264QpelContext: for 16, 8 and 4 columns 16 positions each, of which the first is a copy; then averaging */ \
    X(128, 16, h264_qpel_put16) \
    X(145, 15, h264_qpel_put8) \
    X(161, 15, h264_qpel_put4) \
    X(176, 16, h264_qpel_avg16) \
    X(193, 15, h264_qpel_avg8) \
    X(209, 15, h264_qpel_avg4) \
    /* swscale (256 to 383) */ \
    X(256, 1, scale_across_8) \
    X(257, 1, scale_across_16) \
    X(258, 1, scale_down) \
    X(259, 1, scale_straight) \
    X(260, 1, scale_luma_to_full) \
    X(261, 1, scale_luma_from_full) \
    X(262, 1, scale_chroma_to_full) \
    X(263, 1, scale_chroma_from_full) \
    X(264, 1, scale_rgb24_to_y) \
    X(265, 1, scale_rgb24_to_uv) \
    X(266, 1, scale_rgb24_to_uv_of_two) \
    X(267, 1, scale_bgr24_to_y) \
    X(268, 1, scale_bgr24_to_uv) \
    X(269, 1, scale_bgr24_to_uv_of_two) \
    X(270, 1, scale_to_rgb24) \
    X(271, 1, scale_to_bgr24) \
    X(272, 1, scale_to_rgb32) \
    X(273, 1, scale_rows_to_rgb24) \
    X(274, 1, scale_rows_to_rgb32) \
    X(275, 1, scale_row_to_rgb8) \
    /* JPEG and MPEG encoding (384 to 511) */ \
    X(384, 1, fdct_islow) \
    X(385, 1, pixels_to_block) \
    X(386, 1, pixels_difference) \
    X(387, 1, fdct_quantise) \
    X(388, 1, code_lengths) \
    X(389, 1, jpeg_codes) \
    /* openh264 (512 to 767) */ \
    X(512, 7, openh264_sad) \
    X(519, 7, openh264_sad_four) \
    X(526, 7, openh264_satd) \
    X(533, 1, openh264_best_4x4_satd) \
    X(534, 1, openh264_best_16x16_satd) \
    X(535, 1, openh264_best_16x16_sad) \
    X(536, 1, openh264_best_chroma_satd) \
    X(537, 1, openh264_best_chroma_sad) \
    X(540, 1, openh264_half_horizontal) \
    X(541, 1, openh264_half_vertical) \
    X(542, 1, openh264_half_centre) \
    X(543, 1, openh264_mc_luma) \
    X(544, 1, openh264_mc_chroma) \
    X(545, 1, openh264_average) \
    X(567, 1, openh264_intra_16x16_plane) \
    X(573, 1, openh264_intra_chroma_plane) \
    X(576, 1, openh264_dct) \
    X(577, 1, openh264_dct_four) \
    X(578, 1, openh264_quant) \
    X(579, 1, openh264_quant_four) \
    X(580, 1, openh264_quant_dc) \
    X(581, 1, openh264_quant_four_max) \
    X(582, 1, openh264_quant_chroma_dc) \
    X(584, 1, openh264_luma_dc) \
    X(587, 1, openh264_single_cost) \
    X(589, 1, openh264_runs) \
    X(591, 1, openh264_dequant_four) \
    X(592, 1, openh264_dequant_luma_dc) \
    X(593, 1, openh264_idct) \
    X(594, 1, openh264_idct_four) \
    X(595, 1, openh264_idct_luma_dc) \
    X(600, 1, openh264_deblock_luma_horizontal) \
    X(601, 1, openh264_deblock_luma_vertical) \
    X(602, 1, openh264_deblock_luma_horizontal_strong) \
    X(603, 1, openh264_deblock_luma_vertical_strong) \
    X(604, 1, openh264_deblock_chroma_horizontal) \
    X(605, 1, openh264_deblock_chroma_vertical) \
    X(606, 1, openh264_deblock_chroma_horizontal_strong) \
    X(607, 1, openh264_deblock_chroma_vertical_strong) \
    X(610, 1, openh264_copy_16x16) \
    X(611, 1, openh264_copy_any_16x16) \
    X(612, 1, openh264_copy_16x8) \
    X(613, 1, openh264_copy_8x16) \
    X(616, 1, openh264_variance) \
    X(617, 1, openh264_vaa_sad) \
    X(618, 1, openh264_vaa_sad_var) \
    X(619, 1, openh264_vaa_sad_ssd) \
    X(620, 1, openh264_vaa_sad_bgd) \
    X(621, 1, openh264_vaa_sad_ssd_bgd) \
    /* audio (768 to 1023) */ \
    X(768, 1, float_multiply) \
    X(769, 1, float_add_scaled) \
    X(770, 1, float_scale) \
    X(771, 1, float_overlap) \
    X(772, 1, float_multiply_add) \
    X(773, 1, float_multiply_reversed) \
    X(774, 1, float_butterflies) \
    X(775, 1, float_dot) \
    X(784, 1, aac_power) \
    X(785, 1, aac_quantise) \
    X(786, 1, aac_cost_signed_fours) \
    X(787, 1, aac_cost_fours) \
    X(788, 1, aac_cost_signed_pairs) \
    X(789, 1, aac_cost_pairs) \
    X(790, 1, aac_cost_wide_pairs) \
    X(791, 1, aac_cost_escapes) \
    X(792, 1, aac_try_scales) \
    X(793, 1, aac_raise_scales) \
    X(794, 1, aac_lower_scales) \
    X(795, 1, aac_refine_scales) \
    X(796, 1, aac_high_pass) \
    X(797, 1, aac_count_fast) \
    X(800, 1, flac_predict_narrow) \
    X(801, 1, flac_predict_wide) \
    X(802, 1, lpc_autocorrelation) \
    X(803, 1, flac_residual_narrow) \
    X(804, 1, flac_residual_wide) \
    X(809, 1, mp3_synthesis) \
    X(810, 1, mp3_imdct_long) \
    X(811, 1, mp3_pairs) \
    X(812, 1, mp3_quads) \
    X(816, 1, samples_float_to_16) \
    X(817, 1, samples_float_from_16) \
    X(818, 1, resample_float) \
    X(819, 1, samples_16) \
    X(820, 1, samples_32) \
    /* atempo: samples of 16 bits or in floating point */ \
    X(824, 1, tempo_mono_16) \
    X(825, 1, tempo_mono_float) \
    X(826, 1, tempo_blend_16) \
    X(827, 1, tempo_blend_float) \
    X(828, 1, tempo_correlate) \
    X(829, 1, tempo_best) \
    X(832, 1, tx_fft) \
    X(833, 1, tx_mdct_inverse) \
    X(834, 1, tx_mdct_forward) \
    X(835, 1, tx_real) \
    X(836, 1, tx_permuted) \
    X(840, 1, flac_independent_16) \
    X(841, 1, flac_left_side_16) \
    X(842, 1, flac_side_right_16) \
    X(843, 1, flac_mid_side_16) \
    X(960, 1, alac_predict) \
    X(961, 1, alac_write) \
    X(962, 1, stereo_sums) \
    X(963, 1, flac_write) \
    X(964, 1, flac_read) \
    X(965, 1, flac_partition_sums) \
    X(966, 1, flac_code_bits) \
    X(967, 1, lpc_welch) \
    X(970, 1, celt_postfilter) \
    X(971, 1, celt_transition) \
    X(973, 1, celt_pulses) \
    X(974, 1, tx_fifteens) \
    X(975, 1, tx_fifteens_end) \
    X(976, 1, celt_deemphasis) \
    X(980, 1, vorbis_coupling) \
    X(981, 1, vorbis_lines) \
    X(990, 1, probe_mpegts) \
    X(991, 1, probe_mpeg_audio) \
    X(992, 1, probe_repeats) \
    X(993, 1, probe_adts) \
    /* VP8, VP9 and HEVC (1024 to 1279) */ \
    X(1024, 1, vp8_put_h) \
    X(1025, 1, vp8_put_v) \
    X(1026, 1, vp8_put_hv) \
    X(1027, 1, vp9_put_h) \
    X(1028, 1, vp9_put_v) \
    X(1029, 1, vp9_put_hv) \
    X(1030, 1, vp9_avg_h) \
    X(1031, 1, vp9_avg_v) \
    X(1032, 1, vp9_avg_hv) \
    X(1040, 1, hevc_qpel_put_pixels) \
    X(1041, 1, hevc_qpel_put_h) \
    X(1042, 1, hevc_qpel_put_v) \
    X(1043, 1, hevc_qpel_put_hv) \
    X(1044, 1, hevc_qpel_uni_pixels) \
    X(1045, 1, hevc_qpel_uni_h) \
    X(1046, 1, hevc_qpel_uni_v) \
    X(1047, 1, hevc_qpel_uni_hv) \
    X(1048, 1, hevc_qpel_bi_pixels) \
    X(1049, 1, hevc_qpel_bi_h) \
    X(1050, 1, hevc_qpel_bi_v) \
    X(1051, 1, hevc_qpel_bi_hv) \
    X(1052, 1, hevc_epel_put_pixels) \
    X(1053, 1, hevc_epel_put_h) \
    X(1054, 1, hevc_epel_put_v) \
    X(1055, 1, hevc_epel_put_hv) \
    X(1056, 1, hevc_epel_uni_pixels) \
    X(1057, 1, hevc_epel_uni_h) \
    X(1058, 1, hevc_epel_uni_v) \
    X(1059, 1, hevc_epel_uni_hv) \
    X(1060, 1, hevc_epel_bi_pixels) \
    X(1061, 1, hevc_epel_bi_h) \
    X(1062, 1, hevc_epel_bi_v) \
    X(1063, 1, hevc_epel_bi_hv) \
    X(1064, 1, hevc_qpel_uni_w_pixels) \
    X(1065, 1, hevc_qpel_uni_w_h) \
    X(1066, 1, hevc_qpel_uni_w_v) \
    X(1067, 1, hevc_qpel_uni_w_hv) \
    X(1068, 1, hevc_qpel_bi_w_pixels) \
    X(1069, 1, hevc_qpel_bi_w_h) \
    X(1070, 1, hevc_qpel_bi_w_v) \
    X(1071, 1, hevc_qpel_bi_w_hv) \
    X(1072, 1, hevc_epel_uni_w_pixels) \
    X(1073, 1, hevc_epel_uni_w_h) \
    X(1074, 1, hevc_epel_uni_w_v) \
    X(1075, 1, hevc_epel_uni_w_hv) \
    X(1076, 1, hevc_epel_bi_w_pixels) \
    X(1077, 1, hevc_epel_bi_w_h) \
    X(1078, 1, hevc_epel_bi_w_v) \
    X(1079, 1, hevc_epel_bi_w_hv) \
    X(1128, 1, vp8_v_loop_filter16y) \
    X(1129, 1, vp8_h_loop_filter16y) \
    X(1130, 1, vp8_v_loop_filter16y_inner) \
    X(1131, 1, vp8_h_loop_filter16y_inner) \
    X(1132, 1, vp8_v_loop_filter8uv) \
    X(1133, 1, vp8_h_loop_filter8uv) \
    X(1134, 1, vp8_v_loop_filter8uv_inner) \
    X(1135, 1, vp8_h_loop_filter8uv_inner) \
    X(1136, 1, vp8_v_loop_filter_simple) \
    X(1137, 1, vp8_h_loop_filter_simple) \
    X(1138, 1, vp8_idct_add) \
    X(1140, 1, vp8_idct_dc_add4y) \
    X(1141, 1, vp8_idct_dc_add4uv) \
    X(1142, 1, vp8_luma_dc_wht) \
    X(1152, 1, vp9_loop_filter_h_4_8) \
    X(1153, 1, vp9_loop_filter_v_4_8) \
    X(1154, 1, vp9_loop_filter_h_8_8) \
    X(1155, 1, vp9_loop_filter_v_8_8) \
    X(1156, 1, vp9_loop_filter_h_16_8) \
    X(1157, 1, vp9_loop_filter_v_16_8) \
    X(1158, 1, vp9_loop_filter_h_16_16) \
    X(1159, 1, vp9_loop_filter_v_16_16) \
    X(1160, 1, vp9_loop_filter_h_44_16) \
    X(1161, 1, vp9_loop_filter_v_44_16) \
    X(1162, 1, vp9_loop_filter_h_48_16) \
    X(1163, 1, vp9_loop_filter_v_48_16) \
    X(1164, 1, vp9_loop_filter_h_84_16) \
    X(1165, 1, vp9_loop_filter_v_84_16) \
    X(1166, 1, vp9_loop_filter_h_88_16) \
    X(1167, 1, vp9_loop_filter_v_88_16) \
    X(1168, 1, vp9_dct_dct_4_add) \
    X(1169, 1, vp9_adst_dct_4_add) \
    X(1170, 1, vp9_dct_adst_4_add) \
    X(1171, 1, vp9_adst_adst_4_add) \
    X(1172, 1, vp9_dct_dct_8_add) \
    X(1173, 1, vp9_adst_dct_8_add) \
    X(1174, 1, vp9_dct_adst_8_add) \
    X(1175, 1, vp9_adst_adst_8_add) \
    X(1176, 1, vp9_dct_dct_16_add) \
    X(1177, 1, vp9_adst_dct_16_add) \
    X(1178, 1, vp9_dct_adst_16_add) \
    X(1179, 1, vp9_adst_adst_16_add) \
    X(1180, 1, vp9_dct_dct_32_add) \
    X(1184, 1, hevc_idct_8) \
    X(1185, 1, hevc_idct_16) \
    X(1186, 1, hevc_idct_32) \
    X(1189, 1, hevc_idct_8_dc) \
    X(1190, 1, hevc_idct_16_dc) \
    X(1191, 1, hevc_idct_32_dc) \
    X(1192, 1, hevc_add_residual_4) \
    X(1193, 1, hevc_add_residual_8) \
    X(1194, 1, hevc_add_residual_16) \
    X(1195, 1, hevc_add_residual_32) \
    X(1196, 1, hevc_h_loop_filter_luma) \
    X(1197, 1, hevc_v_loop_filter_luma) \
    X(1198, 1, hevc_h_loop_filter_chroma) \
    X(1199, 1, hevc_v_loop_filter_chroma) \
    X(1200, 1, hevc_sao_band) \
    X(1201, 1, hevc_sao_edge) \
    X(1208, 1, hevc_planar_4) \
    X(1209, 1, hevc_planar_8) \
    X(1210, 1, hevc_planar_16) \
    X(1211, 1, hevc_planar_32) \
    X(1213, 1, hevc_angular_8) \
    X(1214, 1, hevc_angular_16) \
    X(1215, 1, hevc_angular_32) \
    X(1216, 1, hevc_mean) \
    X(1224, 1, emulated_edge) \
    X(1225, 1, copy_64) \
    X(1226, 1, copy_32) \
    X(1227, 1, copy_16) \
    X(1228, 1, copy_8) \
    X(1229, 1, copy_4) \
    X(1230, 1, average_64) \
    X(1231, 1, average_32) \
    X(1232, 1, average_16) \
    X(1233, 1, average_8) \
    X(1234, 1, average_4) \
    /* filters, still images and containers (1280 to 1535) */ \
    X(1280, 1, png_filter) \
    X(1281, 1, png_unfilter) \
    X(1289, 1, deflate_slide) \
    X(1290, 1, inflate_run) \
    X(1291, 1, deflate_run) \
    X(1292, 1, lzw_encode) \
    X(1296, 1, checksum_crc) \
    X(1297, 1, checksum_adler) \
    X(1304, 1, mix_rows) \
    X(1305, 1, overlay_row) \
    X(1306, 1, overlay_row_of_four) \
    X(1307, 1, overlay_row_of_two) \
    X(1312, 1, fade_row) \
    X(1320, 1, flip_row_1) \
    X(1321, 1, flip_row_2) \
    X(1322, 1, flip_row_3) \
    X(1323, 1, flip_row_4) \
    X(1328, 1, transpose_1) \
    X(1329, 1, transpose_2) \
    X(1330, 1, transpose_3) \
    X(1331, 1, transpose_4) \
    X(1336, 1, rate_errors)

#define AFMPEG_KERNEL_SLOT(first, number, name) AFMPEG_##name = (first),
enum { AFMPEG_KERNELS(AFMPEG_KERNEL_SLOT) };
#undef AFMPEG_KERNEL_SLOT

#ifdef __cplusplus
extern "C" {
#endif

extern uint32_t afmpeg_kernel_slots[AFMPEG_KERNEL_COUNT];

#ifdef AFMPEG_KERNEL_TEST
/* Table indices (addresses, in a native build) of the functions as the library set them, and as they are after the replacement. */
extern uintptr_t afmpeg_kernel_before[AFMPEG_KERNEL_COUNT];
extern uintptr_t afmpeg_kernel_after[AFMPEG_KERNEL_COUNT];
#define AFMPEG_NOTE(list, slot, pointer) (list[slot] = (uintptr_t)(pointer))
#else
#define AFMPEG_NOTE(list, slot, pointer) ((void)0)
#endif

#ifdef __cplusplus
}
#endif

/* In C++: a function is the library's own of this symbol, or stands in front of it. Linkers of native programs
 * look for the latter under another name; for WebAssembly the former gets one. */
#define AFMPEG_REAL(symbol) __asm__("__real_" symbol)
#ifdef __wasm__
#define AFMPEG_STANDS_IN(symbol)
#else
#define AFMPEG_STANDS_IN(symbol) __asm__("__wrap_" symbol)
#endif

/* Puts `function` in the place of `pointer` where the host has the slot. */
#define AFMPEG_REPLACE_BY(slot, pointer, function) do { \
    AFMPEG_NOTE(afmpeg_kernel_before, slot, pointer); \
    if (afmpeg_kernel_slots[slot]) \
        (pointer) = (function); \
    AFMPEG_NOTE(afmpeg_kernel_after, slot, pointer); \
} while (0)

/* Puts the host's own function there, whose signature must be the pointer's. */
#define AFMPEG_REPLACE(slot, pointer) \
    AFMPEG_REPLACE_BY(slot, pointer, (__typeof__(pointer))(uintptr_t)afmpeg_kernel_slots[slot])

#endif
