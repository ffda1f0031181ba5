//! Synthetic device nodes: `/dev/null`, `/dev/zero`, `/dev/random`, and a sink for what a guest
//! reports.
//!
//! Put in a tree with [`Mount::file`](super::Mount::file). All are character devices: offsets mean
//! nothing, seeking is refused, truncation is ignored.

use std::sync::{Mutex, PoisonError};

use super::{File, FileType, SetTimes, Stat, VfsResult};

/// The most that one read of an endless device gives, so that whoever runs the guest gets to look
/// at its deadline between two reads of a long one.
const MAX_READ: usize = 64 * 1024;

/// What all devices answer alike.
macro_rules! device_defaults {
    () => {
        fn len(&self) -> VfsResult<u64> {
            Ok(0)
        }

        fn is_empty(&self) -> VfsResult<bool> {
            Ok(true)
        }

        fn stat(&self) -> VfsResult<Stat> {
            Ok(Stat {
                dev: 0,
                ino: 0,
                file_type: FileType::CharacterDevice,
                nlink: 1,
                size: 0,
                atim: 0,
                mtim: 0,
                ctim: 0,
            })
        }

        fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
            Ok((self.write_at(0, data)?, 0))
        }

        fn set_len(&self, _len: u64) -> VfsResult<()> {
            Ok(())
        }

        fn allocate(&self, _offset: u64, _len: u64) -> VfsResult<()> {
            Err($crate::errno::Errno::Nodev.into())
        }

        fn set_times(&self, _times: SetTimes) -> VfsResult<()> {
            Ok(())
        }

        fn sync(&self, _data_only: bool) -> VfsResult<()> {
            Ok(())
        }

        fn seekable(&self) -> bool {
            false
        }
    };
}

/// `/dev/null`: reads end at once, writes vanish.
#[derive(Clone, Copy, Debug, Default)]
pub struct Null;

#[warn(clippy::missing_trait_methods)]
impl File for Null {
    fn read_at(&self, _offset: u64, _buf: &mut [u8]) -> VfsResult<usize> {
        Ok(0)
    }

    device_defaults!();

    fn write_at(&self, _offset: u64, data: &[u8]) -> VfsResult<usize> {
        Ok(data.len())
    }
}

/// `/dev/zero`: reads give zeros without end, writes vanish.
#[derive(Clone, Copy, Debug, Default)]
pub struct Zero;

#[warn(clippy::missing_trait_methods)]
impl File for Zero {
    fn read_at(&self, _offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        let count = buf.len().min(MAX_READ);
        buf[..count].fill(0);
        Ok(count)
    }

    device_defaults!();

    fn write_at(&self, _offset: u64, data: &[u8]) -> VfsResult<usize> {
        Ok(data.len())
    }
}

type Fill = Box<dyn FnMut(&mut [u8]) -> VfsResult<()> + Send>;
type Take = Box<dyn FnMut(&[u8]) + Send>;

/// `/dev/random` and `/dev/urandom`: reads give bytes of a generator, writes vanish.
pub struct RandomDevice {
    fill: Mutex<Fill>,
}

impl RandomDevice {
    /// A device whose bytes come from `fill`, called with at most 64 KiB at a time. Its failure is
    /// that of the read.
    pub fn new(fill: impl FnMut(&mut [u8]) -> VfsResult<()> + Send + 'static) -> Self {
        Self {
            fill: Mutex::new(Box::new(fill)),
        }
    }
}

#[warn(clippy::missing_trait_methods)]
impl File for RandomDevice {
    fn read_at(&self, _offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        let count = buf.len().min(MAX_READ);
        let mut fill = self.fill.lock().unwrap_or_else(PoisonError::into_inner);
        fill(&mut buf[..count])?;
        Ok(count)
    }

    device_defaults!();

    fn write_at(&self, _offset: u64, data: &[u8]) -> VfsResult<usize> {
        Ok(data.len())
    }
}

/// A device that hands what is written to it to the host, for example progress reports. Reads end
/// at once.
pub struct Sink {
    take: Mutex<Take>,
}

impl Sink {
    /// A device that gives every write to `take`, as the guest made it: neither lines nor anything
    /// else are kept together. `take` must not write to the same device.
    pub fn new(take: impl FnMut(&[u8]) + Send + 'static) -> Self {
        Self {
            take: Mutex::new(Box::new(take)),
        }
    }
}

#[warn(clippy::missing_trait_methods)]
impl File for Sink {
    fn read_at(&self, _offset: u64, _buf: &mut [u8]) -> VfsResult<usize> {
        Ok(0)
    }

    device_defaults!();

    fn write_at(&self, _offset: u64, data: &[u8]) -> VfsResult<usize> {
        let mut take = self.take.lock().unwrap_or_else(PoisonError::into_inner);
        take(data);
        Ok(data.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn null_swallows_and_ends_and_zero_never_ends() {
        let mut buf = [7; 16];
        assert_eq!(Null.read_at(0, &mut buf), Ok(0));
        assert_eq!(Null.write_at(9, b"gone"), Ok(4));
        assert_eq!(Null.len(), Ok(0));
        assert_eq!(Zero.read_at(u64::MAX, &mut buf), Ok(16));
        assert_eq!(buf, [0; 16]);
        assert!(!Zero.seekable());
    }

    #[test]
    fn a_random_device_gives_what_its_generator_makes_in_bounded_pieces() {
        let mut next = 0_u8;
        let device = RandomDevice::new(move |buf| {
            for byte in buf {
                *byte = next;
                next = next.wrapping_add(1);
            }
            Ok(())
        });
        let mut buf = [0; 4];
        assert_eq!(device.read_at(0, &mut buf), Ok(4));
        assert_eq!(buf, [0, 1, 2, 3]);
        assert_eq!(device.read_at(0, &mut buf), Ok(4));
        assert_eq!(buf, [4, 5, 6, 7]);
        assert_eq!(device.read_at(0, &mut vec![0; 1 << 20]), Ok(MAX_READ));
    }

    #[test]
    fn a_sink_hands_on_writes_and_appends_in_order() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&seen);
        let sink = Sink::new(move |data| {
            keep.lock()
                .expect("nothing panics here")
                .extend_from_slice(data);
        });
        assert_eq!(sink.write_at(100, b"one "), Ok(4));
        assert_eq!(sink.append(b"two"), Ok((3, 0)));
        assert_eq!(*seen.lock().expect("nothing panics here"), b"one two");
    }

    #[test]
    fn f3_a_panic_in_the_callback_does_not_break_the_device() {
        let mut calls = 0;
        let sink = Sink::new(move |_| {
            calls += 1;
            assert!(calls > 1, "the first call panics");
        });
        let first =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| sink.write_at(0, b"x")));
        assert!(first.is_err());
        assert_eq!(sink.write_at(0, b"y"), Ok(1));
    }
}
