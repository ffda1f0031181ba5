//! What each output extension holds by default: the one table of containers and encoders.

/// An output extension, with its encoders by kind in order of preference.
pub(crate) struct Container {
    pub(crate) extensions: &'static [&'static str],
    pub(crate) video: &'static [&'static str],
    pub(crate) audio: &'static [&'static str],
    /// One image a file: a name without a `%03d` pattern holds the first frame only.
    pub(crate) image: bool,
}

const fn av(
    extensions: &'static [&'static str],
    video: &'static [&'static str],
    audio: &'static [&'static str],
) -> Container {
    Container {
        extensions,
        video,
        audio,
        image: false,
    }
}

const fn image(extensions: &'static [&'static str], video: &'static [&'static str]) -> Container {
    Container {
        extensions,
        video,
        audio: &[],
        image: true,
    }
}

const H264: &[&str] = &["libx264", "libopenh264"];
const NONE: &[&str] = &[];

/// Every extension that needs no further word. Encoders that are in no engine yet are listed too, so
/// that the message for a container without an encoder says what would be needed.
pub(crate) const CONTAINERS: &[Container] = &[
    av(&["mp4", "m4v", "mov"], H264, &["aac"]),
    av(&["mkv"], H264, &["aac", "flac"]),
    av(&["ts", "m2ts", "mts"], H264, &["aac"]),
    av(
        &["webm"],
        &["libvpx-vp9", "libvpx"],
        &["libopus", "libvorbis"],
    ),
    av(&["m3u8"], H264, &["aac"]),
    av(&["flv"], H264, &["aac", "libmp3lame"]),
    av(&["avi"], &["mpeg4"], &["libmp3lame", "pcm_s16le"]),
    av(&["gif"], &["gif"], NONE),
    av(&["apng"], &["apng"], NONE),
    av(&["webp"], &["libwebp_anim", "libwebp"], NONE),
    av(&["mjpeg", "mjpg"], &["mjpeg"], NONE),
    av(&["h264", "264"], H264, NONE),
    av(&["yuv"], &["rawvideo"], NONE),
    av(&["m4a"], NONE, &["aac"]),
    av(&["aac"], NONE, &["aac"]),
    av(&["wav"], NONE, &["pcm_s16le"]),
    av(&["aiff", "aif"], NONE, &["pcm_s16be"]),
    av(&["caf"], NONE, &["pcm_s16le"]),
    av(&["ac3"], NONE, &["ac3"]),
    av(&["wv"], NONE, &["wavpack"]),
    av(&["flac"], NONE, &["flac"]),
    av(&["mka"], NONE, &["flac", "aac"]),
    av(&["mp3"], NONE, &["libmp3lame"]),
    av(&["ogg", "oga"], NONE, &["libvorbis", "flac"]),
    av(&["opus"], NONE, &["libopus"]),
    image(&["png"], &["png"]),
    image(&["jpg", "jpeg"], &["mjpeg"]),
    image(&["bmp"], &["bmp"]),
    image(&["tiff", "tif"], &["tiff"]),
];

/// Muxers that are not called like an extension of theirs, with one.
const MUXERS: [(&str, &str); 6] = [
    ("matroska", "mkv"),
    ("hls", "m3u8"),
    ("mpegts", "ts"),
    ("ipod", "m4a"),
    ("adts", "aac"),
    ("rawvideo", "yuv"),
];

/// The container that a muxer of this name writes.
pub(crate) fn by_muxer(name: &str) -> Option<&'static Container> {
    let alias = MUXERS.iter().find(|(muxer, _)| *muxer == name);
    by_extension(alias.map_or(name, |(_, extension)| extension))
}

/// The container of an extension in lower case.
pub(crate) fn by_extension(extension: &str) -> Option<&'static Container> {
    CONTAINERS
        .iter()
        .find(|container| container.extensions.contains(&extension))
}

/// The first of `wanted` that the engine has.
///
/// # Errors
///
/// A sentence that says what is missing and what to do.
pub(crate) fn choose(
    kind: &str,
    extension: &str,
    wanted: &[&'static str],
    has: impl Fn(&str) -> bool,
) -> Result<&'static str, String> {
    wanted.iter().copied().find(|encoder| has(encoder)).ok_or_else(|| {
        format!(
            "this engine has no encoder for the {kind} of a .{extension} file (wanted: {}): keep the \
             stream with --{kind}-codec copy, drop it with --{kind}-codec none, name another encoder, \
             or choose another extension",
            wanted.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_stands_once_and_holds_something() {
        let mut seen = Vec::new();
        for container in CONTAINERS {
            assert!(!container.video.is_empty() || !container.audio.is_empty());
            for extension in container.extensions {
                assert!(!seen.contains(extension), "{extension} stands twice");
                assert_eq!(*extension, extension.to_ascii_lowercase());
                seen.push(extension);
            }
        }
    }

    #[test]
    fn a_muxer_has_the_defaults_of_its_extension() {
        for (muxer, extension) in MUXERS {
            let container = by_muxer(muxer).expect("every alias leads to a row of the table");
            assert!(container.extensions.contains(&extension));
        }
        assert!(by_muxer("mp4").is_some_and(|mp4| mp4.extensions.contains(&"mov")));
        assert!(by_muxer("no_such_muxer").is_none());
    }

    #[test]
    fn the_first_encoder_that_exists_is_chosen() {
        let mp4 = by_extension("mp4").expect("in the table");
        let lgpl = |name: &str| name == "libopenh264" || name == "aac";
        assert_eq!(choose("video", "mp4", mp4.video, lgpl), Ok("libopenh264"));
        assert_eq!(choose("video", "mp4", mp4.video, |_| true), Ok("libx264"));
        let webm = by_extension("webm").expect("in the table");
        let message = choose("audio", "webm", webm.audio, lgpl).expect_err("none there");
        for part in ["audio", ".webm", "libopus", "--audio-codec copy"] {
            assert!(message.contains(part), "{message}");
        }
    }
}
