//! The contents of a file in the model: what was written, piece by piece, and a length.

use std::collections::BTreeMap;

/// Bytes of one piece.
const PIECE: u64 = 64;

/// The bytes of a file; what was never written is zero.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    pieces: BTreeMap<u64, [u8; PIECE as usize]>,
    /// Bytes that space was set aside for, once for each time.
    reserved: u64,
    len: u64,
}

impl Contents {
    /// The length in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes from `offset` on that are there, at most `count`.
    #[must_use]
    pub fn read(&self, offset: u64, count: u64) -> Vec<u8> {
        let end = offset.saturating_add(count).min(self.len);
        if end <= offset {
            return Vec::new();
        }
        let mut bytes = vec![0; (end - offset) as usize];
        for (piece, stored) in self.pieces.range(offset / PIECE..end.div_ceil(PIECE)) {
            let start = piece * PIECE;
            let (from, to) = (start.max(offset), (start + PIECE).min(end));
            if from < to {
                bytes[(from - offset) as usize..(to - offset) as usize]
                    .copy_from_slice(&stored[(from - start) as usize..(to - start) as usize]);
            }
        }
        bytes
    }

    /// Puts bytes at `offset`, beyond the end too.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) {
        let (mut at, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            let inner = (at % PIECE) as usize;
            let (now, later) = rest.split_at(rest.len().min(PIECE as usize - inner));
            let piece = self.pieces.entry(at / PIECE).or_insert([0; PIECE as usize]);
            piece[inner..inner + now.len()].copy_from_slice(now);
            at += now.len() as u64;
            rest = later;
        }
        if !bytes.is_empty() {
            self.len = self.len.max(at);
        }
    }

    /// Cuts, or extends with zeros.
    pub fn set_len(&mut self, len: u64) {
        if len < self.len {
            self.pieces.retain(|piece, _| *piece * PIECE < len);
            if let Some(last) = self.pieces.get_mut(&(len / PIECE)) {
                last[(len % PIECE) as usize..].fill(0);
            }
        }
        self.len = len;
    }

    /// Space was set aside for so many bytes.
    pub fn reserve(&mut self, bytes: u64) {
        self.reserved = self.reserved.saturating_add(bytes);
    }

    /// Bytes that are not zero: the fewest that can be stored.
    #[must_use]
    pub fn least_stored(&self) -> u64 {
        let bytes = self.pieces.values().flatten();
        bytes.filter(|byte| **byte != 0).count() as u64
    }

    /// The most bytes that are stored, where chunks of 64 KiB are.
    #[must_use]
    pub fn most_stored(&self) -> u64 {
        const CHUNK: u64 = 64 << 10;
        let reserved = self.reserved.saturating_add(2 * CHUNK);
        let reserved = if self.reserved > 0 { reserved } else { 0 };
        let mut chunks: Vec<u64> = self.pieces.keys().map(|at| at * PIECE / CHUNK).collect();
        chunks.dedup();
        (chunks.len() as u64)
            .saturating_mul(CHUNK)
            .saturating_add(reserved)
    }

    /// Parts of the file that say all there is to say about it: where something was written, its
    /// beginning and its end.
    #[must_use]
    pub fn samples(&self) -> Vec<(u64, Vec<u8>)> {
        let ends = [0, self.len.saturating_sub(PIECE)];
        let starts = self.pieces.keys().map(|piece| piece * PIECE).chain(ends);
        starts.map(|at| (at, self.read(at, PIECE))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_reads_as_zero_when_the_file_grows_again() {
        let mut contents = Contents::default();
        contents.write(60, b"abcdefgh");
        contents.set_len(63);
        contents.set_len(70);
        assert_eq!(contents.read(60, 100), b"abc\0\0\0\0\0\0\0");
        assert_eq!(contents.read(70, 1), b"");
        contents.write(1 << 40, b"");
        assert_eq!(contents.len(), 70);
    }
}
