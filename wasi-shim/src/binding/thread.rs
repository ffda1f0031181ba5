//! The thread that lifted code runs on.

use std::io;
use std::panic;
use std::thread;

/// Runs guest code on a thread of its own, with stack enough for any guest.
///
/// # Errors
///
/// The thread cannot be started.
pub(super) fn on_guest_thread<R: Send>(run: impl FnOnce() -> R + Send) -> io::Result<R> {
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .name("afmpeg guest".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, run)?;
        // A panic of the host goes on where the run was asked for.
        Ok(thread
            .join()
            .unwrap_or_else(|payload| panic::resume_unwind(payload)))
    })
}

/// Native stack of the thread that a guest runs on; what it does not touch costs nothing.
pub(super) const STACK: usize = 32 << 20;
