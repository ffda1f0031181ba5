//! A filesystem of one's own: a directory of one file whose bytes are computed when they are read.
//!
//! `cargo run --release --example custom_vfs -- ENGINE.wasm`

use std::any::Any;
use std::error::Error;
use std::ops::ControlFlow;
use std::sync::Arc;

use afmpeg::vfs::{Cookie, Dir, DirEntry, File, FileType, Name, OpenOptions, Stat, Vfs, VfsResult};
use afmpeg::wasi::Errno;
use afmpeg::{Engine, Input, Runtime};

/// Ten seconds of a tone: 16 bits a sample, 8,000 samples a second.
struct Tone;

const LENGTH: u64 = 160_000;

impl File for Tone {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
        let count = buf.len().min(LENGTH.saturating_sub(offset) as usize);
        for (at, byte) in (offset..).zip(&mut buf[..count]) {
            // A saw of 444 Hz.
            let sample = ((at / 2 % 18) as i16 - 9) * 1000;
            *byte = sample.to_le_bytes()[(at % 2) as usize];
        }
        Ok(count)
    }
    fn len(&self) -> VfsResult<u64> {
        Ok(LENGTH)
    }
    fn stat(&self) -> VfsResult<Stat> {
        Ok(node(FileType::RegularFile, 2, LENGTH))
    }
}

#[rustfmt::skip]
fn node(file_type: FileType, ino: u64, size: u64) -> Stat {
    Stat { dev: 0, ino, file_type, nlink: 1, size, atim: 0, mtim: 0, ctim: 0 }
}

/// What the tree holds is `/tone`, whoever asks for it.
struct Root;

#[rustfmt::skip]
impl Dir for Root {
    fn open_file(&self, name: Name<'_>, _: OpenOptions) -> VfsResult<Arc<dyn File>> {
        self.stat_at(name).map(|_| Arc::new(Tone) as Arc<dyn File>)
    }
    fn stat_at(&self, name: Name<'_>) -> VfsResult<Stat> {
        if name.as_str() == "tone" { Tone.stat() } else { Err(Errno::Noent.into()) }
    }
    fn stat(&self) -> VfsResult<Stat> { Ok(node(FileType::Directory, 1, 0)) }
    fn open_dir(&self, _: Name<'_>) -> VfsResult<Arc<dyn Dir>> { Err(Errno::Noent.into()) }
    // Nobody lists it: FFmpeg opens files by their names.
    fn read_dir(&self, _: Cookie, _: &mut dyn FnMut(DirEntry) -> ControlFlow<()>) -> VfsResult<()> { Ok(()) }
    fn as_any(&self) -> &dyn Any { self }
}

impl Vfs for Root {
    fn root(&self) -> Arc<dyn Dir> {
        Arc::new(Self)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let engine = std::env::args()
        .nth(1)
        .ok_or("one argument is needed: ENGINE.wasm")?;
    let runtime = Runtime::new(Engine::open(engine)?)?;
    let input = Input::file("/tone")
        .format("s16le")
        .option("sample_rate", 8000);
    let probe = runtime.invocation(&Root).probe_input(input)?;
    let codec = probe.streams[0].codec.as_deref().unwrap_or("?");
    println!("{:.3} s of {codec}", probe.duration.unwrap_or_default());
    Ok(())
}
