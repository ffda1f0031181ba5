//! `afmpeg run`: any WASI command module, with the standard streams of this process.

use std::ffi::OsString;
use std::io::{IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use afmpeg::vfs::{MemFs, Vfs};
use afmpeg::{Engine, JobError, Mode, Runtime, StdOutput, Stdin};

use super::args::{Global, Run};
use super::mounts;
use super::session::{self, job_failure};
use super::signals;
use super::status::{Failure, Status, chain};
use super::text::Escaping;

/// Runs the verb. The status is the module's own.
pub(crate) fn run(global: &Global, args: &Run) -> Result<ExitCode, Failure> {
    let Some((path, rest)) = args.command.split_first() else {
        return Err(Failure::usage("no module is named"));
    };
    let path = Path::new(path);
    let argv = argv(path, rest)?;
    let module = path.display();
    let cannot = |error: afmpeg::LoadError| {
        Failure::new(
            Status::Engine,
            format!("cannot load {module}: {}", chain(&error)),
        )
    };
    let engine = Engine::open(path).map_err(cannot)?;
    // The pack in this program, if there is one, is another module's.
    let mode = match global.mode {
        Mode::Lifted | Mode::Fast => Mode::Auto,
        mode => mode,
    };
    let runtime = Runtime::with_mode(engine, mode).map_err(cannot)?;
    let dirs = mounts::named(&args.dir)?;
    // What is not given is not there: no root, nothing in memory.
    let unseen = MemFs::new();
    let cancel = signals::cancel_token()?;
    let mut invocation = session::apply(runtime.invocation(&unseen), global, &cancel)
        .preopens(dirs.iter().map(|(name, dir)| (*name, dir as &dyn Vfs)))
        .stdin(Stdin::Reader(Box::new(Input)))
        .stdout(StdOutput::Writer(guarded(
            std::io::stdout(),
            std::io::stdout().is_terminal(),
        )))
        .stderr(StdOutput::Writer(guarded(
            std::io::stderr(),
            std::io::stderr().is_terminal(),
        )));
    for pair in &args.env {
        invocation = invocation.env(pair.key.as_str(), pair.value.as_str());
    }
    match invocation.run(argv) {
        Ok(output) => Ok(ExitCode::from(
            u8::try_from(output.exit_code).unwrap_or(u8::MAX),
        )),
        Err(JobError::Trap { trap, .. }) => {
            Err(Failure::new(Status::Trap, format!("{module}: {trap}")))
        }
        Err(error) => {
            let failure = job_failure(&error);
            Err(Failure::new(
                failure.status,
                format!("{module}: {}", failure.message),
            ))
        }
    }
}

/// What the module gets as its arguments, its own name first.
fn argv(path: &Path, rest: &[OsString]) -> Result<Vec<String>, Failure> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let mut argv: Vec<String> = name.into_iter().collect();
    for word in rest {
        let word = word.to_str().ok_or_else(|| {
            Failure::usage(format!("the argument {} is not UTF-8", word.display()))
        })?;
        argv.push(word.to_owned());
    }
    Ok(argv)
}

/// Standard input without a lock held for the life of the process.
struct Input;

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        std::io::stdin().read(buffer)
    }
}

/// What a module prints goes to files and pipes as it is, and to a terminal without its escapes.
fn guarded(stream: impl Write + Send + 'static, terminal: bool) -> Box<dyn Write + Send> {
    if terminal {
        Box::new(Escaping::new(stream))
    } else {
        Box::new(stream)
    }
}
