//! What the race found: costs by workload and column, their ratios, as text and as JSON.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value, json};

use super::measure::Cost;
use super::peers::{Bytes, COLUMNS, Column};
use crate::failure::{Failure, Result};

/// Everything that one race found.
pub(super) struct Table {
    pub(super) rounds: u32,
    /// Who took part, and what it is on this machine.
    pub(super) peers: BTreeMap<&'static str, String>,
    /// The row of a process that does nothing.
    pub(super) start: Row,
    pub(super) rows: Vec<Row>,
    /// Open and probe times of a warm process; null when they were not measured.
    pub(super) warm: Value,
    /// The figures of the workloads on two threads that were measured.
    pub(super) parallel: Vec<(&'static str, Value)>,
}

/// One workload.
pub(super) struct Row {
    pub(super) name: &'static str,
    what: &'static str,
    costs: BTreeMap<&'static str, Cost>,
    results: BTreeMap<&'static str, String>,
}

impl Row {
    pub(super) fn new(name: &'static str, what: &'static str) -> Self {
        Self {
            name,
            what,
            costs: BTreeMap::new(),
            results: BTreeMap::new(),
        }
    }

    /// Takes one run of a column in; each figure keeps its minimum. A column that makes different bytes in
    /// different rounds cannot be compared with anything, which is an error.
    pub(super) fn add(
        &mut self,
        column: &'static str,
        cost: Cost,
        result: Option<String>,
    ) -> Result<()> {
        self.costs
            .entry(column)
            .and_modify(|best| *best = best.min(cost))
            .or_insert(cost);
        let Some(result) = result else {
            return Ok(());
        };
        match self.results.insert(column, result.clone()) {
            Some(before) if before != result => Err(Failure::new(format!(
                "{}: {column} made different bytes in two rounds",
                self.name
            ))),
            _ => Ok(()),
        }
    }

    /// Fails when a column that runs the same module has another result than plain interpretation.
    pub(super) fn compare(&self) -> Result<()> {
        let differs = |column: &&Column| {
            column.bytes == Bytes::Equal && self.same_bytes(column.name) == Some(false)
        };
        match COLUMNS.iter().find(differs) {
            None => Ok(()),
            Some(column) => Err(Failure::new(format!(
                "{}: the result of {} differs from that of plain interpretation",
                self.name, column.name
            ))
            .mend(
                "compare the two files in target/race; one of the modes computes something else",
            )),
        }
    }

    /// Whether the column's result is that of plain interpretation, if both are known.
    fn same_bytes(&self, column: &str) -> Option<bool> {
        Some(self.results.get(column)? == self.results.get("plain")?)
    }

    pub(super) fn cpu(&self, column: &str) -> Option<f64> {
        self.costs.get(column).map(|cost| cost.cpu_s)
    }
}

/// `a / b`, if both were measured and `b` is not 0.
fn ratio(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? / b?).filter(|ratio| ratio.is_finite())
}

impl Table {
    /// How many times as fast as plain interpretation a column is.
    pub(super) fn speedup(row: &Row, column: &str) -> Option<f64> {
        ratio(row.cpu("plain"), row.cpu(column))
    }

    /// The CPU seconds of the work alone, without the start of a process. What the start's own spread leaves
    /// nothing of is unknown.
    fn job_cpu(&self, row: &Row, column: &str) -> Option<f64> {
        Some(row.cpu(column)? - self.start.cpu(column)?).filter(|cpu| *cpu > 0.0)
    }

    /// Fails unless column `fast` is at least `factor` times as fast as column `slow` in every workload.
    pub(super) fn check(&self, fast: &str, slow: &str, factor: f64) -> Result<()> {
        for row in &self.rows {
            let found = ratio(row.cpu(slow), row.cpu(fast)).ok_or_else(|| {
                Failure::new(format!("{}: {fast} or {slow} was not measured", row.name))
                    .mend("build the command with a lift pack: cargo xtask cli --fast")
            })?;
            if found < factor {
                return Err(Failure::new(format!(
                    "{}: {fast} is {found:.2} times as fast as {slow}, and has to be {factor}",
                    row.name
                )));
            }
            eprintln!(
                "{}: {fast} is {found:.2} times as fast as {slow} (at least {factor})",
                row.name
            );
        }
        Ok(())
    }

    /// The one document of `--json`. Every column and ratio is there; what was not measured is null.
    pub(super) fn document(&self) -> Value {
        let by_column = |value: &dyn Fn(&str) -> Value| -> Value {
            COLUMNS
                .iter()
                .map(|column| (column.name.to_owned(), value(column.name)))
                .collect::<Map<_, _>>()
                .into()
        };
        let mut workloads: Map<_, _> = self
            .rows
            .iter()
            .map(|row| {
                let cost = |field: fn(&Cost) -> Value| {
                    by_column(&|column| row.costs.get(column).map_or(Value::Null, field))
                };
                let of = |column: &str| row.cpu(column);
                let job = |column: &str| self.job_cpu(row, column);
                let entry = json!({
                    "what": row.what,
                    "cpu_s": cost(|cost| cost.cpu_s.into()),
                    "wall_s": cost(|cost| cost.wall_s.into()),
                    "peak_bytes": cost(|cost| cost.peak_bytes.into()),
                    "speedup_over_plain": by_column(&|column| Self::speedup(row, column).into()),
                    "ratio_vs_wasmtime": ratio(of("fast"), of("wasmtime")),
                    "ratio_vs_native_c": ratio(of("fast"), of("native_c")),
                    "ratio_vs_native": ratio(of("fast"), of("native")),
                    "without_start": {
                        "cpu_s": by_column(&|column| job(column).into()),
                        "ratio_vs_wasmtime": ratio(job("fast"), job("wasmtime")),
                        "ratio_vs_native_c": ratio(job("fast"), job("native_c")),
                        "ratio_vs_native": ratio(job("fast"), job("native")),
                    },
                    "same_bytes_as_plain": by_column(&|column| row.same_bytes(column).into()),
                });
                (row.name.to_owned(), entry)
            })
            .collect();
        for (name, figures) in &self.parallel {
            workloads.insert((*name).to_owned(), figures.clone());
        }
        json!({
            "machine": machine(),
            "rounds": self.rounds,
            "peers": by_column(&|column| self.peers.get(column).cloned().into()),
            "start": {"cpu_s": by_column(&|column| self.start.cpu(column).into())},
            "engine": self.warm,
            "workloads": workloads,
        })
    }
}

fn machine() -> Value {
    let processor = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        });
    json!({"os": std::env::consts::OS, "arch": std::env::consts::ARCH, "cpu": processor,
        "cores": std::thread::available_parallelism().map_or(1, usize::from)})
}

/// The tables for people, each line ended.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for column in COLUMNS {
            let here = self.peers.get(column.name).map_or("absent", String::as_str);
            writeln!(f, "{:<9} {}: {here}", column.name, column.what)?;
        }
        let all: Vec<&Row> = [&self.start].into_iter().chain(&self.rows).collect();
        grid(f, "CPU seconds", &all, |row, column| {
            row.cpu(column).map(|cpu| format!("{cpu:.3}"))
        })?;
        let rows: Vec<&Row> = self.rows.iter().collect();
        grid(f, "times plain", &rows, |row, column| {
            Self::speedup(row, column).map(|times| format!("{times:.1}x"))
        })?;
        grid(f, "peak, MiB", &all, |row, column| {
            let peak = row.costs.get(column)?.peak_bytes;
            Some(format!("{:.0}", peak as f64 / 1_048_576.0))
        })?;
        if self.peers.contains_key("fast") {
            writeln!(
                f,
                "\n{:<14} {:>9} {:>9} {:>9}   (and without the start of a process)",
                "fast against", "wasmtime", "native_c", "native"
            )?;
            for row in &self.rows {
                write!(f, "{:<14}", row.name)?;
                for peer in ["wasmtime", "native_c", "native"] {
                    write!(f, " {:>9}", shown(ratio(row.cpu("fast"), row.cpu(peer))))?;
                }
                write!(f, "  ")?;
                for peer in ["wasmtime", "native_c", "native"] {
                    let job = ratio(self.job_cpu(row, "fast"), self.job_cpu(row, peer));
                    write!(f, " {:>6}", shown(job))?;
                }
                writeln!(f)?;
            }
        }
        let other: Vec<_> = self
            .rows
            .iter()
            .filter(|row| row.same_bytes("native_c") == Some(false))
            .map(|row| row.name)
            .collect();
        if !other.is_empty() {
            writeln!(f, "\nother bytes from native_c: {}", other.join(", "))?;
        }
        writeln!(
            f,
            "\nMinimum of {} rounds; whole processes, but wasmtime's guest alone.",
            self.rounds
        )?;
        if !self.warm.is_null() {
            writeln!(f, "engine: {}", self.warm)?;
        }
        for (name, figures) in &self.parallel {
            let speedup = figures["speedup"].as_f64().unwrap_or(f64::NAN);
            writeln!(
                f,
                "{name}: two threads are {speedup:.2} times as fast as one; {figures}"
            )?;
        }
        Ok(())
    }
}

fn shown(ratio: Option<f64>) -> String {
    ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"))
}

fn grid(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    rows: &[&Row],
    cell: impl Fn(&Row, &str) -> Option<String>,
) -> fmt::Result {
    write!(f, "\n{title:<14}")?;
    for column in COLUMNS {
        write!(f, " {:>9}", column.name)?;
    }
    writeln!(f)?;
    for row in rows {
        write!(f, "{:<14}", row.name)?;
        for column in COLUMNS {
            write!(
                f,
                " {:>9}",
                cell(row, column.name).as_deref().unwrap_or("-")
            )?;
        }
        writeln!(f)?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "table_tests.rs"]
pub(super) mod tests;
