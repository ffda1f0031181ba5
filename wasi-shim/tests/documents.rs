//! Documents that name things in the source are held to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use afmpeg_wasi::vfs::Quota;
use afmpeg_wasi::{LimitKind, Limits};

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

/// The cells of the tables of a page, without their headings.
fn rows(page: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join(page)).expect("the page is in the repository");
    let lines = text.lines().filter(|line| line.starts_with('|'));
    let mut rows: Vec<Vec<String>> = lines
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect();
    rows.drain(..2);
    rows
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// A number as people read it.
fn grouped(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1_000), number % 1_000),
    }
}

fn bytes(number: u64) -> String {
    match number {
        number if number.is_multiple_of(1 << 30) => format!("{} GiB", number >> 30),
        number => format!("{} MiB", number >> 20),
    }
}

#[test]
fn the_page_of_limits_has_them_all_with_their_defaults_and_tests() {
    let Limits {
        memory_bytes,
        table_elements,
        wall_time,
        fuel,
        open_files,
        text_bytes,
        text_written_bytes,
        written_bytes,
        tmp_bytes,
        path_depth,
        ..
    } = Limits::default();
    let or_none = |bytes_: Option<u64>| bytes_.map_or("none".to_owned(), bytes);
    let hours = |time: std::time::Duration| format!("{} h", time.as_secs() / 3_600);
    let defaults = [
        ("memory_bytes", bytes(memory_bytes)),
        ("table_elements", grouped(table_elements)),
        ("wall_time", wall_time.map_or("none".to_owned(), hours)),
        ("fuel", or_none(fuel)),
        ("open_files", grouped(open_files.into())),
        ("text_bytes", bytes(text_bytes)),
        ("text_written_bytes", or_none(text_written_bytes)),
        ("written_bytes", or_none(written_bytes)),
        ("tmp_bytes", bytes(tmp_bytes)),
        ("path_depth", grouped(path_depth.into())),
        ("Quota::nodes", grouped(Quota::default().nodes)),
    ];
    let known = functions();
    let rows = rows("docs/limits.md");
    for row in &rows {
        let [_, _, _, _, tests] = &row[..] else {
            panic!("five cells: {row:?}");
        };
        assert!(!quoted(tests).is_empty(), "{row:?} has no test");
        for name in quoted(tests) {
            assert!(known.contains(name), "{name} does not exist");
        }
    }
    for (field, default) in &defaults {
        let mut of_field = rows.iter().filter(|row| quoted(&row[1]).contains(field));
        let row = of_field
            .next()
            .unwrap_or_else(|| panic!("{field} is missing"));
        assert_eq!(row[2], *default, "{field}");
    }
    // A field that is not above is in the text that shows all of them.
    let text = format!("{:?}", Limits::default());
    let fields = text.matches(": ").count();
    assert_eq!(fields, defaults.len() - 1, "{text}");
    let kinds: Vec<String> = LimitKind::ALL
        .iter()
        .map(|kind| format!("`{kind:?}`"))
        .collect();
    let named = rows.iter().map(|row| row[0].clone());
    assert_eq!(
        named.filter(|name| !name.is_empty()).collect::<Vec<_>>(),
        kinds
    );
    for (kind, row) in LimitKind::ALL
        .iter()
        .zip(rows.iter().filter(|row| !row[0].is_empty()))
    {
        if let Some(field) = kind.field() {
            assert!(quoted(&row[1]).contains(&field), "{kind}");
        }
    }
}
