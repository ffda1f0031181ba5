//! Reads a component list (`engine/components/*.txt`): what configure is asked for and the engine
//! must report.
// Nothing but the standard library here: the capability test includes this file as well.

use std::fmt;

/// The kinds that a list may name, as configure writes them.
pub(crate) const KINDS: [&str; 9] = [
    "decoder", "encoder", "demuxer", "indev", "muxer", "parser", "bsf", "filter", "protocol",
];

/// One line of a component list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Component {
    /// One of [`KINDS`].
    pub(crate) kind: &'static str,
    /// The name at run time: what a user writes, and what the engine reports.
    pub(crate) name: String,
    /// The name that FFmpeg's configure knows it by.
    pub(crate) configure_name: String,
}

impl Component {
    /// The macro that `config_components.h` defines as 1 when the component is in the build.
    pub(crate) fn macro_name(&self) -> String {
        format!("CONFIG_{}_{}", self.configure_name, self.kind).to_uppercase()
    }
}

/// Why a list cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ListError {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong with it.
    pub(crate) problem: String,
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for ListError {}

/// Reads the whole list, in its order.
///
/// # Errors
/// A kind that FFmpeg does not have, a component before the first kind, a third word, or a component
/// twice.
pub(crate) fn parse(text: &str) -> Result<Vec<Component>, ListError> {
    let mut kind = None;
    let mut components: Vec<Component> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let fail = |problem: String| ListError {
            line: index + 1,
            problem,
        };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(section) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            let known = KINDS.into_iter().find(|known| *known == section);
            kind = Some(known.ok_or_else(|| fail(format!("unknown kind `{section}`")))?);
            continue;
        }
        let kind = kind.ok_or_else(|| fail(format!("`{line}` stands before the first [kind]")))?;
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default().to_owned();
        let configure_name = words.next().unwrap_or(&name).to_owned();
        if let Some(word) = words.next() {
            return Err(fail(format!("unexpected third word `{word}`")));
        }
        for word in [&name, &configure_name] {
            let is_name = word.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-".contains(&byte)
            });
            if !is_name || word.starts_with('-') {
                return Err(fail(format!("`{word}` is not the name of a component")));
            }
        }
        if components
            .iter()
            .any(|other| other.kind == kind && other.name == name)
        {
            return Err(fail(format!("the {kind} `{name}` is listed twice")));
        }
        components.push(Component {
            kind,
            name,
            configure_name,
        });
    }
    Ok(components)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_gives_kinds_names_and_configure_names() {
        let list = parse("# a comment\n[muxer]\nmp4\ns16le pcm_s16le\n\n[filter]\nnull\n")
            .expect("it is right");
        let found: Vec<_> = list
            .iter()
            .map(|c| (c.kind, c.name.as_str(), c.configure_name.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("muxer", "mp4", "mp4"),
                ("muxer", "s16le", "pcm_s16le"),
                ("filter", "null", "null")
            ]
        );
        assert_eq!(list[1].macro_name(), "CONFIG_PCM_S16LE_MUXER");
    }

    #[test]
    fn what_is_wrong_with_a_list_is_named_with_its_line() {
        for (text, line, problem) in [
            ("[codec]\n", 1, "unknown kind `codec`"),
            ("\nh264\n", 2, "`h264` stands before the first [kind]"),
            ("[muxer]\na b c\n", 2, "unexpected third word `c`"),
            ("[muxer]\nmp4\nmp4\n", 3, "the muxer `mp4` is listed twice"),
            (
                "[muxer]\n--enable-gpl\n",
                2,
                "`--enable-gpl` is not the name of a component",
            ),
        ] {
            assert_eq!(
                parse(text),
                Err(ListError {
                    line,
                    problem: problem.to_owned()
                })
            );
        }
    }

    #[test]
    fn every_list_is_well_formed_and_none_repeats_another() {
        let lists = [
            include_str!("../../../engine/components/lean.txt"),
            include_str!("../../../engine/components/full.txt"),
            include_str!("../../../engine/components/gpl.txt"),
        ];
        let mut all: Vec<Component> = Vec::new();
        for list in lists {
            for component in parse(list).expect("the list is well formed") {
                let twice = |other: &Component| {
                    (other.kind, &other.name) == (component.kind, &component.name)
                };
                assert!(!all.iter().any(twice), "{component:?} is in two lists");
                all.push(component);
            }
        }
        assert!(all.len() > 1500, "{} components", all.len());
    }

    #[test]
    fn the_lean_list_is_well_formed_and_has_what_the_demo_needs() {
        let list = parse(include_str!("../../../engine/components/lean.txt"))
            .expect("the list is well formed");
        for (kind, name) in [
            ("decoder", "h264"),
            ("encoder", "libopenh264"),
            ("muxer", "mp4"),
            ("filter", "testsrc2"),
        ] {
            assert!(
                list.iter().any(|c| c.kind == kind && c.name == name),
                "{kind} {name}"
            );
        }
    }
}
