//! The target `memfs_model`; the work is in `afmpeg-wasi-proof`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| afmpeg_wasi_proof::targets::find("memfs_model").run(bytes));
