//! Calls that move data allocate nothing: a guest that makes three times as many of them costs no
//! allocation more. A test binary of its own, as it counts what all of it allocates.

use std::sync::Arc;

use afmpeg_wasi::vfs::{MemFs, Vfs};
use afmpeg_wasi::{Program, Stop, VirtualClock, Wasi, WasmiProgram};

/// A guest that opens `/f`, which has 200,000 bytes, and makes `calls` `rounds` times.
fn guest(calls: &str, rounds: u32) -> String {
    format!(
        r#"(module
        (import "wasi_snapshot_preview1" "path_open"
            (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read"
            (func $fd_read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_pread"
            (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write"
            (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_pwrite"
            (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_seek"
            (func $fd_seek (param i32 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_tell"
            (func $fd_tell (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_filestat_get"
            (func $fd_filestat_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_fdstat_get"
            (func $fd_fdstat_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_time_get"
            (func $clock_time_get (param i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "random_get"
            (func $random_get (param i32 i32) (result i32)))
        (memory (export "memory") 8)
        (data (i32.const 64) "f")
        (func $ok (param i32) (if (local.get 0) (then unreachable)))
        (func (export "_start") (local $fd i32) (local $left i32)
            (call $ok (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 1)
                (i32.const 0) (i64.const 0x200066) (i64.const 0) (i32.const 0) (i32.const 32)))
            (local.set $fd (i32.load (i32.const 32)))
            (; two buffers, the second over a chunk's end ;)
            (i32.store (i32.const 0) (i32.const 1024))
            (i32.store (i32.const 4) (i32.const 500))
            (i32.store (i32.const 8) (i32.const 4096))
            (i32.store (i32.const 12) (i32.const 70000))
            (local.set $left (i32.const {rounds}))
            (loop $more
                {calls}
                (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                (br_if $more (local.get $left)))))"#
    )
}

/// Allocations of a run of the guest, when everything it runs has been translated before.
fn allocations(calls: &str, rounds: u32) -> u64 {
    let bytes = wat::parse_str(guest(calls, rounds)).expect("the guest is valid text");
    let program = WasmiProgram::new(&bytes).expect("the guest can run");
    let mut counted = 0;
    for _ in 0..2 {
        let fs = MemFs::new();
        fs.write("/f", vec![7; 200_000]).expect("there is room");
        let wasi = Wasi::builder()
            .clock(Arc::new(VirtualClock::new()))
            .preopen("/", fs.root())
            .build()
            .expect("the guest's state is valid");
        let mut instance = program.instantiate(wasi).expect("the guest fits");
        let measured = allocation_counter::measure(|| {
            let stop = instance.start();
            assert!(matches!(stop, Stop::Exit(0)), "{stop}");
        });
        counted = measured.count_total;
    }
    counted
}

#[test]
fn calls_that_move_data_or_ask_for_the_time_allocate_nothing() {
    const REWIND: &str =
        "(call $ok (call $fd_seek (local.get $fd) (i64.const 0) (i32.const 0) (i32.const 48)))";
    let calls = [
        "(call $ok (call $fd_read (local.get $fd) (i32.const 0) (i32.const 2) (i32.const 40)))",
        "(call $ok (call $fd_pread (local.get $fd) (i32.const 0) (i32.const 2) (i64.const 99)
            (i32.const 40)))",
        "(call $ok (call $fd_write (local.get $fd) (i32.const 0) (i32.const 2) (i32.const 40)))",
        "(call $ok (call $fd_pwrite (local.get $fd) (i32.const 0) (i32.const 2) (i64.const 99)
            (i32.const 40)))",
        "(call $ok (call $fd_tell (local.get $fd) (i32.const 48)))",
        "(call $ok (call $fd_filestat_get (local.get $fd) (i32.const 128)))",
        "(call $ok (call $fd_fdstat_get (local.get $fd) (i32.const 128)))",
        "(call $ok (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 48)))",
        "(call $ok (call $random_get (i32.const 1024) (i32.const 64)))",
    ];
    for call in calls {
        let round = format!("{REWIND}{call}");
        let (few, many) = (allocations(&round, 50), allocations(&round, 150));
        assert_eq!(few, many, "100 calls more: {call}");
    }
    // Of what is kept in memory, each 64 KiB written for the first time costs their chunk and its
    // place in the tree, not one allocation a call.
    let grow =
        "(call $ok (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 40)))";
    let more = allocations(grow, 1700) - allocations(grow, 400);
    assert!(
        (10..60).contains(&more),
        "{more} allocations for 10 chunks in 1,300 calls"
    );
}
