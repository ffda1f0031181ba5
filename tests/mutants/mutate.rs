//! Changes a file as its seed says.

/// A generator of numbers that look random: the same for the same seed (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// A place in the file: half of them near its beginning, where headers are, some near its end, where
    /// indices are.
    fn place(&mut self, length: usize) -> usize {
        match self.below(4) {
            0 | 1 => self.below(length.min(600)),
            2 => self.below(length),
            _ => length - 1 - self.below(length.min(2_000)),
        }
    }
}

/// Values at which sums wrap and signs turn.
const EDGES: [u32; 8] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe,
    0xffff_ffff,
];

/// The file with one to eight changes.
pub(crate) fn mutate(original: &[u8], seed: u64) -> Vec<u8> {
    let mut numbers = Numbers(seed);
    let mut bytes = original.to_vec();
    for _ in 0..=numbers.below(8) {
        if bytes.is_empty() {
            break;
        }
        let at = numbers.place(bytes.len());
        let run = (1 + numbers.below(48)).min(bytes.len() - at);
        match numbers.below(9) {
            0 | 1 => bytes[at] ^= 1 << numbers.below(8),
            2 => bytes[at] = numbers.next() as u8,
            3 => {
                let value = EDGES[numbers.below(EDGES.len())].to_be_bytes();
                let width = run.min([1, 2, 4][numbers.below(3)]);
                bytes[at..at + width].copy_from_slice(&value[4 - width..]);
            }
            4 => bytes[at..at + run].fill([0, 0xff][numbers.below(2)]),
            5 => drop(bytes.drain(at..at + run)),
            6 => {
                let to = numbers.place(bytes.len());
                let piece = bytes[at..at + run].to_vec();
                bytes.splice(to..to, piece);
            }
            7 => {
                for byte in &mut bytes[at..at + run] {
                    *byte = numbers.next() as u8;
                }
            }
            _ => bytes.truncate(bytes.len() - numbers.below(bytes.len() / 3)),
        }
    }
    bytes
}
