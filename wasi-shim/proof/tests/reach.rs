//! Random work that gets nowhere proves nothing: what the generators reach.

use std::collections::BTreeMap;

use afmpeg_wasi::preview1::SYSCALLS;
use afmpeg_wasi_proof::hostcalls::{self, Tally};
use afmpeg_wasi_proof::module_load::{self, Outcome};
use afmpeg_wasi_proof::random::Random;
use afmpeg_wasi_proof::{path_walk, trees};

#[test]
fn every_syscall_is_done_and_refused_for_most_of_its_reasons_and_no_others() {
    let mut tally = Tally::new();
    let mut random = Random::new(7);
    for _ in 0..600 {
        hostcalls::count(&random.input(&[], 2_048), &mut tally);
    }
    let count = |name: &'static str, how: &'static str| {
        let times = tally.get(&(name, how)).copied();
        times.unwrap_or(0)
    };
    for syscall in SYSCALLS {
        let name = syscall.name;
        let goal = match name {
            "proc_exit" => "ended",
            name if name.starts_with("sock_") => "notsock",
            _ => "done",
        };
        assert!(
            count(name, goal) >= 5,
            "{name} is {goal} {} times",
            count(name, goal)
        );
        let takes_pointer = !["fd_close", "fd_renumber", "fd_sync", "fd_datasync"].contains(&name)
            && ["_get", "path_", "read", "write", "poll"]
                .iter()
                .any(|part| name.contains(part));
        assert!(
            !takes_pointer || count(name, "fault") > 0,
            "{name} has no bad pointer"
        );
    }
    // `proc_exit`, signals and limits end the run; an injected fault is `io`, and a filesystem has its own.
    let documented = include_str!("../../../docs/preview1.md");
    for (name, how) in tally.keys() {
        let row = documented
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")));
        let listed = row.unwrap_or_default().split([' ', ',']);
        // The programs in C that the table is made from have no path with a NUL.
        let is_path = name.starts_with("path_") && *how == "inval";
        let known = ["done", "ended", "io", "fbig", "nospc", "rofs", "xdev"].contains(how)
            || *name == "fd_write" && how.ends_with("written_bytes")
            || *name == "fd_pwrite" && *how == "written_bytes";
        assert!(
            known || is_path || listed.into_iter().any(|word| word == *how),
            "{name} answers {how}, which is not documented"
        );
    }
    for (name, errnos) in [
        (
            "path_open",
            &[
                "exist",
                "isdir",
                "loop",
                "mfile",
                "noent",
                "notcapable",
                "notdir",
                "perm",
                "rofs",
                "inval",
                "ilseq",
                "io",
            ][..],
        ),
        (
            "path_rename",
            &[
                "busy", "inval", "isdir", "noent", "notdir", "notempty", "perm", "rofs", "xdev",
            ],
        ),
        (
            "path_link",
            &["exist", "noent", "notdir", "perm", "rofs", "xdev"],
        ),
        (
            "path_symlink",
            &["exist", "noent", "notdir", "perm", "rofs", "inval"],
        ),
        ("path_readlink", &["inval", "noent", "notdir"]),
        (
            "path_remove_directory",
            &["noent", "notdir", "notempty", "rofs"],
        ),
        ("path_unlink_file", &["isdir", "noent", "notdir", "rofs"]),
        (
            "fd_write",
            &[
                "badf",
                "notcapable",
                "inval",
                "io",
                "nospc",
                "written_bytes",
                "text_written_bytes",
            ],
        ),
        ("fd_pwrite", &["spipe", "fbig", "inval", "written_bytes"]),
        ("fd_sync", &["io"]),
        ("fd_datasync", &["io"]),
        ("path_create_directory", &["nospc"]),
        ("fd_seek", &["badf", "inval", "spipe", "notcapable"]),
        ("fd_allocate", &["badf", "inval", "notcapable"]),
        ("fd_filestat_set_times", &["inval", "notcapable", "rofs"]),
    ] {
        for errno in errnos {
            assert!(count(name, errno) > 0, "{name} is never refused as {errno}");
        }
    }
}

#[test]
fn trees_are_made_to_fail() {
    let mut random = Random::new(7);
    let mut met = [0, 0];
    for _ in 0..20 {
        met[0] += path_walk::faults(&random.input(&[], 1_024));
        met[1] += trees::memfs_faults(&random.input(&[], 2_048));
    }
    assert!(met.iter().all(|faults| *faults > 20), "{met:?}");
}

#[test]
fn modules_are_refused_run_and_trap() {
    let mut outcomes: BTreeMap<Outcome, u64> = BTreeMap::new();
    let mut random = Random::new(7);
    for _ in 0..300 {
        let input = random.input(&[], 4_096);
        *outcomes.entry(module_load::outcome(&input)).or_default() += 1;
    }
    for outcome in [
        Outcome::Refused,
        Outcome::NotStarted,
        Outcome::Exited,
        Outcome::Trapped,
        Outcome::OutOfLimits,
    ] {
        let times = outcomes.get(&outcome).copied().unwrap_or(0);
        assert!(times >= 1, "{outcome:?} {times} times: {outcomes:?}");
    }
}
