//! Generated programs: lifted modules with the executor, compiled and run.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use afmpeg_lift::{LiftError, Options};
use sha2::Digest;

use crate::script::Step;

/// Lifted modules on their way to a program.
#[derive(Default)]
pub struct Batch {
    sources: Vec<String>,
    known: HashMap<[u8; 32], usize>,
}

/// How a program is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// No optimisation, with debug assertions and overflow checks.
    Debug,
    /// All optimisations.
    Release,
}

/// A program that runs scripts on its modules.
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
}

impl Batch {
    /// Lifts a module, unless it is there already, and returns its number.
    ///
    /// # Errors
    ///
    /// What the lifter says.
    pub fn add(&mut self, wasm: &[u8]) -> Result<usize, LiftError> {
        let digest = sha2::Sha256::digest(wasm).into();
        if let Some(known) = self.known.get(&digest) {
            return Ok(*known);
        }
        let source = afmpeg_lift::lift(wasm, &Options::default())?.single_file();
        self.sources.push(source);
        self.known.insert(digest, self.sources.len() - 1);
        Ok(self.sources.len() - 1)
    }

    /// Modules so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there is no module yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Bytes of Rust so far.
    #[must_use]
    pub fn source_bytes(&self) -> usize {
        self.sources.iter().map(String::len).sum()
    }

    /// Writes the program into `target/lift-proof/NAME` and compiles it.
    ///
    /// # Errors
    ///
    /// The compiler's messages, or a file cannot be written.
    pub fn build(&self, name: &str, build: Build) -> io::Result<Program> {
        let home = target().join("lift-proof");
        let root = home.join(name);
        let parts = self.parts();
        self.write(&root, &parts)?;
        let target = home.join("target");
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--offline", "--manifest-path"]);
        cargo
            .arg(root.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(&target);
        if build == Build::Release {
            cargo.arg("--release");
        }
        // What the tests themselves are compiled with is no concern of the program.
        let output = cargo
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .output()?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            let start: String = text.chars().take(8_000).collect();
            return Err(io::Error::other(format!(
                "{name} does not compile:\n{start}"
            )));
        }
        let profile = if build == Build::Release {
            "release"
        } else {
            "debug"
        };
        let built = target
            .join(profile)
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        // Two tests may build programs of one name in turn; each runs its own.
        let path = root.join(format!("program-{profile}{}", std::env::consts::EXE_SUFFIX));
        fs::copy(built, &path)?;
        Ok(Program { path })
    }

    /// The modules in groups of similar size, each a crate, so that they compile in parallel.
    fn parts(&self) -> Vec<Vec<usize>> {
        let mut parts = vec![Vec::new()];
        let mut bytes = 0;
        for (index, source) in self.sources.iter().enumerate() {
            if bytes > PART_BYTES {
                parts.push(Vec::new());
                bytes = 0;
            }
            bytes += source.len();
            parts.last_mut().expect("it starts with one").push(index);
        }
        parts
    }

    fn write(&self, root: &Path, parts: &[Vec<usize>]) -> io::Result<()> {
        let name = root
            .file_name()
            .expect("a program has a name")
            .to_string_lossy();
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../runtime")
            .canonicalize()?;
        let runtime = format!("afmpeg-lift-runtime = {{ path = {:?} }}\n", runtime);
        let package = |name: &str| {
            format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n")
        };
        let mut manifest = package(&name) + "[dependencies]\n" + &runtime;
        let mut all = String::new();
        for (number, part) in parts.iter().enumerate() {
            let part_name = format!("{name}-part{number}");
            let folder = root.join(format!("part{number}"));
            let text = package(&part_name) + "[dependencies]\n" + &runtime;
            write_if_changed(&folder.join("Cargo.toml"), &text)?;
            let mut library = "#![forbid(unsafe_code)]\n#![allow(warnings)]\n".to_owned();
            let mut list = String::new();
            for index in part {
                let file = folder.join(format!("src/m{index}.rs"));
                write_if_changed(&file, &self.sources[*index])?;
                let _ = writeln!(library, "mod m{index};");
                let _ = writeln!(list, "        m{index}::module(),");
            }
            let _ = writeln!(
                library,
                "pub fn modules() -> Vec<&'static dyn afmpeg_lift_runtime::Module> {{\n    \
                 vec![\n{list}    ]\n}}"
            );
            write_if_changed(&folder.join("src/lib.rs"), &library)?;
            let _ = writeln!(manifest, "{part_name} = {{ path = \"part{number}\" }}");
            let _ = writeln!(
                all,
                "    modules.extend({}::modules());",
                part_name.replace('-', "_")
            );
        }
        manifest += PROFILES;
        let main = format!(
            "#![forbid(unsafe_code)]\nmod executor;\n\nfn main() {{\n    \
             let mut modules = Vec::new();\n{all}    executor::main(modules);\n}}\n"
        );
        write_if_changed(&root.join("Cargo.toml"), &manifest)?;
        write_if_changed(&root.join("src/main.rs"), &main)?;
        write_if_changed(&root.join("src/executor.rs"), include_str!("executor.rs"))
    }
}

impl Program {
    /// Runs a script in a process of its own and returns the answers, one a step; fewer when the
    /// process died, which is then the last answer.
    ///
    /// # Errors
    ///
    /// The process cannot be started or spoken to.
    pub fn run(&self, script: &[Step]) -> io::Result<Vec<String>> {
        let mut child = Command::new(&self.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().expect("it is piped");
        let text: String = script.iter().map(|step| format!("{step}\n")).collect();
        // A process that died no longer reads; its exit status says so below.
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(text.as_bytes());
        });
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut answers = stdout.lines().collect::<io::Result<Vec<_>>>()?;
        let status = child.wait()?;
        let _ = writer.join();
        if !status.success() || answers.len() != script.len() {
            let step = script.get(answers.len()).map(|step| format!("{step:?}"));
            answers.push(format!("died with {status} in {step:?}"));
        }
        Ok(answers)
    }
}

/// The folder of what is built: that of the workspace, or the one that cargo was told.
fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"),
    }
}

/// Leaves files that are the same, so that cargo compiles only what changed.
fn write_if_changed(path: &Path, text: &str) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

/// Rust text in one crate, roughly.
const PART_BYTES: usize = 1 << 20;

/// Compiling costs more than running here; overflow checks stay on where they are by default.
const PROFILES: &str = "
[workspace]

[profile.dev]
debug = false
incremental = false

[profile.release]
opt-level = 3
codegen-units = 4
incremental = false
";
