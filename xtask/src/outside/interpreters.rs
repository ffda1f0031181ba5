//! CPython and QuickJS with scripts of ours, of which CPython's give the same under a native Python.

use std::fs;
use std::path::PathBuf;

use super::guest::Bench;
use super::packages::INTERPRETERS;
use super::size;
use crate::digest;
use crate::failure::{Failure, Result};

/// A script and what it prints.
pub(super) struct Script {
    pub(super) name: &'static str,
    pub(super) source: &'static str,
    pub(super) prints: &'static str,
}

/// The scripts for CPython: `prints` is what Python 3.11 printed on Linux.
pub(super) const SCRIPTS: [Script; 4] = [
    Script {
        name: "directory",
        source: include_str!("guests/directory.py"),
        prints: include_str!("guests/directory.txt"),
    },
    Script {
        name: "files",
        source: include_str!("guests/files.py"),
        prints: include_str!("guests/files.txt"),
    },
    Script {
        name: "waits",
        source: include_str!("guests/waits.py"),
        prints: include_str!("guests/waits.txt"),
    },
    Script {
        name: "library",
        source: include_str!("guests/library.py"),
        prints: include_str!("guests/library.txt"),
    },
];

/// What the scripts read from standard input.
pub(super) const LINES: &str = "alpha\nbeta\ngamma delta\n";

/// CPython's module.
pub(super) fn cpython(bench: &Bench) -> Result<PathBuf> {
    Ok(INTERPRETERS.ensure(&bench.folder)?.join("bin/python.wasm"))
}

/// One of the scripts, in an empty directory.
pub(super) fn python(bench: &Bench, name: &str) -> Result<u64> {
    let module = cpython(bench)?;
    let script = SCRIPTS
        .iter()
        .find(|script| script.name == name)
        .ok_or_else(|| Failure::new(format!("there is no script {name}")))?;
    let work = bench.empty(&format!("python-{name}"))?;
    let scripts = bench.empty("scripts")?;
    let file = scripts.join("script.py");
    fs::write(&file, script.source).map_err(Failure::io("write", &file))?;
    bench
        .guest(&module)
        .dir(&work, "/")
        .dir(&scripts, "/scripts::ro")
        .args(["/scripts/script.py"])
        .stdin(LINES)
        .expect(0, script.prints)?;
    size(&module)
}

/// Scripts and bytes from standard input, without any directory.
pub(super) fn stdin(bench: &Bench) -> Result<u64> {
    let module = cpython(bench)?;
    bench
        .guest(&module)
        .env("GREETING=hello there")
        .args(["-", "one", "--two", ""])
        .stdin(STDIN_SCRIPT)
        .expect(
            42,
            "['-', 'one', '--two', ''] hello there\n['GREETING']\nFalse False\n12345\n",
        )?;
    // Longer than any pipe, and not text.
    let bytes: Vec<u8> = (0..5_000_000_u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let prints = format!("{} {}\n", bytes.len(), digest::bytes(&bytes));
    bench
        .guest(&module)
        .args(["-c", STDIN_DIGEST])
        .stdin(bytes)
        .expect(0, &prints)?;
    // An error of the script is the program's own, with its status.
    let done = bench.guest(&module).args(["-c", "1 / 0"]).run()?;
    super::guest::ensure(
        done.code == Some(1)
            && done
                .stderr
                .ends_with("ZeroDivisionError: division by zero\n"),
        "a division by zero was not told",
    )?;
    size(&module)
}

const STDIN_SCRIPT: &str = "import os, sys
print(sys.argv, os.environ['GREETING'])
print(list(os.environ))
def sees(path):
    try:
        return bool(os.listdir(path))
    except OSError:
        return False
print(sees('/'), sees('.'))
total = 0
for part in (12000, 345):
    total += part

print(total)
sys.exit(42)
";

const STDIN_DIGEST: &str = "import hashlib, sys
bytes = sys.stdin.buffer.read()
print(len(bytes), hashlib.sha256(bytes).hexdigest())";

/// A script for QuickJS in an empty directory.
pub(super) fn quickjs(bench: &Bench) -> Result<u64> {
    let module = INTERPRETERS.ensure(&bench.folder)?.join("bin/quickjs.wasm");
    let work = bench.empty("quickjs")?;
    let scripts = bench.empty("scripts")?;
    let file = scripts.join("script.js");
    fs::write(&file, include_str!("guests/script.js")).map_err(Failure::io("write", &file))?;
    let lines: String = (0..300).map(|number| format!("line {number}\n")).collect();
    bench
        .guest(&module)
        .dir(&work, "/")
        .dir(&scripts, "/scripts::ro")
        .env("GREETING=hello")
        .args(["--std", "/scripts/script.js", "a", "b"])
        .stdin(lines)
        .expect(0, JS_PRINTS)?;
    size(&module)
}

/// 44,850 is the sum of the numbers below 300.
const JS_PRINTS: &str = "302 . .. entry-000 entry-299 0
44850 2
here true
1000000001000 1234567890500
0
44850 hello a,b
ticked true
";
