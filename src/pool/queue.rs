//! The jobs that wait, in the order in which they start, and the memory that the started ones claim.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::task::Priority;

/// Jobs by priority, and in the order of their arrival within one.
///
/// The first starts when its claim fits into what the others leave of the budget. Until then nothing
/// behind it starts, however small: a large job is overtaken only by jobs of a higher priority.
pub(super) struct Queue<W> {
    waiting: BTreeMap<Place, Waiting<W>>,
    arrived: u64,
    budget: u64,
    claimed: u64,
}

/// The place of a job in the order, and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    priority: Reverse<Priority>,
    /// The number of the job; no two of a pool have the same.
    pub(super) number: u64,
}

struct Waiting<W> {
    claim: u64,
    work: W,
}

impl<W> Queue<W> {
    pub(super) fn new(budget: u64) -> Self {
        Self {
            waiting: BTreeMap::new(),
            arrived: 0,
            budget,
            claimed: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Bytes that the started jobs claim.
    pub(super) fn claimed(&self) -> u64 {
        self.claimed
    }

    pub(super) fn push(&mut self, priority: Priority, claim: u64, work: W) -> Place {
        let place = Place {
            priority: Reverse(priority),
            number: self.arrived,
        };
        self.arrived += 1;
        self.waiting.insert(place, Waiting { claim, work });
        place
    }

    /// Whether [`start`](Self::start) has a job.
    pub(super) fn can_start(&self) -> bool {
        let first = self.waiting.first_key_value();
        first.is_some_and(|(_, first)| first.claim <= self.budget - self.claimed)
    }

    /// Takes the first job out, if its claim fits. It is to be [released](Self::release).
    pub(super) fn start(&mut self) -> Option<(Place, u64, W)> {
        if !self.can_start() {
            return None;
        }
        let (place, Waiting { claim, work }) = self.waiting.pop_first()?;
        self.claimed += claim;
        Some((place, claim, work))
    }

    /// Gives back the claim of a job that ended.
    pub(super) fn release(&mut self, claim: u64) {
        self.claimed -= claim;
    }

    /// Takes a job out that has not started.
    pub(super) fn remove(&mut self, place: Place) -> Option<W> {
        self.waiting.remove(&place).map(|waiting| waiting.work)
    }

    /// Takes all jobs out that have not started.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = W> + use<W> {
        let all = std::mem::take(&mut self.waiting);
        all.into_values().map(|waiting| waiting.work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(queue: &mut Queue<&'static str>) -> Option<&'static str> {
        queue.start().map(|(_, _, work)| work)
    }

    #[test]
    fn the_higher_priority_starts_first_and_within_one_the_first_to_arrive() {
        let mut queue = Queue::new(0);
        for (priority, work) in [
            (Priority::Low, "e"),
            (Priority::Normal, "c"),
            (Priority::High, "a"),
            (Priority::Normal, "d"),
            (Priority::High, "b"),
        ] {
            queue.push(priority, 0, work);
        }
        let order: Vec<_> = std::iter::from_fn(|| started(&mut queue)).collect();
        assert_eq!(order, ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn a_job_that_does_not_fit_holds_back_the_small_ones_behind_it() {
        let mut queue = Queue::new(10);
        queue.push(Priority::Normal, 4, "first");
        queue.push(Priority::Normal, 10, "large");
        queue.push(Priority::Normal, 1, "small");
        assert_eq!(started(&mut queue), Some("first"));
        assert_eq!((started(&mut queue), queue.claimed()), (None, 4));
        queue.release(4);
        assert_eq!((started(&mut queue), queue.claimed()), (Some("large"), 10));
        assert_eq!(started(&mut queue), None);
        queue.release(10);
        assert_eq!(started(&mut queue), Some("small"));
    }

    #[test]
    fn a_job_of_a_higher_priority_goes_ahead_of_one_that_does_not_fit() {
        let mut queue = Queue::new(10);
        queue.push(Priority::Normal, 4, "first");
        assert_eq!(started(&mut queue), Some("first"));
        queue.push(Priority::Normal, 10, "large");
        queue.push(Priority::High, 6, "urgent");
        assert_eq!((started(&mut queue), queue.claimed()), (Some("urgent"), 10));
    }

    #[test]
    fn claims_add_up_to_the_budget_and_no_further() {
        let mut queue = Queue::new(u64::MAX);
        queue.push(Priority::Normal, u64::MAX - 1, "almost all");
        queue.push(Priority::Normal, 1, "the rest");
        queue.push(Priority::Normal, 1, "too much");
        assert_eq!(started(&mut queue), Some("almost all"));
        assert_eq!(started(&mut queue), Some("the rest"));
        assert_eq!(started(&mut queue), None);
    }

    #[test]
    fn what_is_removed_does_not_start_and_lets_others_pass() {
        let mut queue = Queue::new(10);
        let large = queue.push(Priority::Normal, 11, "never fits");
        queue.push(Priority::Normal, 1, "small");
        assert_eq!(started(&mut queue), None);
        assert_eq!(queue.remove(large), Some("never fits"));
        assert_eq!(queue.remove(large), None, "it is gone");
        assert_eq!((queue.len(), started(&mut queue)), (1, Some("small")));
        queue.push(Priority::Low, 0, "left");
        assert_eq!(queue.drain().collect::<Vec<_>>(), ["left"]);
        assert_eq!(queue.len(), 0);
    }
}
