//! Real FFmpeg in a sandbox, over a virtual filesystem.

pub mod engine;
pub mod error;
pub mod job;
pub mod report;
pub mod runtime;

/// The layer below: WASI over a virtual filesystem, for custom filesystems and for other guests.
pub use afmpeg_wasi as wasi;
#[cfg(feature = "host-fs")]
pub use afmpeg_wasi::vfs::{Access, HostDir};
pub use afmpeg_wasi::vfs::{MemFs, Vfs, VfsError};
pub use afmpeg_wasi::{CancelToken, LimitKind, Limits};
pub use engine::Engine;
pub use error::{ErrorClass, JobError, LoadError, SpecError};
pub use job::{
    Chapters, FramesJob, Input, Job, MetadataFrom, OnCorrupt, Output, Scene, Seek, SeekMode,
    Select, Spec, StreamMetadata, VOCABULARY,
};
pub use report::{
    Capabilities, Component, ComponentKind, EngineInfo, FramesReport, ProbeReport, ProcessReport,
    Rational,
};
pub use runtime::{Invocation, Progress, ProgressSource, RunOutput, Runtime, Usage};
