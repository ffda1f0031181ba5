//! Guests that are compiled from C.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// Where a compiled guest is: in `$AFMPEG_GUESTS`, or in the workspace, where it is compiled when it is not
/// there yet. A test never passes because its guest was missing.
pub(crate) fn path(name: &str) -> PathBuf {
    static BUILDING: Mutex<()> = Mutex::new(());
    if let Some(directory) = env::var_os("AFMPEG_GUESTS") {
        return Path::new(&directory).join(name);
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = workspace.join("target/guests").join(name);
    let _one_at_a_time = BUILDING.lock();
    if !path.is_file() {
        let status = Command::new(env!("CARGO"))
            .args(["xtask", "guests"])
            .current_dir(&workspace)
            .status()
            .expect("cargo runs, since it runs this test");
        assert!(
            status.success(),
            "`cargo xtask guests` failed, see its message above"
        );
    }
    path
}
