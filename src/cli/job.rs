//! `afmpeg job`: a job spec as it stands, over the files and directories that the options name.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use afmpeg::vfs::{self, Dir, FileType, MemFs, Vfs as _};

use super::args::{Global, Job};
use super::mounts;
use super::progress::Meter;
use super::report;
use super::save::{self, Pending, Replace};
use super::session::{Session, Starter as _, job_failure};
use super::stage;
use super::status::Failure;

/// Runs the verb.
pub(crate) fn job(global: &Global, args: &Job) -> Result<(), Failure> {
    let stdin_users = usize::from(args.spec == Path::new("-"))
        + args
            .inputs
            .iter()
            .filter(|input| input.host == Path::new("-"))
            .count();
    if stdin_users > 1 {
        return Err(Failure::usage(
            "standard input can be only one of the spec and the inputs",
        ));
    }
    let spec = read_spec(&args.spec)?;
    let session = Session::open(global)?;
    let memory = stage::memory(global);
    for output in &args.outputs {
        make_parent(&memory, &output.guest)?;
    }
    let mut fs = mounts::tree(memory, &args.dir)?;
    for input in &args.inputs {
        fs = fs
            .file(&input.guest, stage::open(&input.host, stage::most(global))?)
            .map_err(|error| {
                Failure::usage(format!("cannot give the job {}: {error}", input.guest))
            })?;
    }
    let meter = Meter::new(global, "job");
    let result = session
        .invocation(&fs, &meter)
        .process_json(&spec)
        .map_err(|error| job_failure(&error))
        .and_then(|reply| {
            let root = fs.root();
            let mut pending = Pending::default();
            for output in &args.outputs {
                add(&mut pending, &root, &output.guest, &output.host, &session)?;
            }
            pending.commit(Replace::Yes)?;
            Ok(reply)
        });
    meter.finish(&result);
    report::json(&result?)
}

/// The text of a job spec, from a file or from standard input.
///
/// # Errors
///
/// When it cannot be read.
pub(crate) fn read_spec(path: &Path) -> Result<String, Failure> {
    /// Far more than any spec; a media file named by mistake is not read to its end.
    const LARGEST: u64 = 64 << 20;
    let mut spec = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(LARGEST)
            .read_to_string(&mut spec)
    } else {
        let file = std::fs::File::open(path).map_err(|error| {
            Failure::usage(format!(
                "cannot read the job spec {}: {error}",
                path.display()
            ))
        })?;
        file.take(LARGEST).read_to_string(&mut spec)
    };
    read.map_err(|error| {
        Failure::usage(format!(
            "cannot read the job spec {}: {error}",
            path.display()
        ))
    })?;
    Ok(spec)
}

/// The directory that an output goes to exists, as a user of `--out` expects.
fn make_parent(memory: &MemFs, guest: &str) -> Result<(), Failure> {
    let parent = guest.rsplit_once('/').map_or("", |(parent, _)| parent);
    if parent.is_empty() {
        return Ok(());
    }
    memory.create_dir_all(parent).map_err(|error| {
        Failure::failed(format!("cannot make {parent} in the job's memory: {error}"))
    })
}

/// Takes a file, or all files of a directory, out of the job.
fn add(
    pending: &mut Pending,
    root: &Arc<dyn Dir>,
    guest: &str,
    host: &Path,
    session: &Session<'_>,
) -> Result<(), Failure> {
    let stat = vfs::ops::stat(root, guest).map_err(|error| {
        Failure::failed(format!(
            "the job left nothing at {guest} for --out: {error}"
        ))
    })?;
    if stat.file_type != FileType::Directory {
        return pending.add(root, guest, host, &session.cancel);
    }
    std::fs::create_dir_all(host)
        .map_err(|error| Failure::failed(format!("cannot make {}: {error}", host.display())))?;
    for name in save::names_in(root, guest)? {
        let path = format!("{}/{name}", guest.trim_end_matches('/'));
        pending.add(root, &path, &host.join(&name), &session.cancel)?;
    }
    Ok(())
}
