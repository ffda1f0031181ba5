//! What a run of the benchmark measured, as one table.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use comfy_table::{CellAlignment, presets};
use serde_json::Value;

use crate::failure::{Failure, Result};

/// Nanoseconds for each kernel and way of running it.
pub(super) struct Table {
    rows: Vec<(String, BTreeMap<String, f64>)>,
}

/// The columns, as the benchmark calls them and as readers see them.
const COLUMNS: [(&str, &str); 6] = [
    (INTERPRETED, "interpreted C"),
    (LIFTED, "lifted C"),
    (KERNEL, "kernel, from lifted"),
    ("kernel", "kernel, alone"),
    ("kernel-from-guest", "kernel, from interpreted"),
    (NATIVE, "native C"),
];

/// What is said of a family: of the kernels' ratios to a column, in order, the one at this share.
const RATIOS: [(&str, &str, f64); 4] = [
    ("best / lifted C", LIFTED, 0.0),
    ("median / lifted C", LIFTED, 0.5),
    ("worst / lifted C", LIFTED, 1.0),
    ("median / native C", NATIVE, 0.5),
];

const INTERPRETED: &str = "c-interpreted";
const LIFTED: &str = "c-lifted";
const KERNEL: &str = "kernel-from-lifted";
const NATIVE: &str = "c-native";

impl Table {
    /// Reads what the benchmark wrote into `directory` after `started`.
    pub(super) fn read(directory: &Path, started: SystemTime) -> Result<Self> {
        let mut rows = Vec::new();
        for (kernel, path) in directories(directory)? {
            let mut row = BTreeMap::new();
            for (column, path) in directories(&path)? {
                let sample = path.join("new").join("sample.json");
                let fresh = fs::metadata(&sample).and_then(|data| data.modified());
                if fresh.is_ok_and(|at| at >= started) {
                    row.insert(column, least(&sample)?);
                }
            }
            if !row.is_empty() {
                rows.push((kernel, row));
            }
        }
        let mut table = Self { rows };
        table.sort();
        Ok(table)
    }

    /// The ratios of kernels whose names start alike, as the documents have them.
    fn families(&self) -> comfy_table::Table {
        let mut families: BTreeMap<&str, Vec<&BTreeMap<String, f64>>> = BTreeMap::new();
        for (kernel, row) in &self.rows {
            let family = kernel.split('_').next().unwrap_or(kernel);
            families.entry(family).or_default().push(row);
        }
        let mut table = comfy_table::Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        let heads = ["family", "kernels"].into_iter();
        table.set_header(heads.chain(RATIOS.iter().map(|(head, ..)| *head)));
        for (family, rows) in families {
            let mut cells = vec![family.to_owned(), rows.len().to_string()];
            cells.extend(RATIOS.iter().map(|(_, column, share)| {
                let ratios = rows.iter().filter_map(|row| ratio(row, column));
                let mut ratios: Vec<f64> = ratios.collect();
                ratios.sort_by(f64::total_cmp);
                let at = (ratios.len().saturating_sub(1) as f64 * share).round();
                ratios
                    .get(at as usize)
                    .map_or_else(String::new, |ratio| format!("{ratio:.2}"))
            }));
            table.add_row(cells);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }

    /// Kernels that lose against what they replace come first, then those that were not compared.
    fn sort(&mut self) {
        let rank = |row: &BTreeMap<String, f64>| ratio(row, LIFTED).unwrap_or(f64::INFINITY);
        self.rows
            .sort_by(|(a, x), (b, y)| rank(y).total_cmp(&rank(x)).then_with(|| a.cmp(b)));
    }
}

/// The time of the kernel, called by lifted code, in that of another column.
fn ratio(row: &BTreeMap<String, f64>, column: &str) -> Option<f64> {
    Some(row.get(KERNEL)? / row.get(column)?)
}

/// The least time of one call among the samples: a machine that does other things as well makes every
/// measurement longer and none shorter.
fn least(path: &Path) -> Result<f64> {
    let text = fs::read(path).map_err(Failure::io("read", path))?;
    let sample: Value = serde_json::from_slice(&text)
        .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    let list = |name: &str| {
        let values = sample[name].as_array().into_iter().flatten();
        values.filter_map(Value::as_f64).collect::<Vec<_>>()
    };
    let (times, calls) = (list("times"), list("iters"));
    let each = times.iter().zip(&calls).map(|(time, calls)| time / calls);
    each.min_by(f64::total_cmp)
        .ok_or_else(|| Failure::new(format!("{} has no samples", path.display())))
}

fn directories(path: &Path) -> Result<Vec<(String, std::path::PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(Failure::io("read", path))? {
        let entry = entry.map_err(Failure::io("read", path))?;
        if entry.path().is_dir() {
            found.push((
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            ));
        }
    }
    Ok(found)
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING);
        let heads = ["kernel", "kernel / lifted C"].into_iter();
        table.set_header(heads.chain(COLUMNS.map(|(_, head)| head)));
        for (kernel, row) in &self.rows {
            let ratio = ratio(row, LIFTED).map_or_else(String::new, |ratio| format!("{ratio:.2}"));
            let mut cells = vec![kernel.clone(), ratio];
            cells.extend(COLUMNS.map(|(column, _)| {
                row.get(column)
                    .map_or_else(String::new, |time| format!("{time:.1}"))
            }));
            table.add_row(cells);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        writeln!(
            f,
            "\nns a call, the least of all samples; the worst kernels first\n{table}\n\n{}",
            self.families()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, times: &[(&str, f64)]) -> (String, BTreeMap<String, f64>) {
        let times = times.iter().map(|(column, ns)| ((*column).to_owned(), *ns));
        (name.to_owned(), times.collect())
    }

    #[test]
    fn a_kernel_that_is_slower_than_lifted_code_stands_above_a_faster_one() {
        let mut table = Table {
            rows: vec![
                row("fast", &[(LIFTED, 100.0), (KERNEL, 10.0)]),
                row("slow", &[(LIFTED, 100.0), (KERNEL, 120.0)]),
                row("alone", &[(INTERPRETED, 5.0)]),
            ],
        };
        table.sort();
        let text = table.to_string();
        let at = |name| text.find(name).expect("every row is printed");
        assert!(
            at("alone") < at("slow") && at("slow") < at("fast"),
            "{text}"
        );
        assert!(text.contains("1.20"), "{text}");
    }

    #[test]
    fn a_family_has_the_ratios_of_its_kernels() {
        let table = Table {
            rows: vec![
                row("h264_a", &[(LIFTED, 10.0), (KERNEL, 1.0), (NATIVE, 2.0)]),
                row("h264_b", &[(LIFTED, 10.0), (KERNEL, 3.0), (NATIVE, 2.0)]),
                row("h264_c", &[(LIFTED, 10.0), (KERNEL, 9.0), (NATIVE, 9.0)]),
                row("vp8_a", &[(INTERPRETED, 10.0)]),
            ],
        };
        let text = table.families().to_string();
        let cells = |family: &str| -> Vec<String> {
            let line = text.lines().find(|line| line.contains(family));
            let line = line.expect("each family has a line");
            line.split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        assert_eq!(
            cells("h264"),
            ["", "h264", "3", "0.10", "0.30", "0.90", "1.00", ""]
        );
        assert_eq!(cells("vp8"), ["", "vp8", "1", "", "", "", "", ""]);
    }
}
