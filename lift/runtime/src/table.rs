//! Tables of functions.

use crate::trap::table_out_of_bounds;

/// An element of a table: the generated enumeration of a module's function types, each with a
/// pointer to a function of that type.
pub trait Entry: Copy + Send + 'static {
    /// The empty element.
    const NULL: Self;

    /// A function of the host of the type with this index.
    fn host(type_index: u32, call: HostCall) -> Self;
}

/// The body of a [`HostFunction`](crate::HostFunction).
pub type HostCall = fn(&mut [u8], &[u64]) -> Result<u64, crate::Trap>;

/// A table of an instance.
pub struct Table<F> {
    entries: Vec<F>,
    max: u64,
}

impl<F: Entry> Table<F> {
    /// A table of `len` empty elements that may grow to `max`.
    #[must_use]
    pub fn new(len: u32, max: u64) -> Self {
        Self {
            entries: vec![F::NULL; len as usize],
            max,
        }
    }

    /// The element at `index`, when there is one.
    #[inline(always)]
    #[must_use]
    pub fn entry(&self, index: u32) -> Option<&F> {
        self.entries.get(index as usize)
    }

    /// `table.get`.
    #[must_use]
    pub fn get(&self, index: u32) -> F {
        match self.entry(index) {
            Some(entry) => *entry,
            None => table_out_of_bounds(),
        }
    }

    /// `table.set`.
    pub fn set(&mut self, index: u32, value: F) {
        match self.entries.get_mut(index as usize) {
            Some(entry) => *entry = value,
            None => table_out_of_bounds(),
        }
    }

    /// `table.size`.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.entries.len() as u32
    }

    /// `table.fill`.
    pub fn fill(&mut self, at: u32, value: F, len: u32) {
        let end = u64::from(at) + u64::from(len);
        if end > self.entries.len() as u64 {
            table_out_of_bounds();
        }
        self.entries[at as usize..end as usize].fill(value);
    }

    pub(crate) fn max(&self) -> u64 {
        self.max
    }

    /// Grows by `delta` elements; `false` when the host has no room for them.
    pub(crate) fn grow(&mut self, delta: u32, value: F) -> bool {
        if self.entries.try_reserve_exact(delta as usize).is_err() {
            return false;
        }
        self.entries
            .resize(self.entries.len() + delta as usize, value);
        true
    }
}

/// `table.init`: copies from an element segment, checked as a whole first.
pub fn table_init<F: Entry>(table: &mut Table<F>, segment: &[F], to: u32, from: u32, len: u32) {
    let (to, from, len) = (u64::from(to), u64::from(from), u64::from(len));
    if to + len > table.entries.len() as u64 || from + len > segment.len() as u64 {
        table_out_of_bounds();
    }
    table.entries[to as usize..(to + len) as usize]
        .copy_from_slice(&segment[from as usize..(from + len) as usize]);
}

/// `table.copy` from one table to another or the same, checked as a whole first.
pub fn table_copy<F: Entry>(
    tables: &mut [Table<F>],
    (to_table, to): (usize, u32),
    (from_table, from): (usize, u32),
    len: u32,
) {
    let end = |start: u32| u64::from(start) + u64::from(len);
    if end(to) > tables[to_table].entries.len() as u64
        || end(from) > tables[from_table].entries.len() as u64
    {
        table_out_of_bounds();
    }
    let source = from as usize..end(from) as usize;
    if to_table == from_table {
        tables[to_table].entries.copy_within(source, to as usize);
    } else {
        let entries = tables[from_table].entries[source].to_vec();
        tables[to_table].entries[to as usize..end(to) as usize].copy_from_slice(&entries);
    }
}
