//! The engine's log as messages with their level, and as text.

use std::sync::mpsc;

use afmpeg::{Input, Job, JobError, LogLevel, LogMessage, Output, Stream};

use crate::support::{fs_with, runtime};

/// A job that fails for a reason that the muxer tells in its log.
fn failing() -> (afmpeg::MemFs, Job) {
    let fs = fs_with(&["bbb.m4a"]);
    let adts = Job::new()
        .input(Input::file("/bbb.m4a"))
        .output(Output::file("/a.aac").map("0:a").audio_codec("copy"));
    runtime().process(&fs, &adts).expect("M4A to ADTS");
    let job = Job::new()
        .input(Input::file("/a.aac"))
        .output(Output::file("/out.mp4").stream(Stream::new("0:a").bitstream_filters("none")));
    (fs, job)
}

#[test]
fn messages_come_with_level_and_context_and_the_error_keeps_their_text() {
    let (fs, job) = failing();
    let (send, seen) = mpsc::channel::<LogMessage>();
    let error = runtime()
        .invocation(&fs)
        .log_messages(move |message| send.send(message).expect("it is received"))
        .process(&job)
        .expect_err("nobody takes the headers off");
    let messages: Vec<LogMessage> = seen.iter().collect();
    let told = messages
        .iter()
        .find(|m| m.level == LogLevel::Error && m.text.contains("aac_adtstoasc"))
        .unwrap_or_else(|| panic!("{messages:?}"));
    assert_eq!(told.context, "mp4");
    let JobError::Guest {
        log_tail, message, ..
    } = &error
    else {
        panic!("{error}");
    };
    assert!(message.contains("aac_adtstoasc"), "{message}");
    assert!(
        log_tail.contains(&format!("[mp4] {}", told.text)),
        "{log_tail}"
    );
}

#[test]
fn without_a_listener_for_messages_the_log_is_text() {
    let (fs, job) = failing();
    let (send, seen) = mpsc::channel::<String>();
    let error = runtime()
        .invocation(&fs)
        .log(move |line| send.send(line.to_owned()).expect("it is received"))
        .process(&job)
        .expect_err("nobody takes the headers off");
    assert!(matches!(error, JobError::Guest { .. }), "{error}");
    let lines: Vec<String> = seen.iter().collect();
    let told = |line: &String| line.starts_with("[mp4 @ ") && line.contains("aac_adtstoasc");
    assert!(lines.iter().any(told), "{lines:?}");
}

#[test]
fn a_listener_that_panics_does_not_harm_the_job() {
    let (fs, job) = failing();
    let error = runtime()
        .invocation(&fs)
        .log_messages(|_| panic!("the listener is broken"))
        .process(&job)
        .expect_err("for its own reason");
    assert!(error.to_string().contains("aac_adtstoasc"), "{error}");
}
