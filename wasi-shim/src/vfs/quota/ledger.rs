//! Which bytes of one file are stored, as far as its quota knows.

use std::collections::BTreeMap;

/// What every separate stored range after the first costs on top of its bytes, so that a file of
/// scattered single bytes pays for its bookkeeping.
const SCATTERED_CHARGE: u64 = 256;

/// The ranges of a file that were written or allocated; the rest is holes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    /// Start to end; they neither overlap nor touch.
    ranges: BTreeMap<u64, u64>,
    /// The sum of their lengths.
    stored: u64,
    /// The length of the file.
    len: u64,
}

impl Ledger {
    /// A file of which only its length is known: without holes.
    pub(super) fn whole(len: u64) -> Self {
        let mut ledger = Self::default();
        ledger.store(0, len);
        ledger
    }

    /// Whether it is what [`Ledger::whole`] would make of its length, so that nothing is lost when
    /// it is forgotten.
    pub(super) fn is_whole(&self) -> bool {
        self.stored == self.len && self.ranges.len() <= 1
    }

    /// What the file costs.
    pub(super) fn charge(&self) -> u64 {
        charge(self.stored, self.ranges.len())
    }

    /// What the file costs once a range is stored. `start + len` is a number.
    pub(super) fn charge_with(&self, start: u64, len: u64) -> u64 {
        if len == 0 {
            return self.charge();
        }
        let (mut merged, mut covered) = (0, 0);
        let end = start + len;
        for (from, to) in self.touching(start, end) {
            merged += 1;
            covered += to.min(end).saturating_sub(from.max(start));
        }
        charge(
            self.stored.saturating_add(len - covered),
            self.ranges.len() - merged + 1,
        )
    }

    /// A range is stored. `start + len` is a number.
    pub(super) fn store(&mut self, start: u64, len: u64) {
        if len == 0 {
            return;
        }
        let (mut first, mut last) = (start, start + len);
        self.len = self.len.max(last);
        let touching: Vec<_> = self.touching(first, last).collect();
        for (from, to) in touching {
            self.ranges.remove(&from);
            self.stored -= to - from;
            first = first.min(from);
            last = last.max(to);
        }
        self.ranges.insert(first, last);
        self.stored += last - first;
    }

    /// The file has a new length; what lies past it is stored no more.
    pub(super) fn set_len(&mut self, len: u64) {
        self.len = len;
        for (start, end) in self.ranges.split_off(&len) {
            self.stored -= end - start;
        }
        if let Some(mut last) = self.ranges.last_entry()
            && *last.get() > len
        {
            self.stored -= *last.get() - len;
            *last.get_mut() = len;
        }
    }

    /// The ranges that overlap or touch one.
    fn touching(&self, start: u64, end: u64) -> impl Iterator<Item = (u64, u64)> {
        let before = self.ranges.range(..start).next_back();
        before
            .filter(move |(_, to)| **to >= start)
            .into_iter()
            .chain(self.ranges.range(start..=end))
            .map(|(from, to)| (*from, *to))
    }
}

fn charge(stored: u64, ranges: usize) -> u64 {
    let scattered = (ranges as u64).saturating_sub(1);
    stored.saturating_add(scattered.saturating_mul(SCATTERED_CHARGE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_agree_with_a_map_of_single_bytes() {
        let mut ledger = Ledger::default();
        let mut model = vec![false; 0];
        let mut state = 7_u64;
        for round in 0..3_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let (start, len) = ((state >> 33) % 500, (state >> 25) % 40);
            if round % 5 == 4 {
                ledger.set_len(start);
                model.resize(start as usize, false);
            } else {
                let promised = ledger.charge_with(start, len);
                ledger.store(start, len);
                assert_eq!(ledger.charge(), promised, "round {round}");
                if len > 0 {
                    let (start, end) = (start as usize, (start + len) as usize);
                    model.resize(model.len().max(end), false);
                    model[start..end].fill(true);
                }
            }
            let stored = model.iter().filter(|byte| **byte).count() as u64;
            let starts = (0..model.len()).filter(|at| model[*at] && (*at == 0 || !model[at - 1]));
            assert_eq!(ledger.stored, stored, "round {round}");
            assert_eq!(ledger.charge(), charge(stored, starts.count()));
            assert_eq!(ledger.len, model.len() as u64);
            let whole = ledger == Ledger::whole(ledger.len);
            assert_eq!(ledger.is_whole(), whole, "round {round}");
        }
    }
}
