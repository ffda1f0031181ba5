//! Guests that are compiled from C.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

/// Where a compiled guest is: in `$AFMPEG_GUESTS`, or in the workspace, where the guests are compiled when
/// they are not there or their sources have changed. A test never passes because its guest was missing or old.
pub(crate) fn path(name: &str) -> PathBuf {
    static COMPILED: Once = Once::new();
    if let Some(directory) = env::var_os("AFMPEG_GUESTS") {
        return Path::new(&directory).join(name);
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    COMPILED.call_once(|| {
        let status = Command::new(env!("CARGO"))
            .args(["xtask", "guests"])
            .current_dir(&workspace)
            .status()
            .expect("cargo runs, since it runs this test");
        assert!(
            status.success(),
            "`cargo xtask guests` failed, see its message above"
        );
    });
    workspace.join("target/guests").join(name)
}
