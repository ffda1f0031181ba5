//! Sound: extraction, exact lossless decoding, lossy decoding close to an independent decoder's.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::audio::{Sound, correlation};
use crate::support::mp4::Parsed;
use crate::support::{assert_close, fixture, fs_with, read, runtime};

/// Converts the first sound of a fixture to WAV.
fn to_wav(name: &str, graph: &str) -> Sound {
    let fs = fs_with(&[name]);
    let job = Job::new()
        .input(Input::file(format!("/{name}")))
        .filter(graph)
        .output(Output::file("/out.wav").map("[a]").audio_codec("pcm_s16le"));
    runtime()
        .process(&fs, &job)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    Sound::decode(read(&fs, "/out.wav"), "wav")
}

/// The best correlation of `a` with `b` over shifts of up to `most` samples either way.
fn best_correlation(a: &[f32], b: &[f32], most: usize) -> f64 {
    let middle = &a[most..a.len().min(b.len()) - most];
    (0..=2 * most)
        .map(|shift| correlation(middle, &b[shift..shift + middle.len()]))
        .fold(-1.0, f64::max)
}

#[test]
fn flac_decodes_to_the_exact_samples() {
    let fs = fs_with(&["bbb.flac"]);
    let job = Job::new()
        .input(Input::file("/bbb.flac"))
        .filter("[0:a]anull[a]")
        .output(Output::file("/out.wav").map("[a]").audio_codec("pcm_s24le"));
    runtime().process(&fs, &job).expect("the decode is done");
    let mut flac = claxon::FlacReader::new(std::io::Cursor::new(fixture("bbb.flac")))
        .expect("an independent FLAC decoder");
    assert_eq!(flac.streaminfo().bits_per_sample, 24);
    let expected: Vec<i32> = flac.samples().map(|s| s.expect("a whole sample")).collect();
    let mut wav = hound::WavReader::new(std::io::Cursor::new(read(&fs, "/out.wav")))
        .expect("an independent WAV reader");
    let decoded: Vec<i32> = wav.samples().map(|s| s.expect("a whole sample")).collect();
    assert!(expected.len() > 100_000, "{} samples", expected.len());
    assert!(decoded == expected, "every sample is exact");
}

#[test]
fn wav_to_flac_and_back_is_lossless() {
    let fs = fs_with(&["bbb.wav"]);
    let step = |from: &str, to: &str, codec: &str| {
        Job::new()
            .input(Input::file(from))
            .filter("[0:a]anull[a]")
            .output(Output::file(to).map("[a]").audio_codec(codec))
    };
    runtime()
        .process(&fs, &step("/bbb.wav", "/out.flac", "flac"))
        .expect("WAV to FLAC");
    let mut reader =
        claxon::FlacReader::new(std::io::Cursor::new(read(&fs, "/out.flac"))).expect("a FLAC file");
    let coded: Vec<i16> = reader
        .samples()
        .map(|s| s.expect("a whole sample") as i16)
        .collect();
    let mut source =
        hound::WavReader::new(std::io::Cursor::new(fixture("bbb.wav"))).expect("a WAV file");
    let samples: Vec<i16> = source
        .samples()
        .map(|s| s.expect("a whole sample"))
        .collect();
    assert!(
        coded == samples,
        "an independent decoder finds the same samples"
    );
}

#[test]
fn mp3_vorbis_and_aac_decode_like_an_independent_decoder() {
    for (name, extension) in [("bbb.mp3", "mp3"), ("bbb.ogg", "ogg"), ("bbb.m4a", "m4a")] {
        let ours = to_wav(name, "[0:a]anull[a]");
        let theirs = Sound::decode(fixture(name), extension);
        assert_eq!(
            (ours.rate, ours.channels),
            (theirs.rate, theirs.channels),
            "{name}"
        );
        assert_close(name, ours.duration(), 4.0, 0.06);
        for channel in 0..2 {
            let (a, b) = (
                ours.part(channel, 1.0, 1.15),
                theirs.part(channel, 1.0 - 0.05, 1.15 + 0.05),
            );
            // The two may treat encoder delay differently, by at most two frames.
            let padded = [vec![0.0; 2_400], a, vec![0.0; 2_400]].concat();
            let best = best_correlation(&padded, &b, 2_400);
            assert!(
                best > 0.999,
                "{name} channel {channel}: correlation {best:.5}"
            );
        }
    }
}

#[test]
fn opus_decodes_to_the_sound_of_the_vorbis_file() {
    let (opus, vorbis) = (
        to_wav("bbb.opus", "[0:a]anull[a]"),
        to_wav("bbb.ogg", "[0:a]anull[a]"),
    );
    assert_eq!((opus.rate, opus.channels), (48_000, 2));
    assert_close("opus", opus.duration(), 4.0, 0.03);
    let best = best_correlation(&opus.part(0, 1.0, 1.5), &vorbis.part(0, 1.0, 1.5), 480);
    assert!(best > 0.9, "the same sound, but correlation is {best:.3}");
}

#[test]
fn sound_is_extracted_from_a_video_as_it_is() {
    let fs = fs_with(&["bbb_720p_h264_aac51.mp4"]);
    let job = Job::new()
        .input(Input::file("/bbb_720p_h264_aac51.mp4"))
        .output(
            Output::file("/out.m4a")
                .format("ipod")
                .map("0:a")
                .audio_codec("copy"),
        );
    runtime()
        .process(&fs, &job)
        .expect("the sound is extracted");
    let source = Parsed::new(&fixture("bbb_720p_h264_aac51.mp4"));
    let result = Parsed::new(&read(&fs, "/out.m4a"));
    assert_eq!(result.tracks.len(), 1);
    assert_eq!(result.audio().samples.len(), 249);
    let same = source
        .audio()
        .samples
        .iter()
        .zip(&result.audio().samples)
        .all(|(a, b)| a.data == b.data);
    assert!(same, "every packet is the source's");
    assert_close("length", result.audio().duration, 5.312, 0.022);
}

#[test]
fn mp3_becomes_aac_of_the_same_sound() {
    let fs = fs_with(&["bbb.mp3"]);
    let job = Job::new()
        .input(Input::file("/bbb.mp3"))
        .filter("[0:a]aresample=44100[a]")
        .output(
            Output::file("/out.m4a")
                .map("[a]")
                .audio_codec("aac")
                .option("b", 128_000),
        );
    runtime().process(&fs, &job).expect("the transcode is done");
    let bytes = read(&fs, "/out.m4a");
    let mp4 = Parsed::new(&bytes);
    assert_eq!((mp4.audio().sample_rate, mp4.audio().channels), (44_100, 2));
    assert_close("length", mp4.audio().duration, 4.0, 0.06);
    let (aac, source) = (
        Sound::decode(bytes, "m4a"),
        to_wav("bbb.mp3", "[0:a]aresample=44100[a]"),
    );
    let best = best_correlation(&source.part(0, 1.0, 1.6), &aac.part(0, 1.0, 1.6), 2_600);
    assert!(
        best > 0.97,
        "correlation of the coded sound with its source is {best:.4}"
    );
}

#[test]
fn resampling_and_channel_layout_follow_the_graph() {
    let sound = to_wav(
        "bbb.ogg",
        "[0:a]aresample=16000,aformat=channel_layouts=mono[a]",
    );
    assert_eq!((sound.rate, sound.channels), (16_000, 1));
    assert_close("length", sound.duration(), 4.0, 0.06);
}

#[test]
fn volume_scales_the_samples() {
    let fs = MemFs::new();
    let job = Job::new()
        .input(Input::lavfi(
            "sine=frequency=1000:sample_rate=48000:duration=1",
        ))
        .filter("[0:a]asplit[a][b];[b]volume=0.5[c]")
        .output(
            Output::file("/full.wav")
                .map("[a]")
                .audio_codec("pcm_s16le"),
        )
        .output(
            Output::file("/half.wav")
                .map("[c]")
                .audio_codec("pcm_s16le"),
        );
    runtime().process(&fs, &job).expect("both are done");
    let level = |path| Sound::decode(read(&fs, path), "wav").rms(0, 0.0, 1.0);
    let ratio = level("/half.wav") / level("/full.wav");
    assert!((ratio - 0.5).abs() < 0.001, "ratio {ratio}");
}

/// Typed jobs encode AAC with the fast search, documents with FFmpeg's own default, and both can be told
/// otherwise. The default asks for nothing where there is no AAC, or no sound at all.
#[test]
fn typed_jobs_default_to_the_fast_aac_coder_and_documents_do_not() {
    let fs = fs_with(&["bbb.wav", "bbb_180_h264.mp4"]);
    let job = |path: &str, coder: Option<&str>| {
        let output = Output::file(path).map("[a]").audio_codec("aac");
        let output = match coder {
            Some(coder) => output.audio_option("aac_coder", coder),
            None => output,
        };
        let job = Job::new().input(Input::file("/bbb.wav"));
        job.filter("[0:a]anull[a]").output(output).bitexact()
    };
    let made = |path: &str, coder: Option<&str>| {
        let result = runtime().process(&fs, &job(path, coder));
        result.unwrap_or_else(|error| panic!("{path}: {error}"));
        read(&fs, path)
    };
    let default = made("/default.m4a", None);
    let fast = made("/fast.m4a", Some("fast"));
    let twoloop = made("/twoloop.m4a", Some("twoloop"));
    assert!(default == fast && fast != twoloop, "the default is fast");

    let document = r#"{"version":10,"op":"process","inputs":[{"path":"/bbb.wav"}],"bitexact":true,
        "filter":"[0:a]anull[a]",
        "outputs":[{"path":"/document.m4a","map":["[a]"],"audio_codec":"aac"}]}"#;
    let result = runtime().process_json(&fs, document);
    result.expect("the document is run");
    assert!(
        read(&fs, "/document.m4a") == twoloop,
        "FFmpeg's own default"
    );

    let other = Job::new().input(Input::file("/bbb.wav"));
    let other = other.filter("[0:a]anull[a]");
    let other = other.output(Output::file("/o.flac").map("[a]").audio_codec("flac"));
    runtime()
        .process(&fs, &other)
        .expect("flac has no such option");
    let silent = Job::new().input(Input::file("/bbb_180_h264.mp4"));
    let silent = silent.output(Output::file("/o.mkv").map("0:v").video_codec("copy"));
    runtime().process(&fs, &silent).expect("there is no sound");
}
