//! Real FFmpeg in a sandbox, over a virtual filesystem.
//!
//! The FFmpeg libraries, compiled to WebAssembly, run in an interpreter inside this process: no
//! JIT, no subprocess, no temporary file. A job sees the filesystem that it is given and nothing
//! of the host. The engine is a file of its own, which an application chooses and ships.
//!
//! ```no_run
//! use afmpeg::{Engine, Input, Job, MemFs, Output, Runtime, Seek};
//!
//! let engine = Engine::open("ffmpeg-wasi-lean-lgpl.wasm")?;
//! let runtime = Runtime::new(engine)?;
//!
//! let fs = MemFs::new();
//! fs.write("/in.mp4", std::fs::read("clip.mp4")?)?;
//! let job = Job::new()
//!     .input(Input::file("/in.mp4").seek(Seek::accurate(12.5)))
//!     .filter("[0:v]scale=640:-2[v];[0:a]volume=0.5[a]")
//!     .output(
//!         Output::file("/out.mp4")
//!             .map("[v]")
//!             .map("[a]")
//!             .video_codec("libopenh264")
//!             .audio_codec("aac")
//!             .duration(5.0),
//!     );
//! let report = runtime.process(&fs, &job)?;
//! println!("{} frames", report.outputs[0].streams[0].frames.unwrap_or(0));
//! std::fs::write("out.mp4", fs.read("/out.mp4")?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Paths
//!
//! The paths of a job are those of its filesystem, with two exceptions that belong to the sandbox:
//! `/tmp` is each run's own, empty at its start and gone at its end, and `/dev` has the usual
//! synthetic nodes. What the given filesystem has under these names is hidden.
//!
//! # Limits
//!
//! Every job has limits that are safe for media from strangers ([`Limits`]): 512 MiB of memory, an
//! hour of time, 1 MiB of text. [`Runtime::invocation`] sets others, and a deadline, a
//! [`CancelToken`], progress, the log, and a reproducible clock.
//!
//! # Threads
//!
//! Jobs run on the thread that calls and block it. One [`Runtime`] serves any number of threads at
//! the same time; jobs share its translated code and nothing else. A [`Pool`] runs many on threads of
//! its own.
//!
//! # Building
//!
//! The interpreter must be compiled with optimisation and without debug assertions, also in a
//! debug build of the application; see the documentation of [`wasi`]. Where that cannot be had,
//! the feature `portable-dispatch` trades speed for it.

#[cfg(feature = "cli")]
pub mod cli;
pub mod engine;
pub mod error;
pub mod graph;
pub mod job;
pub mod kernels;
pub mod pool;
pub mod report;
pub mod runtime;
mod sections;
pub mod segment;
pub mod stream;

/// The command is written against the public names.
#[cfg(feature = "cli")]
extern crate self as afmpeg;

/// The layer below: WASI over a virtual filesystem, for custom filesystems and for other guests.
pub use afmpeg_wasi as wasi;
pub use afmpeg_wasi::LiftedModule;
/// Where the text of a guest goes, for [`Invocation::stdout`]; [`Output`] is the output of a job.
pub use afmpeg_wasi::Output as StdOutput;
pub use afmpeg_wasi::vfs;
#[cfg(feature = "host-fs")]
pub use afmpeg_wasi::vfs::{Access, HostDir};
pub use afmpeg_wasi::vfs::{MemFs, Vfs, VfsError};
pub use afmpeg_wasi::{CancelToken, LimitKind, Limits, Stdin};
#[cfg(feature = "download")]
pub use engine::HttpFetch;
pub use engine::{Acquire, Engine, Fetch, FetchProgress, FetchRequest, FetchResponse, FetchStatus};
pub use error::{
    AcquireError, ErrorClass, FetchError, JobError, LoadError, PoolError, SegmentError,
    SourceError, SpecError,
};
pub use job::codec;
pub use job::{
    Attachment, Chapter, Chapters, Container, Cut, FramesJob, Input, Job, MetadataFrom, OnCorrupt,
    Output, RateMode, Scene, Seek, SeekMode, Select, Sheet, Spec, Stream, StreamMetadata, Until,
    VOCABULARY,
};
pub use pool::{Pool, PoolBuilder, Priority, Task};
pub use report::{
    Capabilities, Component, ComponentKind, EngineInfo, FramesReport, MediaTime, OptionInfo,
    ProbeReport, ProcessReport, Rational, StreamInfo,
};
pub use runtime::{
    Invocation, LogLevel, LogMessage, Mode, OutputFiles, Problem, ProblemKind, Progress,
    ProgressEvents, ProgressSource, RunOutput, Runtime, Usage,
};

pub use segment::Segment;

/// The example of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
