//! A job as the threads of a pool see it: something to be run, whatever its result is.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use afmpeg_wasi::CancelToken;

use super::handle::{Promise, host};
use super::task::{Context, Task};
use crate::error::{JobError, PoolError};
use crate::runtime::Runtime;

/// A job of whatever result. One that is dropped instead of being run reports that it was cancelled.
pub(super) trait Work: Send {
    /// The token of the job.
    fn token(&self) -> &CancelToken;
    /// Runs it. `number` is that of its place.
    fn run(self: Box<Self>, runtime: &Runtime, number: u64);
}

/// A task and the promise of its result. The task is dropped first: whoever has the result finds its filesystem
/// released.
pub(super) struct Pending<T> {
    task: Task<T>,
    token: CancelToken,
    promise: Promise<T>,
}

impl<T> Pending<T> {
    pub(super) fn new(task: Task<T>, promise: Promise<T>) -> Self {
        Self {
            task,
            token: CancelToken::new(),
            promise,
        }
    }

    /// The task, which is not run.
    pub(super) fn into_task(self) -> Task<T> {
        self.promise.void();
        self.task
    }
}

impl<T: Send> Work for Pending<T> {
    fn token(&self) -> &CancelToken {
        &self.token
    }

    fn run(self: Box<Self>, runtime: &Runtime, number: u64) {
        // The last is dropped first.
        let Self {
            promise,
            token,
            task: Task { settings, call },
        } = *self;
        if token.is_cancelled() {
            return;
        }
        let context = Context::new(runtime, *settings, token, &promise.slot.progress);
        if context.is_late() {
            drop(call);
            let partial_outputs = Vec::new();
            promise.keep(Err(JobError::DeadlineExceeded { partial_outputs }));
            return;
        }
        promise.started();
        let result = contained(|| call(&context)).unwrap_or_else(|message| {
            let job = number;
            Err(host(PoolError::Panicked { job, message }))
        });
        promise.keep(result);
    }
}

/// Calls a function of the caller's. What it says if it panics.
///
/// A function that panicked is gone, with everything that it owned; what it shares with others it shares by
/// types of its own, which are as they are after a panic on any other thread. A runtime is made for that.
pub(super) fn contained<R>(function: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(function)).map_err(|payload| {
        let message = said(payload.as_ref());
        if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            // It was thrown where the first was dropped, and may do the same.
            std::mem::forget(another);
        }
        message
    })
}

fn said(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_panic_says_is_kept() {
        let said = |function: fn()| contained(function).expect_err("it panics");
        assert_eq!(said(|| panic!("as text")), "as text");
        assert_eq!(
            said(|| panic!("with the number {}", 7)),
            "with the number 7"
        );
        assert_eq!(said(|| std::panic::panic_any(7)), "without a message");
        assert_eq!(contained(|| 7), Ok(7));
    }

    #[test]
    fn a_panic_that_panics_when_it_is_dropped_is_contained() {
        struct Again;
        impl Drop for Again {
            fn drop(&mut self) {
                std::panic::panic_any(Self);
            }
        }
        let result = contained(|| std::panic::panic_any(Again));
        assert_eq!(result, Err::<(), _>("without a message".to_owned()));
    }
}
