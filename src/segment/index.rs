//! Where the packets of a video stream are in time, and which of them are key frames.

use afmpeg_wasi::vfs::{MemFs, Mount, Vfs};

use crate::error::JobError;
use crate::job::{Job, Output};
use crate::report::Rational;

/// The frames of a stream in the order in which they are shown.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) frames: Vec<Frame>,
}

/// One frame. Its time is counted in microseconds from where the input begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Frame {
    pub(super) time: i64,
    pub(super) key: bool,
}

impl Index {
    /// Reads the whole input of a job once, and decodes nothing.
    pub(super) fn read(
        run: impl Fn(&dyn Vfs, &Job) -> Result<(), JobError>,
        fs: &dyn Vfs,
        job: Job,
        stream: &str,
    ) -> Result<Self, JobError> {
        let list = MemFs::new();
        let host = |error| JobError::Host(Box::new(error));
        let tree = Mount::new()
            .at("/", fs)
            .and_then(|tree| tree.at(DIRECTORY, &list))
            .map_err(host)?;
        let job = job.output(
            Output::file(format!("{DIRECTORY}/{NAME}"))
                .format("framecrc")
                .map(stream),
        );
        run(&tree, &job)?;
        let text = list.read(&format!("/{NAME}")).map_err(host)?;
        let text = String::from_utf8_lossy(&text);
        Self::parse(&text).ok_or_else(|| JobError::Unverified {
            message: "the list of the packets cannot be read".to_owned(),
            log_tail: String::new(),
            partial_outputs: Vec::new(),
        })
    }

    /// Reads what the muxer `framecrc` writes: `#tb 0: 1/12800` among other comments, then for each packet
    /// `stream, dts, pts, duration, size, checksum`, and `F=0x…` unless the flags are those of a key frame.
    fn parse(text: &str) -> Option<Self> {
        let mut base = None;
        let mut frames = Vec::new();
        for line in text.lines() {
            if let Some(comment) = line.strip_prefix('#') {
                if let Some(said) = comment.strip_prefix("tb 0: ") {
                    let (num, den) = said.trim().split_once('/')?;
                    base = Rational::new(num.parse().ok()?, den.parse().ok()?);
                }
                continue;
            }
            let mut fields = line.split(',').map(str::trim);
            let pts: i64 = fields.nth(2)?.parse().ok()?;
            let key = !fields.any(|field| field.starts_with("F=") && !has_key_bit(field));
            frames.push(Frame {
                time: microseconds(pts, base?)?,
                key,
            });
        }
        frames.sort_unstable();
        Some(Self { frames })
    }
}

fn has_key_bit(field: &str) -> bool {
    let flags = field.strip_prefix("F=0x").unwrap_or_default();
    u64::from_str_radix(flags, 16).is_ok_and(|flags| flags & 1 == 1)
}

/// To the nearest microsecond, as the engine counts its seeks.
fn microseconds(pts: i64, base: Rational) -> Option<i64> {
    let scaled = i128::from(pts) * i128::from(base.num) * 1_000_000;
    let den = i128::from(base.den);
    if den <= 0 {
        return None;
    }
    i64::try_from((2 * scaled + den).div_euclid(2 * den)).ok()
}

const DIRECTORY: &str = "/.afmpeg-index";
const NAME: &str = "packets";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_gives_times_and_key_frames_in_the_order_of_showing() {
        let text = "#extradata 0: 47, 0x40c10faf\n#tb 0: 1/12800\n#media_type 0: video\n\
            0,      -1024,          0,      512,     7549, 0xff514759\n\
            0,       -512,       1024,      512,      149, 0xae314996, F=0x0\n\
            0,          0,        512,      512,      320, 0xbaca9eb8, F=0x0, S=1, 8, 0x1\n\
            0,        512,       1536,      512,      320, 0xbaca9eb8, F=0x5\n";
        let index = Index::parse(text).expect("it is a list");
        let frame = |time, key| Frame { time, key };
        assert_eq!(
            index.frames,
            [
                frame(0, true),
                frame(40_000, false),
                frame(80_000, false),
                frame(120_000, true)
            ]
        );
        assert!(Index::parse("0, 1, 2, 3, 4, 5").is_none());
        assert!(Index::parse("#tb 0: 1/25\n0, x").is_none());
    }

    #[test]
    fn microseconds_are_the_nearest() {
        let base = |num, den| Rational::new(num, den).expect("it is a fraction");
        assert_eq!(microseconds(1001, base(1, 30_000)), Some(33_367));
        assert_eq!(microseconds(-1, base(1, 3)), Some(-333_333));
        assert_eq!(microseconds(i64::MAX, base(1, 1)), None);
    }
}
