//! The question that a module is asked before its first job: which vocabulary does it speak?

use std::sync::OnceLock;
use std::time::Duration;

use afmpeg_wasi::{LimitKind, Limits, Output, Stdin, Stop};

use super::Inner;
use super::execute::{Control, NotStarted, Sees, Setup, execute, moment};
use crate::engine::Engine;
use crate::error::JobError;
use crate::job::VOCABULARY;
use crate::report::EngineInfo;

/// What the module answered, for good: what it is, or how it showed that it is no engine.
pub(super) type Vocabulary = Result<EngineInfo, String>;

/// Answered by every version of the vocabulary, since it carries no version of its own.
const QUESTION: &str = r#"{"op":"version"}"#;

/// An engine answers within a fraction of a second; a module that has not by then is asked again by
/// the next job.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most bytes of an answer that are read.
const MAX_ANSWER: u64 = 64 << 10;

/// The custom section in which an engine carries its answer, written when it is built.
const SECTION: &str = "afmpeg.version";

/// The answer that the engine carries with it, if it does.
pub(super) fn known(engine: &Engine) -> OnceLock<Vocabulary> {
    let carried = engine.custom_section(SECTION);
    let info = carried.and_then(|text| serde_json::from_slice(text).ok());
    info.map_or_else(OnceLock::new, |info| OnceLock::from(Ok(info)))
}

/// What the module speaks, without any outside condition.
pub(super) fn vocabulary(inner: &Inner) -> Option<Result<&EngineInfo, &String>> {
    let control = Control {
        limits: Limits::default(),
        cancel: afmpeg_wasi::CancelToken::new(),
        deadline: None,
        seed: None,
    };
    ask(inner, &control).ok().map(Result::as_ref)
}

/// The engine's answer, if the module is an engine that knows version `needs` of the vocabulary.
pub(super) fn require<'a>(
    inner: &'a Inner,
    control: &Control,
    needs: u32,
) -> Result<&'a EngineInfo, JobError> {
    match ask(inner, control)? {
        Ok(info) if info.vocab_version < needs => Err(JobError::EngineTooOld {
            has: info.vocab_version,
            needs,
        }),
        Ok(info) => Ok(info),
        Err(reason) => Err(JobError::NotAnEngine {
            reason: reason.clone(),
        }),
    }
}

/// Asks, or remembers the answer. Jobs that come at the same time may each ask; none waits for
/// another. An interruption, a lack of memory and a lack of time are no answers and are not
/// remembered.
fn ask<'a>(inner: &'a Inner, control: &Control) -> Result<&'a Vocabulary, JobError> {
    if let Some(known) = inner.vocabulary.get() {
        return Ok(known);
    }
    // The module sees no file, and gets no more memory than the caller allows for the job. The
    // other limits of the job are not meant for this.
    let mut limits = Limits::default();
    limits.memory_bytes = control.limits.memory_bytes;
    limits.table_elements = control.limits.table_elements;
    limits.wall_time = None;
    limits.text_bytes = MAX_ANSWER;
    let own = moment(PATIENCE);
    let deadline = match (own, control.deadline) {
        (Some(own), Some(job)) => Some(own.min(job)),
        (one, other) => one.or(other),
    };
    let run = execute(
        inner.program.as_ref(),
        Setup {
            args: vec![super::PROGRAM.into(), QUESTION.into()],
            env: Vec::new(),
            sees: Sees::Nothing,
            stdin: Stdin::Empty,
            stdout: Output::Capture,
            stderr: Output::Discard,
            progress: None,
            log: None,
            control: Control {
                limits,
                cancel: control.cancel.clone(),
                deadline,
                seed: Some(0),
            },
        },
    );
    let answer = match run {
        Err(NotStarted::Start(error)) => return Err(super::outcome::not_started(error)),
        Err(NotStarted::Build(error)) => return Err(JobError::Host(Box::new(error))),
        Ok(run) => match run.stop {
            Stop::Cancelled => {
                return Err(JobError::Cancelled {
                    partial_outputs: Vec::new(),
                });
            }
            Stop::DeadlineExceeded if deadline == control.deadline => {
                return Err(JobError::DeadlineExceeded {
                    partial_outputs: Vec::new(),
                });
            }
            Stop::Host(error) => return Err(JobError::Host(error)),
            // Slow is not wrong: the host may have been suspended or overloaded meanwhile.
            Stop::DeadlineExceeded => {
                return Err(JobError::NotAnEngine {
                    reason: format!(
                        "asked for its vocabulary, the module did not answer within {} s",
                        PATIENCE.as_secs()
                    ),
                });
            }
            Stop::Exit(0) => read(&run.stdout),
            // Whichever way it gave up: with more memory it may answer.
            _ if run.memory_denied => {
                return Err(JobError::Limit {
                    kind: LimitKind::Memory,
                    detail: None,
                    log_tail: String::new(),
                    partial_outputs: Vec::new(),
                });
            }
            stop => Err(format!(
                "asked for its vocabulary, the module did not answer: {stop}"
            )),
        },
    };
    Ok(inner.vocabulary.get_or_init(|| answer))
}

fn read(reply: &[u8]) -> Vocabulary {
    serde_json::from_slice(reply).map_err(|error| {
        format!(
            "asked for its vocabulary (it must know version {VOCABULARY}), the module answered \
             something else: {error}"
        )
    })
}
