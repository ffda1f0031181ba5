//! Guests whose instructions can be counted by hand.

use std::collections::BTreeMap;
use std::path::PathBuf;

use afmpeg::wasi::vfs::{MemFs, Vfs as _, ops};
use afmpeg::wasi::{Stop, TrapKind};

use super::context::{Node, What};
use super::flame::folded;
use super::instrument::{Instrumented, instrument_with};
use super::job::Job;
use super::names::Names;
use super::report::Profile;
use super::run::{self, Counted, Kernels};
use crate::engine;
use crate::workspace::Workspace;

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the guest is valid")
}

fn counted(text: &str) -> Counted {
    run::counted(&wasm(text), Kernels::Off, &["guest"], MemFs::new().root())
        .expect("the guest runs")
}

/// Calls and own instructions of each function that was called.
fn by_function(tree: &[Node]) -> BTreeMap<u32, (u64, u64)> {
    let mut sums = BTreeMap::new();
    for node in tree {
        if let What::Function(index) = node.what {
            let sum = sums.entry(index).or_insert((0, 0));
            *sum = (sum.0 + node.calls, sum.1 + node.instructions);
        }
    }
    sums
}

/// The tree as folded stacks with numbers for names.
fn stacks(tree: &[Node]) -> Vec<String> {
    folded(tree, &Names::default())
}

#[test]
fn a_loop_and_what_it_calls_are_counted_to_the_instruction() {
    let counted = counted(
        r#"(module (memory (export "memory") 1)
            (func $leaf (param i32) (result i32) local.get 0 i32.const 3 i32.add)
            (func (export "_start") (local i32)
                loop $again
                    local.get 0 call $leaf drop
                    nop
                    local.get 0 i32.const 1 i32.add local.tee 0 i32.const 10 i32.lt_u br_if $again
                end
                i32.const 1 drop))"#,
    );
    assert!(counted.run.is_success());
    let expected = [(0, (10, 10 * 3)), (1, (1, 10 * (3 + 7) + 2))];
    assert_eq!(by_function(&counted.tree), expected.into());
    assert_eq!(stacks(&counted.tree), ["func[1] 102", "func[1];func[0] 30"]);
}

#[test]
fn each_way_through_a_branch_table_costs_its_own() {
    // 0: 2 + 1; 1: 3 + 1; beyond: 1. Before them: 2.
    let counted = counted(
        r#"(module (memory (export "memory") 1)
            (func $way (param i32)
                block $end
                    block $one
                        block $zero
                            local.get 0 br_table $zero $one $end
                        end
                        i32.const 7 drop br $end
                    end
                    i32.const 7 i32.eqz drop br $end
                end
                nop)
            (func (export "_start")
                i32.const 0 call $way
                i32.const 1 call $way
                i32.const 1 call $way
                i32.const 2 call $way
                i32.const 99 call $way))"#,
    );
    let expected = [(0, (5, 5 * 2 + 3 + 2 * 4)), (1, (1, 10))];
    assert_eq!(by_function(&counted.tree), expected.into());
}

#[test]
fn both_arms_of_an_if_meet_again() {
    let counted = counted(
        r#"(module (memory (export "memory") 1)
            (func $arms (param i32) (result i32)
                local.get 0
                if (result i32) i32.const 1 else i32.const 2 i32.const 3 i32.mul end
                i32.const 5 i32.add)
            (func (export "_start")
                i32.const 0 call $arms drop
                i32.const 1 call $arms drop))"#,
    );
    assert_eq!(
        by_function(&counted.tree)[&0],
        (2, (2 + 3 + 2) + (2 + 1 + 2))
    );
}

#[test]
fn code_after_a_return_is_not_counted() {
    let counted = counted(
        r#"(module (memory (export "memory") 1)
            (func (export "_start")
                block
                    i32.const 0 br_if 0
                    i32.const 1 drop
                    return
                    i32.const 2 drop i32.const 3 drop
                end
                i32.const 4 drop))"#,
    );
    assert_eq!(by_function(&counted.tree)[&0], (1, 2 + 3));
}

#[test]
fn recursion_makes_no_new_contexts() {
    let counted = counted(
        r#"(module (memory (export "memory") 1)
            (func $fib (param i32) (result i32)
                local.get 0 i32.const 2 i32.lt_u
                if local.get 0 return end
                local.get 0 i32.const 1 i32.sub call $fib
                local.get 0 i32.const 2 i32.sub call $fib
                i32.add)
            (func (export "_start") i32.const 10 call $fib drop))"#,
    );
    // 177 calls for fib(10), of which 89 return at once.
    let (leaves, inner) = (89, 88);
    let own = leaves * (4 + 2) + inner * (4 + 4 + 4 + 1);
    assert_eq!(
        by_function(&counted.tree),
        [(0, (177, own)), (1, (1, 3))].into()
    );
    assert_eq!(stacks(&counted.tree).len(), 2);
}

#[test]
fn a_run_that_the_host_ends_in_the_middle_keeps_its_counts() {
    let counted = counted(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (func $deep (param i32)
                local.get 0 i32.const 1 i32.sub drop
                i32.const 7 call $exit
                i32.const 1 drop i32.const 1 drop)
            (func (export "_start")
                i32.const 4 call $deep
                i32.const 1 drop))"#,
    );
    assert!(matches!(counted.run.stop, Stop::Exit(7)));
    let expected = [(0, (1, 0)), (1, (1, 4 + 2)), (2, (1, 2))];
    assert_eq!(by_function(&counted.tree), expected.into());
}

#[test]
fn a_run_that_traps_keeps_its_counts() {
    let counted = counted(
        r#"(module (memory (export "memory") 1)
            (func $leaf unreachable)
            (func (export "_start")
                i32.const 1 drop
                call $leaf
                i32.const 1 drop))"#,
    );
    assert!(matches!(&counted.run.stop, Stop::Trap(trap) if trap.kind == TrapKind::Unreachable));
    let expected = [(0, (1, 1)), (1, (1, 3))];
    assert_eq!(by_function(&counted.tree), expected.into());
}

#[test]
fn one_function_has_a_context_for_each_caller() {
    let counted = counted(
        r#"(module (memory (export "memory") 1)
            (table 2 funcref) (elem (i32.const 0) $a $b)
            (type $none (func))
            (func $leaf i32.const 1 drop)
            (func $a call $leaf call $leaf)
            (func $b call $leaf)
            (func (export "_start")
                i32.const 0 call_indirect (type $none)
                i32.const 1 call_indirect (type $none)
                i32.const 1 call_indirect (type $none)))"#,
    );
    assert_eq!(
        stacks(&counted.tree),
        [
            "func[3] 6",
            "func[3];func[1] 2",
            "func[3];func[1];func[0] 4",
            "func[3];func[2] 2",
            "func[3];func[2];func[0] 4",
        ]
    );
}

#[test]
fn a_tail_call_takes_the_place_of_its_caller() {
    let counted = counted(
        r#"(module (memory (export "memory") 1)
            (func $odd (param i32) local.get 0 i32.const 1 i32.sub return_call $even)
            (func $even (param i32)
                local.get 0 i32.eqz if return end
                local.get 0 i32.const 1 i32.sub return_call $odd)
            (func (export "_start") i32.const 4 call $even i32.const 1 drop))"#,
    );
    assert!(counted.run.is_success());
    assert_eq!(
        stacks(&counted.tree),
        [
            "func[2] 4".to_owned(),
            format!("func[2];func[0] {}", 2 * 4),
            format!("func[2];func[1] {}", 2 * (3 + 4) + 4),
        ]
    );
}

#[test]
fn bytes_of_bulk_instructions_are_summed() {
    let counted = counted(
        r#"(module (memory (export "memory") 1)
            (func (export "_start")
                i32.const 0 i32.const 1 i32.const 100 memory.fill
                i32.const 0 i32.const 50 i32.const 11 memory.copy))"#,
    );
    let profile = Profile::new(&counted.tree, &Names::default(), String::new(), "bulk");
    assert_eq!(profile.functions[0].bulk_bytes, 111);
    assert_eq!(profile.total, 8);
}

/// A guest that looks at everything that the counters could have moved: the size of its memory and
/// what growing it answers, its globals, its table. It exits with the sum.
const CURIOUS: &str = r#"(module
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 3)
    (table 5 funcref) (elem (i32.const 1) $look)
    (global $g (mut i32) (i32.const 1000))
    (func $look (result i32) global.get $g)
    (func (export "_start")
        memory.size
        i32.const 2 memory.grow i32.const 10 i32.mul i32.add
        i32.const 100000 memory.grow i32.add
        table.size i32.const 100 i32.mul i32.add
        i32.const 1 call_indirect (result i32) i32.add
        i32.const 65532 i32.load i32.add
        call $exit))"#;

#[test]
fn the_guest_does_not_notice_that_it_is_counted() {
    let plain = run::plain(&wasm(CURIOUS), &["guest"], MemFs::new().root()).expect("it runs");
    const SUM: u32 = 3 + 30 - 1 + 500 + 1000;
    assert!(matches!(plain.stop, Stop::Exit(SUM)), "{}", plain.stop);
    let stop = counted(CURIOUS).run.stop;
    assert!(matches!(stop, Stop::Exit(SUM)), "{stop}");
}

#[test]
fn a_full_tree_loses_contexts_but_no_counts() {
    let text = r#"(module (memory (export "memory") 1)
        (func $leaf i32.const 1 drop)
        (func $a call $leaf)
        (func $b call $leaf call $a)
        (func $c call $leaf call $b call $a)
        (func (export "_start") call $c call $b call $a))"#;
    let Instrumented { module, shape } =
        instrument_with(&wasm(text), 3).expect("it can be instrumented");
    let full = run::counted_in(
        &module,
        shape,
        Kernels::Off,
        &["guest"],
        MemFs::new().root(),
    )
    .expect("it runs");
    let roomy = counted(text);
    assert_eq!(by_function(&full.tree), by_function(&roomy.tree));
    assert!(stacks(&roomy.tree).iter().all(|line| !line.contains('(')));
    let beyond = "(contexts beyond the limit);func[0] ";
    assert!(
        stacks(&full.tree)
            .iter()
            .any(|line| line.starts_with(beyond))
    );
}

#[test]
fn sums_with_callees_count_nothing_twice() {
    let counted = counted(
        r#"(module (memory (export "memory") 1)
            (func $leaf i32.const 1 drop)
            (func $a call $leaf call $leaf)
            (func (export "_start") call $a call $leaf))"#,
    );
    let profile = Profile::new(&counted.tree, &Names::default(), "d1".into(), "sums");
    let totals: BTreeMap<_, _> = profile
        .functions
        .iter()
        .map(|f| (f.index, f.total))
        .collect();
    assert_eq!(totals, [(0, 6), (1, 6), (2, 2 + 2 + 6)].into());
    let json = serde_json::to_value(&profile).expect("plain data");
    assert_eq!(json["engine_sha256"], "d1");
    assert_eq!(json["total"], 10);
    let first = serde_json::json!({"index": 0, "name": "func[0]", "self": 6, "total": 6,
        "calls": 3, "bulk_bytes": 0});
    assert_eq!(json["functions"][0], first);
}

#[test]
fn imports_and_the_name_section_give_the_names() {
    let module = wasm(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (func $main (export "_start")))"#,
    );
    let names = Names::of(&module);
    let found = [0, 1, 2].map(|index| names.get(index));
    assert_eq!(found, ["host:proc_exit", "main", "func[2]"]);
}

#[test]
fn a_module_that_is_cut_off_anywhere_is_refused() {
    // Without names: their section could be missing.
    let module = wasm(
        r#"(module (memory (export "memory") 1)
            (func (export "_start") i32.const 1 i32.const 2 memory.size drop drop drop))"#,
    );
    for length in 0..module.len() {
        let result = run::counted(
            &module[..length],
            Kernels::Off,
            &["guest"],
            MemFs::new().root(),
        );
        assert!(result.is_err(), "{length} of {} bytes", module.len());
    }
}

fn built_engine() -> Vec<u8> {
    let engine = std::env::var_os("AFMPEG_ENGINE").map_or_else(
        || engine::ensure(&Workspace::find()).expect("the engine can be built"),
        PathBuf::from,
    );
    super::module(&engine).expect("the engine is there")
}

/// A job of the engine that decodes nothing: a test picture, scaled and encoded.
const PICTURES: &str = r#"{"op": "process", "version": 10,
    "inputs": [{"path": "testsrc2=size=64x48:rate=5:duration=1", "format": "lavfi"}],
    "filter": "[0:v]scale=32:24,format=yuvj420p[v]",
    "outputs": [{"path": "/out/pictures.mkv", "map": ["[v]"], "video_codec": "mjpeg"}]}"#;

#[test]
fn the_engine_does_the_same_work_counted_or_not_and_each_time() {
    let module = built_engine();
    let job = || Job::new("pictures", PICTURES.to_owned(), &[], &[]).expect("the spec is JSON");
    let pictures = |job: &Job| ops::read(&job.root, "/out/pictures.mkv").expect("it was written");
    let run = |job: &Job, kernels| {
        let args = [run::PROGRAM, &job.spec];
        run::counted(&module, kernels, &args, job.root.clone()).expect("the engine runs")
    };

    let plain = job();
    let ran = run::plain(&module, &[run::PROGRAM, &plain.spec], plain.root.clone());
    assert!(ran.expect("the engine runs").is_success());
    let (first, second) = (job(), job());
    let counted = [run(&first, Kernels::Off), run(&second, Kernels::Off)];
    assert!(counted[0].run.is_success());
    assert_eq!(counted[0].tree, counted[1].tree);
    assert_eq!(pictures(&first), pictures(&plain));

    // Five pictures of 4:2:0 with blocks of 8x8 in 16x16: 2x2 of them, six blocks each.
    let profile = Profile::new(
        &counted[0].tree,
        &Names::default(),
        String::new(),
        "pictures",
    );
    let blocks = 5 * 2 * 2 * 6;
    let transforms = profile.functions.iter().filter(|row| row.calls == blocks);
    assert!(
        transforms.count() > 0,
        "nothing is done once for each block"
    );
    let fewest = 5 * 64 * 48;
    assert!(profile.total > fewest, "{} instructions", profile.total);
}

#[test]
fn with_kernels_the_same_pictures_take_the_guest_less() {
    let module = built_engine();
    let clip = Workspace::find()
        .root()
        .join("tests/fixtures/bbb_180_h264.mp4");
    let spec = r#"{"op": "process", "version": 10, "inputs": [{"path": "/in/clip.mp4"}],
        "filter": "[0:v]null[v]", "outputs": [{"path": "/out/sums.txt", "format": "framemd5",
            "map": ["[v]"], "video_codec": "rawvideo", "duration": 0.2}]}"#;
    let run = |kernels| {
        let files = [format!("{}::/in/clip.mp4", clip.display())
            .parse()
            .expect("a pair")];
        let job = Job::new("sums", spec.to_owned(), &files, &[]).expect("the clip is there");
        let args = [run::PROGRAM, &job.spec];
        let counted =
            run::counted(&module, kernels, &args, job.root.clone()).expect("the engine runs");
        let said = String::from_utf8_lossy(&counted.run.stdout).into_owned();
        let sums = ops::read(&job.root, "/out/sums.txt").expect(&said);
        let total: u64 = counted.tree.iter().map(|node| node.instructions).sum();
        (sums, total)
    };
    let (without, with) = (run(Kernels::Off), run(Kernels::On));
    assert_eq!(without.0, with.0);
    // The inverse transforms and the interpolation of H.264, if nothing else.
    assert!(with.1 * 10 < without.1 * 9, "{} of {}", with.1, without.1);
}
