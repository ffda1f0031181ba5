//! Cuts a function body into stretches that always run as a whole.

use wasmparser::{BrTable, Operator};

use crate::failure::{Failure, Result};

/// A stretch of a body: control enters it at `at` only, and then every instruction of it runs,
/// unless one traps.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The position of its first instruction in the body.
    pub(super) at: usize,
    /// How many instructions of it do something: `block`, `loop`, `else`, `end` and `nop` do not.
    pub(super) weight: u64,
}

/// The stretches of a body that have a weight, in order.
///
/// A call ends one: whatever the callee does, the end of the run included, the instructions after
/// it are counted only once they are reached.
pub(super) fn blocks(body: &[Operator<'_>]) -> Result<Vec<Block>> {
    let mut labels = Labels::default();
    let mut blocks = vec![Block { at: 0, weight: 0 }];
    for (position, operator) in body.iter().enumerate() {
        if let Some(block) = blocks.last_mut() {
            block.weight += weight(operator);
        }
        if labels.ends_a_stretch(operator)? {
            blocks.push(Block {
                at: position + 1,
                weight: 0,
            });
        }
    }
    blocks.retain(|block| block.weight > 0);
    Ok(blocks)
}

fn weight(operator: &Operator<'_>) -> u64 {
    let structure = matches!(
        operator,
        Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::Else
            | Operator::End
            | Operator::Nop
    );
    u64::from(!structure)
}

/// The labels around an instruction, the innermost last. The function's own is not among them:
/// nothing comes after its end.
#[derive(Default)]
struct Labels(Vec<Label>);

enum Label {
    /// Its end is reached by branches, or only by falling into it.
    Block { targeted: bool },
    /// Branches go to its header.
    Loop,
    /// Its end is where two ways meet.
    If,
}

impl Labels {
    fn ends_a_stretch(&mut self, operator: &Operator<'_>) -> Result<bool> {
        match operator {
            Operator::Block { .. } => {
                self.0.push(Label::Block { targeted: false });
                Ok(false)
            }
            Operator::Loop { .. } => {
                self.0.push(Label::Loop);
                Ok(true)
            }
            Operator::If { .. } => {
                self.0.push(Label::If);
                Ok(true)
            }
            Operator::Else => Ok(true),
            Operator::End => Ok(match self.0.pop() {
                Some(Label::Block { targeted }) => targeted,
                Some(Label::If) => true,
                Some(Label::Loop) | None => false,
            }),
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                self.target(*relative_depth);
                Ok(true)
            }
            Operator::BrTable { targets } => {
                self.target_all(targets)?;
                Ok(true)
            }
            Operator::Return
            | Operator::Unreachable
            | Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. } => Ok(true),
            _ => Ok(false),
        }
    }

    fn target(&mut self, depth: u32) {
        let position = self.0.len().checked_sub(depth as usize + 1);
        if let Some(Label::Block { targeted }) = position.and_then(|at| self.0.get_mut(at)) {
            *targeted = true;
        }
    }

    fn target_all(&mut self, targets: &BrTable<'_>) -> Result<()> {
        self.target(targets.default());
        for depth in targets.targets() {
            let depth = depth
                .map_err(|error| Failure::new(format!("a branch table is broken: {error}")))?;
            self.target(depth);
        }
        Ok(())
    }
}
