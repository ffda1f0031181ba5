//! Random modules do the same lifted and interpreted.

use std::ops::Range;

use afmpeg_lift_proof::harness::Build;
use afmpeg_lift_proof::random::{Outcome, Sample};

fn compare(name: &str, seeds: Range<u64>, build: Build) -> Outcome {
    let sample = Sample::new(seeds);
    let outcome = sample
        .run(name, build)
        .expect("what is lifted compiles and runs");
    let differences: Vec<_> = outcome.differences.iter().take(20).collect();
    assert!(
        differences.is_empty(),
        "{} differ: {differences:#?}",
        outcome.differences.len()
    );
    outcome
}

/// A thousand seeds give some seven hundred modules; each batch is one program.
fn thousand(first: u64) {
    let outcome = compare(
        &format!("random-{first}"),
        first..first + 1_000,
        Build::Debug,
    );
    // A sample in which nothing gets anywhere proves nothing.
    assert!(outcome.modules > 600, "{outcome:?}");
    assert!(outcome.returned > 5_000, "{outcome:?}");
    for kind in [
        "memory",
        "table",
        "null",
        "division",
        "overflow",
        "conversion",
        "unreachable",
    ] {
        assert!(outcome.trapped.contains_key(kind), "{kind}: {outcome:?}");
    }
}

#[test]
fn random_modules_do_the_same_lifted() {
    thousand(0);
}

#[test]
#[ignore = "as the first thousand: cargo test -p afmpeg-lift-proof --test random -- --ignored"]
fn more_random_modules_do_the_same_lifted() {
    thousand(1_000);
}

#[test]
#[ignore = "as the first thousand: cargo test -p afmpeg-lift-proof --test random -- --ignored"]
fn yet_more_random_modules_do_the_same_lifted() {
    thousand(2_000);
}

#[test]
fn random_modules_do_the_same_lifted_and_optimised() {
    let outcome = compare("random-optimised", 3_000..3_150, Build::Release);
    assert!(outcome.modules > 80, "{outcome:?}");
    assert!(outcome.returned > 500, "{outcome:?}");
}
