//! Packets stand in a file in the order of their times, so that a player need not jump in it.

use afmpeg::{Input, Job, MemFs, Output};

use crate::support::{fs_with, mkv, mp4, read, runtime};

/// Picture of one file and sound of another.
fn job(fs: &MemFs, path: &str, codecs: (&str, &str)) {
    let pads = if codecs.0 == "copy" {
        ["0:v", "1:a"]
    } else {
        ["[v]", "[a]"]
    };
    let job = Job::new()
        .input(Input::file("/bbb_180_bframes_subs.mkv"))
        .input(Input::file("/bbb.m4a"));
    let job = if codecs.0 == "copy" {
        job
    } else {
        job.filter("[0:v]null[v];[1:a]anull[a]")
    };
    let output = Output::file(path).map(pads[0]).map(pads[1]);
    let job = job.output(output.video_codec(codecs.0).audio_codec(codecs.1));
    runtime().process(fs, &job).expect("the job is done");
}

/// How far a packet's time lies behind one that stands before it.
fn furthest_back(times: impl IntoIterator<Item = f64>) -> f64 {
    let mut latest = f64::NEG_INFINITY;
    let mut furthest: f64 = 0.0;
    for time in times {
        latest = latest.max(time);
        furthest = furthest.max(latest - time);
    }
    furthest
}

/// More than so many packets of `/out.mkv`, of which none stands half a second behind a later one. What is behind the end of
/// one stream has no company.
#[track_caller]
fn assert_together(fs: &MemFs, what: &str, more_than: usize) {
    let mkv = mkv::Parsed::new(&read(fs, "/out.mkv"));
    assert!(mkv.order.len() > more_than, "{what}: {}", mkv.order.len());
    let back = furthest_back(mkv.order);
    assert!(back < 0.5, "{what}: {back} s");
}

#[test]
fn sound_and_picture_of_one_moment_stand_together_in_the_file() {
    let fs = fs_with(&["bbb_180_bframes_subs.mkv", "bbb.m4a"]);
    for codecs in [("copy", "copy"), ("libopenh264", "aac")] {
        job(&fs, "/out.mkv", codecs);
        let mkv = mkv::Parsed::new(&read(&fs, "/out.mkv"));
        assert!(mkv.order.len() > 250, "four seconds of both");
        let back = furthest_back(mkv.order);
        assert!(back < 0.5, "{codecs:?}: {back} s in Matroska");

        job(&fs, "/out.mp4", codecs);
        let mp4 = mp4::Parsed::new(&read(&fs, "/out.mp4"));
        let mut samples: Vec<_> = (mp4.tracks.iter())
            .flat_map(|track| &track.samples)
            .map(|sample| (sample.at, sample.dts))
            .collect();
        assert!(samples.len() > 250, "four seconds of both");
        samples.sort_by_key(|sample| sample.0);
        let back = furthest_back(samples.into_iter().map(|sample| sample.1));
        assert!(back < 1.0, "{codecs:?}: {back} s in MP4");
    }
}

/// The pictures begin far into their source: the sound beside them waits, and does not run ahead of the first one.
#[test]
fn sound_waits_for_pictures_that_begin_late() {
    let fs = MemFs::new();
    let pictures = Input::lavfi("color=size=32x32:rate=5:duration=45");
    let sound = Input::lavfi("sine=sample_rate=8000:duration=15");
    let output = Output::file("/out.mkv").map("[v]").map("[a]");
    let job = Job::new()
        .input(pictures)
        .input(sound)
        .filter("[0:v]trim=start=30,setpts=PTS-STARTPTS[v];[1:a]anull[a]")
        .output(output.video_codec("mjpeg").audio_codec("pcm_s16le"));
    runtime().process(&fs, &job).expect("the job is done");
    assert_together(&fs, "pictures that begin late", 150);
}

/// Another output waits for pictures that come late in the same file: what goes on meanwhile, as the pictures are too many to
/// wait, goes on in its order.
#[test]
fn sound_and_picture_stay_together_beside_an_output_that_begins_late() {
    let fs = MemFs::new();
    let output = Output::file("/in.mkv").map("[v]").map("[a]");
    let job = Job::new()
        .input(Input::lavfi("color=size=256x256:rate=5:duration=45"))
        .input(Input::lavfi("sine=sample_rate=8000:duration=45"))
        .filter("[0:v]null[v];[1:a]anull[a]")
        .output(output.video_codec("mjpeg").audio_codec("pcm_s16le"));
    runtime().process(&fs, &job).expect("the source is made");
    for sound in ["[a]", "0:a"] {
        let output = Output::file("/out.mkv").map("[m]").map(sound);
        let codec = if sound == "0:a" { "copy" } else { "pcm_s16le" };
        let filter = "[0:v]split[m0][s];[m0]crop=32:32[m];[s]select=gte(t\\,40)[t]";
        let filter = if sound == "0:a" {
            filter.to_owned()
        } else {
            format!("{filter};[0:a]anull[a]")
        };
        let job = Job::new()
            .input(Input::file("/in.mkv"))
            .filter(&*filter)
            .output(output.video_codec("mjpeg").audio_codec(codec))
            .output(Output::null().map("[t]"));
        runtime().process(&fs, &job).expect("the job is done");
        assert_together(&fs, sound, 500);
    }
}

/// Pictures that are used twice, that are repeated, or that come out long after they went in, are no reason to let the sound
/// wait for their end.
#[test]
fn sound_of_another_file_keeps_pace_with_whatever_the_graph_does() {
    let fs = MemFs::new();
    for graph in [
        "[0:v]crop=64:64[back];[0:v]crop=32:32[front];[back][front]overlay[v]",
        "[0:v]split[x][y];[x]crop=64:64[back];[y]loop=loop=2:size=60,crop=32:32[front];[back][front]overlay[v]",
        "[0:v]loop=loop=2:size=100,setpts=N/5/TB,crop=32:32[v]",
        "[0:v]split[x][y];[x]crop=64:64[back];[y]thumbnail=20,crop=32:32[front];[back][front]overlay[v]",
    ] {
        let output = Output::file("/out.mkv").map("[v]").map("[a]");
        let job = Job::new()
            .input(Input::lavfi("color=size=256x256:rate=5:duration=30"))
            .input(Input::lavfi("sine=sample_rate=8000:duration=30"))
            .filter(format!("{graph};[1:a]anull[a]"))
            .output(output.video_codec("mjpeg").audio_codec("pcm_s16le"));
        runtime().process(&fs, &job).expect("the job is done");
        assert_together(&fs, graph, 330);
    }
}

/// The sound of a slide comes before the next one is seen, and waits for the pictures that are made of both.
#[test]
fn the_sound_of_slides_that_are_far_apart_waits_for_their_pictures() {
    let fs = MemFs::new();
    let slide = || Input::lavfi("color=size=32x32:rate=1:duration=1");
    let sound = || Input::lavfi("sine=sample_rate=48000:duration=90");
    let output = Output::file("/out.mkv").map("[v]").map("[a]");
    let job = Job::new()
        .input(slide())
        .input(sound())
        .input(slide())
        .input(sound())
        .filter("[0:v][1:a][2:v][3:a]concat=n=2:v=1:a=1[c][a];[c]fps=5[v]")
        .output(output.video_codec("mjpeg").audio_codec("pcm_s16le"));
    runtime().process(&fs, &job).expect("the job is done");
    assert_together(&fs, "slides", 450);
}
