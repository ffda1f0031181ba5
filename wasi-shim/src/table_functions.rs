//! Functions of the host that a guest may call through its table, offered and never required.

use afmpeg_lift_runtime::HostFunction;

/// Functions that a guest calls in the place of its own, if it knows how.
///
/// The guest exports two addresses as globals: of a number, the version of the arrangement, and of
/// an array of 32-bit slots that are all zero. Before the guest starts, its exported table
/// (`__indirect_function_table`) grows by these functions and the index of each is written into its
/// slot. A guest without these exports, or with another version, runs with nothing changed; so
/// does one whose table has no room.
///
/// What such a function costs counts as one unit of work, whatever it does: the functions must
/// bound their own work by the memory that they are given.
#[derive(Clone, Debug)]
pub struct TableFunctions {
    /// The exported global with the address of the slots.
    pub slots_export: &'static str,
    /// The exported global with the address of the version.
    pub abi_export: &'static str,
    /// The version for which the functions are.
    pub abi: u32,
    /// Each function with the number of its slot.
    pub functions: Vec<(u32, HostFunction)>,
}

/// The table that a guest's indirect calls go through, by the name that linkers export it under.
pub(crate) const TABLE: &str = "__indirect_function_table";

impl TableFunctions {
    /// Where the slots of a guest are, when it wants these functions: `abi_at` and `slots_at` are
    /// the addresses that it exports.
    pub(crate) fn negotiate(&self, memory: &[u8], abi_at: u32, slots_at: u32) -> bool {
        read(memory, abi_at) == Some(self.abi)
            && self.functions.iter().all(|(slot, _)| {
                slot_at(slots_at, *slot).and_then(|at| read(memory, at)) == Some(0)
            })
    }

    /// Writes the index of each function into its slot; the first has the index `first`.
    pub(crate) fn write_slots(&self, memory: &mut [u8], slots_at: u32, first: u32) {
        for ((slot, _), index) in self.functions.iter().zip(first..) {
            let bytes = slot_at(slots_at, *slot).and_then(|at| {
                let at = at as usize;
                memory.get_mut(at..at.checked_add(4)?)
            });
            if let Some(bytes) = bytes {
                bytes.copy_from_slice(&index.to_le_bytes());
            }
        }
    }
}

fn slot_at(slots_at: u32, slot: u32) -> Option<u32> {
    slots_at.checked_add(slot.checked_mul(4)?)
}

fn read(memory: &[u8], at: u32) -> Option<u32> {
    let bytes = memory.get(at as usize..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn functions() -> TableFunctions {
        let function = HostFunction {
            name: "f",
            params: &[],
            result: None,
            call: |_, _| Ok(0),
        };
        TableFunctions {
            slots_export: "slots",
            abi_export: "abi",
            abi: 1,
            functions: vec![(0, function), (3, function)],
        }
    }

    #[test]
    fn indices_go_into_their_slots() {
        let mut memory = vec![0; 32];
        memory[4] = 1;
        assert!(functions().negotiate(&memory, 4, 8));
        functions().write_slots(&mut memory, 8, 0x105);
        assert_eq!(
            memory[8..24],
            [5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 1, 0, 0]
        );
    }

    #[test]
    fn a_doubt_is_a_no() {
        let mut memory = vec![0; 24];
        memory[4] = 1;
        assert!(functions().negotiate(&memory, 4, 8));
        assert!(!functions().negotiate(&memory, 8, 8), "another version");
        assert!(
            !functions().negotiate(&memory, 4, 9),
            "a slot outside memory"
        );
        assert!(!functions().negotiate(&memory, 22, 8), "no version");
        assert!(!functions().negotiate(&memory, 4, u32::MAX));
        memory[20] = 1;
        assert!(
            !functions().negotiate(&memory, 4, 8),
            "a slot that is taken"
        );
    }
}
