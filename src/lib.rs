//! Real FFmpeg in a sandbox, over a virtual filesystem.

pub mod error;
pub mod job;
pub mod report;

pub use error::{ErrorClass, SpecError};
pub use job::{
    Chapter, Chapters, FramesJob, Input, Job, MetadataFrom, OnCorrupt, Output, Scene, Seek,
    SeekMode, Select, Spec, StreamMetadata, VOCABULARY,
};
pub use report::{
    Capabilities, Component, ComponentKind, EngineInfo, FramesReport, ProbeReport, ProcessReport,
    Rational,
};
