//! The small values of the command line: pairs, sizes, times, mappings between host and guest.

use std::path::PathBuf;

/// `K=V`: a key that is not empty, and everything after the first `=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyValue {
    pub(crate) key: String,
    pub(crate) value: String,
}

impl std::str::FromStr for KeyValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some(("", _)) => Err("the key before '=' is empty".into()),
            Some((key, value)) => Ok(Self {
                key: key.into(),
                value: value.into(),
            }),
            None => Err("expected KEY=VALUE".into()),
        }
    }
}

/// `HOST::GUEST`, with `::ro` after it for a directory that the guest may only read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DirMapping {
    pub(crate) host: PathBuf,
    pub(crate) guest: String,
    pub(crate) read_only: bool,
}

impl std::str::FromStr for DirMapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let dir: Preopen = text.parse()?;
        Ok(Self {
            guest: guest_path(&dir.name)?,
            host: dir.host,
            read_only: dir.read_only,
        })
    }
}

/// `HOST::GUEST`, with `::ro` after it for a directory that the guest may only read. The guest finds
/// it under the name as it was written: a path, absolute or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Preopen {
    pub(crate) host: PathBuf,
    pub(crate) name: String,
    pub(crate) read_only: bool,
}

impl std::str::FromStr for Preopen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (text, read_only) = match text.strip_suffix("::ro") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (host, name) = text
            .rsplit_once("::")
            .ok_or("expected HOST::GUEST or HOST::GUEST::ro")?;
        if name.is_empty() {
            return Err("the guest path is empty".into());
        }
        Ok(Self {
            host: host_path(host)?,
            name: name.into(),
            read_only,
        })
    }
}

/// `HOST::GUEST`: a host file that the guest sees under another name. `-` is standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InMapping {
    pub(crate) host: PathBuf,
    pub(crate) guest: String,
}

impl std::str::FromStr for InMapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host, guest) = text.rsplit_once("::").ok_or("expected HOST::GUEST")?;
        Ok(Self {
            host: host_path(host)?,
            guest: guest_file(guest)?,
        })
    }
}

/// `GUEST::HOST`: a file or a directory of the guest that is saved on the host after success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutMapping {
    pub(crate) guest: String,
    pub(crate) host: PathBuf,
}

impl std::str::FromStr for OutMapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (guest, host) = text.split_once("::").ok_or("expected GUEST::HOST")?;
        Ok(Self {
            guest: guest_path(guest)?,
            host: host_path(host)?,
        })
    }
}

/// A number of bytes: `1048576`, `64K`, `512MiB` (powers of 1024), `100MB` (powers of 1000).
pub(crate) fn size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u64); 13] = [
        ("", 1),
        ("b", 1),
        ("k", 1 << 10),
        ("kib", 1 << 10),
        ("kb", 1_000),
        ("m", 1 << 20),
        ("mib", 1 << 20),
        ("mb", 1_000_000),
        ("g", 1 << 30),
        ("gib", 1 << 30),
        ("gb", 1_000_000_000),
        ("t", 1 << 40),
        ("tib", 1 << 40),
    ];
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number: u64 = digits
        .parse()
        .map_err(|_| "expected a whole number of bytes, like 512MiB")?;
    let unit = unit.trim().to_ascii_lowercase();
    let (_, factor) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(|| {
            format!("unknown unit '{unit}': use K, M, G (powers of 1024) or kB, MB, GB")
        })?;
    number
        .checked_mul(*factor)
        .ok_or_else(|| "more bytes than a 64-bit number holds".into())
}

/// A position or a length in seconds: `12.5`, `1:30`, `1:02:03.5`, `250ms`, `90s`, `5m`, `2h`.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    /// The greatest time of the job-spec vocabulary.
    const MAX: f64 = 3.2e10;
    let text = text.trim();
    let value = if text.contains(':') {
        clock(text)?
    } else {
        let (number, factor) = [("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)]
            .iter()
            .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))
            .unwrap_or((text, 1.0));
        decimal(number)? * factor
    };
    if value > MAX {
        return Err(format!("more than {MAX:e} seconds"));
    }
    Ok(value)
}

/// A length of time that is more than nothing.
pub(crate) fn positive_seconds(text: &str) -> Result<f64, String> {
    let value = seconds(text)?;
    if value > 0.0 {
        Ok(value)
    } else {
        Err("must be more than zero".into())
    }
}

/// `[H:]M:S[.fraction]`; minutes and seconds after a colon stay under 60.
fn clock(text: &str) -> Result<f64, String> {
    let fields: Vec<&str> = text.split(':').collect();
    if fields.len() > 3 {
        return Err("expected H:M:S at most".into());
    }
    let last = fields.len() - 1;
    let mut total = 0.0;
    for (at, field) in fields.iter().enumerate() {
        if at != last && (field.is_empty() || !field.bytes().all(|b| b.is_ascii_digit())) {
            return Err(TIME_SHAPE.into());
        }
        let value = decimal(field)?;
        if at > 0 && value >= 60.0 {
            return Err(format!("'{field}' after a colon must be under 60"));
        }
        total = total * 60.0 + value;
    }
    Ok(total)
}

/// Digits with at most one point: no sign, no exponent, no `inf`, no `nan`.
fn decimal(text: &str) -> Result<f64, String> {
    let plain = text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !plain {
        return Err(TIME_SHAPE.into());
    }
    text.parse().map_err(|_| TIME_SHAPE.into())
}

const TIME_SHAPE: &str = "expected a time like 12.5, 1:02:03.5, 250ms or 5m";

fn host_path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        Err("the host path is empty".into())
    } else {
        Ok(PathBuf::from(text))
    }
}

/// An absolute path of the guest without `.` and `..`; a trailing slash is dropped.
fn guest_path(text: &str) -> Result<String, String> {
    if !text.starts_with('/') {
        return Err(format!("the guest path '{text}' must start with '/'"));
    }
    if text.contains('\0') || text.split('/').any(|part| part == "." || part == "..") {
        return Err(format!(
            "the guest path '{text}' must not contain '.' or '..'"
        ));
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
    Ok(format!("/{}", parts.join("/")))
}

fn guest_file(text: &str) -> Result<String, String> {
    let path = guest_path(text)?;
    if path == "/" || text.ends_with('/') {
        return Err(format!("the guest path '{text}' must name a file"));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        let pair: KeyValue = "x264-params=a=b".parse().expect("a pair");
        assert_eq!(
            (pair.key.as_str(), pair.value.as_str()),
            ("x264-params", "a=b")
        );
        assert_eq!(
            "k=".parse::<KeyValue>()
                .expect("an empty value is a value")
                .value,
            ""
        );
        assert!("=v".parse::<KeyValue>().is_err());
        assert!("novalue".parse::<KeyValue>().is_err());
    }

    #[test]
    fn directories() {
        let dir: DirMapping = "C:/a::b::/media/".parse().expect("a mapping");
        assert_eq!(dir.host, PathBuf::from("C:/a::b"));
        assert_eq!((dir.guest.as_str(), dir.read_only), ("/media", false));
        let dir: DirMapping = ".::/::ro".parse().expect("a read-only mapping");
        assert_eq!(
            (dir.host, dir.guest, dir.read_only),
            (PathBuf::from("."), "/".into(), true)
        );
        for bad in [
            "/only",
            "host::relative",
            "::/guest",
            "host::/a/../b",
            "host::/a/./b",
        ] {
            assert!(bad.parse::<DirMapping>().is_err(), "{bad}");
        }
    }

    #[test]
    fn directories_under_a_name() {
        for (text, name, read_only) in [
            ("/a/b::b", "b", false),
            ("/a/b::b::ro", "b", true),
            ("/a::b::/", "/", false),
            ("/a/b::./media/", "./media/", false),
        ] {
            let dir: Preopen = text.parse().expect("a mapping");
            assert_eq!((dir.name.as_str(), dir.read_only), (name, read_only));
        }
        for bad in ["/only", "::/guest", "host::", "host::ro", "host::::ro"] {
            assert!(bad.parse::<Preopen>().is_err(), "{bad}");
        }
    }

    #[test]
    fn files() {
        let file: InMapping = "in.mp4::/media//in.mp4".parse().expect("a mapping");
        assert_eq!(
            (file.host, file.guest),
            (PathBuf::from("in.mp4"), "/media/in.mp4".into())
        );
        assert!("in.mp4::/".parse::<InMapping>().is_err());
        assert!("in.mp4::/dir/".parse::<InMapping>().is_err());
        let file: OutMapping = "/out.mp4::a::b.mp4".parse().expect("a mapping");
        assert_eq!(
            (file.guest, file.host),
            ("/out.mp4".into(), PathBuf::from("a::b.mp4"))
        );
        assert!("out.mp4::b.mp4".parse::<OutMapping>().is_err());
        assert!("/out.mp4::".parse::<OutMapping>().is_err());
    }

    #[test]
    fn sizes() {
        assert_eq!(size("1048576"), Ok(1_048_576));
        assert_eq!(size("64K"), Ok(65_536));
        assert_eq!(size("512MiB"), Ok(512 << 20));
        assert_eq!(size("1 GB"), Ok(1_000_000_000));
        for bad in [
            "",
            "M",
            "-1",
            "1.5G",
            "12parsecs",
            "99999999999999999999",
            "18446744073709551615K",
        ] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times() {
        assert_eq!(seconds("12.5"), Ok(12.5));
        assert_eq!(seconds("1:30"), Ok(90.0));
        assert_eq!(seconds("1:02:03.5"), Ok(3723.5));
        assert_eq!(seconds("250ms"), Ok(0.25));
        assert_eq!(seconds("2h"), Ok(7200.0));
        for bad in [
            "",
            ".",
            "-1",
            "1e3",
            "inf",
            "nan",
            "1:60",
            "1::2",
            "1.5:00",
            "1:2:3:4",
            "4e10",
            "40000000000",
        ] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
        assert!(positive_seconds("0").is_err());
    }
}
