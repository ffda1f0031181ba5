//! Runs every example as a reader of the documentation would, and looks at what it made.

#[allow(
    dead_code,
    reason = "each test binary uses a part of the shared support"
)]
mod support;

use std::io::Read as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use afmpeg::{FramesJob, Input, Job, MemFs, Output, Select};
use tempfile::TempDir;

use support::audio::Sound;
use support::image::Picture;
use support::{assert_close, engine_path, fixture, guest_path, read, runtime, workspace};

/// An example that cargo has built beside this test, with the engine as its first argument.
fn example(name: &str) -> Command {
    let test = std::env::current_exe().expect("the test has a path");
    let deps = test.parent().and_then(Path::parent);
    let built = deps
        .expect("it lies two levels deep")
        .join("examples")
        .join(name);
    let built = built.with_extension(std::env::consts::EXE_EXTENSION);
    assert!(built.is_file(), "{} is not built", built.display());
    Command::new(built)
}

/// What an example prints; it has to succeed.
#[track_caller]
fn output(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    let text = String::from_utf8(output.stdout).expect("it prints text");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    text
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for files")
}

fn put(folder: &TempDir, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, fixture(name)).expect("it is written");
    path
}

const CLIP: &str = "bbb_180_h264.mp4";

#[test]
fn examples_are_short() {
    let entries = fs::read_dir(workspace().join("examples")).expect("it is there");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    let mut count = 0;
    for path in paths {
        let text = fs::read_to_string(&path).expect("it is text");
        let lines = text.lines().count();
        assert!(lines < 80, "{} has {lines} lines", path.display());
        count += 1;
    }
    assert!(count > 10, "only {count} examples");
}

#[test]
fn probe_prints_the_streams() {
    let folder = folder();
    let text = output(example("probe").arg(engine_path()).arg(put(&folder, CLIP)));
    assert!(text.contains("h264") && text.contains("320"), "{text}");
}

#[test]
fn transcode_writes_a_smaller_film() {
    let folder = folder();
    let made = folder.path().join("made.mp4");
    output(
        example("transcode")
            .arg(engine_path())
            .arg(put(&folder, CLIP))
            .arg(&made),
    );
    let fs = MemFs::new();
    fs.write("/made.mp4", fs::read(made).expect("it is there"))
        .expect("room");
    let probe = runtime().probe(&fs, "/made.mp4").expect("it is MP4");
    assert_eq!(probe.video().and_then(|video| video.width), Some(320));
}

#[test]
fn thumbnail_writes_a_picture() {
    let folder = folder();
    let made = folder.path().join("made.png");
    output(
        example("thumbnail")
            .arg(engine_path())
            .arg(put(&folder, CLIP))
            .arg(&made),
    );
    let picture = Picture::png(&fs::read(made).expect("it is there"));
    assert_eq!(picture.width, 320);
}

/// A picture of one colour.
fn still(folder: &TempDir, name: &str, colour: [u8; 3]) -> PathBuf {
    let path = folder.path().join(name);
    let file = fs::File::create(&path).expect("it is created");
    let mut encoder = png::Encoder::new(file, 64, 36);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("it is written");
    writer
        .write_image_data(&colour.repeat(64 * 36))
        .expect("it is written");
    path
}

#[test]
fn reel_shows_each_still_in_its_time_and_mixes_its_sounds() {
    let folder = folder();
    let stills = [
        still(&folder, "red.png", [220, 20, 20]),
        still(&folder, "green.png", [20, 200, 20]),
        still(&folder, "blue.png", [20, 20, 220]),
    ];
    // The narration is a tone for a second, the music one that goes on.
    let fs = MemFs::new();
    for (path, graph) in [
        (
            "/narration.wav",
            "sine=frequency=1000:duration=1,volume=4[a]",
        ),
        ("/music.wav", "sine=frequency=300:duration=3,volume=4[a]"),
    ] {
        let job = Job::new()
            .filter(graph)
            .output(Output::file(path).map("[a]").audio_codec("pcm_s16le"));
        runtime().process(&fs, &job).expect("it is made");
        fs::write(folder.path().join(&path[1..]), read(&fs, path)).expect("it is written");
    }
    let made = folder.path().join("reel.mp4");
    let text = output(
        example("reel")
            .arg(engine_path())
            .arg(&made)
            .arg(folder.path().join("narration.wav"))
            .arg(folder.path().join("music.wav"))
            .args(stills),
    );
    assert!(text.starts_with("3 stills in 5.5"), "{text}");
    let film = fs::read(made).expect("it is there");
    fs.write("/reel.mp4", film.clone()).expect("room");
    // Each still alone, and the middle of the first fade.
    let times = vec![0.5, 2.0, 2.76, 5.0];
    let job = FramesJob::new("/reel.mp4", "/f%d.png", Select::Timestamps(times));
    runtime().frames(&fs, &job).expect("there are pictures");
    let expected = [[220, 20, 20], [120, 110, 20], [20, 200, 20], [20, 20, 220]];
    for (i, colour) in expected.into_iter().enumerate() {
        let picture = Picture::png(&read(&fs, &format!("/f{i}.png")));
        assert_eq!((picture.width, picture.height), (640, 360));
        let middle = picture.at(320, 180);
        let apart = |(is, should): (u8, u8)| is.abs_diff(should);
        let most = middle.into_iter().zip(colour).map(apart).max();
        assert!(
            most <= Some(16),
            "picture {i} is {middle:?} and not {colour:?}"
        );
    }
    // Both tones, then the music alone, a fifth as loud, which fades out.
    let sound = Sound::decode(film, "mp4");
    let tone = |from, to, frequency| sound.tone(0, from, to, frequency);
    assert_close("narration", tone(0.2, 0.8, 1000.0), 0.5, 0.1);
    assert_close("music under it", tone(0.2, 0.8, 300.0), 0.1, 0.03);
    assert_close("music alone", tone(2.0, 4.0, 300.0), 0.1, 0.03);
    assert!(tone(2.0, 4.0, 1000.0) < 0.01);
    assert!(tone(5.2, 5.5, 300.0) < 0.03);
}

#[test]
fn progress_watches_and_cancels() {
    let folder = folder();
    let clip = put(&folder, CLIP);
    let run = |seconds| {
        output(
            example("progress")
                .arg(engine_path())
                .arg(&clip)
                .arg(seconds),
        )
    };
    let whole = run("600");
    assert!(
        whole.contains("Some(1.0) of it") && whole.contains("done: "),
        "{whole}"
    );
    let cut = run("0");
    assert!(cut.ends_with("cancelled; nothing is left: true\n"), "{cut}");
}

#[test]
fn golden_gives_the_same_bytes_each_time() {
    let run = || output(example("golden").arg(engine_path()));
    let once = run();
    assert_eq!(once, run());
    assert_eq!(once, GOLDEN);
}

/// What the example prints in every mode, optimised or not. Another FFmpeg, or another compiler of the engine, changes
/// it.
const GOLDEN: &str = "12500 bytes, SHA-256 \
    bd77070948dec8564b1846873bf98102ba3591eb5ea60719b5f2a8bdc4597126\n";

/// Prints its arguments, a zero byte behind each, and what is in the file `readme.txt`.
const TELLER: &str = r#"(module
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "readme.txt")
    (func $say (param $at i32) (param $length i32)
        (i32.store (i32.const 32) (local.get $at))
        (i32.store (i32.const 36) (local.get $length))
        (drop (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 12))))
    (func (export "_start")
        (drop (call $sizes (i32.const 0) (i32.const 4)))
        (drop (call $args (i32.const 64) (i32.const 1024)))
        (call $say (i32.const 1024) (i32.load (i32.const 4)))
        (drop (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 10) (i32.const 0)
            (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8)))
        (i32.store (i32.const 32) (i32.const 8192))
        (i32.store (i32.const 36) (i32.const 256))
        (drop (call $read (i32.load (i32.const 8)) (i32.const 32) (i32.const 1) (i32.const 12)))
        (call $say (i32.const 8192) (i32.load (i32.const 12)))))"#;

#[test]
fn wasi_tool_runs_another_command_over_its_file_and_arguments() {
    let folder = folder();
    let tool = folder.path().join("teller.wasm");
    let module = wat::parse_str(TELLER).expect("the module is valid");
    fs::write(&tool, module).expect("it is written");
    let text = output(example("wasi_tool").arg(&tool).args(["one", "two words"]));
    let seen = format!(
        "{}\0one\0two words\0the only file that the tool can see\nexit code 0, 64 KiB of memory\n",
        tool.display()
    );
    assert_eq!(text, seen);
    // A program in C finds the tree that it needs, too.
    let text = output(example("wasi_tool").arg(guest_path("names.wasm")));
    assert!(text.contains("exit code 0"), "{text}");
}

#[test]
fn stream_socket_sends_while_it_works() {
    let folder = folder();
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("it has one").to_string();
    let receiver = thread::spawn(move || {
        let mut stream = Vec::new();
        let (mut socket, _) = listener.accept().expect("the example connects");
        socket.read_to_end(&mut stream).expect("it sends");
        stream
    });
    let text = output(
        example("stream_socket")
            .arg(engine_path())
            .arg(put(&folder, CLIP))
            .arg(address),
    );
    let stream = receiver.join().expect("it receives");
    assert_eq!(text, format!("{} bytes sent\n", stream.len()));
    assert!(stream.len() > 20_000 && stream.chunks(188).all(|packet| packet[0] == 0x47));
    let fs = MemFs::new();
    fs.write("/live.ts", stream).expect("room");
    let job = Job::new()
        .input(Input::file("/live.ts"))
        .filter("[0:v]null[v]")
        .output(Output::null().map("[v]").video_codec("rawvideo"));
    let report = runtime().process(&fs, &job).expect("it plays");
    assert!(report.outputs[0].streams[0].frames > Some(20));
}

#[test]
fn stream_socket_has_sent_before_it_is_done() {
    let folder = folder();
    let long = folder.path().join("long.mkv");
    // When the first of 5000 pictures is sent, most of the work is still to be done.
    let fs = MemFs::new();
    fs.write("/clip.mp4", fixture(CLIP)).expect("room");
    let job = Job::new()
        .input(Input::file("/clip.mp4").repeat(99))
        .output(Output::file("/long.mkv").map("0:v").video_codec("copy"));
    runtime().process(&fs, &job).expect("it is copied");
    fs::write(&long, read(&fs, "/long.mkv")).expect("it is written");

    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("it has one").to_string();
    let mut command = example("stream_socket");
    command.arg(engine_path()).arg(&long).arg(address);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut sender = command.spawn().expect("it starts");
    listener.set_nonblocking(true).expect("it can be");
    let mut socket = loop {
        if let Ok((socket, _)) = listener.accept() {
            break socket;
        }
        let ended = sender.try_wait().expect("it can be asked");
        assert_eq!(ended, None, "the example does not connect");
        thread::sleep(Duration::from_millis(5));
    };
    socket.set_nonblocking(false).expect("it can be");
    let mut packet = [0; 188];
    let first = socket.read_exact(&mut packet);
    let ended = sender.try_wait().expect("it can be asked");
    sender.kill().expect("it can be killed");
    sender.wait().expect("it is gone");
    first.expect("it sends");
    assert_eq!((packet[0], ended), (0x47, None));
}

#[test]
fn decode_frames_measures_each_second_and_stops() {
    let folder = folder();
    let text = output(
        example("decode_frames")
            .arg(engine_path())
            .arg(put(&folder, CLIP))
            .arg("1.5"),
    );
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("   0 s: ") && lines[0].ends_with(" over 25 frames"));
    assert!(lines[1].starts_with("   1 s: ") && lines[1].ends_with(" over 13 frames"));
}

#[test]
fn custom_vfs_is_read_through() {
    let text = output(example("custom_vfs").arg(engine_path()));
    assert_eq!(text, "10.000 s of pcm_s16le\n");
}

#[cfg(feature = "download")]
#[test]
fn fetch_gets_an_engine_over_http_once() {
    use std::io::{BufRead as _, BufReader, Write as _};

    use afmpeg::Engine;

    let module = fs::read(engine_path()).expect("it is there");
    let known = Engine::open(engine_path()).expect("it opens");
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = listener.local_addr().expect("it has one");
    let server = thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("the example connects");
        let lines = BufReader::new(&socket).lines().map_while(Result::ok);
        let request: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
        let length = module.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        socket.write_all(head.as_bytes()).expect("it reads");
        socket.write_all(&module).expect("it reads to the end");
        request.first().cloned()
    });
    let cache = folder();
    let fetch = || {
        let mut command = example("fetch");
        command.arg(format!("http://{address}/engine.wasm"));
        output(command.arg(known.sha256()).arg(cache.path()))
    };
    let told = format!("{:?}\n", runtime().engine_info());
    assert_eq!(fetch(), told);
    let request = server.join().expect("it answers");
    assert_eq!(request.as_deref(), Some("GET /engine.wasm HTTP/1.1"));
    // The server is gone, and the engine is in the cache.
    assert_eq!(fetch(), told);
}

#[cfg(feature = "object-store")]
#[test]
fn object_store_reads_and_writes_objects() {
    let folder = folder();
    let out = folder.path().join("small.mp4");
    let text = output(
        example("object_store")
            .arg(engine_path())
            .arg(put(&folder, CLIP))
            .arg(&out),
    );
    assert!(
        text.starts_with("read ") && text.contains(" bytes of "),
        "{text}"
    );
    let fs = MemFs::new();
    fs.write("/small.mp4", fs::read(out).expect("it was written"))
        .expect("there is room");
    let probe = runtime().probe(&fs, "/small.mp4").expect("it is a film");
    assert_eq!(probe.video().and_then(|video| video.width), Some(160));
}

#[test]
fn pool_looks_at_all_files_and_names_the_bad_one() {
    let folder = folder();
    put(&folder, CLIP);
    put(&folder, "bbb.flac");
    fs::write(folder.path().join("noise.mp4"), [7; 5000]).expect("it is written");
    let text = output(example("pool").arg(engine_path()).arg(folder.path()));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[0], "bbb.flac: no video");
    assert!(
        lines[1].starts_with("bbb_180_h264.mp4: a picture of "),
        "{text}"
    );
    assert!(lines[2].starts_with("noise.mp4: "), "{text}");
    assert!(!lines[2].contains("picture"), "{text}");
}

#[test]
fn segment_resume_goes_on_after_it_was_killed() {
    let folder = folder();
    let clip = put(&folder, "bbb_180_opengop.mp4");
    let start = |name: &str, scratch: &Path| {
        let mut command = example("segment_resume");
        command.arg(engine_path()).arg(&clip);
        command.arg(folder.path().join(name)).arg(scratch);
        command
    };
    let scratch = folder.path().join("scratch");
    let done = || {
        let entries = fs::read_dir(&scratch).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.ends_with(".mov.json")).count()
    };
    let mut killed = start("killed.mp4", &scratch);
    killed.stdout(Stdio::null()).stderr(Stdio::null());
    let mut killed = killed.spawn().expect("it starts");
    let begun = Instant::now();
    while done() == 0 {
        assert!(begun.elapsed().as_secs() < 120, "no part is ever done");
        thread::sleep(Duration::from_millis(5));
    }
    killed.kill().expect("it can be killed");
    killed.wait().expect("it is gone");
    assert!(!folder.path().join("killed.mp4").exists());
    let left = done();
    assert!(left < 3, "all parts were done before it was killed");

    let text = output(&mut start("killed.mp4", &scratch));
    assert!(text.contains("50 frames in 3 parts"), "{text}");
    output(&mut start("unbroken.mp4", &folder.path().join("other")));
    let bytes = |name: &str| fs::read(folder.path().join(name)).expect("it was written");
    assert!(bytes("killed.mp4") == bytes("unbroken.mp4"));
    assert_eq!(done(), 0);
}
