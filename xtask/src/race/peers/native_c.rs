//! The peer that is our own sources without WebAssembly: see `engine/native.rs`.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Folder, Peer, Results, Run, over_files};
use crate::engine;
use crate::failure::{Failure, Result};
use crate::race::measure;
use crate::race::workloads::Workload;
use crate::workspace::Workspace;

/// The native build of the driver.
pub(in crate::race) struct NativeC {
    program: PathBuf,
    folder: Folder,
}

/// Builds it. A machine that it cannot be built on has no such column.
pub(in crate::race) fn find(workspace: &Workspace, folder: &Folder) -> Result<NativeC> {
    Ok(NativeC {
        program: engine::ensure_native(workspace)?,
        folder: folder.clone(),
    })
}

impl Peer for NativeC {
    fn column(&self) -> &'static str {
        "native_c"
    }

    fn describe(&self) -> String {
        "zig cc -O3, --disable-asm, baseline processor, one thread".to_owned()
    }

    fn run(&self, workload: &Workload) -> Result<Run> {
        let results = Results::prepare(self.folder.of(self.column())?, workload)?;
        let inputs =
            std::path::absolute(&self.folder.0).map_err(Failure::io("find", &self.folder.0))?;
        let spec = over_files(&(workload.spec)(), &inputs, &results.folder);
        let line: [OsString; 2] = [self.program.clone().into(), spec.to_string().into()];
        let cost = measure::run(&line, &results.reply)?;
        Ok(Run {
            cost,
            result: Some(results.digest(&inputs)?),
        })
    }
}
