//! Random walks of a program over every filesystem that can be written: what each step gives is the same
//! on all of them.

#[allow(dead_code, reason = "each test program uses a part of it")]
mod common;

use std::fs;
use std::sync::Arc;

use afmpeg_wasi::{Stop, Wasi, WasmiProgram};
use common::trees::Tree;
use common::{guests, run};

const SEEDS: u64 = 24;
const STEPS: u32 = 400;

type Make = fn() -> Tree;

/// What a walk prints.
fn walk(program: &WasmiProgram, tree: &Tree, seed: u64) -> Vec<String> {
    let wasi = Wasi::builder()
        .bare_root()
        .args(["steps".to_owned(), seed.to_string(), STEPS.to_string()])
        .preopen("/", Arc::clone(&tree.root));
    let (stop, wasi) = run(program, wasi);
    assert!(matches!(stop, Stop::Exit(0)), "seed {seed}: {stop}");
    let text = std::str::from_utf8(wasi.stdout()).expect("the guest prints text");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_filesystem_goes_the_same_way() {
    let bytes = fs::read(guests::path("steps.wasm")).expect("the guest is compiled");
    let program = WasmiProgram::new(&bytes).expect("the guest can run");
    let others: [(&str, Make); 5] = [
        ("a directory of the host", Tree::of_the_host),
        ("an overlay", Tree::overlay),
        ("a part of a tree", Tree::subdir),
        ("a tree with a quota", Tree::with_quota),
        ("a mount", Tree::mount),
    ];
    let mut succeeded = 0;
    for seed in 0..SEEDS {
        let expected = walk(&program, &Tree::in_memory(), seed);
        assert_eq!(expected.len(), STEPS as usize);
        succeeded += expected.iter().filter(|step| step.contains(" 0")).count();
        for (name, tree) in others {
            let seen = walk(&program, &tree(), seed);
            let differs = expected.iter().zip(&seen).position(|(a, b)| a != b);
            if let Some(at) = differs {
                let before = expected[at.saturating_sub(12)..at].join("\n");
                panic!(
                    "seed {seed}, step {at}, on {name}: {}, in memory: {}; before it:\n{before}",
                    seen[at], expected[at]
                );
            }
        }
    }
    assert!(succeeded > 2_000, "only {succeeded} steps did anything");
}
