//! Setting times.

use std::sync::Arc;

use super::{fails, make_dir, name, put, works};
use crate::errno::Errno;
use crate::vfs::{Dir, SetTimes, Stat};

pub(super) const CHECKS: [fn(Arc<dyn Dir>); 2] =
    [times_are_set_one_by_one, extreme_times_break_nothing];

/// Whole seconds: some filesystems keep no more.
const SECOND: u64 = 1_000_000_000;

fn times_of(stat: Stat) -> (u64, u64) {
    (stat.atim, stat.mtim)
}

fn times_are_set_one_by_one(root: Arc<dyn Dir>) {
    let file = put(&*root, "f", b"abc");
    let both = SetTimes {
        atim: Some(1_111 * SECOND),
        mtim: Some(2_222 * SECOND),
    };
    works(root.set_times_at(name("f"), both), "setting both times");
    let by_name = || times_of(works(root.stat_at(name("f")), "attributes"));
    assert_eq!(by_name(), (1_111 * SECOND, 2_222 * SECOND));
    works(
        file.set_times(SetTimes {
            atim: None,
            mtim: Some(SECOND),
        }),
        "setting one time",
    );
    assert_eq!(by_name(), (1_111 * SECOND, SECOND));
    works(
        file.set_times(SetTimes {
            atim: Some(SECOND),
            mtim: None,
        }),
        "setting the other",
    );
    assert_eq!(by_name(), (SECOND, SECOND));
    works(file.set_times(SetTimes::default()), "setting no time");
    assert_eq!(by_name(), (SECOND, SECOND));

    let dir = make_dir(&*root, "d");
    works(dir.set_times(both), "setting the times of a directory");
    let by_name = works(root.stat_at(name("d")), "attributes");
    assert_eq!(times_of(by_name), (1_111 * SECOND, 2_222 * SECOND));
    fails(
        root.set_times_at(name("none"), both),
        Errno::Noent,
        "the times of nothing",
    );
    // Random work found a host that does not look for the name when no time is to be set.
    fails(
        root.set_times_at(name("none"), SetTimes::default()),
        Errno::Noent,
        "no times of nothing",
    );
}

fn extreme_times_break_nothing(root: Arc<dyn Dir>) {
    put(&*root, "f", b"abc");
    for time in [0, 1, i64::MAX as u64, 1 << 63, u64::MAX] {
        let both = SetTimes {
            atim: Some(time),
            mtim: Some(time),
        };
        // What the backend cannot hold it may refuse or clamp.
        let _ = root.set_times_at(name("f"), both);
        works(root.stat_at(name("f")), "attributes after an extreme time");
    }
}
