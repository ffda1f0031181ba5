//! C programs of many cases that call every function of preview1 and say what each gives, over every
//! filesystem that can be written: each case is the same on all of them.

#[allow(dead_code, reason = "each test program uses a part of it")]
mod common;

use std::collections::BTreeSet;
use std::fs;

use afmpeg_wasi::Stop;
use common::cases::{PROGRAMS, cases, lines, load, wasi};
use common::run;
use common::trees::Tree;

/// A pair of a function and what it gave.
type Seen = BTreeSet<(String, String)>;

/// Runs every case of a program, each over a new tree.
fn run_cases(
    (name, least): (&str, usize),
    tree: fn() -> Tree,
    seen: &mut Seen,
    failures: &mut Vec<String>,
) {
    let program = load(name);
    for case in cases(&program, name, least) {
        let tree = tree();
        let (stop, wasi) = run(&program, wasi(&tree, name, &[&case, "", "a b\"c"]));
        if !matches!(stop, Stop::Exit(0)) {
            let text = String::from_utf8_lossy(wasi.stderr()).into_owned();
            failures.push(format!("{name}.c, {case}: {stop}: {text}"));
        }
        for line in lines(wasi.stdout()) {
            if let Some((function, errno)) = line.split_once(' ') {
                seen.insert((function.to_owned(), errno.to_owned()));
            }
        }
    }
}

fn run_all(tree: fn() -> Tree) -> Seen {
    let mut seen = Seen::new();
    let mut failures = Vec::new();
    for program in PROGRAMS {
        run_cases(program, tree, &mut seen, &mut failures);
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    seen
}

/// The rows of the table in the documentation: a function, and what it gives.
fn documented() -> Seen {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/preview1.md");
    let text = fs::read_to_string(path).expect("the page is in the repository");
    let rows = text.lines().filter_map(|line| {
        let (function, errnos) = line.strip_prefix("| `")?.split_once("` | ")?;
        Some((function.to_owned(), errnos.trim_end_matches('|').to_owned()))
    });
    rows.flat_map(|(function, errnos)| {
        let words: Vec<String> = errnos.split([' ', ',']).map(str::to_owned).collect();
        let errnos = words.into_iter().filter(|word| !word.is_empty());
        errnos.map(move |errno| (function.clone(), errno))
    })
    .collect()
}

#[test]
fn over_memory_where_all_that_is_documented_is_seen() {
    let seen = run_all(Tree::in_memory);
    let (documented, mut wrong) = (documented(), Vec::new());
    for (function, errno) in seen.symmetric_difference(&documented) {
        wrong.push(format!("{function} {errno}"));
    }
    assert!(wrong.is_empty(), "only seen or only in the docs: {wrong:?}");
}

#[test]
fn over_a_directory_of_the_host() {
    run_all(Tree::of_the_host);
}

#[test]
fn over_an_overlay() {
    run_all(Tree::overlay);
}

#[test]
fn over_a_part_of_a_tree() {
    run_all(Tree::subdir);
}

#[test]
fn over_a_tree_with_a_quota() {
    run_all(Tree::with_quota);
}

#[test]
fn over_a_mount() {
    run_all(Tree::mount);
}
