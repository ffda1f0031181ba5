//! The names of a directory in order, with cookies that stay.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What a handle listed.
#[derive(Default)]
pub(super) struct Listing {
    /// The names there are, each with its cookie, which no other name ever has.
    names: Arc<BTreeMap<Arc<str>, u64>>,
    /// The names of cookies, of some also that are gone: where they were the listing goes on.
    places: BTreeMap<u64, Arc<str>>,
    last: u64,
}

/// A listing from some place on.
pub(super) struct Rest {
    names: Arc<BTreeMap<Arc<str>, u64>>,
    /// `None` is the start.
    after: Option<Arc<str>>,
}

impl Listing {
    /// Cookies of names that are gone, beyond those of the names there are: the oldest are given up.
    const GONE: usize = 4_096;

    /// Whether no name is known.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Makes these the names there are.
    pub(super) fn refresh(&mut self, mut found: Vec<String>) {
        found.sort_unstable();
        let mut names = BTreeMap::new();
        for name in found {
            let (name, cookie) = match self.names.get_key_value(name.as_str()) {
                Some((name, cookie)) => (Arc::clone(name), *cookie),
                None => {
                    self.last += 1;
                    let name: Arc<str> = name.into();
                    self.places.insert(self.last, Arc::clone(&name));
                    (name, self.last)
                }
            };
            names.insert(name, cookie);
        }
        let over = self.places.len().saturating_sub(names.len() + Self::GONE);
        if over > 0 {
            let present: HashMap<u64, &str> = names
                .iter()
                .map(|(name, cookie)| (*cookie, &**name))
                .collect();
            let mut left = over;
            self.places.retain(|cookie, _| {
                let keep = left == 0 || present.contains_key(cookie);
                left -= usize::from(!keep);
                keep
            });
        }
        self.names = Arc::new(names);
    }

    /// What comes after a cookie; `None` for one that is not known.
    pub(super) fn after(&self, cookie: u64) -> Option<Rest> {
        let after = match cookie {
            0 => None,
            cookie => Some(Arc::clone(self.places.get(&cookie)?)),
        };
        Some(Rest {
            names: Arc::clone(&self.names),
            after,
        })
    }
}

impl Rest {
    /// The names with their cookies.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = match &self.after {
            None => Unbounded,
            Some(name) => Excluded(&**name),
        };
        let names = self.names.range::<str, _>((from, Unbounded));
        names.map(|(name, cookie)| (&**name, *cookie))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(listing: &Listing, cookie: u64) -> Vec<(String, u64)> {
        let rest = listing.after(cookie);
        let rest = rest.iter().flat_map(Rest::iter);
        rest.map(|(name, cookie)| (name.to_owned(), cookie))
            .collect()
    }

    #[test]
    fn names_come_in_order_and_keep_their_cookies() {
        let mut listing = Listing::default();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        listing.refresh(names(&["c", "a", "b"]));
        let first = rest(&listing, 0);
        assert_eq!(first[0].0, "a");
        let (after_b, after_c) = (first[1].1, first[2].1);
        listing.refresh(names(&["c", "ab", "bb", "d"]));
        let texts =
            |cookie| -> Vec<_> { rest(&listing, cookie).into_iter().map(|(n, _)| n).collect() };
        assert_eq!(texts(0), ["ab", "bb", "c", "d"]);
        assert_eq!(texts(after_b), ["bb", "c", "d"], "its name is gone");
        assert_eq!(texts(after_c), ["d"]);
        assert!(texts(1 << 40).is_empty());
    }

    #[test]
    fn names_that_come_and_go_forever_leave_little_behind() {
        let mut listing = Listing::default();
        for number in 0..20_000 {
            listing.refresh(vec!["stays".to_owned(), format!("f{number}")]);
        }
        assert!(listing.places.len() <= Listing::GONE + 2);
        let stays = rest(&listing, 0)[1].1;
        assert_eq!(rest(&listing, stays), []);
        assert_eq!(rest(&listing, 1), [], "the place of `f0` was given up");
    }
}
