//! `fd_readdir`.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::errno::Errno;
use crate::fd::Rights;
use crate::mem::{GuestMem, Record};
use crate::preview1::abi;
use crate::stop::SysResult;
use crate::vfs::{Cookie, FileType, Name};
use crate::wasi::Wasi;

/// `fd_readdir`: writes entries of a directory, from a cookie on, until the buffer is full.
///
/// The first entries are `.` and `..`. The last one in a full buffer is cut off where the buffer
/// ends; a buffer that is not full means the end of the directory. Cookies stay valid while entries
/// come and go.
///
/// # Errno
///
/// * `badf`: the descriptor is not open.
/// * `notdir`: it is not a directory.
/// * `notcapable`: the right `fd_readdir` is missing.
/// * `fault`: the buffer or the result does not lie in memory; nothing is written.
/// * What the filesystem says.
pub fn fd_readdir(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    fd: u32,
    buf: u32,
    buf_len: u32,
    cookie: u64,
    used_out: u32,
) -> SysResult {
    mem.check(used_out, 4)?;
    let dir = Arc::clone(wasi.table.dir(fd, Rights::FD_READDIR)?);
    let mut listing = Listing {
        buffer: mem.slice_mut(buf, u64::from(buf_len))?,
        used: 0,
    };
    let own = dir.stat()?;
    let mut open = true;
    if cookie == START {
        open = listing.add(AFTER_SELF, own.ino, ".", FileType::Directory);
    }
    // The parent may be out of the guest's reach: its number is not told.
    if open && cookie <= AFTER_SELF {
        open = listing.add(AFTER_PARENT, own.ino, "..", FileType::Directory);
    }
    let mut stopped = Ok(());
    if open {
        let from = Cookie(cookie.saturating_sub(AFTER_PARENT));
        let control = wasi.control.clone();
        let mut seen = 0_u32;
        dir.read_dir(from, &mut |entry| {
            seen = seen.wrapping_add(1);
            if seen.is_multiple_of(POLL_EVERY) {
                stopped = control.poll();
                if stopped.is_err() {
                    return ControlFlow::Break(());
                }
            }
            // A backend's name is not believed: what is no name is not passed on.
            if Name::new(&entry.name).is_err() {
                return ControlFlow::Continue(());
            }
            let Some(next) = entry.next.0.checked_add(AFTER_PARENT) else {
                return ControlFlow::Continue(());
            };
            if listing.add(next, entry.ino, &entry.name, entry.file_type) {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
    }
    stopped?;
    let used = u32::try_from(listing.used).map_err(|_| Errno::Overflow)?;
    wasi.charge_bytes(u64::from(used));
    Ok(mem.write_u32(used_out, used)?)
}

/// The guest's cookies: 0 is the start, the next two are behind `.` and `..`, and the backend's own
/// follow, moved up by two.
const START: u64 = 0;
const AFTER_SELF: u64 = 1;
const AFTER_PARENT: u64 = 2;

/// How many entries of a backend are looked at between two looks at cancel and deadline.
const POLL_EVERY: u32 = 256;

/// A buffer being filled with entries.
struct Listing<'a> {
    buffer: &'a mut [u8],
    used: usize,
}

impl Listing<'_> {
    /// Adds an entry, or as much of it as fits; `false` when the buffer is full then.
    fn add(&mut self, next: u64, ino: u64, name: &str, file_type: FileType) -> bool {
        let record: Record<24> = abi::dirent(next, ino, name.len() as u32, file_type);
        self.put(record.bytes()) && self.put(name.as_bytes())
    }

    fn put(&mut self, bytes: &[u8]) -> bool {
        let room = &mut self.buffer[self.used..];
        let count = room.len().min(bytes.len());
        room[..count].copy_from_slice(&bytes[..count]);
        self.used += count;
        count == bytes.len()
    }
}
