//! The memory and table budgets of one instance, as the interpreter asks for them.

use wasmi::ResourceLimiter;
use wasmi::errors::{MemoryError, TableError};
use wasmi_core::LimiterError;

use crate::limits::{LimitKind, Limits};

/// Counts what an instance has, refuses what is over, and stops a guest that will not take no for an
/// answer.
///
/// A refused growth answers -1, as the specification has it. In this interpreter each of them leaves
/// a little native stack in use until control comes back to the run loop, so they are counted.
#[derive(Debug)]
pub(super) struct Limiter {
    memory: Budget,
    table: Budget,
    /// The budget for which the run was trapped.
    tripped: Option<LimitKind>,
}

#[derive(Debug)]
struct Budget {
    used: u64,
    limit: u64,
    /// What the growth in progress adds, until it is known to have worked.
    last: u64,
    denied: u32,
    /// Whether one was refused for the limit, and not for what the module itself declares.
    met: bool,
}

impl Limiter {
    /// How many growths are refused before the guest is stopped.
    const MAX_DENIED: u32 = 1_000;

    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            memory: Budget::new(limits.memory_bytes),
            table: Budget::new(limits.table_elements),
            tripped: None,
        }
    }

    /// Bytes of all memories.
    pub(super) fn memory_bytes(&self) -> u64 {
        self.memory.used
    }

    /// Whether tables may grow by so many elements.
    pub(super) fn has_table_room(&self, elements: u64) -> bool {
        elements <= self.table.limit.saturating_sub(self.table.used)
    }

    /// Whether a growth was refused.
    pub(super) fn denied(&self) -> bool {
        self.memory.denied > 0 || self.table.denied > 0
    }

    /// The limits that refused a growth.
    pub(super) fn met(&self) -> impl Iterator<Item = LimitKind> + use<> {
        let kinds = [
            (LimitKind::Memory, self.memory.met),
            (LimitKind::Table, self.table.met),
        ];
        kinds
            .into_iter()
            .filter_map(|(kind, met)| met.then_some(kind))
    }

    pub(super) fn tripped(&self) -> Option<LimitKind> {
        self.tripped
    }

    fn answer(&mut self, kind: LimitKind, allowed: bool) -> Result<bool, LimiterError> {
        let denied = match kind {
            LimitKind::Table => self.table.denied,
            _ => self.memory.denied,
        };
        if !allowed && denied > Self::MAX_DENIED {
            self.tripped = Some(kind);
            return Err(LimiterError::ResourceLimiterDeniedAllocation);
        }
        Ok(allowed)
    }
}

impl Budget {
    fn new(limit: u64) -> Self {
        Self {
            used: 0,
            limit,
            last: 0,
            denied: 0,
            met: false,
        }
    }

    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> bool {
        let added = desired.saturating_sub(current) as u64;
        let within = added <= self.limit.saturating_sub(self.used);
        self.met |= !within;
        let fits = within && maximum.is_none_or(|maximum| desired <= maximum);
        if fits {
            self.used += added;
            self.last = added;
        } else {
            self.denied = self.denied.saturating_add(1);
        }
        fits
    }

    /// Takes the growth in progress back: it failed, or stopped half-way and will be asked again.
    fn undo(&mut self) {
        self.used -= std::mem::take(&mut self.last);
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        let allowed = self.memory.grow(current, desired, maximum);
        self.answer(LimitKind::Memory, allowed)
    }

    fn memory_grow_failed(&mut self, error: &MemoryError) -> Result<(), LimiterError> {
        self.memory.undo();
        if matches!(error, MemoryError::OutOfSystemMemory) {
            self.memory.denied = self.memory.denied.saturating_add(1);
            self.memory.met = true;
            self.answer(LimitKind::Memory, false)?;
        }
        Ok(())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        let allowed = self.table.grow(current, desired, maximum);
        self.answer(LimitKind::Table, allowed)
    }

    fn table_grow_failed(&mut self, error: &TableError) -> Result<(), LimiterError> {
        self.table.undo();
        if matches!(error, TableError::OutOfSystemMemory) {
            self.table.denied = self.table.denied.saturating_add(1);
            self.table.met = true;
            self.answer(LimitKind::Table, false)?;
        }
        Ok(())
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(memory_bytes: u64) -> Limiter {
        Limiter::new(&Limits {
            memory_bytes,
            ..Limits::default()
        })
    }

    #[test]
    fn f1_all_memories_share_one_budget() {
        let mut limiter = limiter(1_000);
        assert!(matches!(limiter.memory_growing(0, 600, None), Ok(true)));
        assert!(matches!(limiter.memory_growing(0, 600, None), Ok(false)));
        assert!(matches!(limiter.memory_growing(600, 1_000, None), Ok(true)));
        assert_eq!(limiter.memory_bytes(), 1_000);
        assert!(limiter.denied());
    }

    #[test]
    fn a_growth_that_ran_out_of_fuel_is_not_counted_twice() {
        let mut limiter = limiter(1_000);
        let error = MemoryError::OutOfFuel { required_fuel: 1 };
        assert!(matches!(limiter.memory_growing(0, 900, None), Ok(true)));
        assert!(limiter.memory_grow_failed(&error).is_ok());
        assert!(matches!(limiter.memory_growing(0, 900, None), Ok(true)));
        assert_eq!(limiter.memory_bytes(), 900);
        assert!(!limiter.denied());
    }

    #[test]
    fn f9_a_guest_that_keeps_asking_is_trapped() {
        let mut limiter = limiter(0);
        for _ in 0..Limiter::MAX_DENIED {
            assert!(matches!(limiter.memory_growing(0, 1, None), Ok(false)));
        }
        assert!(limiter.memory_growing(0, 1, None).is_err());
        assert_eq!(limiter.tripped(), Some(LimitKind::Memory));
    }
}
