//! What every integration test shares: the built engine, one runtime, the fixtures, and checkers that
//! are independent of the engine.

pub(crate) mod audio;
pub(crate) mod boxes;
pub(crate) mod events;
pub(crate) mod h264;
pub(crate) mod image;
pub(crate) mod mkv;
pub(crate) mod mp4;
pub(crate) mod pixels;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use afmpeg::{Engine, MemFs, Mode, Runtime};

/// The path of the built lean engine: `$AFMPEG_ENGINE`, or the workspace's, which is built here when
/// it is not there yet. A test never passes because the engine was missing.
pub(crate) fn engine_path() -> PathBuf {
    static BUILDING: Mutex<()> = Mutex::new(());
    if let Some(path) = std::env::var_os("AFMPEG_ENGINE") {
        let path = PathBuf::from(path);
        assert!(
            path.is_file(),
            "$AFMPEG_ENGINE names {}, which is not a file",
            path.display()
        );
        return path;
    }
    let path = workspace().join("target/engine/ffmpeg-wasi-lean-lgpl.wasm");
    let _one_at_a_time = BUILDING.lock();
    if !path.is_file() {
        let status = Command::new(env!("CARGO"))
            .args(["xtask", "engine"])
            .current_dir(workspace())
            .status()
            .expect("cargo runs, since it runs this test");
        assert!(
            status.success(),
            "`cargo xtask engine` failed, see its message above"
        );
        assert!(
            path.is_file(),
            "`cargo xtask engine` did not make {}",
            path.display()
        );
    }
    path
}

/// A guest of `wasi-shim/guests`: in `$AFMPEG_GUESTS`, or in the workspace, where it is compiled when
/// it is not there yet.
pub(crate) fn guest_path(name: &str) -> PathBuf {
    static BUILDING: Mutex<()> = Mutex::new(());
    if let Some(directory) = std::env::var_os("AFMPEG_GUESTS") {
        return Path::new(&directory).join(name);
    }
    let path = workspace().join("target/guests").join(name);
    let _one_at_a_time = BUILDING.lock();
    if !path.is_file() {
        let status = Command::new(env!("CARGO"))
            .args(["xtask", "guests"])
            .current_dir(workspace())
            .status()
            .expect("cargo runs, since it runs this test");
        assert!(
            status.success(),
            "`cargo xtask guests` failed, see its message above"
        );
    }
    path
}

/// The one runtime of this test process.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let mode = std::env::var("AFMPEG_MODE").map_or(Mode::Auto, |mode| {
            mode.parse()
                .unwrap_or_else(|error| panic!("$AFMPEG_MODE: {error}"))
        });
        runtime_in(mode)
    })
}

/// A runtime in one mode. Lifted code is there when this test program was built with a pack.
pub(crate) fn runtime_in(mode: Mode) -> Runtime {
    Runtime::with_mode(engine(), mode).unwrap_or_else(|error| panic!("runtime: {error}"))
}

/// The modes that this test program has.
pub(crate) fn modes() -> &'static [Mode] {
    if cfg!(afmpeg_pack) {
        &Mode::ALL
    } else {
        &[Mode::Plain, Mode::Kernels]
    }
}

/// The engine, with its pack when there is one.
fn engine() -> Engine {
    let path = engine_path();
    let engine = Engine::open(&path)
        .unwrap_or_else(|error| panic!("engine {} does not open: {error}", path.display()));
    #[cfg(afmpeg_pack)]
    let engine = engine
        .with_pack(afmpeg_pack::module())
        .expect("the pack was lifted from the engine under test");
    engine
}

/// The root of the workspace.
pub(crate) fn workspace() -> &'static Path {
    // The tests are compiled a second time, with a pack, by a package elsewhere.
    Path::new(option_env!("AFMPEG_WORKSPACE").unwrap_or(env!("CARGO_MANIFEST_DIR")))
}

/// The bytes of a committed fixture.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = workspace().join("tests/fixtures").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("fixture {}: {error}", path.display()))
}

/// The digests of the decoded frames of a fixture, one a line, made by native FFmpeg.
pub(crate) fn reference(name: &str) -> Vec<String> {
    let text = fixture(&format!("reference/{name}.md5"));
    let text = String::from_utf8(text).expect("reference files are ASCII");
    text.lines().map(str::to_owned).collect()
}

/// A filesystem in memory that holds the named fixtures at its root.
pub(crate) fn fs_with(fixtures: &[&str]) -> MemFs {
    let fs = MemFs::new();
    for name in fixtures {
        fs.write(&format!("/{name}"), fixture(name))
            .expect("an empty MemFs takes a fixture");
    }
    fs
}

/// The bytes of a file that a job made.
pub(crate) fn read(fs: &MemFs, path: &str) -> Vec<u8> {
    fs.read(path)
        .unwrap_or_else(|error| panic!("{path} was not made: {error}"))
}

/// Asserts that two times in seconds are no further apart than `within`.
#[track_caller]
pub(crate) fn assert_close(what: &str, actual: impl Into<f64>, expected: f64, within: f64) {
    let actual = actual.into();
    assert!(
        (actual - expected).abs() <= within,
        "{what}: {actual} s, expected {expected} s within {within} s"
    );
}
