//! Changes to upstream sources for speed: calls of host kernels from functions that no function
//! pointer leads to, and crossfades of pictures with subsampled chroma.
//!
//! A hook asks the glue in `engine/kernels` to do a piece of work, which answers whether it did;
//! without a host that has the kernel, the code that stands there goes on.

use std::fs;
use std::path::Path;

use super::audio;
use super::codecs::Site;
use super::edit::replace_once;
use crate::failure::{Failure, Result};

/// In a file of the build directory, one text for another.
pub(super) type Edit = (&'static str, &'static str, &'static str);

/// Changes zlib, before it is compiled.
pub(super) fn zlib(site: &Site<'_>) -> Result<()> {
    if site.target.has_kernels() {
        apply(site.build, &ZLIB)?;
    }
    Ok(())
}

/// Changes FFmpeg, before it is compiled. Crossfades are changed for every target: what the race
/// compares does the same work.
pub(super) fn ffmpeg(site: &Site<'_>) -> Result<()> {
    let planes = site.layout.shims().join("ffmpeg/xfade_planes.h");
    let included = site.build.join("ffmpeg/libavfilter/xfade_planes.h");
    fs::copy(&planes, &included).map_err(Failure::io("copy", &planes))?;
    apply(site.build, &CROSSFADE)?;
    apply(site.build, &[LINES])?;
    if site.target.has_kernels() {
        apply(site.build, &FFMPEG)?;
        apply(site.build, &super::hooks_audio::FFMPEG)?;
        apply(site.build, &audio::EDITS)?;
    }
    Ok(())
}

fn apply(build: &Path, edits: &[Edit]) -> Result<()> {
    edits
        .iter()
        .try_for_each(|(file, from, to)| replace_once(&build.join(file), from, to))
}

/// Without vectors FFmpeg aligns lines of pictures so little that pictures of 16 columns are refused by its decoders
/// after MPEG, whose scratch memory must have room for more. So long they are where a processor has AVX.
const LINES: Edit = (
    "ffmpeg/libavcodec/utils.c",
    "        linesize_align[i] = STRIDE_ALIGN;\n",
    "        linesize_align[i] = FFMAX(STRIDE_ALIGN, 32);\n",
);

/// The filter has only formats whose planes are all of one size, so that clips of 4:2:0 are scaled to
/// 4:4:4 and back. `engine/shims/ffmpeg/xfade_planes.h` says for which transitions that is not needed.
const CROSSFADE: [Edit; 3] = [
    (
        "ffmpeg/libavfilter/vf_xfade.c",
        "static int xfade_slice(AVFilterContext *ctx, void *arg, int jobnr, int nb_jobs)\n",
        "#include \"xfade_planes.h\"\n\n\
         static int xfade_slice(AVFilterContext *ctx, void *arg, int jobnr, int nb_jobs)\n",
    ),
    (
        "ffmpeg/libavfilter/vf_xfade.c",
        "    s->transitionf(ctx, td->xf[0], td->xf[1], td->out, td->progress, slice_start, slice_end, jobnr);\n",
        "    if (!cross_by_planes(ctx, td, jobnr, nb_jobs))\n        \
         s->transitionf(ctx, td->xf[0], td->xf[1], td->out, td->progress, slice_start, slice_end, jobnr);\n",
    ),
    (
        "ffmpeg/libavfilter/vf_xfade.c",
        "    FILTER_PIXFMTS_ARRAY(pix_fmts),\n",
        "    FILTER_QUERY_FUNC2(formats_by_transition),\n",
    ),
];

/// Loops without calls, in static functions.
const ZLIB: [Edit; 3] = [
    (
        "zlib/inflate.c",
        "            if (have >= 6 && left >= 258) {\n",
        "            if (have >= 16 && left) {\n\
         \x20               int afmpeg_inflate_run(z_streamp stream, unsigned start);\n\n\
         \x20               RESTORE();\n\
         \x20               if (afmpeg_inflate_run(strm, out)) {\n\
         \x20                   LOAD();\n\
         \x20                   if (state->mode == TYPE)\n\
         \x20                       state->back = -1;\n\
         \x20                   break;\n\
         \x20               }\n\
         \x20           }\n\
         \x20           if (have >= 6 && left >= 258) {\n",
    ),
    // What it does before the input that there is ends, or a block does.
    (
        "zlib/deflate.c",
        "local block_state deflate_slow(deflate_state *s, int flush) {\n    IPos hash_head;          /* head of hash chain */\n    \
         int bflush;              /* set if current block must be flushed */\n\n    /* Process the input block. */\n    for (;;) {\n",
        "void afmpeg_deflate_run(deflate_state *s);\n\n\
         local block_state deflate_slow(deflate_state *s, int flush) {\n    IPos hash_head;          /* head of hash chain */\n    \
         int bflush;              /* set if current block must be flushed */\n\n    /* Process the input block. */\n    for (;;) {\n\
         \x20       afmpeg_deflate_run(s);\n",
    ),
    (
        "zlib/deflate.c",
        "    n = s->hash_size;\n    p = &s->head[n];\n",
        "    int afmpeg_slide_hash(Posf *table, uInt count, uInt by);\n\
         \x20   if (afmpeg_slide_hash(s->head, s->hash_size, wsize) &&\n\
         \x20       afmpeg_slide_hash(s->prev, wsize, wsize)) {\n\
         \x20       s->slid = 1;\n\
         \x20       return;\n\
         \x20   }\n\
         \x20   n = s->hash_size;\n    p = &s->head[n];\n",
    ),
];

/// Where a processor's assembly is asked for, or within a loop.
const FFMPEG: [Edit; 17] = [
    // The encoders' common part calls the function from its own file, where nothing can stand in front.
    (
        "ffmpeg/libavcodec/mpegvideo_enc.c",
        "        s->dct_quantize  = dct_quantize_trellis_c;\n",
        "        s->dct_quantize  = dct_quantize_trellis_c;\n\n\
         \x20   void afmpeg_dct_encode_init(MPVEncContext *s);\n\
         \x20   afmpeg_dct_encode_init(s);\n",
    ),
    (
        "ffmpeg/libavcodec/mjpegenc_huffman.c",
        "    for (times = 0; times <= max_length; times++) {\n",
        "    int afmpeg_code_lengths(const int *table, int size, int longest, int *lengths);\n\
         \x20   if (afmpeg_code_lengths(&prob_table[0].value, size, max_length, nbits))\n\
         \x20       goto counted;\n\
         \x20   for (times = 0; times <= max_length; times++) {\n",
    ),
    (
        "ffmpeg/libavcodec/mjpegenc_huffman.c",
        "    // we don't want to return the 256 bit count",
        "counted:\n    // we don't want to return the 256 bit count",
    ),
    (
        "ffmpeg/libavcodec/mjpegenc.c",
        "    for (int i = 0; i < m->huff_ncode; i++) {\n        table_id = m->huff_buffer[i].table_id;\n        \
         code = m->huff_buffer[i].code;\n        nbits = code & 0xf;\n\n        put_bits(",
        "    int afmpeg_jpeg_codes(PutBitContext *pb, const void *codes, size_t count,\n\
         \x20                         uint8_t *const sizes[4], uint16_t *const values[4]);\n\
         \x20   if (!afmpeg_jpeg_codes(&s->pb, m->huff_buffer, m->huff_ncode, huff_size, huff_code))\n    \
         for (int i = 0; i < m->huff_ncode; i++) {\n        table_id = m->huff_buffer[i].table_id;\n        \
         code = m->huff_buffer[i].code;\n        nbits = code & 0xf;\n\n        put_bits(",
    ),
    // Within one prediction block, which most edges are, nothing moves against anything.
    (
        "ffmpeg/libavcodec/hevc/filter.c",
        "void ff_hevc_deblocking_boundary_strengths(HEVCLocalContext *lc,",
        "static av_always_inline int moves_alike(const HEVCContext *s, const MvField *a, const MvField *b,\n\
         \x20                                       const RefPicList *references)\n{\n\
         \x20   return references == s->cur_frame->refPicList && AV_RN64(a->mv) == AV_RN64(b->mv) &&\n\
         \x20          AV_RN16(a->ref_idx) == AV_RN16(b->ref_idx) && a->pred_flag == b->pred_flag;\n}\n\n\
         #define boundary_strength(s, a, b, references) \\\n\
         \x20   (moves_alike(s, a, b, references) ? 0 : boundary_strength(s, a, b, references))\n\n\
         void ff_hevc_deblocking_boundary_strengths(HEVCLocalContext *lc,",
    ),
    (
        "ffmpeg/libavcodec/hevc/filter.c",
        "#include \"libavutil/internal.h\"\n",
        "#include \"libavutil/internal.h\"\n#include \"libavutil/intreadwrite.h\"\n",
    ),
    // A unit that is not parted has no edges of motion in it. What is not set is 0 from the picture's start.
    (
        "ffmpeg/libavcodec/hevc/filter.c",
        "    if (log2_trafo_size > log2_min_pu_size && !is_intra) {\n",
        "    if (log2_trafo_size > log2_min_pu_size && !is_intra && lc->cu.part_mode != PART_2Nx2N) {\n",
    ),
    (
        "ffmpeg/libavcodec/lzwenc.c",
        "    if (s->last_code == LZW_PREFIX_EMPTY)\n        clearTable(s);\n",
        "    int afmpeg_lzw_encode(void *table, int *last, int *codes, int *width, int most, PutBitContext *pb,\n\
         \x20                         const uint8_t *in, int size);\n\
         \x20   if (s->mode == FF_LZW_GIF && s->little_endian &&\n\
         \x20       afmpeg_lzw_encode(s->tab, &s->last_code, &s->tabsize, &s->bits, s->maxcode, &s->pb, inbuf, insize))\n\
         \x20       return writtenBytes(s);\n\
         \x20   if (s->last_code == LZW_PREFIX_EMPTY)\n        clearTable(s);\n",
    ),
    (
        "ffmpeg/libavcodec/pngenc.c",
        "    int i;\n\n    switch (filter_type) {\n    case PNG_FILTER_VALUE_NONE:\n        memcpy(dst, src, size);\n",
        "    int i;\n\
         \x20   int afmpeg_png_filter(uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size, int bpp);\n\n\
         \x20   if (afmpeg_png_filter(dst, filter_type, src, top, size, bpp))\n        return;\n\
         \x20   switch (filter_type) {\n    case PNG_FILTER_VALUE_NONE:\n        memcpy(dst, src, size);\n",
    ),
    (
        "ffmpeg/libavcodec/pngenc.c",
        "static void png_filter_row(PNGEncContext *c, uint8_t *dst, int filter_type,\n",
        // The kernels' tests call it.
        "void png_filter_row(PNGEncContext *c, uint8_t *dst, int filter_type,\n\
         \x20                   const uint8_t *src, const uint8_t *top, int size, int bpp);\n\
         void png_filter_row(PNGEncContext *c, uint8_t *dst, int filter_type,\n",
    ),
    (
        "ffmpeg/libavcodec/pngdec.c",
        "    int i, p, r, g, b, a;\n\n    switch (filter_type) {\n",
        "    int i, p, r, g, b, a;\n\
         \x20   int afmpeg_png_unfilter(uint8_t *dst, int type, const uint8_t *src, const uint8_t *above, int size, int bpp);\n\n\
         \x20   if (afmpeg_png_unfilter(dst, filter_type, src, last, size, bpp))\n        return;\n\
         \x20   switch (filter_type) {\n",
    ),
    (
        "ffmpeg/libavfilter/vf_overlay.c",
        "    switch (s->format) {\n    case OVERLAY_FORMAT_YUV420:\n        ASSIGN_BLEND_SLICE(",
        "    void afmpeg_overlay_init(OverlayContext *s, int main_straight, int overlay_straight);\n\
         \x20   afmpeg_overlay_init(s, main_straight, overlay_straight);\n\
         \x20   switch (s->format) {\n    case OVERLAY_FORMAT_YUV420:\n        ASSIGN_BLEND_SLICE(",
    ),
    (
        "ffmpeg/libavfilter/vf_hflip_init.h",
        "#if ARCH_X86 && HAVE_X86ASM\n    ff_hflip_init_x86(s, step, nb_planes);\n#endif\n",
        "    void afmpeg_hflip_init(FlipContext *s, const int step[4], int nb_planes);\n\
         \x20   afmpeg_hflip_init(s, step, nb_planes);\n",
    ),
    (
        "ffmpeg/libavfilter/vf_transpose.c",
        "        ff_transpose_init_x86(v, s->pixsteps[i]);\n    }\n#endif\n",
        "        ff_transpose_init_x86(v, s->pixsteps[i]);\n    }\n#endif\n\
         \x20   void afmpeg_transpose_init(TransVtable *v, int pixstep);\n\
         \x20   for (int i = 0; i < 4; i++)\n        afmpeg_transpose_init(&s->vtables[i], s->pixsteps[i]);\n",
    ),
    (
        "ffmpeg/libavfilter/vf_fade.c",
        "            uint8_t *p = frame->data[k] + i * frame->linesize[k];\n",
        "            uint8_t *p = frame->data[k] + i * frame->linesize[k];\n\
         \x20           int afmpeg_fade_row(uint8_t *row, int count, int level, int factor, int offset);\n\
         \x20           if (afmpeg_fade_row(p, frame->width * s->bpp, s->black_level, s->factor, s->black_level_scaled))\n\
         \x20               continue;\n",
    ),
    (
        "ffmpeg/libavfilter/vf_fade.c",
        "            uint8_t *p = frame->data[plane] + i * frame->linesize[plane];\n",
        "            uint8_t *p = frame->data[plane] + i * frame->linesize[plane];\n\
         \x20           int afmpeg_fade_row(uint8_t *row, int count, int level, int factor, int offset);\n\
         \x20           if (afmpeg_fade_row(p, width, 128, s->factor, 8421367))\n\
         \x20               continue;\n",
    ),
    (
        "ffmpeg/libavformat/demux.c",
        "        for (int i = 0; i < MAX_STD_TIMEBASES; i++) {\n            if (info->duration_error[0][1][i] < 1e10) {\n                int framerate",
        "        static int rates[MAX_STD_TIMEBASES];\n\
         \x20       int afmpeg_rate_errors(double *errors, const int *rates, int count, double time);\n\
         \x20       for (int i = 0; !rates[0] && i < MAX_STD_TIMEBASES; i++)\n\
         \x20           rates[MAX_STD_TIMEBASES - 1 - i] = get_std_framerate(MAX_STD_TIMEBASES - 1 - i);\n\
         \x20       if (!afmpeg_rate_errors(info->duration_error[0][0], rates, MAX_STD_TIMEBASES, dts))\n\
         \x20       for (int i = 0; i < MAX_STD_TIMEBASES; i++) {\n            if (info->duration_error[0][1][i] < 1e10) {\n                int framerate",
    ),
];
