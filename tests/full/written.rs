//! The files of a report are those that are in the tree: no more, and no fewer.

use afmpeg::vfs::FileType;
use afmpeg::{Job, MemFs, Output};

use crate::support::pixels::{Video, decode};
use crate::support::{read, runtime};

/// Every file below a directory, by its whole path.
fn files(fs: &MemFs, directory: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs.read_dir(directory).expect("it is a directory") {
        let path = format!("{directory}/{}", entry.name);
        if entry.file_type == FileType::Directory {
            found.extend(files(fs, &path));
        } else {
            found.push(path);
        }
    }
    found.sort_unstable();
    found
}

/// Encodes three seconds of pictures and sound, a key frame each second, and gives the files of the report.
fn written(output: Output) -> (MemFs, Vec<String>) {
    let fs = MemFs::new();
    fs.create_dir_all("/out").expect("a directory");
    let source = Video::synthetic(96, 64, 30);
    let job = Job::new()
        .input(source.input(&fs, "/in.yuv", 10))
        .filter("[0:v]null[v];sine=sample_rate=48000:duration=3[a]")
        .output(
            output
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .video_option("g", 10)
                .video_option("b", 300_000)
                .audio_codec("aac"),
        );
    let report = runtime()
        .process(&fs, &job)
        .unwrap_or_else(|error| panic!("{job:?}: {error}"));
    let mut told = report.outputs[0].files.clone();
    told.sort_unstable();
    let there = files(&fs, "/out");
    assert_eq!(told, there);
    let size: usize = there.iter().map(|file| read(&fs, file).len()).sum();
    assert_eq!(report.outputs[0].size, Some(size as u64));
    (fs, there)
}

fn hls() -> Output {
    Output::file("/out/list.m3u8")
        .format("hls")
        .format_option("hls_time", 1)
        .format_option("hls_list_size", 0)
        .format_option("hls_segment_type", "fmp4")
}

fn dash() -> Output {
    Output::file("/out/list.mpd")
        .format("dash")
        .format_option("seg_duration", 1)
}

/// The paths with the directory in front, in their order.
fn below(names: &[&str]) -> Vec<String> {
    let mut paths: Vec<_> = names.iter().map(|name| format!("/out/{name}")).collect();
    paths.sort_unstable();
    paths
}

/// What of the paths lies in a directory.
fn under<'a>(paths: &'a [String], directory: &str) -> Vec<&'a str> {
    let names = paths.iter().filter_map(|path| path.strip_prefix(directory));
    names.filter_map(|name| name.strip_prefix('/')).collect()
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_playlist_of_fragments_tells_of_its_header_and_its_segments() {
    let (fs, told) = written(hls());
    assert_eq!(
        told,
        below(&[
            "init.mp4",
            "list.m3u8",
            "list0.m4s",
            "list1.m4s",
            "list2.m4s"
        ])
    );
    let list = String::from_utf8(read(&fs, "/out/list.m3u8")).expect("it is text");
    assert!(list.contains("#EXT-X-MAP:URI=\"init.mp4\""), "{list}");
    assert_eq!(&read(&fs, "/out/init.mp4")[4..8], b"ftyp");
    for n in 0..3 {
        let bytes = read(&fs, &format!("/out/list{n}.m4s"));
        assert!(bytes.windows(4).any(|four| four == b"moof"), "{n}");
        assert!(list.contains(&format!("\nlist{n}.m4s\n")), "{list}");
    }
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_playlist_tells_of_the_files_that_its_options_make_of_it() {
    let (_, told) = written(
        hls()
            .format_option("hls_fmp4_init_filename", "head.mp4")
            .format_option("hls_segment_filename", "/out/part%02d.m4s"),
    );
    assert_eq!(
        told,
        below(&[
            "head.mp4",
            "list.m3u8",
            "part00.m4s",
            "part01.m4s",
            "part02.m4s"
        ])
    );
    // All of it in one file, of which the playlist tells the places.
    let (fs, told) = written(hls().format_option("hls_flags", "single_file"));
    assert_eq!(told, below(&["list.m3u8", "list.m4s"]));
    let list = String::from_utf8(read(&fs, "/out/list.m3u8")).expect("it is text");
    assert_eq!(list.matches("#EXT-X-BYTERANGE:").count(), 3, "{list}");
    // A list of lists, for players that choose.
    let (_, told) = written(hls().format_option("master_pl_name", "master.m3u8"));
    assert!(told.contains(&"/out/master.m3u8".to_owned()), "{told:?}");
    assert_eq!(told.len(), 6, "{told:?}");
}

/// A playlist that slides takes away what nobody can play any more: such a file was written, and is not there.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_segment_that_was_deleted_is_not_told_of() {
    let (fs, told) = written(
        hls()
            .format_option("hls_list_size", 1)
            .format_option("hls_delete_threshold", 1)
            .format_option("hls_flags", "delete_segments"),
    );
    let list = String::from_utf8(read(&fs, "/out/list.m3u8")).expect("it is text");
    assert!(
        list.contains("list2.m4s") && !list.contains("list1.m4s"),
        "{list}"
    );
    assert!(!told.contains(&"/out/list0.m4s".to_owned()), "{told:?}");
    assert!(told.contains(&"/out/list2.m4s".to_owned()), "{told:?}");
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_manifest_tells_of_the_header_and_the_segments_of_each_stream() {
    let (fs, told) = written(dash());
    let mut expected = vec!["/out/list.mpd".to_owned()];
    for stream in 0..2 {
        expected.push(format!("/out/init-stream{stream}.m4s"));
        assert_eq!(&read(&fs, &expected[expected.len() - 1])[4..8], b"ftyp");
        let segments = (1..=3).map(|n| format!("/out/chunk-stream{stream}-{n:05}.m4s"));
        expected.extend(segments);
    }
    expected.sort_unstable();
    let sound = |path: &&String| path.starts_with("/out/chunk-stream1");
    let pictures = |paths: &[String]| -> Vec<String> {
        paths.iter().filter(|path| !sound(path)).cloned().collect()
    };
    assert_eq!(pictures(&told), pictures(&expected));
    // What an encoder adds in front of the sound may need a segment more.
    let segments = told.iter().filter(sound).count();
    assert!((3..=4).contains(&segments), "{told:?}");
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_manifest_tells_of_the_files_that_its_options_make_of_it() {
    // A file for each stream, of which the manifest tells the places.
    let (_, told) = written(dash().format_option("single_file", 1));
    assert_eq!(
        told,
        below(&["list-stream0.mp4", "list-stream1.mp4", "list.mpd"])
    );
    // The same segments for players of both kinds.
    let (fs, told) = written(dash().format_option("hls_playlist", 1));
    for name in ["master.m3u8", "media_0.m3u8", "media_1.m3u8", "list.mpd"] {
        assert!(told.contains(&format!("/out/{name}")), "{told:?}");
    }
    let list = String::from_utf8(read(&fs, "/out/media_0.m3u8")).expect("it is text");
    for name in ["init-stream0.m4s", "chunk-stream0-00003.m4s"] {
        assert!(list.contains(name), "{list}");
        assert!(told.contains(&format!("/out/{name}")), "{told:?}");
    }
}

/// Variants in directories of their own, which the muxer makes.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn variants_are_told_of_in_their_directories() {
    let output = Output::file("/out/v%v/list.m3u8")
        .format("hls")
        .format_option("hls_time", 1)
        .format_option("hls_list_size", 0)
        .format_option("hls_segment_type", "fmp4")
        .format_option("hls_segment_filename", "/out/v%v/part%d.m4s")
        .format_option("var_stream_map", "v:0 a:0")
        .format_option("master_pl_name", "master.m3u8");
    let (fs, told) = written(output);
    let (pictures, sound) = (under(&told, "/out/v0"), under(&told, "/out/v1"));
    let names = [
        "init_0.mp4",
        "list.m3u8",
        "part0.m4s",
        "part1.m4s",
        "part2.m4s",
    ];
    assert_eq!(pictures, names);
    assert_eq!(sound[..2], ["init_1.mp4", "list.m3u8"]);
    assert!(sound.len() >= 5, "{sound:?}");
    assert_eq!(told.len(), 1 + pictures.len() + sound.len(), "{told:?}");
    let master = String::from_utf8(read(&fs, "/out/master.m3u8")).expect("it is text");
    for name in ["v0/list.m3u8", "v1/list.m3u8"] {
        assert!(master.contains(name), "{master}");
    }
}

/// Segments that are only a list of names: together they are the film, and each can be played by itself.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn segments_are_cut_at_key_frames_and_join_without_a_gap() {
    for (muxer, extension) in [("segment", "mkv"), ("stream_segment", "ts")] {
        let fs = MemFs::new();
        let source = Video::synthetic(96, 64, 25);
        let job = Job::new()
            .input(source.input(&fs, "/in.yuv", 25))
            .filter("[0:v]null[v]")
            .output(
                Output::file(format!("/part%d.{extension}"))
                    .format(muxer)
                    .format_option("segment_time", "0.4")
                    .format_option("segment_list", "/parts.txt")
                    .map("[v]")
                    .video_codec("mpeg2video")
                    .video_option("b", 4_000_000)
                    .video_option("g", 10),
            );
        let report = runtime()
            .process(&fs, &job)
            .unwrap_or_else(|error| panic!("{muxer}: {error}"));
        let parts: Vec<_> = (0..3).map(|n| format!("/part{n}.{extension}")).collect();
        let mut files = report.outputs[0].files.clone();
        files.sort_unstable();
        assert_eq!(files[..3], parts, "{muxer}");
        assert_eq!(files[3..], ["/parts.txt"], "{muxer}");
        let list = String::from_utf8(read(&fs, "/parts.txt")).expect("a list is text");
        let names: Vec<_> = list.lines().map(|name| format!("/{name}")).collect();
        assert_eq!(names, parts, "{muxer}");
        let mut at = 0;
        for (part, frames) in parts.iter().zip([10, 10, 5]) {
            let result = decode(&fs, part, 96, 64);
            assert_eq!(result.len(), frames, "{muxer}: {part}");
            for n in 0..frames {
                assert_eq!(result.spelled(n), at + n, "{muxer}: {part}");
            }
            at += frames;
        }
    }
}
