//! Inputs by chance: bytes from nothing, and changes of inputs that there are.

/// A generator of numbers (SplitMix64): the same seed gives the same inputs.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut state = self.0;
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^ (state >> 31)
    }

    /// A number below `sides`, which is not 0.
    pub fn below(&mut self, sides: usize) -> usize {
        (self.number() % sides as u64) as usize
    }

    /// An input: new, or a change of one that there is.
    pub fn input(&mut self, corpus: &[Vec<u8>], longest: usize) -> Vec<u8> {
        if corpus.is_empty() || self.below(3) == 0 {
            let len = self.below(longest + 1);
            return self.bytes(len);
        }
        let mut input = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(6) {
            let other = &corpus[self.below(corpus.len())];
            self.change(&mut input, other);
        }
        input.truncate(longest);
        input
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let words = std::iter::repeat_with(|| self.number().to_le_bytes());
        words.take(len.div_ceil(8)).flatten().take(len).collect()
    }

    fn change(&mut self, input: &mut Vec<u8>, other: &[u8]) {
        let len = self.below(16) + 1;
        let at = self.below(input.len() + 1);
        let end = (at + len).min(input.len());
        match self.below(6) {
            0 => drop(input.drain(at..end)),
            1 => {
                let bytes = self.bytes(len);
                input.splice(at..at, bytes);
            }
            2 => {
                let bytes = self.bytes(end - at);
                input[at..end].copy_from_slice(&bytes);
            }
            3 => {
                let piece = input[at..end].to_vec();
                let to = self.below(input.len() + 1);
                input.splice(to..to, piece);
            }
            4 => {
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
        }
    }
}
