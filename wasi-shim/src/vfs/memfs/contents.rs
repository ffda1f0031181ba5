//! The bytes of one file, in chunks: holes are free, and copies share chunks until one is written.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::errno::Errno;
use crate::vfs::quota::Budget;
use crate::vfs::{VfsError, VfsResult};

/// The longest file. No file nears it; its use is that offsets above it are refused before anything
/// is looked up or allocated.
pub(super) const MAX_LEN: u64 = 1 << 40;

const CHUNK: u64 = 64 * 1024;

/// The least that a chunk costs which does not continue a full one, so that a file of scattered
/// single bytes pays for its bookkeeping.
const SCATTERED_CHARGE: u64 = 256;

/// File contents. Every method that can store bytes takes the budget they are charged to; dropping
/// contents leaves their charge in place.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    len: u64,
    /// By position divided by [`CHUNK`]. What no chunk covers reads as zeros.
    chunks: Arc<BTreeMap<u64, Arc<Chunk>>>,
    charged: u64,
}

/// Up to [`CHUNK`] bytes; those past `data` read as zeros.
#[derive(Debug, Default)]
struct Chunk {
    data: Vec<u8>,
    /// At least `data.len()`: more when space was reserved, or for [`SCATTERED_CHARGE`].
    charge: u64,
}

impl Clone for Chunk {
    /// A copy about to be written: with room to the same length as before, not just to its bytes.
    fn clone(&self) -> Self {
        let mut data = Vec::with_capacity(self.data.capacity());
        data.extend_from_slice(&self.data);
        Self {
            data,
            charge: self.charge,
        }
    }
}

impl Contents {
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// What these contents cost.
    pub(super) fn charged(&self) -> u64 {
        self.charged
    }

    pub(super) fn read(&self, offset: u64, buf: &mut [u8]) -> usize {
        let available = self.len.saturating_sub(offset);
        let count = usize::try_from(available)
            .unwrap_or(usize::MAX)
            .min(buf.len());
        let mut rest = &mut buf[..count];
        for (index, range) in pieces(offset, count as u64) {
            let (out, tail) = rest.split_at_mut(range.end - range.start);
            let stored = self.chunks.get(&index).map_or(&[][..], |chunk| {
                let end = range.end.min(chunk.data.len());
                chunk.data.get(range.start..end).unwrap_or(&[])
            });
            let (copied, zeros) = out.split_at_mut(stored.len());
            copied.copy_from_slice(stored);
            zeros.fill(0);
            rest = tail;
        }
        count
    }

    /// Writes all of `data` or nothing.
    pub(super) fn write(&mut self, offset: u64, data: &[u8], budget: &Budget) -> VfsResult<()> {
        if data.is_empty() {
            return Ok(());
        }
        let end = end_of(offset, data.len() as u64)?;
        let cost = self.cost(offset, data.len() as u64, budget)?;
        self.charge(cost, budget)?;
        let mut rest = data;
        for (index, range) in pieces(offset, data.len() as u64) {
            let (piece, tail) = rest.split_at(range.end - range.start);
            self.write_chunk(index, range, piece)?;
            rest = tail;
        }
        self.len = self.len.max(end);
        Ok(())
    }

    pub(super) fn set_len(&mut self, len: u64, budget: &Budget) -> VfsResult<()> {
        end_of(len, 0)?;
        if len < self.len {
            self.cut(len, budget);
        }
        self.len = len;
        Ok(())
    }

    /// Charges for every byte of the range and extends the file to its end; the memory itself is
    /// taken when the bytes are written.
    pub(super) fn allocate(&mut self, offset: u64, len: u64, budget: &Budget) -> VfsResult<()> {
        let end = end_of(offset, len)?;
        let cost = self.cost(offset, len, budget)?;
        self.charge(cost, budget)?;
        for (index, range) in pieces(offset, len) {
            let charge = self.charge_of(index, range.end as u64, self.continues(index));
            let chunk = Arc::make_mut(Arc::make_mut(&mut self.chunks).entry(index).or_default());
            chunk.charge = charge;
        }
        self.len = self.len.max(end);
        Ok(())
    }

    fn charge(&mut self, cost: u64, budget: &Budget) -> VfsResult<()> {
        if cost > 0 {
            budget.charge_bytes(cost)?;
            self.charged += cost;
        }
        Ok(())
    }

    /// What it costs to have every byte of a range, beyond what is charged already. Given up as
    /// soon as it is past the quota: a range may have more chunks than one wants to count.
    fn cost(&self, offset: u64, len: u64, budget: &Budget) -> VfsResult<u64> {
        let quota = budget.quota().bytes;
        let mut cost = 0;
        let mut in_order = self.continues(offset / CHUNK);
        for (index, range) in pieces(offset, len) {
            let now = self.chunks.get(&index).map_or(0, |chunk| chunk.charge);
            cost += self.charge_of(index, range.end as u64, in_order) - now;
            if cost > quota {
                budget.charge_bytes(cost)?;
            }
            in_order = true;
        }
        Ok(cost)
    }

    /// The charge of a chunk once it has `end` bytes.
    fn charge_of(&self, index: u64, end: u64, in_order: bool) -> u64 {
        match self.chunks.get(&index) {
            Some(chunk) => chunk.charge.max(end),
            None if index == 0 || in_order => end,
            None => end.max(SCATTERED_CHARGE),
        }
    }

    /// Whether the chunk before is full, as when a file is written in order.
    fn continues(&self, index: u64) -> bool {
        let before = index
            .checked_sub(1)
            .and_then(|before| self.chunks.get(&before));
        before.is_some_and(|chunk| chunk.charge == CHUNK)
    }

    fn write_chunk(&mut self, index: u64, range: Range<usize>, piece: &[u8]) -> VfsResult<()> {
        let in_order = self.continues(index);
        let charge = self.charge_of(index, range.end as u64, in_order);
        let chunk = Arc::make_mut(Arc::make_mut(&mut self.chunks).entry(index).or_default());
        chunk.charge = charge;
        let data = &mut chunk.data;
        if range.end > data.capacity() {
            // Powers of two keep the memory below twice the charge; after a full chunk the whole
            // next one may be taken at once for the same bound.
            let room = if in_order {
                CHUNK as usize
            } else {
                range.end.next_power_of_two().clamp(256, CHUNK as usize)
            };
            data.try_reserve_exact(room - data.len())
                .map_err(|_| VfsError::with_context(Errno::Nomem, "memory filesystem"))?;
        }
        if data.len() < range.start {
            data.resize(range.start, 0);
        }
        let overlap = data.len().min(range.end) - range.start;
        let (over, beyond) = piece.split_at(overlap);
        data[range.start..range.start + overlap].copy_from_slice(over);
        data.extend_from_slice(beyond);
        Ok(())
    }

    /// Drops what lies at and past `len`, and its charge.
    fn cut(&mut self, len: u64, budget: &Budget) {
        let kept = (len % CHUNK) as usize;
        let mut dropped = Arc::make_mut(&mut self.chunks).split_off(&len.div_ceil(CHUNK));
        let mut freed: u64 = dropped.values().map(|chunk| chunk.charge).sum();
        dropped.clear();
        if kept > 0
            && let Some(chunk) = Arc::make_mut(&mut self.chunks).get_mut(&(len / CHUNK))
            && (chunk.charge > kept as u64)
        {
            let least = if len < CHUNK {
                0
            } else {
                SCATTERED_CHARGE.min(chunk.charge)
            };
            let charge = least.max(kept as u64);
            freed += chunk.charge - charge;
            let data = chunk.data[..kept.min(chunk.data.len())].to_vec();
            *chunk = Arc::new(Chunk { data, charge });
        }
        self.charged -= freed;
        budget.release_bytes(freed);
    }
}

/// The end of a range, when a file may reach it.
fn end_of(offset: u64, len: u64) -> VfsResult<u64> {
    let too_big = VfsError::with_context(Errno::Fbig, "memory file past 1 TiB");
    offset
        .checked_add(len)
        .filter(|end| *end <= MAX_LEN)
        .ok_or(too_big)
}

/// The chunks that a range of bytes touches, each with the part of it.
fn pieces(offset: u64, len: u64) -> impl Iterator<Item = (u64, Range<usize>)> {
    let end = offset + len;
    let mut at = offset;
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        let index = at / CHUNK;
        let base = index * CHUNK;
        let stop = end.min(base + CHUNK);
        let range = (at - base) as usize..(stop - base) as usize;
        at = stop;
        Some((index, range))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vfs::Quota;

    fn budget(bytes: u64) -> Budget {
        Budget::of_memory(Quota { bytes, nodes: 10 })
    }

    fn all(contents: &Contents) -> Vec<u8> {
        let mut buf = vec![0xee; contents.len() as usize];
        assert_eq!(contents.read(0, &mut buf), buf.len());
        buf
    }

    #[test]
    fn writes_across_chunks_read_back_against_a_plain_vector() {
        let budget = budget(1 << 24);
        let mut contents = Contents::default();
        let mut model: Vec<u8> = Vec::new();
        let mut state = 0x9e37_79b9_u64;
        for round in 0..400_u32 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let offset = (state >> 33) % 300_000;
            let len = (state >> 20) % 90_000;
            if round % 7 == 6 {
                contents.set_len(offset, &budget).expect("within the quota");
                model.resize(offset as usize, 0);
            } else {
                let data = vec![round as u8 | 1; len as usize];
                contents
                    .write(offset, &data, &budget)
                    .expect("within the quota");
                let end = (offset + len) as usize;
                if len > 0 && model.len() < end {
                    model.resize(end, 0);
                }
                if len > 0 {
                    model[offset as usize..end].copy_from_slice(&data);
                }
            }
            assert_eq!(all(&contents), model, "round {round}");
            let charges: u64 = contents.chunks.values().map(|chunk| chunk.charge).sum();
            assert_eq!(charges, budget.usage().bytes, "round {round}");
        }
        contents.set_len(0, &budget).expect("shorter");
        assert_eq!((contents.charged(), budget.usage().bytes), (0, 0));
    }

    #[test]
    fn d5_one_byte_at_2_to_the_62_is_fbig_and_costs_nothing() {
        let budget = budget(u64::MAX);
        let mut contents = Contents::default();
        for offset in [1 << 62, MAX_LEN, u64::MAX] {
            let error = contents
                .write(offset, b"x", &budget)
                .expect_err("past the largest file");
            assert_eq!(error.errno(), Errno::Fbig);
        }
        assert_eq!(
            contents.set_len(1 << 63, &budget).map_err(|e| e.errno()),
            Err(Errno::Fbig)
        );
        let overflow = contents.allocate(u64::MAX, u64::MAX, &budget);
        assert_eq!(overflow.map_err(|e| e.errno()), Err(Errno::Fbig));
        assert_eq!((contents.len(), budget.usage().bytes), (0, 0));
    }

    #[test]
    fn d5_a_sparse_write_at_10_gib_costs_one_chunk_and_the_hole_reads_as_zeros() {
        let budget = budget(CHUNK);
        let mut contents = Contents::default();
        let offset = 10 << 30;
        contents
            .write(offset, b"end", &budget)
            .expect("one chunk fits the quota");
        assert_eq!(contents.len(), offset + 3);
        assert_eq!(contents.chunks.len(), 1);
        let mut buf = [0xee; 5];
        assert_eq!(contents.read(offset - 2, &mut buf), 5);
        assert_eq!(&buf, b"\0\0end");
        assert_eq!(contents.read(1 << 30, &mut buf), 5);
        assert_eq!(buf, [0; 5]);
        assert_eq!(contents.read(u64::MAX, &mut buf), 0);
    }

    #[test]
    fn scattered_bytes_pay_for_their_chunks() {
        let budget = budget(1 << 20);
        let mut contents = Contents::default();
        let stored = (1..100_000)
            .take_while(|index| contents.write(index * CHUNK, b"x", &budget).is_ok())
            .count();
        assert_eq!(stored, 4096);
    }

    #[test]
    fn a_write_past_the_quota_changes_nothing() {
        let budget = budget(100_000);
        let mut contents = Contents::default();
        contents
            .write(0, &vec![1; 99_999], &budget)
            .expect("within the quota");
        let error = contents
            .write(99_000, &[2; 2000], &budget)
            .expect_err("past the quota");
        assert_eq!(error.errno(), Errno::Nospc);
        assert_eq!(all(&contents), vec![1; 99_999]);
        contents
            .write(99_999, &[3], &budget)
            .expect("the last byte fits");
        contents
            .write(0, &[4; 50_000], &budget)
            .expect("overwriting costs nothing");
        assert_eq!(budget.usage().bytes, 100_000);
    }

    #[test]
    fn cutting_frees_memory_and_never_shows_old_bytes_again() {
        let budget = budget(1 << 20);
        let mut contents = Contents::default();
        contents
            .write(0, &vec![7; 200_000], &budget)
            .expect("within the quota");
        contents.set_len(10, &budget).expect("shorter");
        assert_eq!(budget.usage().bytes, 10);
        assert!(contents.chunks[&0].data.capacity() < 1024);
        contents.set_len(30, &budget).expect("longer");
        assert_eq!(all(&contents), [&[7; 10][..], &[0; 20]].concat());
    }

    #[test]
    fn allocated_space_is_charged_once_and_then_written_for_free() {
        let budget = budget(200_000);
        let mut contents = Contents::default();
        contents
            .allocate(0, 200_000, &budget)
            .expect("within the quota");
        assert_eq!(budget.usage().bytes, 200_000);
        assert_eq!(contents.len(), 200_000);
        contents
            .write(0, &vec![5; 200_000], &budget)
            .expect("already charged");
        assert_eq!(budget.usage().bytes, 200_000);
        let more = contents.allocate(0, 1 << 39, &budget);
        assert_eq!(more.map_err(|e| e.errno()), Err(Errno::Nospc));
    }

    #[test]
    fn a_copy_shares_chunks_until_one_side_writes() {
        let budget = budget(1 << 20);
        let mut contents = Contents::default();
        contents
            .write(0, &vec![1; 150_000], &budget)
            .expect("within the quota");
        let copy = contents.clone();
        assert!(Arc::ptr_eq(&contents.chunks[&1], &copy.chunks[&1]));
        contents
            .write(70_000, &[2; 10], &budget)
            .expect("overwriting costs nothing");
        assert!(!Arc::ptr_eq(&contents.chunks[&1], &copy.chunks[&1]));
        assert!(Arc::ptr_eq(&contents.chunks[&0], &copy.chunks[&0]));
        assert_eq!(all(&copy), vec![1; 150_000]);
    }
}
