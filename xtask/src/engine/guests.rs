//! Guests in C for the tests of `afmpeg-wasi`, compiled with the engine's compiler.

use std::fs;
use std::path::{Path, PathBuf};

use super::layout::Layout;
use super::pins::Pins;
use super::target::Target;
use super::toolchain::Toolchain;
use super::{Options, empty, lock, prerequisites};
use crate::digest::KeyBuilder;
use crate::failure::{Failure, Result};
use crate::step::Step;
use crate::workspace::Workspace;

/// A program: its name, which is that of its source, and what else it needs.
const GUESTS: [(&str, Needs); 8] = [
    ("setjmp", Needs::Jumps),
    ("descriptors", Needs::Cases),
    ("files", Needs::Cases),
    ("listings", Needs::Cases),
    ("names", Needs::Cases),
    ("paths", Needs::Cases),
    ("process", Needs::Cases),
    ("steps", Needs::Cases),
];

/// What a guest needs beside C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// `setjmp`, which wasi-libc has only for hosts with exception handling.
    Jumps,
    /// What runs one of many cases and tells what it saw.
    Cases,
}

impl Needs {
    /// The source of it.
    fn support(self) -> &'static str {
        match self {
            Self::Jumps => "jumps",
            Self::Cases => "expect",
        }
    }
}

/// The directory with the guests, compiled if they are not there.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let options = Options::DEFAULT;
    let layout = Layout::new(workspace, Target::Wasi, options.profile, options.variant);
    let pins_file = layout.engine().join("pins.toml");
    let pins = Pins::read(&pins_file)?;
    let sources = workspace.root().join(SOURCES);
    let mut key = KeyBuilder::new("guests");
    key.add("wheel", pins.wheel()?.sha256.as_bytes());
    key.add_tree("tools", &layout.tools())?;
    key.add_tree("sources", &sources)?;
    key.add("recipe", include_bytes!("guests.rs"));
    let key = key.finish();
    let directory = workspace.target().join("guests");
    let key_file = directory.join("key");
    let is_made = || fs::read_to_string(&key_file).is_ok_and(|known| known == key);
    if is_made() {
        return Ok(directory);
    }
    let _lock = lock(&layout)?;
    if is_made() {
        return Ok(directory);
    }
    let python = prerequisites::check()?;
    let toolchain = Toolchain::ensure(&layout, &pins, &python)?;
    empty(&directory)?;
    let step = Step::start(
        "guests",
        &layout.logs(),
        "the sources of the guests are in wasi-shim/guests",
    )?;
    for (name, needs) in GUESTS {
        compile(&toolchain, &step, &sources, &directory, name, needs)?;
    }
    fs::write(&key_file, &key).map_err(Failure::io("create", &key_file))?;
    Ok(directory)
}

/// Compiles one guest into `NAME.wasm`.
fn compile(
    toolchain: &Toolchain,
    step: &Step,
    sources: &Path,
    directory: &Path,
    name: &str,
    needs: Needs,
) -> Result<()> {
    let object = |name: &str| directory.join(format!("{name}.o"));
    let compiler = |name: &str| -> Result<_> {
        let mut command = toolchain.command("wasi-cc")?;
        command.args(COMPILE).arg("-I").arg(sources.join("include"));
        command.arg("-c").arg(sources.join(format!("{name}.c")));
        command.arg("-o").arg(object(name));
        Ok(command)
    };
    // The lowering of jumps must leave its own support alone.
    let support = needs.support();
    if !object(support).is_file() {
        step.run(&mut compiler(support)?, |_| ())?;
    }
    let mut command = compiler(name)?;
    if needs == Needs::Jumps {
        command.args(["-mllvm", "-enable-emscripten-sjlj"]);
    }
    step.run(&mut command, |_| ())?;
    let mut link = toolchain.command("wasi-cc")?;
    link.args(LINK).arg(object(name)).arg(object(support));
    link.arg("-o").arg(directory.join(format!("{name}.wasm")));
    step.run(&mut link, |_| ())
}

/// The command `guests`: compiles them and prints where they are.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let directory = ensure(workspace)?;
    println!("{}", workspace.short(&directory));
    Ok(())
}

const SOURCES: &str = "wasi-shim/guests";

const COMPILE: [&str; 6] = ["-std=c17", "-O2", "-g0", "-Wall", "-Wextra", "-Werror"];

/// The table and the stack pointer are for the host, which calls into the guest and unwinds its stack; what
/// is undefined are the calls that it provides.
const LINK: [&str; 6] = [
    "-O2",
    "-g0",
    "-Wl,--strip-all",
    "-Wl,--import-symbols",
    "-Wl,--export-table",
    "-Wl,--export=__stack_pointer",
];
