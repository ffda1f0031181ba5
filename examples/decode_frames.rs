//! Decodes a film to raw pictures as they are needed, and prints what changes in it: the mean brightness of each second.
//!
//! `cargo run --release --example decode_frames -- ENGINE.wasm INPUT [SECONDS]`

use std::error::Error;
use std::fs::File;

use afmpeg::stream::{DecodeVideo, PixelFormat};
use afmpeg::vfs::{Files, ReaderFile};
use afmpeg::{Engine, Input, Rational, Runtime};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (engine, input, seconds) = match arguments.as_slice() {
        [engine, input] => (engine, input, f64::INFINITY),
        [engine, input, seconds] => (engine, input, seconds.parse()?),
        _ => return Err("two arguments are needed: ENGINE.wasm INPUT [SECONDS]".into()),
    };
    let runtime = Runtime::new(Engine::open(engine)?)?;
    // The film is read where the decoder is; it may be larger than memory.
    let fs = Files::new().with("in", ReaderFile::new(File::open(input)?)?)?;
    let what = DecodeVideo::new(Input::file("/in"), PixelFormat::Gray8).scale(160, 0);
    let (mut second, mut sum, mut count) = (0.0, 0.0, 0);
    let print = |second: f64, sum: &mut f64, count: &mut u32| {
        if *count > 0 {
            let mean = *sum / f64::from(*count);
            println!("{second:>4} s: {mean:.1} over {count} frames");
        }
        (*sum, *count) = (0.0, 0);
    };
    // The decoder runs on a thread of its own, at most a few frames ahead of this loop.
    for frame in runtime.decode_video(&fs, &what)? {
        let frame = frame?;
        let time = frame.time().map_or(second, Rational::as_f64);
        if time.floor() > second {
            print(second, &mut sum, &mut count);
            second = time.floor();
        }
        if time >= seconds {
            // What follows is not decoded: leaving the loop drops the iterator, and that ends the job.
            break;
        }
        let pixels = frame.data();
        let light: u64 = pixels.iter().map(|level| u64::from(*level)).sum();
        sum += light as f64 / pixels.len() as f64;
        count += 1;
    }
    print(second, &mut sum, &mut count);
    Ok(())
}
