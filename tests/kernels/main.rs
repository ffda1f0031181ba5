//! Every host kernel against the C function that it stands in for, in one instance of the libraries
//! as they are in the engine: the same memory before, the same memory after.

mod aac;
mod audio;
mod celt_vorbis;
mod deblock;
mod encoding;
mod filters;
#[allow(dead_code, reason = "the benchmark uses the rest")]
mod guest;
mod h264;
mod lossless;
mod motion;
mod openh264;
mod probing;
mod residual;
mod scale;
mod tx;

use afmpeg::kernels::KERNELS;

/// A kernel that no test names would be trusted unseen.
#[test]
fn every_kernel_has_a_test() {
    let tested: Vec<&str> = [
        aac::TESTED,
        audio::TESTED,
        celt_vorbis::TESTED,
        encoding::TESTED,
        filters::TESTED,
        h264::TESTED,
        lossless::TESTED,
        motion::TESTED,
        probing::TESTED,
        scale::TESTED,
        tx::TESTED,
        openh264::TESTED,
    ]
    .concat();
    for kernel in KERNELS {
        let name = kernel.function.name;
        assert!(
            tested.iter().any(|tested| name.starts_with(tested)),
            "{name} is compared with nothing"
        );
    }
    let mut guest = guest::Guest::new();
    for kernel in KERNELS {
        assert!(
            guest.is_hooked(kernel.slot),
            "slot {} ({}) is not used by the engine",
            kernel.slot,
            kernel.function.name
        );
    }
}
