//! A map from numbers that is copied at once: copies share what neither changed since.

use std::sync::Arc;

const BITS: u32 = 5;
const WIDTH: usize = 1 << BITS;

/// A map from `u64` to `T`, best when the numbers are close together. A clone takes the same short
/// time whatever is in it; a change copies the few nodes on the way to the value that are shared.
pub(super) struct Trie<T> {
    root: Option<Arc<Level<T>>>,
    /// How many digits of [`BITS`] bits a number has, at least one.
    digits: u32,
}

#[derive(Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "the variants are as large as each other: a value is a pointer"
)]
enum Level<T> {
    Inner([Option<Arc<Level<T>>>; WIDTH]),
    Last([Option<T>; WIDTH]),
}

impl<T> Default for Trie<T> {
    fn default() -> Self {
        Self {
            root: None,
            digits: 1,
        }
    }
}

impl<T> Clone for Trie<T> {
    fn clone(&self) -> Self {
        Self {
            root: self.root.clone(),
            digits: self.digits,
        }
    }
}

impl<T: Clone> Trie<T> {
    pub(super) fn get(&self, key: u64) -> Option<&T> {
        if !fits(key, self.digits) {
            return None;
        }
        let mut at = self.root.as_deref()?;
        let mut place = self.digits;
        loop {
            place -= 1;
            match at {
                Level::Inner(inner) => at = inner[digit(key, place)].as_deref()?,
                Level::Last(last) => return last[digit(key, place)].as_ref(),
            }
        }
    }

    pub(super) fn insert(&mut self, key: u64, value: T) {
        while !fits(key, self.digits) {
            if let Some(root) = self.root.take() {
                let mut inner = [const { None }; WIDTH];
                inner[0] = Some(root);
                self.root = Some(Arc::new(Level::Inner(inner)));
            }
            self.digits += 1;
        }
        let mut place = self.digits;
        let mut slot = &mut self.root;
        loop {
            place -= 1;
            let level = slot.get_or_insert_with(|| {
                Arc::new(if place == 0 {
                    Level::Last([const { None }; WIDTH])
                } else {
                    Level::Inner([const { None }; WIDTH])
                })
            });
            match Arc::make_mut(level) {
                Level::Inner(inner) => slot = &mut inner[digit(key, place)],
                Level::Last(last) => {
                    last[digit(key, place)] = Some(value);
                    return;
                }
            }
        }
    }

    /// Levels without values go with their last one, so that numbers that are used up cost nothing.
    pub(super) fn remove(&mut self, key: u64) -> Option<T> {
        // What is not there must not be copied to find out.
        self.get(key)?;
        let (value, empty) = take(self.root.as_mut()?, key, self.digits - 1);
        if empty {
            *self = Self::default();
        }
        value
    }
}

/// Takes a value out, and says whether the level is empty then.
fn take<T: Clone>(level: &mut Arc<Level<T>>, key: u64, place: u32) -> (Option<T>, bool) {
    match Arc::make_mut(level) {
        Level::Last(last) => {
            let value = last[digit(key, place)].take();
            (value, last.iter().all(Option::is_none))
        }
        Level::Inner(inner) => {
            let slot = &mut inner[digit(key, place)];
            let Some(below) = slot else {
                return (None, false);
            };
            let (value, empty) = take(below, key, place - 1);
            if empty {
                *slot = None;
            }
            (value, inner.iter().all(Option::is_none))
        }
    }
}

fn fits(key: u64, digits: u32) -> bool {
    key.checked_shr(digits * BITS).is_none_or(|rest| rest == 0)
}

fn digit(key: u64, place: u32) -> usize {
    (key >> (place * BITS)) as usize % WIDTH
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn it_agrees_with_a_plain_map_and_so_do_its_copies() {
        let mut state = 3_u64;
        let mut dice = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state >> 33
        };
        let mut trie = Trie::default();
        let mut model = BTreeMap::new();
        let mut copies = Vec::new();
        for round in 0..20_000 {
            let key = match dice() % 10 {
                0 => dice() << 20,
                1 => u64::MAX - dice() % 3,
                _ => dice() % 3_000,
            };
            if dice() % 3 == 0 {
                assert_eq!(trie.remove(key), model.remove(&key), "round {round}");
            } else {
                trie.insert(key, round);
                model.insert(key, round);
            }
            assert_eq!(trie.get(key), model.get(&key), "round {round}");
            if round % 2_000 == 0 {
                copies.push((trie.clone(), model.clone()));
            }
        }
        copies.push((trie, model));
        for (mut trie, model) in copies {
            for key in 0..3_000 {
                assert_eq!(trie.get(key), model.get(&key));
            }
            for (key, value) in model {
                assert_eq!(trie.remove(key), Some(value));
            }
            assert!(trie.root.is_none(), "nothing is left behind");
        }
    }
}
