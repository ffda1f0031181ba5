//! Documents that name things in the source are held to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every function that the sources and the C programs of the tests have, by name.
fn functions() -> BTreeSet<String> {
    let root = root();
    let mut found = BTreeSet::new();
    let mut directories = vec![];
    for room in ["src", "tests", "wasi-shim", "lift"] {
        directories.push(root.join(room));
    }
    while let Some(directory) = directories.pop() {
        let entries = fs::read_dir(&directory).expect("the sources are here");
        for path in entries.map(|entry| entry.expect("it can be listed").path()) {
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let marks: &[&str] = match path.extension().and_then(|extension| extension.to_str()) {
                Some("rs") => &["fn "],
                Some("c") => &["static void "],
                _ => continue,
            };
            let text = fs::read_to_string(&path).expect("sources are text");
            for mark in marks {
                for (at, _) in text.match_indices(mark) {
                    let rest = &text[at + mark.len()..];
                    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
                    found.insert(rest[..end.unwrap_or(rest.len())].to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn every_line_of_hostile_inputs_has_tests_that_exist() {
    let text = fs::read_to_string(root().join("docs/hostile-inputs.md"))
        .expect("the page is in the repository");
    let known = functions();
    let mut lines = Vec::new();
    for row in text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| |"))
    {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, line, _, tests, _] = cells[..] else {
            panic!("three cells: {row}");
        };
        let names: Vec<&str> = tests
            .split(", ")
            .map(|name| name.trim_matches('`'))
            .collect();
        assert!(
            !names.is_empty() && !names[0].is_empty(),
            "{line} has no test"
        );
        for name in names {
            assert!(
                known.contains(name),
                "{line} names {name}, which does not exist"
            );
        }
        lines.push(line.to_owned());
    }
    let expected = [('A', 7), ('B', 4), ('C', 4), ('D', 7), ('E', 3), ('F', 10)];
    let expected = expected
        .into_iter()
        .flat_map(|(part, count)| (1..=count).map(move |number| format!("{part}{number}")));
    assert_eq!(lines, expected.collect::<Vec<_>>());
}
