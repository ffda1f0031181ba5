//! Finds the name that was probably meant.

/// The most of the names like this one, if any is like it.
pub(super) fn near<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let name = name.to_lowercase();
    let score = |known: &str| {
        let known = known.to_lowercase();
        // libx264 for x264, h264_mp4toannexb for mp4toannexb.
        let inside = name.len() >= 3 && known.contains(&name);
        let alike = strsim::jaro_winkler(&name, &known);
        // A slip of one finger.
        let slip = name.len() >= 3 && strsim::osa_distance(&name, &known) == 1;
        let alike = if slip { alike.max(ALIKE) } else { alike };
        if inside {
            alike.max(ALIKE) + 1.0
        } else {
            alike
        }
    };
    let scored = names.map(|known| (score(known), known));
    let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(score, _)| *score >= ALIKE)
        .map(|(_, known)| known.to_owned())
}

/// From here on, of 1, two names are alike enough.
const ALIKE: f64 = 0.8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_and_parts_of_names_are_recognised() {
        let names = [
            "libx264",
            "libopenh264",
            "aac",
            "mjpeg",
            "png",
            "libvpx-vp9",
        ];
        let near = |name| near(name, names.into_iter());
        assert_eq!(near("openh264").as_deref(), Some("libopenh264"));
        assert_eq!(near("x264").as_deref(), Some("libx264"));
        assert_eq!(near("vp9").as_deref(), Some("libvpx-vp9"));
        assert_eq!(near("mpjeg").as_deref(), Some("mjpeg"));
        assert_eq!(near("acc").as_deref(), Some("aac"));
        assert_eq!(near("AAC").as_deref(), Some("aac"));
        assert_eq!(near("zzzz"), None);
        assert_eq!(near(""), None);
    }
}
