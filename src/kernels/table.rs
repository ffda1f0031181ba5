//! The one table of all kernels, in the order of their slots.

use super::guest::Ptr;
use super::table_audio::AUDIO;
use super::table_filters::FILTERS;
use super::table_motion::{EDGES, MOTION, WHOLE_SAMPLES};
use super::table_openh264::OPENH264;
use super::{
    Kernel, fdct, h264_deblock, h264_idct, h264_mc, h264_qpel, h264_strength, jpeg_codes,
    jpeg_encode, kernels, rgb_input, rgb_output, rgb_rows, scale,
};

/// The positions of one size and operation, of which the first has the slot `first`. It is a copy, which only
/// pays where its number is given.
macro_rules! qpel {
    ($first:literal, $name:literal, $size:literal, $average:literal $(, $copy:literal)?) => {
        qpel!(@rows $first, $name, $size, $average, [
            $($copy "mc00",)? 1 "mc10", 2 "mc20", 3 "mc30", 4 "mc01", 5 "mc11", 6 "mc21", 7 "mc31",
            8 "mc02", 9 "mc12", 10 "mc22", 11 "mc32", 12 "mc03", 13 "mc13", 14 "mc23", 15 "mc33"
        ])
    };
    (@rows $first:literal, $name:literal, $size:literal, $average:literal, [$($at:literal $position:literal),*]) => {
        &[$({
            let [kernel] = kernels! {
                0 h264_qpel(dst: Ptr, src: Ptr, stride: i32) -> (), ["H264QpelContext"] = h264_qpel::predict::<$size, $average, $at>;
            };
            let mut kernel = *kernel;
            kernel.slot = $first + $at;
            kernel.function.name = concat!("h264_qpel_", $name, "_", $position);
            kernel
        }),*]
    };
}

/// Every kernel. `engine/kernels/kernels.h` has the same slots and names.
pub static KERNELS: &[Kernel] = &{
    let lists: &[&[Kernel]] = &[
        H264,
        qpel!(128, "put16", 16, false, 0),
        qpel!(144, "put8", 8, false),
        qpel!(160, "put4", 4, false),
        qpel!(176, "avg16", 16, true, 0),
        qpel!(192, "avg8", 8, true),
        qpel!(208, "avg4", 4, true),
        SCALE,
        ENCODING,
        OPENH264,
        AUDIO,
        MOTION,
        EDGES,
        WHOLE_SAMPLES,
        FILTERS,
    ];
    joined::<
        {
            H264.len()
                + 92
                + SCALE.len()
                + ENCODING.len()
                + OPENH264.len()
                + AUDIO.len()
                + MOTION.len()
                + EDGES.len()
                + WHOLE_SAMPLES.len()
                + FILTERS.len()
        },
    >(lists)
};

/// H.264 decoding, 8 bits a sample.
const H264: &[Kernel] = kernels! {
    0 h264_idct_add(dst: Ptr, block: Ptr, stride: i32) -> (), ["H264DSPContext.idct_add"] = h264_idct::add4;
    1 h264_idct8_add(dst: Ptr, block: Ptr, stride: i32) -> (), ["H264DSPContext.idct8_add"] = h264_idct::add8;
    3 h264_idct8_dc_add(dst: Ptr, block: Ptr, stride: i32) -> (), ["H264DSPContext.idct8_dc_add"] = h264_idct::add_dc::<8>;
    4 h264_idct_add16(dst: Ptr, offsets: Ptr, blocks: Ptr, stride: i32, counts: Ptr) -> (), ["H264DSPContext.idct_add16"] = h264_idct::add_16;
    5 h264_idct8_add4(dst: Ptr, offsets: Ptr, blocks: Ptr, stride: i32, counts: Ptr) -> (), ["H264DSPContext.idct8_add4"] = h264_idct::add_4_of_8;
    6 h264_idct_add8(dst: Ptr, offsets: Ptr, blocks: Ptr, stride: i32, counts: Ptr) -> (), ["H264DSPContext.idct_add8"] = h264_idct::add_chroma;
    7 h264_idct_add16intra(dst: Ptr, offsets: Ptr, blocks: Ptr, stride: i32, counts: Ptr) -> (), ["H264DSPContext.idct_add16intra"] = h264_idct::add_16_intra;
    8 h264_v_loop_filter_luma(pixels: Ptr, stride: i32, alpha: i32, beta: i32, strengths: Ptr) -> (), ["H264DSPContext.v_loop_filter_luma"] = h264_deblock::luma::<false, 16>;
    9 h264_h_loop_filter_luma(pixels: Ptr, stride: i32, alpha: i32, beta: i32, strengths: Ptr) -> (), ["H264DSPContext.h_loop_filter_luma"] = h264_deblock::luma::<true, 16>;
    10 h264_h_loop_filter_mbaff_luma(pixels: Ptr, stride: i32, alpha: i32, beta: i32, strengths: Ptr) -> (), ["H264DSPContext.h_loop_filter_luma_mbaff"] = h264_deblock::luma::<true, 8>;
    11 h264_v_loop_filter_intra_luma(pixels: Ptr, stride: i32, alpha: i32, beta: i32) -> (), ["H264DSPContext.v_loop_filter_luma_intra"] = h264_deblock::luma_intra::<false, 16>;
    12 h264_h_loop_filter_intra_luma(pixels: Ptr, stride: i32, alpha: i32, beta: i32) -> (), ["H264DSPContext.h_loop_filter_luma_intra"] = h264_deblock::luma_intra::<true, 16>;
    13 h264_h_loop_filter_mbaff_intra_luma(pixels: Ptr, stride: i32, alpha: i32, beta: i32) -> (), ["H264DSPContext.h_loop_filter_luma_mbaff_intra"] = h264_deblock::luma_intra::<true, 8>;
    14 h264_v_loop_filter_chroma(pixels: Ptr, stride: i32, alpha: i32, beta: i32, strengths: Ptr) -> (), ["H264DSPContext.v_loop_filter_chroma"] = h264_deblock::chroma::<false, 8>;
    15 h264_h_loop_filter_chroma(pixels: Ptr, stride: i32, alpha: i32, beta: i32, strengths: Ptr) -> (), ["H264DSPContext.h_loop_filter_chroma"] = h264_deblock::chroma::<true, 8>;
    16 h264_h_loop_filter_mbaff_chroma(pixels: Ptr, stride: i32, alpha: i32, beta: i32, strengths: Ptr) -> (), ["H264DSPContext.h_loop_filter_chroma_mbaff"] = h264_deblock::chroma::<true, 4>;
    17 h264_v_loop_filter_intra_chroma(pixels: Ptr, stride: i32, alpha: i32, beta: i32) -> (), ["H264DSPContext.v_loop_filter_chroma_intra"] = h264_deblock::chroma_intra::<false, 8>;
    18 h264_h_loop_filter_intra_chroma(pixels: Ptr, stride: i32, alpha: i32, beta: i32) -> (), ["H264DSPContext.h_loop_filter_chroma_intra"] = h264_deblock::chroma_intra::<true, 8>;
    20 h264_weight_16(block: Ptr, stride: i32, height: i32, denom: i32, weight: i32, offset: i32) -> (), ["H264DSPContext.weight_pixels_tab[0]"] = h264_mc::weight::<16>;
    21 h264_weight_8(block: Ptr, stride: i32, height: i32, denom: i32, weight: i32, offset: i32) -> (), ["H264DSPContext.weight_pixels_tab[1]"] = h264_mc::weight::<8>;
    22 h264_weight_4(block: Ptr, stride: i32, height: i32, denom: i32, weight: i32, offset: i32) -> (), ["H264DSPContext.weight_pixels_tab[2]"] = h264_mc::weight::<4>;
    23 h264_weight_2(block: Ptr, stride: i32, height: i32, denom: i32, weight: i32, offset: i32) -> (), ["H264DSPContext.weight_pixels_tab[3]"] = h264_mc::weight::<2>;
    24 h264_biweight_16(dst: Ptr, src: Ptr, stride: i32, height: i32, denom: i32, weight_dst: i32, weight_src: i32, offset: i32) -> (), ["H264DSPContext.biweight_pixels_tab[0]"] = h264_mc::biweight::<16>;
    25 h264_biweight_8(dst: Ptr, src: Ptr, stride: i32, height: i32, denom: i32, weight_dst: i32, weight_src: i32, offset: i32) -> (), ["H264DSPContext.biweight_pixels_tab[1]"] = h264_mc::biweight::<8>;
    26 h264_biweight_4(dst: Ptr, src: Ptr, stride: i32, height: i32, denom: i32, weight_dst: i32, weight_src: i32, offset: i32) -> (), ["H264DSPContext.biweight_pixels_tab[2]"] = h264_mc::biweight::<4>;
    27 h264_biweight_2(dst: Ptr, src: Ptr, stride: i32, height: i32, denom: i32, weight_dst: i32, weight_src: i32, offset: i32) -> (), ["H264DSPContext.biweight_pixels_tab[3]"] = h264_mc::biweight::<2>;
    28 h264_edge_strengths(out: Ptr, counts: Ptr, pictures: Ptr, vectors: Ptr, two_lists: i32, edges: i32, step: i32, same_along: i32, same_across: i32, field: i32) -> (), ["H264DSPContext.loop_filter_strength"] = h264_strength::edges;
    64 h264_chroma_put_8(dst: Ptr, src: Ptr, stride: i32, height: i32, x: i32, y: i32) -> (), ["H264ChromaContext.put_h264_chroma_pixels_tab[0]"] = h264_mc::chroma::<8, false>;
    65 h264_chroma_put_4(dst: Ptr, src: Ptr, stride: i32, height: i32, x: i32, y: i32) -> (), ["H264ChromaContext.put_h264_chroma_pixels_tab[1]"] = h264_mc::chroma::<4, false>;
    66 h264_chroma_put_2(dst: Ptr, src: Ptr, stride: i32, height: i32, x: i32, y: i32) -> (), ["H264ChromaContext.put_h264_chroma_pixels_tab[2]"] = h264_mc::chroma::<2, false>;
    68 h264_chroma_avg_8(dst: Ptr, src: Ptr, stride: i32, height: i32, x: i32, y: i32) -> (), ["H264ChromaContext.avg_h264_chroma_pixels_tab[0]"] = h264_mc::chroma::<8, true>;
    69 h264_chroma_avg_4(dst: Ptr, src: Ptr, stride: i32, height: i32, x: i32, y: i32) -> (), ["H264ChromaContext.avg_h264_chroma_pixels_tab[1]"] = h264_mc::chroma::<4, true>;
    70 h264_chroma_avg_2(dst: Ptr, src: Ptr, stride: i32, height: i32, x: i32, y: i32) -> (), ["H264ChromaContext.avg_h264_chroma_pixels_tab[2]"] = h264_mc::chroma::<2, true>;
};

/// swscale.
const SCALE: &[Kernel] = kernels! {
    256 scale_across_8(dst: Ptr, width: i32, src: Ptr, filter: Ptr, positions: Ptr, size: i32) -> (), ["SwsInternal.hyScale, hcScale of 8 to 15 bits"] = scale::across_8;
    257 scale_across_16(dst: Ptr, width: i32, src: Ptr, filter: Ptr, positions: Ptr, size: i32, shift: i32) -> (), ["SwsInternal.hyScale, hcScale of 16 to 15 bits"] = scale::across_16;
    258 scale_down(filter: Ptr, size: i32, sources: Ptr, dst: Ptr, width: i32, dither: Ptr, offset: i32) -> (), ["SwsInternal.yuv2planeX"] = scale::down;
    259 scale_straight(src: Ptr, dst: Ptr, width: i32, dither: Ptr, offset: i32) -> (), ["SwsInternal.yuv2plane1"] = scale::straight;
    260 scale_luma_to_full(row: Ptr, width: i32, factor: u32, offset: i64) -> (), ["SwsInternal.lumConvertRange"] = scale::convert_range::<true>;
    261 scale_luma_from_full(row: Ptr, width: i32, factor: u32, offset: i64) -> (), ["SwsInternal.lumConvertRange"] = scale::convert_range::<false>;
    262 scale_chroma_to_full(first: Ptr, second: Ptr, width: i32, factor: u32, offset: i64) -> (), ["SwsInternal.chrConvertRange"] = scale::convert_ranges::<true>;
    263 scale_chroma_from_full(first: Ptr, second: Ptr, width: i32, factor: u32, offset: i64) -> (), ["SwsInternal.chrConvertRange"] = scale::convert_ranges::<false>;
    264 scale_rgb24_to_y(dst: Ptr, src: Ptr, unused: Ptr, unused_too: Ptr, width: i32, weights: Ptr, opaque: Ptr) -> (), ["SwsInternal.lumToYV12"] = rgb_input::luma::<false>;
    265 scale_rgb24_to_uv(dst_u: Ptr, dst_v: Ptr, unused: Ptr, src: Ptr, same: Ptr, width: i32, weights: Ptr, opaque: Ptr) -> (), ["SwsInternal.chrToYV12"] = rgb_input::chroma::<false>;
    266 scale_rgb24_to_uv_of_two(dst_u: Ptr, dst_v: Ptr, unused: Ptr, src: Ptr, same: Ptr, width: i32, weights: Ptr, opaque: Ptr) -> (), ["SwsInternal.chrToYV12"] = rgb_input::chroma_of_two::<false>;
    267 scale_bgr24_to_y(dst: Ptr, src: Ptr, unused: Ptr, unused_too: Ptr, width: i32, weights: Ptr, opaque: Ptr) -> (), ["SwsInternal.lumToYV12"] = rgb_input::luma::<true>;
    268 scale_bgr24_to_uv(dst_u: Ptr, dst_v: Ptr, unused: Ptr, src: Ptr, same: Ptr, width: i32, weights: Ptr, opaque: Ptr) -> (), ["SwsInternal.chrToYV12"] = rgb_input::chroma::<true>;
    269 scale_bgr24_to_uv_of_two(dst_u: Ptr, dst_v: Ptr, unused: Ptr, src: Ptr, same: Ptr, width: i32, weights: Ptr, opaque: Ptr) -> (), ["SwsInternal.chrToYV12"] = rgb_input::chroma_of_two::<true>;
    270 scale_to_rgb24(first: Ptr, second: Ptr, u: Ptr, v: Ptr, dst_first: Ptr, dst_second: Ptr, width: i32, tables: Ptr) -> (), ["the function of ff_yuv2rgb_get_func_ptr"] = rgb_output::two_rows::<3, false>;
    271 scale_to_bgr24(first: Ptr, second: Ptr, u: Ptr, v: Ptr, dst_first: Ptr, dst_second: Ptr, width: i32, tables: Ptr) -> (), ["the function of ff_yuv2rgb_get_func_ptr"] = rgb_output::two_rows::<3, true>;
    272 scale_to_rgb32(first: Ptr, second: Ptr, u: Ptr, v: Ptr, dst_first: Ptr, dst_second: Ptr, width: i32, tables: Ptr) -> (), ["the function of ff_yuv2rgb_get_func_ptr"] = rgb_output::two_rows::<4, false>;
    273 scale_rows_to_rgb24(run: Ptr) -> (), ["SwsInternal.yuv2packed1, yuv2packed2, yuv2packedX"] = rgb_rows::three_bytes;
    274 scale_rows_to_rgb32(run: Ptr) -> (), ["SwsInternal.yuv2packed1, yuv2packed2, yuv2packedX"] = rgb_rows::four_bytes;
    275 scale_row_to_rgb8(run: Ptr) -> (), ["SwsInternal.yuv2packed1, yuv2packed2, yuv2packedX"] = rgb_rows::one_byte;
};

/// JPEG and MPEG encoding.
const ENCODING: &[Kernel] = kernels! {
    384 fdct_islow(block: Ptr) -> (), ["FDCTDSPContext.fdct"] = fdct::forward;
    385 pixels_to_block(block: Ptr, pixels: Ptr, stride: i32) -> (), ["PixblockDSPContext.get_pixels"] = jpeg_encode::samples;
    386 pixels_difference(block: Ptr, a: Ptr, b: Ptr, stride: i32) -> (), ["PixblockDSPContext.diff_pixels"] = jpeg_encode::difference;
    387 fdct_quantise(block: Ptr, factors: Ptr, order: Ptr, divisor: i32, bias: i32, limit: i32, overflow: Ptr) -> i32, ["MPVEncContext.dct_quantize"] = jpeg_encode::quantise;
    388 code_lengths(table: Ptr, size: i32, longest: i32, lengths: Ptr) -> (), ["mjpegenc_huffman_compute_bits"] = jpeg_codes::lengths;
    389 jpeg_codes(run: Ptr) -> i32, ["mjpeg_encode_picture_frame"] = jpeg_codes::write;
};

/// Several lists, one after the other.
const fn joined<const N: usize>(lists: &[&[Kernel]]) -> [Kernel; N] {
    let mut all = [lists[0][0]; N];
    let (mut list, mut at) = (0, 0);
    while list < lists.len() {
        let mut index = 0;
        while index < lists[list].len() {
            all[at] = lists[list][index];
            index += 1;
            at += 1;
        }
        list += 1;
    }
    assert!(at == N, "the length fits the lists");
    all
}
