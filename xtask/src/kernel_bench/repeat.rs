//! Functions that call an element of the table over and over: compiled with the module, they call as the
//! module's own code does.

use wasm_encoder::{BlockType, Function, Instruction, ValType};
use wasmparser::FuncType;

/// Such a function, for all that it can call: those of one type. It takes how often to call, the element's
/// index, and the arguments.
pub(super) struct Repeat {
    /// `repeat_<parameters>_<result>` with a letter for each type, `v` for no result.
    pub(super) name: String,
    /// The type of what it calls, and that type's parameters.
    ty: u32,
    params: Vec<ValType>,
    has_result: bool,
}

impl Repeat {
    /// `None` for types of anything but numbers, and of several results.
    pub(super) fn of(ty: u32, function: &FuncType) -> Option<Self> {
        let [params, results] = [function.params(), function.results()].map(|list| {
            list.iter()
                .map(|ty| letter(*ty))
                .collect::<Option<Vec<_>>>()
        });
        let (params, results) = (params?, results?);
        let result = match *results {
            [] => 'v',
            [(letter, _)] => letter,
            _ => return None,
        };
        let letters: String = params.iter().map(|(letter, _)| letter).collect();
        Some(Self {
            name: format!("repeat_{letters}_{result}"),
            ty,
            params: params.into_iter().map(|(_, ty)| ty).collect(),
            has_result: !results.is_empty(),
        })
    }

    /// The parameters of the function itself.
    pub(super) fn params(&self) -> Vec<ValType> {
        [&[ValType::I32; 2][..], &self.params].concat()
    }

    pub(super) fn body(&self) -> Function {
        let (count, element) = (0, 1);
        let mut code = vec![
            Instruction::Block(BlockType::Empty),
            Instruction::LocalGet(count),
            Instruction::I32Eqz,
            Instruction::BrIf(0),
            Instruction::Loop(BlockType::Empty),
        ];
        let arguments = 2..2 + self.params.len() as u32;
        code.extend(arguments.map(Instruction::LocalGet));
        code.extend([
            Instruction::LocalGet(element),
            Instruction::CallIndirect {
                type_index: self.ty,
                table_index: 0,
            },
        ]);
        code.extend(self.has_result.then_some(Instruction::Drop));
        code.extend([
            Instruction::LocalGet(count),
            Instruction::I32Const(1),
            Instruction::I32Sub,
            Instruction::LocalTee(count),
            Instruction::BrIf(0),
            Instruction::End,
            Instruction::End,
            Instruction::End,
        ]);
        let mut function = Function::new([]);
        for instruction in &code {
            function.instruction(instruction);
        }
        function
    }
}

fn letter(ty: wasmparser::ValType) -> Option<(char, ValType)> {
    Some(match ty {
        wasmparser::ValType::I32 => ('i', ValType::I32),
        wasmparser::ValType::I64 => ('l', ValType::I64),
        wasmparser::ValType::F32 => ('f', ValType::F32),
        wasmparser::ValType::F64 => ('d', ValType::F64),
        _ => return None,
    })
}
