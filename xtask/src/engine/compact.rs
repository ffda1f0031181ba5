//! Writes a linked module anew with its numbers as short as they can be.
//!
//! The linker leaves five bytes for every address and index that it fills in, most of which need two or
//! three. zig does not pass its option against that on.

use wasm_encoder::Module;
use wasm_encoder::reencode::{Reencode as _, RoundtripReencoder};
use wasmparser::Parser;

use crate::failure::{Failure, Result};

/// The same module, instruction by instruction, shorter.
pub(super) fn compact(module: &[u8]) -> Result<Vec<u8>> {
    let mut out = Module::new();
    RoundtripReencoder
        .parse_core_module(&mut out, Parser::new(0), module)
        .map_err(|err| Failure::new(format!("the linked engine cannot be rewritten: {err}")))?;
    Ok(out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_numbers_become_short_and_nothing_else_changes() {
        let short =
            wat::parse_str("(module (func) (func call 0) (memory 1) (data (i32.const 8) \"a\"))")
                .expect("the module is well formed");
        let call: &[u8] = &[4, 0, 0x10, 0, 0x0b];
        let at = short.windows(call.len()).position(|bytes| bytes == call);
        let at = at.expect("the second body");
        let mut padded = short.clone();
        // The section is id, length and count before the first body, which is 2 bytes long.
        padded[at - 5] += 4;
        padded.splice(
            at..at + call.len(),
            [8, 0, 0x10, 0x80, 0x80, 0x80, 0x80, 0, 0x0b],
        );
        wasmparser::validate(&padded).expect("the linker's way is valid too");
        let compacted = compact(&padded).expect("it is rewritten");
        assert_eq!(compacted, compact(&short).expect("it is rewritten"));
        assert!(compacted.len() < padded.len());
    }
}
