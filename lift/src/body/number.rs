//! Instructions on numbers.

use wasmparser::Operator;

use super::Body;
use super::value::{TRAP, Value};

impl Body<'_, '_> {
    /// Handles an operator on numbers; `false` when it is another.
    pub(super) fn number(&mut self, operator: &Operator<'_>) -> bool {
        match *operator {
            Operator::I32Const { value } => self.literal(format!("{}u32", value as u32)),
            Operator::I64Const { value } => self.literal(format!("{}u64", value as u64)),
            Operator::F32Const { value } => {
                self.literal(format!("f32::from_bits({}u32)", value.bits()));
            }
            Operator::F64Const { value } => {
                self.literal(format!("f64::from_bits({}u64)", value.bits()));
            }
            _ => {
                return self.comparison(operator)
                    || self.integer(operator)
                    || self.float(operator)
                    || self.conversion(operator);
            }
        }
        true
    }

    pub(super) fn literal(&mut self, text: String) {
        self.push(Value::atom(text));
    }

    /// `template` with `{a}` replaced by the operand.
    pub(super) fn unary(&mut self, template: &str, effects: u8) {
        if effects & TRAP != 0 {
            self.end_stretch();
        }
        let a = self.pop();
        let text = template.replace("{a}", &a.as_word());
        self.push(Value::word(text, &[&a], effects));
    }

    /// `template` with `{a}` and `{b}` replaced by the operands.
    pub(super) fn binary(&mut self, template: &str, effects: u8) {
        if effects & TRAP != 0 {
            self.end_stretch();
        }
        let b = self.pop();
        let a = self.pop();
        let text = fill(template, &a.as_word(), &b.as_word());
        self.push(Value::word(text, &[&a, &b], effects));
    }

    fn compare(&mut self, template: &str) {
        let b = self.pop();
        let a = self.pop();
        let text = fill(template, &a.as_word(), &b.as_word());
        self.push(Value::condition(text, &[&a, &b]));
    }

    fn comparison(&mut self, operator: &Operator<'_>) -> bool {
        let template = match operator {
            Operator::I32Eqz | Operator::I64Eqz => {
                let a = self.pop();
                let text = a.negated();
                self.push(Value::condition(text, &[&a]));
                return true;
            }
            Operator::I32Eq | Operator::I64Eq | Operator::F32Eq | Operator::F64Eq => "({a} == {b})",
            Operator::I32Ne | Operator::I64Ne | Operator::F32Ne | Operator::F64Ne => "({a} != {b})",
            Operator::I32LtU | Operator::I64LtU | Operator::F32Lt | Operator::F64Lt => {
                "({a} < {b})"
            }
            Operator::I32GtU | Operator::I64GtU | Operator::F32Gt | Operator::F64Gt => {
                "({a} > {b})"
            }
            Operator::I32LeU | Operator::I64LeU | Operator::F32Le | Operator::F64Le => {
                "({a} <= {b})"
            }
            Operator::I32GeU | Operator::I64GeU | Operator::F32Ge | Operator::F64Ge => {
                "({a} >= {b})"
            }
            Operator::I32LtS => "(({a} as i32) < ({b} as i32))",
            Operator::I32GtS => "(({a} as i32) > ({b} as i32))",
            Operator::I32LeS => "(({a} as i32) <= ({b} as i32))",
            Operator::I32GeS => "(({a} as i32) >= ({b} as i32))",
            Operator::I64LtS => "(({a} as i64) < ({b} as i64))",
            Operator::I64GtS => "(({a} as i64) > ({b} as i64))",
            Operator::I64LeS => "(({a} as i64) <= ({b} as i64))",
            Operator::I64GeS => "(({a} as i64) >= ({b} as i64))",
            _ => return false,
        };
        self.compare(template);
        true
    }

    fn integer(&mut self, operator: &Operator<'_>) -> bool {
        let (template, effects) = match operator {
            Operator::I32Add | Operator::I64Add => ("{a}.wrapping_add({b})", 0),
            Operator::I32Sub | Operator::I64Sub => ("{a}.wrapping_sub({b})", 0),
            Operator::I32Mul | Operator::I64Mul => ("{a}.wrapping_mul({b})", 0),
            Operator::I32And | Operator::I64And => ("({a} & {b})", 0),
            Operator::I32Or | Operator::I64Or => ("({a} | {b})", 0),
            Operator::I32Xor | Operator::I64Xor => ("({a} ^ {b})", 0),
            Operator::I32Shl => ("{a}.wrapping_shl({b})", 0),
            Operator::I64Shl => ("{a}.wrapping_shl({b} as u32)", 0),
            Operator::I32ShrU => ("{a}.wrapping_shr({b})", 0),
            Operator::I64ShrU => ("{a}.wrapping_shr({b} as u32)", 0),
            Operator::I32ShrS => ("(({a} as i32).wrapping_shr({b}) as u32)", 0),
            Operator::I64ShrS => ("(({a} as i64).wrapping_shr({b} as u32) as u64)", 0),
            Operator::I32Rotl => ("{a}.rotate_left({b} & 31)", 0),
            Operator::I64Rotl => ("{a}.rotate_left({b} as u32 & 63)", 0),
            Operator::I32Rotr => ("{a}.rotate_right({b} & 31)", 0),
            Operator::I64Rotr => ("{a}.rotate_right({b} as u32 & 63)", 0),
            Operator::I32DivS => ("i32_div_s({a}, {b})", TRAP),
            Operator::I32DivU => ("i32_div_u({a}, {b})", TRAP),
            Operator::I32RemS => ("i32_rem_s({a}, {b})", TRAP),
            Operator::I32RemU => ("i32_rem_u({a}, {b})", TRAP),
            Operator::I64DivS => ("i64_div_s({a}, {b})", TRAP),
            Operator::I64DivU => ("i64_div_u({a}, {b})", TRAP),
            Operator::I64RemS => ("i64_rem_s({a}, {b})", TRAP),
            Operator::I64RemU => ("i64_rem_u({a}, {b})", TRAP),
            _ => {
                let template = match operator {
                    Operator::I32Clz => "{a}.leading_zeros()",
                    Operator::I32Ctz => "{a}.trailing_zeros()",
                    Operator::I32Popcnt => "{a}.count_ones()",
                    Operator::I64Clz => "({a}.leading_zeros() as u64)",
                    Operator::I64Ctz => "({a}.trailing_zeros() as u64)",
                    Operator::I64Popcnt => "({a}.count_ones() as u64)",
                    Operator::I32Extend8S => "({a} as i8 as u32)",
                    Operator::I32Extend16S => "({a} as i16 as u32)",
                    Operator::I64Extend8S => "({a} as i8 as u64)",
                    Operator::I64Extend16S => "({a} as i16 as u64)",
                    Operator::I64Extend32S | Operator::I64ExtendI32S => "({a} as i32 as u64)",
                    Operator::I64ExtendI32U => "({a} as u64)",
                    Operator::I32WrapI64 => "({a} as u32)",
                    _ => return false,
                };
                self.unary(template, 0);
                return true;
            }
        };
        self.binary(template, effects);
        true
    }

    fn float(&mut self, operator: &Operator<'_>) -> bool {
        let template = match operator {
            Operator::F32Add | Operator::F64Add => "({a} + {b})",
            Operator::F32Sub | Operator::F64Sub => "({a} - {b})",
            Operator::F32Mul | Operator::F64Mul => "({a} * {b})",
            Operator::F32Div | Operator::F64Div => "({a} / {b})",
            Operator::F32Min => "f32_min({a}, {b})",
            Operator::F32Max => "f32_max({a}, {b})",
            Operator::F64Min => "f64_min({a}, {b})",
            Operator::F64Max => "f64_max({a}, {b})",
            Operator::F32Copysign | Operator::F64Copysign => "{a}.copysign({b})",
            _ => {
                let template = match operator {
                    Operator::F32Abs | Operator::F64Abs => "{a}.abs()",
                    Operator::F32Neg | Operator::F64Neg => "(-{a})",
                    Operator::F32Sqrt | Operator::F64Sqrt => "{a}.sqrt()",
                    Operator::F32Ceil => "f32_ceil({a})",
                    Operator::F32Floor => "f32_floor({a})",
                    Operator::F32Trunc => "f32_trunc({a})",
                    Operator::F32Nearest => "f32_nearest({a})",
                    Operator::F64Ceil => "f64_ceil({a})",
                    Operator::F64Floor => "f64_floor({a})",
                    Operator::F64Trunc => "f64_trunc({a})",
                    Operator::F64Nearest => "f64_nearest({a})",
                    _ => return false,
                };
                self.unary(template, 0);
                return true;
            }
        };
        self.binary(template, 0);
        true
    }

    fn conversion(&mut self, operator: &Operator<'_>) -> bool {
        let (template, effects) = match operator {
            Operator::I32TruncF32S => ("i32_trunc_f32_s({a})", TRAP),
            Operator::I32TruncF32U => ("i32_trunc_f32_u({a})", TRAP),
            Operator::I32TruncF64S => ("i32_trunc_f64_s({a})", TRAP),
            Operator::I32TruncF64U => ("i32_trunc_f64_u({a})", TRAP),
            Operator::I64TruncF32S => ("i64_trunc_f32_s({a})", TRAP),
            Operator::I64TruncF32U => ("i64_trunc_f32_u({a})", TRAP),
            Operator::I64TruncF64S => ("i64_trunc_f64_s({a})", TRAP),
            Operator::I64TruncF64U => ("i64_trunc_f64_u({a})", TRAP),
            // Rust's conversions saturate, and make 0 of NaN.
            Operator::I32TruncSatF32S | Operator::I32TruncSatF64S => ("({a} as i32 as u32)", 0),
            Operator::I32TruncSatF32U | Operator::I32TruncSatF64U => ("({a} as u32)", 0),
            Operator::I64TruncSatF32S | Operator::I64TruncSatF64S => ("({a} as i64 as u64)", 0),
            Operator::I64TruncSatF32U | Operator::I64TruncSatF64U => ("({a} as u64)", 0),
            Operator::F32ConvertI32S => ("({a} as i32 as f32)", 0),
            Operator::F32ConvertI64S => ("({a} as i64 as f32)", 0),
            Operator::F32ConvertI32U | Operator::F32ConvertI64U | Operator::F32DemoteF64 => {
                ("({a} as f32)", 0)
            }
            Operator::F64ConvertI32S => ("({a} as i32 as f64)", 0),
            Operator::F64ConvertI64S => ("({a} as i64 as f64)", 0),
            Operator::F64ConvertI32U | Operator::F64ConvertI64U | Operator::F64PromoteF32 => {
                ("({a} as f64)", 0)
            }
            Operator::I32ReinterpretF32 | Operator::I64ReinterpretF64 => ("{a}.to_bits()", 0),
            Operator::F32ReinterpretI32 => ("f32::from_bits({a})", 0),
            Operator::F64ReinterpretI64 => ("f64::from_bits({a})", 0),
            _ => return false,
        };
        self.unary(template, effects);
        true
    }
}

/// Replaces both operands in one pass, so that one that contains the other's mark stays whole.
pub(super) fn fill(template: &str, a: &str, b: &str) -> String {
    let mut text = String::with_capacity(template.len() + a.len() + b.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        text.push_str(&rest[..at]);
        text.push_str(if rest[at..].starts_with("{a}") { a } else { b });
        rest = &rest[at + 3..];
    }
    text.push_str(rest);
    text
}
