//! The engine's sources compiled for this machine: the honest limit that the race measures us against.
//!
//! Same versions, component list, driver and optimisation as the engine, no assembly, no threads. It takes the
//! same job specs, over real files, and is a peer of `cargo xtask race` only: nothing of it is ever shipped.

use std::fs;
use std::path::PathBuf;

use super::codecs::Site;
use super::layout::Layout;
use super::target::Target;
use super::{Inputs, Options, driver, libraries, lock, prepare};
use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// The program of the native build, built if it is not there.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    let options = Options::DEFAULT;
    let target = Target::native()?;
    let layout = Layout::new(workspace, target, options.profile, options.variant);
    let inputs = Inputs::read(&layout, target, &options)?;
    let cached = layout.cached(&inputs.engine_key);
    let program = cached.join(PROGRAM);
    if program.is_file() {
        return Ok(program);
    }
    let _lock = lock(&layout)?;
    if program.is_file() {
        return Ok(program);
    }
    let toolchain = prepare(&layout, &inputs)?;
    let libraries = libraries(&layout, target, &inputs, &toolchain, &options)?;
    let site = Site {
        layout: &layout,
        toolchain: &toolchain,
        target,
        build: &libraries,
        jobs: options.jobs(),
    };
    let work = layout.scratch().join("native");
    let (objects, artifact) = (work.join("objects"), work.join("artifact"));
    for directory in [&objects, &artifact] {
        fs::create_dir_all(directory).map_err(Failure::io("create", directory))?;
    }
    let objects = driver::compile(&site, options.profile, options.variant, &objects)?;
    driver::link(
        &site,
        &objects,
        driver::Names::Strip,
        &artifact.join(PROGRAM),
    )?;
    let parent = cached.parent().unwrap_or(&cached);
    fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
    fs::rename(&artifact, &cached).map_err(Failure::io("create", &cached))?;
    Ok(program)
}

/// A program that times the C functions that kernels stand in for, natively compiled; built if it is not there.
/// `None` where the linker cannot put the glue in front of the libraries' functions.
pub(crate) fn kernel_tests(workspace: &Workspace) -> Result<Option<PathBuf>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let options = Options::DEFAULT;
    let target = Target::native()?;
    let layout = Layout::new(workspace, target, options.profile, options.variant);
    let inputs = Inputs::read(&layout, target, &options)?;
    let program = layout
        .kernel_tests(&inputs.kernel_tests_key)
        .with_extension("");
    if program.is_file() {
        return Ok(Some(program));
    }
    let _lock = lock(&layout)?;
    let toolchain = prepare(&layout, &inputs)?;
    let libraries = libraries(&layout, target, &inputs, &toolchain, &options)?;
    let site = Site {
        layout: &layout,
        toolchain: &toolchain,
        target,
        build: &libraries,
        jobs: options.jobs(),
    };
    let objects = driver::compile_kernel_test(&site, &layout.scratch())?;
    let linked = layout.scratch().join("kernel-tests");
    driver::link_kernel_test(&site, &objects, &linked)?;
    let parent = program.parent().unwrap_or(&program);
    fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
    fs::rename(&linked, &program).map_err(Failure::io("create", &program))?;
    Ok(Some(program))
}

const PROGRAM: &str = "afmpeg-native";
