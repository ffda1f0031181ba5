//! With the deterministic option two runs give the same output, the same files and the same fuel, and see
//! nothing of the directory, the host or the moment they run in.

#[allow(dead_code, reason = "each test program uses a part of it")]
mod common;

use std::io::Read;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use afmpeg_wasi::vfs::{Dir, FileType, MemFs, Overlay, Vfs, ops};
use afmpeg_wasi::{Program, Stdin, Wasi, WasiBuilder, WasmiProgram};
use common::cases::{self, PROGRAMS};
use common::trees::Tree;
use common::{guests, load, with_limits};

/// Everything that a run left.
#[derive(Debug, PartialEq)]
struct Left {
    stop: String,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    fuel: u64,
    files: Vec<(String, Vec<u8>)>,
}

fn run(program: &dyn Program, wasi: WasiBuilder, root: &Arc<dyn Dir>) -> Left {
    let wasi = wasi.deterministic(7).build().expect("a guest");
    let mut instance = program.instantiate(wasi).expect("it fits");
    let stop = instance.start().to_string();
    let fuel = instance.fuel_used();
    let mut wasi = instance.into_wasi();
    let mut files = Vec::new();
    collect(root, "", &mut files);
    files.sort();
    Left {
        stop,
        stdout: wasi.take_stdout(),
        stderr: wasi.take_stderr(),
        fuel,
        files,
    }
}

fn collect(root: &Arc<dyn Dir>, path: &str, files: &mut Vec<(String, Vec<u8>)>) {
    let entries = ops::read_dir(root, if path.is_empty() { "." } else { path });
    for entry in entries.expect("it can be listed") {
        let path = format!("{path}/{}", entry.name);
        match entry.file_type {
            FileType::Directory => {
                files.push((path.clone() + "/", Vec::new()));
                collect(root, &path, files);
            }
            FileType::RegularFile => {
                let bytes = ops::read(root, &path).expect("it can be read");
                files.push((path, bytes));
            }
            _ => files.push((path, b"link".to_vec())),
        }
    }
}

/// Runs a program twice over trees of one kind and compares; the kinds differ in what they allow.
fn twice(
    name: &str,
    program: &WasmiProgram,
    trees: [fn() -> Tree; 2],
    wasi: impl Fn(&Tree) -> WasiBuilder,
) -> Left {
    let [first, second] = trees.map(|tree| {
        let tree = tree();
        run(program, wasi(&tree), &tree.root)
    });
    assert!(first.fuel > 0, "{name}");
    assert_eq!(first, second, "{name}");
    first
}

const KINDS: [[fn() -> Tree; 2]; 3] = [
    [Tree::in_memory, Tree::in_memory],
    [Tree::of_the_host, Tree::of_a_used_host],
    [Tree::overlay, Tree::overlay],
];

#[test]
fn every_case_of_every_guest_runs_twice_alike() {
    let mut compared = 0;
    for (name, least) in PROGRAMS {
        let program = cases::load(name);
        for case in cases::cases(&program, name, least) {
            for trees in KINDS {
                let left = twice(&format!("{name}.c, {case}"), &program, trees, |tree| {
                    cases::wasi(tree, name, &[&case, "", "a b\"c"])
                });
                compared += usize::from(left.stop.ends_with("code 0"));
            }
        }
    }
    assert!(compared > 200, "only {compared} cases did what they should");
}

#[test]
fn random_walks_run_twice_alike() {
    let bytes = std::fs::read(guests::path("steps.wasm")).expect("the guest is compiled");
    let program = WasmiProgram::new(&bytes).expect("the guest can run");
    for seed in 0..8 {
        for trees in KINDS {
            let left = twice(&format!("seed {seed}"), &program, trees, |tree| {
                Wasi::builder()
                    .bare_root()
                    .args(["steps".to_owned(), format!("{seed}"), "400".to_owned()])
                    .preopen("/", Arc::clone(&tree.root))
            });
            assert_eq!(left.stop, "guest exited with code 0");
        }
    }
}

#[test]
fn jumps_run_twice_alike() {
    let bytes = std::fs::read(guests::path("setjmp.wasm")).expect("the guest is compiled");
    let program = WasmiProgram::new(&bytes).expect("the guest can run");
    for case in 0..12 {
        let left = twice(&format!("case {case}"), &program, KINDS[0], |tree| {
            // One of them loops forever.
            let limits = with_limits(|limits| limits.fuel = (case == 10).then_some(5_000_000));
            Wasi::builder()
                .limits(limits)
                .args(["setjmp".to_owned(), format!("{case}")])
                .preopen("/", Arc::clone(&tree.root))
        });
        let expected = match case {
            10 => "limit reached: work (fuel)",
            11 => "guest trapped: a jump that no call catches",
            _ => "guest exited with code 0",
        };
        assert_eq!(left.stop, expected, "case {case}");
    }
}

/// Prints, as the host gives it, all that could tell where and when it runs: listings, attributes by name and
/// by descriptor, of what is there and of what it makes, clocks, chance.
fn snoop() -> WasmiProgram {
    load(
        r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_readdir"
            (func $readdir (param i32 i32 i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_filestat_get" (func $fstat (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_filestat_get"
            (func $stat (param i32 i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_create_directory"
            (func $mkdir (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_rename"
            (func $rename (param i32 i32 i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_res_get" (func $resolution (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (memory (export "memory") 2)
        (data (i32.const 64) "abcdeldnew")
        ;; The bytes from 1024 on, and the errno of the call that put them there.
        (func $print (param $errno i32) (param $len i32)
            (i32.store (i32.const 1020) (local.get $errno))
            (i32.store (i32.const 0) (i32.const 1020))
            (i32.store (i32.const 4) (i32.add (local.get $len) (i32.const 4)))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
        (func $list (param $fd i32) (local $errno i32)
            (local.set $errno (call $readdir (local.get $fd) (i32.const 1024) (i32.const 60000) (i64.const 0)
                (i32.const 16)))
            (call $print (local.get $errno) (i32.load (i32.const 16))))
        (func $look (param $path i32) (param $len i32)
            (call $print (call $stat (i32.const 3) (i32.const 0) (local.get $path) (local.get $len)
                (i32.const 1024)) (i32.const 64)))
        (func $own (param $fd i32)
            (call $print (call $fstat (local.get $fd) (i32.const 1024)) (i32.const 64)))
        (func $all (local $n i32)
            (call $list (i32.const 3))
            (loop $next
                (call $look (i32.add (i32.const 64) (local.get $n)) (i32.const 1))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get $n) (i32.const 7))))
            (call $look (i32.const 71) (i32.const 3))
            (local.set $n (i32.const 0))
            (loop $next
                (call $own (local.get $n))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get $n) (i32.const 7)))))
        (func $open_one (param $path i32) (param $len i32) (param $oflags i32) (param $rights i64)
            (call $print (call $open (i32.const 3) (i32.const 0) (local.get $path) (local.get $len)
                (local.get $oflags) (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 1024))
                (i32.const 4)))
        (func (export "_start") (local $n i32)
            (call $all)
            ;; A file and a directory that were there, and a file that is made.
            (call $open_one (i32.const 64) (i32.const 1) (i32.const 0) (i64.const 0x200066))
            (call $open_one (i32.const 67) (i32.const 1) (i32.const 2) (i64.const 0x204000))
            (call $open_one (i32.const 71) (i32.const 3) (i32.const 1) (i64.const 0x200066))
            (loop $again
                (call $all)
                (drop (call $mkdir (i32.const 3) (i32.const 65) (i32.const 4)))
                (drop (call $unlink (i32.const 3) (i32.const 65) (i32.const 1)))
                (drop (call $rename (i32.const 3) (i32.const 71) (i32.const 3) (i32.const 3) (i32.const 66)
                    (i32.const 1)))
                (call $list (i32.const 5))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $again (i32.lt_u (local.get $n) (i32.const 3))))
            (local.set $n (i32.const 0))
            (loop $next
                (call $print (call $clock (local.get $n) (i64.const 1) (i32.const 1024)) (i32.const 8))
                (call $print (call $resolution (local.get $n) (i32.const 1024)) (i32.const 8))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $next (i32.lt_u (local.get $n) (i32.const 4))))
            (call $print (call $random (i32.const 1024) (i32.const 64)) (i32.const 64))))"#,
    )
}

/// Files, a directory that is not empty, a link and a second name, made in some order.
fn furnish(root: &Arc<dyn Dir>, backwards: bool) {
    let mut names = ["a", "b", "c", "d/x", "d/y", "zz", "q"];
    if backwards {
        names.reverse();
        ops::write(root, "scratch", b"x").expect("there is room");
    }
    ops::create_dir_all(root, "d").expect("a new directory");
    for name in names {
        ops::write(root, name, name).expect("there is room");
    }
    let name = |text| afmpeg_wasi::vfs::Name::new(text).expect("it is valid");
    root.symlink("d/x", name("l")).expect("a new link");
    root.hard_link(name("c"), &**root, name("e"))
        .expect("a new name");
    if backwards {
        ops::remove_file(root, "scratch").expect("it is there");
        // The host's own times, not only its numbers.
        let set = afmpeg_wasi::vfs::SetTimes {
            atim: Some(1),
            mtim: Some(2_000_000_000),
        };
        root.set_times_at(name("a"), set).expect("times are set");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn nothing_tells_where_and_when_a_guest_runs() {
    let program = snoop();
    let mut seen: Vec<Left> = Vec::new();
    let over = |lower: fn() -> Tree, backwards| {
        let tree = lower();
        furnish(&tree.root, backwards);
        tree
    };
    for bare in [true, false] {
        let mut expected: Option<Left> = None;
        let (mut overlays, mut kept) = (Vec::new(), Vec::new());
        let wasi = |root: &Arc<dyn Dir>| {
            let wasi = Wasi::builder().preopen("/", Arc::clone(root));
            if bare { wasi.bare_root() } else { wasi }
        };
        let mut compare = |name: &str, root: &Arc<dyn Dir>| {
            let left = run(&program, wasi(root), root);
            assert!(left.stdout.len() > 5_000, "{name}: {}", left.stdout.len());
            match &expected {
                None => expected = Some(left),
                Some(expected) => {
                    let at = left
                        .stdout
                        .iter()
                        .zip(&expected.stdout)
                        .position(|(a, b)| a != b);
                    assert_eq!(at, None, "{name}: it can be told at this byte");
                    assert_eq!(left, *expected, "{name}");
                }
            }
        };
        for backwards in [false, true] {
            let memory = over(Tree::in_memory, backwards);
            compare("in memory", &memory.root);
            let host = over(Tree::of_the_host, backwards);
            compare("a directory of the host", &host.root);
            let used = over(Tree::of_a_used_host, backwards);
            compare("a directory of the host that was used", &used.root);
            let lower = over(Tree::of_the_host, backwards);
            overlays.push(Overlay::new(Arc::clone(&lower.root), MemFs::new()).root());
            kept.push(lower);
        }
        seen.extend(expected);
        // They show one name of a file with several, so they are compared among themselves.
        let mut runs = overlays.iter().map(|root| run(&program, wasi(root), root));
        let first = runs.next().expect("there are two");
        assert!(first.stdout.len() > 5_000);
        runs.for_each(|other| assert_eq!(first, other, "an overlay"));
    }
    assert_ne!(seen[0], seen[1], "devices and `/tmp` can be seen");
}

#[test]
fn without_the_option_it_can_be_told() {
    let program = snoop();
    let seen = || {
        let tree = Tree::of_the_host();
        furnish(&tree.root, false);
        let wasi = Wasi::builder()
            .bare_root()
            .preopen("/", Arc::clone(&tree.root));
        common::run(&program, wasi).1.take_stdout()
    };
    assert_ne!(seen(), seen());
}

#[test]
fn how_stdin_arrives_makes_no_difference() {
    /// Gives a few bytes at a time, and waits before some.
    struct Slow(Vec<u8>, usize);
    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            thread::sleep(Duration::from_millis(self.0.len() as u64 % 2));
            let count = self.1.min(buffer.len()).min(self.0.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0.drain(..count);
            Ok(count)
        }
    }
    let program = load(&common::cat_guest());
    let text = "a line\nand a longer one\n\n".repeat(20) + "the end";
    let root = MemFs::new().root();
    let with = |piece| {
        let reader = Slow(text.clone().into_bytes(), piece);
        run(
            &program,
            Wasi::builder().stdin(Stdin::Reader(Box::new(reader))),
            &root,
        )
    };
    let expected = with(1);
    assert_eq!(expected.stdout, text.as_bytes());
    for piece in [2, 7, 64, 5_000] {
        assert_eq!(with(piece), expected, "{piece} bytes at a time");
    }
}
