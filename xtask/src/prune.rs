//! Removes what older inputs left behind: directories whose names end in a key that no build asks for any more.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::failure::{Failure, Result};

/// How many are kept of each kind: enough to go back and forth between a few states of the sources.
const KEPT: usize = 4;

/// Removes all but the newest directories in `directory` whose names begin with `prefix`, and `used` in
/// any case not. A directory that is not there has nothing to remove.
pub(crate) fn older(directory: &Path, prefix: &str, used: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Ok(());
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(Failure::io("read", directory))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path != used && path.is_dir() && name.starts_with(prefix) {
            let made = fs::metadata(&path).and_then(|about| about.modified());
            found.push((made.unwrap_or(SystemTime::UNIX_EPOCH), path));
        }
    }
    found.sort();
    let kept = KEPT.saturating_sub(1).min(found.len());
    for (_, path) in &found[..found.len() - kept] {
        fs::remove_dir_all(path).map_err(Failure::io("remove", path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_newest_the_used_and_the_others_stay() {
        let directory = tempfile::tempdir().expect("there is room for temporary files");
        let names = [
            "lean-1", "lean-2", "lean-3", "lean-4", "lean-5", "lean-6", "full-1",
        ];
        for (age, name) in names.iter().enumerate() {
            let path = directory.path().join(name);
            fs::create_dir(&path).expect("the directory is empty");
            let made = SystemTime::UNIX_EPOCH + Duration::from_secs(1000 + age as u64);
            let file = fs::File::open(&path).expect("it was just made");
            file.set_modified(made).expect("it is ours");
        }
        older(directory.path(), "lean-", &directory.path().join("lean-1")).expect("it is ours");
        let left: Vec<_> = names
            .into_iter()
            .filter(|name| directory.path().join(name).is_dir())
            .collect();
        assert_eq!(left, ["lean-1", "lean-4", "lean-5", "lean-6", "full-1"]);
    }

    #[test]
    fn nothing_is_there_to_remove() {
        let directory = Path::new("does/not/exist");
        assert!(older(directory, "x", directory).is_ok());
    }
}
