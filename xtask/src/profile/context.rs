//! The calling-context tree: how it lies in the memory that is added to a profiled module, the
//! function that keeps it while the guest runs, and the way back out of the bytes.
//!
//! A node stands for a function in the context of the calls that led to it. A call to a function
//! that is already among its callers leads back to that caller's node, so that recursion makes no
//! new nodes and the tree stays as deep as there are functions.

use wasm_encoder::{BlockType, Function, Instruction, MemArg, MemArgTarget, ValType};

use crate::failure::{Failure, Result};

/// Everything is zero at first. Below [`NODES`]: the number of nodes after the two fixed ones.
const COUNT: u64 = 0;

/// The nodes, each of [`NODE_BYTES`]. The first is the host, the second stands for all contexts
/// that came after the tree was full.
const NODES: u32 = 64 << 10;
const NODE_BYTES: u32 = 32;
const FIXED: u32 = 2;
const ELSEWHERE: u32 = NODES + NODE_BYTES;

/// The fields of a node: the function's index and one more (none: 0), the address of the node that
/// it was first called from, calls, instructions, bytes moved by bulk instructions.
const FUNCTION: u64 = 0;
const PARENT: u64 = 4;
const CALLS: u64 = 8;
const SELF: u64 = 16;
const BULK: u64 = 24;

/// The hash table from a caller's node and a function to the callee's node, after the nodes: slots
/// of a key and an address, 16 bytes.
const SLOT_BYTES: u32 = 16;

/// Fibonacci hashing: 2^64 divided by the golden ratio.
const SPREAD: i64 = 0x9E37_79B9_7F4A_7C15_u64.cast_signed();

/// How large the tree of a module can become.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Nodes that contexts can take before what is left is kept for [`ELSEWHERE`].
    contexts: u32,
    /// Binary logarithm of the number of hash slots.
    slot_bits: u32,
    table: u32,
    bytes: u64,
}

impl Shape {
    /// Room for `contexts` nodes, and for one more for each of `functions`.
    pub(super) fn new(contexts: u32, functions: u32) -> Self {
        let nodes = contexts.saturating_add(functions) + FIXED;
        let slot_bits = (nodes.saturating_mul(2)).next_power_of_two().ilog2();
        let table = NODES + nodes * NODE_BYTES;
        Self {
            contexts,
            slot_bits,
            table,
            bytes: u64::from(table) + (u64::from(SLOT_BYTES) << slot_bits),
        }
    }

    /// The size of the memory, in pages.
    pub(super) fn pages(&self) -> u64 {
        self.bytes.div_ceil(64 << 10)
    }
}

/// What of the added parts the profiled code works with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The index of the added memory.
    pub(super) memory: u32,
    /// The index of the mutable global that holds the address of the node that runs.
    pub(super) current: u32,
}

/// The value of [`Place::current`] before the guest starts.
pub(super) const HOST: i32 = NODES.cast_signed();

impl Place {
    fn at(self, offset: u64, align: u32) -> MemArg {
        MemArg {
            offset,
            align,
            target: MemArgTarget::Memory(self.memory),
            ordering: None,
        }
    }

    /// Adds `amount`, which puts one i64 on the stack, to a field of the node in a local.
    fn add(
        self,
        node: u32,
        field: u64,
        amount: &[Instruction<'static>],
    ) -> Vec<Instruction<'static>> {
        let mut code = vec![
            Instruction::LocalGet(node),
            Instruction::LocalGet(node),
            Instruction::I64Load(self.at(field, 3)),
        ];
        code.extend_from_slice(amount);
        code.push(Instruction::I64Add);
        code.push(Instruction::I64Store(self.at(field, 3)));
        code
    }

    /// Counts instructions for the node in a local.
    pub(super) fn count(self, node: u32, instructions: u64) -> Vec<Instruction<'static>> {
        self.add(
            node,
            SELF,
            &[Instruction::I64Const(instructions.cast_signed())],
        )
    }

    /// Counts the bytes in the local `bytes` (i32) for the node in a local.
    pub(super) fn count_bulk(self, node: u32, bytes: u32) -> Vec<Instruction<'static>> {
        self.add(
            node,
            BULK,
            &[Instruction::LocalGet(bytes), Instruction::I64ExtendI32U],
        )
    }

    /// Makes the node in a local the one that runs.
    pub(super) fn resume(self, node: u32) -> [Instruction<'static>; 2] {
        [
            Instruction::LocalGet(node),
            Instruction::GlobalSet(self.current),
        ]
    }

    /// Makes the caller of the node in a local the one that runs.
    pub(super) fn leave(self, node: u32) -> [Instruction<'static>; 3] {
        [
            Instruction::LocalGet(node),
            Instruction::I32Load(self.at(PARENT, 2)),
            Instruction::GlobalSet(self.current),
        ]
    }

    /// The function `(function index) -> node address` that every function calls first: it finds or
    /// makes the node, counts the call, and makes the node the one that runs.
    pub(super) fn enter(self, shape: Shape) -> Function {
        use Instruction as I;
        // Parameter: the function. Locals: caller, slot, node; key, found key.
        let (function, caller, slot, node, key, found) = (0, 1, 2, 3, 4, 5);
        let mut code = Function::new([(3, ValType::I32), (2, ValType::I64)]);
        let slot_mask = (((1_u64 << shape.slot_bits) - 1) * u64::from(SLOT_BYTES)) as u32;
        let table = u64::from(shape.table);
        // Zero means nothing.
        let tag = [I::LocalGet(function), I::I32Const(1), I::I32Add];
        let mut emit = |part: &[I<'static>]| {
            for instruction in part {
                code.instruction(instruction);
            }
        };
        emit(&[
            I::GlobalGet(self.current),
            I::LocalSet(caller),
            I::Block(BlockType::Empty),
            I::Loop(BlockType::Empty),
            I::LocalGet(caller),
            I::I64ExtendI32U,
            I::I64Const(32),
            I::I64Shl,
        ]);
        emit(&tag);
        emit(&[
            I::I64ExtendI32U,
            I::I64Or,
            I::LocalTee(key),
            I::I64Const(SPREAD),
            I::I64Mul,
            I::I64Const(64 - i64::from(shape.slot_bits)),
            I::I64ShrU,
            I::I32WrapI64,
            I::I32Const(SLOT_BYTES.cast_signed()),
            I::I32Mul,
            I::LocalSet(slot),
            // The slot of the key, or the first free one.
            I::Loop(BlockType::Empty),
            I::LocalGet(slot),
            I::I64Load(self.at(table, 3)),
            I::LocalTee(found),
            I::LocalGet(key),
            I::I64Eq,
            I::If(BlockType::Empty),
            I::LocalGet(slot),
            I::I32Load(self.at(table + 8, 2)),
            I::LocalSet(node),
            I::Br(3),
            I::End,
            I::LocalGet(found),
            I::I64Eqz,
            I::I32Eqz,
            I::If(BlockType::Empty),
            I::LocalGet(slot),
            I::I32Const(SLOT_BYTES.cast_signed()),
            I::I32Add,
            I::I32Const(slot_mask.cast_signed()),
            I::I32And,
            I::LocalSet(slot),
            I::Br(1),
            I::End,
            I::End,
            // A full tree: the function goes under the node that stands for all other contexts.
            I::I32Const(0),
            I::I32Load(self.at(COUNT, 2)),
            I::I32Const(shape.contexts.cast_signed()),
            I::I32GeU,
            I::LocalGet(caller),
            I::I32Const(ELSEWHERE.cast_signed()),
            I::I32Ne,
            I::I32And,
            I::If(BlockType::Empty),
            I::I32Const(ELSEWHERE.cast_signed()),
            I::LocalSet(caller),
            I::Br(1),
            I::End,
            // The same function among the callers.
            I::LocalGet(caller),
            I::LocalSet(node),
            I::Block(BlockType::Empty),
            I::Loop(BlockType::Empty),
            I::LocalGet(node),
            I::I32Load(self.at(FUNCTION, 2)),
        ]);
        emit(&tag);
        emit(&[
            I::I32Eq,
            I::BrIf(1),
            I::LocalGet(node),
            I::I32Load(self.at(PARENT, 2)),
            I::LocalTee(node),
            I::BrIf(0),
            I::End,
            I::End,
            I::LocalGet(node),
            I::I32Eqz,
            I::If(BlockType::Empty),
            I::I32Const(0),
            I::I32Load(self.at(COUNT, 2)),
            I::I32Const(NODE_BYTES.cast_signed()),
            I::I32Mul,
            I::I32Const((NODES + FIXED * NODE_BYTES).cast_signed()),
            I::I32Add,
            I::LocalSet(node),
            I::I32Const(0),
            I::I32Const(0),
            I::I32Load(self.at(COUNT, 2)),
            I::I32Const(1),
            I::I32Add,
            I::I32Store(self.at(COUNT, 2)),
            I::LocalGet(node),
        ]);
        emit(&tag);
        emit(&[
            I::I32Store(self.at(FUNCTION, 2)),
            I::LocalGet(node),
            I::LocalGet(caller),
            I::I32Store(self.at(PARENT, 2)),
            I::End,
            I::LocalGet(slot),
            I::LocalGet(key),
            I::I64Store(self.at(table, 3)),
            I::LocalGet(slot),
            I::LocalGet(node),
            I::I32Store(self.at(table + 8, 2)),
            I::End,
            I::End,
        ]);
        emit(&self.add(node, CALLS, &[I::I64Const(1)]));
        emit(&self.resume(node));
        emit(&[I::LocalGet(node), I::End]);
        code
    }
}

/// A node of the tree, as a run left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) what: What,
    /// The position of the caller's node in the tree; the host has none.
    pub(super) parent: Option<usize>,
    pub(super) calls: u64,
    /// Instructions of the function itself, without those of its callees.
    pub(super) instructions: u64,
    /// Bytes that `memory.copy`, `memory.fill` and `memory.init` moved.
    pub(super) bulk_bytes: u64,
}

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The host, which calls the guest.
    Host,
    /// The contexts that the tree had no room for; the functions below it have counts of their own.
    Elsewhere,
    /// A function, by its index in the module.
    Function(u32),
}

/// Reads the tree out of the added memory. A caller comes before its callees.
pub(super) fn read(shape: Shape, memory: &[u8]) -> Result<Vec<Node>> {
    let damaged = || Failure::new("the counters of the run are damaged");
    let u32_at = |at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(memory.get(at..at + 4)?.try_into().ok()?))
    };
    let u64_at = |at: usize| -> Option<u64> {
        Some(u64::from_le_bytes(memory.get(at..at + 8)?.try_into().ok()?))
    };
    let (nodes, size) = (NODES as usize, NODE_BYTES as usize);
    let count = u32_at(COUNT as usize)
        .filter(|count| NODES + (count + FIXED) * NODE_BYTES <= shape.table)
        .ok_or_else(damaged)?;
    (0..(count + FIXED) as usize)
        .map(|position| {
            let at = nodes + position * size;
            let parent = u32_at(at + PARENT as usize)? as usize;
            Some(Node {
                what: match (position, u32_at(at + FUNCTION as usize)?) {
                    (0, _) => What::Host,
                    (1, _) => What::Elsewhere,
                    (_, tag) => What::Function(tag.checked_sub(1)?),
                },
                parent: match position {
                    0 => None,
                    1 => Some(0),
                    _ => Some(parent.checked_sub(nodes)? / size).filter(|up| *up < position),
                },
                calls: u64_at(at + CALLS as usize)?,
                instructions: u64_at(at + SELF as usize)?,
                bulk_bytes: u64_at(at + BULK as usize)?,
            })
        })
        .collect::<Option<Vec<_>>>()
        .ok_or_else(damaged)
}
