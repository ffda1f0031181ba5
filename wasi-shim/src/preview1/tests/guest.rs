//! A guest without code: its memory, its host state, and its calls.

use crate::clock::VirtualClock;
use crate::errno::Errno;
use crate::fd::Rights;
use crate::limits::Limits;
use crate::mem::GuestMem;
use crate::preview1::{fd, path};
use crate::random::SeededRandom;
use crate::stop::{Fail, SysResult};
use crate::vfs::{MemFs, Vfs};
use crate::wasi::{Wasi, WasiBuilder};

/// Where tests put things in guest memory.
pub(super) const RESULT: u32 = 0;
pub(super) const LIST: u32 = 64;
pub(super) const PATH: u32 = 16_384;
pub(super) const PATH2: u32 = 90_000;
pub(super) const DATA: u32 = 196_608;
pub(super) const SIZE: u32 = 262_144;

pub(super) struct Guest {
    pub(super) wasi: Wasi,
    pub(super) bytes: Vec<u8>,
    pub(super) fs: MemFs,
}

pub(super) fn builder(fs: &MemFs) -> WasiBuilder {
    Wasi::builder()
        .preopen("/", fs.root())
        .bare_root()
        .clock(std::sync::Arc::new(VirtualClock::new()))
        .random(Box::new(SeededRandom::new(1)))
}

impl Guest {
    pub(super) fn new() -> Self {
        let fs = MemFs::new();
        let wasi = builder(&fs).build().expect("the state is valid");
        Self::over(fs, wasi)
    }

    pub(super) fn over(fs: MemFs, wasi: Wasi) -> Self {
        Self {
            wasi,
            bytes: vec![0; SIZE as usize],
            fs,
        }
    }

    pub(super) fn with_limits(change: impl FnOnce(&mut Limits)) -> Self {
        let fs = MemFs::new();
        let mut limits = Limits::default();
        change(&mut limits);
        let wasi = builder(&fs).limits(limits).build().expect("valid");
        Self::over(fs, wasi)
    }

    /// Makes a call; an end of the run is a failure of the test.
    pub(super) fn call(
        &mut self,
        body: impl FnOnce(&mut Wasi, &mut GuestMem<'_>) -> SysResult,
    ) -> Errno {
        match body(&mut self.wasi, &mut GuestMem::new(&mut self.bytes)) {
            Ok(()) => Errno::Success,
            Err(Fail::Errno(errno)) => errno,
            Err(Fail::Stop(stop)) => panic!("the call ended the run: {stop}"),
        }
    }

    pub(super) fn put(&mut self, at: u32, bytes: &[u8]) {
        let at = at as usize;
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub(super) fn u32_at(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    pub(super) fn u64_at(&self, at: u32) -> u64 {
        u64::from_le_bytes(self.array(at))
    }

    pub(super) fn array<const N: usize>(&self, at: u32) -> [u8; N] {
        let at = at as usize;
        self.bytes[at..at + N].try_into().expect("N bytes")
    }

    /// Puts a list of buffers at `LIST`.
    pub(super) fn list(&mut self, buffers: &[(u32, u32)]) -> (u32, u32) {
        let bytes: Vec<u8> = buffers
            .iter()
            .flat_map(|(ptr, len)| [ptr.to_le_bytes(), len.to_le_bytes()].concat())
            .collect();
        self.put(LIST, &bytes);
        (LIST, buffers.len() as u32)
    }

    pub(super) fn path(&mut self, text: &str) -> (u32, u32) {
        self.put(PATH, text.as_bytes());
        (PATH, text.len() as u32)
    }

    pub(super) fn path2(&mut self, text: &str) -> (u32, u32) {
        self.put(PATH2, text.as_bytes());
        (PATH2, text.len() as u32)
    }

    /// Opens below descriptor 3 with all rights that `open` of a C library asks for.
    pub(super) fn open(&mut self, text: &str, oflags: u32, write: bool) -> Result<u32, Errno> {
        let rights = if write {
            Rights::ALL.0
        } else {
            Rights::ALL.0 & !Rights::CHANGE.0
        };
        self.open_at(3, text, 1, oflags, rights, 0)
    }

    pub(super) fn open_at(
        &mut self,
        dir: u32,
        text: &str,
        dirflags: u32,
        oflags: u32,
        rights: u64,
        fdflags: u32,
    ) -> Result<u32, Errno> {
        let (ptr, len) = self.path(text);
        let errno = self.call(|wasi, mem| {
            path::path_open(
                wasi, mem, dir, dirflags, ptr, len, oflags, rights, rights, fdflags, RESULT,
            )
        });
        match errno {
            Errno::Success => Ok(self.u32_at(RESULT)),
            errno => Err(errno),
        }
    }

    pub(super) fn close(&mut self, fd: u32) -> Errno {
        self.call(|wasi, mem| fd::fd_close(wasi, mem, fd))
    }

    pub(super) fn write(&mut self, fd: u32, data: &[u8]) -> Result<u32, Errno> {
        self.put(DATA, data);
        let (list, count) = self.list(&[(DATA, data.len() as u32)]);
        match self.call(|wasi, mem| fd::fd_write(wasi, mem, fd, list, count, RESULT)) {
            Errno::Success => Ok(self.u32_at(RESULT)),
            errno => Err(errno),
        }
    }

    pub(super) fn read(&mut self, fd: u32, len: u32) -> Result<Vec<u8>, Errno> {
        let (list, count) = self.list(&[(DATA, len)]);
        match self.call(|wasi, mem| fd::fd_read(wasi, mem, fd, list, count, RESULT)) {
            Errno::Success => {
                let count = self.u32_at(RESULT) as usize;
                Ok(self.bytes[DATA as usize..DATA as usize + count].to_vec())
            }
            errno => Err(errno),
        }
    }

    pub(super) fn seek(&mut self, fd: u32, offset: i64, whence: u32) -> Result<u64, Errno> {
        let offset = offset.cast_unsigned();
        match self.call(|wasi, mem| fd::fd_seek(wasi, mem, fd, offset, whence, RESULT)) {
            Errno::Success => Ok(self.u64_at(RESULT)),
            errno => Err(errno),
        }
    }
}

pub(super) const CREATE: u32 = 1;
pub(super) const DIRECTORY: u32 = 2;
pub(super) const EXCLUSIVE: u32 = 4;
pub(super) const TRUNCATE: u32 = 8;
