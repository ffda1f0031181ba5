//! The options of the verbs about files, jobs, engines and the command itself.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::cli::values::{DirMapping, InMapping, KeyValue, OutMapping, Preopen};

#[derive(Args, Debug)]
pub(crate) struct Probe {
    /// Files to look at; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Force the demuxer
    #[arg(long, value_name = "NAME")]
    pub(crate) input_format: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Job {
    /// The job spec; `-` is standard input
    #[arg(value_name = "SPEC.json")]
    pub(crate) spec: PathBuf,
    /// Directory that the job may read and write, or only read with ::ro
    #[arg(long, value_name = "HOST::GUEST[::ro]")]
    pub(crate) dir: Vec<DirMapping>,
    /// File that the job may read; `-` is standard input
    #[arg(long = "in", value_name = "HOST::GUEST")]
    pub(crate) inputs: Vec<InMapping>,
    /// File or directory of the job that is saved after success
    #[arg(long = "out", value_name = "GUEST::HOST")]
    pub(crate) outputs: Vec<OutMapping>,
}

#[derive(Args, Debug)]
pub(crate) struct Run {
    /// Directory that the module may read and write under this name, or only read with ::ro; it sees
    /// no other
    #[arg(long, value_name = "HOST::GUEST[::ro]")]
    pub(crate) dir: Vec<Preopen>,
    /// Environment variable of the module
    #[arg(long, value_name = "K=V")]
    pub(crate) env: Vec<KeyValue>,
    /// The module, and everything after it: its arguments, whatever they look like
    // One list, so that what comes after the module is never taken for an option of ours.
    #[arg(value_names = ["MODULE.wasm", "ARGS"], required = true, trailing_var_arg = true)]
    pub(crate) command: Vec<OsString>,
}

#[derive(Args, Debug)]
pub(crate) struct Capabilities {
    /// One component, as KIND=NAME: encoder=libopenh264, filter=scale, muxer=mp4
    #[arg(value_name = "COMPONENT")]
    pub(crate) component: Option<KeyValue>,
}

#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// The job spec; `-` is standard input
    #[arg(value_name = "SPEC")]
    pub(crate) spec: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Graph {
    /// The job spec; `-` is standard input
    #[arg(value_name = "SPEC")]
    pub(crate) spec: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(crate) struct Man {
    /// The verb; without it, the page of the command
    #[arg(value_name = "VERB")]
    pub(crate) verb: Option<String>,
}
