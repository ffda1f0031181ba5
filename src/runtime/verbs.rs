//! What can be done with an engine: a command, a job, a probe, pictures, its capabilities.

use std::sync::Arc;

use afmpeg_wasi::vfs::{Dir, VfsError};
use afmpeg_wasi::{Output, Stdin, Stop};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::aside::Aside;
use super::execute::{Finished, NotStarted, Sees, Setup, Usage, execute};
use super::invocation::{Invocation, OutputFiles, RunOutput};
use super::log::{Log, text_of};
use super::observe::{Counters, Observed};
use super::outputs::{Doubt, Watch, verify_frames, verify_process};
use super::progress::Reporter;
use super::{PROGRAM, fonts, outcome, preflight, reprobe};
use crate::error::{JobError, SpecError};
use crate::job::{CapabilitiesOp, FramesJob, Input, Job, ProbeOp, Spec, Stamp, VOCABULARY};
use crate::report::{
    Capabilities, Component, ComponentKind, FramesReport, ProbeReply, ProbeReport, ProcessReport,
};

impl Invocation<'_> {
    /// Runs the module as a command with these arguments, the first of which is its name.
    ///
    /// # Errors
    ///
    /// The guest did not end by itself: a limit, a trap, the deadline, the token.
    pub fn run(
        mut self,
        args: impl IntoIterator<Item = impl Into<Vec<u8>>>,
    ) -> Result<RunOutput, JobError> {
        let setup = Setup {
            args: args.into_iter().map(Into::into).collect(),
            env: std::mem::take(&mut self.env),
            sees: match self.preopens.take() {
                Some(dirs) => Sees::Only(dirs),
                None => Sees::Root(self.fs.root()),
            },
            stdin: std::mem::take(&mut self.stdin),
            stdout: std::mem::take(&mut self.stdout),
            stderr: std::mem::take(&mut self.stderr),
            progress: None,
            log: None,
            control: self.control(),
        };
        let run = self.launch(setup)?;
        let Stop::Exit(exit_code) = run.stop else {
            return Err(outcome::stopped(run.stop, text_of(&run.stderr), Vec::new()));
        };
        Ok(RunOutput {
            exit_code,
            stdout: run.stdout,
            stderr: run.stderr,
            stdout_truncated: run.stdout_truncated,
            stderr_truncated: run.stderr_truncated,
            limits_met: run.limits_met,
            usage: run.usage,
        })
    }

    /// Runs a job.
    ///
    /// # Errors
    ///
    /// See [`JobError`]. Success means that every output was found in the filesystem with the size
    /// that is reported, and could be [read back](Self::reprobe).
    pub fn process(self, job: &Job) -> Result<ProcessReport, JobError> {
        self.process_if(job, |_| Ok(()))
    }

    /// The same, unless what was written is not what the caller expects: the clause says why. The outputs are not
    /// in their places yet when it is asked.
    pub(crate) fn process_if(
        self,
        job: &Job,
        expected: impl FnOnce(&ProcessReport) -> Result<(), String>,
    ) -> Result<ProcessReport, JobError> {
        let mut told = job.clone();
        told.progress |= self.progress.is_some();
        let spec = told.to_spec()?;
        let tree = Tree::new(self.fs.root(), self.outputs);
        let root = tree.root();
        let watch = Watch::new(&root, job.outputs.iter().map(|output| output.path.clone()));
        let inputs: Vec<&str> = job.inputs.iter().flat_map(Input::files).collect();
        let (runtime, control) = (self.runtime, self.control());
        let reprobe = self.reprobe;
        self.typed(
            spec.into_string(),
            VOCABULARY,
            &tree,
            &inputs,
            &watch,
            |reply, ran| {
                let mut report: ProcessReport = parse(reply)?;
                verify_process(&root, &watch, &report)?;
                ran.read_all()?;
                if reprobe {
                    reprobe::verify(runtime, control, &root, job, &report)?;
                }
                expected(&report)?;
                report.usage = ran.usage;
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
        let tree = Tree::new(self.fs.root(), self.outputs);
        let root = tree.root();
        let watch = match template {
            Some(template) => Watch::template(&root, template).and(
                &root,
                document.pointer("/sheet/track").and_then(Value::as_str),
            ),
            None => Watch::new(&root, outputs),
        };
        let mut text = spec.to_owned();
        if let Some(fields) = document.as_object_mut()
            && self.progress.is_some()
            && matches!(op.as_str(), "process" | "frames")
            && version >= 10
            && !fields.contains_key("progress")
        {
            fields.insert("progress".to_owned(), true.into());
            text = document.to_string();
        }
        // A newer document than the engine knows is refused by the engine, in its own words.
        let needs = u32::try_from(version).unwrap_or(VOCABULARY).min(VOCABULARY);
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        self.typed(text, needs, &tree, &inputs, &watch, |reply, ran| {
            match op.as_str() {
                "process" => verify_process(&root, &watch, &parse(reply)?)?,
                "frames" => verify_frames(&root, &watch, &parse(reply)?)?,
                _ => return Ok(parse(reply)?),
            }
            ran.read_all()?;
            Ok(parse(reply)?)
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
        self.read_inputs(inputs).map(|(entries, _)| entries)
    }

    /// The same, and the read that failed, if one did: a demuxer may have taken it for the end of the file.
    pub(super) fn read_inputs(self, inputs: Vec<Input>) -> Result<Inputs, JobError> {
        #[derive(Serialize)]
        struct Probe<'a> {
            version: Stamp,
            op: ProbeOp,
            inputs: &'a [Input],
        }
        if inputs.is_empty() {
            return Ok((Vec::new(), None));
        }
        Input::check_all(&inputs)?;
        let spec = Spec::new(&Probe {
            version: Stamp,
            op: ProbeOp,
            inputs: &inputs,
        })?;
        let tree = Tree::new(self.fs.root(), OutputFiles::InPlace);
        let root = tree.root();
        let files: Vec<&str> = inputs.iter().flat_map(Input::files).collect();
        let watch = Watch::new(&root, []);
        self.typed(
            spec.into_string(),
            VOCABULARY,
            &tree,
            &files,
            &watch,
            |reply, ran| {
                let reply: ProbeReply = parse(reply)?;
                let entries = reply.into_entries().map_err(|error| unreadable(&error))?;
                if entries.len() != inputs.len() {
                    let (is, should) = (entries.len(), inputs.len());
                    let clause = format!("its reply has {is} entries for {should} inputs");
                    return Err(clause.into());
                }
                let entries = entries.into_iter();
                let entries = entries.map(|each| each.map_err(outcome::entry_failure));
                Ok((entries.collect(), ran.read_error))
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
        let tree = Tree::new(self.fs.root(), self.outputs);
        let root = tree.root();
        let track = job.sheet.as_ref().and_then(|sheet| sheet.track.as_deref());
        let watch = Watch::template(&root, &job.path).and(&root, track);
        let inputs: Vec<&str> = job.inputs.iter().flat_map(Input::files).collect();
        self.typed(
            spec.into_string(),
            VOCABULARY,
            &tree,
            &inputs,
            &watch,
            |reply, ran| {
                let mut report: FramesReport = parse(reply)?;
                verify_frames(&root, &watch, &report)?;
                ran.read_all()?;
                report.usage = ran.usage;
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
        let tree = Tree::new(self.fs.root(), OutputFiles::InPlace);
        let watch = Watch::new(&tree.root(), []);
        self.typed(
            spec.into_string(),
            VOCABULARY,
            &tree,
            &[],
            &watch,
            |reply, _| Ok(parse(reply)?),
        )
    }

    /// Runs a document and reads its reply. What `read` finds wrong with the reply is a success
    /// that is not borne out.
    fn typed<T>(
        mut self,
        spec: String,
        needs: u32,
        tree: &Tree,
        inputs: &[&str],
        watch: &Watch,
        read: impl FnOnce(&[u8], &Ran) -> Result<T, Doubt>,
    ) -> Result<T, JobError> {
        let control = self.control();
        preflight::require(&self.runtime.inner, &control, needs)?;
        let root = tree.root();
        let mut seen = Arc::clone(&root);
        let reporter = self.progress.take().map(|callback| {
            let counters = Counters::new(&root, inputs.iter().copied());
            seen = Arc::new(Observed::new(Arc::clone(&root), Arc::clone(&counters)));
            Reporter::start(counters, callback)
        });
        let log = Log::new(self.log.take(), self.messages.take());
        let setup = Setup {
            args: vec![PROGRAM.into(), spec.into_bytes()],
            env: std::mem::take(&mut self.env),
            sees: Sees::Root(seen),
            stdin: Stdin::Empty,
            stdout: Output::Capture,
            stderr: Output::Writer(log.writer()),
            progress: reporter.as_ref().map(Reporter::sink),
            log: log.device(),
            control,
        };
        let run = self.launch(setup);
        let log_tail = log.finish();
        let result = run.and_then(|run| {
            let ran = Ran {
                usage: run.usage,
                read_error: run.read_error,
            };
            let reply = outcome::reply(run, log_tail.clone(), &root, watch)?;
            let doubted = |doubt| outcome::doubted(doubt, log_tail, watch.begun(&root));
            read(&reply, &ran).map_err(doubted)
        });
        let result = tree.settle(result, watch);
        if let Some(reporter) = reporter {
            reporter.finish(result.is_ok());
        }
        result
    }

    fn launch(&self, mut setup: Setup) -> Result<Finished, JobError> {
        if let (Some(font), Sees::Root(root)) = (&self.runtime.default_font, &setup.sees) {
            let root = fonts::with_default(Arc::clone(root), font);
            setup.sees = Sees::Root(root.map_err(|error| JobError::Host(Box::new(error)))?);
        }
        execute(self.runtime.inner.program.as_ref(), setup).map_err(|error| match error {
            NotStarted::Build(error) => JobError::Spec(SpecError::new("", error.to_string())),
            NotStarted::Start(error) => outcome::not_started(error),
        })
    }
}

/// What each input is, and the read that failed.
type Inputs = (Vec<Result<ProbeReport, JobError>>, Option<VfsError>);

/// The filesystem of a job, with its outputs aside or in place.
struct Tree {
    given: Arc<dyn Dir>,
    aside: Option<Aside>,
    keeps_partial: bool,
}

impl Tree {
    fn new(given: Arc<dyn Dir>, files: OutputFiles) -> Self {
        let aside = (files != OutputFiles::InPlace).then(|| Aside::new(Arc::clone(&given)));
        Self {
            given,
            aside,
            keeps_partial: files == OutputFiles::WholeOrPartial,
        }
    }

    /// As the job sees it.
    fn root(&self) -> Arc<dyn Dir> {
        let aside = self.aside.as_ref().map(Aside::root);
        aside.unwrap_or_else(|| Arc::clone(&self.given))
    }

    /// Moves the outputs of a job that is done into place, and removes those of one that is not.
    fn settle<T>(&self, result: Result<T, JobError>, watch: &Watch) -> Result<T, JobError> {
        let Some(aside) = &self.aside else {
            return result;
        };
        let error = match result {
            Ok(value) => match aside.commit() {
                Ok(()) => return Ok(value),
                Err(error) => outcome::storage(error, None, Vec::new()),
            },
            Err(error) => error,
        };
        let mut left = Vec::new();
        if self.keeps_partial {
            left = aside.keep_partial();
        } else {
            aside.abort();
        }
        // Where the tree cannot rename, they were in place.
        left.extend(watch.begun(&self.given));
        Err(error.with_partial_outputs(left))
    }
}

/// What a run left beside its reply.
struct Ran {
    usage: Usage,
    read_error: Option<VfsError>,
}

impl Ran {
    /// Many demuxers take a read that failed for the end of the file. Of probes each entry speaks for itself.
    fn read_all(&self) -> Result<(), Doubt> {
        self.read_error
            .map_or(Ok(()), |error| Err(Doubt::Storage(error)))
    }
}

fn parse<T: DeserializeOwned>(reply: &[u8]) -> Result<T, String> {
    serde_json::from_slice(reply).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> String {
    format!("its reply cannot be read: {error}")
}
