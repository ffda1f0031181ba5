//! What a syscall costs, beside a call of the host that does nothing; what moving data costs, beside a
//! copy in memory; how listings and filesystems in memory grow.
//!
//! Run with `cargo bench -p afmpeg-wasi --bench syscalls`. Every figure is the best of some rounds; the
//! ratios are of figures of the same run.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use afmpeg_wasi::preview1::{SYSCALLS, ValueType};
use afmpeg_wasi::vfs::{MemFs, Vfs};
use afmpeg_wasi::{Limits, Program, SeededRandom, Stop, VirtualClock, Wasi, WasmiProgram};
use wasmi::{Engine, Linker, Module, Store};

const ROUNDS: usize = 7;
const BLOCK: usize = 64 << 10;

fn main() {
    small_calls();
    blocks();
    listings();
    in_memory();
}

/// The module's imports and memory, and a loop that is run this many times.
fn guest(imports: &str, before: &str, body: &str, times: u64) -> Vec<u8> {
    let text = format!(
        r#"(module {imports} (memory (export "memory") 64)
        (data (i32.const 64) "f") (data (i32.const 72) "d")
        (func $ok (param i32) (if (local.get 0) (then unreachable)))
        (func (export "_start") (local $left i64) (local $cookie i64)
            {before}
            (local.set $left (i64.const {times}))
            (loop $more
                {body}
                (br_if $more (i64.ne (local.tee $left (i64.sub (local.get $left) (i64.const 1)))
                    (i64.const 0))))))"#
    );
    wat::parse_str(text).expect("the guest is valid text")
}

/// All syscalls, each by its own name.
fn imports() -> String {
    let rows = SYSCALLS.iter().map(|syscall| {
        let params: Vec<&str> = syscall
            .params
            .iter()
            .map(|param| match param {
                ValueType::I32 => "i32",
                ValueType::I64 => "i64",
            })
            .collect();
        let result = syscall.result.map_or("", |_| "(result i32)");
        format!(
            r#"(import "wasi_snapshot_preview1" "{0}" (func ${0} (param {1}) {result}))"#,
            syscall.name,
            params.join(" ")
        )
    });
    rows.collect()
}

fn wasi(fs: &MemFs) -> Wasi {
    Wasi::builder()
        .bare_root()
        .preopen("/", fs.root())
        .clock(Arc::new(VirtualClock::new()))
        .random(Box::new(SeededRandom::new(1)))
        .limits(Limits::unbounded())
        .build()
        .expect("the state is valid")
}

fn best(mut round: impl FnMut() -> Duration) -> Duration {
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}

/// The time of a whole run over a tree.
fn run(program: &WasmiProgram, fs: &MemFs) -> Duration {
    let mut instance = program.instantiate(wasi(fs)).expect("the guest fits");
    let start = Instant::now();
    let stop = instance.start();
    let time = start.elapsed();
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    time
}

fn load(before: &str, body: &str, times: u64) -> WasmiProgram {
    let bytes = guest(&imports(), before, body, times);
    WasmiProgram::new(&bytes).expect("the guest can run")
}

/// Opens `/f` with all rights; its descriptor is at 32, a list of one buffer at 0.
fn opened(len: usize) -> String {
    format!(
        "(call $ok (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1)
            (i32.const 1) (i64.const 0xfffffff) (i64.const 0) (i32.const 0) (i32.const 32)))
        (i32.store (i32.const 0) (i32.const 65536))
        (i32.store (i32.const 4) (i32.const {len}))"
    )
}

const TIMES: u64 = 300_000;

fn nanos(time: Duration, times: u64) -> f64 {
    time.as_secs_f64() * 1e9 / times as f64
}

fn small_calls() {
    let empty = empty_call();
    println!("| call | ns | in empty calls |");
    println!("|---|---:|---:|");
    println!("| a host function that does nothing | {empty:.0} | 1.0 |");
    let calls = [
        ("sched_yield", "(call $ok (call $sched_yield))"),
        (
            "fd_tell",
            "(call $ok (call $fd_tell (i32.load (i32.const 32)) (i32.const 40)))",
        ),
        (
            "fd_seek",
            "(call $ok (call $fd_seek (i32.load (i32.const 32)) (i64.const 9) (i32.const 0) (i32.const 40)))",
        ),
        (
            "fd_fdstat_get",
            "(call $ok (call $fd_fdstat_get (i32.load (i32.const 32)) (i32.const 1024)))",
        ),
        (
            "fd_filestat_get",
            "(call $ok (call $fd_filestat_get (i32.load (i32.const 32)) (i32.const 1024)))",
        ),
        (
            "clock_time_get",
            "(call $ok (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 40)))",
        ),
        (
            "fd_pread of 16 bytes",
            "(call $ok (call $fd_pread (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 40)))",
        ),
        (
            "fd_pwrite of 16 bytes",
            "(call $ok (call $fd_pwrite (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i64.const 0) (i32.const 40)))",
        ),
        (
            "random_get of 16 bytes",
            "(call $ok (call $random_get (i32.const 1024) (i32.const 16)))",
        ),
        (
            "path_filestat_get",
            "(call $ok (call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 1024)))",
        ),
        (
            "path_open and fd_close",
            "(call $ok (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1)
                (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 40)))
            (call $ok (call $fd_close (i32.load (i32.const 40))))",
        ),
    ];
    for (name, body) in calls {
        let program = load(&opened(16), body, TIMES);
        let fs = MemFs::new();
        let time = nanos(best(|| run(&program, &fs)), TIMES);
        println!("| `{name}` | {time:.0} | {:.1} |", time / empty);
    }
}

/// Nanoseconds of a call of a host function that does nothing, in the bare interpreter.
fn empty_call() -> f64 {
    let imports = r#"(import "host" "nothing" (func $nothing (param i32 i32) (result i32)))"#;
    let body = "(call $ok (call $nothing (i32.load (i32.const 32)) (i32.const 40)))";
    let engine = Engine::default();
    let module = Module::new(&engine, guest(imports, "", body, TIMES)).expect("it is valid");
    let mut linker = <Linker<()>>::new(&engine);
    linker
        .func_wrap("host", "nothing", |_: i32, _: i32| 0_i32)
        .expect("the name is free");
    let time = best(|| {
        let mut store = Store::new(&engine, ());
        let instance = linker.instantiate_and_start(&mut store, &module);
        let start = instance
            .and_then(|instance| instance.get_typed_func::<(), ()>(&store, "_start"))
            .expect("it exports one");
        let begin = Instant::now();
        start.call(&mut store, ()).expect("it ends");
        begin.elapsed()
    });
    nanos(time, TIMES)
}

/// The bytes of the file that blocks are read from and written to.
const FILE: usize = 64 << 20;

fn blocks() {
    let fs = MemFs::new();
    fs.write("/f", vec![7; FILE]).expect("there is room");
    let source = vec![7_u8; FILE];
    let mut target = vec![0_u8; BLOCK];
    let copy_out = best(|| {
        let start = Instant::now();
        for block in source.chunks_exact(BLOCK) {
            target.copy_from_slice(block);
            black_box(&mut target);
        }
        start.elapsed()
    });
    let mut whole = source;
    let copy_in = best(|| {
        let start = Instant::now();
        for block in whole.chunks_exact_mut(BLOCK) {
            block.copy_from_slice(&target);
            black_box(block);
        }
        start.elapsed()
    });
    let times = (FILE / BLOCK) as u64;
    let read = "(call $ok (call $fd_read (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 40)))";
    let write = "(call $ok (call $fd_write (i32.load (i32.const 32)) (i32.const 0) (i32.const 1) (i32.const 40)))";
    let before = opened(BLOCK);
    println!(
        "\n| {} MiB in blocks of 64 KiB | GB/s | of a copy |",
        FILE >> 20
    );
    println!("|---|---:|---:|");
    let speed = |time: Duration| FILE as f64 / time.as_secs_f64() / 1e9;
    println!("| copied out of memory | {:.1} | 1.00 |", speed(copy_out));
    println!("| copied into memory | {:.1} | 1.00 |", speed(copy_in));
    for (name, body, copy) in [("fd_read", read, copy_out), ("fd_write", write, copy_in)] {
        let program = load(&before, body, times);
        let time = best(|| run(&program, &fs));
        let ratio = copy.as_secs_f64() / time.as_secs_f64();
        println!("| `{name}` | {:.1} | {ratio:.2} |", speed(time));
    }
}

fn listings() {
    println!("\n| entries | listed in ms | ns for each |");
    println!("|---:|---:|---:|");
    for entries in [1_000, 10_000, 100_000] {
        let fs = MemFs::new();
        for number in 0..entries {
            fs.write(&format!("/entry-{number:06}"), "")
                .expect("there is room");
        }
        // The cookie after the last whole entry of a buffer of 4 KiB: an entry is 24 bytes and a name of
        // 12, so that entries lie 36 apart after `.` and `..`, which take 51.
        let list = "(call $ok (call $fd_readdir (i32.const 3) (i32.const 65536) (i32.const 4096) (local.get $cookie) (i32.const 40)))
            (local.set $cookie (i64.load (i32.add (i32.const 65536) (i32.mul (i32.const 36) (i32.sub (i32.div_u (i32.load (i32.const 40)) (i32.const 36)) (i32.const 1))))))
            (if (i32.eq (i32.load (i32.const 40)) (i32.const 4096)) (then (local.set $left (i64.const 2))) (else (local.set $left (i64.const 1))))";
        // From the cookie after `..` on.
        let program = load("(local.set $cookie (i64.const 2))", list, 1);
        let time = best(|| run(&program, &fs));
        println!(
            "| {entries} | {:.2} | {:.0} |",
            time.as_secs_f64() * 1e3,
            nanos(time, entries)
        );
    }
}

fn in_memory() {
    println!("\n| a filesystem in memory | |");
    println!("|---|---:|");
    let fs = MemFs::new();
    let data = vec![7; 100_000_000];
    let stored = allocation_counter::measure(|| fs.write("/f", &data).expect("there is room"));
    println!(
        "| bytes kept for each byte of a file of 100 MB | {:.3} |",
        stored.bytes_current as f64 / data.len() as f64
    );
    let body = "(call $ok (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1)
            (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 40)))
        (call $ok (call $fd_close (i32.load (i32.const 40))))";
    let mut most = Vec::new();
    for times in [1_000, 1_000_000] {
        let program = load("", body, times);
        let mut instance = program.instantiate(wasi(&fs)).expect("the guest fits");
        let measured = allocation_counter::measure(|| {
            let stop = instance.start();
            assert!(matches!(stop, Stop::Exit(0)), "{stop}");
        });
        most.push(measured.bytes_max);
    }
    println!(
        "| most bytes held in 1,000 and in 1,000,000 openings | {} and {} |",
        most[0], most[1]
    );
    for files in [10, 100_000] {
        let fs = MemFs::new();
        for number in 0..files {
            fs.write(&format!("/{number}"), "x").expect("there is room");
        }
        let time = best(|| {
            let start = Instant::now();
            let copy = fs.snapshot();
            let time = start.elapsed();
            drop(copy);
            time
        });
        println!(
            "| a snapshot of {files} files, in us | {:.2} |",
            time.as_secs_f64() * 1e6
        );
    }
}
