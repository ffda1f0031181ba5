//! What the scratch directory knows: the plan, and of each part whether it is done.

use std::sync::Arc;

use afmpeg_wasi::vfs::{Dir, OpenOptions, VfsError, VfsResult, ops};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{NAMES, Plan, Segment};
use crate::report::ProcessReport;
use crate::runtime::Usage;

/// The scratch directory.
#[derive(Clone)]
pub(super) struct Scratch(pub(super) Arc<dyn Dir>);

/// What a scratch directory has in it.
pub(super) enum Found {
    Nothing,
    Plan(Box<Plan>),
    /// A plan that cannot be read, or files without a plan: somebody else's.
    Others,
}

/// A part that is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    size: u64,
    sha256: String,
    /// A report that is read has none, since an engine does not tell it.
    usage: Usage,
    pub(super) report: ProcessReport,
}

impl Record {
    /// How long its output is.
    pub(super) fn seconds(&self) -> f64 {
        let output = self.report.outputs.first();
        let length = output.and_then(|output| output.duration);
        length.map_or(0.0, f64::from)
    }
}

impl Scratch {
    /// What is in the directory.
    pub(super) fn found(&self) -> VfsResult<Found> {
        let mut others = false;
        for entry in ops::read_dir(&self.0, "/")? {
            let name = entry.name.as_str();
            if name == NAMES.plan {
                let text = ops::read(&self.0, &format!("/{name}"))?;
                return Ok(serde_json::from_slice(&text)
                    .map_or(Found::Others, |plan| Found::Plan(Box::new(plan))));
            }
            others |= !is_left_over(name);
        }
        Ok(if others {
            Found::Others
        } else {
            Found::Nothing
        })
    }

    pub(super) fn keep_plan(&self, plan: &Plan) -> Result<(), VfsError> {
        self.write_whole(&format!("/{}", NAMES.plan), &text(plan))
    }

    pub(super) fn keep_list(&self, list: &str) -> Result<(), VfsError> {
        ops::write(&self.0, &format!("/{}", NAMES.list), list)
    }

    /// The record of the file at `path`, if there is one and the file is what it says.
    pub(super) fn record(&self, path: &str) -> Option<Record> {
        let text = ops::read(&self.0, &sidecar(path)).ok()?;
        let mut record: Record = serde_json::from_slice(&text).ok()?;
        record.report.usage = record.usage;
        let (size, sha256) = self.digest(path).ok()?;
        (size == record.size && sha256 == record.sha256).then_some(record)
    }

    /// Notes that the file at `path` is done.
    pub(super) fn keep_record(&self, path: &str, report: ProcessReport) -> VfsResult<Record> {
        let (size, sha256) = self.digest(path)?;
        let record = Record {
            size,
            sha256,
            usage: report.usage,
            report,
        };
        self.write_whole(&sidecar(path), &text(&record))?;
        Ok(record)
    }

    /// Removes everything of this plan; what is not there is gone already.
    pub(super) fn clear(&self, plan: &Plan) {
        let parts = (0..plan.parts.len()).map(|part| plan.part_path(part));
        for path in parts.chain([plan.rest_path()]) {
            let _ = ops::remove_file(&self.0, &sidecar(&path));
            let _ = ops::remove_file(&self.0, inside(&path));
        }
        let left = ops::read_dir(&self.0, "/").unwrap_or_default();
        let left = left.iter().map(|entry| entry.name.as_str());
        // The plan last: while it is there, what is beside it is known as its own.
        for name in left
            .filter(|name| is_left_over(name))
            .chain([NAMES.list, NAMES.plan])
        {
            let _ = ops::remove_file(&self.0, &format!("/{name}"));
        }
    }

    /// The length and the SHA-256 of a file.
    fn digest(&self, path: &str) -> VfsResult<(u64, String)> {
        let file = ops::open_file(&self.0, inside(path), OpenOptions::READ)?;
        let mut buffer = vec![0; BUFFER];
        let (mut at, mut hash) = (0, Sha256::new());
        loop {
            let count = file.read_at(at, &mut buffer)?.min(BUFFER);
            if count == 0 {
                break;
            }
            hash.update(&buffer[..count]);
            at += count as u64;
        }
        Ok((at, crate::engine::hex(&hash.finalize())))
    }

    /// A process that is killed leaves the old file or the new one, where the filesystem can rename.
    fn write_whole(&self, path: &str, text: &str) -> VfsResult<()> {
        let aside = format!("{path}.new");
        ops::write(&self.0, &aside, text)?;
        // After a loss of power there is the old file or the new one.
        ops::open_file(&self.0, &aside, OpenOptions::READ)?.sync(false)?;
        ops::rename(&self.0, &aside, path)
    }
}

/// The path in the scratch directory of what the jobs see below [`Segment::DIRECTORY`].
fn inside(path: &str) -> &str {
    path.strip_prefix(Segment::DIRECTORY).unwrap_or(path)
}

/// What a process that was killed left in the middle of writing.
fn is_left_over(name: &str) -> bool {
    name.ends_with(".json.new") || (name.starts_with(".afmpeg-") && name.ends_with("partial"))
}

fn sidecar(path: &str) -> String {
    format!("{}.json", inside(path))
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("plans and records have text as their keys")
}

const BUFFER: usize = 1 << 16;
