//! `fd_readdir`: the order of the entries and the cookies are the tree's own, so what was written is
//! read back and judged.

use std::collections::HashSet;

use afmpeg_wasi::vfs::FileType;
use afmpeg_wasi::{Errno, Rights};

use super::{Host, Kind};
use crate::hostcalls::turn::Turn;
use crate::model::{Id, Tree};

const HEADER: usize = 24;

impl Host {
    pub(super) fn fd_readdir(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (fd, buf, len, out) = (turn.word(0), turn.word(1), turn.word(2), turn.word(4));
        turn.in_memory(out, 4);
        turn.in_memory(buf, u64::from(len));
        // A listing may fail after some of its entries were written.
        turn.image.leave_open(buf, u64::from(len));
        let dir = self.dir(turn, fd, Rights::FD_READDIR);
        if let Some(Kind::Stdin | Kind::Stdout | Kind::Stderr) = self.get(fd).map(|it| &it.kind) {
            turn.perhaps(Errno::Notdir);
        }
        if !turn.done()? {
            return Ok(());
        }
        let Some((tree, id)) = dir else { return Ok(()) };
        let used = turn.result(out);
        if used > len {
            return Err(format!("{used} bytes of a buffer of {len} are used"));
        }
        let overlaid =
            u64::from(out) + 4 > u64::from(buf) && u64::from(out) < u64::from(buf) + u64::from(len);
        if !overlaid {
            let (before, after) = (turn.image.get(buf, u64::from(len)), turn.after);
            let start = buf as usize;
            let written = &after[start..start + used as usize];
            let beyond = &after[start + used as usize..start + len as usize];
            if before.is_none_or(|before| before[used as usize..] != *beyond) {
                return Err("bytes behind the entries are changed".to_owned());
            }
            let is_full = used == len;
            judge(&self.trees[tree], id, turn.values[3], written, is_full)?;
        }
        turn.image.put(out, &used.to_le_bytes());
        Ok(())
    }
}

fn judge(tree: &Tree, dir: Id, cookie: u64, written: &[u8], is_full: bool) -> Result<(), String> {
    let mut rest = written;
    let mut seen = HashSet::new();
    let mut cookies = HashSet::from([cookie]);
    while let Some((header, behind)) = rest.split_first_chunk::<HEADER>() {
        let [next, _] = [0, 8].map(|at| u64_at(header, at));
        let name_len = u64_at(header, 16) as u32 as usize;
        if header[21..] != [0, 0, 0] {
            return Err(format!("padding is {:?}", &header[21..]));
        }
        // A cookie that this directory never gave out lists from some place, so that repeated values
        // mean nothing there; among those of one listing they would mean an endless one.
        if !cookies.insert(next) && cookie == 0 {
            return Err(format!("cookie {next} comes twice"));
        }
        if behind.len() < name_len {
            if !is_full {
                return Err("a name is cut off in a buffer with room".to_owned());
            }
            rest = &[];
            break;
        }
        let (name, behind) = behind.split_at(name_len);
        rest = behind;
        let name = std::str::from_utf8(name).map_err(|_| format!("a name is {name:?}"))?;
        if !seen.insert(name) {
            return Err(format!("{name:?} is listed twice"));
        }
        let file_type = match name {
            "." | ".." => FileType::Directory,
            name => match tree.find(dir, name) {
                Ok(id) => tree.file_type(id),
                Err(_) => return Err(format!("{name:?} is listed and is not there")),
            },
        };
        let expected = match file_type {
            FileType::Directory => 3,
            FileType::RegularFile => 4,
            _ => 7,
        };
        if header[20] != expected {
            return Err(format!(
                "{name:?} is listed as a {} and not a {expected}",
                header[20]
            ));
        }
    }
    if !rest.is_empty() && !is_full {
        return Err("an entry is cut off in a buffer with room".to_owned());
    }
    if cookie == 0 && !is_full {
        for name in tree
            .entries(dir)
            .keys()
            .map(String::as_str)
            .chain([".", ".."])
        {
            if !seen.contains(name) {
                return Err(format!("{name:?} is not listed"));
            }
        }
    }
    Ok(())
}

fn u64_at(bytes: &[u8; HEADER], at: usize) -> u64 {
    let mut value = [0; 8];
    value.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(value)
}
