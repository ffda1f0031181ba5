//! Frames out of jobs and into them, inputs that cannot seek, outputs that leave as they are made.

#[allow(
    dead_code,
    reason = "each test binary uses a part of the shared support"
)]
#[path = "../support/mod.rs"]
mod support;

mod decode;
mod encode;
mod ends;
mod inputs;
mod memory;
mod outputs;

use afmpeg::Rational;
use md5::{Digest as _, Md5};

fn digest(bytes: &[u8]) -> String {
    Md5::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A time that is there, in seconds.
#[track_caller]
fn seconds(time: Option<Rational>) -> f64 {
    time.expect("the engine tells times").as_f64()
}
