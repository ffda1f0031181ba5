//! An open file of the host.

use std::sync::{Mutex, PoisonError};

use cap_std::fs::Metadata;

use super::meta::{stat_of, time_of};
use crate::errno::Errno;
use crate::vfs::{File, SetTimes, Stat, VfsResult};

/// One open file of the tree.
pub(super) struct HostFile {
    pub(super) file: std::fs::File,
    pub(super) read: bool,
    pub(super) write: bool,
    pub(super) may_write: bool,
    /// Held from finding the end of the file to having written there.
    pub(super) appending: Mutex<()>,
}

impl HostFile {
    fn writable(&self) -> VfsResult<()> {
        if self.write {
            Ok(())
        } else {
            Err(Errno::Badf.into())
        }
    }
}

impl File for HostFile {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        if !self.read {
            return Err(Errno::Badf.into());
        }
        // The host refuses a range whose end is past the largest offset.
        let room = (i64::MAX as u64).saturating_sub(offset);
        let count = usize::try_from(room).unwrap_or(usize::MAX).min(buf.len());
        if count == 0 {
            return Ok(0);
        }
        Ok(positional::read_at(&self.file, &mut buf[..count], offset)?)
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of(&Metadata::from_file(&self.file)?))
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        self.writable()?;
        let end = offset.checked_add(data.len() as u64);
        if end.is_none_or(|end| i64::try_from(end).is_err()) {
            return Err(Errno::Fbig.into());
        }
        Ok(positional::write_at(&self.file, data, offset)?)
    }

    fn append(&self, data: &[u8]) -> VfsResult<(usize, u64)> {
        let _held = self
            .appending
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let end = self.len()?;
        let written = self.write_at(end, data)?;
        Ok((written, end.saturating_add(written as u64)))
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        self.writable()?;
        if i64::try_from(len).is_err() {
            return Err(Errno::Fbig.into());
        }
        Ok(self.file.set_len(len)?)
    }

    fn allocate(&self, offset: u64, len: u64) -> VfsResult<()> {
        self.writable()?;
        if len == 0 {
            return Err(Errno::Inval.into());
        }
        let end = offset.checked_add(len).ok_or(Errno::Fbig)?;
        if end > self.len()? {
            self.set_len(end)?;
        }
        Ok(())
    }

    fn set_times(&self, times: SetTimes) -> VfsResult<()> {
        if !self.may_write {
            return Err(Errno::Rofs.into());
        }
        let mut host = std::fs::FileTimes::new();
        if let Some(atim) = times.atim {
            host = host.set_accessed(time_of(atim)?);
        }
        if let Some(mtim) = times.mtim {
            host = host.set_modified(time_of(mtim)?);
        }
        Ok(self.file.set_times(host)?)
    }

    fn sync(&self, data_only: bool) -> VfsResult<()> {
        let done = if data_only {
            self.file.sync_data()
        } else {
            self.file.sync_all()
        };
        Ok(done?)
    }
}

/// Reads and writes at an offset, under the names that the host's platform has for them.
mod positional {
    use std::fs::File;
    use std::io;

    #[cfg(unix)]
    use std::os::unix::fs::FileExt;
    #[cfg(windows)]
    use std::os::windows::fs::FileExt;

    pub(super) fn read_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        #[cfg(unix)]
        return file.read_at(buf, offset);
        #[cfg(windows)]
        return file.seek_read(buf, offset);
    }

    pub(super) fn write_at(file: &File, data: &[u8], offset: u64) -> io::Result<usize> {
        #[cfg(unix)]
        return file.write_at(data, offset);
        #[cfg(windows)]
        return file.seek_write(data, offset);
    }
}
