//! Outputs of many files: every one is told of, none may be an input, and a full disk is what it is.

use afmpeg::vfs::{FaultInject, Faults, Operation};
use afmpeg::wasi::Errno;
use afmpeg::{ErrorClass, Input, Job, JobError, MemFs, Output, OutputFiles, Stream};

use crate::support::pixels::Video;
use crate::support::{fs_with, read, runtime};

/// Four pictures, each a file of 1536 bytes.
fn pictures(fs: &MemFs, source: &str, to: &str) -> (Video, Job) {
    let video = Video::synthetic(32, 32, 4);
    let job = Job::new().input(video.input(fs, source, 25)).output(
        Output::file(to)
            .format("image2")
            .stream(Stream::new("[0:v]").codec("rawvideo")),
    );
    (video, job)
}

#[test]
fn every_file_of_a_sequence_is_told_of_and_holds_its_picture() {
    let fs = MemFs::new();
    fs.create_dir_all("/d").expect("a directory");
    let (video, job) = pictures(&fs, "/in.yuv", "/d/p%02d.yuv");
    let report = runtime().process(&fs, &job).expect("the job is done");
    let names: Vec<String> = (1..=4).map(|n| format!("/d/p{n:02}.yuv")).collect();
    assert_eq!(report.outputs[0].files, names);
    assert_eq!(report.outputs[0].size, Some(4 * 1536));
    for (n, name) in names.iter().enumerate() {
        assert!(read(&fs, name) == video.frame(n), "picture {n}");
    }
}

#[test]
fn a_file_that_a_muxer_names_itself_may_not_be_an_input() {
    let fs = MemFs::new();
    let (video, job) = pictures(&fs, "/p3.yuv", "/p%d.yuv");
    let error = runtime().process(&fs, &job).expect_err("the third is read");
    let JobError::Guest { class, message, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(class, &ErrorClass::OpenOutput);
    assert!(message.contains("/p3.yuv is an input"), "{message}");
    assert!(
        read(&fs, "/p3.yuv")
            == (0..4)
                .flat_map(|n| video.frame(n).to_vec())
                .collect::<Vec<_>>()
    );
}

/// A file has many names, and a muxer of many files makes some of its own.
#[test]
fn two_outputs_do_not_write_one_file() {
    for (first, second, format) in [
        ("/o.yuv", "/./o.yuv", "rawvideo"),
        ("/d/../o.yuv", "/o.yuv", "rawvideo"),
        ("/p3.yuv", "/p%d.yuv", "image2"),
    ] {
        let fs = MemFs::new();
        fs.create_dir_all("/d").expect("a directory");
        fs.write("/in.yuv", Video::synthetic(32, 32, 4).data)
            .expect("room");
        let spec = format!(
            r#"{{"version":10,"op":"process","inputs":[{{"path":"/in.yuv","format":"rawvideo",
                "options":{{"video_size":"32x32","pixel_format":"yuv420p"}}}}],"outputs":[
                {{"path":"{first}","format":"rawvideo","map":["0:v"],"video_codec":"copy"}},
                {{"path":"{second}","format":"{format}","map":["0:v"],"video_codec":"copy"}}]}}"#
        );
        let error = runtime()
            .process_json(&fs, &spec)
            .expect_err("one would overwrite the other");
        assert_eq!(
            error.class(),
            Some(ErrorClass::OpenOutput),
            "{first}, {second}: {error}"
        );
        assert!(error.to_string().contains("is an output"), "{error}");
    }
}

#[test]
fn a_disk_that_is_full_after_two_pictures_is_a_storage_error() {
    let quota = afmpeg::vfs::Quota {
        bytes: 4 * 1536 + 2 * 1536 + 700,
        ..Default::default()
    };
    let fs = MemFs::with_quota(quota);
    let (_, job) = pictures(&fs, "/in.yuv", "/p%d.yuv");
    let error = runtime()
        .invocation(&fs)
        .outputs(OutputFiles::InPlace)
        .process(&job)
        .expect_err("the third does not fit");
    let JobError::Storage {
        partial_outputs, ..
    } = &error
    else {
        panic!("{error}");
    };
    assert!(partial_outputs.len() >= 2, "{partial_outputs:?}");
    assert_eq!(partial_outputs[..2], ["/p1.yuv", "/p2.yuv"]);
}

#[test]
fn every_write_that_fails_is_a_storage_error() {
    let fs = MemFs::new();
    let (_, job) = pictures(&fs, "/in.yuv", "/p%d.yuv");
    let mut failed = 0;
    for n in 1.. {
        let plan = Faults::none().nth_of(Operation::Write, n, Errno::Io);
        let faulty = FaultInject::new(&fs, plan);
        let result = runtime().process(&faulty, &job);
        if faulty.injected() == 0 {
            result.expect("nothing failed");
            break;
        }
        assert!(
            matches!(result, Err(JobError::Storage { .. })),
            "write {n}: {result:?}"
        );
        failed = n;
    }
    assert!(
        failed >= 4,
        "a write at least for each picture, and {failed}"
    );
}

#[test]
fn a_line_break_in_the_name_of_a_file_is_refused() {
    let fs = MemFs::new();
    let (_, job) = pictures(&fs, "/in.yuv", "/a\nb%d.yuv");
    let error = runtime()
        .process(&fs, &job)
        .expect_err("a list cannot hold it");
    assert!(error.to_string().contains("line break"), "{error}");
    let spec = r#"{"version":10,"op":"process","inputs":[{"path":"/in.yuv"}],
        "outputs":[{"path":"/a\nb.mp4"}]}"#;
    let error = runtime()
        .process_json(&fs, spec)
        .expect_err("so says the engine");
    let JobError::Guest { class, where_, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(class, &ErrorClass::Spec);
    assert_eq!(where_.as_deref(), Some("outputs[0].path"));
}

/// Two segments of a second, and their playlist where the muxer has one.
fn segments(format: &str) -> Job {
    let output = match format {
        "hls" => Output::file("/out.m3u8")
            .format_option("hls_time", 1)
            .format_option("hls_list_size", 0)
            .format_option("hls_segment_filename", "/s%03d.ts"),
        _ => Output::file("/s%03d.ts").format_option("segment_time", 1),
    };
    Job::new()
        .input(Input::file("/bbb_180_h264.mp4"))
        .output(output.format(format).map("0:v").video_codec("copy"))
}

#[test]
#[ignore = "needs an engine with the muxers of segments: name it in $AFMPEG_ENGINE"]
fn every_segment_of_a_playlist_is_told_of() {
    for (format, expected) in [
        ("hls", vec!["/out.m3u8", "/s000.ts", "/s001.ts"]),
        ("segment", vec!["/s000.ts", "/s001.ts"]),
    ] {
        let fs = fs_with(&["bbb_180_h264.mp4"]);
        let report = runtime()
            .process(&fs, &segments(format))
            .expect("the job is done");
        let mut files = report.outputs[0].files.clone();
        files.sort();
        assert_eq!(files, expected, "{format}");
        let size: u64 = files.iter().map(|file| read(&fs, file).len() as u64).sum();
        assert_eq!(report.outputs[0].size, Some(size));
        for file in files.iter().filter(|file| file.ends_with(".ts")) {
            let segment = read(&fs, file);
            assert!(
                segment.len().is_multiple_of(188) && segment[0] == 0x47,
                "{file}"
            );
        }
    }
}

#[test]
#[ignore = "needs an engine with the muxers of segments: name it in $AFMPEG_ENGINE"]
fn every_write_and_rename_of_a_playlist_that_fails_is_a_storage_error() {
    let fs = fs_with(&["bbb_180_h264.mp4"]);
    for (format, operation, least) in [
        ("hls", Operation::Write, 4),
        ("hls", Operation::Rename, 1),
        ("segment", Operation::Write, 2),
    ] {
        let mut failed = 0;
        for n in 1.. {
            let plan = Faults::none().nth_of(operation, n, Errno::Io);
            let faulty = FaultInject::new(&fs, plan);
            let result = runtime().process(&faulty, &segments(format));
            if faulty.injected() == 0 {
                result.expect("nothing failed");
                break;
            }
            assert!(
                matches!(result, Err(JobError::Storage { .. })),
                "{format}, {operation:?} {n}: {result:?}"
            );
            failed = n;
        }
        assert!(failed >= least, "{format}, {operation:?}: {failed}");
    }
}
