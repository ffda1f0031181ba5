//! Pictures of two fields, each of its own moment, become whole ones.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::pixels::{Video, psnr};
use crate::support::{read, runtime};

const WIDTH: usize = 128;
const HEIGHT: usize = 64;

/// Moments, of which every two are a picture.
const MOMENTS: usize = 20;

/// What each moment looks like: a bright bar that moves by three pixels. It is alike in every line, so that a field
/// tells all of it.
fn moments() -> Video {
    let mut data = Vec::new();
    for n in 0..MOMENTS {
        let bar = 8 + 3 * n..40 + 3 * n;
        for _ in 0..HEIGHT {
            data.extend((0..WIDTH).map(|x| if bar.contains(&x) { 200 } else { 60 }));
        }
        data.extend(vec![128; WIDTH * HEIGHT / 2]);
    }
    Video::from_raw(WIDTH, HEIGHT, data)
}

/// The moments two by two: the first in every second line from the top or from the one below it.
fn woven(moments: &Video, top_first: bool) -> Video {
    let mut data = Vec::new();
    for pair in 0..MOMENTS / 2 {
        let mut picture = moments.frame(2 * pair).to_vec();
        let second = moments.frame(2 * pair + 1);
        for y in (0..HEIGHT).filter(|y| (y % 2 == 1) == top_first) {
            let line = y * WIDTH..(y + 1) * WIDTH;
            picture[line.clone()].copy_from_slice(&second[line]);
        }
        data.extend(picture);
    }
    Video::from_raw(WIDTH, HEIGHT, data)
}

/// How many pixels of a picture differ from both neighbours, above and below, in the same direction.
fn comb(frame: &[u8]) -> usize {
    let at = |x: usize, y: usize| i32::from(frame[y * WIDTH + x]);
    let places = (1..HEIGHT - 1).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
    let torn = places.filter(|&(x, y)| {
        let (above, below) = (at(x, y) - at(x, y - 1), at(x, y) - at(x, y + 1));
        above.abs() > 10 && below.abs() > 10 && above.signum() == below.signum()
    });
    torn.count()
}

fn filtered(source: &Video, height: usize, filter: &str) -> Video {
    let fs = MemFs::new();
    let output = Output::file("/out.yuv").format("rawvideo");
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 25))
        .filter(format!("[0:v]{filter}[v]"))
        .output(output.map("[v]").video_codec("rawvideo"));
    runtime()
        .process(&fs, &job)
        .unwrap_or_else(|error| panic!("{filter}: {error}"));
    Video::from_raw(WIDTH, height, read(&fs, "/out.yuv"))
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_picture_for_each_field_is_the_moment_of_that_field() {
    let moments = moments();
    for (top_first, order) in [(true, "tff"), (false, "bff")] {
        let source = woven(&moments, top_first);
        assert!(comb(source.frame(3)) > 300, "{}", comb(source.frame(3)));
        for (filter, rest) in [
            ("yadif", "mode=send_field"),
            ("bwdif", "mode=send_field"),
            ("w3fdif", "filter=simple:mode=field"),
            ("estdif", "mode=field"),
        ] {
            let what = format!("{filter} {order}");
            let result = filtered(
                &source,
                HEIGHT,
                &format!("setfield={order},{filter}={rest}"),
            );
            assert_eq!(result.len(), MOMENTS, "{what}");
            // At the ends there is no field to look at on one of the sides.
            for n in 2..MOMENTS - 2 {
                assert_eq!(comb(result.frame(n)), 0, "{what}: picture {n}");
                let own = psnr(result.frame(n), moments.frame(n));
                let next = psnr(result.frame(n), moments.frame(n + 1));
                assert!(
                    own > 35.0 && next < 25.0,
                    "{what}: picture {n} has {own:.1} dB, and {next:.1} with the next"
                );
            }
        }
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn only_pictures_that_are_of_two_fields_are_changed_where_that_is_asked_for() {
    let moments = moments();
    let source = woven(&moments, true);
    for filter in ["yadif", "bwdif"] {
        let only = |order: &str| {
            let filter = format!("setfield={order},{filter}=mode=send_frame:deint=interlaced");
            filtered(&source, HEIGHT, &filter)
        };
        assert!(only("prog").data == source.data, "{filter}");
        let result = only("tff");
        assert_eq!(result.len(), MOMENTS / 2, "{filter}");
        for n in 1..result.len() - 1 {
            assert_eq!(comb(result.frame(n)), 0, "{filter}: picture {n}");
            let quality = psnr(result.frame(n), moments.frame(2 * n));
            assert!(quality > 35.0, "{filter}: picture {n} has {quality:.1} dB");
        }
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn fields_are_taken_apart_and_put_together_again() {
    let source = woven(&moments(), true);
    let fields = filtered(&source, HEIGHT / 2, "setfield=tff,separatefields");
    assert_eq!(fields.len(), MOMENTS);
    for n in 0..MOMENTS {
        let lines = source.frame(n / 2)[..WIDTH * HEIGHT].chunks_exact(WIDTH);
        let expected: Vec<u8> = lines.skip(n % 2).step_by(2).flatten().copied().collect();
        assert!(fields.frame(n)[..WIDTH * HEIGHT / 2] == expected, "{n}");
    }
    let again = filtered(
        &source,
        HEIGHT,
        "setfield=tff,separatefields,weave=first_field=top",
    );
    assert!(again.data == source.data);
}

/// The order of the fields goes through an encoder and a decoder into the filter that looks at it.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn the_order_of_fields_is_told_by_what_was_encoded() {
    let moments = moments();
    // The field that is coded first; FFmpeg tells the other as the one that is shown first.
    for (top_first, order, told) in [(true, "tff", "tb"), (false, "bff", "bt")] {
        let fs = MemFs::new();
        let source = woven(&moments, top_first);
        let job = Job::new()
            .input(source.input(&fs, "/in.yuv", 25))
            .filter(format!("[0:v]setfield={order}[v]"))
            .output(
                Output::file("/out.mkv")
                    .map("[v]")
                    .video_codec("mpeg2video")
                    .video_option("flags", "+ildct+ilme")
                    .video_option("b", 8_000_000),
            );
        runtime().process(&fs, &job).expect("it is encoded");
        let probe = runtime().probe(&fs, "/out.mkv").expect("it is Matroska");
        let found = probe.video().and_then(|video| video.field_order.clone());
        assert_eq!(found.as_deref(), Some(told));
        let output = Output::file("/out.yuv").format("rawvideo");
        let job = Job::new()
            .input(Input::file("/out.mkv"))
            .filter("[0:v]yadif=mode=send_field:deint=interlaced[v]")
            .output(output.map("[v]").video_codec("rawvideo"));
        runtime().process(&fs, &job).expect("it is decoded");
        let result = Video::from_raw(WIDTH, HEIGHT, read(&fs, "/out.yuv"));
        assert_eq!(result.len(), MOMENTS);
        for n in 2..MOMENTS - 2 {
            let own = psnr(result.frame(n), moments.frame(n));
            assert!(own > 28.0, "{order}: picture {n} has {own:.1} dB");
        }
    }
}
