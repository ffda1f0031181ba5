//! Times kernels against the C that they stand in for: the C interpreted, the kernel called by the
//! interpreted guest, and the kernel alone. `cargo xtask kernel-bench` adds the C lifted to Rust, and the
//! kernel called by lifted code, and prints one table of all.
//!
//! `cargo bench --bench kernels` needs no lifted code; it builds the guest of the kernels' tests when
//! that is not there.

use std::time::Duration;

use afmpeg::kernels::{KERNELS, Kernel};
use criterion::{Criterion, SamplingMode};

#[cfg(afmpeg_pack)]
#[path = "kernels/lifted.rs"]
mod lifted;

#[path = "../tests/kernels/arena.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod arena;
#[path = "entries/mod.rs"]
mod entries;
#[path = "../tests/kernels/guest.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod guest;
#[path = "kernels/native.rs"]
mod native;

use guest::Guest;
use native::Native;

/// What the elements of the table are for a kernel: the library's own, and what replaced it.
#[cfg(afmpeg_pack)]
const COLUMNS: [&str; 2] = ["c-lifted", "kernel-from-lifted"];

fn main() {
    // Hundreds of short functions: the least of many short samples says enough.
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(250))
        .sample_size(40)
        .nresamples(1001)
        .configure_from_args();
    kernels(&mut criterion);
    criterion.final_summary();
}

fn kernels(criterion: &mut Criterion) {
    let mut guest = Guest::new();
    let mut native = Native::start(guest.contexts.clone());
    #[cfg(afmpeg_pack)]
    let mut lifted = lifted::Lifted::new();
    #[cfg(afmpeg_pack)]
    assert_eq!(
        guest.table_size(),
        u64::from(lifted.elements) + KERNELS.len() as u64,
        "kernels have the same indices in both"
    );
    // What is not measured is named: a column that computes something else says nothing.
    let mut untimed = Vec::new();
    for kernel in KERNELS {
        let name = kernel.function.name;
        let Some((_, prepare)) = entries::entry(name) else {
            untimed.push(name.to_owned());
            continue;
        };
        let (arena, args) = guest.prepare(prepare);
        let mut group = criterion.benchmark_group(name);
        group.sampling_mode(SamplingMode::Flat);
        let c = guest.reference(name);
        guest.fill(&arena);
        let start = guest.memory();
        let parameters = guest.signature(c).find('_');
        if parameters != Some(args.len()) || !guest.tries(c, &args) {
            untimed.push(format!("{name} (other arguments)"));
            continue;
        }
        // What every column has to make of the arena.
        let expected = guest.arena_in(&guest.memory()).to_vec();
        let (signature, words) = (guest.signature(c), guest.words(c, &args));

        guest.fill(&arena);
        group.bench_function("c-interpreted", |bencher| {
            bencher.iter(|| guest.call_with(c, &args));
        });
        guest.fill(&arena);
        let replacement = guest.replacement(name);
        group.bench_function("kernel-from-guest", |bencher| {
            bencher.iter(|| guest.call_with(replacement, &args));
        });
        let mut memory = start.clone();
        if let Some(args) = alone(kernel, &words)
            && (kernel.function.call)(&mut memory, args).is_ok()
            && guest.arena_in(&memory) == expected
        {
            memory.copy_from_slice(&start);
            let call = kernel.function.call;
            group.bench_function("kernel", |bencher| {
                bencher.iter(|| call(&mut memory, args).expect("the arguments are good"));
            });
        }
        #[cfg(afmpeg_pack)]
        for (column, element) in COLUMNS.iter().zip(guest.elements(name)) {
            lifted.memory()[..start.len()].copy_from_slice(&start);
            let first = lifted.time(element, &signature, &words, 1);
            if first.is_none() || guest.arena_in(lifted.memory()) != expected {
                untimed.push(format!("{name}/{column} (other results)"));
                continue;
            }
            lifted.memory()[..start.len()].copy_from_slice(&start);
            group.bench_function(*column, |bencher| {
                bencher.iter_custom(|count| {
                    let time = lifted.time(element, &signature, &words, count);
                    time.expect("the first call returned")
                });
            });
        }
        if let Some(native) = &mut native
            && !NOT_NATIVE.contains(&name)
        {
            native.fill(&arena);
            let first = native.time(kernel.slot, &signature, &words, &arena, 1);
            if first.is_none() || native.arena() != expected {
                untimed.push(format!("{name}/c-native (other results)"));
                continue;
            }
            native.fill(&arena);
            group.bench_function("c-native", |bencher| {
                bencher.iter_custom(|count| {
                    let time = native.time(kernel.slot, &signature, &words, &arena, count);
                    time.unwrap_or_default()
                });
            });
        }
        group.finish();
    }
    if !untimed.is_empty() {
        eprintln!("\nnot timed: {}", untimed.join(", "));
    }
}

/// Functions whose arguments are structures of the library, which are others in a native build.
const NOT_NATIVE: &[&str] = &["resample_float"];

/// The arguments of a kernel without those that a trampoline in C takes off, if that is all that it does.
fn alone<'a>(kernel: &Kernel, words: &'a [u64]) -> Option<&'a [u64]> {
    words.get(words.len().checked_sub(kernel.function.params.len())?..)
}
