//! Ctrl-C and termination: the first one cancels the job, the second one ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use afmpeg::CancelToken;

use super::status::{Failure, Status};

/// A token that the first signal cancels.
///
/// # Errors
///
/// When the system refuses a handler.
pub(crate) fn cancel_token() -> Result<CancelToken, Failure> {
    let token = CancelToken::new();
    let seen = token.clone();
    ctrlc::set_handler(move || {
        if seen.is_cancelled() || WAITING.load(Ordering::Relaxed) {
            std::process::exit(i32::from(Status::Cancelled as u8));
        }
        seen.cancel();
    })
    .map_err(|error| Failure::failed(format!("cannot watch for Ctrl-C: {error}")))?;
    Ok(token)
}

/// Whether all there is to do is to wait for somebody else, whom a token does not reach.
static WAITING: AtomicBool = AtomicBool::new(false);

/// Waits for what no token ends, a read of standard input: the first signal ends the process then. Nothing has been
/// done yet that could be lost.
pub(crate) fn while_waiting<T>(wait: impl FnOnce() -> T) -> T {
    WAITING.store(true, Ordering::Relaxed);
    let result = wait();
    WAITING.store(false, Ordering::Relaxed);
    result
}
