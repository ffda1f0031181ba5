//! Which elements of its table the guest of the kernels' tests notes when it is set up.

use std::collections::BTreeSet;

use afmpeg::kernels::table_functions;
use afmpeg::wasi::{Program as _, Stop, Wasi, WasmiProgram};
use wasmparser::{ExternalKind, Operator, Parser, Payload};

use crate::failure::{Failure, Result};

/// The elements that are the libraries' own functions, and those that replaced them.
pub(super) fn noted(guest: &[u8]) -> Result<BTreeSet<u32>> {
    let broken = |why: &dyn std::fmt::Display| {
        Failure::new(format!(
            "the guest of the kernels' tests cannot be set up: {why}"
        ))
    };
    let program = WasmiProgram::new(guest)
        .map_err(|error| broken(&error))?
        .with_table_functions(table_functions());
    let wasi = Wasi::builder()
        .args(["kernel-tests", "setup"])
        .build()
        .map_err(|error| broken(&error))?;
    let mut instance = program.instantiate(wasi).map_err(|error| broken(&error))?;
    match instance.start() {
        Stop::Exit(0) => {}
        stop => return Err(broken(&format_args!("it ended with {stop:?}"))),
    }
    let memory = instance
        .memory("memory")
        .ok_or_else(|| broken(&"it has no memory"))?;
    let mut noted = BTreeSet::new();
    for list in ["afmpeg_kernel_before", "afmpeg_kernel_after"] {
        let at = address(guest, list).map_err(|error| broken(&error))?;
        let words = at.and_then(|at| memory.get(at..at + 4 * COUNT));
        let words = words.ok_or_else(|| broken(&format_args!("it has no {list}")))?;
        let words = words.as_chunks::<4>().0.iter();
        noted.extend(words.map(|word| u32::from_le_bytes(*word)));
    }
    noted.remove(&0);
    Ok(noted)
}

/// `AFMPEG_KERNEL_COUNT` of `engine/kernels/kernels.h`.
const COUNT: usize = 2048;

/// The value of an exported constant.
fn address(module: &[u8], name: &str) -> wasmparser::Result<Option<usize>> {
    let (mut values, mut index) = (Vec::new(), None);
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::GlobalSection(globals) => {
                for global in globals {
                    let value = match global?.init_expr.get_operators_reader().read()? {
                        Operator::I32Const { value } => Some(value.cast_unsigned() as usize),
                        _ => None,
                    };
                    values.push(value);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ExternalKind::Global && export.name == name {
                        index = Some(export.index as usize);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(index.and_then(|index| values.get(index).copied().flatten()))
}
