//! The files of a job: which were there before, which were begun, and whether what is reported as
//! done is there.

use std::sync::Arc;

use afmpeg_wasi::Errno;
use afmpeg_wasi::vfs::{Dir, FileType, Stat, VfsError, ops};

use super::execute::{LOG_DEVICE, PROGRESS_DEVICE};
use crate::error::JobError;
use crate::job::NULL;
use crate::report::{FramesReport, ProcessReport};

/// The outputs of a job as they were before it ran.
pub(super) struct Watch {
    outputs: Vec<(String, Option<Stat>)>,
    /// Of names that count files: what comes before and after the number, and the directory.
    numbered: Vec<Numbered>,
}

struct Numbered {
    dir: String,
    before: String,
    after: String,
    old: Vec<String>,
}

impl Watch {
    /// Remembers the files at these paths.
    pub(super) fn new(root: &Arc<dyn Dir>, paths: impl IntoIterator<Item = String>) -> Self {
        let outputs: Vec<_> = paths
            .into_iter()
            .filter(|path| !path.is_empty() && !is_device(path))
            .map(|path| {
                let stat = ops::stat(root, &path).ok();
                (path, stat)
            })
            .collect();
        // Whether a muxer takes a name for a pattern is its own affair: both readings are watched.
        let numbered = outputs.iter();
        let numbered = numbered.filter_map(|(path, _)| Numbered::new(root, path));
        Self {
            numbered: numbered.collect(),
            outputs,
        }
    }

    /// Remembers the files that a template with a number token can name.
    pub(super) fn template(root: &Arc<dyn Dir>, template: &str) -> Self {
        match Numbered::new(root, template) {
            None => Self::new(root, [template.replace("%%", "%")]),
            Some(numbered) => Self {
                outputs: Vec::new(),
                numbered: vec![numbered],
            },
        }
    }

    /// Remembers one more file.
    pub(super) fn and(mut self, root: &Arc<dyn Dir>, path: Option<&str>) -> Self {
        let more = Self::new(root, path.map(str::to_owned));
        self.outputs.extend(more.outputs);
        self
    }

    /// The outputs that are there now and were not there before in this form.
    pub(super) fn begun(&self, root: &Arc<dyn Dir>) -> Vec<String> {
        let mut begun: Vec<String> = self
            .outputs
            .iter()
            .filter(|(path, before)| {
                let now = ops::stat(root, path).ok();
                now.is_some_and(|now| now.file_type == FileType::RegularFile)
                    && now.as_ref().map(identity) != before.as_ref().map(identity)
            })
            .map(|(path, _)| path.clone())
            .collect();
        for numbered in &self.numbered {
            begun.extend(
                numbered
                    .files(root)
                    .into_iter()
                    .filter(|file| !numbered.old.contains(file)),
            );
        }
        begun
    }

    /// The outputs that a report must tell of.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.outputs.iter().map(|(path, _)| path.as_str())
    }
}

impl Numbered {
    /// The files that the template names now; `None` when it has no number token.
    fn new(root: &Arc<dyn Dir>, template: &str) -> Option<Self> {
        let (dir, name) = template.rsplit_once('/').unwrap_or(("", template));
        let (before, after) = split_token(name)?;
        let mut numbered = Self {
            dir: format!("{dir}/").replace("%%", "%"),
            before,
            after,
            old: Vec::new(),
        };
        numbered.old = numbered.files(root);
        Some(numbered)
    }

    fn files(&self, root: &Arc<dyn Dir>) -> Vec<String> {
        let numbered = |name: &str| {
            name.strip_prefix(self.before.as_str())
                .and_then(|rest| rest.strip_suffix(self.after.as_str()))
                .is_some_and(|number| {
                    !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
                })
        };
        let mut files: Vec<String> = ops::read_dir(root, &self.dir)
            .unwrap_or_default()
            .into_iter()
            .filter(|entry| numbered(&entry.name))
            .map(|entry| format!("{}{}", self.dir, entry.name))
            .collect();
        files.sort_unstable();
        files
    }
}

/// The text around the number token of a template, or `None` when it has none.
fn split_token(name: &str) -> Option<(String, String)> {
    let mut at = 0;
    while let Some(found) = name[at..].find('%') {
        let token = at + found;
        let rest = &name[token + 1..];
        if rest.starts_with('%') {
            at = token + 2;
            continue;
        }
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let after = rest[digits..].strip_prefix('d')?;
        return Some((name[..token].replace("%%", "%"), after.replace("%%", "%")));
    }
    None
}

/// Whether a rewritten file can be told from the one before. Times are those of the backend, so a
/// backend without any only shows changes of size.
fn identity(stat: &Stat) -> (u64, u64, u64, u64) {
    (stat.dev, stat.ino, stat.size, stat.mtim)
}

/// The synthetic nodes are part of the sandbox, not of the caller's filesystem. Only their plain
/// names: `/dev/../out.mp4` is a file like any other and is checked like one.
fn is_device(path: &str) -> bool {
    DEVICES.contains(&path)
}

const DEVICES: [&str; 6] = [
    "/dev/null",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    PROGRESS_DEVICE,
    LOG_DEVICE,
];

/// Why a reply that tells of a success is not believed.
pub(super) enum Doubt {
    /// What is wrong with it, as a clause.
    Reply(String),
    /// The filesystem does not say, or failed while the job read from it.
    Storage(VfsError),
    /// The check itself did not come to its end.
    Job(Box<JobError>),
}

impl From<String> for Doubt {
    fn from(clause: String) -> Self {
        Self::Reply(clause)
    }
}

/// Compares a report with the filesystem.
///
/// # Errors
///
/// What is wrong.
pub(super) fn verify_process(
    root: &Arc<dyn Dir>,
    watch: &Watch,
    report: &ProcessReport,
) -> Result<(), Doubt> {
    for path in watch.paths() {
        if !report.outputs.iter().any(|output| output.path == path) {
            return Err(untold(path));
        }
    }
    for output in &report.outputs {
        if output.format.as_deref() == Some(NULL)
            || (output.format.is_none() && output.path.is_empty())
            || is_device(&output.path)
            // Vocabularies before 10 do not tell the files of such an output.
            || output.segmented
        {
            continue;
        }
        let own = std::slice::from_ref(&output.path);
        let files = if output.files.is_empty() {
            own
        } else {
            &output.files
        };
        let mut size = 0_u64;
        for file in files {
            size = size.saturating_add(verify_file(root, file)?);
        }
        if let Some(reported) = output.size
            && reported != size
        {
            let path = &output.path;
            let clause = format!("the output {path} has {size} bytes and {reported} were reported");
            return Err(clause.into());
        }
    }
    Ok(())
}

/// Compares a report with the filesystem.
///
/// # Errors
///
/// What is wrong.
pub(super) fn verify_frames(
    root: &Arc<dyn Dir>,
    watch: &Watch,
    report: &FramesReport,
) -> Result<(), Doubt> {
    if report.count != report.frames.len() as u64 {
        let told = report.frames.len();
        let clause = format!(
            "its report counts {} pictures and tells of {told}",
            report.count
        );
        return Err(clause.into());
    }
    let mut before = None;
    for frame in &report.frames {
        // The tiles of a sheet share its file.
        if before != Some(&frame.path) {
            verify_file(root, &frame.path)?;
        }
        before = Some(&frame.path);
    }
    if let Some(track) = &report.track {
        verify_file(root, track)?;
    }
    for path in watch.paths() {
        let told = report.track.as_deref() == Some(path)
            || report.frames.iter().any(|frame| frame.path == path);
        // Nothing was chosen: a film may end before the time that was asked for.
        if !told && report.count > 0 {
            return Err(untold(path));
        }
    }
    Ok(())
}

fn untold(path: &str) -> Doubt {
    format!("its report does not tell of the output {path}").into()
}

/// The size of a file that has any contents.
fn verify_file(root: &Arc<dyn Dir>, path: &str) -> Result<u64, Doubt> {
    let stat = ops::stat(root, path).map_err(|error| match error.errno() {
        Errno::Io | Errno::Stale => Doubt::Storage(error),
        _ => format!("the output {path} cannot be found: {error}").into(),
    })?;
    match stat.file_type {
        FileType::Directory => Err(format!("the output {path} is a directory").into()),
        FileType::RegularFile if stat.size == 0 => {
            Err(format!("the output {path} is empty").into())
        }
        _ => Ok(stat.size),
    }
}

#[cfg(test)]
mod tests {
    use afmpeg_wasi::vfs::{MemFs, Vfs};

    use super::*;

    #[test]
    fn only_what_changed_was_begun() {
        let fs = MemFs::new();
        fs.write("/kept.mp4", b"old")
            .expect("the file can be written");
        fs.write("/over.mp4", b"old")
            .expect("the file can be written");
        let root = fs.root();
        let paths = ["/kept.mp4", "/over.mp4", "/new.mp4", "/never.mp4"].map(str::to_owned);
        let watch = Watch::new(&root, paths);
        fs.write("/over.mp4", b"longer")
            .expect("the file can be written");
        fs.write("/new.mp4", b"").expect("the file can be written");
        assert_eq!(watch.begun(&root), ["/over.mp4", "/new.mp4"]);
    }

    #[test]
    fn files_of_a_template_are_found_by_their_number() {
        let fs = MemFs::new();
        fs.create_dir_all("/d").expect("the directory can be made");
        fs.write("/d/50%-000.png", b"old")
            .expect("the file can be written");
        let root = fs.root();
        let watch = Watch::template(&root, "/d/50%%-%03d.png");
        for name in [
            "/d/50%-001.png",
            "/d/50%-x.png",
            "/d/50%-.png",
            "/d/50%-1000.png",
        ] {
            fs.write(name, b"new").expect("the file can be written");
        }
        assert_eq!(watch.begun(&root), ["/d/50%-001.png", "/d/50%-1000.png"]);
        let one = Watch::template(&root, "/d/50%%.png");
        fs.write("/d/50%.png", b"new")
            .expect("the file can be written");
        assert_eq!(one.begun(&root), ["/d/50%.png"]);
    }
}
