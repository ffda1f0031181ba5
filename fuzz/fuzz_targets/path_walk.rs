//! The target `path_walk`; the work is in `afmpeg-wasi-proof`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| afmpeg_wasi_proof::targets::find("path_walk").run(bytes));
