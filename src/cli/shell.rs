//! `afmpeg completions` and `afmpeg man`: the command line, for shells and for readers.

use clap::CommandFactory as _;
use serde_json::json;

use super::args::{Cli, Completions, Global, Man};
use super::report;
use super::status::Failure;

/// Prints a shell's completions.
pub(crate) fn completions(global: &Global, args: &Completions) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "afmpeg", &mut text);
    document(global, "completions", &text)
}

/// Prints a manual page in the notation of man(7).
pub(crate) fn man(global: &Global, args: &Man) -> Result<(), Failure> {
    let mut command = Cli::command();
    // Verbs get the options of every command when it is built.
    command.build();
    let page = match &args.verb {
        None => command,
        Some(name) => {
            let verb = command.find_subcommand(name).cloned();
            let verb = verb.ok_or_else(|| Failure::usage(format!("there is no command {name}")))?;
            verb.display_name(format!("afmpeg-{name}"))
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|error| Failure::failed(format!("cannot write the manual page: {error}")))?;
    document(global, "page", &text)
}

/// Prints a text, for machines as the one field of an object.
fn document(global: &Global, name: &str, text: &[u8]) -> Result<(), Failure> {
    let text = String::from_utf8_lossy(text);
    if global.json {
        return report::json(&json!({ name: text }));
    }
    report::print(&text)
}
