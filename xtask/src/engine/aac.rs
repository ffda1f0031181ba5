//! Places in FFmpeg's AAC encoder for kernels to hook into: it has none of its own where its time
//! goes. Nothing changes for a build that sets none of them.

use std::path::Path;

use super::edit::replace_once;
use crate::failure::Result;

/// Adds the hooks to the sources in `tree`.
pub(super) fn add_hooks(tree: &Path) -> Result<()> {
    let codec = tree.join("libavcodec");
    // What a band costs is looked up in a table of functions: it becomes one that can be changed.
    replace_once(
        &codec.join("aaccoder.c"),
        "static const quantize_and_encode_band_func quantize_and_encode_band_cost_arr[] =",
        "extern quantize_and_encode_band_func quantize_and_encode_band_cost_arr[16];\n\
         quantize_and_encode_band_func quantize_and_encode_band_cost_arr[16] =",
    )?;
    // Steps of the search for scales get function pointers, which are null unless a kernel is there.
    replace_once(
        &codec.join("aacencdsp.h"),
        "} AACEncDSPContext;",
        "    int (*try_scales)(struct AACEncContext *s, const void *sce, const float *maxvals,\n\
         \x20                     float *dists, float *qenergies);\n\
         \x20   int (*raise_scales)(int *sf_idx, const int *maxsf, int step, int is_free);\n\
         \x20   int (*lower_scales)(int *sf_idx, const int *minsf, int step);\n\
         \x20   int (*try_scales_fast)(struct AACEncContext *s, const void *sce, const float *maxvals,\n\
         \x20                          float *dists, int *lowest);\n\
         \x20   int (*refine_scales)(struct AACEncContext *s, void *sce, const float *maxvals,\n\
         \x20                        float *dists, float *qenergies, const float *energies,\n\
         \x20                        const float *uplims, const float *euplims, const int *minsf,\n\
         \x20                        int *maxsf, int its, int maxits, int tbits, int destbits,\n\
         \x20                        int toofewbits);\n\
         } AACEncDSPContext;",
    )?;
    replace_once(
        &codec.join("aacencdsp.h"),
        "typedef struct AACEncDSPContext {",
        "struct AACEncContext;\n\ntypedef struct AACEncDSPContext {",
    )?;
    let search = codec.join("aaccoder_twoloop.h");
    // The two loops over all bands that count bits, each of which is the branch without a kernel.
    const TRY: &str = "if (s->aacdsp.try_scales)\n    \
                       tbits = s->aacdsp.try_scales(s, sce, maxvals, dists, qenergies);\nelse\n";
    for before in [
        "prev = -1;\n            recomprd = 0;\n            tbits = 0;\n",
        "prev = -1;\n                tbits = 0;\n",
    ] {
        replace_once(&search, before, &format!("{before}{TRY}"))?;
    }
    // The loops over all scales that make them coarser, and finer.
    for (before, call) in [
        (
            "if (tbits > toomanybits) {\n                recomprd = 1;\n",
            "raise_scales(sce->sf_idx, maxsf, qstep, tbits > 5800)",
        ),
        (
            "if (tbits < toofewbits) {\n                recomprd = 1;\n",
            "lower_scales(sce->sf_idx, minsf, qstep)",
        ),
    ] {
        let name = call.split('(').next().unwrap_or_default();
        let branch = format!("if (s->aacdsp.{name})\n    changed = s->aacdsp.{call};\nelse\n");
        replace_once(&search, before, &format!("{before}{branch}"))?;
    }
    // The pass over all bands that moves the scale of each by itself, and what limits their differences.
    const PASS: &str = "        minscaler = SCALE_MAX_POS;\n";
    const HOOKED: &str = "if (s->aacdsp.refine_scales) {\n    \
         fflag |= s->aacdsp.refine_scales(s, sce, maxvals, dists, qenergies, energies, uplims,\n        \
         euplims, minsf, maxsf, its, maxits, tbits, destbits, toofewbits);\n} else {\n";
    replace_once(&search, PASS, &format!("{HOOKED}{PASS}"))?;
    replace_once(&search, "        its++;\n", "}\n        its++;\n")?;
    // What bands cost is remembered with all scales of a band in one place: a search goes from scale to
    // scale. The gaps keep bands apart in caches that have one place for addresses 4096 bytes apart.
    replace_once(
        &codec.join("aacenc.h"),
        "quantize_band_cost_cache[256][128];",
        "quantize_band_cost_cache[128][256 + 4];",
    )?;
    replace_once(
        &codec.join("aacenc_quantization_misc.h"),
        "quantize_band_cost_cache[scale_idx][w*16+g]",
        "quantize_band_cost_cache[w*16+g][scale_idx]",
    )?;
    // The other search's loop over all bands, which the kernel may leave to it.
    const PLAIN: &str = "int prev = -1;\n            tbits = 0;\n";
    const PLAINLY: &str = "int counted = s->aacdsp.try_scales_fast\n    \
         ? s->aacdsp.try_scales_fast(s, sce, maxvals, dists, &minscaler) : -1;\n\
         if (counted >= 0)\n    tbits = counted;\nelse\n";
    replace_once(
        &codec.join("aaccoder.c"),
        PLAIN,
        &format!("{PLAIN}{PLAINLY}"),
    )?;
    Ok(())
}
