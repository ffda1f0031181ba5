//! Choices taken from bytes: what a generator asks for, small numbers mostly and edges sometimes.

use arbitrary::Unstructured;

/// Bytes that decide. When they are used up every choice is the first one.
pub struct Choices<'a>(Unstructured<'a>);

impl<'a> Choices<'a> {
    /// Choices from these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(Unstructured::new(bytes))
    }

    /// Choices from the last bytes: for what surrounds the work, faults and limits for two. An input
    /// that ends in zeros has none of these, and what they are does not move the other choices.
    #[must_use]
    pub fn of_end(bytes: &'a [u8]) -> Self {
        const END: usize = 16;
        Self::new(&bytes[bytes.len().saturating_sub(END)..])
    }

    /// Whether anything is left to decide with.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number below `sides`, which is not 0.
    pub fn below(&mut self, sides: u64) -> u64 {
        self.0.int_in_range(0..=sides - 1).unwrap_or(0)
    }

    /// A place in a list of this length, which is not 0.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())]
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == times - 1
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0.arbitrary().unwrap_or(0)
    }

    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let first = self.any();
        (0..count as u64)
            .map(|at| (first.rotate_left((at % 64) as u32) ^ at) as u8)
            .collect()
    }

    /// What is left.
    #[must_use]
    pub fn rest(self) -> Unstructured<'a> {
        self.0
    }
}
