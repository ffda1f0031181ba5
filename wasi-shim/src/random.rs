//! The randomness a guest sees: the host's, or a seeded one that is the same on every run.

use std::sync::{Arc, Mutex, PoisonError};

use crate::errno::Errno;

/// A source of random bytes.
pub trait Random: Send + 'static {
    /// Fills `bytes`. `false` when the source failed; the guest then sees `io`.
    fn fill(&mut self, bytes: &mut [u8]) -> bool;
}

/// The one source of a guest, for its syscalls and its devices.
#[derive(Clone)]
pub(crate) struct SharedRandom(Arc<Mutex<Box<dyn Random>>>);

impl SharedRandom {
    pub(crate) fn new(random: Box<dyn Random>) -> Self {
        Self(Arc::new(Mutex::new(random)))
    }

    /// # Errors
    ///
    /// `Io` when the source failed.
    pub(crate) fn fill(&self, bytes: &mut [u8]) -> Result<(), Errno> {
        let mut random = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if random.fill(bytes) {
            Ok(())
        } else {
            Err(Errno::Io)
        }
    }
}

/// Random bytes of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> bool {
        getrandom::fill(bytes).is_ok()
    }
}

/// Bytes that depend on the seed alone: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). For
/// reproducible runs, never for secrets.
#[derive(Clone, Debug)]
pub struct SeededRandom {
    state: u64,
    // Bytes of the last output that are not used yet, so that the stream does not depend on how
    // it is cut into calls.
    rest: [u8; 8],
    used: usize,
}

impl SeededRandom {
    /// The stream of this seed, from its start.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            rest: [0; 8],
            used: 8,
        }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> bool {
        for byte in bytes {
            if self.used == self.rest.len() {
                self.rest = self.next().to_le_bytes();
                self.used = 0;
            }
            *byte = self.rest[self.used];
            self.used += 1;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_stream_however_it_is_cut() {
        let mut whole = [0; 64];
        assert!(SeededRandom::new(7).fill(&mut whole));
        let mut source = SeededRandom::new(7);
        let mut parts = [0; 64];
        let (a, rest) = parts.split_at_mut(1);
        let (b, c) = rest.split_at_mut(11);
        assert!(source.fill(a) && source.fill(b) && source.fill(c));
        assert_eq!(whole, parts);
        let mut other = [0; 64];
        assert!(SeededRandom::new(8).fill(&mut other));
        assert_ne!(whole, other);
    }

    #[test]
    fn the_first_output_is_that_of_the_reference_implementation() {
        let mut bytes = [0; 8];
        assert!(SeededRandom::new(0).fill(&mut bytes));
        assert_eq!(u64::from_le_bytes(bytes), 0xE220_A839_7B1D_CDAF);
    }

    #[test]
    fn the_system_gives_bytes_that_differ() {
        let (mut a, mut b) = ([0; 32], [0; 32]);
        assert!(SystemRandom.fill(&mut a) && SystemRandom.fill(&mut b));
        assert_ne!(a, b);
    }
}
