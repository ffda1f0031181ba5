//! Programs that the pinned Go toolchain compiles here: one of ours, and its own formatter.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::guest::{Bench, ensure};
use super::packages::GO;
use super::size;
use crate::command::cannot_start;
use crate::failure::{Failure, Result};

/// A program that uses much of the runtime.
pub(super) fn program(bench: &Bench) -> Result<u64> {
    let root = GO.ensure(&bench.folder)?.join("go");
    let work = bench.empty("go")?;
    let source = work.join("program.go");
    fs::write(&source, include_str!("guests/program.go")).map_err(Failure::io("write", &source))?;
    let module = work.join("program.wasm");
    build(bench, &root, &source, &module)?;
    let seen = bench.empty("go-files")?;
    let lines: String = (0..300).map(|number| format!("line {number}\n")).collect();
    bench
        .guest(&module)
        .dir(&seen, "/")
        .env("GREETING=hello")
        .args(["one", "two three"])
        .stdin(lines)
        .expect(7, include_str!("guests/program.txt"))?;
    size(&module)
}

/// The formatter: what it would change in sources that are formatted is nothing.
pub(super) fn format(bench: &Bench) -> Result<u64> {
    let root = GO.ensure(&bench.folder)?.join("go");
    let module = bench.empty("gofmt")?.join("gofmt.wasm");
    build(bench, &root, Path::new("cmd/gofmt"), &module)?;
    bench
        .guest(&module)
        .dir(&root.join("src"), "/src::ro")
        .args(["-l", "/src/os", "/src/io", "/src/sort"])
        .expect(0, "")?;
    bench
        .guest(&module)
        .stdin("package  p\nfunc f( a int,b   string ){ if a==1{ return } ; g( a+ 1) }\n")
        .expect(0, "package p\n\nfunc f(a int, b string) {\n\tif a == 1 {\n\t\treturn\n\t}\n\tg(a + 1)\n}\n")?;
    let done = bench.guest(&module).stdin("package p\nfunc {").run()?;
    ensure(
        done.code == Some(2)
            && done
                .stderr
                .contains("<standard input>:2:6: expected 'IDENT'"),
        "the formatter did not tell where the source is wrong",
    )?;
    size(&module)
}

/// Compiles a file or a package for WASI, with nothing but what the toolchain has in it.
fn build(bench: &Bench, root: &Path, what: &Path, module: &PathBuf) -> Result<()> {
    let mut go = Command::new(root.join("bin/go"));
    let own = |name: &str| bench.folder.join(name);
    go.args(["build", "-o"]).arg(module).arg(what);
    go.envs([
        ("GOOS", "wasip1"),
        ("GOARCH", "wasm"),
        ("GO111MODULE", "off"),
    ])
    .envs([
        ("GOTOOLCHAIN", "local"),
        ("GOPROXY", "off"),
        ("GOFLAGS", ""),
    ])
    .envs([
        ("GOENV", "off"),
        ("GOTELEMETRY", "off"),
        ("CGO_ENABLED", "0"),
    ])
    .env("GOROOT", root)
    .env("GOCACHE", own("go-cache"))
    .env("GOPATH", own("go-path"));
    let output = go
        .stdin(Stdio::null())
        .output()
        .map_err(|error| cannot_start(&go, &error))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "Go cannot compile {}: {}",
        what.display(),
        String::from_utf8_lossy(&output.stderr).trim()
    )))
}
