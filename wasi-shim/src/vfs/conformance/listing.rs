//! Listing a directory, also while it changes.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::{list, make_dir, name, put, works};
use crate::vfs::{Cookie, Dir, DirEntry, FileType};

pub(super) const CHECKS: [fn(Arc<dyn Dir>); 6] = [
    a_listing_has_every_entry_once,
    every_cookie_resumes_after_its_entry,
    changes_neither_hide_nor_repeat_what_stays,
    a_place_outlives_its_entry_and_its_neighbours,
    cookies_never_given_out_are_harmless,
    the_visitor_may_use_the_directory,
];

fn a_listing_has_every_entry_once(root: Arc<dyn Dir>) {
    assert!(
        list(&*root, Cookie::START).is_empty(),
        "an empty directory lists nothing"
    );
    make_dir(&*root, "d");
    put(&*root, "f", b"");
    let found: BTreeMap<_, _> = list(&*root, Cookie::START)
        .into_iter()
        .map(|entry| (entry.name.clone(), entry))
        .collect();
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        ["d", "f"],
        "neither more nor `.` and `..`"
    );
    assert_eq!(found["d"].file_type, FileType::Directory);
    assert_eq!(found["f"].file_type, FileType::RegularFile);
    for (text, entry) in &found {
        assert_eq!(
            entry.ino,
            works(root.stat_at(name(text)), "attributes").ino,
            "{text}"
        );
        assert_ne!(
            entry.next,
            Cookie::START,
            "the start is no place after an entry"
        );
    }
}

fn every_cookie_resumes_after_its_entry(root: Arc<dyn Dir>) {
    for number in 0..100 {
        put(&*root, &format!("f{number}"), b"");
    }
    let all = list(&*root, Cookie::START);
    assert_eq!(all.len(), 100);
    for (index, entry) in all.iter().enumerate() {
        assert_eq!(
            list(&*root, entry.next),
            all[index + 1..],
            "after entry {index}"
        );
    }
    assert_eq!(
        step(&*root, Cookie::START, 7),
        all[..7],
        "a visitor can stop"
    );
}

fn changes_neither_hide_nor_repeat_what_stays(root: Arc<dyn Dir>) {
    for number in 0..60 {
        put(&*root, &format!("old{number}"), b"");
    }
    let planned = list(&*root, Cookie::START);
    let stays = |text: &str| {
        text.strip_prefix("old")
            .and_then(|n| n.parse::<u32>().ok())
            .is_some_and(|n| n % 3 == 0)
    };
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut at = Cookie::START;
    for round in 0.. {
        let batch = step(&*root, at, 4);
        let Some(last) = batch.last() else { break };
        at = last.next;
        for entry in batch {
            *seen.entry(entry.name).or_default() += 1;
        }
        assert!(round < 200, "a listing ends although entries are added");
        if round < 15 {
            put(&*root, &format!("new{round}"), b"");
            let doomed = planned
                .iter()
                .skip(round * 4)
                .take(4)
                .filter(|e| !stays(&e.name));
            for entry in doomed {
                works(root.remove_file(name(&entry.name)), "removing");
            }
        }
    }
    for entry in planned.iter().filter(|entry| stays(&entry.name)) {
        assert_eq!(
            seen.get(&entry.name),
            Some(&1),
            "{} was there all the time",
            entry.name
        );
    }
    for (text, times) in seen {
        assert_eq!(times, 1, "{text} was listed more than once");
    }
}

fn a_place_outlives_its_entry_and_its_neighbours(root: Arc<dyn Dir>) {
    for number in 0..40 {
        put(&*root, &format!("f{number}"), b"");
    }
    let all = list(&*root, Cookie::START);
    let mut stay: Vec<&str> = Vec::new();
    for (index, entry) in all.iter().enumerate() {
        if index % 4 == 0 {
            stay.push(&entry.name);
        } else {
            works(root.remove_file(name(&entry.name)), "removing");
        }
        put(&*root, &format!("new{index}"), b"");
    }
    for (index, entry) in all.iter().enumerate() {
        let rest: Vec<_> = list(&*root, entry.next)
            .into_iter()
            .map(|entry| entry.name)
            .filter(|text| stay.contains(&text.as_str()))
            .collect();
        assert_eq!(rest, stay[index / 4 + 1..], "after entry {index}");
    }
}

fn cookies_never_given_out_are_harmless(root: Arc<dyn Dir>) {
    for number in 0..10 {
        put(&*root, &format!("f{number}"), b"");
    }
    for cookie in [
        1,
        2,
        9,
        10,
        11,
        1 << 32,
        i64::MAX as u64,
        u64::MAX - 1,
        u64::MAX,
    ] {
        let listed = list(&*root, Cookie(cookie));
        assert!(listed.len() <= 10, "cookie {cookie}");
    }
    let other = make_dir(&*root, "d");
    let foreign = list(&*root, Cookie::START)
        .pop()
        .expect("the root has entries")
        .next;
    assert!(
        list(&*other, foreign).is_empty(),
        "an empty directory from a foreign cookie"
    );
}

fn the_visitor_may_use_the_directory(root: Arc<dyn Dir>) {
    for number in 0..20 {
        put(&*root, &format!("f{number}"), b"");
    }
    let listed = root.read_dir(Cookie::START, &mut |entry| {
        works(
            root.stat_at(name(&entry.name)),
            "attributes during a listing",
        );
        works(
            root.remove_file(name(&entry.name)),
            "removing during a listing",
        );
        ControlFlow::Continue(())
    });
    works(listed, "a listing whose visitor removes what it sees");
    assert!(list(&*root, Cookie::START).is_empty());
}

/// The next entries, at most `count`.
fn step(dir: &dyn Dir, from: Cookie, count: usize) -> Vec<DirEntry> {
    let mut found = Vec::new();
    let listed = dir.read_dir(from, &mut |entry| {
        found.push(entry);
        if found.len() < count {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    works(listed, "listing");
    assert!(
        found.len() <= count,
        "a visitor that broke off is not called again"
    );
    found
}
