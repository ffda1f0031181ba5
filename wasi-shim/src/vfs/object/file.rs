//! An object that is open to be read, by ranges.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use object_store::{GetOptions, GetRange, ObjectMeta};

use super::{Store, stat_of_file};
use crate::errno::Errno;
use crate::vfs::{File, Stat, VfsError, VfsResult};

/// The bytes of one request.
const BLOCK: u64 = 1 << 20;

/// How many blocks an open file keeps.
const KEPT: usize = 8;

pub(super) struct ObjectFile {
    store: Arc<Store>,
    meta: ObjectMeta,
    /// The blocks read last, by their number, the latest first.
    blocks: Mutex<VecDeque<(u64, Arc<[u8]>)>>,
}

impl ObjectFile {
    pub(super) fn new(store: Arc<Store>, meta: ObjectMeta) -> Self {
        Self {
            store,
            meta,
            blocks: Mutex::default(),
        }
    }

    /// A block that begins before the end. One call at a time asks for one.
    fn block(&self, number: u64) -> VfsResult<Arc<[u8]>> {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = blocks.iter().position(|(kept, _)| *kept == number);
        let entry = match kept.and_then(|at| blocks.remove(at)) {
            Some(entry) => entry,
            None => {
                blocks.truncate(KEPT - 1);
                let start = number * BLOCK;
                let end = self.meta.size.min(start.saturating_add(BLOCK));
                (number, self.fetch(start..end)?)
            }
        };
        let block = Arc::clone(&entry.1);
        blocks.push_front(entry);
        Ok(block)
    }

    fn fetch(&self, range: Range<u64>) -> VfsResult<Arc<[u8]>> {
        let path = self.meta.location.clone();
        let (tag, version) = (self.meta.e_tag.clone(), self.meta.version.clone());
        let wanted = range.clone();
        let (meta, bytes) = self.store.ask(|objects| async move {
            let options = GetOptions {
                range: Some(GetRange::Bounded(wanted)),
                if_match: tag,
                version,
                ..GetOptions::default()
            };
            let result = objects.get_opts(&path, options).await?;
            let meta = result.meta.clone();
            Ok((meta, result.bytes().await?))
        })?;
        // Not every store has tags, and not every one heeds them.
        let same = (meta.size, &meta.e_tag) == (self.meta.size, &self.meta.e_tag)
            && meta.last_modified == self.meta.last_modified;
        if !same {
            return Err(VfsError::with_context(
                Errno::Stale,
                "the object was replaced",
            ));
        }
        if bytes.len() as u64 != range.end - range.start {
            return Err(VfsError::with_context(
                Errno::Io,
                "the store gave another number of bytes than it was asked for",
            ));
        }
        Ok(Arc::from(&bytes[..]))
    }
}

impl File for ObjectFile {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        let mut done = 0;
        while done < buf.len() {
            let at = offset.saturating_add(done as u64);
            if at >= self.meta.size {
                break;
            }
            let block = match self.block(at / BLOCK) {
                Ok(block) => block,
                Err(_) if done > 0 => break,
                Err(error) => return Err(error),
            };
            let rest = &block[(at % BLOCK) as usize..];
            let count = rest.len().min(buf.len() - done);
            buf[done..done + count].copy_from_slice(&rest[..count]);
            done += count;
        }
        Ok(done)
    }

    fn len(&self) -> VfsResult<u64> {
        Ok(self.meta.size)
    }

    fn stat(&self) -> VfsResult<Stat> {
        Ok(stat_of_file(&self.meta))
    }
}
