//! Text from media and guests, made safe to print: nothing in it can drive a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// `text` on one line: control characters, line breaks and direction overrides become escapes.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    escape(text, is_unsafe)
}

/// Like [`one_line`], but line feeds and tabs stay.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_unsafe(c) && !matches!(c, '\n' | '\t'))
}

/// A JSON document whose strings are pure of raw controls above U+001F too.
///
/// JSON itself only demands that C0 be escaped; DEL, C1 and direction overrides also act on
/// terminals. They can occur only inside strings, so escaping them keeps the document's meaning.
pub(crate) fn json(document: &str) -> Cow<'_, str> {
    let acts = |c: char| is_unsafe(c) && !matches!(c, '\n' | '\t' | '\r');
    if !document.contains(acts) {
        return Cow::Borrowed(document);
    }
    let mut safe = String::with_capacity(document.len() + 16);
    for c in document.chars() {
        if acts(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// A writer in front of a terminal: passes text on, turns what would act on it into escapes.
///
/// Bytes that are not UTF-8 are written as `\xNN`. A character that is split over two writes is held
/// back until it is whole.
pub(crate) struct Escaping<W> {
    inner: W,
    held: Vec<u8>,
}

impl<W: Write> Escaping<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self {
            inner,
            held: Vec::new(),
        }
    }

    fn write_chunks(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut consumed = 0;
        while consumed < bytes.len() {
            let rest = &bytes[consumed..];
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.inner.write_all(lines(text).as_bytes())?;
                    consumed = bytes.len();
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    self.inner
                        .write_all(lines(&String::from_utf8_lossy(valid)).as_bytes())?;
                    consumed += valid.len();
                    let Some(bad) = error.error_len() else { break };
                    for byte in &after[..bad] {
                        write!(self.inner, "\\x{byte:02x}")?;
                    }
                    consumed += bad;
                }
            }
        }
        Ok(consumed)
    }
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let mut bytes = std::mem::take(&mut self.held);
        bytes.extend_from_slice(data);
        let consumed = self.write_chunks(&bytes)?;
        self.held = bytes.split_off(consumed);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W> Drop for Escaping<W> {
    fn drop(&mut self) {
        // A character that was never completed is not worth an error at the end of a program.
        self.held.clear();
    }
}

/// 1536 as "1.5 KiB".
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// Seconds as "12.480 s" or "1:02:03.500".
pub(crate) fn seconds(value: impl Into<f64>) -> String {
    let value = value.into();
    if value < 60.0 {
        return format!("{value:.3} s");
    }
    let millis = (value * 1000.0).round() as u64;
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    let rest = (millis % 60_000) as f64 / 1000.0;
    if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:06.3}")
    } else {
        format!("{minutes}:{rest:06.3}")
    }
}

/// A time to wait, in whole seconds that it takes at most: "0:07", "1:02:03".
pub(crate) fn clock(time: std::time::Duration) -> String {
    let seconds = time.as_secs_f64().ceil() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

fn escape(text: &str, acts: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&acts) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Characters that move the cursor, change state, break the line, or reorder what is shown.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_reach_no_terminal() {
        assert_eq!(one_line("a\x1b[31mred"), "a\\u{1b}[31mred");
        assert_eq!(one_line("two\nlines\t"), "two\\nlines\\t");
        assert_eq!(one_line("csi\u{9b}2J del\u{7f}"), "csi\\u{9b}2J del\\u{7f}");
        assert_eq!(one_line("evil\u{202e}gpj.exe"), "evil\\u{202e}gpj.exe");
        assert!(matches!(one_line("plain, naïve, 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_keep_their_breaks() {
        assert_eq!(lines("one\n\ttwo\r\x07"), "one\n\ttwo\\r\\u{7}");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let value = serde_json::json!({ "title": "a\u{9b}2J\u{7f}\u{202e}\u{1b}" });
        let text = serde_json::to_string(&value).expect("a value made of strings serialises");
        let safe = json(&text);
        assert!(safe.is_ascii());
        let back: serde_json::Value = serde_json::from_str(&safe).expect("still JSON");
        assert_eq!(back, value);
    }

    #[test]
    fn split_characters_are_joined_and_bad_bytes_shown() {
        let mut out = Vec::new();
        {
            let mut writer = Escaping::new(&mut out);
            writer.write_all(b"caf\xc3").expect("a Vec takes all");
            writer
                .write_all(b"\xa9 \xff\x1b[0m\n")
                .expect("a Vec takes all");
        }
        assert_eq!(
            String::from_utf8(out).expect("escaped"),
            "café \\xff\\u{1b}[0m\n"
        );
    }

    #[test]
    fn quantities_read_well() {
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(1024 * 1024 - 1), "1.0 MiB");
        assert_eq!(seconds(12.48), "12.480 s");
        assert_eq!(seconds(3723.5), "1:02:03.500");
        assert_eq!(seconds(61.25), "1:01.250");
        assert_eq!(clock(std::time::Duration::from_millis(6100)), "0:07");
        assert_eq!(clock(std::time::Duration::from_secs(3723)), "1:02:03");
    }
}
