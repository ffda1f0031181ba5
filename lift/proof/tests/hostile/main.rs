//! Guests that try to get out, to hang, or to be too much: all in one program.

use std::collections::HashMap;
use std::sync::LazyLock;

use afmpeg_lift_proof::harness::{Batch, Build, Program};
use afmpeg_lift_proof::reference::Reference;
use afmpeg_lift_proof::script::{Limits, Step};

mod control;
mod jumps;
mod memory;
mod names;
mod sizes;
mod tables;

/// A guest: what the tests call it, and its text.
type Guest = (&'static str, String);

/// A call of an export with arguments, and the answer.
type Call<'a> = (&'a str, &'a [u64], &'a str);

const NO_LIMITS: Limits = Limits {
    work: None,
    pages: None,
    deadline: None,
};

struct World {
    program: Program,
    guests: HashMap<&'static str, (usize, Vec<u8>)>,
}

/// Compiling is what costs here, so that all tests share one program.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let mut batch = Batch::default();
    let mut guests = HashMap::new();
    let all = [
        control::guests(),
        jumps::guests(),
        memory::guests(),
        names::guests(),
        sizes::guests(),
        tables::guests(),
    ];
    for (name, text) in all.into_iter().flatten() {
        let wasm = wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let number = batch
            .add(&wasm)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            guests.insert(name, (number, wasm)).is_none(),
            "two guests are called {name}"
        );
    }
    let program = batch
        .build("hostile", Build::Debug)
        .expect("hostile guests compile");
    World { program, guests }
});

/// Runs calls on one instance of a guest.
fn answers(guest: &str, limits: Limits, calls: &[Call<'_>]) -> Vec<String> {
    let script = script(WORLD.guests[guest].0, limits, calls);
    let mut answers = WORLD.program.run(&script).expect("the program runs");
    let made = answers.remove(0);
    assert_eq!(made, "ok", "{guest} is instantiated");
    answers
}

fn script(module: usize, limits: Limits, calls: &[Call<'_>]) -> Vec<Step> {
    let new = Step::New {
        module,
        limits,
        imports: Vec::new(),
    };
    let calls = calls.iter().map(|(export, args, _)| Step::Call {
        instance: 0,
        export: (*export).to_owned(),
        args: args.to_vec(),
    });
    std::iter::once(new).chain(calls).collect()
}

/// Every call has the answer that the test gives.
fn check(guest: &str, limits: Limits, calls: &[Call<'_>]) {
    let answers = answers(guest, limits, calls);
    assert_eq!(answers.len(), calls.len(), "{guest}: {:?}", answers.last());
    for ((export, args, expected), answer) in calls.iter().zip(&answers) {
        assert_eq!(answer, expected, "{guest}: {export}({args:x?})");
    }
}

/// As [`check`], and the interpreter says the same.
fn check_both(guest: &str, limits: Limits, calls: &[Call<'_>]) {
    check(guest, limits, calls);
    let reference = Reference::default();
    let module = reference
        .module(&WORLD.guests[guest].1)
        .expect("the interpreter takes it");
    let answers = reference.run(&[module], &script(0, limits, calls));
    for ((export, args, expected), answer) in calls.iter().zip(&answers[1..]) {
        assert_eq!(
            answer, expected,
            "{guest}, interpreted: {export}({args:x?})"
        );
    }
}
