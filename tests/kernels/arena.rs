//! The data of the kernels' tests: bytes of guest memory, filled anew in each round, and the numbers for it.

use std::sync::LazyLock;

/// The bytes of guest memory that a test has for its data.
pub(crate) const ARENA: usize = 1 << 18;

/// Data of one round: random bytes, of a kind that changes from round to round.
pub(crate) struct Arena {
    pub(crate) base: u32,
    pub(crate) data: Vec<u8>,
    pub(crate) random: Random,
    /// Contexts of the guest's libraries.
    pub(crate) contexts: Vec<u32>,
    /// Arrays of addresses: where they are, and the addresses.
    pub(crate) pointers: Vec<(u32, Vec<u32>)>,
    next: usize,
}

impl Arena {
    pub(crate) fn new(base: u32, round: usize) -> Self {
        // Extremes beside each other, smooth slopes, and mostly noise: the same a few bytes on, since builds
        // without optimisation take longer to make noise than for all else.
        static KINDS: [LazyLock<Vec<u8>>; 3] = [
            LazyLock::new(|| noise(|_, bits| (bits & 0x0101_0101_0101_0101).wrapping_mul(255))),
            LazyLock::new(|| noise(|index, _| u64::from_le_bytes([index as u8; 8]))),
            LazyLock::new(|| noise(|_, bits| bits)),
        ];
        let kind = &KINDS[(round % 8).min(2)];
        let from = round * 8 * 1049 % ARENA;
        Self {
            base,
            data: kind[from..from + ARENA].to_vec(),
            random: Random::new(round as u64),
            contexts: Vec::new(),
            pointers: Vec::new(),
            next: 0,
        }
    }

    /// The address of `len` fresh bytes, at a multiple of `align` plus `past`.
    pub(crate) fn take(&mut self, len: usize, align: usize, past: usize) -> u32 {
        let at = self.next.next_multiple_of(align) + past;
        self.next = at + len;
        assert!(self.next <= self.data.len(), "the arena is too small");
        self.base + u32::try_from(at).expect("the arena is small")
    }

    /// The address of a picture with room all round it: `margin` rows and columns.
    pub(crate) fn picture(&mut self, stride: usize, height: usize, margin: usize) -> u32 {
        let past = self.random.below(16);
        let at = self.take(stride * (height + 2 * margin) + 2 * margin, 16, past);
        at + u32::try_from(stride * margin + margin).expect("the arena is small")
    }

    /// The address of numbers of 16 bits.
    pub(crate) fn shorts(&mut self, values: &[i16]) -> u32 {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.put(&bytes)
    }

    /// The address of numbers of 32 bits.
    pub(crate) fn ints(&mut self, values: &[i32]) -> u32 {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.put(&bytes)
    }

    /// The address of an array of addresses.
    pub(crate) fn pointers(&mut self, addresses: &[u32]) -> u32 {
        let bytes: Vec<i32> = addresses.iter().map(|at| at.cast_signed()).collect();
        let at = self.ints(&bytes);
        self.pointers.push((at, addresses.to_vec()));
        at
    }

    /// The address of bytes.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> u32 {
        let at = self.take(bytes.len(), 16, 0);
        let start = (at - self.base) as usize;
        self.data[start..start + bytes.len()].copy_from_slice(bytes);
        at
    }
}

/// Twice as much as an arena has, of random bits and their place.
fn noise(eight: fn(usize, u64) -> u64) -> Vec<u8> {
    let mut random = Random::new(0);
    (0..ARENA / 4)
        .flat_map(|index| {
            let bits = random.next().wrapping_mul(0x2545_f491_4f6c_dd1d);
            eight(index, bits).to_le_bytes()
        })
        .collect()
}

/// A small generator of numbers, the same in every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xd1b5_4a32_d192_ed03)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    /// A number from 0 to `end` - 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = i64::from(high) - i64::from(low) + 1;
        (i64::from(low) + (self.next() as i64 & i64::MAX) % span) as i32
    }

    /// `count` numbers from `low` to `high`.
    pub(crate) fn many(&mut self, count: usize, low: i32, high: i32) -> Vec<i16> {
        (0..count).map(|_| self.between(low, high) as i16).collect()
    }
}
