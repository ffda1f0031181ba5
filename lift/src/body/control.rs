//! Blocks, loops, branches and calls.

use std::fmt::Write;

use wasmparser::{BlockType, BrTable, Operator};

use super::Body;
use super::value::{MEMORY, STATE, TRAP, Value};
use crate::error::LiftError;
use crate::names::rust_type;

/// A structured block that is open.
pub(super) struct Frame {
    kind: Kind,
    /// The number in the label's name and in those of its variables.
    number: u32,
    params: usize,
    results: usize,
    /// The height of the stack below the parameters.
    height: usize,
    /// Whether control can be here.
    reachable: bool,
    /// Whether control can come to what follows the end.
    ends: bool,
    /// Whether it was written with a label, in braces.
    labelled: bool,
    /// The parameters, for the other arm of an `if`.
    operands: Vec<Value>,
}

impl Frame {
    /// Braces that it opened.
    fn braces(&self) -> u32 {
        u32::from(self.labelled) + u32::from(matches!(self.kind, Kind::If | Kind::Else))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// In a part of the function that cannot be reached: nothing is written.
    Dead,
    Block,
    Loop,
    /// An `if` whose `else` did not come yet.
    If,
    Else,
}

impl Body<'_, '_> {
    pub(super) fn reachable(&self) -> bool {
        self.frames.last().is_none_or(|frame| frame.reachable)
    }

    /// Opens the function's body, a block whose results are those of the function.
    pub(super) fn open_body(&mut self, function: u32) {
        let results = self.module.type_of_function(function).results.clone();
        let used = self.facts.regions.last().is_some_and(|region| region.used);
        self.open(Kind::Block, 0, 0, &results, used);
    }

    /// Handles an operator of control; `false` when it is another.
    pub(super) fn control(&mut self, operator: &Operator<'_>) -> Result<bool, LiftError> {
        if is_control(operator) {
            self.end_stretch();
        }
        match operator {
            Operator::Block { blockty } => self.open_region(Kind::Block, *blockty),
            Operator::Loop { blockty } => self.open_region(Kind::Loop, *blockty),
            Operator::If { blockty } => self.open_region(Kind::If, *blockty),
            Operator::Else => self.alternative(),
            Operator::End => self.close(),
            _ if !self.reachable() => {}
            Operator::Br { relative_depth } => {
                let target = self.target(*relative_depth);
                self.settle_all_effects();
                self.branch(target);
                self.stop();
            }
            Operator::BrIf { relative_depth } => self.branch_if(*relative_depth),
            Operator::BrTable { targets } => self.branch_table(targets)?,
            Operator::Return => {
                self.settle_all_effects();
                self.branch(0);
                self.stop();
            }
            Operator::Unreachable => {
                self.settle_all_effects();
                self.statement(format_args!("raise(Trap::Unreachable);"));
                self.stop();
            }
            Operator::Call { function_index } => self.call(*function_index),
            Operator::CallIndirect {
                type_index,
                table_index,
            } => self.call_indirect(self.module.type_of[*type_index as usize], *table_index),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn open_region(&mut self, kind: Kind, ty: BlockType) {
        let region = self.next_region;
        self.next_region += 1;
        let (params, results) = match ty {
            BlockType::Empty => (0, Vec::new()),
            BlockType::Type(ty) => (0, vec![ty]),
            BlockType::FuncType(index) => {
                let ty = &self.module.types[self.module.type_of[index as usize]];
                (ty.params.len(), ty.results.clone())
            }
        };
        if !self.reachable() {
            self.frames.push(Frame {
                kind: Kind::Dead,
                number: 0,
                params: 0,
                results: 0,
                height: self.stack.len(),
                reachable: false,
                ends: false,
                labelled: false,
                operands: Vec::new(),
            });
            return;
        }
        let facts = &self.facts.regions[region];
        let (used, cost) = (facts.used, facts.cost);
        self.open(kind, cost, params, &results, used);
    }

    fn open(
        &mut self,
        kind: Kind,
        cost: u32,
        params: usize,
        results: &[wasmparser::ValType],
        used: bool,
    ) {
        let condition = (kind == Kind::If).then(|| self.pop());
        // What is on the stack is used after the block, whatever the block changes.
        self.settle_where(|_| true);
        let number = if self.frames.is_empty() {
            0
        } else {
            self.name()
        };
        for (k, ty) in results.iter().enumerate() {
            self.statement(format_args!("let b{number}_{k}: {};", rust_type(*ty)));
        }
        let operands = self.pop_many(params);
        let height = self.stack.len();
        if kind == Kind::Loop && used {
            for (k, operand) in operands.iter().enumerate() {
                let text = operand.as_word();
                self.statement(format_args!("let mut p{number}_{k} = {text};"));
            }
            self.statement(format_args!("'l{number}: loop {{"));
            self.metered_loops = true;
            self.statement(format_args!(
                "t += {cost}; if t >= {SPEND_AT} {{ c.spend(t); t = 0; }}"
            ));
            for k in 0..params {
                let name = format!("v{}", self.name());
                self.statement(format_args!("let {name} = p{number}_{k};"));
                self.stack.push(Value::atom(name));
            }
        } else {
            if used {
                self.statement(format_args!("'l{number}: {{"));
            }
            if let Some(condition) = &condition {
                self.statement(format_args!("if {} {{", condition.as_condition()));
            }
            self.stack.extend(operands.iter().cloned());
        }
        self.nesting += u32::from(used) + u32::from(kind == Kind::If);
        self.deepest = self.deepest.max(self.nesting);
        self.frames.push(Frame {
            kind,
            number,
            params,
            results: results.len(),
            height,
            reachable: true,
            ends: false,
            labelled: used,
            operands,
        });
    }

    /// `else`.
    fn alternative(&mut self) {
        self.fall_through();
        self.other_arm();
    }

    fn other_arm(&mut self) {
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        if frame.kind == Kind::Dead {
            return;
        }
        frame.kind = Kind::Else;
        frame.reachable = true;
        self.stack.truncate(frame.height);
        self.stack.extend(frame.operands.iter().cloned());
        self.statement(format_args!("}} else {{"));
    }

    /// `end`.
    fn close(&mut self) {
        self.fall_through();
        if self
            .frames
            .last()
            .is_some_and(|frame| frame.kind == Kind::If)
        {
            // Without an `else` the parameters are the results.
            self.other_arm();
            self.fall_through();
        }
        let Some(frame) = self.frames.pop() else {
            return;
        };
        self.stack.truncate(frame.height);
        let number = frame.number;
        self.nesting -= frame.braces();
        match frame.kind {
            Kind::Dead => return,
            Kind::Loop if frame.labelled => {
                if frame.reachable {
                    self.statement(format_args!("break 'l{number};"));
                }
                self.statement(format_args!("}}"));
            }
            Kind::Block | Kind::Loop => {
                if frame.labelled {
                    self.statement(format_args!("}}"));
                }
            }
            Kind::If | Kind::Else => {
                self.statement(format_args!("}}"));
                if frame.labelled {
                    self.statement(format_args!("}}"));
                }
            }
        }
        if let Some(outer) = self.frames.last_mut() {
            outer.reachable = frame.ends;
            if frame.ends {
                for k in 0..frame.results {
                    self.stack.push(Value::atom(format!("b{number}_{k}")));
                }
            }
        }
    }

    /// Control comes to the end of a block's text: the results are what is on the stack.
    fn fall_through(&mut self) {
        let Some(frame) = self.frames.last() else {
            return;
        };
        if !frame.reachable || frame.kind == Kind::Dead {
            return;
        }
        let (number, results) = (frame.number, frame.results);
        let values = self.pop_many(results);
        // A value left below cannot be: the validator counts. Effects are kept in their order.
        for (k, value) in values.iter().enumerate() {
            self.statement(format_args!("b{number}_{k} = {};", value.as_word()));
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.ends = true;
        }
    }

    /// The frame that a branch of this depth names.
    fn target(&self, depth: u32) -> usize {
        self.frames.len().saturating_sub(1 + depth as usize)
    }

    /// Writes the jump to a frame, with its values from the top of the stack, which stays.
    fn branch(&mut self, target: usize) {
        let text = self.jump(target);
        self.out.push_str(&text);
    }

    fn jump(&mut self, target: usize) -> String {
        let frame = &mut self.frames[target];
        let number = frame.number;
        let (count, letter, word) = if frame.kind == Kind::Loop {
            (frame.params, 'p', "continue")
        } else {
            frame.ends = true;
            (frame.results, 'b', "break")
        };
        let mut text = String::new();
        let first = self.stack.len() - count;
        for (k, value) in self.stack[first..].iter().enumerate() {
            let _ = write!(text, "{letter}{number}_{k} = {}; ", value.as_word());
        }
        let _ = writeln!(text, "{word} 'l{number};");
        text
    }

    fn branch_if(&mut self, depth: u32) {
        let condition = self.pop();
        let target = self.target(depth);
        // What stays on the stack is evaluated once, whether or not the branch is taken; what a
        // taken branch drops has trapped before.
        let count = self.arity(target);
        let keep = self.stack.len() - count;
        self.settle(TRAP);
        if self.stack[keep..].iter().any(|value| !value.is_atom()) {
            // Order: the values are below the condition.
            let values = self.pop_many(count);
            for value in values {
                let value = self.named(&value);
                self.stack.push(value);
            }
        }
        let jump = self.jump(target);
        self.statement(format_args!(
            "if {} {{ {} }}",
            condition.as_condition(),
            jump.trim_end()
        ));
    }

    fn arity(&self, target: usize) -> usize {
        let frame = &self.frames[target];
        if frame.kind == Kind::Loop {
            frame.params
        } else {
            frame.results
        }
    }

    fn branch_table(&mut self, targets: &BrTable<'_>) -> Result<(), LiftError> {
        let index = self.pop();
        let index = self.named(&index);
        self.settle_where(|_| true);
        // Neighbours with one target are one arm.
        let mut arms: Vec<(usize, usize, usize)> = Vec::new();
        for (at, depth) in targets.targets().enumerate() {
            let target = self.target(depth?);
            match arms.last_mut() {
                Some((_, last, same)) if *same == target => *last = at,
                _ => arms.push((at, at, target)),
            }
        }
        let default = self.target(targets.default());
        self.statement(format_args!("match {} {{", index.as_word()));
        for (first, last, target) in arms {
            if target == default {
                continue;
            }
            let jump = self.jump(target);
            let pattern = if first == last {
                first.to_string()
            } else {
                format!("{first}..={last}")
            };
            self.statement(format_args!("{pattern} => {{ {} }}", jump.trim_end()));
        }
        let jump = self.jump(default);
        self.statement(format_args!("_ => {{ {} }} }}", jump.trim_end()));
        self.stop();
        Ok(())
    }

    /// What follows cannot be reached.
    fn stop(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.reachable = false;
            self.stack.truncate(frame.height);
        }
    }

    /// Before control leaves: traps that are due come first.
    fn settle_all_effects(&mut self) {
        self.settle(TRAP);
    }

    fn call(&mut self, function: u32) {
        let ty = self.module.type_of_function(function).clone();
        let mut args = self.pop_many(ty.params.len());
        self.settle(MEMORY | STATE | TRAP);
        self.name_operands(&mut args, MEMORY | STATE | TRAP);
        let args: Vec<_> = args.iter().map(Value::as_word).collect();
        match self.module.defined(function) {
            Some(defined) => {
                self.callees.insert(function);
                let grows = self.analysis.functions[defined].grows;
                let state = if grows { "i" } else { "m, c" };
                self.call_text(
                    &format!("f{function}"),
                    state,
                    &args,
                    ty.results.len(),
                    grows,
                );
            }
            None => {
                let grows = self.module.imports[function as usize].invoke;
                let state = if grows { "i" } else { "m, c" };
                self.call_text(
                    &format!("f{function}"),
                    state,
                    &args,
                    ty.results.len(),
                    grows,
                );
            }
        }
    }

    fn call_indirect(&mut self, ty: usize, table: u32) {
        let shape = self.module.types[ty].clone();
        let mut args = self.pop_many(shape.params.len() + 1);
        self.settle(MEMORY | STATE | TRAP);
        self.name_operands(&mut args, MEMORY | STATE | TRAP);
        let args: Vec<_> = args.iter().map(Value::as_word).collect();
        let grows = self.analysis.type_grows[ty];
        let state = if grows { "i" } else { "m, c" };
        let name = format!("t{ty}::<{table}>");
        self.call_text(&name, state, &args, shape.results.len(), grows);
    }

    fn call_text(&mut self, name: &str, state: &str, args: &[String], results: usize, grows: bool) {
        let names: Vec<_> = (0..results).map(|_| format!("v{}", self.name())).collect();
        let mut text = match names.as_slice() {
            [] => String::new(),
            [one] => format!("let {one} = "),
            many => format!("let ({}) = ", many.join(", ")),
        };
        let _ = write!(text, "{name}({state}");
        for arg in args {
            let _ = write!(text, ", {arg}");
        }
        text.push_str(");");
        if grows {
            text.push_str(" (m, c) = i.split();");
        }
        self.statement(format_args!("{text}"));
        self.stack.extend(names.into_iter().map(Value::atom));
    }
}

/// Work that a function's loops count before they add it to the meter.
const SPEND_AT: u32 = 65_536;

fn is_control(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::Return
            | Operator::Unreachable
            | Operator::Call { .. }
            | Operator::CallIndirect { .. }
    )
}
