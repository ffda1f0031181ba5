//! Attributes of what is open, strings, clocks, randomness, signals.

use afmpeg_wasi::vfs::{FileType, SetTimes};
use afmpeg_wasi::{Errno, Random, Rights};

use super::data::LAST;
use super::{Host, Kind, ends};
use crate::hostcalls::turn::{Answer, Turn};
use crate::model::{Id, Tree};

impl Host {
    pub(super) fn fd_advise(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (offset, len) = (turn.values[1], turn.values[2]);
        let fd = turn.word(0);
        self.file(turn, fd, Rights::FD_ADVISE);
        turn.because_if(turn.word(3) > 5, Errno::Inval);
        let end = offset.checked_add(len);
        turn.because_if(end.is_none_or(|end| end > LAST), Errno::Inval);
        turn.done().map(drop)
    }

    pub(super) fn fd_allocate(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (offset, len) = (turn.values[1], turn.values[2]);
        let fd = turn.word(0);
        let file = self.file(turn, fd, Rights::FD_ALLOCATE);
        let end = offset.checked_add(len).filter(|end| *end <= LAST);
        turn.because_if(end.is_none() || len == 0, Errno::Inval);
        if let (Some(end), Some((tree, ..))) = (end, file) {
            turn.because_if(end > self.trees[tree].longest, Errno::Fbig);
        }
        turn.takes(len, 0);
        if turn.done()?
            && let (Some(end), Some((tree, id, _))) = (end, file)
        {
            self.trees[tree].change(id, |contents| {
                contents.set_len(end.max(contents.len()));
                contents.reserve(len);
            });
        }
        Ok(())
    }

    pub(super) fn fd_sync(&mut self, turn: &mut Turn<'_>, needed: Rights) -> Result<(), String> {
        let fd = turn.word(0);
        let on_tree = self.any(turn, fd, needed).is_some_and(Self::can_sync);
        turn.syncs(u64::from(on_tree))?;
        if turn.seen.sync_failed && *turn.answer == Answer::Done {
            return Err("a sync failed, and it is done".to_owned());
        }
        turn.done().map(drop)
    }

    pub(super) fn fd_filestat_get(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (fd, out) = (turn.word(0), turn.word(1));
        turn.in_memory(out, 64);
        self.any(turn, fd, Rights::FD_FILESTAT_GET);
        if !turn.done()? {
            return Ok(());
        }
        match self.get(fd).map(|descriptor| &descriptor.kind) {
            Some(Kind::File { tree, id, .. } | Kind::Dir { tree, id, .. }) => {
                filestat(turn, out, &self.trees[*tree], *id);
            }
            _ => {
                let mut record = [0; 64];
                record[24] = 1;
                turn.image.put(out, &record);
            }
        }
        Ok(())
    }

    pub(super) fn fd_filestat_set_size(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (fd, size) = (turn.word(0), turn.values[1]);
        let file = self.file(turn, fd, Rights::FD_FILESTAT_SET_SIZE);
        turn.because_if(size > LAST, Errno::Inval);
        if let Some((tree, ..)) = file {
            turn.because_if(size > self.trees[tree].longest, Errno::Fbig);
        }
        if turn.done()?
            && let Some((tree, id, _)) = file
        {
            self.trees[tree].change(id, |contents| contents.set_len(size));
        }
        Ok(())
    }

    pub(super) fn fd_filestat_set_times(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let fd = turn.word(0);
        let times = self.times(turn, 1);
        let descriptor = self.any(turn, fd, Rights::FD_FILESTAT_SET_TIMES);
        let node = match descriptor.map(|descriptor| &descriptor.kind) {
            Some(Kind::File { tree, id, .. } | Kind::Dir { tree, id, .. }) => Some((*tree, *id)),
            _ => {
                turn.because(Errno::Badf);
                None
            }
        };
        self.set_times(turn, node, times)
    }

    /// Sets times as a call asks for them.
    pub(super) fn set_times(
        &mut self,
        turn: &mut Turn<'_>,
        node: Option<(usize, Id)>,
        times: SetTimes,
    ) -> Result<(), String> {
        if let Some((tree, _)) = node {
            turn.because_if(self.trees[tree].read_only, Errno::Rofs);
        }
        if turn.done()?
            && let Some((tree, id)) = node
        {
            let set = self.trees[tree].set_times(id, times);
            set.map_err(|why| format!("the model refuses times for {why:?}"))?;
        }
        Ok(())
    }

    /// The times of a call: two values and flags, from this one on.
    pub(super) fn times(&self, turn: &mut Turn<'_>, first: usize) -> SetTimes {
        let flags = turn.word(first + 2);
        turn.because_if(flags > 15, Errno::Inval);
        turn.because_if(flags & 3 == 3 || flags & 12 == 12, Errno::Inval);
        let time = |set: u32, now: u32, value: u64| match flags {
            flags if flags & set != 0 => Some(value),
            flags if flags & now != 0 => Some(self.realtime),
            _ => None,
        };
        SetTimes {
            atim: time(1, 2, turn.values[first]),
            mtim: time(4, 8, turn.values[first + 1]),
        }
    }

    pub(super) fn strings(turn: &mut Turn<'_>, strings: &[Vec<u8>]) -> Result<(), String> {
        let (pointers, buffer) = (turn.word(0), turn.word(1));
        let size: usize = strings.iter().map(|string| string.len() + 1).sum();
        turn.in_memory(pointers, 4 * strings.len() as u64);
        turn.in_memory(buffer, size as u64);
        if turn.done()? {
            let mut at = buffer;
            for (index, string) in (0..).zip(strings) {
                turn.image.put(pointers + 4 * index, &at.to_le_bytes());
                turn.image.put(at, &[string, &b"\0"[..]].concat());
                at += string.len() as u32 + 1;
            }
        }
        Ok(())
    }

    pub(super) fn string_sizes(turn: &mut Turn<'_>, strings: &[Vec<u8>]) -> Result<(), String> {
        let (count_out, size_out) = (turn.word(0), turn.word(1));
        let size: usize = strings.iter().map(|string| string.len() + 1).sum();
        turn.in_memory(count_out, 4);
        turn.in_memory(size_out, 4);
        if turn.done()? {
            turn.image
                .put(count_out, &(strings.len() as u32).to_le_bytes());
            turn.image.put(size_out, &(size as u32).to_le_bytes());
        }
        Ok(())
    }

    pub(super) fn clock_res_get(turn: &mut Turn<'_>) -> Result<(), String> {
        turn.because_if(turn.word(0) > 3, Errno::Inval);
        turn.in_memory(turn.word(1), 8);
        if turn.done()? {
            turn.image.put(turn.word(1), &1_u64.to_le_bytes());
        }
        Ok(())
    }

    pub(super) fn clock_time_get(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        turn.because_if(turn.word(0) > 3, Errno::Inval);
        turn.in_memory(turn.word(2), 8);
        if turn.done()? {
            let time = self.clock(turn.word(0));
            turn.image.put(turn.word(2), &time.to_le_bytes());
        }
        Ok(())
    }

    pub(super) fn clock(&self, id: u32) -> u64 {
        if id == 0 {
            self.realtime
        } else {
            self.monotonic
        }
    }

    pub(super) fn random_get(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (buf, len) = (turn.word(0), turn.word(1));
        turn.in_memory(buf, u64::from(len));
        if turn.done()? {
            let mut bytes = vec![0; len as usize];
            self.random.fill(&mut bytes);
            turn.image.put(buf, &bytes);
        }
        Ok(())
    }

    pub(super) fn proc_raise(turn: &mut Turn<'_>) -> Result<(), String> {
        match turn.word(0) {
            0 | 16 | 17 | 22 | 27 => {}
            signal @ 1..=30 => return ends(turn, &format!("signal {signal}")),
            _ => turn.because(Errno::Inval),
        }
        turn.done().map(drop)
    }
}

/// The attributes of a node as a guest sees them. Its number is the tree's own business here: the
/// comparison of trees looks at it.
pub(super) fn filestat(turn: &mut Turn<'_>, out: u32, tree: &Tree, id: Id) {
    let node = tree.node(id);
    let mut record = [0; 64];
    record[16] = match tree.file_type(id) {
        FileType::Directory => 3,
        FileType::RegularFile => 4,
        _ => 7,
    };
    for (at, value) in [
        (24, node.names),
        (32, tree.size(id)),
        (40, node.atim),
        (48, node.mtim),
        (56, node.ctim),
    ] {
        record[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }
    turn.image.put(out, &record);
    turn.image.leave_open(out, 16);
    if !tree.keeps_times {
        turn.image.leave_open(out + 40, 24);
        if tree.file_type(id) == FileType::Directory {
            turn.image.leave_open(out + 24, 16);
        }
    }
}
