//! What to do: jobs as typed values, checked here and written as the job-spec document.

mod check;
pub mod codec;
mod extras;
mod frames;
mod input;
mod output;
mod pads;
#[cfg(feature = "schema")]
mod schema;
mod spec;
mod stamp;
mod stream;
mod streamed;

pub use extras::{Attachment, Chapter};
pub use frames::{FramesJob, Scene, Select, Sheet};
pub use input::{Input, Seek, SeekMode};
pub use output::{Chapters, Cut, MetadataFrom, Output, StreamMetadata, Until};
pub use spec::{Spec, VOCABULARY};
pub use stream::{RateMode, Stream};
pub use streamed::Container;

pub(crate) use output::NULL;
pub(crate) use stamp::{CapabilitiesOp, ProbeOp, Stamp};

use serde::{Deserialize, Serialize};

use crate::error::SpecError;
use check::Checker;
use stamp::ProcessOp;

/// What to do with a damaged packet or frame of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum OnCorrupt {
    /// The job fails.
    #[default]
    Fail,
    /// It is skipped and counted in [`ProcessReport::corrupt_packets`](crate::ProcessReport).
    Skip,
}

impl OnCorrupt {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A job: inputs, an optional filter graph, outputs.
///
/// Every path is a path of the filesystem that the job is run over, never of the host. As a serde
/// value it is the job-spec document with `"op":"process"`; a document that is read may be stamped
/// with any older version of the vocabulary, what is written is stamped with [`VOCABULARY`].
///
/// ```
/// use afmpeg::{Input, Job, Output};
///
/// let job = Job::new()
///     .input(Input::file("/in.mp4"))
///     .filter("[0:v]scale=640:-2[v]")
///     .output(Output::file("/out.mp4").map("[v]").map("0:a").video_codec("libopenh264"));
/// let spec = job.to_spec()?;
/// assert!(spec.as_str().starts_with(r#"{"version":10,"op":"process","inputs":[{"path":"/in.mp4"}]"#));
/// # Ok::<(), afmpeg::SpecError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Job {
    #[serde(default)]
    version: Stamp,
    op: ProcessOp,
    /// The inputs, numbered from 0 in maps and in graph pads.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// A filter graph in FFmpeg's notation; without it, a pass-through of the first input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The outputs, one file (or one set of segments) each.
    #[serde(default)]
    pub outputs: Vec<Output>,
    /// What a damaged packet does.
    #[serde(default, skip_serializing_if = "OnCorrupt::is_default")]
    pub on_corrupt: OnCorrupt,
    /// Leave out what differs between builds of the engine, such as its version in file headers.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bitexact: bool,
    /// Write progress lines. A runtime sets it by itself when a progress callback is given.
    #[serde(default, skip_serializing_if = "is_false")]
    pub progress: bool,
}

impl Job {
    /// A job with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an input; the first one has the number 0.
    #[must_use]
    pub fn input(mut self, input: Input) -> Self {
        self.inputs.push(input);
        self
    }

    /// Sets the filter graph, as text or as a [`Graph`](crate::graph::Graph). Input pads are `[0:v]`, `[1:a]`, `[0:v:1]`; each output pad is
    /// claimed by the [`map`](Output::map) of an output.
    #[must_use]
    pub fn filter(mut self, graph: impl Into<String>) -> Self {
        self.filter = Some(graph.into());
        self
    }

    /// Adds an output.
    #[must_use]
    pub fn output(mut self, output: Output) -> Self {
        self.outputs.push(output);
        self
    }

    /// Sets what a damaged packet does.
    #[must_use]
    pub fn on_corrupt(mut self, what: OnCorrupt) -> Self {
        self.on_corrupt = what;
        self
    }

    /// Leaves out of the outputs what differs between builds of the engine.
    #[must_use]
    pub fn bitexact(mut self) -> Self {
        self.bitexact = true;
        self
    }

    /// Checks all that can be known of the job before it runs. [`Runtime::check`](crate::Runtime::check) asks the
    /// engine for more.
    ///
    /// ```
    /// use afmpeg::codec::X264;
    /// use afmpeg::{Input, Job, Output};
    ///
    /// let job = Job::new()
    ///     .input(Input::file("/in.mp4"))
    ///     .filter("null")
    ///     .output(Output::file("/out.mp4").video_codec(X264::new().crf(90.0)));
    /// let error = job.build().expect_err("there is no such quality");
    /// assert_eq!(error.field(), "outputs[0].video_options.crf");
    /// ```
    ///
    /// # Errors
    ///
    /// As [`to_spec`](Self::to_spec).
    pub fn build(self) -> Result<Self, SpecError> {
        self.to_spec()?;
        Ok(self)
    }

    /// Checks the job and writes it as the document that the engine reads.
    ///
    /// # Errors
    ///
    /// Names the first field that cannot be meant: a number that is not finite or is out of range,
    /// an empty path, `duration` together with `end`, a map of an input that is not there or of a pad that the
    /// filter graph certainly does not leave open, an output that would overwrite an input, a setting that its
    /// encoder cannot have.
    pub fn to_spec(&self) -> Result<Spec, SpecError> {
        Checker::job(self)?;
        Spec::new(self)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests;
