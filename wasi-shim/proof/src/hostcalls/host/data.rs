//! Reading, writing and the cursor.

use afmpeg_wasi::{Errno, LimitKind, Rights};

use super::{Descriptor, Host, Kind};
use crate::hostcalls::turn::{Answer, Doubt, Turn};

const APPEND: u32 = 1;
/// `dsync`, `rsync` and `sync`: every write is made durable.
const SYNC: u32 = 2 | 8 | 16;
/// The largest offset: they are signed.
pub(super) const LAST: u64 = i64::MAX.cast_unsigned();

impl Host {
    /// `fd_read`, and `fd_pread` with an offset.
    pub(super) fn fd_read(
        &mut self,
        turn: &mut Turn<'_>,
        at: Option<u64>,
        out: usize,
    ) -> Result<(), String> {
        let (fd, out) = (turn.word(0), turn.word(out));
        turn.in_memory(out, 4);
        let buffers = buffers(turn);
        self.cursor_rights(turn, fd, Rights::FD_READ, at);
        let source = match self.get(fd).map(|descriptor| &descriptor.kind) {
            Some(Kind::File { tree, id, offset }) => Some((*tree, *id, at.unwrap_or(*offset))),
            Some(Kind::Stdin) if at.is_none() => None,
            Some(Kind::Stdin | Kind::Stdout | Kind::Stderr) if at.is_some() => {
                turn.because(Errno::Spipe);
                None
            }
            _ => {
                turn.because(Errno::Badf);
                None
            }
        };
        if !turn.done()? {
            return Ok(());
        }
        let total: u64 = buffers.iter().map(|(_, len)| u64::from(*len)).sum();
        let count = u64::from(turn.result(out));
        let bytes = match source {
            Some((tree, id, offset)) => {
                let contents = self.trees[tree].contents(id);
                let bytes = contents.map_or(Vec::new(), |contents| contents.read(offset, total));
                counted(count, bytes.len() as u64, turn.may_be_short())?;
                bytes
            }
            None => {
                let most = total.min(self.stdin.len() as u64);
                // Where the standard input stops is its own business.
                counted(count, most, true)?;
                self.stdin.drain(..count as usize).collect()
            }
        };
        let mut rest = &bytes[..count as usize];
        for (ptr, len) in buffers {
            let (piece, behind) = rest.split_at(rest.len().min(len as usize));
            turn.image.put(ptr, piece);
            rest = behind;
        }
        turn.image.put(out, &(count as u32).to_le_bytes());
        if at.is_none() {
            self.move_cursor(fd, source.map_or(0, |(_, _, offset)| offset + count));
        }
        Ok(())
    }

    /// `fd_write`, and `fd_pwrite` with an offset.
    pub(super) fn fd_write(
        &mut self,
        turn: &mut Turn<'_>,
        at: Option<u64>,
        out: usize,
    ) -> Result<(), String> {
        let (fd, out) = (turn.word(0), turn.word(out));
        turn.in_memory(out, 4);
        let buffers = buffers(turn);
        self.cursor_rights(turn, fd, Rights::FD_WRITE, at);
        let mut data = Vec::new();
        for (ptr, len) in &buffers {
            data.extend_from_slice(turn.image.get(*ptr, u64::from(*len)).unwrap_or_default());
        }
        let Some(descriptor) = self.get(fd) else {
            return turn.done().map(drop);
        };
        let append = at.is_none() && descriptor.flags & APPEND != 0;
        let syncs = descriptor.flags & SYNC != 0 && Self::can_sync(descriptor);
        let (tree, id, start) = match descriptor.kind {
            Kind::File { tree, id, offset } => (tree, id, at.unwrap_or(offset)),
            Kind::Stdout | Kind::Stderr if at.is_none() => {
                let is_stdout = matches!(descriptor.kind, Kind::Stdout);
                return self.write_text(turn, &buffers, &data, (is_stdout, out));
            }
            Kind::Dir { .. } | Kind::Stdin if at.is_none() => {
                turn.because(Errno::Badf);
                return turn.done().map(drop);
            }
            Kind::Dir { .. } => {
                turn.because(Errno::Badf);
                return turn.done().map(drop);
            }
            _ => {
                turn.because(Errno::Spipe);
                return turn.done().map(drop);
            }
        };
        let end = self.trees[tree].size(id);
        let start_at = if append { end } else { start };
        let longest = self.trees[tree].longest;
        let first = buffers.iter().find(|(_, len)| *len > 0);
        let first = first.map_or(0, |(_, len)| u64::from(*len));
        let room = longest.saturating_sub(start_at);
        if first > room && room > 0 && turn.doubt.short {
            // It may be cut to what fits.
            turn.perhaps(Errno::Fbig);
        } else {
            turn.because_if(first > room, Errno::Fbig);
        }
        let total = data.len() as u64;
        turn.takes(total, 0);
        let left = self.limits.written_bytes;
        let left = left.map(|limit| limit.saturating_sub(self.written));
        let stops_at = over(&buffers, left);
        let written = turn.seen.written;
        let is_done = match turn.answer {
            // What the buffers before the one too many had is there.
            Answer::Limited(LimitKind::WrittenBytes) => {
                if stops_at != Some(written) || turn.must_refuse_but_for(Errno::Fbig) {
                    return Err(format!("{written} bytes are written to the limit"));
                }
                turn.syncs(0)?;
                false
            }
            // What was written and cannot be made durable is there all the same.
            Answer::Refused(Doubt::FAULT)
                if turn.seen.sync_failed && !turn.must_refuse_but_for(Errno::Success) =>
            {
                turn.syncs(u64::from(syncs))?;
                counted(written, total, total > room || turn.may_be_short())?;
                false
            }
            _ if turn.seen.sync_failed => {
                return Err("a sync failed, and that is not told".to_owned());
            }
            _ if turn.done()? => {
                if u64::from(turn.result(out)) != written {
                    return Err(format!("{written} bytes are counted as written"));
                }
                counted(written, total, total > room || turn.may_be_short())?;
                if stops_at.is_some_and(|most| written >= most) {
                    return Err("it is over the limit of bytes written".to_owned());
                }
                turn.syncs(u64::from(syncs))?;
                true
            }
            _ if written > 0 => {
                return Err(format!("it is refused, and {written} bytes are written"));
            }
            _ => return Ok(()),
        };
        self.written += written;
        if written > 0 {
            let data = &data[..written as usize];
            self.trees[tree].change(id, |contents| contents.write(start_at, data));
        }
        if is_done {
            if written > 0 && at.is_none() {
                self.move_cursor(fd, start_at + written);
            }
            turn.image.put(out, &(written as u32).to_le_bytes());
        }
        Ok(())
    }

    /// A write to the standard output, or else error.
    fn write_text(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &[(u32, u32)],
        data: &[u8],
        (is_stdout, out): (bool, u32),
    ) -> Result<(), String> {
        let printed = (self.stdout.len() + self.stderr.len()) as u64;
        let left = self.limits.text_written_bytes;
        let stops_at = over(buffers, left.map(|limit| limit.saturating_sub(printed)));
        let count = match (turn.answer, stops_at) {
            (Answer::Limited(LimitKind::Text), Some(most))
                if !turn.must_refuse_but_for(Errno::Success) =>
            {
                most as usize
            }
            (Answer::Done, Some(_)) => return Err("it is over the limit of text".to_owned()),
            _ if !turn.done()? => return Ok(()),
            _ => {
                turn.image.put(out, &(data.len() as u32).to_le_bytes());
                data.len()
            }
        };
        let sink = if is_stdout {
            &mut self.stdout
        } else {
            &mut self.stderr
        };
        sink.extend_from_slice(&data[..count]);
        Ok(())
    }

    /// Whether syncs of a descriptor reach the tree that can be changed, where they are counted.
    pub(super) fn can_sync(descriptor: &Descriptor) -> bool {
        matches!(
            descriptor.kind,
            Kind::File { tree: 0, .. } | Kind::Dir { tree: 0, .. }
        )
    }

    pub(super) fn fd_seek(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (fd, delta, whence, out) = (
            turn.word(0),
            turn.values[1].cast_signed(),
            turn.word(2),
            turn.word(3),
        );
        turn.in_memory(out, 8);
        let target = self.cursor(turn, fd).and_then(|(offset, size)| {
            let base = match whence {
                0 => 0,
                1 => offset,
                2 => size,
                _ => return None,
            };
            base.checked_add_signed(delta)
                .filter(|target| *target <= LAST)
        });
        turn.because_if(target.is_none(), Errno::Inval);
        if let Some(descriptor) = self.get(fd) {
            let asks = whence == 1 && delta == 0 && descriptor.rights.contains(Rights::FD_TELL);
            let may = asks || descriptor.rights.contains(Rights::FD_SEEK);
            turn.because_if(!may, Errno::Notcapable);
        }
        if turn.done()?
            && let Some(target) = target
        {
            self.move_cursor(fd, target);
            turn.image.put(out, &target.to_le_bytes());
        }
        Ok(())
    }

    pub(super) fn fd_tell(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (fd, out) = (turn.word(0), turn.word(1));
        turn.in_memory(out, 8);
        self.any(turn, fd, Rights::FD_TELL);
        let cursor = self.cursor(turn, fd);
        if turn.done()?
            && let Some((offset, _)) = cursor
        {
            turn.image.put(out, &offset.to_le_bytes());
        }
        Ok(())
    }

    /// The cursor of a descriptor and the size of its file.
    fn cursor(&self, turn: &mut Turn<'_>, fd: u32) -> Option<(u64, u64)> {
        match self.get(fd).map(|descriptor| &descriptor.kind) {
            Some(Kind::File { tree, id, offset }) => Some((*offset, self.trees[*tree].size(*id))),
            Some(Kind::Stdin | Kind::Stdout | Kind::Stderr) => {
                turn.because(Errno::Spipe);
                None
            }
            Some(Kind::Dir { .. }) | None => {
                turn.because(Errno::Badf);
                None
            }
        }
    }

    fn cursor_rights(&self, turn: &mut Turn<'_>, fd: u32, access: Rights, at: Option<u64>) {
        let needed = match at {
            Some(_) => access.or(Rights::FD_SEEK),
            None => access,
        };
        self.any(turn, fd, needed);
        turn.because_if(at.is_some_and(|at| at > LAST), Errno::Inval);
    }

    fn move_cursor(&mut self, fd: u32, to: u64) {
        if let Some(Kind::File { offset, .. }) = self.get_mut(fd).map(|found| &mut found.kind) {
            *offset = to;
        }
    }
}

/// The list of buffers of a call, which is its second and third value.
fn buffers(turn: &mut Turn<'_>) -> Vec<(u32, u32)> {
    const MOST: u32 = 1_024;
    let (list, count) = (turn.word(1), turn.word(2));
    turn.because_if(count > MOST, Errno::Inval);
    let bytes = turn
        .image
        .get(list, u64::from(count) * 8)
        .map(<[u8]>::to_vec);
    let Some(bytes) = bytes else {
        turn.because(Errno::Fault);
        return Vec::new();
    };
    let mut buffers = Vec::new();
    for entry in bytes.as_chunks::<8>().0 {
        let number = u64::from_le_bytes(*entry);
        let (ptr, len) = (number as u32, (number >> 32) as u32);
        turn.in_memory(ptr, u64::from(len));
        buffers.push((ptr, len));
    }
    buffers
}

/// How many bytes of a list of buffers are written until one of them is more than is left; none when
/// none is.
fn over(buffers: &[(u32, u32)], left: Option<u64>) -> Option<u64> {
    let left = left?;
    let mut done = 0;
    for (_, len) in buffers {
        let len = u64::from(*len);
        if len > left - done {
            return Some(done);
        }
        done += len;
    }
    None
}

/// A count of bytes is all there are, or some of them where it may be short.
fn counted(count: u64, all: u64, may_be_short: bool) -> Result<(), String> {
    if count == all || may_be_short && count > 0 && count < all {
        Ok(())
    } else {
        Err(format!("{count} bytes of {all} are moved"))
    }
}
