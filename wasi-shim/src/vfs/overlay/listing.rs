//! The order of the names in a directory of an overlay.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

/// The names that were listed, each with a number of its own.
///
/// A name keeps its number as long as it is there and numbers are never used again, which makes them
/// cookies that no insertion or removal can disturb, whatever those of the two trees are.
#[derive(Default)]
pub(super) struct Listing {
    numbers: HashMap<Arc<str>, u64>,
    in_order: BTreeMap<u64, Arc<str>>,
    last: u64,
}

impl Listing {
    pub(super) fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }

    /// Makes these the names there are.
    pub(super) fn refresh(&mut self, names: Vec<String>) {
        let present: HashSet<&str> = names.iter().map(String::as_str).collect();
        self.numbers.retain(|name, _| present.contains(&**name));
        self.in_order.retain(|_, name| present.contains(&**name));
        for name in names {
            if self.numbers.contains_key(name.as_str()) {
                continue;
            }
            let name: Arc<str> = name.into();
            self.last += 1;
            self.numbers.insert(Arc::clone(&name), self.last);
            self.in_order.insert(self.last, name);
        }
    }

    /// The next names after a number.
    pub(super) fn after(&self, number: u64, count: usize) -> Vec<(u64, Arc<str>)> {
        self.in_order
            .range((Excluded(number), Unbounded))
            .take(count)
            .map(|(number, name)| (*number, Arc::clone(name)))
            .collect()
    }
}
