//! Instructions on vectors: one function of the run-time library for each.

use wasmparser::{MemArg, Operator};

use super::Body;
use super::memory::offset;
use super::value::{MEMORY, TRAP, Value};

impl Body<'_, '_> {
    /// Handles an operator on vectors; `false` when it is another.
    pub(super) fn simd(&mut self, operator: &Operator<'_>) -> bool {
        if let Operator::V128Const { value } = operator {
            self.push(Value::atom(format!("V128({:?})", value.bytes())));
            return true;
        }
        if let Operator::I8x16Shuffle { lanes } = operator {
            let b = self.pop();
            let a = self.pop();
            let text = format!(
                "v128::i8x16_shuffle({}, {}, {lanes:?})",
                a.as_word(),
                b.as_word()
            );
            self.push(Value::word(text, &[&a, &b], 0));
            return true;
        }
        let debug = format!("{operator:?}");
        let name = snake(debug.split([' ', '{']).next().unwrap_or_default());
        if let Some((memarg, lane)) = access(operator) {
            self.vector_access(&name, memarg, lane);
            return true;
        }
        if let Some(lane) = lane(operator) {
            let operands = if name.contains("replace_lane") { 2 } else { 1 };
            self.vector_call(&format!("{name}::<{lane}>"), operands);
            return true;
        }
        let Some(operands) = arity(&name) else {
            return false;
        };
        self.vector_call(&name, operands);
        true
    }

    fn vector_call(&mut self, name: &str, operands: usize) {
        let operands = self.pop_many(operands);
        let words: Vec<_> = operands.iter().map(Value::as_word).collect();
        let text = format!("v128::{name}({})", words.join(", "));
        let operands: Vec<_> = operands.iter().collect();
        self.push(Value::word(text, &operands, 0));
    }

    fn vector_access(&mut self, name: &str, memarg: MemArg, lane: Option<u8>) {
        let offset = offset(memarg);
        let lane = lane.map_or_else(String::new, |lane| format!("::<{lane}>"));
        if name.contains("store") {
            let mut operands = self.pop_many(2);
            self.settle(MEMORY | TRAP);
            self.name_operands(&mut operands, MEMORY);
            let (address, value) = (operands[0].as_word(), operands[1].as_word());
            self.statement(format_args!(
                "v128::{name}{lane}(m, {address}, {offset}, {value});"
            ));
        } else if lane.is_empty() {
            let address = self.pop();
            let text = format!("v128::{name}(m, {}, {offset})", address.as_word());
            self.push(Value::word(text, &[&address], MEMORY | TRAP));
        } else {
            let operands = self.pop_many(2);
            let (address, value) = (&operands[0], &operands[1]);
            let text = format!(
                "v128::{name}{lane}(m, {}, {offset}, {})",
                address.as_word(),
                value.as_word()
            );
            self.push(Value::word(text, &[address, value], MEMORY | TRAP));
        }
    }
}

/// The memory operand of a vector access, and the lane of those that have one.
fn access(operator: &Operator<'_>) -> Option<(MemArg, Option<u8>)> {
    match *operator {
        Operator::V128Load { memarg }
        | Operator::V128Load8x8S { memarg }
        | Operator::V128Load8x8U { memarg }
        | Operator::V128Load16x4S { memarg }
        | Operator::V128Load16x4U { memarg }
        | Operator::V128Load32x2S { memarg }
        | Operator::V128Load32x2U { memarg }
        | Operator::V128Load8Splat { memarg }
        | Operator::V128Load16Splat { memarg }
        | Operator::V128Load32Splat { memarg }
        | Operator::V128Load64Splat { memarg }
        | Operator::V128Load32Zero { memarg }
        | Operator::V128Load64Zero { memarg }
        | Operator::V128Store { memarg } => Some((memarg, None)),
        Operator::V128Load8Lane { memarg, lane }
        | Operator::V128Load16Lane { memarg, lane }
        | Operator::V128Load32Lane { memarg, lane }
        | Operator::V128Load64Lane { memarg, lane }
        | Operator::V128Store8Lane { memarg, lane }
        | Operator::V128Store16Lane { memarg, lane }
        | Operator::V128Store32Lane { memarg, lane }
        | Operator::V128Store64Lane { memarg, lane } => Some((memarg, Some(lane))),
        _ => None,
    }
}

fn lane(operator: &Operator<'_>) -> Option<u8> {
    match *operator {
        Operator::I8x16ExtractLaneS { lane }
        | Operator::I8x16ExtractLaneU { lane }
        | Operator::I8x16ReplaceLane { lane }
        | Operator::I16x8ExtractLaneS { lane }
        | Operator::I16x8ExtractLaneU { lane }
        | Operator::I16x8ReplaceLane { lane }
        | Operator::I32x4ExtractLane { lane }
        | Operator::I32x4ReplaceLane { lane }
        | Operator::I64x2ExtractLane { lane }
        | Operator::I64x2ReplaceLane { lane }
        | Operator::F32x4ExtractLane { lane }
        | Operator::F32x4ReplaceLane { lane }
        | Operator::F64x2ExtractLane { lane }
        | Operator::F64x2ReplaceLane { lane } => Some(lane),
        _ => None,
    }
}

/// How many operands the vector instruction of this name takes; `None` when it is none.
fn arity(name: &str) -> Option<usize> {
    let (shape, operation) = name.split_once('_')?;
    if !matches!(
        shape,
        "v128" | "i8x16" | "i16x8" | "i32x4" | "i64x2" | "f32x4" | "f64x2"
    ) {
        return None;
    }
    let unary = [
        "splat", "abs", "neg", "popcnt", "not", "any_true", "all_true", "bitmask", "sqrt",
    ];
    let unary_start = [
        "ceil", "floor", "trunc", "nearest", "extend_", "extadd_", "convert_", "demote_",
        "promote_",
    ];
    if operation == "bitselect" {
        Some(3)
    } else if unary.contains(&operation)
        || unary_start.iter().any(|start| operation.starts_with(start))
    {
        Some(1)
    } else {
        Some(2)
    }
}

/// `I8x16AddSatS` as `i8x16_add_sat_s`: the name of the instruction, which joins a few of the words.
fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 8);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            if !text.is_empty() {
                text.push('_');
            }
            text.push(letter.to_ascii_lowercase());
        } else {
            text.push(letter);
        }
    }
    const JOINED: [(&str, &str); 6] = [
        ("and_not", "andnot"),
        ("ext_add", "extadd"),
        ("ext_mul", "extmul"),
        ("_p_min", "_pmin"),
        ("_p_max", "_pmax"),
        ("q15_mulr", "q15mulr"),
    ];
    let join = |text: String, (apart, joined)| text.replace(apart, joined);
    JOINED.into_iter().fold(text, join)
}
