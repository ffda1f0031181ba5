//! Encoders and decoders of the outside libraries, each read by something that is not that library.

use std::io::Cursor;

use afmpeg::report::ProcessReport;
use afmpeg::{ErrorClass, Input, Job, MemFs, OnCorrupt, Output};

use crate::support::audio::Sound;
use crate::support::pixels::{Video, decode, psnr};
use crate::support::{assert_close, fs_with, read, runtime};

/// Two seconds of two tones, one in each channel, at 44.1 kHz.
const TONES: &str = "sine=frequency=440:sample_rate=44100:duration=2[l];\
    sine=frequency=1000:sample_rate=44100:duration=2[r];[l][r]amerge=inputs=2,volume=4[a]";

fn encode_tones(fs: &MemFs, path: &str, codec: &str) -> ProcessReport {
    let job = Job::new()
        .filter(TONES)
        .output(Output::file(path).map("[a]").audio_codec(codec));
    runtime()
        .process(fs, &job)
        .unwrap_or_else(|error| panic!("{codec}: {error}"))
}

/// Both channels have their own tone, and little of the other's.
fn assert_tones(sound: &Sound) {
    assert_eq!(sound.channels, 2);
    for (channel, own, other) in [(0, 440.0, 1000.0), (1, 1000.0, 440.0)] {
        let own = sound.tone(channel, 0.2, 1.8, own);
        let other = sound.tone(channel, 0.2, 1.8, other);
        assert!(own > 0.05 && own > 20.0 * other, "{channel}: {own} {other}");
    }
}

fn to_wav(fs: &MemFs, from: &str) -> Sound {
    let job = Job::new()
        .input(Input::file(from))
        .filter("[0:a]anull[a]")
        .output(Output::file("/out.wav").map("[a]").audio_codec("pcm_s16le"));
    runtime().process(fs, &job).expect("the sound is decoded");
    Sound::decode(read(fs, "/out.wav"), "wav")
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn sound_of_44_khz_goes_into_opus_at_48() {
    let fs = MemFs::new();
    let report = encode_tones(&fs, "/out.opus", "libopus");
    assert_close(
        "duration",
        report.outputs[0].duration.expect("it has one"),
        2.0,
        0.03,
    );
    // The decoder is FFmpeg's own, not libopus.
    let sound = to_wav(&fs, "/out.opus");
    assert_eq!(sound.rate, 48_000);
    assert_close("decoded", sound.duration(), 2.0, 0.03);
    assert_tones(&sound);
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn mp3_and_vorbis_are_what_another_decoder_reads() {
    for (path, codec, extension) in [
        ("/out.mp3", "libmp3lame", "mp3"),
        ("/out.ogg", "libvorbis", "ogg"),
    ] {
        let fs = MemFs::new();
        encode_tones(&fs, path, codec);
        let sound = Sound::decode(read(&fs, path), extension);
        assert_eq!(sound.rate, 44_100, "{codec}");
        assert_tones(&sound);
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn hevc_is_encoded_and_decoded_frame_by_frame() {
    let source = Video::synthetic(160, 96, 12);
    let fs = MemFs::new();
    source.encode(&fs, "/out.mp4", "libkvazaar", &[]);
    // kvazaar only encodes: the decoder is FFmpeg's.
    let back = decode(&fs, "/out.mp4", 160, 96);
    assert_eq!(back.len(), 12);
    for n in 0..12 {
        assert_eq!(back.spelled(n), n, "frames are in order");
        let quality = psnr(source.frame(n), back.frame(n));
        assert!(quality > 30.0, "frame {n}: {quality:.1} dB");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn ten_bits_stay_ten_bits() {
    let raw = |fs: &MemFs, input: Input, graph: &str, to: &str| {
        let job = Job::new().input(input).filter(graph).output(
            Output::file(to)
                .format("rawvideo")
                .map("[v]")
                .video_codec("rawvideo"),
        );
        runtime().process(fs, &job).expect("the job is done");
        read(fs, to)
    };
    let fs = MemFs::new();
    // A ramp in which neighbours differ by one of 1,024 levels: eight bits cannot hold it.
    let ramp = || Input::file("color=size=64x48:rate=5:duration=0.4").format("lavfi");
    let graph = "[0:v]format=yuv420p10le,geq=lum=64+X+Y*8:cb=512:cr=512[v]";
    let before = raw(&fs, ramp(), graph, "/before");
    for codec in ["ffv1", "ffvhuff", "prores"] {
        let graph = if codec == "prores" {
            "[0:v]format=yuv422p10le,geq=lum=64+X+Y*8:cb=512:cr=512[v]"
        } else {
            graph
        };
        let job = Job::new().input(ramp()).filter(graph).output(
            Output::file("/coded.mov")
                .format("matroska")
                .map("[v]")
                .video_codec(codec),
        );
        runtime()
            .process(&fs, &job)
            .unwrap_or_else(|error| panic!("{codec}: {error}"));
        let probe = runtime()
            .probe(&fs, "/coded.mov")
            .expect("it can be probed");
        let format = format!("{:?}", probe.streams[0]);
        assert!(format.contains("10le"), "{codec}: {format}");
        if codec != "prores" {
            let after = raw(
                &fs,
                Input::file("/coded.mov"),
                "[0:v]format=yuv420p10le[v]",
                "/after",
            );
            assert!(before == after, "{codec}: every sample is exact");
        }
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_palette_made_of_the_clip_gives_a_small_and_close_gif() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let job = |graph: &str, to: &str| {
        Job::new()
            .input(Input::file("/bbb_180_h264.mp4"))
            .filter(format!("[0:v]trim=end_frame=6,scale=160:-2,{graph}[v]"))
            .output(Output::file(to).map("[v]").video_codec("gif"))
    };
    runtime()
        .process(
            &fs,
            &job("split[a][b];[a]palettegen[p];[b][p]paletteuse", "/made.gif"),
        )
        .expect("the job is done");
    let plain = Job::new()
        .input(Input::file("/bbb_180_h264.mp4"))
        .filter("[0:v]trim=end_frame=6,scale=160:-2,format=rgb24[v]")
        .output(
            Output::file("/plain.rgb")
                .format("rawvideo")
                .map("[v]")
                .video_codec("rawvideo"),
        );
    runtime().process(&fs, &plain).expect("the job is done");
    let plain = read(&fs, "/plain.rgb");
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options
        .read_info(Cursor::new(read(&fs, "/made.gif")))
        .expect("a GIF header");
    let first = decoder
        .read_next_frame()
        .expect("a whole frame")
        .expect("there is a frame");
    let rgb: Vec<u8> = first
        .buffer
        .chunks_exact(4)
        .flat_map(|pixel| pixel[..3].to_vec())
        .collect();
    let quality = psnr(&plain[..rgb.len()], &rgb);
    assert!(quality > 28.0, "{quality:.1} dB");
}

/// Their lines are shorter than the scratch memory that codecs after MPEG need, unless they are padded.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn pictures_of_sixteen_columns_are_decoded() {
    let source = Video::synthetic(16, 16, 5);
    for codec in ["mpeg4", "msmpeg4v2", "flv", "wmv2", "mpeg2video"] {
        let fs = MemFs::new();
        source.encode(&fs, "/out.mkv", codec, &[("b", "2000000")]);
        let back = decode(&fs, "/out.mkv", 16, 16);
        assert_eq!(back.len(), 5, "{codec}");
        let quality = psnr(&source.data, &back.data);
        assert!(quality > 28.0, "{codec}: {quality:.1} dB");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn adx_that_is_cut_anywhere_is_told_from_a_whole_file() {
    let fs = MemFs::new();
    encode_tones(&fs, "/whole.adx", "adpcm_adx");
    let sound = to_wav(&fs, "/whole.adx");
    assert_close("decoded", sound.duration(), 2.0, 0.03);
    assert_tones(&sound);

    let whole = read(&fs, "/whole.adx");
    let job = |on_corrupt| {
        Job::new()
            .input(Input::file("/cut.adx"))
            .filter("[0:a]anull[a]")
            .output(Output::file("/cut.wav").map("[a]").audio_codec("pcm_s16le"))
            .on_corrupt(on_corrupt)
    };
    // Behind a header of 36 bytes, 18 for 32 samples of a channel, of which 128 times both are read at once.
    for kept in [
        36 + 18 * 2 * 128,
        36 + 18 * 2 * 1000,
        36 + 18 * 2 * 1000 + 7,
    ] {
        fs.write("/cut.adx", &whole[..kept])
            .expect("memory takes it");
        let error = runtime()
            .process(&fs, &job(OnCorrupt::Fail))
            .expect_err("most of it is missing");
        assert_eq!(error.class(), Some(ErrorClass::Decode), "{error}");
        assert!(error.to_string().contains("cut short"), "{error}");
        runtime()
            .process(&fs, &job(OnCorrupt::Skip))
            .expect("what is there is taken");
        let cut = Sound::decode(read(&fs, "/cut.wav"), "wav");
        let both = (kept - 36) / 36 * 32 * 2;
        assert!(cut.samples == sound.samples[..both], "{kept}");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn raw_g726_tells_no_length_and_is_taken_as_far_as_it_goes() {
    let fs = MemFs::new();
    let graph = "sine=frequency=440:sample_rate=8000:duration=1,volume=4[a]";
    let job = Job::new().filter(graph).output(
        Output::file("/whole.g726")
            .format("g726")
            .map("[a]")
            .audio_codec("g726")
            .audio_option("code_size", 4),
    );
    runtime().process(&fs, &job).expect("it is encoded");
    let whole = read(&fs, "/whole.g726");
    // Four bits a sample.
    assert_eq!(whole.len(), 4000);
    for kept in [4000, 3999, 1001] {
        fs.write("/cut.g726", &whole[..kept])
            .expect("memory takes it");
        let job = Job::new()
            .input(
                Input::file("/cut.g726")
                    .format("g726")
                    .option("code_size", 4),
            )
            .filter("[0:a]anull[a]")
            .output(Output::file("/out.wav").map("[a]").audio_codec("pcm_s16le"));
        runtime().process(&fs, &job).expect("it is decoded");
        let sound = Sound::decode(read(&fs, "/out.wav"), "wav");
        assert_eq!(sound.rate, 8000);
        assert_eq!(sound.samples.len(), kept * 2);
        let (own, other) = (
            sound.tone(0, 0.02, 0.2, 440.0),
            sound.tone(0, 0.02, 0.2, 1000.0),
        );
        assert!(own > 0.05 && own > 20.0 * other, "{own} {other}");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn an_animation_in_webp_has_the_pictures_that_another_decoder_finds() {
    // The middle moves: only that part of each later picture is in the file, and it covers some of the one before.
    let graph = "color=white:size=64x48:rate=5,format=bgra,geq=r=4*X:g=5*Y:b=40*N:a=255*lt(X+N\\,60),trim=end_frame=5[v]";
    let fs = MemFs::new();
    let job = Job::new().filter(graph).output(
        Output::file("/out.webp")
            .map("[v]")
            .video_codec("libwebp_anim")
            .video_option("lossless", "1"),
    );
    runtime().process(&fs, &job).expect("it is encoded");

    let mut theirs =
        image_webp::WebPDecoder::new(Cursor::new(read(&fs, "/out.webp"))).expect("it is WebP");
    assert_eq!((theirs.dimensions(), theirs.num_frames()), ((64, 48), 5));
    assert!(theirs.has_alpha());
    let mut expected = Vec::new();
    for _ in 0..5 {
        let mut picture = vec![0; theirs.output_buffer_size().expect("it is small")];
        assert_eq!(theirs.read_frame(&mut picture).expect("it decodes"), 200);
        expected.extend(picture);
    }

    let probe = runtime().probe(&fs, "/out.webp").expect("it is WebP");
    assert_eq!(probe.streams[0].codec.as_deref(), Some("webp_anim"));
    let job = Job::new()
        .input(Input::file("/out.webp"))
        .filter("[0:v]format=rgba[v]")
        .output(
            Output::file("/out.raw")
                .format("rawvideo")
                .map("[v]")
                .video_codec("rawvideo"),
        );
    runtime().process(&fs, &job).expect("it is decoded");
    let ours = read(&fs, "/out.raw");
    assert_eq!(ours.len(), expected.len());
    // What cannot be seen has whatever colour a decoder likes.
    let seen = |picture: &[u8]| -> Vec<[u8; 4]> {
        picture
            .as_chunks::<4>()
            .0
            .iter()
            .map(|&pixel| if pixel[3] == 0 { [0; 4] } else { pixel })
            .collect()
    };
    assert!(seen(&ours) == seen(&expected));
}
