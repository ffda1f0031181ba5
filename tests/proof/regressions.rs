//! Incidents: each test tells what once went wrong, and fails if it does again.

use std::io::Cursor;

use afmpeg::{ErrorClass, Input, Job, JobError, MemFs, Output, Seek};

use crate::support::{fixture, fs_with, read, runtime};

/// The samples of channel 0 of what `job` writes to `/out.wav`.
fn left(fs: &MemFs, job: &Job) -> Vec<i32> {
    runtime().process(fs, job).expect("the job is done");
    let mut wav = hound::WavReader::new(Cursor::new(read(fs, "/out.wav"))).expect("a WAV file");
    let channels = usize::from(wav.spec().channels);
    wav.samples::<i32>()
        .step_by(channels)
        .map(|s| s.expect("a whole sample"))
        .collect()
}

fn to_wav(input: Input) -> Job {
    Job::new()
        .input(input)
        .filter("[0:a]anull[a]")
        .output(Output::file("/out.wav").map("[a]").audio_codec("pcm_s16le"))
}

/// The packet that holds the wanted sample was lost, so that sound began 3 to 20 ms late; and the
/// decoder began cold there, so that its first frames differed from those of a whole decode.
#[test]
fn an_accurate_seek_into_sound_gives_the_samples_of_a_whole_decode() {
    // The noise that AAC puts in the place of coded noise is drawn anew in each decode.
    for (name, start, noise) in [("bbb.m4a", 48_000, 100), ("bbb.flac", 44_100, 0)] {
        let path = format!("/{name}");
        let fs = fs_with(&[name]);
        let whole = left(&fs, &to_wav(Input::file(&path)));
        let rest = left(&fs, &to_wav(Input::file(&path).seek(Seek::accurate(1.0))));
        assert_eq!(rest.len(), whole.len() - start, "{name}");
        let pairs = rest.iter().zip(&whole[start..]);
        let most = pairs.map(|(a, b)| (a - b).abs()).max();
        assert!(
            most.is_some_and(|most| most <= noise),
            "{name}: a sample differs by {most:?}"
        );
    }
}

/// The seam of a loop lost or repeated samples.
#[test]
fn a_looped_input_repeats_to_the_sample() {
    let fs = fs_with(&["bbb.flac"]);
    let once = left(&fs, &to_wav(Input::file("/bbb.flac")));
    let twice = left(&fs, &to_wav(Input::file("/bbb.flac").repeat(1)));
    assert!(
        twice == [once.clone(), once].concat(),
        "two rounds, sample for sample"
    );
}

/// Options that constrain the encoder's input failed as duplicates of the sink's own lists.
#[test]
fn rate_and_pixel_format_options_reach_the_encoder() {
    let fs = fs_with(&["bbb.wav", "bbb_180.png"]);
    let job = Job::new()
        .input(Input::file("/bbb.wav"))
        .filter("[0:a]anull[a]")
        .output(
            Output::file("/out.wav")
                .map("[a]")
                .audio_codec("pcm_s16le")
                .audio_option("ar", 22_050),
        );
    runtime().process(&fs, &job).expect("the rate is taken");
    let wav = hound::WavReader::new(Cursor::new(read(&fs, "/out.wav"))).expect("a WAV file");
    assert_eq!(wav.spec().sample_rate, 22_050);
    let job = Job::new()
        .input(Input::file("/bbb_180.png"))
        .filter("[0:v]null[v]")
        .output(
            Output::file("/gray.png")
                .format("image2")
                .format_option("update", 1)
                .map("[v]")
                .video_codec("png")
                .video_option("pix_fmt", "gray"),
        );
    runtime()
        .process(&fs, &job)
        .expect("the pixel format is taken");
    let png = png::Decoder::new(Cursor::new(read(&fs, "/gray.png"))).read_info();
    let png = png.expect("a PNG file");
    assert_eq!(png.info().color_type, png::ColorType::Grayscale);
}

/// GIF counts in hundredths of a second and players slow the shortest delays down: one second at 120
/// frames took twelve.
#[test]
fn a_fast_source_keeps_its_length_as_a_gif() {
    let fs = MemFs::new();
    let job = Job::new()
        .input(Input::lavfi("testsrc2=size=64x48:rate=120:duration=1"))
        .filter("[0:v]null[v]")
        .output(Output::file("/out.gif").map("[v]").video_codec("gif"));
    runtime().process(&fs, &job).expect("the GIF is made");
    let bytes = read(&fs, "/out.gif");
    let mut decoder = gif::DecodeOptions::new()
        .read_info(&bytes[..])
        .expect("a GIF file");
    let mut hundredths = 0;
    while let Some(frame) = decoder.read_next_frame().expect("a whole frame") {
        assert!(
            frame.delay >= 2,
            "players do not keep to a delay of {}",
            frame.delay
        );
        hundredths += u32::from(frame.delay);
    }
    assert!(
        (95..=105).contains(&hundredths),
        "{hundredths} hundredths of a second"
    );
}

/// An output under the name of an input emptied the input before it was read.
#[test]
fn an_output_onto_its_input_is_refused_and_the_input_is_whole() {
    let fs = fs_with(&["bbb.wav"]);
    let spec = r#"{"op":"process","version":10,"inputs":[{"path":"/bbb.wav"}],
        "outputs":[{"path":"/./bbb.wav","map":["0:a"],"audio_codec":"copy"}]}"#;
    let error = runtime()
        .process_json(&fs, spec)
        .expect_err("it would destroy its input");
    let JobError::Guest { class, .. } = &error else {
        panic!("a guest error, not {error:?}")
    };
    assert_eq!(*class, ErrorClass::OpenOutput, "{error}");
    assert!(
        read(&fs, "/bbb.wav") == fixture("bbb.wav"),
        "the input is as it was"
    );
}
