//! The committed inputs, and a few random ones, for every target.

use std::path::PathBuf;

use afmpeg_wasi_proof::random::Random;
use afmpeg_wasi_proof::replay;
use afmpeg_wasi_proof::targets;

fn known(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/regressions")
        .join(name);
    replay::corpus(&dir).expect("the inputs can be read")
}

/// Runs the known inputs, then so many random ones, of which the first third is new and the rest are
/// changes of what is known.
fn work(name: &str, count: usize) {
    let target = targets::find(name);
    let known = known(name);
    assert!(!known.is_empty(), "no known input of {name}");
    for (path, input) in &known {
        if let Err(message) = replay::attempt(target, input) {
            panic!("{}: {message}", path.display());
        }
    }
    let known: Vec<_> = known.into_iter().map(|(_, input)| input).collect();
    let mut random = Random::new(0x0af0_9e60);
    for number in 0..count {
        let input = random.input(&known, target.longest);
        if let Err(message) = replay::attempt(target, &input) {
            panic!("input {number} of {name}: {message}");
        }
    }
}

#[test]
fn hostcalls() {
    work("hostcalls", 40);
}

#[test]
fn path_walk() {
    work("path_walk", 20);
}

#[test]
fn memfs_model() {
    work("memfs_model", 20);
}

#[test]
fn overlay_model() {
    work("overlay_model", 15);
}

#[test]
fn module_load() {
    work("module_load", 80);
}
