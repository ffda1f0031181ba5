//! Ctrl-C and termination: the first one cancels the job, the second one ends the process.

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
        if seen.is_cancelled() {
            std::process::exit(i32::from(Status::Cancelled as u8));
        }
        seen.cancel();
    })
    .map_err(|error| Failure::failed(format!("cannot watch for Ctrl-C: {error}")))?;
    Ok(token)
}
