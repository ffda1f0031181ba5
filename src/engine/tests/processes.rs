//! Several processes and one cache: this test program starts itself again.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::super::{Acquire, Fetch, FetchRequest, FetchResponse, FetchStatus};
use super::server::{digest, noise};
use crate::error::FetchError;

/// The variable that makes a run of this program a child, with the directory to work in.
const VARIABLE: &str = "AFMPEG_TEST_FETCH_IN";

/// A directory as a server: `file` is the file, `log` has a line for each request. While `hang` is there
/// the body stops after 100 bytes.
struct Directory(PathBuf);

impl Directory {
    fn acquire(path: &Path, module: &[u8]) -> Acquire {
        Acquire::new("file", digest(module))
            .fetcher(Self(path.to_owned()))
            .cache_dir(path.join("cache"))
    }
}

impl Fetch for Directory {
    fn get(&self, request: &FetchRequest) -> Result<FetchResponse, FetchError> {
        let path = |name| self.0.join(name);
        let from = request.start().unwrap_or(0);
        let mut log = File::options()
            .create(true)
            .append(true)
            .open(path("log"))
            .map_err(FetchError::refused)?;
        writeln!(log, "{from}").map_err(FetchError::refused)?;
        let file = fs::read(path("file")).map_err(FetchError::refused)?;
        let total = file.len() as u64;
        let rest = file[from as usize..].to_vec();
        let status = match from {
            0 => FetchStatus::Full,
            start => FetchStatus::Partial {
                start,
                total: Some(total),
            },
        };
        let response = FetchResponse::new(status)
            .etag("\"v1\"")
            .length(total - from);
        let hang = path("hang");
        if hang.exists() {
            let (first, second) = rest.split_at(100);
            let body = Cursor::new(first.to_vec()).chain(While(hang));
            return Ok(response.body(body.chain(Cursor::new(second.to_vec()))));
        }
        Ok(response.body(Cursor::new(rest)))
    }
}

/// Nothing, as long as a file is there.
struct While(PathBuf);

impl Read for While {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        while self.0.exists() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Ok(0)
    }
}

/// What the children run; nothing in the test program itself.
#[test]
fn child() {
    let Some(directory) = std::env::var_os(VARIABLE).map(PathBuf::from) else {
        return;
    };
    let module = noise(5000);
    let acquire = Directory::acquire(&directory, &module).progress(|progress| {
        println!("received {}", progress.received);
    });
    println!("started");
    let engine = acquire.engine().expect("the engine is there");
    assert_eq!(engine.module(), Some(&module[..]));
    println!("done");
}

fn start(directory: &Path) -> Child {
    let program = std::env::current_exe().expect("a test is a program");
    Command::new(program)
        .args(["--exact", "engine::tests::processes::child", "--nocapture"])
        .env(VARIABLE, directory)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the same program again")
}

/// Reads what a child prints up to a line that ends like this.
fn wait_for(child: &mut Child, end: &str) {
    let output = child.stdout.take().expect("it is piped");
    let mut lines = BufReader::new(output);
    let mut line = String::new();
    while !line.trim_end().ends_with(end) {
        line.clear();
        let count = lines.read_line(&mut line).expect("text");
        assert_ne!(count, 0, "the child ended before {end:?}");
    }
    child.stdout = Some(lines.into_inner());
}

fn served(module: &[u8]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    fs::write(directory.path().join("file"), module).expect("writable");
    fs::write(directory.path().join("hang"), b"").expect("writable");
    directory
}

fn log(directory: &Path) -> String {
    fs::read_to_string(directory.join("log")).expect("requests were made")
}

#[test]
fn of_several_processes_one_fetches() {
    let module = noise(5000);
    let directory = served(&module);
    let path = directory.path();
    let mut first = start(path);
    wait_for(&mut first, "received 100");
    let mut others = [start(path), start(path)];
    for other in &mut others {
        wait_for(other, "started");
    }
    fs::remove_file(path.join("hang")).expect("there");
    for mut child in others.into_iter().chain([first]) {
        wait_for(&mut child, "done");
        assert!(child.wait().expect("a child").success());
    }
    assert_eq!(log(path), "0\n");
    let engine = Directory::acquire(path, &module).engine();
    assert_eq!(engine.expect("in the cache").module(), Some(&module[..]));
    assert_eq!(log(path), "0\n");
}

/// The lock of a process that is killed goes with it, and what it fetched is of use.
#[test]
fn a_killed_process_leaves_what_it_fetched() {
    let module = noise(5000);
    let directory = served(&module);
    let path = directory.path();
    let mut child = start(path);
    wait_for(&mut child, "received 100");
    child.kill().expect("it runs");
    child.wait().expect("a child");
    fs::remove_file(path.join("hang")).expect("there");
    let engine = Directory::acquire(path, &module).engine();
    assert_eq!(engine.expect("the rest").module(), Some(&module[..]));
    assert_eq!(log(path), "0\n100\n");
}
