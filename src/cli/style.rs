//! Colour: only where a terminal shows it and its user wants it.

use std::ffi::OsString;
use std::io::IsTerminal as _;

/// What a coloured word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
    Warning,
}

/// A stream of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Error,
}

/// `text` as it is to be written to a stream: coloured, or as it is.
pub(crate) fn paint(stream: Stream, tone: Tone, text: &str) -> String {
    let terminal = match stream {
        Stream::Out => std::io::stdout().is_terminal(),
        Stream::Error => std::io::stderr().is_terminal(),
    };
    if is_wanted(terminal, |name| std::env::var_os(name)) {
        let code = match tone {
            Tone::Good => 32,
            Tone::Bad => 31,
            Tone::Warning => 33,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

/// `NO_COLOR` forbids colours (no-color.org), `CLICOLOR_FORCE` asks for them everywhere, `CLICOLOR=0` forbids them
/// (bixense.com/clicolors); without these they are for terminals that say what they are.
fn is_wanted(terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if set("NO_COLOR").is_some() {
        return false;
    }
    if let Some(force) = set("CLICOLOR_FORCE") {
        return force != "0";
    }
    if set("CLICOLOR").is_some_and(|value| value == "0") {
        return false;
    }
    // An older console of Windows shows the codes themselves; those that do not set one of these.
    let capable = match set("TERM") {
        Some(kind) => kind != "dumb",
        None => set("WT_SESSION").is_some(),
    };
    terminal && capable
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(terminal: bool, variables: &[(&str, &str)]) -> bool {
        is_wanted(terminal, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn only_terminals_get_colours_unless_the_user_says_otherwise() {
        let xterm = ("TERM", "xterm-256color");
        for (terminal, variables, expected) in [
            (true, vec![xterm], true),
            (false, vec![xterm], false),
            (true, vec![("TERM", "dumb")], false),
            (true, vec![], false),
            (true, vec![("WT_SESSION", "id")], true),
            (true, vec![xterm, ("NO_COLOR", "1")], false),
            (true, vec![xterm, ("NO_COLOR", "")], true),
            (true, vec![xterm, ("CLICOLOR", "0")], false),
            (false, vec![("CLICOLOR_FORCE", "1")], true),
            (true, vec![xterm, ("CLICOLOR_FORCE", "0")], false),
            (
                false,
                vec![("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
                false,
            ),
        ] {
            assert_eq!(
                wanted(terminal, &variables),
                expected,
                "{terminal} {variables:?}"
            );
        }
    }
}
