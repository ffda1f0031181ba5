//! How jobs read and write: the calls that reach the filesystem, their sizes, the time of the job.
//!
//! Run with `cargo bench --bench io`; arguments name further films to copy into Matroska and MP4. The
//! engine is `$AFMPEG_ENGINE` or the one that `cargo xtask engine` left in `target/engine/`.

use std::any::Any;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use afmpeg::vfs::{Cookie, Dir, DirEntry, File, MemFs, Name, OpenOptions, Stat, Vfs, VfsResult};
use afmpeg::{Engine, Input, Job, Output, Runtime};

const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new(Engine::open(engine_path())?)?;
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut films = vec![fixtures.join("bbb_720p_h264_aac51.mp4")];
    films.extend(
        std::env::args()
            .skip(1)
            .filter(|arg| !arg.starts_with('-'))
            .map(PathBuf::from),
    );
    println!("| job | input bytes | reads | bytes read | writes | bytes written | M units | ms |");
    println!("|---|---|---|---|---|---|---|---|");
    for film in &films {
        let bytes = std::fs::read(film)?;
        let name = film.file_name().unwrap_or_default().to_string_lossy();
        for to in ["mkv", "mp4"] {
            let (mut best, mut line) = (Duration::MAX, String::new());
            for _ in 0..ROUNDS {
                let fs = Counted::new();
                fs.inner.write("/in", bytes.as_slice())?;
                let job = Job::new().input(Input::file("/in")).output(
                    Output::file(format!("/out.{to}"))
                        .map("0:v")
                        .map("0:a")
                        .video_codec("copy")
                        .audio_codec("copy"),
                );
                let started = Instant::now();
                let report = runtime.process(&fs, &job)?;
                best = best.min(started.elapsed());
                line = format!(
                    "{} | {:.1}",
                    fs.counts.line(),
                    report.usage.fuel as f64 / 1e6
                );
            }
            println!(
                "| {name} to {to} | {} | {line} | {:.2} |",
                bytes.len(),
                best.as_secs_f64() * 1e3
            );
        }
    }
    Ok(())
}

/// A filesystem in memory that counts the calls on its files.
struct Counted {
    inner: MemFs,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    reads: AtomicU64,
    bytes_read: AtomicU64,
    writes: AtomicU64,
    bytes_written: AtomicU64,
}

impl Counts {
    fn line(&self) -> String {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        format!(
            "{} | {} | {} | {}",
            of(&self.reads),
            of(&self.bytes_read),
            of(&self.writes),
            of(&self.bytes_written)
        )
    }
}

impl Counted {
    fn new() -> Self {
        Self {
            inner: MemFs::new(),
            counts: Arc::default(),
        }
    }
}

impl Vfs for Counted {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::new(CountedDir(self.inner.root(), Arc::clone(&self.counts)))
    }
}

struct CountedDir(Arc<dyn Dir>, Arc<Counts>);

impl Dir for CountedDir {
    fn open_file(&self, name: Name<'_>, options: OpenOptions) -> VfsResult<Arc<dyn File>> {
        let inner = self.0.open_file(name, options)?;
        Ok(Arc::new(CountedFile(inner, Arc::clone(&self.1))))
    }

    fn open_dir(&self, name: Name<'_>) -> VfsResult<Arc<dyn Dir>> {
        Ok(Arc::new(Self(self.0.open_dir(name)?, Arc::clone(&self.1))))
    }

    fn stat(&self) -> VfsResult<Stat> {
        self.0.stat()
    }

    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        self.0.stat_at(name)
    }

    fn read_dir(
        &self,
        from: Cookie,
        each: &mut dyn FnMut(DirEntry) -> ControlFlow<()>,
    ) -> VfsResult<()> {
        self.0.read_dir(from, each)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct CountedFile(Arc<dyn File>, Arc<Counts>);

impl File for CountedFile {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        let count = self.0.read_at(offset, buf)?;
        self.1.reads.fetch_add(1, Ordering::Relaxed);
        self.1.bytes_read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> VfsResult<usize> {
        let count = self.0.write_at(offset, data)?;
        self.1.writes.fetch_add(1, Ordering::Relaxed);
        self.1
            .bytes_written
            .fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn len(&self) -> VfsResult<u64> {
        self.0.len()
    }

    fn stat(&self) -> VfsResult<Stat> {
        self.0.stat()
    }

    fn set_len(&self, len: u64) -> VfsResult<()> {
        self.0.set_len(len)
    }
}

fn engine_path() -> PathBuf {
    std::env::var_os("AFMPEG_ENGINE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/engine/ffmpeg-wasi-lean-lgpl.wasm"),
        PathBuf::from,
    )
}
