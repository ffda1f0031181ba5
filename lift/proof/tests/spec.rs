//! The tests of the WebAssembly specification hold for lifted modules.

use std::collections::BTreeMap;

use afmpeg_lift_proof::harness::Build;
use afmpeg_lift_proof::spec::{Plan, files};

#[test]
fn the_specification_holds() {
    let mut plan = Plan::default();
    for file in files() {
        plan.add(&file);
    }
    let program = plan
        .batch
        .build("spec", Build::Debug)
        .expect("what is lifted compiles");
    let answers = program.run(&plan.script).expect("the program runs");
    let report = plan.judge(&answers);
    let start: Vec<_> = report.failed.iter().take(50).collect();
    assert!(
        start.is_empty(),
        "{} of them do not hold, first {start:#?}",
        report.failed.len()
    );
    // The counts keep the coverage from shrinking unseen.
    let passed = [
        ("assert_exhaustion", 15),
        ("assert_invalid", 2142),
        ("assert_malformed", 719),
        ("assert_return", 45193),
        ("assert_trap", 2388),
        ("clear", 149),
        ("invoke", 152),
        ("module", 1499),
    ];
    assert_eq!(report.passed, BTreeMap::from(passed));
    let skipped = [
        ("assert_malformed: text, which is not lifted", 1090),
        ("assert_unlinkable: linking is the host's", 83),
        ("assertion on a module with an imported global", 18),
        ("assertion on a module with an imported memory", 31),
        ("assertion on a module with an imported table", 25),
        (
            "assertion on a module with externref in a function type",
            373,
        ),
        ("assertion on a module with externref in a table", 49),
        (
            "assertion on state that a module that is not lifted shares",
            41,
        ),
        ("assertion with a reference as argument or result", 61),
        ("module with an imported global", 18),
        ("module with an imported memory", 26),
        ("module with an imported table", 41),
        ("module with externref in a function type", 10),
        ("module with externref in a global", 1),
        ("module with externref in a table", 4),
        ("module with several memories, which version 3 allows", 1),
    ];
    let found = report
        .skipped
        .iter()
        .map(|(reason, count)| (reason.as_str(), *count));
    assert_eq!(found.collect::<BTreeMap<_, _>>(), BTreeMap::from(skipped));
}
