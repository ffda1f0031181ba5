//! What can be seen through stays so: the alpha of each pixel, through the codecs that have it.

use std::io::Cursor;

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::{read, runtime};

const WIDTH: usize = 64;
const HEIGHT: usize = 48;
const FRAMES: usize = 3;

/// Pixels of red, green, blue and alpha. The alpha has every level from nothing to all, in another place in each
/// picture.
fn source() -> Vec<[u8; 4]> {
    let mut pixels = Vec::new();
    for n in 0..FRAMES {
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let alpha = (x * 4 + y + n * 40) % 256;
                pixels.push([(x * 3) as u8 + 20, (y * 4) as u8 + 20, 90, alpha as u8]);
            }
        }
    }
    pixels
}

/// Encodes the pixels, and gives those that are decoded.
fn through(fs: &MemFs, path: &str, codec: &str, pixel_format: &str) -> Vec<[u8; 4]> {
    fs.write("/in.rgba", source().concat()).expect("room");
    let input = Input::file("/in.rgba")
        .format("rawvideo")
        .option("video_size", format!("{WIDTH}x{HEIGHT}"))
        .option("pixel_format", "rgba")
        .option("framerate", 25);
    let job = Job::new()
        .input(input)
        .filter(format!("[0:v]format={pixel_format}[v]"))
        .output(Output::file(path).map("[v]").video_codec(codec));
    runtime()
        .process(fs, &job)
        .unwrap_or_else(|error| panic!("{codec}: {error}"));
    let probe = runtime().probe(fs, path).expect("it can be probed");
    // The decoder of ProRes gives two bits more than the encoder takes.
    let told = pixel_format.replace("444p10", "444p12");
    assert_eq!(
        probe.streams[0].pix_fmt.as_deref(),
        Some(told.as_str()),
        "{codec}"
    );
    let output = Output::file("/out.rgba").format("rawvideo");
    let job = Job::new()
        .input(Input::file(path))
        .filter("[0:v]format=rgba[v]")
        .output(output.map("[v]").video_codec("rawvideo"));
    runtime()
        .process(fs, &job)
        .unwrap_or_else(|error| panic!("{codec}: {error}"));
    read(fs, "/out.rgba").as_chunks::<4>().0.to_vec()
}

#[track_caller]
fn assert_alpha(what: &str, result: &[[u8; 4]], within: u8) {
    let source = source();
    assert_eq!(result.len(), source.len(), "{what}");
    for (at, (result, source)) in result.iter().zip(&source).enumerate() {
        let difference = result[3].abs_diff(source[3]);
        assert!(
            difference <= within,
            "{what}: pixel {at} has {} and not {}",
            result[3],
            source[3]
        );
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn pictures_without_loss_keep_every_pixel_and_how_much_is_seen_of_it() {
    for (codec, path, pixel_format) in [
        ("qtrle", "/out.mov", "argb"),
        ("png", "/out.mov", "rgba"),
        ("utvideo", "/out.avi", "gbrap"),
        ("ffv1", "/out.mkv", "bgra"),
        ("ffvhuff", "/out.mkv", "bgra"),
        ("magicyuv", "/out.mkv", "gbrap"),
        ("apng", "/out.apng", "rgba"),
    ] {
        let result = through(&MemFs::new(), path, codec, pixel_format);
        assert!(result == source(), "{codec} of {pixel_format}");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn pictures_of_luma_and_chroma_keep_how_much_is_seen_of_each_pixel() {
    for (codec, path, pixel_format, within) in [
        // The conversion of FFmpeg rounds the upper half of the levels up.
        ("ffv1", "/out.mkv", "yuva420p", 1),
        ("ffvhuff", "/out.mkv", "yuva420p", 1),
        ("prores_ks", "/out.mov", "yuva444p10le", 2),
    ] {
        let fs = MemFs::new();
        let result = through(&fs, path, codec, pixel_format);
        assert_alpha(codec, &result, within);
        if codec == "prores_ks" {
            let probe = runtime().probe(&fs, path).expect("it can be probed");
            assert_eq!(probe.streams[0].profile.as_deref(), Some("4444"));
            // The sample entry has the name of the codec with alpha.
            let bytes = read(&fs, path);
            assert!(bytes.windows(4).any(|four| four == b"ap4h"));
        }
    }
}

/// The first picture is whole; those behind it may be parts that are laid over it.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn another_decoder_finds_the_pictures_of_an_animation_in_png() {
    let fs = MemFs::new();
    through(&fs, "/out.apng", "apng", "rgba");
    let bytes = read(&fs, "/out.apng");
    let mut reader = png::Decoder::new(Cursor::new(bytes))
        .read_info()
        .expect("it is PNG");
    let control = reader.info().animation_control.expect("it is animated");
    assert_eq!(control.num_frames, FRAMES as u32);
    let mut picture = vec![0; WIDTH * HEIGHT * 4];
    let info = reader.next_frame(&mut picture).expect("it decodes");
    assert_eq!(info.color_type, png::ColorType::Rgba);
    assert!(picture == source()[..WIDTH * HEIGHT].concat());
    for n in 1..FRAMES {
        reader.next_frame(&mut picture).expect("it decodes");
        let control = reader.info().frame_control.expect("each has its own");
        let delay = f64::from(control.delay_num) / f64::from(control.delay_den);
        assert!((delay - 0.04).abs() < 1e-6, "picture {n}: {delay}");
    }
}

/// Planes of these sizes with ten or eight bits a sample: luma, twice chroma, and the alpha, which has every level.
fn planes(sizes: [usize; 4], bits: u32) -> Vec<Vec<u16>> {
    let top = 1 << bits;
    let sample = |plane: usize, at: usize| match plane {
        0 => (at % 700 + 70) % top,
        3 => at % top,
        _ => top / 2 + at % 16,
    };
    let plane =
        |(plane, size): (usize, usize)| (0..size).map(|at| sample(plane, at) as u16).collect();
    sizes.into_iter().enumerate().map(plane).collect()
}

fn bytes(planes: &[Vec<u16>], bits: u32) -> Vec<u8> {
    let samples = planes.iter().flatten();
    if bits > 8 {
        samples.flat_map(|sample| sample.to_le_bytes()).collect()
    } else {
        samples.map(|sample| *sample as u8).collect()
    }
}

/// Encodes planes and decodes them again; no conversion is between these.
fn planes_through(path: &str, codec: &str, pixel_format: &str, planes: Vec<u8>) -> Vec<u8> {
    let fs = MemFs::new();
    fs.write("/in.raw", planes).expect("room");
    let input = Input::file("/in.raw")
        .format("rawvideo")
        .option("video_size", format!("{WIDTH}x{HEIGHT}"))
        .option("pixel_format", pixel_format);
    let raw = Output::file("/out.raw").format("rawvideo");
    for (input, output, codec) in [
        (input, Output::file(path), codec),
        (Input::file(path), raw, "rawvideo"),
    ] {
        let job = Job::new()
            .input(input)
            .filter("[0:v]null[v]")
            .output(output.map("[v]").video_codec(codec));
        runtime()
            .process(&fs, &job)
            .unwrap_or_else(|error| panic!("{codec}: {error}"));
    }
    read(&fs, "/out.raw")
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn planes_of_alpha_are_coded_without_loss() {
    const ALL: usize = WIDTH * HEIGHT;
    for (codec, pixel_format, chroma, bits) in [
        ("ffv1", "yuva420p", ALL / 4, 8),
        ("ffvhuff", "yuva420p", ALL / 4, 8),
        ("ffv1", "yuva444p10le", ALL, 10),
    ] {
        let source = bytes(&planes([ALL, chroma, chroma, ALL], bits), bits);
        let result = planes_through("/out.mkv", codec, pixel_format, source.clone());
        assert!(result == source, "{codec} of {pixel_format}");
    }
    // The colours of ProRes are coded with loss, its alpha is not: 16 bits, of which the decoder gives 12.
    let source = planes([ALL; 4], 10);
    let result = planes_through("/out.mov", "prores_ks", "yuva444p10le", bytes(&source, 10));
    let samples = result.as_chunks::<2>().0.iter().copied();
    let alpha: Vec<u16> = samples.map(u16::from_le_bytes).skip(3 * ALL).collect();
    let expected: Vec<u16> = source[3].iter().map(|a| a << 2 | a >> 8).collect();
    assert_eq!(alpha, expected);
}
