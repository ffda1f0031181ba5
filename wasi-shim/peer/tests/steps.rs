//! The random walks of `guests/steps.c` under this host and under `wasmi_wasi`, each on a directory of the
//! machine: every step gives the same, or differs for a reason that is written down.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use afmpeg_wasi::vfs::{Access, HostDir, Vfs};
use afmpeg_wasi::{Program, Stop, Wasi, WasmiProgram};
use tempfile::TempDir;
use wasmi::{Engine, Linker, Module, Store};
use wasmi_wasi::wasi_common::pipe::WritePipe;
use wasmi_wasi::{Dir, WasiCtxBuilder, add_to_linker, ambient_authority};

const SEEDS: u64 = 200;
const STEPS: usize = 400;

/// Steps that differ and may: how the step begins, what we give, what the peer gives, and why. Where one
/// side does what the other refuses, the walk is compared no further.
const ALLOWED: [(&str, i32, i32, &str); 2] = [
    (
        "link ",
        63,
        20,
        "a directory cannot be linked and the new name is taken: either may be said",
    ),
    (
        "rename ",
        31,
        55,
        "a file over a directory above it: POSIX has a word for it, Linux says that it is not empty",
    ),
];

fn guest() -> Vec<u8> {
    let directory = env::var_os("AFMPEG_GUESTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/guests"),
        PathBuf::from,
    );
    let path = directory.join("steps.wasm");
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn args(seed: u64) -> [String; 3] {
    ["steps".to_owned(), seed.to_string(), STEPS.to_string()]
}

fn lines(text: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(text).expect("the guest prints text");
    text.lines().map(str::to_owned).collect()
}

fn ours(program: &WasmiProgram, seed: u64) -> Vec<String> {
    let directory = TempDir::new().expect("a temporary directory can be made");
    let tree = HostDir::open(directory.path(), Access::ReadWrite).expect("it is there");
    let wasi = Wasi::builder()
        .bare_root()
        .args(args(seed))
        .preopen("/", tree.root())
        .build()
        .expect("the state is valid");
    let mut instance = program.instantiate(wasi).expect("the guest fits");
    let stop = instance.start();
    assert!(matches!(stop, Stop::Exit(0)), "{stop}");
    lines(instance.into_wasi().stdout())
}

fn theirs(engine: &Engine, module: &Module, seed: u64) -> Vec<String> {
    let directory = TempDir::new().expect("a temporary directory can be made");
    let root = Dir::open_ambient_dir(directory.path(), ambient_authority()).expect("it is there");
    let output = WritePipe::new_in_memory();
    let mut builder = WasiCtxBuilder::new();
    builder.args(&args(seed)).expect("the arguments are text");
    builder.stdout(Box::new(output.clone()));
    builder.preopened_dir(root, "/").expect("it is a directory");
    let mut store = Store::new(engine, builder.build());
    let mut linker = Linker::new(engine);
    add_to_linker(&mut linker, |context| context).expect("the names are free");
    linker
        .instantiate_and_start(&mut store, module)
        .and_then(|instance| instance.get_typed_func::<(), ()>(&store, "_start"))
        .and_then(|start| start.call(&mut store, ()))
        .expect("the guest ends by itself");
    drop(store);
    let output = output.try_into_inner().expect("nobody else has it");
    lines(output.get_ref())
}

/// The errno of a step, which is the last word of what the allowed ones print.
fn errno(step: &str) -> Option<i32> {
    step.split(' ').next_back()?.parse().ok()
}

#[test]
fn both_hosts_go_the_same_way() {
    let bytes = guest();
    let program = WasmiProgram::new(&bytes).expect("the guest can run");
    let engine = Engine::default();
    let module = Module::new(&engine, &bytes).expect("the guest is valid");
    let (mut compared, mut allowed, mut wrong) = (0, 0, Vec::new());
    for seed in 0..SEEDS {
        let (ours, theirs) = (ours(&program, seed), theirs(&engine, &module, seed));
        assert_eq!((ours.len(), theirs.len()), (STEPS, STEPS));
        for (number, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            compared += 1;
            if ours == theirs {
                continue;
            }
            let pair = (errno(ours), errno(theirs));
            let known = ALLOWED.iter().any(|(begins, our, their, _)| {
                ours.starts_with(begins) && pair == (Some(*our), Some(*their))
            });
            if !known {
                wrong.push(format!("seed {seed}, step {number}: {ours}; peer: {theirs}"));
                break;
            }
            allowed += 1;
        }
    }
    println!("{compared} steps compared, {allowed} with a known difference");
    assert!(wrong.is_empty(), "{} walks differ:\n{}", wrong.len(), wrong.join("\n"));
}
