//! One job and everything that can be said about how it runs.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use afmpeg_wasi::vfs::{Dir, Vfs};
use afmpeg_wasi::{CancelToken, Limits, Output, Stdin, Stop};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::execute::{Control, Finished, NotStarted, Setup, Usage, execute, moment};
use super::observe::{Counters, Observed};
use super::outputs::{Watch, verify_frames, verify_process};
use super::progress::{Callback, Progress, Reporter};
use super::{Runtime, outcome, preflight};
use crate::error::{JobError, SpecError};
use crate::job::{CapabilitiesOp, FramesJob, Input, Job, ProbeOp, Spec, Stamp, VOCABULARY};
use crate::report::{
    Capabilities, Component, ComponentKind, FramesReport, ProbeReply, ProbeReport, ProcessReport,
};

/// One job with its own limits, deadline, cancellation, progress or reproducible clock; made by
/// [`Runtime::invocation`].
#[must_use = "an invocation does nothing until one of its verbs is called"]
pub struct Invocation<'a> {
    runtime: &'a Runtime,
    fs: &'a dyn Vfs,
    limits: Limits,
    cancel: CancelToken,
    deadline: Option<Instant>,
    timeout: Option<Duration>,
    seed: Option<u64>,
    progress: Option<Callback>,
    env: Vec<(Vec<u8>, Vec<u8>)>,
    stdin: Stdin,
    stdout: Output,
    stderr: Output,
}

/// What a command left, however it judged itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunOutput {
    /// The exit code.
    pub exit_code: u32,
    /// What it wrote to stdout, up to the text limit; empty when that went elsewhere.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr, up to the text limit; empty when that went elsewhere.
    pub stderr: Vec<u8>,
    /// Whether it wrote more to stdout than is here.
    pub stdout_truncated: bool,
    /// Whether it wrote more to stderr than is here.
    pub stderr_truncated: bool,
    /// What the run used.
    pub usage: Usage,
}

impl<'a> Invocation<'a> {
    pub(super) fn new(runtime: &'a Runtime, fs: &'a dyn Vfs) -> Self {
        Self {
            runtime,
            fs,
            limits: Limits::default(),
            cancel: CancelToken::new(),
            deadline: None,
            timeout: None,
            seed: None,
            progress: None,
            env: Vec::new(),
            stdin: Stdin::Empty,
            stdout: Output::Capture,
            stderr: Output::Capture,
        }
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Ends the job at this moment, with [`JobError::DeadlineExceeded`].
    pub fn deadline(mut self, at: Instant) -> Self {
        self.deadline = Some(at);
        self
    }

    /// Ends the job so long after it started, with [`JobError::DeadlineExceeded`].
    pub fn timeout(mut self, after: Duration) -> Self {
        self.timeout = Some(after);
        self
    }

    /// Ends the job within 50 ms of the token being cancelled, with [`JobError::Cancelled`].
    pub fn cancel(mut self, token: CancelToken) -> Self {
        self.cancel = token;
        self
    }

    /// Calls a function with the state of the job, about ten times a second and once at the end.
    ///
    /// It is called on a thread of its own. One that is slow misses states, one that panics is not
    /// called again, and neither changes what the job does; a job that is done waits half a second
    /// at most for the last call to come back.
    pub fn progress(mut self, callback: impl FnMut(Progress) + Send + 'static) -> Self {
        self.progress = Some(Box::new(callback));
        self
    }

    /// Gives the guest a clock that starts at a fixed time and moves by how often it is read, and
    /// random numbers that follow from `seed`: the same job gives the same bytes everywhere, alone
    /// or beside others.
    pub fn deterministic(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets an environment variable of the guest. It has no others.
    pub fn env(mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }

    /// Gives the command of [`run`](Self::run) a standard input; it is empty otherwise.
    pub fn stdin(mut self, stdin: Stdin) -> Self {
        self.stdin = stdin;
        self
    }

    /// Sends the standard output of [`run`](Self::run) elsewhere. The other verbs read it.
    pub fn stdout(mut self, to: Output) -> Self {
        self.stdout = to;
        self
    }

    /// Sends the standard error of [`run`](Self::run) elsewhere. The other verbs keep its end for
    /// their errors.
    pub fn stderr(mut self, to: Output) -> Self {
        self.stderr = to;
        self
    }

    /// Runs the module as a command with these arguments, the first of which is its name.
    ///
    /// # Errors
    ///
    /// The guest did not end by itself: a limit, a trap, the deadline, the token.
    pub fn run(
        mut self,
        args: impl IntoIterator<Item = impl Into<Vec<u8>>>,
    ) -> Result<RunOutput, JobError> {
        let control = self.control();
        let args = args.into_iter().map(Into::into).collect();
        let root = self.fs.root();
        let run = self.execute(args, root, control, None, true)?;
        let Stop::Exit(exit_code) = run.stop else {
            let log_tail = outcome::tail(&run.stderr);
            return Err(outcome::stopped(run.stop, log_tail, Vec::new()));
        };
        Ok(RunOutput {
            exit_code,
            stdout: run.stdout,
            stderr: run.stderr,
            stdout_truncated: run.stdout_truncated,
            stderr_truncated: run.stderr_truncated,
            usage: run.usage,
        })
    }

    /// Runs a job.
    ///
    /// # Errors
    ///
    /// See [`JobError`]. Success means that every output was found in the filesystem with the size
    /// that is reported.
    pub fn process(self, job: &Job) -> Result<ProcessReport, JobError> {
        let mut told = job.clone();
        told.progress |= self.progress.is_some();
        let spec = told.to_spec()?;
        let root = self.fs.root();
        let watch = Watch::new(&root, job.outputs.iter().map(|output| output.path.clone()));
        let inputs: Vec<&str> = job.inputs.iter().flat_map(Input::files).collect();
        self.typed(
            spec.into_string(),
            VOCABULARY,
            &root,
            &inputs,
            &watch,
            |reply, usage| {
                let mut report: ProcessReport = parse(reply)?;
                verify_process(&root, &watch, &report)?;
                report.usage = usage;
                Ok(report)
            },
        )
    }

    /// Runs a job that is given as a document, of this or an older version of the vocabulary, and
    /// of any operation. Fields that this library does not know reach the engine as they are.
    ///
    /// # Errors
    ///
    /// As [`process`](Self::process).
    pub fn process_json(self, spec: &str) -> Result<Value, JobError> {
        let mut document: Value = serde_json::from_str(spec)
            .map_err(|error| SpecError::new("", format!("the job spec is not JSON: {error}")))?;
        let version = document.get("version").and_then(Value::as_u64).unwrap_or(0);
        let op = document
            .get("op")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let strings = |list: &str| -> Vec<String> {
            let entries = document
                .get(list)
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            entries
                .filter_map(|entry| entry.get("path").and_then(Value::as_str))
                .map(str::to_owned)
                .collect()
        };
        let (inputs, outputs) = (strings("inputs"), strings("outputs"));
        let template = document
            .get("path")
            .and_then(Value::as_str)
            .filter(|_| op == "frames");
        let root = self.fs.root();
        let watch = match template {
            Some(template) => Watch::template(&root, template),
            None => Watch::new(&root, outputs),
        };
        let mut text = spec.to_owned();
        if let Some(fields) = document.as_object_mut()
            && self.progress.is_some()
            && op == "process"
            && version >= 10
            && !fields.contains_key("progress")
        {
            fields.insert("progress".to_owned(), true.into());
            text = document.to_string();
        }
        // A newer document than the engine knows is refused by the engine, in its own words.
        let needs = u32::try_from(version).unwrap_or(VOCABULARY).min(VOCABULARY);
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        self.typed(text, needs, &root, &inputs, &watch, |reply, _| {
            match op.as_str() {
                "process" => verify_process(&root, &watch, &parse(reply)?)?,
                "frames" => verify_frames(&root, &parse(reply)?)?,
                _ => {}
            }
            parse(reply)
        })
    }

    /// Looks at a media file.
    ///
    /// # Errors
    ///
    /// As [`process`](Self::process).
    pub fn probe(self, path: impl Into<String>) -> Result<ProbeReport, JobError> {
        self.probe_input(Input::file(path))
    }

    /// Looks at an input that a path alone does not describe.
    ///
    /// # Errors
    ///
    /// As [`process`](Self::process).
    pub fn probe_input(self, input: Input) -> Result<ProbeReport, JobError> {
        self.probe_inputs(vec![input])?.pop().unwrap_or_else(|| {
            Err(JobError::Host(
                "a checked reply had no entry for its one input".into(),
            ))
        })
    }

    /// Looks at several media files in one run; one that cannot be read does not stop the others.
    ///
    /// # Errors
    ///
    /// As [`process`](Self::process), for the run as a whole.
    pub fn probe_all(
        self,
        paths: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Vec<Result<ProbeReport, JobError>>, JobError> {
        self.probe_inputs(paths.into_iter().map(Input::file).collect())
    }

    /// Looks at several inputs in one run; one that cannot be read does not stop the others.
    ///
    /// # Errors
    ///
    /// As [`process`](Self::process), for the run as a whole.
    pub fn probe_inputs(
        self,
        inputs: Vec<Input>,
    ) -> Result<Vec<Result<ProbeReport, JobError>>, JobError> {
        #[derive(Serialize)]
        struct Probe<'a> {
            version: Stamp,
            op: ProbeOp,
            inputs: &'a [Input],
        }
        if inputs.is_empty() {
            return Ok(Vec::new());
        }
        Input::check_all(&inputs)?;
        let spec = Spec::new(&Probe {
            version: Stamp,
            op: ProbeOp,
            inputs: &inputs,
        })?;
        let root = self.fs.root();
        let files: Vec<&str> = inputs.iter().flat_map(Input::files).collect();
        let watch = Watch::new(&root, []);
        self.typed(
            spec.into_string(),
            VOCABULARY,
            &root,
            &files,
            &watch,
            |reply, _| {
                let reply: ProbeReply = parse(reply)?;
                let entries = reply.into_entries().map_err(|error| unreadable(&error))?;
                if entries.len() != inputs.len() {
                    return Err(format!(
                        "its reply has {} entries for {} inputs",
                        entries.len(),
                        inputs.len()
                    ));
                }
                Ok(entries
                    .into_iter()
                    .map(|each| each.map_err(outcome::entry_failure))
                    .collect())
            },
        )
    }

    /// Extracts still pictures.
    ///
    /// # Errors
    ///
    /// As [`process`](Self::process).
    pub fn frames(self, job: &FramesJob) -> Result<FramesReport, JobError> {
        let mut told = job.clone();
        told.progress |= self.progress.is_some();
        let spec = told.to_spec()?;
        let root = self.fs.root();
        let watch = Watch::template(&root, &job.path);
        let inputs: Vec<&str> = job.inputs.iter().flat_map(Input::files).collect();
        self.typed(
            spec.into_string(),
            VOCABULARY,
            &root,
            &inputs,
            &watch,
            |reply, usage| {
                let mut report: FramesReport = parse(reply)?;
                verify_frames(&root, &report)?;
                report.usage = usage;
                Ok(report)
            },
        )
    }

    /// Lists what is in the engine.
    ///
    /// # Errors
    ///
    /// As [`process`](Self::process).
    pub fn capabilities(self) -> Result<Capabilities, JobError> {
        self.ask(None)
    }

    /// Describes one component of the engine and its options.
    ///
    /// # Errors
    ///
    /// As [`process`](Self::process); the class is
    /// [`NotInBuild`](crate::ErrorClass::NotInBuild) when the engine does not have it.
    pub fn component(self, kind: ComponentKind, name: &str) -> Result<Component, JobError> {
        self.ask(Some(format!("{kind}={name}")))
    }

    fn ask<T: DeserializeOwned>(self, component: Option<String>) -> Result<T, JobError> {
        #[derive(Serialize)]
        struct Question {
            version: Stamp,
            op: CapabilitiesOp,
            #[serde(skip_serializing_if = "Option::is_none")]
            component: Option<String>,
        }
        let spec = Spec::new(&Question {
            version: Stamp,
            op: CapabilitiesOp,
            component,
        })?;
        let root = self.fs.root();
        let watch = Watch::new(&root, []);
        self.typed(
            spec.into_string(),
            VOCABULARY,
            &root,
            &[],
            &watch,
            |reply, _| parse(reply),
        )
    }

    /// Runs a document and reads its reply. What `read` finds wrong with the reply is a success
    /// that is not borne out.
    fn typed<T>(
        mut self,
        spec: String,
        needs: u32,
        root: &Arc<dyn Dir>,
        inputs: &[&str],
        watch: &Watch,
        read: impl FnOnce(&[u8], Usage) -> Result<T, String>,
    ) -> Result<T, JobError> {
        let control = self.control();
        preflight::require(&self.runtime.inner, &control, needs)?;
        let mut seen = Arc::clone(root);
        let reporter = self.progress.take().map(|callback| {
            let counters = Counters::new(root, inputs.iter().copied());
            seen = Arc::new(Observed::new(Arc::clone(root), Arc::clone(&counters)));
            Reporter::start(counters, callback)
        });
        let args = vec![b"ffmpeg-wasi".to_vec(), spec.into_bytes()];
        let result = self
            .execute(args, seen, control, reporter.as_ref(), false)
            .and_then(|run| {
                let (usage, log_tail) = (run.usage, outcome::tail(&run.stderr));
                let reply = outcome::reply(run, root, watch)?;
                read(&reply, usage).map_err(|message| JobError::Unverified {
                    message,
                    log_tail,
                    partial_outputs: watch.begun(root),
                })
            });
        if let Some(reporter) = reporter {
            reporter.finish(result.is_ok());
        }
        result
    }

    fn control(&self) -> Control {
        let timeout = self.timeout.and_then(moment);
        let deadline = match (self.deadline, timeout) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Control {
            limits: self.limits.clone(),
            cancel: self.cancel.clone(),
            deadline,
            seed: self.seed,
        }
    }

    /// `streams`: the caller's own standard streams are used; otherwise they carry the reply and
    /// the log.
    fn execute(
        &mut self,
        args: Vec<Vec<u8>>,
        root: Arc<dyn Dir>,
        control: Control,
        reporter: Option<&Reporter>,
        streams: bool,
    ) -> Result<Finished, JobError> {
        let (mut stdin, mut stdout, mut stderr) = (Stdin::Empty, Output::Capture, Output::Capture);
        if streams {
            std::mem::swap(&mut stdin, &mut self.stdin);
            std::mem::swap(&mut stdout, &mut self.stdout);
            std::mem::swap(&mut stderr, &mut self.stderr);
        }
        let setup = Setup {
            args,
            env: std::mem::take(&mut self.env),
            root: Some(root),
            stdin,
            stdout,
            stderr,
            progress: reporter.map(Reporter::sink),
            control,
        };
        execute(self.runtime.inner.program.as_ref(), setup).map_err(|error| match error {
            NotStarted::Build(error) => JobError::Spec(SpecError::new("", error.to_string())),
            NotStarted::Start(error) => outcome::not_started(error),
        })
    }
}

impl fmt::Debug for Invocation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation")
            .field("limits", &self.limits)
            .field("deadline", &self.deadline)
            .field("timeout", &self.timeout)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

fn parse<T: DeserializeOwned>(reply: &[u8]) -> Result<T, String> {
    serde_json::from_slice(reply).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> String {
    format!("its reply cannot be read: {error}")
}
