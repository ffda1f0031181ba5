//! CPython inside this process, over filesystems in memory, with the scripts that the command runs on a directory.

use afmpeg::vfs::{MemFs, Mount, Overlay, ReadOnly, Vfs, VfsResult};
use afmpeg::{Engine, Runtime, Stdin};

use super::guest::{Bench, ensure, same_text, text};
use super::interpreters::{LINES, SCRIPTS, cpython};
use super::size;
use crate::failure::{Failure, Result};

/// Runs the scripts on each of the filesystems. The one of the library is left to the command: it is long.
pub(super) fn python(bench: &Bench) -> Result<u64> {
    let module = cpython(bench)?;
    let failed =
        |what: &str, error: &dyn std::fmt::Display| Failure::new(format!("{what}: {error}"));
    let engine = Engine::open(&module).map_err(|error| failed("CPython cannot be read", &error))?;
    let runtime =
        Runtime::new(engine).map_err(|error| failed("CPython cannot be loaded", &error))?;
    for (name, make) in FILESYSTEMS {
        for script in SCRIPTS.iter().filter(|script| script.name != "library") {
            let at = format!("{} on {name}", script.name);
            let tree = make().map_err(|error| failed(&at, &error))?;
            let scripts = MemFs::new();
            scripts
                .write("/script.py", script.source)
                .map_err(|error| failed(&at, &error))?;
            let scripts = ReadOnly::new(&scripts);
            let unseen = MemFs::new();
            let dirs: [(&str, &dyn Vfs); 2] = [("/", &*tree), ("/scripts", &scripts)];
            let done = runtime
                .invocation(&unseen)
                .preopens(dirs)
                .stdin(Stdin::Bytes(LINES.into()))
                .run(["python.wasm", "/scripts/script.py"])
                .map_err(|error| failed(&at, &error))?;
            let said = text(&done.stderr)?;
            ensure(
                done.exit_code == 0 && said.is_empty(),
                &format!("{at} ended with {} and said: {said}", done.exit_code),
            )?;
            same_text(&text(&done.stdout)?, script.prints)
                .map_err(|failure| failed(&at, &failure))?;
        }
    }
    size(&module)
}

type Make = fn() -> VfsResult<Box<dyn Vfs>>;

const FILESYSTEMS: [(&str, Make); 3] = [
    ("MemFs", || Ok(Box::new(MemFs::new()))),
    ("Overlay", || {
        Ok(Box::new(Overlay::new(MemFs::new(), MemFs::new())))
    }),
    ("Mount", || {
        let tree = Mount::new().at("/", MemFs::new())?;
        Ok(Box::new(tree))
    }),
];
