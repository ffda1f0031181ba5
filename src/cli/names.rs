//! The names that host files get inside the guest, and back.

use std::path::{Path, PathBuf};

/// The guest's name for a host file that it reads.
///
/// Only the last component is kept, so the guest learns nothing about the host's directories. A `%`
/// would make FFmpeg's image demuxer take the name for a pattern; it becomes `_`, like all else that is
/// not a plain name.
pub(crate) fn input(host: &Path) -> String {
    clean(host, "input", |c| c == '%')
}

/// The guest's name for a host file that it writes: the last component, where it names a sequence with its `%03d`.
pub(crate) fn output(host: &Path, sequence: bool) -> String {
    clean(host, "output", |c| c == '%' && !sequence)
}

/// Whether the file name holds an integer pattern, `%d` or `%03d`.
pub(crate) fn is_template(host: &Path) -> bool {
    let Some(name) = host.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    name.split('%').skip(1).any(|part| {
        part.trim_start_matches(|c: char| c.is_ascii_digit())
            .starts_with('d')
    })
}

/// The extension in lower case, or nothing.
pub(crate) fn extension(host: &Path) -> Option<String> {
    host.extension()
        .and_then(|extension| extension.to_str())
        .map(str::to_ascii_lowercase)
}

/// Where a file that the guest wrote under `guest_name` goes, when `guest_out` stands for `host`.
///
/// A sequence writes many files; each keeps the name that the guest gave it, beside `host`.
pub(crate) fn back(guest_name: &str, guest_out: &str, host: &Path) -> PathBuf {
    if guest_name == guest_out {
        host.to_path_buf()
    } else {
        host.with_file_name(guest_name)
    }
}

fn clean(host: &Path, otherwise: &str, unwanted: impl Fn(char) -> bool) -> String {
    /// Well under the 255 bytes of one path component, so that muxers can add to it.
    const LONGEST: usize = 200;
    let bad = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '\u{fffd}') || unwanted(c);
    let lossy = host
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    let name: String = lossy
        .chars()
        .map(|c| if bad(c) { '_' } else { c })
        .collect();
    if name.len() <= LONGEST && !name.is_empty() && name != "-" {
        return name;
    }
    let number = token(&name).filter(|_| !unwanted('%')).unwrap_or_default();
    match extension(host).filter(|e| e.len() <= 16 && e.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        Some(extension) => format!("{otherwise}{number}.{extension}"),
        None => format!("{otherwise}{number}"),
    }
}

/// The first pattern of an integer in a name, if it is no longer than one that anybody writes.
fn token(name: &str) -> Option<&str> {
    let parts = name.match_indices('%').map(|(at, _)| &name[at..]);
    let mut ends = parts.filter_map(|part| {
        let end = part[1..].find(|c: char| !c.is_ascii_digit())? + 1;
        (part[end..].starts_with('d') && end < 8).then(|| &part[..=end])
    });
    ends.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_stay_on_the_host() {
        assert_eq!(input(Path::new("/home/me/secret/clip.mp4")), "clip.mp4");
        assert_eq!(input(Path::new("..")), "input");
        assert_eq!(input(Path::new("-")), "input");
        assert_eq!(input(Path::new("100%02d.png")), "100_02d.png");
        assert_eq!(input(Path::new("concat:a|b.ts")), "concat_a|b.ts");
        assert_eq!(output(Path::new("o\u{1b}[2J.mp4"), false), "o_[2J.mp4");
        assert_eq!(output(Path::new("100%.png"), false), "100_.png");
        let long = format!("{}.mkv", "x".repeat(300));
        assert_eq!(output(Path::new(&long), false), "output.mkv");
        let long = format!("{}%04d.png", "x".repeat(300));
        assert_eq!(output(Path::new(&long), true), "output%04d.png");
    }

    #[test]
    fn patterns() {
        for pattern in ["f_%03d.png", "%d.png", "a%%%5dx.png"] {
            assert!(is_template(Path::new(pattern)), "{pattern}");
            assert_eq!(output(Path::new(pattern), true), pattern);
            assert!(!output(Path::new(pattern), false).contains('%'));
        }
        for plain in ["f.png", "100%.png", "%s.png", "dir_%d/f.png"] {
            assert!(!is_template(Path::new(plain)), "{plain}");
        }
    }

    #[test]
    fn what_was_written_goes_beside_the_template() {
        let host = Path::new("shots/f_%03d.png");
        assert_eq!(
            back("f_001.png", "f_%03d.png", host),
            PathBuf::from("shots/f_001.png")
        );
        assert_eq!(
            back("o_.mp4", "o_.mp4", Path::new("d/o%.mp4")),
            PathBuf::from("d/o%.mp4")
        );
    }
}
