//! `cargo xtask outside`: large programs that others compiled for WASI run unchanged under `afmpeg run`.
//!
//! What a program must print, leave behind and exit with is fixed by its language, its library or the format of
//! its files, and was not taken from a run under this host.

mod compilers;
mod go;
mod guest;
mod interpreters;
mod memory;
mod packages;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use comfy_table::{CellAlignment, Table, presets};

use self::guest::Bench;
use crate::command;
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// The options of `cargo xtask outside`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Run only programs with this in their name
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Run this `afmpeg` instead of building one
    #[arg(long, value_name = "PATH")]
    command: Option<std::path::PathBuf>,
}

/// One program at one task.
struct Case {
    name: &'static str,
    what: &'static str,
    /// Runs it, and gives the size of its module in bytes.
    run: fn(&Bench) -> Result<u64>,
}

const CASES: [Case; 11] = [
    Case {
        name: "python-stdin",
        what: "a script and 5 MB from standard input, arguments, environment, no directory to be seen",
        run: interpreters::stdin,
    },
    Case {
        name: "python-directory",
        what: "300 entries made, listed, deleted while they are listed",
        run: |bench| interpreters::python(bench, "directory"),
    },
    Case {
        name: "python-files",
        what: "unlink while open, times, links, renames, offsets, errors",
        run: |bench| interpreters::python(bench, "files"),
    },
    Case {
        name: "python-waits",
        what: "sleeps, readiness of standard input, an event loop",
        run: |bench| interpreters::python(bench, "waits"),
    },
    Case {
        name: "python-library",
        what: "SQLite, archives, copies of trees, temporary files, modules, the library's documented examples",
        run: |bench| interpreters::python(bench, "library"),
    },
    Case {
        name: "python-memory",
        what: "directory, files and waits again, on filesystems in memory",
        run: memory::python,
    },
    Case {
        name: "quickjs",
        what: "300 entries, unlink while open, times, timers, standard input",
        run: interpreters::quickjs,
    },
    Case {
        name: "go",
        what: "goroutines, timers, standard input, 300 entries, files, trees, a recovered nil",
        run: go::program,
    },
    Case {
        name: "gofmt",
        what: "reads Go's own sources, and formats one",
        run: go::format,
    },
    Case {
        name: "gcc",
        what: "C++ templates to assembler, an object, an image, and its bytes",
        run: compilers::gcc,
    },
    Case {
        name: "clang",
        what: "C++ with its library compiled and linked to a program for WASI, which is run",
        run: compilers::clang,
    },
];

/// Runs the command.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let wanted = |case: &&Case| {
        let only = options.only.as_deref();
        only.is_none_or(|only| case.name.contains(only))
    };
    let cases: Vec<_> = CASES.iter().filter(wanted).collect();
    if cases.is_empty() {
        let names: Vec<_> = CASES.iter().map(|case| case.name).collect();
        return Err(Failure::new("no program has such a name")
            .mend(format!("name one of {}", names.join(", "))));
    }
    let folder = workspace.target().join("outside");
    fs::create_dir_all(&folder).map_err(Failure::io("create", &folder))?;
    let afmpeg = match &options.command {
        Some(afmpeg) => afmpeg.clone(),
        None => command::build_cli(workspace)?,
    };
    let bench = Bench { afmpeg, folder };
    let mut rows = Vec::new();
    for case in cases {
        eprintln!("{}: {}", case.name, case.what);
        let start = Instant::now();
        let done = (case.run)(&bench);
        if let Err(failure) = &done {
            eprintln!("{}: failed: {failure}", case.name);
        }
        rows.push((case, done, start.elapsed()));
    }
    println!("{}", table(&rows).trim_fmt());
    let failed = rows.iter().filter(|(_, done, _)| done.is_err()).count();
    if failed > 0 {
        return Err(Failure::new(format!("{failed} of {} failed", rows.len()))
            .mend("what each should have done is said above"));
    }
    Ok(())
}

fn table(rows: &[(&Case, Result<u64>, Duration)]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "program",
        "module bytes",
        "what it does",
        "result",
        "seconds",
    ]);
    for (case, done, took) in rows {
        let (bytes, result) = match done {
            Ok(bytes) => (bytes.to_string(), "ok"),
            Err(_) => (String::new(), "failed"),
        };
        let seconds = format!("{:.1}", took.as_secs_f64());
        table.add_row([case.name, &bytes, case.what, result, &seconds]);
    }
    for right in [1, 4] {
        if let Some(column) = table.column_mut(right) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// The size of a module in bytes.
fn size(module: &Path) -> Result<u64> {
    let file = fs::metadata(module).map_err(Failure::io("read", module))?;
    Ok(file.len())
}
