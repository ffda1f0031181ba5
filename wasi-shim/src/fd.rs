//! The descriptor table: numbers, rights and flags of what the guest has open.

use std::sync::Arc;

use crate::errno::Errno;
use crate::vfs::{Dir, File};

mod rights;

pub use rights::Rights;

/// How a descriptor reads and writes, as the witx flags `fdflags`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FdFlags(u16);

impl FdFlags {
    const APPEND: u16 = 1;
    const DSYNC: u16 = 1 << 1;
    const RSYNC: u16 = 1 << 3;
    const SYNC: u16 = 1 << 4;
    const KNOWN: u16 = (1 << 5) - 1;

    /// The flags with these bits.
    ///
    /// # Errors
    ///
    /// `Inval` when a bit has no meaning.
    pub fn from_bits(bits: u32) -> Result<Self, Errno> {
        match u16::try_from(bits) {
            Ok(bits) if bits & !Self::KNOWN == 0 => Ok(Self(bits)),
            _ => Err(Errno::Inval),
        }
    }

    /// The bits of the flags.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether every write goes to the end of the file.
    #[must_use]
    pub const fn append(self) -> bool {
        self.0 & Self::APPEND != 0
    }

    /// Whether every write is made durable, and whether the data alone is enough.
    #[must_use]
    pub const fn sync_each_write(self) -> Option<bool> {
        if self.0 & (Self::SYNC | Self::RSYNC) != 0 {
            return Some(false);
        }
        if self.0 & Self::DSYNC != 0 {
            Some(true)
        } else {
            None
        }
    }
}

/// What a descriptor refers to.
#[derive(Clone)]
pub(crate) enum Kind {
    Stdin,
    Stdout,
    Stderr,
    File {
        file: Arc<dyn File>,
        offset: u64,
    },
    Dir {
        dir: Arc<dyn Dir>,
        /// The name under which the host gave it to the guest, if it did.
        preopen: Option<Arc<str>>,
    },
}

/// One open descriptor.
#[derive(Clone)]
pub(crate) struct Descriptor {
    pub(crate) kind: Kind,
    pub(crate) rights: Rights,
    pub(crate) inheriting: Rights,
    pub(crate) flags: FdFlags,
}

impl Descriptor {
    /// Checks that the descriptor may be used for `needed`.
    ///
    /// # Errors
    ///
    /// `Notcapable` when it may not.
    pub(crate) fn need(&self, needed: Rights) -> Result<(), Errno> {
        if self.rights.contains(needed) {
            Ok(())
        } else {
            Err(Errno::Notcapable)
        }
    }

    /// The open file.
    ///
    /// # Errors
    ///
    /// `Badf` when it is something else.
    pub(crate) fn file(&self) -> Result<&Arc<dyn File>, Errno> {
        match &self.kind {
            Kind::File { file, .. } => Ok(file),
            _ => Err(Errno::Badf),
        }
    }
}

/// The open descriptors of one guest.
pub(crate) struct FdTable {
    slots: Vec<Option<Descriptor>>,
    /// No slot below this is free.
    lowest_free: usize,
    open: u32,
    limit: u32,
}

impl FdTable {
    /// A table that holds at most `limit` descriptors at one time.
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            slots: Vec::new(),
            lowest_free: 0,
            open: 0,
            limit: limit.min(i32::MAX.cast_unsigned()),
        }
    }

    /// The open descriptor `fd`.
    ///
    /// # Errors
    ///
    /// `Badf` when it is not open.
    pub(crate) fn get(&self, fd: u32) -> Result<&Descriptor, Errno> {
        self.slots
            .get(fd as usize)
            .and_then(Option::as_ref)
            .ok_or(Errno::Badf)
    }

    /// The open descriptor `fd`, to be changed.
    ///
    /// # Errors
    ///
    /// `Badf` when it is not open.
    pub(crate) fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor, Errno> {
        self.slots
            .get_mut(fd as usize)
            .and_then(Option::as_mut)
            .ok_or(Errno::Badf)
    }

    /// The open directory `fd`, which may be used for `needed`.
    ///
    /// # Errors
    ///
    /// `Badf` when it is not open or is a standard stream, `Notdir` when it is a file,
    /// `Notcapable` without the right.
    pub(crate) fn dir(&self, fd: u32, needed: Rights) -> Result<&Arc<dyn Dir>, Errno> {
        let descriptor = self.get(fd)?;
        match &descriptor.kind {
            Kind::Dir { dir, .. } => {
                descriptor.need(needed)?;
                Ok(dir)
            }
            Kind::File { .. } => Err(Errno::Notdir),
            Kind::Stdin | Kind::Stdout | Kind::Stderr => Err(Errno::Badf),
        }
    }

    /// Checks that one more descriptor may be opened, before anything is done to open it.
    ///
    /// # Errors
    ///
    /// `Mfile` when the budget is used up.
    pub(crate) fn check_room(&self) -> Result<(), Errno> {
        if self.open < self.limit {
            Ok(())
        } else {
            Err(Errno::Mfile)
        }
    }

    /// Gives `descriptor` the lowest free number.
    ///
    /// # Errors
    ///
    /// `Mfile` when the budget is used up.
    pub(crate) fn insert(&mut self, descriptor: Descriptor) -> Result<u32, Errno> {
        self.check_room()?;
        let free = self.slots[self.lowest_free..]
            .iter()
            .position(Option::is_none)
            .map_or(self.slots.len(), |position| self.lowest_free + position);
        let fd = u32::try_from(free).map_err(|_| Errno::Mfile)?;
        if free == self.slots.len() {
            self.slots.push(Some(descriptor));
        } else {
            self.slots[free] = Some(descriptor);
        }
        self.lowest_free = free + 1;
        self.open += 1;
        Ok(fd)
    }

    /// Closes `fd` and frees its number.
    ///
    /// # Errors
    ///
    /// `Badf` when it is not open.
    pub(crate) fn remove(&mut self, fd: u32) -> Result<Descriptor, Errno> {
        let slot = self.slots.get_mut(fd as usize).ok_or(Errno::Badf)?;
        let descriptor = slot.take().ok_or(Errno::Badf)?;
        self.lowest_free = self.lowest_free.min(fd as usize);
        self.open -= 1;
        Ok(descriptor)
    }

    /// Moves `from` to the number `to`, closing what was there.
    ///
    /// # Errors
    ///
    /// `Badf` when either is not open.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result<(), Errno> {
        self.get(from)?;
        self.get(to)?;
        if from != to {
            let descriptor = self.remove(from)?;
            *self.get_mut(to)? = descriptor;
        }
        Ok(())
    }

    /// How many descriptors are open.
    #[cfg(test)]
    pub(crate) fn open(&self) -> u32 {
        self.open
    }

    /// How many numbers the table has room for now.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stdin() -> Descriptor {
        Descriptor {
            kind: Kind::Stdin,
            rights: Rights::FD_READ,
            inheriting: Rights::NONE,
            flags: FdFlags::default(),
        }
    }

    #[test]
    fn c2_numbers_are_reused_lowest_first() {
        let mut table = FdTable::new(8);
        for expected in 0..4 {
            assert_eq!(table.insert(stdin()), Ok(expected));
        }
        assert!(table.remove(2).is_ok());
        assert!(table.remove(0).is_ok());
        assert_eq!(table.remove(0).err(), Some(Errno::Badf));
        assert_eq!(table.insert(stdin()), Ok(0));
        assert_eq!(table.insert(stdin()), Ok(2));
        assert_eq!(table.insert(stdin()), Ok(4));
        assert_eq!(table.get(u32::MAX).err(), Some(Errno::Badf));
    }

    #[test]
    fn c3_the_limit_is_mfile_and_a_million_reopenings_do_not_grow_the_table() {
        let mut table = FdTable::new(3);
        for _ in 0..3 {
            assert!(table.insert(stdin()).is_ok());
        }
        assert_eq!(table.insert(stdin()), Err(Errno::Mfile));
        for _ in 0..1_000_000 {
            assert!(table.remove(1).is_ok());
            assert_eq!(table.insert(stdin()), Ok(1));
        }
        assert_eq!((table.open(), table.capacity()), (3, 3));
        for fd in 0..3 {
            assert!(table.remove(fd).is_ok());
        }
        assert_eq!(table.open(), 0);
    }

    #[test]
    fn c1_renumbering_a_million_times_keeps_the_table_small() {
        let mut table = FdTable::new(8);
        for _ in 0..4 {
            assert!(table.insert(stdin()).is_ok());
        }
        assert_eq!(table.renumber(1, 1), Ok(()));
        assert_eq!(table.renumber(1, 7), Err(Errno::Badf));
        assert_eq!(table.renumber(7, 1), Err(Errno::Badf));
        assert_eq!(table.open(), 4);
        for _ in 0..1_000_000 {
            assert_eq!(table.renumber(1, 2), Ok(()));
            assert_eq!(table.insert(stdin()), Ok(1));
        }
        assert_eq!((table.open(), table.capacity()), (4, 4));
        assert!(table.remove(1).is_ok() && table.remove(2).is_ok());
    }

    #[test]
    fn b4_unknown_flag_bits_are_refused() {
        assert!(FdFlags::from_bits(0b1_1111).is_ok());
        assert_eq!(FdFlags::from_bits(0b10_0000), Err(Errno::Inval));
        assert_eq!(FdFlags::from_bits(0x1_0000), Err(Errno::Inval));
    }

    #[test]
    fn every_flag_means_what_the_format_says() {
        let flags = |bits| FdFlags::from_bits(bits).expect("it is a flag");
        let (append, dsync, nonblock, rsync, sync) =
            (flags(1), flags(2), flags(4), flags(8), flags(16));
        for none in [flags(0), dsync, nonblock, rsync, sync] {
            assert!(!none.append(), "{none:?}");
        }
        assert!(append.append() && flags(0x1f).append());
        for never in [flags(0), append, nonblock] {
            assert_eq!(never.sync_each_write(), None, "{never:?}");
        }
        assert_eq!(dsync.sync_each_write(), Some(true));
        assert_eq!(flags(1 | 2 | 4).sync_each_write(), Some(true));
        for whole in [rsync, sync, flags(2 | 8), flags(2 | 16), flags(0x1f)] {
            assert_eq!(whole.sync_each_write(), Some(false), "{whole:?}");
        }
        assert_eq!(flags(0x1f).bits(), 0x1f);
    }
}
