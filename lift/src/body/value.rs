//! The operand stack at translation time: expressions that were not written down yet.

/// A value on the operand stack, as a Rust expression that is evaluated once.
#[derive(Clone, Debug)]
pub(super) struct Value {
    text: String,
    shape: Shape,
    /// What the expression depends on or does, of the constants below.
    pub(super) effects: u8,
    /// Locals that it reads.
    pub(super) reads: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Word,
    /// A `bool`, which is an `i32` where a word is wanted.
    Condition,
    /// A literal or a name that never changes: nothing is gained by another name.
    Atom,
}

/// Reads memory.
pub(super) const MEMORY: u8 = 1;
/// Reads a global or a table.
pub(super) const STATE: u8 = 2;
/// May trap.
pub(super) const TRAP: u8 = 4;

impl Value {
    /// A literal, or a variable that is assigned once.
    pub(super) fn atom(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            shape: Shape::Atom,
            effects: 0,
            reads: Vec::new(),
        }
    }

    pub(super) fn local(index: u32) -> Self {
        Self {
            text: format!("l{index}"),
            shape: Shape::Word,
            effects: 0,
            reads: vec![index],
        }
    }

    /// An expression over operands. It must be closed: a call, a method call, or in parentheses.
    pub(super) fn word(text: String, operands: &[&Self], effects: u8) -> Self {
        Self::over(text, Shape::Word, operands, effects)
    }

    /// As [`Value::word`], of type `bool`.
    pub(super) fn condition(text: String, operands: &[&Self]) -> Self {
        Self::over(text, Shape::Condition, operands, 0)
    }

    fn over(text: String, shape: Shape, operands: &[&Self], effects: u8) -> Self {
        let mut value = Self {
            text,
            shape,
            effects,
            reads: Vec::new(),
        };
        for operand in operands {
            value.effects |= operand.effects;
            for local in &operand.reads {
                if !value.reads.contains(local) {
                    value.reads.push(*local);
                }
            }
        }
        value
    }

    /// The expression as a value of the guest.
    pub(super) fn as_word(&self) -> String {
        match self.shape {
            Shape::Condition => format!("({} as u32)", self.text),
            Shape::Word | Shape::Atom => self.text.clone(),
        }
    }

    /// The expression as a `bool`: whether the value is not zero.
    pub(super) fn as_condition(&self) -> String {
        match self.shape {
            Shape::Condition => self.text.clone(),
            Shape::Word | Shape::Atom => format!("({} != 0)", self.text),
        }
    }

    /// The opposite of [`as_condition`](Self::as_condition).
    pub(super) fn negated(&self) -> String {
        match self.shape {
            Shape::Condition => format!("(!{})", self.text),
            Shape::Word | Shape::Atom => format!("({} == 0)", self.text),
        }
    }

    pub(super) fn is_atom(&self) -> bool {
        self.shape == Shape::Atom
    }

    /// Whether it is large enough to be given a name: deep expressions cost the compiler more.
    pub(super) fn is_long(&self) -> bool {
        self.text.len() > LONG
    }
}

const LONG: usize = 240;
