//! The target `hostcalls`; the work is in `afmpeg-wasi-proof`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| afmpeg_wasi_proof::targets::find("hostcalls").run(bytes));
