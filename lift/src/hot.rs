//! Which functions of a module a mixed pack lifts: the hot ones that need nothing but memory, numbers and
//! each other.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use wasmparser::{Operator, ValType};

use crate::analysis;
use crate::emit;
use crate::error::LiftError;
use crate::module::Module;

/// How much of a run a function is, as a profile counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// The function's index; imports come first.
    pub function: u32,
    /// Instructions that it executed itself.
    pub work: u64,
    /// Instructions that it and everything it called executed.
    pub work_with_callees: u64,
    /// How often it was called.
    pub calls: u64,
}

/// A hot function that stays with the interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its index.
    pub function: u32,
    /// Instructions that it executed itself.
    pub work: u64,
    /// Why.
    pub reason: Reason,
    /// The function that it calls in which the reason is, when it is not in itself.
    pub through: Option<u32>,
}

/// Why a hot function is not lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It calls through the table, which the interpreter has.
    Indirect,
    /// It calls a function that the module imports.
    Import,
    /// It may grow memory.
    Grow,
    /// It uses tables, references or segments, which the interpreter has.
    Tables,
    /// It takes or gives a vector, a reference, or several results.
    Type,
    /// It does so little in a call that calling out of the interpreter costs more.
    Short,
    /// It is an import itself.
    Host,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Indirect => "calls through the table",
            Self::Import => "calls the host",
            Self::Grow => "may grow memory",
            Self::Tables => "uses tables, references or segments",
            Self::Type => "has a type that is not of numbers",
            Self::Short => "does little in a call",
            Self::Host => "is the host's",
        })
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.through {
            Some(callee) => write!(f, "calls function {callee}, which {}", self.reason),
            None => self.reason.fmt(f),
        }
    }
}

/// What is lifted and what is not.
pub(crate) struct Choice {
    /// The functions that the rest calls, in order.
    pub(crate) entries: Vec<u32>,
    /// All that are lifted, by their index among those that the module defines: the entries and
    /// what they call.
    pub(crate) lifted: BTreeSet<usize>,
    /// The mutable globals that lifted functions use.
    pub(crate) globals: BTreeSet<u32>,
    /// The entries that use one.
    pub(crate) with_globals: BTreeSet<u32>,
    pub(crate) left: Vec<Left>,
    /// Work of the entries.
    pub(crate) work: u64,
}

/// Looks at the hottest functions that make up `share` of all work, hottest first.
pub(crate) fn choose(
    module: &Module<'_>,
    weights: &[Weight],
    share: f64,
) -> Result<Choice, LiftError> {
    let mut weights = weights.to_vec();
    weights.sort_by_key(|weight| (Reverse(weight.work), weight.function));
    let all: u64 = weights.iter().fold(0, |all, w| all.saturating_add(w.work));
    let wanted = all as f64 * share;
    let mut known = HashMap::new();
    let mut choice = Choice {
        entries: Vec::new(),
        lifted: BTreeSet::new(),
        globals: BTreeSet::new(),
        with_globals: BTreeSet::new(),
        left: Vec::new(),
        work: 0,
    };
    let mut seen = 0_u64;
    for weight in weights {
        if weight.work == 0 || seen as f64 >= wanted {
            break;
        }
        seen = seen.saturating_add(weight.work);
        match closure(module, &mut known, &weight)? {
            Ok(closure) => {
                choice.entries.push(weight.function);
                choice.work = choice.work.saturating_add(weight.work);
                if !closure.globals.is_empty() {
                    choice.with_globals.insert(weight.function);
                }
                choice.lifted.extend(closure.functions);
                choice.globals.extend(closure.globals);
            }
            Err((reason, through)) => choice.left.push(Left {
                function: weight.function,
                work: weight.work,
                reason,
                through,
            }),
        }
    }
    choice.entries.sort_unstable();
    Ok(choice)
}

/// A function with everything that it calls.
struct Closure {
    functions: BTreeSet<usize>,
    globals: BTreeSet<u32>,
}

/// Everything that a function calls, or what keeps it with the interpreter.
fn closure(
    module: &Module<'_>,
    known: &mut HashMap<usize, Scan>,
    weight: &Weight,
) -> Result<Result<Closure, (Reason, Option<u32>)>, LiftError> {
    if weight.function as usize >= module.functions.len() {
        return Err(LiftError::Invalid {
            message: format!(
                "the profile names function {}, which is not there",
                weight.function
            ),
        });
    }
    let Some(root) = module.defined(weight.function) else {
        return Ok(Err((Reason::Host, None)));
    };
    let mut closure = Closure {
        functions: BTreeSet::new(),
        globals: BTreeSet::new(),
    };
    let mut work = vec![root];
    while let Some(function) = work.pop() {
        if !closure.functions.insert(function) {
            continue;
        }
        if let std::collections::hash_map::Entry::Vacant(entry) = known.entry(function) {
            entry.insert(Scan::of(module, function)?);
        }
        let scan = &known[&function];
        if let Some(reason) = scan.reason {
            let through = (function != root).then(|| module.index_of(function));
            return Ok(Err((reason, through)));
        }
        work.extend(&scan.callees);
        closure.globals.extend(&scan.globals);
    }
    if !emit::is_plain(module.type_of_function(weight.function)) {
        return Ok(Err((Reason::Type, None)));
    }
    let in_a_call = weight.work_with_callees.max(weight.work) / weight.calls.max(1);
    if in_a_call < WORTH_A_CALL {
        return Ok(Err((Reason::Short, None)));
    }
    Ok(Ok(closure))
}

/// What one function needs.
struct Scan {
    /// Why it cannot be lifted alone.
    reason: Option<Reason>,
    callees: Vec<usize>,
    globals: Vec<u32>,
}

impl Scan {
    fn of(module: &Module<'_>, defined: usize) -> Result<Self, LiftError> {
        let mut scan = Self {
            reason: None,
            callees: Vec::new(),
            globals: Vec::new(),
        };
        let reference = |ty: &ValType| matches!(ty, ValType::Ref(_));
        if analysis::locals(module, defined)?.iter().any(reference) {
            scan.reason = Some(Reason::Tables);
        }
        for operator in module.bodies[defined].get_operators_reader()? {
            let reason = match operator? {
                Operator::Call { function_index } => match module.defined(function_index) {
                    Some(callee) => {
                        scan.callees.push(callee);
                        continue;
                    }
                    None => Reason::Import,
                },
                Operator::CallIndirect { .. } => Reason::Indirect,
                Operator::MemoryGrow { .. } => Reason::Grow,
                Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                    let global = &module.globals[global_index as usize];
                    match global.ty {
                        ValType::Ref(_) => Reason::Tables,
                        ValType::V128 if global.mutable => Reason::Type,
                        _ => {
                            if global.mutable {
                                scan.globals.push(global_index);
                            }
                            continue;
                        }
                    }
                }
                Operator::MemoryInit { .. }
                | Operator::DataDrop { .. }
                | Operator::ElemDrop { .. }
                | Operator::TableInit { .. }
                | Operator::TableCopy { .. }
                | Operator::TableFill { .. }
                | Operator::TableGet { .. }
                | Operator::TableSet { .. }
                | Operator::TableGrow { .. }
                | Operator::TableSize { .. }
                | Operator::RefFunc { .. }
                | Operator::RefNull { .. }
                | Operator::RefIsNull => Reason::Tables,
                _ => continue,
            };
            scan.reason.get_or_insert(reason);
        }
        Ok(scan)
    }
}

/// Instructions in a call below which the interpreter is faster than calling out of it.
const WORTH_A_CALL: u64 = 100;

/// A mixed pack's functions by the name of the import through which the rest calls them.
pub(crate) fn import_name(function: u32) -> String {
    format!("f{function}")
}

/// The name under which the rest exports a global.
pub(crate) fn global_name(global: u32) -> String {
    format!("lifted.g{global}")
}

/// The positions of the entries in [`Choice::entries`].
pub(crate) fn positions(entries: &[u32]) -> BTreeMap<u32, u32> {
    entries.iter().copied().zip(0..).collect()
}
