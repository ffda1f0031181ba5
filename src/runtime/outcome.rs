//! What a finished run means: a reply, or why there is none.

use afmpeg_wasi::vfs::{Dir, VfsError};
use afmpeg_wasi::{Errno, LimitKind, StartError, Stop};
use std::sync::Arc;

use super::execute::Finished;
use super::outputs::{Doubt, Watch};
use crate::error::{ErrorClass, JobError};
use crate::report::{ErrorBody, error_of};

/// The reply of a run that ended well, as the JSON text that the guest wrote; not yet read, and
/// what it says not yet checked.
pub(super) fn reply(
    run: Finished,
    log_tail: String,
    root: &Arc<dyn Dir>,
    watch: &Watch,
) -> Result<Vec<u8>, JobError> {
    let partial_outputs = || watch.begun(root);
    match run.stop {
        Stop::Exit(0) => match run.storage_error {
            // A write that failed while the guest says that all is well.
            Some(error) => Err(storage(error, None, partial_outputs())),
            None if run.stdout_truncated => Err(JobError::Limit {
                kind: LimitKind::CapturedText,
                detail: Some("the reply is longer".to_owned()),
                log_tail,
                partial_outputs: partial_outputs(),
            }),
            None => Ok(run.stdout),
        },
        Stop::Exit(exit) => Err(failure(exit, &run, log_tail, partial_outputs())),
        Stop::Trap(_) if run.memory_denied => Err(JobError::Limit {
            kind: LimitKind::Memory,
            detail: None,
            log_tail,
            partial_outputs: partial_outputs(),
        }),
        Stop::Trap(trap) => Err(JobError::Trap {
            trap,
            log_tail,
            partial_outputs: partial_outputs(),
        }),
        stop => Err(stopped(stop, log_tail, partial_outputs())),
    }
}

/// The error of a run that did not end by itself, without a trap.
pub(super) fn stopped(stop: Stop, log_tail: String, partial_outputs: Vec<String>) -> JobError {
    match stop {
        Stop::Limit(kind) => JobError::Limit {
            kind,
            detail: None,
            log_tail,
            partial_outputs,
        },
        Stop::Cancelled => JobError::Cancelled { partial_outputs },
        Stop::DeadlineExceeded => JobError::DeadlineExceeded { partial_outputs },
        Stop::Trap(trap) => JobError::Trap {
            trap,
            log_tail,
            partial_outputs,
        },
        Stop::Host(error) => JobError::Host(error),
        other => JobError::Host(other.to_string().into()),
    }
}

/// The error of a run that never was.
pub(super) fn not_started(error: StartError) -> JobError {
    let kind = match error {
        StartError::TooMuchMemory { .. } => LimitKind::Memory,
        StartError::TooManyTableElements { .. } => LimitKind::Table,
        other => return JobError::Start(other),
    };
    JobError::Limit {
        kind,
        detail: Some(error.to_string()),
        log_tail: String::new(),
        partial_outputs: Vec::new(),
    }
}

/// The error of an entry in a reply that is otherwise a success.
pub(super) fn entry_failure(body: ErrorBody) -> JobError {
    JobError::Guest {
        exit: 0,
        class: body.class,
        message: body.message,
        where_: body.place,
        av_error: body.av_error,
        log_tail: String::new(),
        partial_outputs: Vec::new(),
    }
}

fn failure(exit: u32, run: &Finished, log_tail: String, partial_outputs: Vec<String>) -> JobError {
    let body = error_of(&run.stdout).unwrap_or_else(|| undocumented(exit, &log_tail));
    // What the job asks for is judged before the guest touches a resource.
    let asked = matches!(body.class, ErrorClass::Spec | ErrorClass::Version);
    let met = |kind: &LimitKind| run.limits_met.contains(kind);
    let limit = match run.memory_denied {
        true => Some(LimitKind::Memory),
        false => [LimitKind::OpenFiles, LimitKind::PathDepth]
            .into_iter()
            .find(met),
    };
    if let Some(kind) = limit.filter(|_| !asked) {
        return JobError::Limit {
            kind,
            // A hostile header can ask for more memory than there is: what the engine says tells
            // that from a job that is too large.
            detail: Some(body.message).filter(|message| !message.is_empty()),
            log_tail,
            partial_outputs,
        };
    }
    match io_error(run) {
        Some(error) if !asked => storage(error, Some(body.message), partial_outputs),
        _ => JobError::Guest {
            exit,
            class: body.class,
            message: with_reason(body.message, run.read_error),
            where_: body.place,
            av_error: body.av_error,
            log_tail,
            partial_outputs,
        },
    }
}

/// What the filesystem failed at, if it did: a read of it that failed ends a job as a write does, whatever the engine takes
/// the missing bytes for.
fn io_error(run: &Finished) -> Option<VfsError> {
    let read = run.read_error.filter(|error| error.errno() == Errno::Io);
    run.storage_error
        .or(read)
        .or_else(|| run.io_error.then(|| Errno::Io.into()))
}

/// What the engine says, with why a stream could not be read where the demuxer wanted to.
fn with_reason(message: String, read_error: Option<VfsError>) -> String {
    let refused = read_error.filter(|error| error.errno() == Errno::Spipe);
    match refused.and_then(|error| error.context()) {
        Some(context) => format!("{message} ({context})"),
        None => message,
    }
}

/// The failure of an engine that says what is wrong on stderr, as older ones do.
fn undocumented(exit: u32, log: &str) -> ErrorBody {
    let class = match exit {
        2 => ErrorClass::Spec,
        3 => ErrorClass::Version,
        _ => ErrorClass::Unknown,
    };
    let message = log
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    ErrorBody {
        class,
        message: message.to_owned(),
        place: None,
        av_error: None,
    }
}

/// The error of a reply that is not believed.
pub(super) fn doubted(doubt: Doubt, log_tail: String, partial_outputs: Vec<String>) -> JobError {
    match doubt {
        Doubt::Reply(message) => JobError::Unverified {
            message,
            log_tail,
            partial_outputs,
        },
        Doubt::Storage(error) => storage(error, None, partial_outputs),
        Doubt::Job(error) => error.with_partial_outputs(partial_outputs),
    }
}

pub(super) fn storage(
    error: VfsError,
    message: Option<String>,
    partial_outputs: Vec<String>,
) -> JobError {
    JobError::Storage {
        error,
        message: message.filter(|m| !m.is_empty()),
        partial_outputs,
    }
}
