//! One function of the module as one function of Rust.

mod control;
mod memory;
mod number;
mod reach;
mod simd;
mod value;

use std::collections::BTreeSet;
use std::fmt::Write;

use wasmparser::{Operator, ValType};

use crate::analysis::{self, Analysis, Facts};
use crate::error::LiftError;
use crate::module::Module;
use crate::names::{result_type, rust_type, zero};
use control::Frame;
use reach::Reach;
use value::{MEMORY, STATE, TRAP, Value};

/// A translated function.
pub(crate) struct Function {
    /// The whole item.
    pub(crate) text: String,
    /// The functions of the module that it calls or refers to by name.
    pub(crate) callees: BTreeSet<u32>,
}

/// Translates one of the functions that the module defines.
pub(crate) fn translate(
    module: &Module<'_>,
    analysis: &Analysis,
    defined: usize,
) -> Result<Function, LiftError> {
    let facts = &analysis.functions[defined];
    let index = module.index_of(defined);
    let locals = analysis::locals(module, defined)?;
    let mut body = Body {
        module,
        analysis,
        facts,
        stack: Vec::new(),
        frames: Vec::new(),
        out: String::new(),
        names: 0,
        next_region: 0,
        metered_loops: false,
        nesting: 0,
        deepest: 0,
        callees: BTreeSet::new(),
        reaches: Vec::new(),
        insertions: Vec::new(),
    };
    body.open_body(index);
    let mut reader = module.bodies[defined].get_operators_reader()?;
    while !reader.eof() {
        let operator = reader.read()?;
        body.operator(&operator)?;
    }
    if body.deepest > MAX_NESTING {
        let depth = body.deepest;
        let what = format!("function {index}, whose blocks nest {depth} deep, over {MAX_NESTING}");
        return Err(LiftError::Unsupported { what: vec![what] });
    }
    Ok(body.finish(index, &locals))
}

/// A function that is being translated.
struct Body<'m, 'a> {
    module: &'m Module<'a>,
    analysis: &'m Analysis,
    facts: &'m Facts,
    stack: Vec<Value>,
    frames: Vec<Frame>,
    out: String,
    /// Names given so far.
    names: u32,
    /// The next block, loop or `if`, in order of appearance.
    next_region: usize,
    /// Whether a loop counts its work in the local `t`.
    metered_loops: bool,
    /// Braces that are open, and the most there were.
    nesting: u32,
    deepest: u32,
    callees: BTreeSet<u32>,
    /// Addresses that the current stretch of code without branches accesses.
    reaches: Vec<Reach>,
    /// Text that goes into `out` at these places.
    insertions: Vec<(usize, String)>,
}

impl Body<'_, '_> {
    /// Wraps the statements into the item.
    fn finish(mut self, index: u32, locals: &[ValType]) -> Function {
        let ty = self.module.type_of_function(index);
        let facts = self.facts;
        let statements = self.with_insertions();
        let mut text = String::with_capacity(statements.len() + 512);
        if facts.bounded && facts.operators <= INLINE_OPERATORS {
            text.push_str("#[inline]\n");
        }
        let state = if facts.grows {
            "i: &mut I"
        } else {
            "m: &mut [u8], c: &mut C"
        };
        let _ = write!(text, "pub fn f{index}({state}");
        for (local, ty) in ty.params.iter().enumerate() {
            let _ = write!(text, ", mut l{local}: {}", rust_type(*ty));
        }
        let _ = writeln!(text, "){} {{", result_type(&ty.results));
        if facts.grows {
            text.push_str("let (mut m, mut c) = i.split();\n");
        }
        if !facts.bounded {
            let _ = writeln!(text, "c.enter({}, {});", facts.frame, facts.cost);
        }
        if self.metered_loops {
            text.push_str("let mut t = 0u32;\n");
        }
        for (local, ty) in locals.iter().enumerate().skip(ty.params.len()) {
            let _ = writeln!(
                text,
                "let mut l{local}: {} = {};",
                rust_type(*ty),
                zero(*ty)
            );
        }
        text.push_str(&statements);
        if !facts.bounded {
            let left = if self.metered_loops { "t" } else { "0" };
            let _ = writeln!(text, "c.leave({}, {left});", facts.frame);
        }
        let results: Vec<_> = (0..ty.results.len()).map(|k| format!("b0_{k}")).collect();
        match results.as_slice() {
            [] => {}
            [one] => text.push_str(one),
            many => {
                let _ = write!(text, "({})", many.join(", "));
            }
        }
        text.push_str("\n}\n");
        Function {
            text,
            callees: self.callees,
        }
    }

    fn operator(&mut self, operator: &Operator<'_>) -> Result<(), LiftError> {
        if self.control(operator)? {
            return Ok(());
        }
        if !self.reachable() {
            return Ok(());
        }
        if self.variable(operator)
            || self.number(operator)
            || self.memory(operator)
            || self.simd(operator)
        {
            return Ok(());
        }
        Err(LiftError::Unsupported {
            what: vec![format!("the instruction {operator:?}")],
        })
    }

    fn statement(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.out.write_fmt(text);
        self.out.push('\n');
    }

    fn name(&mut self) -> u32 {
        self.names += 1;
        self.names
    }

    fn push(&mut self, value: Value) {
        if value.is_long() {
            let value = self.named(&value);
            self.stack.push(value);
        } else {
            self.stack.push(value);
        }
    }

    /// The validator has seen to it that the stack is never short.
    fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or_else(|| Value::atom("()"))
    }

    /// The top values, in the order in which they were pushed.
    fn pop_many(&mut self, count: usize) -> Vec<Value> {
        self.stack.split_off(self.stack.len().saturating_sub(count))
    }

    /// Evaluates a value now, under a name that never changes.
    fn named(&mut self, value: &Value) -> Value {
        if value.is_atom() {
            return value.clone();
        }
        // An expression that may trap must not overtake those below it that may trap as well.
        if value.effects & TRAP != 0 {
            self.settle(TRAP);
        }
        let name = format!("v{}", self.name());
        self.statement(format_args!("let {name} = {};", value.as_word()));
        Value::atom(name)
    }

    /// Evaluates what is on the stack and has any of these effects, before something that would
    /// change its value or be overtaken by its trap.
    fn settle(&mut self, effects: u8) {
        self.settle_where(|value| value.effects & effects != 0);
    }

    fn settle_where(&mut self, condition: impl Fn(&Value) -> bool) {
        for at in 0..self.stack.len() {
            if condition(&self.stack[at]) && !self.stack[at].is_atom() {
                let name = format!("v{}", self.name());
                let text = self.stack[at].as_word();
                self.statement(format_args!("let {name} = {text};"));
                self.stack[at] = Value::atom(name);
            }
        }
    }

    /// Names all operands from the first that has one of the effects on, so that they are evaluated
    /// in their order and before the instruction itself.
    fn name_operands(&mut self, operands: &mut [Value], effects: u8) {
        let last = operands
            .iter()
            .rposition(|value| value.effects & effects != 0);
        for operand in operands.iter_mut().take(last.map_or(0, |last| last + 1)) {
            if operand.effects & (MEMORY | STATE | TRAP) != 0 {
                *operand = self.named(operand);
            }
        }
    }

    fn variable(&mut self, operator: &Operator<'_>) -> bool {
        match *operator {
            Operator::LocalGet { local_index } => self.push(Value::local(local_index)),
            Operator::LocalSet { local_index } => {
                let value = self.pop();
                self.set_local(local_index, &value);
            }
            Operator::LocalTee { local_index } => {
                let value = self.pop();
                self.set_local(local_index, &value);
                self.push(Value::local(local_index));
            }
            Operator::GlobalGet { global_index } => {
                let global = &self.module.globals[global_index as usize];
                let value = if global.mutable {
                    Value::word(format!("c.g.g{global_index}"), &[], STATE)
                } else {
                    Value::word(global.init.clone(), &[], 0)
                };
                self.push(value);
            }
            Operator::GlobalSet { global_index } => {
                let value = self.pop();
                self.settle(STATE | TRAP);
                self.statement(format_args!("c.g.g{global_index} = {};", value.as_word()));
            }
            Operator::Drop => {
                let value = self.pop();
                if value.effects & TRAP != 0 {
                    self.settle(TRAP);
                    self.statement(format_args!("let _ = {};", value.as_word()));
                }
            }
            Operator::Select | Operator::TypedSelect { .. } => {
                let mut operands = self.pop_many(3);
                // Both values are evaluated, whichever is taken.
                for operand in &mut operands[..2] {
                    if operand.effects & TRAP != 0 {
                        *operand = self.named(operand);
                    }
                }
                let [a, b, condition] = &operands[..] else {
                    return false;
                };
                let text = format!(
                    "(if {} {{ {} }} else {{ {} }})",
                    condition.as_condition(),
                    a.as_word(),
                    b.as_word()
                );
                self.push(Value::word(text, &[a, b, condition], 0));
            }
            Operator::RefNull { .. } => self.push(Value::atom("Func::Null")),
            Operator::RefIsNull => {
                let value = self.pop();
                let text = format!("matches!({}, Func::Null)", value.as_word());
                self.push(Value::condition(text, &[&value]));
            }
            Operator::RefFunc { function_index } => {
                self.push(Value::word(format!("(c.g.r)({function_index})"), &[], 0));
            }
            Operator::Nop => {}
            _ => return false,
        }
        true
    }

    fn set_local(&mut self, local: u32, value: &Value) {
        self.forget_addresses(local);
        self.settle_where(|pending| pending.reads.contains(&local));
        if value.effects & TRAP != 0 {
            self.settle(TRAP);
        }
        let text = value.as_word();
        if text != format!("l{local}") {
            self.statement(format_args!("l{local} = {text};"));
        }
    }
}

/// The Rust compiler descends into blocks by recursion: with its usual stack it crashes at 600 to 700.
const MAX_NESTING: u32 = 400;

/// Functions of at most this many operators may be inlined across crates.
const INLINE_OPERATORS: u32 = 40;
