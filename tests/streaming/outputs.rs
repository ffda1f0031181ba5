//! Outputs that leave as they are made: to a writer, and file by file.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use afmpeg::stream::{DecodeVideo, FinishedFile, HandOver, PixelFormat};
use afmpeg::vfs::{DirEntry, Vfs as _, ops};
use afmpeg::wasi::Errno;
use afmpeg::{
    CancelToken, Container, ErrorClass, Input, Job, JobError, MemFs, Output, OutputFiles, Rational,
};

use crate::support::image::Picture;
use crate::support::{fs_with, runtime};

const CONTAINERS: [Container; 4] = [
    Container::FragmentedMp4,
    Container::MpegTs,
    Container::Matroska,
    Container::WebM,
];

/// Takes bytes in order, and calls a function with how many there are.
struct Line<F> {
    bytes: Arc<Mutex<Vec<u8>>>,
    each: F,
}

impl<F: FnMut(usize) -> io::Result<()>> Write for Line<F> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let mut bytes = self.bytes.lock().expect("nothing panics here");
        bytes.extend_from_slice(data);
        (self.each)(bytes.len())?;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn line<F>(each: F) -> (Line<F>, Arc<Mutex<Vec<u8>>>) {
    let bytes = Arc::default();
    let line = Line {
        bytes: Arc::clone(&bytes),
        each,
    };
    (line, bytes)
}

fn clip(container: Container) -> (MemFs, Job) {
    let name = match container {
        Container::WebM => "bbb_180_vp9.webm",
        _ => "bbb_180_h264.mp4",
    };
    let output = Output::file("/live").streamed(container).map("0:v");
    let job = Job::new().input(Input::file(format!("/{name}")));
    (fs_with(&[name]), job.output(output.video_codec("copy")))
}

#[test]
fn what_was_written_in_order_plays() {
    for container in CONTAINERS {
        let (fs, job) = clip(container);
        let (writer, bytes) = line(|_| Ok(()));
        let report = runtime()
            .process_to(&fs, &job, writer)
            .unwrap_or_else(|error| panic!("{container:?}: {error}"));
        let bytes = bytes.lock().expect("nothing panics here").clone();
        assert_eq!(report.outputs[0].path, "/live");
        assert_eq!(report.outputs[0].size, Some(bytes.len() as u64));
        assert!(!fs.exists("/live"));
        fs.write("/back", bytes).expect("room");
        let what = DecodeVideo::new(Input::file("/back"), PixelFormat::Gray8);
        let frames: Vec<_> = runtime()
            .decode_video(&fs, &what)
            .and_then(Iterator::collect)
            .unwrap_or_else(|error| panic!("{container:?}: {error}"));
        assert_eq!(frames.len(), 50, "{container:?}");
        let span = |n: usize| frames[n].time().map_or(f64::NAN, Rational::as_f64);
        assert!((span(49) - span(0) - 1.96).abs() < 0.002, "{container:?}");
    }
}

#[test]
fn bytes_leave_while_the_job_runs() {
    for container in CONTAINERS {
        let (fs, mut job) = clip(container);
        // Without an end, so that only what comes of its bytes can end the job.
        job.inputs[0] = job.inputs[0].clone().repeat_forever();
        let token = CancelToken::new();
        let far = token.clone();
        let (writer, bytes) = line(move |count| {
            if count > 40_000 {
                far.cancel();
            }
            Ok(())
        });
        let error = runtime()
            .invocation(&fs)
            .cancel(token)
            .process_to(&job, writer)
            .expect_err("it was cancelled");
        assert!(matches!(error, JobError::Cancelled { .. }), "{error}");
        assert!(error.partial_outputs().is_empty());
        let count = bytes.lock().expect("nothing panics here").len();
        assert!((40_000..300_000).contains(&count), "{container:?}: {count}");
    }
}

#[test]
fn a_writer_that_fails_and_a_container_that_goes_back_are_errors() {
    let (fs, job) = clip(Container::MpegTs);
    let (writer, _) = line(|count| match count {
        0..5_000 => Ok(()),
        _ => Err(io::ErrorKind::BrokenPipe.into()),
    });
    let error = runtime()
        .process_to(&fs, &job, writer)
        .expect_err("nobody takes it");
    let errno = |error: &JobError| match error {
        JobError::Storage { error, .. } => Some(error.errno()),
        _ => None,
    };
    assert_eq!(errno(&error), Some(Errno::Pipe), "{error:?}");

    let mut plain = job.clone();
    plain.outputs[0] = Output::file("/plain.mp4").map("0:v").video_codec("copy");
    let error = runtime()
        .process_to(&fs, &plain, io::sink())
        .expect_err("its header comes last");
    assert_eq!(error.class(), Some(ErrorClass::Storage), "{error:?}");
    assert!(error.to_string().contains("writing /plain.mp4 "), "{error}");

    let two = job.clone().output(job.outputs[0].clone());
    let error = runtime()
        .process_to(&fs, &two, io::sink())
        .expect_err("which?");
    assert!(matches!(error, JobError::Spec(_)), "{error:?}");
}

/// Five pictures, each a file of its own.
fn pictures() -> Job {
    Job::new()
        .input(Input::lavfi("testsrc2=size=64x48:rate=5:duration=1"))
        .filter("[0:v]format=rgb24[v]")
        .output(
            Output::file("/shots/%d.png")
                .format("image2")
                .map("[v]")
                .video_codec("png"),
        )
}

fn names(fs: &MemFs) -> Vec<DirEntry> {
    ops::read_dir(&fs.root(), "/shots").expect("it is there")
}

type Given = Arc<Mutex<Vec<FinishedFile>>>;

fn leaving(fs: &MemFs, mut each: impl FnMut(usize) + Send + 'static) -> (HandOver, Given) {
    fs.create_dir_all("/shots").expect("a directory");
    let given = Given::default();
    let keep = Arc::clone(&given);
    let tree = HandOver::new(fs, move |file| {
        let mut given = keep.lock().expect("nothing panics here");
        given.push(file);
        each(given.len());
    });
    (tree, given)
}

#[test]
fn files_are_handed_over_as_they_close() {
    let fs = MemFs::new();
    let inside = fs.clone();
    let (tree, given) = leaving(&fs, move |_| {
        let held = names(&inside).len();
        assert_eq!(held, 1, "those before it are gone");
    });
    let report = runtime()
        .invocation(&tree)
        .outputs(OutputFiles::InPlace)
        .process(&pictures())
        .expect("it is done");
    let given = given.lock().expect("nothing panics here");
    let paths: Vec<_> = given.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/shots/1.png",
            "/shots/2.png",
            "/shots/3.png",
            "/shots/4.png",
            "/shots/5.png"
        ]
    );
    assert_eq!(report.outputs[0].files, paths);
    let size: usize = given.iter().map(|file| file.bytes.len()).sum();
    assert_eq!(report.outputs[0].size, Some(size as u64));
    for file in given.iter() {
        assert_eq!(Picture::png(&file.bytes).width, 64, "{}", file.path);
    }
    assert!(names(&fs).is_empty());
}

#[test]
fn files_are_handed_over_while_the_job_runs() {
    let fs = MemFs::new();
    let token = CancelToken::new();
    let enough = token.clone();
    let (tree, given) = leaving(&fs, move |count| {
        if count == 2 {
            enough.cancel();
        }
    });
    let error = runtime()
        .invocation(&tree)
        .outputs(OutputFiles::InPlace)
        .cancel(token)
        .process(&pictures())
        .expect_err("it was cancelled");
    assert!(matches!(error, JobError::Cancelled { .. }), "{error}");
    let count = given.lock().expect("nothing panics here").len();
    assert!((2..=3).contains(&count), "{count} files");
}

#[test]
fn files_that_lie_aside_are_handed_over_when_the_job_is_done() {
    let fs = MemFs::new();
    let (tree, given) = leaving(&fs, |_| ());
    runtime().process(&tree, &pictures()).expect("it is done");
    let given = given.lock().expect("nothing panics here");
    assert_eq!(given.len(), 5);
    assert!(
        given
            .iter()
            .all(|file| file.path.starts_with("/shots/") && file.path.ends_with(".png"))
    );
}

#[test]
fn a_function_that_panics_fails_the_job() {
    let fs = MemFs::new();
    let (tree, given) = leaving(&fs, |count| assert!(count < 2, "no room"));
    let error = runtime()
        .invocation(&tree)
        .outputs(OutputFiles::InPlace)
        .process(&pictures())
        .expect_err("it panicked");
    assert!(matches!(error, JobError::Storage { .. }), "{error:?}");
    assert_eq!(given.lock().map_or(0, |given| given.len()), 0, "poisoned");
}
