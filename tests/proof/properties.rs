//! What is said about pictures goes with them: colours, light, the shape of pixels, rotation, fields, depth.

use std::io::Cursor;

use afmpeg::{Input, Job, MemFs, Output};
use matroska_demuxer::{ChromaSitingHorz, ChromaSitingVert, MatroskaFile};

use crate::support::boxes::{append, contents, contents_mut, in_entry};
use crate::support::pixels::Video;
use crate::support::{read, runtime};

fn encoded(path: &str) -> Output {
    Output::file(path)
        .map("[v]")
        .video_codec("libopenh264")
        .option("b", 500_000)
}

fn encode(input: Input, output: Output) -> Job {
    Job::new()
        .input(input)
        .filter("[0:v]null[v]")
        .output(output)
}

/// A clip of five frames of 96x64, H.264 without a word about colours.
fn clip(fs: &MemFs) -> Vec<u8> {
    let source = Video::synthetic(96, 64, 5);
    let job = encode(source.input(fs, "/in.yuv", 25), encoded("/plain.mp4"));
    runtime().process(fs, &job).expect("the clip is encoded");
    read(fs, "/plain.mp4")
}

#[test]
fn colours_light_and_pixel_shape_are_carried() {
    let fs = MemFs::new();
    let mut file = clip(&fs);
    for name in ["colr", "mdcv", "clli", "pasp"] {
        let old = contents(&file, &in_entry("avc1", name));
        assert!(
            old.is_none() || name == "pasp",
            "nothing is known yet of {name}"
        );
    }
    if contents(&file, &in_entry("avc1", "pasp")).is_some() {
        let pasp = contents_mut(&mut file, &in_entry("avc1", "pasp"));
        pasp.copy_from_slice(&[0, 0, 0, 4, 0, 0, 0, 3]);
    } else {
        let entry = in_entry("avc1", "");
        append(
            &mut file,
            &entry[..7],
            &[("pasp", &[0, 0, 0, 4, 0, 0, 0, 3])],
        );
    }
    // BT.2020 primaries, PQ, BT.2020 matrix, not full range; the display of a mastering suite; 1000 and 400 cd/m2.
    let colours = *b"nclx\x00\x09\x00\x10\x00\x09\x00";
    let mut display = Vec::new();
    for value in [
        8_500_u16, 39_850, 6_550, 2_300, 35_400, 14_600, 15_635, 16_450,
    ] {
        display.extend(value.to_be_bytes());
    }
    display.extend(10_000_000_u32.to_be_bytes());
    display.extend(50_u32.to_be_bytes());
    let light = [3, 232, 1, 144];
    let told: [(&str, &[u8]); 3] = [("colr", &colours), ("mdcv", &display), ("clli", &light)];
    let entry = in_entry("avc1", "");
    append(&mut file, &entry[..7], &told);
    fs.write("/told.mp4", file).expect("room");

    let copy = Job::new()
        .input(Input::file("/told.mp4"))
        .output(Output::file("/copied.mp4").map("0:v").video_codec("copy"));
    let encode = encode(Input::file("/told.mp4"), encoded("/encoded.mp4"));
    for (job, path) in [(copy, "/copied.mp4"), (encode, "/encoded.mp4")] {
        runtime().process(&fs, &job).expect("the job is done");
        let result = read(&fs, path);
        for (name, data) in told {
            let is = contents(&result, &in_entry("avc1", name));
            assert_eq!(is, Some(data), "{name} of {path}");
        }
        let shape = contents(&result, &in_entry("avc1", "pasp"));
        assert_eq!(shape, Some(&[0, 0, 0, 4, 0, 0, 0, 3][..]), "{path}");
    }
    // The stream says it itself, for containers that cannot.
    let raw = Job::new()
        .input(Input::file("/encoded.mp4"))
        .output(Output::file("/out.ts").map("0:v").video_codec("copy"));
    runtime().process(&fs, &raw).expect("the remux is done");
    let probe = runtime().probe(&fs, "/out.ts").expect("it is media");
    let color = probe.streams[0]
        .color
        .clone()
        .expect("it tells its colours");
    assert_eq!(color.primaries.as_deref(), Some("bt2020"));
    assert_eq!(color.transfer.as_deref(), Some("smpte2084"));
    assert_eq!(color.matrix.as_deref(), Some("bt2020nc"));
}

#[test]
fn full_range_stays_full_range() {
    let fs = MemFs::new();
    let mut file = clip(&fs);
    let entry = in_entry("avc1", "");
    let full = *b"nclx\x00\x01\x00\x01\x00\x01\x80";
    append(&mut file, &entry[..7], &[("colr", &full)]);
    fs.write("/full.mp4", file).expect("room");
    let raw = |path: &str, to: &str| {
        let output = Output::file(to)
            .format("rawvideo")
            .map("[v]")
            .video_codec("rawvideo");
        runtime()
            .process(&fs, &encode(Input::file(path), output))
            .expect("it is decoded");
        read(&fs, to)
    };
    assert!(
        raw("/plain.mp4", "/a.yuv") == raw("/full.mp4", "/b.yuv"),
        "the samples stay as they are"
    );
    let job = encode(Input::file("/full.mp4"), encoded("/out.mp4"));
    runtime().process(&fs, &job).expect("the job is done");
    let result = read(&fs, "/out.mp4");
    assert_eq!(
        contents(&result, &in_entry("avc1", "colr")),
        Some(&full[..])
    );
}

/// The matrix of the track header that asks for a quarter turn clockwise.
const TURN: [i32; 9] = [0, 0x1_0000, 0, -0x1_0000, 0, 0, 0, 0, 0x4000_0000];

fn matrix(file: &[u8]) -> Vec<i32> {
    let header = contents(file, &["moov", "trak", "tkhd"]).expect("a track has a header");
    let numbers = header[40..76].chunks(4);
    numbers
        .map(|n| i32::from_be_bytes(n.try_into().expect("four bytes")))
        .collect()
}

#[test]
fn a_rotation_is_kept_by_a_copy_and_applied_by_an_encode() {
    let fs = MemFs::new();
    let mut file = clip(&fs);
    let header = contents_mut(&mut file, &["moov", "trak", "tkhd"]);
    for (n, value) in TURN.iter().enumerate() {
        header[40 + 4 * n..][..4].copy_from_slice(&value.to_be_bytes());
    }
    fs.write("/turned.mp4", file).expect("room");
    let probe = runtime().probe(&fs, "/turned.mp4").expect("it is media");
    assert_eq!(probe.streams[0].rotation, Some(90.0));

    let copy = Job::new()
        .input(Input::file("/turned.mp4"))
        .output(Output::file("/copied.mp4").map("0:v").video_codec("copy"));
    runtime().process(&fs, &copy).expect("the copy is done");
    assert_eq!(matrix(&read(&fs, "/copied.mp4")), TURN);

    let raw = |input: Input, to: &str| {
        let output = Output::file(to)
            .format("rawvideo")
            .map("[v]")
            .video_codec("rawvideo");
        runtime()
            .process(&fs, &encode(input, output))
            .expect("it is decoded");
        read(&fs, to)
    };
    let upright = Video::from_raw(96, 64, raw(Input::file("/plain.mp4"), "/plain.yuv"));
    let turned = Video::from_raw(64, 96, raw(Input::file("/turned.mp4"), "/turned.yuv"));
    assert_eq!(turned.len(), 5);
    for n in 0..5 {
        let (from, to) = (upright.frame(n), turned.frame(n));
        for y in 0..96 {
            for x in 0..64 {
                assert_eq!(to[y * 64 + x], from[(63 - x) * 96 + y], "{x},{y} of {n}");
            }
        }
    }
    let job = encode(Input::file("/turned.mp4"), encoded("/out.mp4"));
    runtime().process(&fs, &job).expect("the encode is done");
    let result = read(&fs, "/out.mp4");
    assert_eq!(
        matrix(&result),
        [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000],
        "nobody turns it again"
    );
    // Not turned, it has to be turned later.
    let as_it_is = Input::file("/turned.mp4").autorotate(false);
    assert!(raw(as_it_is.clone(), "/same.yuv") == upright.data);
    let job = encode(as_it_is, encoded("/later.mp4"));
    runtime().process(&fs, &job).expect("the encode is done");
    assert_eq!(matrix(&read(&fs, "/later.mp4")), TURN);
}

#[test]
fn the_order_of_fields_is_carried() {
    let fs = MemFs::new();
    let raw = |input: Input, path: &str| {
        let output = Output::file(path).map("[v]").video_codec("rawvideo");
        let job = Job::new()
            .input(input)
            .filter("[0:v]format=uyvy422[v]")
            .output(output);
        runtime().process(&fs, &job).expect("the job is done");
    };
    let source = Video::synthetic(96, 64, 3);
    raw(source.input(&fs, "/in.yuv", 25), "/plain.mov");
    let file = read(&fs, "/plain.mov");
    let fields = in_entry("2vuy", "fiel");
    assert_eq!(contents(&file, &fields), Some(&[1, 0][..]), "progressive");
    // Two fields in one frame, the upper line first; and the lower.
    for (order, name) in [([2, 9], "tb"), ([2, 14], "bt")] {
        let mut file = file.clone();
        contents_mut(&mut file, &fields).copy_from_slice(&order);
        fs.write("/fields.mov", file).expect("room");
        let probe = runtime().probe(&fs, "/fields.mov").expect("it is media");
        assert_eq!(probe.streams[0].field_order.as_deref(), Some(name));
        raw(Input::file("/fields.mov"), "/out.mov");
        let result = read(&fs, "/out.mov");
        assert_eq!(contents(&result, &fields), Some(&order[..]), "encoded");
        let copy = Job::new()
            .input(Input::file("/fields.mov"))
            .output(Output::file("/copy.mov").map("0:v").video_codec("copy"));
        runtime().process(&fs, &copy).expect("the copy is done");
        let result = read(&fs, "/copy.mov");
        assert_eq!(contents(&result, &fields), Some(&order[..]), "copied");
    }
}

#[test]
fn ten_bits_stay_ten_where_the_encoder_has_them() {
    let fs = MemFs::new();
    let data: Vec<u8> = (0..1024_u16).flat_map(u16::to_le_bytes).collect();
    fs.write("/in.gray", data).expect("room");
    let input = Input::file("/in.gray")
        .format("rawvideo")
        .option("video_size", "64x16")
        .option("pixel_format", "gray10le");
    let job = encode(
        input,
        Output::file("/out.png")
            .format("image2")
            .format_option("update", 1)
            .map("[v]")
            .video_codec("png"),
    );
    runtime().process(&fs, &job).expect("the picture is made");
    let decoder = png::Decoder::new(Cursor::new(read(&fs, "/out.png")));
    let mut reader = decoder.read_info().expect("a PNG header");
    assert_eq!(reader.info().bit_depth, png::BitDepth::Sixteen);
    let channels = reader.info().color_type.samples();
    let mut pixels = vec![0; reader.output_buffer_size().expect("a sane size")];
    reader.next_frame(&mut pixels).expect("a whole picture");
    let values: Vec<u16> = (pixels.chunks(2 * channels))
        .map(|pixel| u16::from_be_bytes([pixel[0], pixel[1]]))
        .collect();
    assert_eq!(values.len(), 1024);
    assert!(
        values.windows(2).all(|pair| pair[0] < pair[1]),
        "1024 different levels of grey"
    );
    assert!(
        values[0] < 64 && values[1023] > 65_535 - 128,
        "from black to white"
    );
}

/// They were overwritten by the "unspecified" of the pictures.
#[test]
fn colours_that_the_job_names_are_written() {
    let fs = MemFs::new();
    let source = Video::synthetic(96, 64, 2);
    let output = encoded("/out.mp4")
        .option("color_primaries", "bt709")
        .option("color_trc", "bt709")
        .option("colorspace", "bt709")
        .option("color_range", "tv");
    let job = encode(source.input(&fs, "/in.yuv", 25), output);
    runtime().process(&fs, &job).expect("the job is done");
    let colours = *b"nclx\x00\x01\x00\x01\x00\x01\x00";
    let result = read(&fs, "/out.mp4");
    assert_eq!(
        contents(&result, &in_entry("avc1", "colr")),
        Some(&colours[..])
    );
}

/// What an independent reader finds in a Matroska file: where the chroma samples lie, across and down.
fn siting(fs: &MemFs, path: &str) -> Option<(ChromaSitingHorz, ChromaSitingVert)> {
    let file = MatroskaFile::open(Cursor::new(read(fs, path))).expect("it is Matroska");
    let colour = file.tracks()[0].video().expect("pictures").colour()?;
    Some((colour.chroma_sitting_horz()?, colour.chroma_sitting_vert()?))
}

#[test]
fn the_place_of_chroma_samples_is_carried() {
    let fs = MemFs::new();
    let (left, half) = (ChromaSitingHorz::LeftCollated, ChromaSitingHorz::Half);
    let (top, middle) = (ChromaSitingVert::LeftCollated, ChromaSitingVert::Half);
    for (name, expected) in [
        ("left", Some((left, middle))),
        ("center", Some((half, middle))),
        ("topleft", Some((left, top))),
        ("top", Some((half, top))),
        ("unknown", None),
    ] {
        // From the pictures of the graph into the container.
        let graph =
            format!("color=size=96x64:duration=0.2,scale=out_chroma_loc={name},format=yuv420p[v]");
        let raw = Output::file("/told.mkv").map("[v]").video_codec("rawvideo");
        let job = Job::new().filter(graph).output(raw);
        runtime().process(&fs, &job).expect("the job is done");
        assert_eq!(siting(&fs, "/told.mkv"), expected, "{name}");
        // And from that through a decoder and an encoder into the next one, or past them.
        let copy = Job::new()
            .input(Input::file("/told.mkv"))
            .output(Output::file("/copied.mkv").map("0:v").video_codec("copy"));
        let through = encode(Input::file("/told.mkv"), encoded("/encoded.mkv"));
        for (job, path) in [(copy, "/copied.mkv"), (through, "/encoded.mkv")] {
            runtime().process(&fs, &job).expect("the job is done");
            assert_eq!(siting(&fs, path), expected, "{name}: {path}");
        }
    }
    // What the job says has the last word.
    let output = encoded("/said.mkv").option("chroma_sample_location", "top");
    let job = encode(Input::file("/told.mkv"), output);
    runtime().process(&fs, &job).expect("the job is done");
    assert_eq!(siting(&fs, "/said.mkv"), Some((half, top)));
}
