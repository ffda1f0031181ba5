//! The progress of a batch: how far all jobs are together, and the rest at this speed.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use afmpeg::Progress;

use crate::cli::args::Global;
use crate::cli::progress::{self, Bar, Meter};
use crate::cli::status::Failure;
use crate::cli::text;

/// What shows the progress of all jobs.
pub(super) struct Board {
    shown: Shown,
    started: Instant,
    state: Mutex<State>,
}

enum Shown {
    Bar(Bar),
    Json,
    Nothing,
}

struct State {
    /// How far each item is, from 0 to 1.
    fractions: Vec<f64>,
    /// How much of each output is made, in seconds.
    times: Vec<f64>,
    ended: usize,
}

impl Board {
    /// A board for so many items, as the options ask.
    pub(super) fn new(global: &Global, items: usize) -> Arc<Self> {
        let shown = match Meter::new(global, "batch") {
            Meter::Bar(bar) => Shown::Bar(bar),
            Meter::Json(_) => Shown::Json,
            _ => Shown::Nothing,
        };
        Arc::new(Self {
            shown,
            started: Instant::now(),
            state: Mutex::new(State {
                fractions: vec![0.0; items],
                times: vec![0.0; items],
                ended: 0,
            }),
        })
    }

    /// The meter of one item.
    pub(super) fn meter(self: &Arc<Self>, index: usize, file: &Path) -> Meter {
        let board = Arc::clone(self);
        match self.shown {
            Shown::Nothing => Meter::Silent,
            Shown::Bar(_) => Meter::Told(Arc::new(move |progress: &Progress| {
                board.tell(index, progress);
            })),
            Shown::Json => {
                let file = file.display().to_string();
                Meter::Told(Arc::new(move |progress: &Progress| {
                    board.tell(index, progress);
                    let mut line = progress::document(progress);
                    line["file"] = file.as_str().into();
                    line["batch"] = board.lock().whole().into();
                    progress::emit(&line);
                }))
            }
        }
    }

    /// Counts an item as ended.
    pub(super) fn ended(&self, index: usize) {
        let mut state = self.lock();
        state.ended += 1;
        state.fractions[index] = 1.0;
        self.show(&state);
    }

    /// Writes to a terminal without tearing the bar that may be there.
    pub(super) fn above<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.shown {
            Shown::Bar(bar) => bar.suspend(write),
            _ => write(),
        }
    }

    /// Removes the bar.
    pub(super) fn clear(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.clear();
        }
    }

    /// Says the end to machines.
    pub(super) fn finish<T>(&self, result: &Result<T, Failure>) {
        if let Shown::Json = &self.shown {
            Meter::Json(None).finish(result);
        }
    }

    /// Takes the progress of an item.
    fn tell(&self, index: usize, progress: &Progress) {
        let mut state = self.lock();
        if let Some(fraction) = progress.fraction {
            state.fractions[index] = fraction.clamp(0.0, 1.0).max(state.fractions[index]);
        }
        if let Some(time) = progress.out_time {
            state.times[index] = time.as_secs_f64();
        }
        self.show(&state);
    }

    fn show(&self, state: &State) {
        if let Shown::Bar(bar) = &self.shown {
            bar.show(Some(state.whole()), state.describe(self.started.elapsed()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How far all items are together; each counts the same.
    fn whole(&self) -> f64 {
        let done: f64 = self.fractions.iter().sum();
        done / self.fractions.len().max(1) as f64
    }

    /// "2 of 12, 3.10x, 1:05 left".
    fn describe(&self, elapsed: Duration) -> String {
        let mut message = format!("{} of {}", self.ended, self.fractions.len());
        let speed = self.times.iter().sum::<f64>() / elapsed.as_secs_f64();
        if speed.is_finite() && speed > 0.0 {
            message.push_str(&format!(", {speed:.2}x"));
        }
        if let Some(left) = left(elapsed, self.whole()) {
            message.push_str(&format!(", {} left", text::clock(left)));
        }
        message
    }
}

/// How long the rest takes if it goes on like this.
fn left(elapsed: Duration, whole: f64) -> Option<Duration> {
    // Less says nothing yet.
    const SOME: f64 = 0.005;
    if !(SOME..1.0).contains(&whole) {
        return None;
    }
    Duration::try_from_secs_f64(elapsed.as_secs_f64() * (1.0 / whole - 1.0)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_follows_from_what_is_done() {
        let of = |whole| left(Duration::from_secs(30), whole);
        assert_eq!(of(0.75), Some(Duration::from_secs(10)));
        assert_eq!((of(0.0), of(1.0)), (None, None));
        let state = State {
            fractions: vec![1.0, 0.5, 0.0, 0.5],
            times: vec![60.0, 30.0, 0.0, 3.0],
            ended: 1,
        };
        assert!((state.whole() - 0.5).abs() < 1e-9);
        let told = state.describe(Duration::from_secs(31));
        assert_eq!(told, "1 of 4, 3.00x, 0:31 left");
    }
}
