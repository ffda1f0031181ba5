//! What a profile says: sums by function, as a table and as a document.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::Write;

use serde::Serialize;

use super::context::{Node, What};
use super::names::Names;

/// A profile by function: what `profile.json` holds and what the lifting tool picks hot functions
/// by.
///
/// ```json
/// {"engine_sha256": "adf6…", "job": "reel", "unit": "wasm instructions", "total": 4512000123,
///  "functions": [{"index": 6537, "name": "hScale8To15_c", "self": 709272000, "total": 709272000,
///                 "calls": 36000, "bulk_bytes": 0}, …]}
/// ```
///
/// Every function that was called is there, the one with the most instructions of its own first.
/// `index` counts as the engine's function index space does: imports first.
#[derive(Debug, Serialize)]
pub(super) struct Profile {
    /// The module that was profiled, decompressed.
    pub(super) engine_sha256: String,
    pub(super) job: String,
    /// What `self` and `total` count.
    unit: &'static str,
    /// All instructions of the run.
    pub(super) total: u64,
    pub(super) functions: Vec<Row>,
}

/// One function.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    pub(super) index: u32,
    pub(super) name: String,
    /// Its own instructions.
    #[serde(rename = "self")]
    pub(super) own: u64,
    /// Its own and those of everything that it called.
    pub(super) total: u64,
    /// How often it was called. For an import, calls through the function table are not seen.
    pub(super) calls: u64,
    /// Bytes that its `memory.copy`, `memory.fill` and `memory.init` moved; each of them counts as
    /// one instruction, however long it takes.
    pub(super) bulk_bytes: u64,
}

impl Profile {
    /// Sums a tree up.
    pub(super) fn new(tree: &[Node], names: &Names, engine_sha256: String, job: &str) -> Self {
        let with_callees = with_callees(tree);
        let mut rows: HashMap<u32, Row> = HashMap::new();
        for (node, with_callees) in tree.iter().zip(with_callees) {
            let What::Function(index) = node.what else {
                continue;
            };
            let row = rows.entry(index).or_insert_with(|| Row {
                index,
                name: names.get(index),
                own: 0,
                total: 0,
                calls: 0,
                bulk_bytes: 0,
            });
            row.own += node.instructions;
            // No function is below itself in the tree, so nothing is added twice.
            row.total += with_callees;
            row.calls += node.calls;
            row.bulk_bytes += node.bulk_bytes;
        }
        let mut functions: Vec<Row> = rows.into_values().collect();
        functions.sort_by_key(|row| (Reverse(row.own), row.index));
        Self {
            engine_sha256,
            job: job.to_owned(),
            unit: "wasm instructions",
            total: functions.iter().map(|row| row.own).sum(),
            functions,
        }
    }

    /// Prints the first `top` functions.
    pub(super) fn print(&self, top: usize, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(
            out,
            "{}: {} instructions in {} functions",
            self.job,
            self.total,
            self.functions.len()
        )?;
        writeln!(
            out,
            "{:>14} {:>6} {:>6} {:>6} {:>11} {:>9} {:>12}  function [index]",
            "instructions", "share", "sum", "total", "calls", "a call", "bulk bytes"
        )?;
        let share = |part: u64| part as f64 * 100.0 / self.total.max(1) as f64;
        let mut sum = 0;
        for row in self.functions.iter().take(top) {
            sum += row.own;
            writeln!(
                out,
                "{:>14} {:>5.1}% {:>5.1}% {:>5.1}% {:>11} {:>9} {:>12}  {} [{}]",
                row.own,
                share(row.own),
                share(sum),
                share(row.total),
                row.calls,
                row.own / row.calls.max(1),
                row.bulk_bytes,
                row.name,
                row.index
            )?;
        }
        writeln!(
            out,
            "instructions: of the function itself; sum: of the shares so far; total: with callees."
        )
    }
}

/// The instructions of each node and of everything below it.
fn with_callees(tree: &[Node]) -> Vec<u64> {
    let mut sums: Vec<u64> = tree.iter().map(|node| node.instructions).collect();
    // Callees come after their callers.
    for (position, node) in tree.iter().enumerate().rev() {
        if let Some(parent) = node.parent {
            sums[parent] += sums[position];
        }
    }
    sums
}
