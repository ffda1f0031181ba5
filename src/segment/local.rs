//! Which filters look at one frame at a time, so that a part of the video can be filtered by itself.

use crate::graph;

/// Why the filters of these chains cannot work on one part of the video as they would within the whole, if they cannot.
pub(super) fn refusal(chains: &[&str]) -> Option<String> {
    let mut filters = chains.iter().flat_map(|chain| graph::filters(chain));
    filters.find_map(|(name, arguments)| refuse(&name, &arguments))
}

fn refuse(name: &str, arguments: &str) -> Option<String> {
    if !LOCAL.contains(&name) {
        let known = TEMPORAL.iter().find(|(filter, _)| *filter == name);
        return Some(match known {
            Some((_, why)) => format!("the filter {name} {why}"),
            None => format!("the filter {name} is not known to look at one frame at a time"),
        });
    }
    let kept = |word: &str| KEEPING.contains(&name) && matches!(word, "x" | "y");
    let word = words(arguments).find(|word| TIMES.contains(word) || kept(word))?;
    Some(format!(
        "an option of the filter {name} depends on the time, the number of the frame or the frame before \
         (`{word}`), which begin anew in each part"
    ))
}

/// The words of the values of options. A word before a single `=` is the name of an option.
fn words(arguments: &str) -> impl Iterator<Item = &str> {
    let mut rest = arguments;
    std::iter::from_fn(move || {
        let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        loop {
            let begin = rest.find(inside)?;
            let word = &rest[begin..];
            let end = word.find(|c| !inside(c)).unwrap_or(word.len());
            let (word, after) = word.split_at(end);
            rest = after;
            let names = after.starts_with('=') && !after.starts_with("==");
            if !names || word == ENABLE {
                return Some(word);
            }
        }
    })
}

/// The option of many filters that switches them on and off by an expression.
const ENABLE: &str = "enable";

/// What an expression calls the time, the number and the place of a frame, the clock, and what it keeps from frame to
/// frame.
const TIMES: &[&str] = &[
    "N", "T", "in", "ld", "main_n", "main_pos", "main_t", "n", "on", "pos", "pts", "random",
    "randomi", "ref_n", "ref_pos", "ref_t", "st", "t", "time", ENABLE,
];

/// Filters that know in an expression what it gave for the frame before.
const KEEPING: &[&str] = &["crop", "overlay"];

/// Each frame that goes out is made of the one that came in, or of those of one moment.
const LOCAL: &[&str] = &[
    "alphaextract",
    "alphamerge",
    "avgblur",
    "bilateral",
    "boxblur",
    "chromahold",
    "chromakey",
    "chromashift",
    "colorbalance",
    "colorchannelmixer",
    "colorcontrast",
    "colorcorrect",
    "colorhold",
    "colorize",
    "colorkey",
    "colorlevels",
    "colormatrix",
    "colorspace",
    "colortemperature",
    "convolution",
    "copy",
    "crop",
    "curves",
    "delogo",
    "despill",
    "dilation",
    "drawbox",
    "drawgrid",
    "edgedetect",
    "eq",
    "erosion",
    "exposure",
    "fillborders",
    "format",
    "gblur",
    "gradfun",
    "grayworld",
    "hflip",
    "histeq",
    "hstack",
    "hsvhold",
    "hsvkey",
    "hue",
    "il",
    "inflate",
    "lenscorrection",
    "limiter",
    "lumakey",
    "lut",
    "lut1d",
    "lut3d",
    "lutrgb",
    "lutyuv",
    "median",
    "mergeplanes",
    "monochrome",
    "negate",
    "noformat",
    "null",
    "overlay",
    "pad",
    "perspective",
    "pixelize",
    "prewitt",
    "pseudocolor",
    "removegrain",
    "rgbashift",
    "rotate",
    "sab",
    "scale",
    "selectivecolor",
    "setdar",
    "setfield",
    "setparams",
    "setrange",
    "setsar",
    "sharpen",
    "shear",
    "showinfo",
    "shuffleplanes",
    "smartblur",
    "sobel",
    "split",
    "swaprect",
    "swapuv",
    "tonemap",
    "transpose",
    "unsharp",
    "v360",
    "vflip",
    "vibrance",
    "vstack",
    "xbr",
    "xstack",
    "yaepblur",
    "zscale",
];

/// Filters that are asked for most, and what keeps each out.
const TEMPORAL: &[(&str, &str)] = &[
    ("ass", "draws by the time since the beginning"),
    ("bwdif", "looks at the frames before and after"),
    ("concat", "puts one stream after another"),
    ("cropdetect", "goes by all frames so far"),
    ("deflicker", "goes by the frames before and after"),
    ("deshake", "follows a movement from frame to frame"),
    (
        "drawtext",
        "can draw by the time since the beginning and the number of the frame",
    ),
    ("fade", "counts the time since the beginning"),
    ("fps", "repeats and drops frames by those before"),
    ("framerate", "mixes frames with those before"),
    ("hqdn3d", "mixes each frame with those before"),
    ("loop", "repeats frames"),
    ("minterpolate", "makes frames between others"),
    ("mpdecimate", "drops frames by those before"),
    ("nlmeans", "is not known to look at one frame at a time"),
    ("palettegen", "goes by all frames"),
    ("paletteuse", "goes by the frames before"),
    ("reverse", "needs the last frame first"),
    (
        "select",
        "chooses frames by their times, numbers and by those before",
    ),
    ("setpts", "sets times that begin anew in each part"),
    ("subtitles", "draws by the time since the beginning"),
    ("tblend", "mixes each frame with the one before"),
    ("thumbnail", "chooses one frame of many"),
    ("tile", "puts several frames into one"),
    ("tmix", "mixes each frame with those before"),
    ("trim", "counts the time since the beginning"),
    ("vignette", "dithers each frame by those before"),
    ("xfade", "puts one stream after another"),
    ("yadif", "looks at the frames before and after"),
    ("zoompan", "counts frames"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_of_one_frame_pass() {
        for graph in [
            "[0:v]scale=640:-2,hflip[v]",
            "crop=w=iw/2:h=ih/2:x=10:y='min(20,ih)'",
            "drawbox=x=1:y=2:w=3:h=4:t=fill:color=red@0.5",
            "[a][b]overlay=x=W-w:y=H-h:format=auto",
            "rotate@turn=PI/6:fillcolor=none",
        ] {
            assert_eq!(refusal(&[graph]), None, "{graph}");
        }
    }

    #[test]
    fn what_depends_on_other_frames_or_on_the_time_is_refused() {
        for (graph, word) in [
            ("[0:v]scale=640:-2,fps=25[v]", "fps"),
            ("yadif", "yadif"),
            ("crop=w=iw/2:h=ih:x=t*10", "`t`"),
            ("crop='iw-10*n:ih'", "`n`"),
            ("hue=s=0:enable='between(t,1,2)'", "`enable`"),
            ("rotate=2*PI*t/5", "`t`"),
            ("frobnicate=1", "frobnicate"),
            ("crop=64:64:x='if(isnan(x),0,x+1)'", "`x`"),
            ("hue=h=pts/1000", "`pts`"),
            ("vignette", "vignette"),
            ("eq=gamma='if(gt(t\\,3)\\,1\\,2)'", "`t`"),
        ] {
            let said = refusal(&[graph]).unwrap_or_default();
            assert!(said.contains(word), "{graph}: {said}");
        }
    }

    #[test]
    fn the_lists_are_sorted_and_apart() {
        assert!(LOCAL.is_sorted());
        assert!(TEMPORAL.is_sorted());
        assert!(TEMPORAL.iter().all(|(name, _)| !LOCAL.contains(name)));
    }
}
