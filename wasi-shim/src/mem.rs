//! The one way to guest memory: a checked view for the length of one syscall.

use crate::errno::Errno;

/// A view of linear memory.
///
/// It borrows the memory, so it cannot outlive the call in which the guest waits: no slice is kept
/// across a growth. Addresses are the guest's `u32`; the arithmetic is in `u64` and cannot wrap.
#[derive(Debug)]
pub struct GuestMem<'a> {
    bytes: &'a mut [u8],
}

impl<'a> GuestMem<'a> {
    /// The view of a whole linear memory.
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes }
    }

    /// The bytes `ptr .. ptr + len`.
    ///
    /// # Errors
    ///
    /// `Fault` when any of them is outside; an empty range may start at the very end.
    pub fn slice(&self, ptr: u32, len: u64) -> Result<&[u8], Errno> {
        let range = self.range(ptr, len)?;
        Ok(&self.bytes[range])
    }

    /// The bytes `ptr .. ptr + len`, to be written.
    ///
    /// # Errors
    ///
    /// As [`GuestMem::slice`].
    pub fn slice_mut(&mut self, ptr: u32, len: u64) -> Result<&mut [u8], Errno> {
        let range = self.range(ptr, len)?;
        Ok(&mut self.bytes[range])
    }

    /// Checks that `ptr .. ptr + len` is inside.
    ///
    /// # Errors
    ///
    /// As [`GuestMem::slice`].
    pub fn check(&self, ptr: u32, len: u64) -> Result<(), Errno> {
        self.range(ptr, len).map(drop)
    }

    /// The `N` bytes at `ptr`.
    ///
    /// # Errors
    ///
    /// As [`GuestMem::slice`].
    pub fn read<const N: usize>(&self, ptr: u32) -> Result<[u8; N], Errno> {
        let mut value = [0; N];
        value.copy_from_slice(self.slice(ptr, N as u64)?);
        Ok(value)
    }

    /// The little-endian `u32` at `ptr`, aligned or not.
    ///
    /// # Errors
    ///
    /// As [`GuestMem::slice`].
    pub fn read_u32(&self, ptr: u32) -> Result<u32, Errno> {
        self.read(ptr).map(u32::from_le_bytes)
    }

    /// Writes `bytes` at `ptr`.
    ///
    /// # Errors
    ///
    /// As [`GuestMem::slice`]; then nothing is written.
    pub fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result<(), Errno> {
        self.slice_mut(ptr, bytes.len() as u64)?
            .copy_from_slice(bytes);
        Ok(())
    }

    /// Writes a little-endian `u32` at `ptr`, aligned or not.
    ///
    /// # Errors
    ///
    /// As [`GuestMem::write`].
    pub fn write_u32(&mut self, ptr: u32, value: u32) -> Result<(), Errno> {
        self.write(ptr, &value.to_le_bytes())
    }

    /// Writes a little-endian `u64` at `ptr`, aligned or not.
    ///
    /// # Errors
    ///
    /// As [`GuestMem::write`].
    pub fn write_u64(&mut self, ptr: u32, value: u64) -> Result<(), Errno> {
        self.write(ptr, &value.to_le_bytes())
    }

    /// The address of element `index` of an array of `size`-byte elements at `ptr`.
    ///
    /// # Errors
    ///
    /// `Fault` when it does not fit an address.
    pub fn element(ptr: u32, index: u32, size: u32) -> Result<u32, Errno> {
        let at = u64::from(ptr) + u64::from(index) * u64::from(size);
        u32::try_from(at).map_err(|_| Errno::Fault)
    }

    fn range(&self, ptr: u32, len: u64) -> Result<std::ops::Range<usize>, Errno> {
        let start = u64::from(ptr);
        let end = start.checked_add(len).ok_or(Errno::Fault)?;
        if end > self.bytes.len() as u64 {
            return Err(Errno::Fault);
        }
        // Both ends are at most the length of a slice, so they fit.
        Ok(start as usize..end as usize)
    }
}

/// Fills a zeroed ABI record field by field; the gaps stay zero.
#[derive(Debug)]
pub(crate) struct Record<const N: usize>([u8; N]);

impl<const N: usize> Record<N> {
    pub(crate) fn new() -> Self {
        Self([0; N])
    }

    pub(crate) fn put<const M: usize>(mut self, offset: usize, bytes: [u8; M]) -> Self {
        self.0[offset..offset + M].copy_from_slice(&bytes);
        self
    }

    pub(crate) fn bytes(&self) -> &[u8; N] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d1_every_range_is_checked_without_wrapping() {
        let mut bytes = vec![0; 16];
        let mut mem = GuestMem::new(&mut bytes);
        assert_eq!(mem.slice(0, 16).map(<[u8]>::len), Ok(16));
        assert_eq!(mem.slice(16, 0).map(<[u8]>::len), Ok(0));
        assert_eq!(mem.slice(17, 0), Err(Errno::Fault));
        assert_eq!(mem.slice(15, 2), Err(Errno::Fault));
        assert_eq!(mem.slice(u32::MAX, 1), Err(Errno::Fault));
        assert_eq!(mem.slice(u32::MAX, u64::MAX), Err(Errno::Fault));
        assert_eq!(mem.slice(1, u64::from(u32::MAX)), Err(Errno::Fault));
        assert_eq!(mem.write_u64(9, 1), Err(Errno::Fault));
        assert_eq!(mem.write_u32(3, 0x0403_0201), Ok(()));
        assert_eq!(mem.read_u32(3), Ok(0x0403_0201));
        assert_eq!(mem.slice(3, 4), Ok(&[1, 2, 3, 4][..]));
        assert_eq!(bytes[..3], [0; 3]);
    }

    #[test]
    fn d1_a_memory_of_no_pages_has_only_empty_ranges() {
        let mem = GuestMem::new(&mut []);
        assert_eq!(mem.check(0, 0), Ok(()));
        assert_eq!(mem.check(0, 1), Err(Errno::Fault));
    }

    #[test]
    fn d2_the_address_of_an_element_cannot_wrap() {
        assert_eq!(GuestMem::element(8, 2, 8), Ok(24));
        assert_eq!(GuestMem::element(0, 1 << 29, 8), Err(Errno::Fault));
        assert_eq!(GuestMem::element(u32::MAX, u32::MAX, 48), Err(Errno::Fault));
    }
}
