//! `path_open`.

use afmpeg_wasi::vfs::{Create, FileType, Name, OpenOptions};
use afmpeg_wasi::{Errno, Rights};

use super::{Descriptor, Host, Kind, follow_of};
use crate::hostcalls::turn::{Answer, Turn};
use crate::model::{Follow, Id, Place, Refusal};

const CREATE: u32 = 1;
const DIRECTORY: u32 = 2;
const EXCLUSIVE: u32 = 4;
const TRUNCATE: u32 = 8;

impl Host {
    pub(super) fn path_open(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (fd, oflags, fdflags, out) = (turn.word(0), turn.word(4), turn.word(7), turn.word(8));
        let (asked, inheriting) = (Rights(turn.values[5]), Rights(turn.values[6]));
        turn.in_memory(out, 4);
        let mut follow = follow_of(turn, turn.word(1));
        let has = |flag: u32| oflags & flag != 0;
        turn.because_if(oflags > 15, Errno::Inval);
        turn.because_if(has(DIRECTORY) && has(CREATE | TRUNCATE), Errno::Inval);
        turn.because_if(fdflags > 31, Errno::Inval);
        let mut needed = Rights::PATH_OPEN;
        if has(CREATE) {
            needed = needed.or(Rights::PATH_CREATE_FILE);
        }
        if has(TRUNCATE) {
            needed = needed.or(Rights::PATH_FILESTAT_SET_SIZE);
        }
        let passed = self
            .get(fd)
            .map_or(Rights::NONE, |descriptor| descriptor.inheriting);
        let access = Rights::FD_READ.or(Rights::FD_WRITE);
        turn.because_if(!passed.contains(asked.and(access)), Errno::Notcapable);
        let open = self.open.iter().flatten().count();
        turn.because_if(open >= self.limits.open_files as usize, Errno::Mfile);
        if has(CREATE) && has(EXCLUSIVE) {
            follow = Follow::Never;
        }
        let path = (turn.word(2), turn.word(3));
        let place = self.place(turn, fd, needed, path, follow);
        let mut found = None;
        if let Some((tree, place)) = place {
            // Tried on a copy: whether it is done is not known yet.
            match self.opened(tree, &place, oflags, asked) {
                Ok(id) => found = Some((tree, place, id)),
                Err(why) => turn.because_of(why),
            }
        }
        if has(CREATE) {
            turn.takes(0, 1);
        }
        if !turn.done()? {
            return Ok(());
        }
        let Some((tree, place, id)) = found else {
            return Ok(());
        };
        if let (Some(last), None) = (&place.last, id) {
            let name = Name::new(last).map_err(|error| error.to_string())?;
            let options = options(oflags, asked);
            let made = self.trees[tree].open_file(place.dir, name, options);
            let id = made.map_err(|why| format!("the model refuses for {why:?}"))?;
            self.give(
                turn,
                out,
                Kind::File {
                    tree,
                    id,
                    offset: 0,
                },
                if writes(asked) {
                    asked.and(passed)
                } else {
                    asked.and(passed).without(Rights::CHANGE)
                },
                Rights::NONE,
            )
        } else {
            let id = id.unwrap_or(place.dir);
            let inheriting = inheriting.and(passed);
            let kind = Kind::Dir {
                tree,
                id,
                preopen: None,
            };
            self.give(turn, out, kind, asked.and(passed), inheriting)
        }
    }

    /// What would be opened: a directory, or `None` for a file.
    fn opened(
        &self,
        tree: usize,
        place: &Place,
        oflags: u32,
        asked: Rights,
    ) -> Result<Option<Id>, Refusal> {
        let has = |flag: u32| oflags & flag != 0;
        let as_directory = |id| {
            if writes(asked) {
                Err(vec![Errno::Isdir])
            } else {
                Ok(Some(id))
            }
        };
        let tree = &self.trees[tree];
        let Some(last) = &place.last else {
            let mut why = Vec::new();
            if has(CREATE) && has(EXCLUSIVE) {
                why.push(Errno::Exist);
            }
            if writes(asked) || !has(DIRECTORY) && has(CREATE | TRUNCATE) {
                why.push(Errno::Isdir);
            }
            return if why.is_empty() {
                Ok(Some(place.dir))
            } else {
                Err(why)
            };
        };
        let name = Name::new(last).map_err(|error| vec![error.errno()])?;
        if has(DIRECTORY) {
            return as_directory(tree.open_dir(place.dir, name)?);
        }
        if place.slash {
            // A file cannot be made where the path says that a directory is meant.
            if has(CREATE) {
                return Err(vec![Errno::Isdir]);
            }
            let id = tree.open_dir(place.dir, name)?;
            return if has(TRUNCATE) {
                Err(vec![Errno::Isdir])
            } else {
                as_directory(id)
            };
        }
        let options = options(oflags, asked);
        match tree.find(place.dir, last) {
            Ok(id) if tree.file_type(id) == FileType::Directory && !options.changes() => {
                Ok(Some(id))
            }
            _ => tree
                .clone()
                .open_file(place.dir, name, options)
                .map(|_| None),
        }
    }

    fn give(
        &mut self,
        turn: &mut Turn<'_>,
        out: u32,
        kind: Kind,
        granted: Rights,
        inheriting: Rights,
    ) -> Result<(), String> {
        let most = match kind {
            Kind::Dir { .. } => Rights::DIR,
            _ => Rights::FILE,
        };
        let fd = self.insert(Descriptor {
            kind,
            rights: granted.and(most),
            inheriting,
            flags: turn.word(7),
        });
        turn.image.put(out, &fd.to_le_bytes());
        match turn.answer {
            Answer::Done => Ok(()),
            other => Err(format!("{other:?}")),
        }
    }
}

/// The one right that opens a file to be written.
fn writes(asked: Rights) -> bool {
    asked.contains(Rights::FD_WRITE)
}

fn options(oflags: u32, asked: Rights) -> OpenOptions {
    OpenOptions {
        read: true,
        write: writes(asked),
        create: match (oflags & CREATE != 0, oflags & EXCLUSIVE != 0) {
            (false, _) => Create::Never,
            (true, false) => Create::IfAbsent,
            (true, true) => Create::New,
        },
        truncate: oflags & TRUNCATE != 0,
    }
}
