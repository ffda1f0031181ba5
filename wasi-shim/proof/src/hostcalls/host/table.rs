//! Descriptors: closing, renumbering, flags, rights, preopens.

use afmpeg_wasi::{Errno, Rights};

use super::{Descriptor, Host, Kind};
use crate::hostcalls::turn::Turn;

impl Host {
    /// Takes the lowest number that is free.
    pub(super) fn insert(&mut self, descriptor: Descriptor) -> u32 {
        let free = self.open.iter().position(Option::is_none);
        let at = free.unwrap_or(self.open.len());
        if at == self.open.len() {
            self.open.push(None);
        }
        self.open[at] = Some(descriptor);
        at as u32
    }

    pub(super) fn fd_close(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let fd = turn.word(0);
        turn.because_if(self.get(fd).is_none(), Errno::Badf);
        if turn.done()? {
            self.open[fd as usize] = None;
        }
        Ok(())
    }

    pub(super) fn fd_renumber(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (from, to) = (turn.word(0), turn.word(1));
        let both = self.get(from).is_some() && self.get(to).is_some();
        turn.because_if(!both, Errno::Badf);
        if turn.done()? && from != to {
            self.open[to as usize] = self.open[from as usize].take();
        }
        Ok(())
    }

    pub(super) fn fd_fdstat_get(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (fd, out) = (turn.word(0), turn.word(1));
        turn.because_if(self.get(fd).is_none(), Errno::Badf);
        turn.in_memory(out, 24);
        if turn.done()?
            && let Some(descriptor) = self.get(fd)
        {
            turn.image.put(out, &fdstat(descriptor));
        }
        Ok(())
    }

    pub(super) fn fd_fdstat_set_flags(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (fd, flags) = (turn.word(0), turn.word(1));
        self.any(turn, fd, Rights::FD_FDSTAT_SET_FLAGS);
        turn.because_if(flags > 31, Errno::Inval);
        if turn.done()?
            && let Some(descriptor) = self.get_mut(fd)
        {
            descriptor.flags = flags;
        }
        Ok(())
    }

    pub(super) fn fd_fdstat_set_rights(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let fd = turn.word(0);
        let (rights, inheriting) = (Rights(turn.values[1]), Rights(turn.values[2]));
        match self.get(fd) {
            None => turn.because(Errno::Badf),
            Some(has) => {
                let grows = !has.rights.contains(rights) || !has.inheriting.contains(inheriting);
                turn.because_if(grows, Errno::Notcapable);
            }
        }
        if turn.done()?
            && let Some(descriptor) = self.get_mut(fd)
        {
            descriptor.rights = rights;
            descriptor.inheriting = inheriting;
        }
        Ok(())
    }

    pub(super) fn fd_prestat_get(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let out = turn.word(1);
        turn.in_memory(out, 8);
        let name = self.preopen(turn);
        if turn.done()?
            && let Some(name) = name
        {
            turn.image.put(out, &[0; 4]);
            turn.image.put(out + 4, &(name.len() as u32).to_le_bytes());
        }
        Ok(())
    }

    pub(super) fn fd_prestat_dir_name(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (path, len) = (turn.word(1), turn.word(2));
        let name = self.preopen(turn);
        if let Some(name) = &name {
            turn.because_if((len as usize) < name.len(), Errno::Nametoolong);
            turn.in_memory(path, name.len() as u64);
        }
        // A buffer that is longer than the name may reach out of memory, or not be allowed to.
        if !turn.image.has(path, u64::from(len)) {
            turn.perhaps(Errno::Fault);
        }
        if turn.done()?
            && let Some(name) = name
        {
            turn.image.put(path, name.as_bytes());
        }
        Ok(())
    }

    fn preopen(&self, turn: &mut Turn<'_>) -> Option<String> {
        match self.get(turn.word(0)).map(|descriptor| &descriptor.kind) {
            Some(Kind::Dir {
                preopen: Some(name),
                ..
            }) => Some(name.clone()),
            _ => {
                turn.because(Errno::Badf);
                None
            }
        }
    }

    /// Any descriptor, which the call needs rights to.
    pub(super) fn any(&self, turn: &mut Turn<'_>, fd: u32, needed: Rights) -> Option<&Descriptor> {
        let descriptor = self.get(fd);
        match descriptor {
            None => turn.because(Errno::Badf),
            Some(has) => turn.because_if(!has.rights.contains(needed), Errno::Notcapable),
        }
        descriptor
    }
}

/// The attributes of a descriptor as a guest sees them.
pub(in crate::hostcalls) fn fdstat(descriptor: &Descriptor) -> [u8; 24] {
    let mut record = [0; 24];
    record[0] = match descriptor.kind {
        Kind::Stdin | Kind::Stdout | Kind::Stderr => 0,
        Kind::Dir { .. } => 3,
        Kind::File { .. } => 4,
    };
    record[2..4].copy_from_slice(&(descriptor.flags as u16).to_le_bytes());
    record[8..16].copy_from_slice(&descriptor.rights.0.to_le_bytes());
    record[16..].copy_from_slice(&descriptor.inheriting.0.to_le_bytes());
    record
}
