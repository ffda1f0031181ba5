//! What must be known of all functions before one is translated: which labels are branched to, which
//! functions can make memory grow, which need no meter of their own.

use wasmparser::{Operator, ValType};

use crate::error::LiftError;
use crate::module::Module;

/// What is known of the module's functions.
pub(crate) struct Analysis {
    /// For each defined function.
    pub(crate) functions: Vec<Facts>,
    /// For each distinct type, whether a function in a table of that type may make memory grow.
    pub(crate) type_grows: Vec<bool>,
}

/// What is known of one function.
#[derive(Default)]
pub(crate) struct Facts {
    /// For each block, loop and `if` in order of appearance, and last the body itself.
    pub(crate) regions: Vec<Region>,
    /// Whether memory can grow while it runs. Such a function takes the whole instance.
    pub(crate) grows: bool,
    /// Whether its work is bounded by a small constant, which its callers count.
    pub(crate) bounded: bool,
    /// Work outside of loops, in instructions.
    pub(crate) cost: u32,
    /// Operators in the body.
    pub(crate) operators: u32,
    /// Units of depth of its frame.
    pub(crate) frame: u32,
}

/// A block, loop, `if`, or the body.
#[derive(Clone, Default)]
pub(crate) struct Region {
    /// Whether a branch names it.
    pub(crate) used: bool,
    /// For a loop: the work of one turn without the loops inside.
    pub(crate) cost: u32,
}

impl Analysis {
    pub(crate) fn of(module: &Module<'_>) -> Result<Self, LiftError> {
        let scans: Vec<Scan> = module
            .bodies
            .iter()
            .enumerate()
            .map(|(defined, _)| Scan::of(module, defined))
            .collect::<Result<_, _>>()?;
        let (grows, type_grows) = growth(module, &scans);
        let bounded = bounded_costs(&scans);
        let functions = scans
            .into_iter()
            .enumerate()
            .map(|(defined, scan)| {
                let mut facts = scan.facts;
                for (region, callee) in scan.calls {
                    let Some(cost) = callee.and_then(|callee| bounded[callee]) else {
                        continue;
                    };
                    let total = match region {
                        Some(region) => &mut facts.regions[region].cost,
                        None => &mut facts.cost,
                    };
                    *total = total.saturating_add(cost);
                }
                facts.grows = grows[defined];
                facts.bounded = bounded[defined].is_some();
                facts
            })
            .collect();
        Ok(Self {
            functions,
            type_grows,
        })
    }
}

/// One function's operators, looked at once.
struct Scan {
    facts: Facts,
    /// Calls: the innermost loop they are in, and the defined function that is called, if it is one.
    calls: Vec<(Option<usize>, Option<usize>)>,
    /// Types of indirect calls.
    indirect: Vec<usize>,
    has_loop: bool,
    grows: bool,
}

impl Scan {
    fn of(module: &Module<'_>, defined: usize) -> Result<Self, LiftError> {
        let body = &module.bodies[defined];
        let mut scan = Self {
            facts: Facts::default(),
            calls: Vec::new(),
            indirect: Vec::new(),
            has_loop: false,
            grows: false,
        };
        // The open regions, innermost last: the region, and whether it is a loop.
        let mut open: Vec<(usize, bool)> = Vec::new();
        let mut body_used = false;
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let operator = reader.read()?;
            let innermost = open.iter().rev().find(|(_, is_loop)| *is_loop);
            let innermost = innermost.map(|(region, _)| *region);
            match innermost {
                Some(region) => scan.facts.regions[region].cost += 1,
                None => scan.facts.cost += 1,
            }
            scan.facts.operators += 1;
            let mut branch =
                |facts: &mut Facts, depth: u32| match (open.len() as u32).checked_sub(depth + 1) {
                    Some(index) => facts.regions[open[index as usize].0].used = true,
                    None => body_used = true,
                };
            match &operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                    let is_loop = matches!(operator, Operator::Loop { .. });
                    open.push((scan.facts.regions.len(), is_loop));
                    scan.facts.regions.push(Region::default());
                    scan.has_loop |= is_loop;
                }
                Operator::End => {
                    open.pop();
                }
                Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                    branch(&mut scan.facts, *relative_depth);
                }
                Operator::BrTable { targets } => {
                    for target in targets.targets() {
                        branch(&mut scan.facts, target?);
                    }
                    branch(&mut scan.facts, targets.default());
                }
                Operator::Return => body_used = true,
                Operator::Call { function_index } => {
                    let callee = module.defined(*function_index);
                    let invoke =
                        callee.is_none() && module.imports[*function_index as usize].invoke;
                    scan.grows |= invoke;
                    scan.calls.push((innermost, callee));
                }
                Operator::CallIndirect { type_index, .. } => {
                    scan.calls.push((innermost, None));
                    scan.indirect.push(module.type_of[*type_index as usize]);
                }
                Operator::MemoryGrow { .. } => scan.grows = true,
                _ => {}
            }
        }
        scan.facts.regions.push(Region {
            used: body_used,
            cost: 0,
        });
        let locals = locals(module, defined)?.len() as u32;
        // The operand stack shares the frame with the locals; its height follows the length roughly.
        let slots = locals + (scan.facts.operators / 8).min(512);
        scan.facts.frame = 1 + slots / SLOTS_PER_UNIT;
        Ok(scan)
    }
}

/// The types of parameters and locals.
pub(crate) fn locals(module: &Module<'_>, defined: usize) -> Result<Vec<ValType>, LiftError> {
    let function = module.index_of(defined);
    let mut locals = module.type_of_function(function).params.clone();
    for group in module.bodies[defined].get_locals_reader()? {
        let (count, ty) = group?;
        locals.extend(std::iter::repeat_n(ty, count as usize));
    }
    Ok(locals)
}

/// For each function, and for each type of an indirect call, whether memory may grow.
fn growth(module: &Module<'_>, scans: &[Scan]) -> (Vec<bool>, Vec<bool>) {
    // Nodes are functions first, then types; `callers[n]` are those that grow when `n` does.
    let nodes = scans.len() + module.types.len();
    let mut callers = vec![Vec::new(); nodes];
    let mut work = Vec::new();
    for (function, scan) in scans.iter().enumerate() {
        for callee in scan.calls.iter().filter_map(|(_, callee)| *callee) {
            callers[callee].push(function);
        }
        for ty in &scan.indirect {
            callers[scans.len() + ty].push(function);
        }
        if scan.grows {
            work.push(function);
        }
    }
    for &function in &module.referenced {
        if let Some(defined) = module.defined(function) {
            callers[defined].push(scans.len() + module.functions[function as usize]);
        }
    }
    // An `invoke_*` that is called through the table.
    for (index, import) in module.imports.iter().enumerate() {
        if import.invoke && module.referenced.contains(&(index as u32)) {
            work.push(scans.len() + import.ty);
        }
    }
    let mut grows = vec![false; nodes];
    while let Some(node) = work.pop() {
        if !std::mem::replace(&mut grows[node], true) {
            work.extend(&callers[node]);
        }
    }
    let types = grows.split_off(scans.len());
    (grows, types)
}

/// The work of the functions that are bounded: no loop, and only calls of functions that are bounded.
fn bounded_costs(scans: &[Scan]) -> Vec<Option<u32>> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done(Option<u32>),
    }
    let mut states = vec![State::New; scans.len()];
    let mut stack = Vec::new();
    for root in 0..scans.len() {
        stack.push(root);
        while let Some(&function) = stack.last() {
            let scan = &scans[function];
            match states[function] {
                State::Done(_) => {
                    stack.pop();
                }
                State::New => {
                    states[function] = State::Open;
                    let callees = scan.calls.iter().filter_map(|(_, callee)| *callee);
                    stack.extend(callees.filter(|callee| states[*callee] == State::New));
                }
                State::Open => {
                    stack.pop();
                    let mut cost = (!scan.has_loop && !scan.grows).then_some(scan.facts.cost);
                    for (_, callee) in &scan.calls {
                        // One that is still open calls itself in the end.
                        let callee = match callee.map(|callee| states[callee]) {
                            Some(State::Done(cost)) => cost,
                            _ => None,
                        };
                        cost = cost.zip(callee).map(|(a, b)| a.saturating_add(b));
                    }
                    states[function] = State::Done(cost.filter(|cost| *cost <= BOUND));
                }
            }
        }
    }
    let cost = |state: State| match state {
        State::Done(cost) => cost,
        State::New | State::Open => None,
    };
    states.into_iter().map(cost).collect()
}

/// The most work that a function may do without counting it itself.
const BOUND: u32 = 2_000;

/// Locals in one unit of depth, 256 bytes.
const SLOTS_PER_UNIT: u32 = 32;
