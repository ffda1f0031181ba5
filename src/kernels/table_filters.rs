//! The part of the table of kernels that is for filters, still images and containers.

use super::guest::Ptr;
use super::{Kernel, blend, checksum, deflate, inflate, kernels, lzw, png, rates, turn};

pub(super) const FILTERS: &[Kernel] = kernels! {
    1280 png_filter(dst: Ptr, kind: i32, src: Ptr, above: Ptr, size: i32, bpp: i32) -> (), ["png_filter_row"] = png::filter;
    1281 png_unfilter(dst: Ptr, kind: i32, src: Ptr, above: Ptr, size: i32, bpp: i32) -> (), ["ff_png_filter_row"] = png::unfilter;
    1289 deflate_slide(table: Ptr, count: u32, by: u32) -> (), ["zlib's slide_hash"] = deflate::slide;
    1290 inflate_run(state: Ptr) -> (), ["zlib's inflate_fast"] = inflate::run;
    1291 deflate_run(state: Ptr) -> (), ["zlib's deflate_slow"] = deflate::run;
    1292 lzw_encode(run: Ptr) -> (), ["ff_lzw_encode"] = lzw::encode;
    1296 checksum_crc(table: Ptr, crc: u32, data: Ptr, length: u32) -> i32, ["av_crc"] = checksum::crc;
    1297 checksum_adler(adler: u32, data: Ptr, length: u32) -> i32, ["av_adler32_update, zlib's adler32"] = checksum::adler;
    1304 mix_rows(dst: Ptr, dst_stride: i32, a: Ptr, a_stride: i32, b: Ptr, b_stride: i32, width: i32, height: i32, share: f32) -> (), ["fade8_transition of xfade"] = blend::mix_rows;
    1305 overlay_row(dst: Ptr, dst_alpha: Ptr, src: Ptr, alpha: Ptr, width: i32, alpha_stride: i32) -> i32, ["OverlayContext.blend_row"] = blend::overlay::<{ blend::ONE }>;
    1306 overlay_row_of_four(dst: Ptr, dst_alpha: Ptr, src: Ptr, alpha: Ptr, width: i32, alpha_stride: i32) -> i32, ["OverlayContext.blend_row"] = blend::overlay::<{ blend::FOUR }>;
    1307 overlay_row_of_two(dst: Ptr, dst_alpha: Ptr, src: Ptr, alpha: Ptr, width: i32, alpha_stride: i32) -> i32, ["OverlayContext.blend_row"] = blend::overlay::<{ blend::TWO }>;
    1312 fade_row(row: Ptr, count: i32, level: i32, factor: i32, offset: i32) -> (), ["rows of filter_slice_luma and filter_slice_chroma of fade"] = blend::fade_row;
    1320 flip_row_1(src: Ptr, dst: Ptr, width: i32) -> (), ["FlipContext.flip_line"] = turn::flip_row::<1>;
    1321 flip_row_2(src: Ptr, dst: Ptr, width: i32) -> (), ["FlipContext.flip_line"] = turn::flip_row::<2>;
    1322 flip_row_3(src: Ptr, dst: Ptr, width: i32) -> (), ["FlipContext.flip_line"] = turn::flip_row::<3>;
    1323 flip_row_4(src: Ptr, dst: Ptr, width: i32) -> (), ["FlipContext.flip_line"] = turn::flip_row::<4>;
    1328 transpose_1(src: Ptr, src_stride: i32, dst: Ptr, dst_stride: i32) -> (), ["TransVtable.transpose_8x8"] = turn::transpose::<1>;
    1329 transpose_2(src: Ptr, src_stride: i32, dst: Ptr, dst_stride: i32) -> (), ["TransVtable.transpose_8x8"] = turn::transpose::<2>;
    1330 transpose_3(src: Ptr, src_stride: i32, dst: Ptr, dst_stride: i32) -> (), ["TransVtable.transpose_8x8"] = turn::transpose::<3>;
    1331 transpose_4(src: Ptr, src_stride: i32, dst: Ptr, dst_stride: i32) -> (), ["TransVtable.transpose_8x8"] = turn::transpose::<4>;
    1336 rate_errors(errors: Ptr, rates: Ptr, count: i32, time: f64) -> (), ["rows of ff_rfps_add_frame"] = rates::add_frame;
};
