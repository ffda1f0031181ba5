//! Instructions on memory and tables.

use wasmparser::{MemArg, Operator};

use super::Body;
use super::value::{MEMORY, STATE, TRAP, Value};

impl Body<'_, '_> {
    /// Handles an operator on memory or tables; `false` when it is another.
    pub(super) fn memory(&mut self, operator: &Operator<'_>) -> bool {
        self.load(operator) || self.store(operator) || self.bulk(operator) || self.table(operator)
    }

    fn load(&mut self, operator: &Operator<'_>) -> bool {
        let (memarg, function, wrap) = match operator {
            Operator::I32Load { memarg } => (memarg, "load_u32", "{a}"),
            Operator::I64Load { memarg } => (memarg, "load_u64", "{a}"),
            Operator::F32Load { memarg } => (memarg, "load_u32", "f32::from_bits({a})"),
            Operator::F64Load { memarg } => (memarg, "load_u64", "f64::from_bits({a})"),
            Operator::I32Load8U { memarg } => (memarg, "load_u8", "({a} as u32)"),
            Operator::I32Load8S { memarg } => (memarg, "load_u8", "({a} as i8 as u32)"),
            Operator::I32Load16U { memarg } => (memarg, "load_u16", "({a} as u32)"),
            Operator::I32Load16S { memarg } => (memarg, "load_u16", "({a} as i16 as u32)"),
            Operator::I64Load8U { memarg } => (memarg, "load_u8", "({a} as u64)"),
            Operator::I64Load8S { memarg } => (memarg, "load_u8", "({a} as i8 as u64)"),
            Operator::I64Load16U { memarg } => (memarg, "load_u16", "({a} as u64)"),
            Operator::I64Load16S { memarg } => (memarg, "load_u16", "({a} as i16 as u64)"),
            Operator::I64Load32U { memarg } => (memarg, "load_u32", "({a} as u64)"),
            Operator::I64Load32S { memarg } => (memarg, "load_u32", "({a} as i32 as u64)"),
            _ => return false,
        };
        let address = self.pop();
        self.note_access(&address, offset(*memarg), size(function));
        let call = format!("{function}(m, {}, {})", address.as_word(), offset(*memarg));
        let text = wrap.replace("{a}", &call);
        self.push(Value::word(text, &[&address], MEMORY | TRAP));
        true
    }

    fn store(&mut self, operator: &Operator<'_>) -> bool {
        let (memarg, function, cast) = match operator {
            Operator::I32Store { memarg } => (memarg, "store_u32", ""),
            Operator::I64Store { memarg } => (memarg, "store_u64", ""),
            Operator::F32Store { memarg } => (memarg, "store_u32", ".to_bits()"),
            Operator::F64Store { memarg } => (memarg, "store_u64", ".to_bits()"),
            Operator::I32Store8 { memarg } | Operator::I64Store8 { memarg } => {
                (memarg, "store_u8", " as u8")
            }
            Operator::I32Store16 { memarg } | Operator::I64Store16 { memarg } => {
                (memarg, "store_u16", " as u16")
            }
            Operator::I64Store32 { memarg } => (memarg, "store_u32", " as u32"),
            _ => return false,
        };
        let mut operands = self.pop_many(2);
        self.settle(MEMORY | TRAP);
        // The memory is borrowed while the arguments are evaluated.
        self.name_operands(&mut operands, MEMORY);
        self.note_access(&operands[0], offset(*memarg), size(function));
        let (address, value) = (operands[0].as_word(), operands[1].as_word());
        let offset = offset(*memarg);
        self.statement(format_args!(
            "{function}(m, {address}, {offset}, {value}{cast});"
        ));
        true
    }

    /// A statement over operands that are evaluated before it.
    fn effect(&mut self, operands: usize, text: impl FnOnce(&[String]) -> String) {
        self.end_stretch();
        let mut operands = self.pop_many(operands);
        self.settle(MEMORY | STATE | TRAP);
        self.name_operands(&mut operands, MEMORY | STATE | TRAP);
        let words: Vec<_> = operands.iter().map(Value::as_word).collect();
        let text = text(&words);
        self.statement(format_args!("{text}"));
    }

    fn bulk(&mut self, operator: &Operator<'_>) -> bool {
        match *operator {
            Operator::MemorySize { .. } => {
                self.push(Value::word("((m.len() >> 16) as u32)".to_owned(), &[], MEMORY));
            }
            Operator::MemoryGrow { .. } => {
                let name = format!("v{}", self.name());
                self.effect(1, |args| {
                    format!("let {name} = i.grow_memory({}); (m, c) = i.split();", args[0])
                });
                self.push(Value::atom(name));
            }
            Operator::MemoryCopy { .. } => self.effect(3, |args| {
                let [to, from, len] = [&args[0], &args[1], &args[2]];
                format!("let n = {len}; c.charge_bytes(n); copy(m, {to}, {from}, n);")
            }),
            Operator::MemoryFill { .. } => self.effect(3, |args| {
                let [to, value, len] = [&args[0], &args[1], &args[2]];
                format!("let n = {len}; c.charge_bytes(n); fill(m, {to}, {value}, n);")
            }),
            Operator::MemoryInit { data_index, .. } => self.effect(3, |args| {
                let [to, from, len] = [&args[0], &args[1], &args[2]];
                format!(
                    "let n = {len}; c.charge_bytes(n); init(m, c.g.data({data_index}), {to}, {from}, n);"
                )
            }),
            Operator::DataDrop { data_index } => {
                self.effect(0, |_| format!("c.g.dropped_data[{data_index}] = true;"));
            }
            _ => return false,
        }
        true
    }

    fn table(&mut self, operator: &Operator<'_>) -> bool {
        match *operator {
            Operator::TableGet { table } => {
                self.end_stretch();
                let index = self.pop();
                let text = format!("c.tables[{table}].get({})", index.as_word());
                self.push(Value::word(text, &[&index], STATE | TRAP));
            }
            Operator::TableSet { table } => self.effect(2, |args| {
                format!("c.tables[{table}].set({}, {});", args[0], args[1])
            }),
            Operator::TableSize { table } => {
                self.push(Value::word(format!("c.tables[{table}].size()"), &[], STATE));
            }
            Operator::TableGrow { table } => {
                let name = format!("v{}", self.name());
                self.effect(2, |args| {
                    format!("let {name} = c.grow_table({table}, {}, {});", args[0], args[1])
                });
                self.push(Value::atom(name));
            }
            Operator::TableFill { table } => self.effect(3, |args| {
                format!("c.tables[{table}].fill({}, {}, {});", args[0], args[1], args[2])
            }),
            Operator::TableCopy {
                dst_table,
                src_table,
            } => self.effect(3, |args| {
                format!(
                    "table_copy(&mut c.tables, ({dst_table}, {}), ({src_table}, {}), {});",
                    args[0], args[1], args[2]
                )
            }),
            Operator::TableInit { elem_index, table } => self.effect(3, |args| {
                format!(
                    "let s = c.g.elements({elem_index}); table_init(&mut c.tables[{table}], &s, {}, {}, {});",
                    args[0], args[1], args[2]
                )
            }),
            Operator::ElemDrop { elem_index } => {
                self.effect(0, |_| format!("c.g.dropped_elements[{elem_index}] = true;"));
            }
            _ => return false,
        }
        true
    }
}

/// The offset of an access: a memory of 32-bit addresses has 32-bit offsets.
pub(super) fn offset(memarg: MemArg) -> u32 {
    memarg.offset as u32
}

/// Bytes that one of the run-time library's loads and stores accesses.
fn size(function: &str) -> u32 {
    match function.rsplit('u').next() {
        Some("8") => 1,
        Some("16") => 2,
        Some("32") => 4,
        _ => 8,
    }
}
