//! What the engine tells of raw frames beside them: what they are, and when each is shown. The text of its muxer `framecrc`.

use crate::report::Rational;

/// What a raw stream is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// The unit of its times.
    pub(super) base: Option<Rational>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) sample_rate: u32,
    pub(super) layout: String,
}

/// The times of one packet, in units of the header, and its size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) time: i64,
    pub(super) duration: i64,
    pub(super) size: u64,
}

/// Reads the text as it comes.
#[derive(Debug, Default)]
pub(super) struct Stamps {
    line: Vec<u8>,
    header: Header,
}

impl Stamps {
    /// Takes a piece of text, and gives each packet that it completes to `each`.
    ///
    /// # Errors
    ///
    /// A line that is none of these.
    pub(super) fn take(
        &mut self,
        mut text: &[u8],
        each: &mut dyn FnMut(&Header, Stamp),
    ) -> Result<(), Malformed> {
        while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            self.line.extend_from_slice(&text[..end]);
            let line = std::mem::take(&mut self.line);
            let line = std::str::from_utf8(&line).map_err(|_| Malformed)?;
            match line.strip_prefix('#') {
                Some(field) => self.field(field)?,
                None => each(&self.header, packet(line).ok_or(Malformed)?),
            }
            text = &text[end + 1..];
        }
        if self.line.len() + text.len() > LONGEST {
            return Err(Malformed);
        }
        self.line.extend_from_slice(text);
        Ok(())
    }

    fn field(&mut self, field: &str) -> Result<(), Malformed> {
        let Some((key, value)) = field.split_once(": ") else {
            return Ok(());
        };
        let header = &mut self.header;
        match key {
            "tb 0" => {
                let (num, den) = value.split_once('/').ok_or(Malformed)?;
                header.base = Rational::new(number(num)?, number(den)?);
            }
            "dimensions 0" => {
                let (width, height) = value.split_once('x').ok_or(Malformed)?;
                (header.width, header.height) = (number(width)?, number(height)?);
            }
            "sample_rate 0" => header.sample_rate = number(value)?,
            "channel_layout_name 0" => value.clone_into(&mut header.layout),
            _ => {}
        }
        Ok(())
    }
}

/// The engine wrote something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Header {
    /// So many units in seconds.
    pub(super) fn seconds(&self, units: i64) -> Option<Rational> {
        let base = self.base?;
        Rational::new(units.checked_mul(base.num)?, base.den)
    }
}

/// `stream, dts, pts, duration, size, checksum`.
fn packet(line: &str) -> Option<Stamp> {
    let mut fields = line.split(',').map(str::trim).skip(2);
    let mut next = || fields.next();
    Some(Stamp {
        time: next()?.parse().ok()?,
        duration: next()?.parse().ok()?,
        size: next()?.parse().ok()?,
    })
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, Malformed> {
    text.trim().parse().map_err(|_| Malformed)
}

/// No line is as long as this.
const LONGEST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    const VIDEO: &str = "#software: Lavf63.1.102\n#tb 0: 1/12800\n#media_type 0: video\n\
        #codec_id 0: wrapped_avframe\n#dimensions 0: 64x36\n#sar 0: 1/1\n\
        0,       6656,       6656,      512,      296, 0x22d404bf\n\
        0,       7168,      -7168,      512,      296, 0x225804dc, S=1\n";

    fn read(text: &str, piece: usize) -> Result<Vec<(Header, Stamp)>, Malformed> {
        let (mut stamps, mut seen) = (Stamps::default(), Vec::new());
        for piece in text.as_bytes().chunks(piece) {
            stamps.take(piece, &mut |header, stamp| {
                seen.push((header.clone(), stamp));
            })?;
        }
        Ok(seen)
    }

    #[test]
    fn the_text_is_read_however_it_is_cut() {
        for piece in [1, 7, 1000] {
            let seen = read(VIDEO, piece).expect("it is right");
            assert_eq!(seen.len(), 2);
            let (header, stamp) = &seen[0];
            assert_eq!((header.width, header.height), (64, 36));
            assert_eq!(
                header.seconds(stamp.time),
                Rational::new(6656, 12800),
                "exactly"
            );
            assert_eq!((stamp.duration, stamp.size), (512, 296));
            assert_eq!(seen[1].1.time, -7168);
        }
    }

    #[test]
    fn sound_says_its_rate_and_layout() {
        let text = "#tb 0: 1/22050\n#sample_rate 0: 22050\n#channel_layout_name 0: 5.1(side)\n\
            0, 0, 0, 535, 2140, 0x0\n";
        let seen = read(text, 9).expect("it is right");
        assert_eq!(seen[0].0.sample_rate, 22050);
        assert_eq!(seen[0].0.layout, "5.1(side)");
    }

    #[test]
    fn what_is_no_line_of_it_is_refused() {
        for text in [
            "0, 1\n".to_owned(),
            "#tb 0: x\n".to_owned(),
            "0, 0, NOPTS, 1, 1, 0\n".to_owned(),
            "#dimensions 0: -1x4\n".to_owned(),
            "\u{ff}".repeat(5000),
        ] {
            assert_eq!(read(&text, 64).map(|_| ()), Err(Malformed), "{text:.20}");
        }
    }
}
