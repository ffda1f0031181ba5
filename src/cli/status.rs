//! Exit statuses, and the error that carries one.

use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::json;

use super::style::{Stream, Tone, paint};
use super::text;

/// What the command says to the shell. The table [`STATUSES`] documents each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Status {
    Failed = 1,
    Usage = 2,
    Engine = 3,
    Limit = 4,
    Cancelled = 130,
    Trap = 134,
}

/// Every status of the command with its meaning: the help page and the documentation's test read it.
pub(crate) const STATUSES: [(u8, &str); 7] = [
    (0, "done; every output is complete and in its place"),
    (
        1,
        "the job failed: an input, the media in it, an encoder, or an output",
    ),
    (2, "the command line or the job spec is wrong; nothing ran"),
    (3, "no engine, or one that cannot be loaded or is too old"),
    (4, "a limit was reached: memory, time, stored bytes"),
    (130, "cancelled by Ctrl-C or a termination signal"),
    (
        134,
        "run only: the module trapped; else `run` exits as its module does (255 for more than 255)",
    ),
];

/// The statuses as a paragraph of the help page.
pub(crate) fn help() -> String {
    let mut help = String::from("Exit status:\n");
    for (code, meaning) in STATUSES {
        let _ = writeln!(help, "  {code:>3}  {meaning}");
    }
    help
}

/// Why the command stops, and the status that it stops with.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Status::Usage, message)
    }

    /// What the parser says of a line: its reason and its hints on one line, without the usage that follows.
    pub(crate) fn refused(answer: &str) -> Self {
        let answer = answer.strip_prefix("error: ").unwrap_or(answer);
        let paragraphs = answer.split("\n\n").map(str::trim);
        let said = paragraphs
            .take_while(|text| !text.starts_with("Usage:") && !text.starts_with("For more"))
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        Self::usage(said.collect::<Vec<_>>().join("; "))
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Status::Failed, message)
    }

    /// Puts the name of a file in front, unless the message says it.
    pub(crate) fn about(mut self, file: &std::path::Path) -> Self {
        let name = file.display().to_string();
        if !self.message.contains(&name) {
            self.message = format!("{name}: {}", self.message);
        }
        self
    }

    /// Writes the message to standard error, for machines as a JSON object on a line.
    pub(crate) fn report(&self, as_json: bool) {
        if as_json {
            let error = json!({"error": {
                "status": self.status as u8,
                "message": self.message,
            }});
            say(&text::json(&error.to_string()));
        } else {
            let name = paint(Stream::Error, Tone::Bad, "afmpeg:");
            say(&format!("{name} {}", text::lines(&self.message)));
        }
    }
}

/// Writes a warning to standard error.
pub(crate) fn warn(message: &str) {
    let word = paint(Stream::Error, Tone::Warning, "warning:");
    say(&format!("afmpeg: {word} {}", text::one_line(message)));
}

/// Writes a line to standard error, if anybody takes it.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// An error's message with those of its sources that it does not repeat already.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !message.contains(&cause_text) {
            let _ = write!(message, ": {cause_text}");
        }
        source = cause.source();
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_status() {
        let page = include_str!("../../docs/cli.md");
        for (code, meaning) in STATUSES {
            assert!(
                page.contains(&format!("| {code} | {meaning} |")),
                "{code}: {meaning}"
            );
        }
    }

    #[test]
    fn every_status_is_in_the_table() {
        let codes = [
            Status::Failed,
            Status::Usage,
            Status::Engine,
            Status::Limit,
            Status::Cancelled,
            Status::Trap,
        ]
        .map(|status| status as u8);
        for code in codes {
            assert!(STATUSES.iter().any(|(known, _)| *known == code), "{code}");
        }
        assert_eq!(STATUSES.len(), codes.len() + 1);
    }

    #[test]
    fn the_documentation_has_the_same_table() {
        let page = include_str!("../../docs/cli.md");
        for (code, meaning) in STATUSES {
            assert!(page.contains(&format!("| {code} | {meaning} |")), "{code}");
        }
    }

    #[test]
    fn what_the_parser_says_becomes_one_line() {
        let answer = "error: unrecognized subcommand 'convrt'\n\n  tip: a similar subcommand exists: \
            'convert'\n\nUsage: afmpeg [OPTIONS]\n\nFor more information, try '--help'.\n";
        let said = Failure::refused(answer);
        assert_eq!(said.status, Status::Usage);
        assert_eq!(
            said.message,
            "unrecognized subcommand 'convrt'; tip: a similar subcommand exists: 'convert'"
        );
        let answer =
            "error: the following required arguments were not provided:\n  <OUT>\n\nUsage: x";
        assert_eq!(
            Failure::refused(answer).message,
            "the following required arguments were not provided: <OUT>"
        );
    }

    #[test]
    fn a_chain_says_each_cause_once() {
        #[derive(Debug)]
        struct Outer(std::io::Error);
        impl std::fmt::Display for Outer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("cannot open in.mp4")
            }
        }
        impl std::error::Error for Outer {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                Some(&self.0)
            }
        }
        let error = Outer(std::io::Error::other("no such file"));
        assert_eq!(chain(&error), "cannot open in.mp4: no such file");
    }
}
