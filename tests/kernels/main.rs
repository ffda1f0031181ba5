//! Every host kernel against the C function that it stands in for, in one instance of the libraries
//! as they are in the engine: the same memory before, the same memory after.

mod aac;
mod arena;
mod audio;
mod celt_vorbis;
mod codes;
mod deblock;
mod encoding;
#[path = "../../benches/entries/mod.rs"]
mod entries;
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

/// A kernel that the benchmark does not know would be faster by hearsay. Its arguments are good, and lead to
/// the kernel: the two compute the same of them.
#[test]
fn every_kernel_has_an_entry_of_the_benchmark() {
    let mut guest = guest::Guest::new();
    let mut without = Vec::new();
    for kernel in KERNELS {
        let name = kernel.function.name;
        match entries::entry(name) {
            Some((_, prepare)) => guest.compare(name, 1, prepare),
            None => without.push(name),
        }
    }
    assert!(without.is_empty(), "no entry times {without:?}");
}

#[test]
fn every_entry_of_the_benchmark_is_of_a_kernel() {
    for entry in entries::all() {
        let names = KERNELS.iter().map(|kernel| kernel.function.name);
        let mut own = names.filter_map(entries::entry);
        assert!(
            own.any(|(name, _)| *name == entry.0),
            "{} is no kernel's entry, or stands there twice",
            entry.0
        );
    }
}

/// A kernel that no test names would be trusted unseen.
#[test]
fn every_kernel_has_a_test() {
    let tested: Vec<&str> = [
        aac::TESTED,
        audio::TESTED,
        celt_vorbis::TESTED,
        codes::TESTED,
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
