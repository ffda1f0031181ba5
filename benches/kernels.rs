//! Times kernels against the C that they stand in for: the C interpreted, the kernel called by the
//! interpreted guest, and the kernel called directly, as lifted code does.
//!
//! Run with `cargo bench --bench kernels`; it builds the guest of the kernels' tests when that is
//! not there.

use criterion::Criterion;

#[path = "entries/encoder.rs"]
mod encoder;
#[path = "../tests/kernels/guest.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod guest;

use guest::{Arena, Guest};

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
    let mut criterion = Criterion::default().configure_from_args();
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
    for (name, prepare) in ENTRIES.iter().chain(encoder::ENTRIES) {
        let args = guest.prepare(prepare);
        let mut group = criterion.benchmark_group(*name);
        group.bench_function("c-interpreted", |bencher| {
            let c = guest.reference(name);
            bencher.iter(|| guest.call_with(c, &args));
        });
        group.bench_function("kernel-from-guest", |bencher| {
            let kernel = guest.replacement(name);
            bencher.iter(|| guest.call_with(kernel, &args));
        });
        group.bench_function("kernel", |bencher| {
            let mut memory = guest.memory();
            // Without what a trampoline in C takes off.
            let function = guest::kernel(name).function;
            let own = args.len() - function.params.len();
            let args: Vec<u64> = args[own..].iter().map(|arg| u64::from(*arg)).collect();
            bencher.iter(|| (function.call)(&mut memory, &args).expect("the arguments are good"));
        });
        group.finish();
    }
}
