//! WASI preview1 over a virtual filesystem.
