//! The C programs of many cases, and what they are given.

use std::fs;
use std::sync::Arc;

use afmpeg_wasi::vfs::{Files, MemFs, Quota, RandomDevice, ReadOnly, Sink, Vfs};
use afmpeg_wasi::{Stdin, Stop, Wasi, WasiBuilder, WasmiProgram};

use super::trees::Tree;
use super::{guests, run, with_limits};

/// What the programs expect to find beside the tree under test.
pub(crate) fn wasi(tree: &Tree, program: &str, case: &[&str]) -> WasiBuilder {
    let read_only = MemFs::new();
    read_only.write("/f", "read").expect("there is room");
    read_only.create_dir_all("/d").expect("a new directory");
    let small = MemFs::with_quota(Quota {
        bytes: 4_500,
        nodes: 3,
    });
    let mut text = b"text".iter().cycle().copied();
    let input = RandomDevice::new(move |buffer: &mut [u8]| {
        buffer.fill_with(|| text.next().unwrap_or_default());
        Ok(())
    });
    let streams = Files::new()
        .with("in", input)
        .and_then(|files| files.with("out", Sink::new(|_| ())))
        .expect("the names are valid");
    Wasi::builder()
        .bare_root()
        .args([program])
        .args(case.iter().copied())
        .env("KEY", "value")
        .env("EMPTY", "")
        .stdin(Stdin::Bytes(b"from stdin".to_vec()))
        .limits(with_limits(|limits| limits.open_files = 40))
        .preopen("/", Arc::clone(&tree.root))
        .preopen("/ro", ReadOnly::new(read_only).root())
        .preopen("/other", MemFs::new().root())
        .preopen("/small", small.root())
        .preopen("/streams", streams.root())
}

pub(crate) fn load(program: &str) -> WasmiProgram {
    let path = guests::path(&format!("{program}.wasm"));
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    WasmiProgram::new(&bytes).expect("the guest can run")
}

pub(crate) fn lines(text: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(text).expect("the guests print text");
    text.lines().map(str::to_owned).collect()
}

/// The names of the cases, of which there are at least `least`.
pub(crate) fn cases(program: &WasmiProgram, name: &str, least: usize) -> Vec<String> {
    let (stop, wasi) = run(program, Wasi::builder().arg(name));
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    let cases = lines(wasi.stdout());
    assert!(cases.len() >= least, "{name} has {} cases", cases.len());
    cases
}

/// The programs, and how many cases each has at least.
pub(crate) const PROGRAMS: [(&str, usize); 6] = [
    ("descriptors", 18),
    ("files", 15),
    ("listings", 9),
    ("names", 12),
    ("paths", 11),
    ("process", 9),
];
