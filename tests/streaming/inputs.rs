//! Inputs that are read once and in order.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use afmpeg::stream::{DecodeAudio, DecodeVideo, PixelFormat};
use afmpeg::vfs::{Files, Mount, StreamFile};
use afmpeg::{Container, ErrorClass, Input, Job, JobError, MemFs, OnCorrupt, Output, Seek};

use crate::seconds;
use crate::support::{fixture, fs_with, read, runtime};

/// Gives as much at a time as a socket may.
struct Socket(io::Cursor<Vec<u8>>);

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let room = buf.len().min(1460);
        self.0.read(&mut buf[..room])
    }
}

fn socket(bytes: Vec<u8>) -> StreamFile<Socket> {
    StreamFile::new(Socket(io::Cursor::new(bytes))).window(0)
}

/// What the first stream of an input has in it: each packet, with its times and its digest.
fn packets(bytes: Vec<u8>, streamed: bool) -> Result<String, JobError> {
    let fs = MemFs::new();
    let (tree, input) = if streamed {
        let files = Mount::new()
            .at("/", &fs)
            .and_then(|tree| tree.file("/in", socket(bytes)));
        (files.expect("the path is free"), Input::stream("/in"))
    } else {
        fs.write("/in", bytes).expect("room");
        (
            Mount::new().at("/", &fs).expect("it is free"),
            Input::file("/in"),
        )
    };
    let job = Job::new().input(input).output(
        Output::file("/out")
            .format("framemd5")
            .map("0:0")
            .video_codec("copy")
            .audio_codec("copy"),
    );
    runtime().process(&tree, &job)?;
    Ok(String::from_utf8(read(&fs, "/out")).expect("it is text"))
}

fn made(container: Container) -> Vec<u8> {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    let job = Job::new().input(Input::file("/bbb_180_h264.mp4")).output(
        Output::file("/made")
            .streamed(container)
            .map("0:v")
            .video_codec("copy"),
    );
    runtime().process(&fs, &job).expect("it is made");
    read(&fs, "/made")
}

#[test]
fn formats_that_allow_it_are_read_from_a_socket() {
    for (name, bytes) in [
        ("ts", made(Container::MpegTs)),
        ("fragmented mp4", made(Container::FragmentedMp4)),
        ("live matroska", made(Container::Matroska)),
        ("matroska", fixture("bbb_180_bframes_subs.mkv")),
        ("mp4 with its index first", fixture("bbb_180_h264.mp4")),
        ("flac", fixture("bbb.flac")),
        ("mp3", fixture("bbb.mp3")),
        ("wav", fixture("bbb.wav")),
        ("ogg", fixture("bbb.ogg")),
    ] {
        let seek = packets(bytes.clone(), false).unwrap_or_else(|e| panic!("{name}: {e}"));
        let stream = packets(bytes, true).unwrap_or_else(|e| panic!("{name} in order: {e}"));
        assert!(seek.lines().count() > 20, "{name}");
        assert_eq!(seek, stream, "{name}");
    }
}

#[test]
fn an_index_at_the_end_is_an_error_that_says_so() {
    let start = Instant::now();
    let error = packets(fixture("bbb_720p_h264_aac51.mp4"), true).expect_err("it must seek");
    assert_eq!(error.class(), Some(ErrorClass::OpenInput), "{error:?}");
    assert!(
        error.to_string().contains("read once and in order"),
        "{error}"
    );
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_seek_beyond_what_has_come_is_an_error() {
    let mut bytes = made(Container::MpegTs);
    bytes.extend(bytes.clone());
    let fs = Files::new().with("live", socket(bytes)).expect("a name");
    let job = Job::new()
        .input(Input::stream("/live").seek(Seek::fast(1.0)))
        .on_corrupt(OnCorrupt::Skip)
        .output(Output::null().map("0:v").video_codec("copy"));
    let error = runtime().process(&fs, &job).expect_err("it cannot seek");
    assert!(error.class().is_some(), "{error:?}");
}

#[test]
fn a_socket_is_decoded_while_it_comes() {
    /// Silence without an end.
    struct Silence;
    impl Read for Silence {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            buf.fill(0);
            Ok(buf.len())
        }
    }
    let fs = Files::new()
        .with("live", StreamFile::new(Silence))
        .expect("a name");
    let input = Input::stream("/live")
        .format("f32le")
        .option("sample_rate", 8_000)
        .option("ch_layout", "mono");
    let mut frames = runtime()
        .decode_audio(&fs, &DecodeAudio::new(input))
        .expect("it starts");
    let mut heard = 0;
    while heard < 80_000 {
        let frame = frames.next().expect("it is endless").expect("it is right");
        assert_eq!(seconds(frame.time()), heard as f64 / 8_000.0);
        heard += frame.len();
    }

    let fs = Files::new()
        .with("live", socket(made(Container::MpegTs)))
        .expect("a name");
    let what = DecodeVideo::new(Input::stream("/live"), PixelFormat::Gray8);
    let frames = runtime().decode_video(&fs, &what).expect("it starts");
    assert_eq!(frames.filter(Result::is_ok).count(), 50);
}

#[test]
fn a_reader_that_fails_fails_the_job() {
    struct Unplugged(Socket);
    impl Read for Unplugged {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buf)? {
                0 => Err(io::ErrorKind::TimedOut.into()),
                count => Ok(count),
            }
        }
    }
    let mut bytes = made(Container::MpegTs);
    bytes.truncate(bytes.len() / 2 / 188 * 188);
    let reader = Unplugged(Socket(io::Cursor::new(bytes)));
    let fs = Files::new()
        .with("live", StreamFile::new(reader))
        .expect("a name");
    let what = DecodeVideo::new(Input::stream("/live"), PixelFormat::Gray8);
    let last = runtime()
        .decode_video(&fs, &what)
        .expect("it starts")
        .last();
    let error = last.expect("there are items").expect_err("it was cut off");
    assert!(
        matches!(error, JobError::Guest { .. } | JobError::Storage { .. }),
        "{error:?}"
    );
}

/// A socket with a read timeout: after each piece nothing comes for a while, and after the last for ever, unless it ends.
struct Halting {
    data: io::Cursor<Vec<u8>>,
    halts: bool,
    ends: bool,
}

impl Read for Halting {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.halts = !self.halts;
        if self.halts {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = self.data.read(buf)?;
        if count == 0 && !self.ends {
            self.halts = false;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(count)
    }
}

/// The packets of a clip that comes so.
fn packets_of(ends: bool, timeout: Duration) -> Result<Vec<u8>, JobError> {
    let halting = Halting {
        data: io::Cursor::new(made(Container::MpegTs)),
        halts: false,
        ends,
    };
    let fs = MemFs::new();
    let tree = Mount::new().at("/", &fs);
    let tree = tree.and_then(|tree| tree.file("/in", StreamFile::new(halting)));
    let tree = tree.expect("the path is free");
    let output = Output::file("/out").format("framemd5").map("0:0");
    let job = Job::new()
        .input(Input::stream("/in"))
        .output(output.video_codec("copy"));
    let invocation = runtime().invocation(&tree).timeout(timeout);
    invocation.process(&job).map(|_| read(&fs, "/out"))
}

#[test]
fn a_socket_with_nothing_to_say_is_waited_for() {
    let said = packets_of(true, Duration::from_secs(600)).expect("all of it came");
    let expected = packets(made(Container::MpegTs), false).expect("it is read");
    assert_eq!(String::from_utf8(said).expect("it is text"), expected);

    let asked = Instant::now();
    let error = packets_of(false, Duration::from_millis(500)).expect_err("it never ends");
    assert!(
        matches!(error, JobError::DeadlineExceeded { .. }),
        "{error}"
    );
    assert!(asked.elapsed() < Duration::from_secs(60));
}
