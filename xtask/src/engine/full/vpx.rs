//! libvpx, which encodes VP8 and VP9.

use super::super::flags;
use super::table::{Library, Part};

/// Its headers of functions are made by [`super::rtcd`].
pub(super) const VPX: Library = Library {
    name: "vpx",
    ffmpeg: Some("libvpx"),
    gpl: false,
    jumps: true,
    edits: &[],
    flags: &["-Os", "-Iconfig/vpx", "-Ivpx"],
    parts: &[
        Part {
            flags: &[],
            sources: &[
                "../config/vpx/vpx_config.c",
                "vpx/src",
                "vpx_mem",
                "vpx_scale/generic",
                "vpx_scale/vpx_scale_rtcd.c",
                "vpx_util/vpx_thread.c",
                "vpx_util/vpx_write_yuv_frame.c",
            ],
            without: &[],
        },
        // What loops over pixels.
        Part {
            flags: &[flags::OPTIMISE],
            sources: &["vpx_dsp"],
            without: &[
                "add_noise.c",
                "bitreader.c",
                "bitreader_buffer.c",
                "deblock.c",
                "fastssim.c",
                "psnrhvs.c",
                "ssim.c",
            ],
        },
        Part {
            flags: &[],
            sources: &[
                "vp8/common",
                "vp8/common/generic",
                "vp8/encoder",
                "vp8/vp8_cx_iface.c",
            ],
            without: &[
                "context.c",
                "debugmodes.c",
                "ethreading.c",
                "mfqe.c",
                "mr_dissim.c",
                "postproc.c",
            ],
        },
        Part {
            flags: &[],
            sources: &[
                "vp9/common",
                "vp9/encoder",
                "vp9/vp9_cx_iface.c",
                "vp9/vp9_iface_common.c",
            ],
            without: &[
                "vp9_blockiness.c",
                "vp9_debugmodes.c",
                "vp9_denoiser.c",
                "vp9_mfqe.c",
                "vp9_non_greedy_mv.c",
                "vp9_postproc.c",
            ],
        },
    ],
    headers: &[("vpx", "vpx")],
    packages: &[("vpx", "-lvpx -ljumps")],
    licence: "LICENSE",
};
