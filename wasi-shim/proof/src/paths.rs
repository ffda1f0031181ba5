//! Paths as a hostile guest writes them.

use crate::choices::Choices;

/// The names that a tree of the tests has at first, and some that are like them.
pub const NAMES: [&str; 26] = [
    "a", "b", "d", "e", "f", "l", "ld", "loop", "up", "out", "dangling", "abs", "slash", "n1",
    "n2", "A", "\u{e9}", "e\u{301}", "CON", "a:b", "...", "outside", "new", ".wh.a", ".hidden",
    "a b",
];

/// One component, an odd one sometimes.
pub fn name(choices: &mut Choices<'_>) -> String {
    match choices.below(40) {
        0 => "n".repeat(255),
        1 => "n".repeat(256),
        2 => "\u{e9}".repeat(128),
        3 => "a\\..\\b".to_owned(),
        _ => choices.pick(&NAMES).to_owned(),
    }
}

/// Paths that lead to what there is at first, in the trees of the tests.
const KNOWN: [&str; 12] = [
    "a", "b", "d", "d/f", "d/e", "l", "ld", "ld/f", "up", "loop", "dangling", "d/up",
];
/// Names that come and go.
const COMMON: [&str; 7] = ["a", "b", "d", "e", "f", "n1", "n2"];

/// The text of a path. A hostile one is made to lead astray.
pub fn path(choices: &mut Choices<'_>, hostile: bool) -> Vec<u8> {
    if !hostile || choices.below(2) == 0 {
        let mut text = match choices.below(4) {
            0 => choices.pick(&KNOWN).to_owned(),
            1 => format!("d/{}", choices.pick(&COMMON)),
            2 => format!("{}/{}", choices.pick(&COMMON), choices.pick(&COMMON)),
            _ => choices.pick(&COMMON).to_owned(),
        };
        if choices.once_in(8) {
            text.push('/');
        }
        return text.into_bytes();
    }
    match choices.below(48) {
        0 => return Vec::new(),
        1 => return b"/".to_vec(),
        2 => return b".".to_vec(),
        3 => return b"..".to_vec(),
        4 => return b"a\0b".to_vec(),
        5 => return b"a\xff".to_vec(),
        6 => return b"d/./".repeat(choices.index(20_000)),
        7 => return b"ld/../".repeat(choices.index(60)),
        8 => return vec![b'n'; (64 << 10) + 1],
        9 => return [&b"d/../".repeat(13_107)[..], b"a"].concat(),
        _ => {}
    }
    let mut text = String::new();
    if choices.once_in(24) {
        text.push('/');
    }
    for component in 0..=choices.below(4) {
        if component > 0 {
            text.push_str(choices.pick(&["/", "/", "/", "/", "/", "//", "/./", "/../"]));
        }
        match choices.below(16) {
            0 | 1 => text.push_str(".."),
            2 => text.push('.'),
            3..=7 => text.push_str(choices.pick(&COMMON)),
            8..=11 => text.push_str(choices.pick(&KNOWN)),
            _ => text.push_str(&name(choices)),
        }
    }
    text.push_str(choices.pick(&["", "", "", "/", "//", "/.", "/..", "\0"]));
    text.into_bytes()
}
