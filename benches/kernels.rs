//! Times kernels against the C that they stand in for: the C interpreted, the kernel called by the
//! interpreted guest, and the kernel alone. `cargo xtask kernel-bench` adds the C lifted to Rust, and the
//! kernel called by lifted code, and prints one table of all.
//!
//! `cargo bench --bench kernels` needs no lifted code; it builds the guest of the kernels' tests when
//! that is not there.

use std::time::Duration;

#[cfg(afmpeg_pack)]
use afmpeg::kernels::KERNELS;
use criterion::{Criterion, SamplingMode};

#[cfg(afmpeg_pack)]
#[path = "kernels/lifted.rs"]
mod lifted;

#[path = "entries/decoders.rs"]
mod decoders;
#[path = "entries/encoder.rs"]
mod encoder;
#[path = "../tests/kernels/guest.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod guest;
#[path = "entries/h264.rs"]
mod h264;
#[path = "entries/images.rs"]
mod images;

use guest::{Arena, Guest};

/// What the elements of the table are for a kernel: the library's own, and what replaced it.
#[cfg(afmpeg_pack)]
const COLUMNS: [&str; 2] = ["c-lifted", "kernel-from-lifted"];

/// A kernel, and arguments of its usual size.
type Entry = (&'static str, fn(&mut Arena) -> Vec<u32>);

const ENTRIES: &[Entry] = &[
    ("h264_idct_add", |arena| block(arena, 16)),
    ("h264_idct8_add", |arena| block(arena, 64)),
    ("h264_v_loop_filter_luma", edge),
    ("h264_h_loop_filter_luma", edge),
    ("h264_v_loop_filter_chroma", edge),
    ("h264_h_loop_filter_chroma", edge),
    ("h264_qpel_put16_mc20", picture),
    ("h264_qpel_put16_mc02", picture),
    ("h264_qpel_put16_mc22", picture),
    ("h264_qpel_put8_mc11", picture),
    ("h264_chroma_put_8", |arena| {
        let mut args = picture(arena);
        args.extend([8, 3, 5]);
        args
    }),
    ("scale_across_8", |arena| {
        let src = arena.take(1280, 16, 0);
        let filter = arena.random.many(640 * 8, -1000, 8000);
        let filter = arena.shorts(&filter);
        let positions: Vec<i32> = (0..640).map(|x| 2 * x - x / 100).collect();
        let positions = arena.ints(&positions);
        let dst = arena.take(1280, 16, 0);
        vec![0, dst, 640, src, filter, positions, 8]
    }),
    ("scale_down", |arena| {
        let filter = arena.random.many(8, -1000, 4000);
        let filter = arena.shorts(&filter);
        let sources = [0; 8].map(|_| arena.take(1280, 16, 0).cast_signed());
        let sources = arena.ints(&sources);
        let dither = arena.take(8, 8, 0);
        let dst = arena.take(640, 16, 0);
        vec![filter, 8, sources, dst, 640, dither, 0]
    }),
    ("scale_straight", |arena| {
        let src = arena.take(1280, 16, 0);
        let dither = arena.take(8, 8, 0);
        let dst = arena.take(640, 16, 0);
        vec![src, dst, 640, dither, 0]
    }),
    ("fdct_islow", |arena| {
        let block = arena.random.many(64, -255, 255);
        vec![arena.shorts(&block)]
    }),
    ("hevc_qpel_uni_hv", |arena| {
        let (src, dst) = (arena.picture(160, 32, 8), arena.picture(160, 32, 0));
        vec![dst, 160, src, 160, 32, 1, 2, 32]
    }),
];

fn main() {
    // Hundreds of short functions: the least of many short samples says enough.
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(250))
        .sample_size(40)
        .nresamples(1000)
        .configure_from_args();
    kernels(&mut criterion);
    criterion.final_summary();
}

fn block(arena: &mut Arena, count: usize) -> Vec<u32> {
    let coefficients = arena.random.many(count, -400, 400);
    let block = arena.shorts(&coefficients);
    vec![arena.picture(64, 16, 0), block, 64]
}

fn edge(arena: &mut Arena) -> Vec<u32> {
    let pixels = arena.picture(64, 24, 4);
    arena.data.fill(100);
    let strengths = arena.put(&[1, 2, 3, 4]);
    vec![pixels, 64, 60, 12, strengths]
}

fn picture(arena: &mut Arena) -> Vec<u32> {
    let (src, dst) = (arena.picture(64, 24, 4), arena.picture(64, 24, 0));
    vec![dst, src, 64]
}

fn kernels(criterion: &mut Criterion) {
    let mut guest = Guest::new();
    #[cfg(afmpeg_pack)]
    let mut lifted = lifted::Lifted::new();
    #[cfg(afmpeg_pack)]
    assert_eq!(
        guest.table_size(),
        u64::from(lifted.elements) + KERNELS.len() as u64,
        "kernels have the same indices in both"
    );
    for (name, prepare) in decoders::OWN {
        let (arena, args) = guest.prepare(prepare);
        guest.fill(&arena);
        let mut memory = guest.memory();
        let function = guest::kernel(name).function;
        let args: Vec<u64> = args.into_iter().map(u64::from).collect();
        criterion.bench_function(&format!("{name}/kernel"), |bencher| {
            bencher.iter(|| (function.call)(&mut memory, &args).expect("the arguments are good"));
        });
    }
    let entries = [
        ENTRIES,
        encoder::ENTRIES,
        h264::ENTRIES,
        images::ENTRIES,
        decoders::ENTRIES,
    ]
    .concat();
    for (name, prepare) in &entries {
        let (arena, args) = guest.prepare(prepare);
        let mut group = criterion.benchmark_group(*name);
        group.sampling_mode(SamplingMode::Flat);
        let c = guest.reference(name);
        guest.fill(&arena);
        group.bench_function("c-interpreted", |bencher| {
            bencher.iter(|| guest.call_with(c, &args));
        });
        guest.fill(&arena);
        let kernel = guest.replacement(name);
        group.bench_function("kernel-from-guest", |bencher| {
            bencher.iter(|| guest.call_with(kernel, &args));
        });
        guest.fill(&arena);
        group.bench_function("kernel", |bencher| {
            let mut memory = guest.memory();
            // Without what a trampoline in C takes off.
            let function = guest::kernel(name).function;
            let own = args.len() - function.params.len();
            let args: Vec<u64> = args[own..].iter().map(|arg| u64::from(*arg)).collect();
            bencher.iter(|| (function.call)(&mut memory, &args).expect("the arguments are good"));
        });
        #[cfg(afmpeg_pack)]
        for (column, element) in COLUMNS.iter().zip(guest.elements(name)) {
            guest.fill(&arena);
            let start = guest.memory();
            guest.call_with(c, &args);
            let (signature, words) = (guest.signature(c), guest.words(c, &args));
            lifted.memory()[..start.len()].copy_from_slice(&start);
            lifted.time(element, &signature, &words, 1);
            assert!(
                guest.arena_in(&guest.memory()) == guest.arena_in(lifted.memory()),
                "{column} of {name} makes something else"
            );
            lifted.memory()[..start.len()].copy_from_slice(&start);
            group.bench_function(*column, |bencher| {
                bencher.iter_custom(|count| lifted.time(element, &signature, &words, count));
            });
        }
        group.finish();
    }
}
