//! A job whose output goes to a writer of the caller's.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use afmpeg_wasi::vfs::{Mount, Vfs, VfsError, VfsResult, WriterFile};

use crate::error::{JobError, SpecError};
use crate::job::Job;
use crate::report::ProcessReport;
use crate::runtime::{Invocation, OutputFiles, Runtime};

impl Runtime {
    /// Runs a job whose output goes to a writer as it is made.
    ///
    /// # Errors
    ///
    /// As [`Invocation::process_to`].
    pub fn process_to(
        &self,
        fs: &dyn Vfs,
        job: &Job,
        writer: impl Write + Send + 'static,
    ) -> Result<ProcessReport, JobError> {
        self.invocation(fs).process_to(job, writer)
    }
}

impl Invocation<'_> {
    /// Runs a job whose one output goes to a writer as it is made, on the thread that calls. Its path only says, by its
    /// extension, which muxer it is, unless the output says so itself. A writer that waits makes the job wait.
    ///
    /// ```no_run
    /// use std::net::TcpStream;
    ///
    /// use afmpeg::{Container, Engine, Input, Job, MemFs, Output, Runtime};
    ///
    /// # let runtime = Runtime::new(Engine::open("engine.wasm")?)?;
    /// # let fs = MemFs::new();
    /// let job = Job::new()
    ///     .input(Input::file("/in.mkv"))
    ///     .output(Output::file("/live.ts").streamed(Container::MpegTs).map("0:v").map("0:a"));
    /// runtime.process_to(&fs, &job, TcpStream::connect("192.0.2.1:9000")?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`process`](Invocation::process). [`JobError::Spec`] when the job has not one output;
    /// [`JobError::Storage`] when the writer fails; what the engine says of a muxer that [goes
    /// back](crate::Container). What was written until then has left.
    pub fn process_to(
        self,
        job: &Job,
        writer: impl Write + Send + 'static,
    ) -> Result<ProcessReport, JobError> {
        let mut told = job.clone();
        let [output] = told.outputs.as_mut_slice() else {
            return Err(SpecError::new(
                "outputs",
                format!("has {} entries, and a writer takes one", job.outputs.len()),
            )
            .into());
        };
        let path = output.path.clone();
        let name = path.rsplit('/').next().unwrap_or_default();
        output.path = format!("/.afmpeg/{name}");
        output
            .format_options
            .entry("flush_packets".to_owned())
            .or_insert_with(|| "1".to_owned());
        told.to_spec()?;
        let shared = Arc::new(Mutex::new(State {
            writer,
            failed: None,
        }));
        let tree = mounted(&self, &told.outputs[0].path, Shared(Arc::clone(&shared)))
            .map_err(|error| JobError::Host(Box::new(error)))?;
        let result = self
            .outputs(OutputFiles::InPlace)
            .over(&tree)
            .process(&told);
        let mut shared = Shared(shared);
        // What fails here is noted, too.
        let _ = shared.flush();
        if let Some(error) = shared.failed() {
            return Err(JobError::Storage {
                error,
                message: result.err().map(|error| error.to_string()),
                partial_outputs: Vec::new(),
            });
        }
        let inside = &told.outputs[0].path;
        let mut report = result.map_err(|error| renamed(error, inside, &path))?;
        for output in &mut report.outputs {
            output.path.clone_from(&path);
            output.files = vec![path.clone()];
        }
        Ok(report)
    }
}

/// An error without what the caller does not know: another path, and a file that nobody can look for.
fn renamed(error: JobError, inside: &str, path: &str) -> JobError {
    let mut error = error.with_partial_outputs(Vec::new());
    if let JobError::Guest { message, .. } | JobError::Unverified { message, .. } = &mut error {
        *message = message.replace(inside, path);
    }
    error
}

fn mounted<W: Write + Send + 'static>(
    invocation: &Invocation<'_>,
    path: &str,
    writer: Shared<W>,
) -> VfsResult<Mount> {
    Mount::new()
        .at("/", invocation.root())?
        .file(path, WriterFile::new(writer))
}

/// A writer that is still there when the job has let go of it.
struct Shared<W>(Arc<Mutex<State<W>>>);

struct State<W> {
    writer: W,
    /// What it failed with first.
    failed: Option<VfsError>,
}

impl<W: Write> Shared<W> {
    fn failed(&self) -> Option<VfsError> {
        self.state().failed
    }

    fn state(&self) -> MutexGuard<'_, State<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn noted<T>(&self, call: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state();
        call(&mut state.writer).map_err(|error| {
            if error.kind() == io::ErrorKind::Interrupted {
                return error;
            }
            let error = VfsError::from(error);
            state.failed.get_or_insert(error);
            error.into()
        })
    }
}

impl<W: Write> Write for Shared<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.noted(|writer| writer.write(data))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.noted(Write::flush)
    }
}
