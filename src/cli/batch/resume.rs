//! The file that keeps what a batch has done: JSON, a line for each event.
//!
//! A line is appended by one write and flushed to the disk, and what follows the last line break is no line, so the
//! file is valid whenever the process ends. The newest line about an input counts.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::items::Item;
use crate::cli::status::Failure;

/// An open resume file. No other process has it.
pub(super) struct Resume {
    path: PathBuf,
    file: File,
    entries: BTreeMap<String, Entry>,
}

/// What an input was when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    size: u64,
    /// When it was changed: nanoseconds since 1970, where the system knows.
    modified: Option<u64>,
}

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// The job began; if nothing follows, the output is the work of a process that was killed.
    Begun,
    Done,
    /// It failed, and left no output.
    Failed,
    /// It failed, and the output of an earlier run is there.
    Stale,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    input: String,
    #[serde(flatten)]
    stamp: Stamp,
    output: String,
    state: State,
}

#[derive(Serialize, Deserialize)]
struct Head {
    afmpeg_batch: u32,
    /// Of the settings: what was done with others is not what is asked for.
    settings: String,
}

impl Stamp {
    /// What a file is now.
    ///
    /// # Errors
    ///
    /// When it is not there.
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        let modified = metadata.modified().ok();
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Self {
            size: metadata.len(),
            modified: since.and_then(|since| u64::try_from(since.as_nanos()).ok()),
        })
    }
}

impl Resume {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// It cannot be read or written, is in use, is another kind of file, or of a run with other settings.
    pub(super) fn open(path: &Path, settings: &str) -> Result<Self, Failure> {
        let cannot = |error: std::io::Error| {
            Failure::usage(format!(
                "cannot use the resume file {}: {error}",
                path.display()
            ))
        };
        let wrong = |what: &str| Failure::usage(format!("{} {what}", path.display()));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(wrong("is in use by another run")),
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(cannot)?;
        let whole = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let mut lines = text[..whole]
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        let mut entries = BTreeMap::new();
        match lines.next() {
            // A kill can have come before the first line was whole; anything else of no whole line is not ours.
            None if text.starts_with(START) || START.starts_with(&text) => {}
            None => return Err(wrong("is no resume file")),
            Some(head) => {
                let head: Head =
                    serde_json::from_slice(head).map_err(|_| wrong("is no resume file"))?;
                if head.afmpeg_batch != VERSION {
                    return Err(wrong("is a resume file of another version"));
                }
                if head.settings != settings {
                    return Err(wrong(
                        "is of a run with other settings: remove it, or name another",
                    ));
                }
            }
        }
        for line in lines {
            let entry: Entry = serde_json::from_slice(line)
                .map_err(|_| wrong("is damaged: remove it, or name another"))?;
            entries.insert(entry.input.clone(), entry);
        }
        file.set_len(whole as u64).map_err(cannot)?;
        file.seek(SeekFrom::End(0)).map_err(cannot)?;
        let mut resume = Self {
            path: path.to_path_buf(),
            file,
            entries,
        };
        if whole == 0 {
            resume.append(&Head {
                afmpeg_batch: VERSION,
                settings: settings.to_owned(),
            })?;
        }
        Ok(resume)
    }

    /// Whether the output was made of the input as it is, and is there.
    pub(super) fn is_done(&self, item: &Item, stamp: Stamp) -> bool {
        self.entry(item)
            .is_some_and(|entry| entry.state == State::Done && entry.stamp == stamp)
            && item.output.is_file()
    }

    /// Whether what is at the place of the output was written there by a run of this file.
    pub(super) fn is_ours(&self, item: &Item) -> bool {
        self.entry(item)
            .is_some_and(|entry| entry.state != State::Failed)
    }

    /// Writes down what became of an item. Nothing is kept of names that are not UTF-8.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub(super) fn note(&mut self, item: &Item, stamp: Stamp, state: State) -> Result<(), Failure> {
        let (Some(input), Some(output)) = (key(&item.input), key(&item.output)) else {
            return Ok(());
        };
        let entry = Entry {
            input,
            stamp,
            output,
            state,
        };
        self.append(&entry)?;
        self.entries.insert(entry.input.clone(), entry);
        Ok(())
    }

    fn entry(&self, item: &Item) -> Option<&Entry> {
        let entry = self.entries.get(&key(&item.input)?)?;
        (entry.output == key(&item.output)?).then_some(entry)
    }

    fn append(&mut self, line: &impl Serialize) -> Result<(), Failure> {
        let written = serde_json::to_vec(line)
            .map_err(std::io::Error::from)
            .and_then(|mut line| {
                line.push(b'\n');
                let before = self.file.stream_position()?;
                let Err(error) = self.file.write_all(&line) else {
                    return self.file.sync_data();
                };
                // What follows half of a line would be a part of it.
                self.file.set_len(before)?;
                self.file.seek(SeekFrom::Start(before))?;
                Err(error)
            });
        written.map_err(|error| {
            Failure::failed(format!(
                "cannot write the resume file {}: {error}",
                self.path.display()
            ))
        })
    }
}

/// A path as it is called from everywhere.
fn key(path: &Path) -> Option<String> {
    let path = std::path::absolute(path).ok()?;
    path.to_str().map(str::to_owned)
}

/// How the first line begins.
const START: &[u8] = b"{\"afmpeg_batch\":";

/// The version of the format.
const VERSION: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn item(dir: &Path) -> Item {
        let item = Item {
            input: dir.join("a.mp4"),
            output: dir.join("a.mkv"),
        };
        std::fs::write(&item.input, "input").expect("written");
        std::fs::write(&item.output, "output").expect("written");
        item
    }

    #[test]
    fn what_is_done_stays_done_until_something_changes() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (path, item) = (dir.path().join("r"), item(dir.path()));
        let stamp = Stamp::of(&item.input).expect("it is there");
        let mut resume = Resume::open(&path, "s").expect("made");
        assert!(!resume.is_done(&item, stamp) && !resume.is_ours(&item));
        resume.note(&item, stamp, State::Begun).expect("written");
        assert!(!resume.is_done(&item, stamp) && resume.is_ours(&item));
        resume.note(&item, stamp, State::Done).expect("written");
        drop(resume);
        let resume = Resume::open(&path, "s").expect("opened again");
        assert!(resume.is_done(&item, stamp));
        let other = Item {
            output: dir.path().join("b.mkv"),
            ..item.clone()
        };
        assert!(!resume.is_ours(&other), "another output is not ours");
        std::fs::write(&item.input, "longer input").expect("written");
        let changed = Stamp::of(&item.input).expect("it is there");
        assert!(!resume.is_done(&item, changed) && resume.is_ours(&item));
        std::fs::remove_file(&item.output).expect("removed");
        assert!(!resume.is_done(&item, stamp));
    }

    #[test]
    fn a_line_that_was_cut_short_is_none() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (path, item) = (dir.path().join("r"), item(dir.path()));
        let stamp = Stamp::of(&item.input).expect("it is there");
        let mut resume = Resume::open(&path, "s").expect("made");
        resume.note(&item, stamp, State::Begun).expect("written");
        resume.note(&item, stamp, State::Done).expect("written");
        drop(resume);
        let whole = std::fs::read(&path).expect("it is there");
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).expect("written");
            let resume = Resume::open(&path, "s");
            let mut resume = resume.unwrap_or_else(|error| panic!("{cut}: {}", error.message));
            assert!(!resume.is_done(&item, stamp), "{cut}");
            resume.note(&item, stamp, State::Done).expect("written");
            drop(resume);
            let resume = Resume::open(&path, "s").expect("it is whole again");
            assert!(resume.is_done(&item, stamp), "{cut}");
        }
    }

    #[test]
    fn other_files_and_other_settings_are_refused_and_left_alone() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("r");
        let words = |text: &str, settings: &str| {
            std::fs::write(&path, text).expect("written");
            let failure = Resume::open(&path, settings)
                .map(drop)
                .expect_err("refused");
            assert_eq!(std::fs::read_to_string(&path).expect("there"), text);
            failure.message
        };
        assert!(words("my film\nis long\n", "s").contains("no resume file"));
        assert!(words("my film", "s").contains("no resume file"));
        let head = "{\"afmpeg_batch\":1,\"settings\":\"s\"}\n";
        assert!(words(head, "t").contains("other settings"));
        assert!(words(&format!("{head}x\n"), "s").contains("damaged"));
        std::fs::write(&path, head).expect("written");
        let _open = Resume::open(&path, "s").expect("it is one");
        let failure = Resume::open(&path, "s")
            .map(drop)
            .expect_err("it is in use");
        assert!(failure.message.contains("in use"), "{}", failure.message);
    }
}
