//! Tests of the documents that jobs are written as, and of what is refused.

use super::*;

fn simple() -> Job {
    Job::new()
        .input(Input::file("/in.mp4"))
        .output(Output::file("/out.mp4"))
}

#[track_caller]
fn refused(job: &Job, field: &str, part: &str) {
    let error = job.to_spec().expect_err("the job must be refused");
    assert_eq!(error.field(), field, "{error}");
    assert!(error.to_string().contains(part), "{error}");
}

#[track_caller]
fn frames_refused(job: &FramesJob, field: &str, part: &str) {
    let error = job.to_spec().expect_err("the job must be refused");
    assert_eq!(error.field(), field, "{error}");
    assert!(error.to_string().contains(part), "{error}");
}

#[test]
fn every_field_is_written_as_the_vocabulary_names_it() {
    let job = Job::new()
        .input(
            Input::file("/in.mp4")
                .seek(Seek::accurate(12.5))
                .format("mov")
                .option("analyzeduration", 100)
                .repeat(2)
                .autorotate(false),
        )
        .input(
            Input::concat(["/a.ts", "/b.ts"])
                .seek(Seek::fast(1.0))
                .repeat_forever(),
        )
        .input(Input::lavfi("sine=duration=1"))
        .filter("[0:v]scale=64:-2[v]")
        .output(
            Output::file("/out.mp4")
                .format("mp4")
                .format_option("movflags", "+faststart")
                .map("[v]")
                .map("1:a")
                .video_codec("libopenh264")
                .audio_codec("copy")
                .subtitle_codec("mov_text")
                .option("b", "1M")
                .video_option("g", 50)
                .audio_option("ar", 48_000)
                .bitstream_filter("1:a", "aac_adtstoasc")
                .stream_metadata(
                    "1:a",
                    StreamMetadata::new()
                        .language("eng")
                        .disposition("default")
                        .tag("title", "t"),
                )
                .duration(5.0)
                .copy_ts()
                .metadata("title", "A")
                .metadata_from(MetadataFrom::None)
                .chapters(Chapters::Copy),
        )
        .output(
            Output::file("/b.mkv")
                .map("0:v")
                .end(7.25)
                .cut(Cut::Smart)
                .metadata_from(MetadataFrom::Input(1))
                .chapters(Chapters::Input(0)),
        )
        .on_corrupt(OnCorrupt::Skip)
        .bitexact();
    let spec = job.to_spec().expect("the job is right");
    assert_eq!(
        spec.as_str(),
        concat!(
            r#"{"version":10,"op":"process","inputs":["#,
            r#"{"path":"/in.mp4","seek":{"start":12.5,"mode":"accurate"},"format":"mov","#,
            r#""options":{"analyzeduration":"100"},"loop":2,"autorotate":false},"#,
            r#"{"concat":["/a.ts","/b.ts"],"seek":{"start":1.0,"mode":"fast"},"loop":-1},"#,
            r#"{"path":"sine=duration=1","format":"lavfi"}],"#,
            r#""filter":"[0:v]scale=64:-2[v]","#,
            r#""outputs":[{"path":"/out.mp4","format":"mp4","#,
            r#""format_options":{"movflags":"+faststart"},"map":["[v]","1:a"],"#,
            r#""video_codec":"libopenh264","audio_codec":"copy","subtitle_codec":"mov_text","#,
            r#""options":{"b":"1M"},"video_options":{"g":"50"},"audio_options":{"ar":"48000"},"#,
            r#""audio_defaults":{"aac_coder":"fast"},"#,
            r#""bitstream_filters":{"1:a":"aac_adtstoasc"},"#,
            r#""stream_metadata":{"1:a":{"language":"eng","disposition":["default"],"#,
            r#""tags":{"title":"t"}}},"#,
            r#""duration":5.0,"copy_ts":true,"metadata":{"title":"A"},"metadata_from":"none","#,
            r#""chapters":"copy"},"#,
            r#"{"path":"/b.mkv","map":["0:v"],"audio_defaults":{"aac_coder":"fast"},"#,
            r#""end":7.25,"cut":"smart","metadata_from":1,"#,
            r#""chapters":0}],"#,
            r#""on_corrupt":"skip","bitexact":true}"#,
        )
    );
    let read: Job = serde_json::from_str(spec.as_str()).expect("what was written can be read");
    assert_eq!(read, job);
}

#[test]
fn streams_are_written_as_the_vocabulary_names_them_and_stand_alone() {
    let stream = Stream::new("0:v:1")
        .codec("mjpeg")
        .option("q", 3)
        .bitstream_filters("none")
        .frame_rate(30000, 1001)
        .rate_mode(RateMode::Cfr)
        .language("eng")
        .disposition("default")
        .tag("title", "t");
    let job = simple().output(Output::file("/b.mkv").stream(stream));
    let spec = job.to_spec().expect("the job is right");
    let written = concat!(
        r#""streams":[{"from":"0:v:1","codec":"mjpeg","options":{"q":"3"},"#,
        r#""bitstream_filters":"none","frame_rate":"30000/1001","rate_mode":"cfr","#,
        r#""language":"eng","disposition":["default"],"tags":{"title":"t"}}]"#,
    );
    assert!(spec.as_str().contains(written), "{spec}");
    let read: Job = serde_json::from_str(spec.as_str()).expect("what was written can be read");
    assert_eq!(read, job);
    for (rate, expected) in [
        ("25", (25, 1)),
        ("29.97", (29970, 1000)),
        (r#""25/2""#, (25, 2)),
    ] {
        let text = format!(r#"{{"from":"0:v","frame_rate":{rate}}}"#);
        let read: Stream = serde_json::from_str(&text).expect("a rate");
        let rate = read.frame_rate.expect("it is there");
        assert_eq!((rate.num, rate.den), expected);
    }

    let full = || Output::file("/x.mkv").stream(Stream::new("[v]"));
    refused(
        &simple().output(full().map("[v]")),
        "outputs[1].map",
        "together with streams",
    );
    refused(
        &simple().output(full().audio_codec("aac")),
        "outputs[1].audio_codec",
        "together with streams",
    );
    refused(
        &simple().output(full().stream(Stream::new("7:v"))),
        "outputs[1].streams[1].from",
        "names input 7",
    );
    refused(
        &simple().output(full().stream(Stream::new("0:v").frame_rate(1, 0))),
        "outputs[1].streams[1].frame_rate",
        "1/0",
    );
}

#[test]
fn unset_fields_are_left_out() {
    assert_eq!(
        simple().to_spec().expect("the job is right").as_str(),
        concat!(
            r#"{"version":10,"op":"process","inputs":[{"path":"/in.mp4"}],"#,
            r#""outputs":[{"path":"/out.mp4","audio_defaults":{"aac_coder":"fast"}}]}"#
        )
    );
}

#[test]
fn documents_of_older_versions_are_read_and_newer_ones_are_not() {
    let old = r#"{"op":"process","version":3,"inputs":[{"path":"a"}],"outputs":[{"path":"b"}]}"#;
    let job: Job = serde_json::from_str(old).expect("version 3 is older");
    assert_eq!(job.inputs[0], Input::file("a"));
    for (text, part) in [
        (r#"{"op":"process","version":11}"#, "version 11"),
        (r#"{"op":"probe"}"#, "must be \"process\""),
        (r#"{"version":10}"#, "op"),
        (r#"{"op":"process","output":[]}"#, "output"),
        (
            r#"{"op":"process","inputs":[{"path":"a","seek":{"start":1,"mode":"slow"}}]}"#,
            "slow",
        ),
        (
            r#"{"op":"process","outputs":[{"path":"a","chapters":"all"}]}"#,
            "chapters",
        ),
    ] {
        let error = serde_json::from_str::<Job>(text).expect_err(text);
        let mended = error.to_string();
        assert!(mended.contains(part) || part == "chapters", "{mended}");
    }
}

#[test]
fn an_empty_job_is_refused() {
    refused(
        &Job::new().output(Output::file("/o.mp4")),
        "inputs",
        "needs an input",
    );
    refused(
        &Job::new().input(Input::file("/i.mp4")),
        "outputs",
        "needs an output",
    );
    refused(&simple().filter(" "), "filter", "empty");
    let generated = Job::new()
        .filter("color=red[v]")
        .output(Output::file("/o.png").map("[v]"));
    assert!(
        generated.to_spec().is_ok(),
        "a graph can bring its own source"
    );
}

#[test]
fn empty_names_are_refused() {
    refused(&simple().input(Input::file("")), "inputs[1].path", "empty");
    refused(
        &simple().input(Input::default()),
        "inputs[1].path",
        "missing",
    );
    refused(
        &simple().input(Input::concat([""])),
        "inputs[1].concat[0]",
        "empty",
    );
    refused(
        &simple().input(Input::concat(Vec::<String>::new())),
        "inputs[1].concat",
        "empty",
    );
    refused(
        &simple().output(Output::file("")),
        "outputs[1].path",
        "empty",
    );
    refused(
        &simple().output(Output::file("/x").format("")),
        "outputs[1].format",
        "empty",
    );
    refused(
        &simple().output(Output::file("/x").video_codec("")),
        "outputs[1].video_codec",
        "empty",
    );
}

#[test]
fn names_that_the_engine_would_cut_or_split_are_refused() {
    refused(
        &simple().input(Input::file("/a\0b")),
        "inputs[1].path",
        "NUL",
    );
    refused(&simple().filter("[0:v]null\0[v]"), "filter", "NUL");
    refused(
        &simple().output(Output::file("/x").option("b", "1\0")),
        "outputs[1].options.b",
        "NUL",
    );
    refused(
        &simple().output(Output::file("/x").option("\0", 1)),
        "outputs[1].options",
        "NUL",
    );
    refused(
        &simple().output(Output::file("/x").option("", 1)),
        "outputs[1].options",
        "empty key",
    );
    refused(
        &simple().input(Input::concat(["/a\nfile b"])),
        "inputs[1].concat[0]",
        "line break",
    );
}

#[test]
fn path_and_concat_exclude_each_other() {
    let mut input = Input::file("/a");
    input.concat = Some(vec!["/b".to_owned()]);
    refused(
        &simple().input(input),
        "inputs[1].concat",
        "together with path",
    );
}

#[test]
fn times_that_are_not_times_are_refused() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.5, 3.3e10] {
        let output = Output::file("/x").duration(bad);
        refused(&simple().output(output), "outputs[1].duration", "seconds");
        let output = Output::file("/x").end(bad);
        refused(&simple().output(output), "outputs[1].end", "seconds");
        let input = Input::file("/y").seek(Seek::fast(bad));
        refused(&simple().input(input), "inputs[1].seek.start", "seconds");
    }
    refused(
        &simple().output(Output::file("/x").duration(0.0)),
        "outputs[1].duration",
        "more than",
    );
    refused(
        &simple().output(Output::file("/x").map("0:v").cut(Cut::Smart)),
        "outputs[1].cut",
        "window",
    );
    refused(
        &simple().output(Output::file("/x").duration(1.0).end(2.0)),
        "outputs[1].end",
        "together with duration",
    );
}

#[test]
fn maps_must_name_what_can_be_there() {
    for (map, part) in [
        ("", "neither a pad"),
        ("v", "neither a pad"),
        ("0:", "neither a pad"),
        (":v", "neither a pad"),
        ("-1:v", "neither a pad"),
        ("[v", "not a pad"),
        ("[]", "not a pad"),
        ("[a][b]", "not a pad"),
        ("1:v", "one input, number 0"),
        ("99999999999999999999:v", "neither a pad"),
    ] {
        refused(
            &simple().output(Output::file("/x").map(map)),
            "outputs[1].map[0]",
            part,
        );
    }
    refused(
        &simple().output(
            Output::file("/x")
                .map("0:v")
                .bitstream_filter("0:a", "null"),
        ),
        "outputs[1].bitstream_filters",
        "\"0:a\" is not in the map",
    );
    refused(
        &simple().output(Output::file("/x").metadata_from(MetadataFrom::Input(1))),
        "outputs[1].metadata_from",
        "names input 1",
    );
    refused(
        &simple().output(Output::file("/x").chapters(Chapters::Input(7))),
        "outputs[1].chapters",
        "names input 7",
    );
}

#[test]
fn an_output_overwrites_no_input_and_no_other_output() {
    refused(
        &simple().output(Output::file("in.mp4")),
        "outputs[1].path",
        "file of inputs[0]",
    );
    refused(
        &simple().output(Output::file("/./d/../out.mp4")),
        "outputs[1].path",
        "file of outputs[0].path",
    );
    let generated = Job::new()
        .input(Input::lavfi("color"))
        .output(Output::file("color").format("null"));
    assert!(generated.to_spec().is_ok(), "a generated source is no file");
}

#[test]
fn an_output_that_is_thrown_away_needs_no_path() {
    let job = Job::new()
        .input(Input::file("/i"))
        .output(Output::null())
        .output(Output::null());
    assert_eq!(
        job.to_spec().expect("the job is right").as_str(),
        concat!(
            r#"{"version":10,"op":"process","inputs":[{"path":"/i"}],"outputs":["#,
            r#"{"format":"null","audio_defaults":{"aac_coder":"fast"}},"#,
            r#"{"format":"null","audio_defaults":{"aac_coder":"fast"}}]}"#
        )
    );
}

#[test]
fn counts_that_nobody_means_are_refused() {
    let mut output = Output::file("/x");
    output.map = (0..10_001).map(|stream| format!("0:{stream}")).collect();
    refused(&simple().output(output), "outputs[1].map", "10001 entries");
    let mut input = Input::file("/y");
    input.repeat = Some(-2);
    refused(&simple().input(input), "inputs[1].loop", "-1");
}

#[test]
fn selections_are_written_as_the_vocabulary_names_them() {
    for (select, text) in [
        (Select::Timestamp(1.5), r#"{"timestamp":1.5}"#),
        (
            Select::Timestamps(vec![0.0, 2.0]),
            r#"{"timestamps":[0.0,2.0]}"#,
        ),
        (Select::Interval(10.0), r#"{"interval":10.0}"#),
        (Select::Scene(Scene::Threshold(0.4)), r#"{"scene":0.4}"#),
        (Select::Scene(Scene::Thumbnail), r#"{"scene":"thumbnail"}"#),
    ] {
        let job = FramesJob::new("/i", "/f_%03d.png", select)
            .count(3)
            .codec("mjpeg")
            .stream(1)
            .on_corrupt(OnCorrupt::Skip);
        let spec = job.to_spec().expect("the job is right");
        assert_eq!(
            spec.as_str(),
            format!(
                r#"{{"version":10,"op":"frames","inputs":[{{"path":"/i"}}],"select":{text},"stream":1,"path":"/f_%03d.png","codec":"mjpeg","count":3,"on_corrupt":"skip"}}"#
            )
        );
        assert_eq!(
            serde_json::from_str::<FramesJob>(spec.as_str()).expect("it can be read"),
            job
        );
    }
}

#[test]
fn selections_and_templates_that_cannot_be_meant_are_refused() {
    let job = |select, path: &str| FramesJob::new("/i", path, select);
    frames_refused(
        &job(Select::Timestamp(f64::NAN), "/a"),
        "select.timestamp",
        "NaN",
    );
    frames_refused(
        &job(Select::Timestamps(vec![]), "/a"),
        "select.timestamps",
        "empty",
    );
    frames_refused(
        &job(Select::Timestamps(vec![1.0, -1.0]), "/a%d"),
        "select.timestamps[1]",
        "-1",
    );
    frames_refused(
        &job(Select::Interval(0.0), "/a%d"),
        "select.interval",
        "more than 0",
    );
    frames_refused(
        &job(Select::Scene(Scene::Threshold(1.5)), "/a%d"),
        "select.scene",
        "1.5",
    );
    frames_refused(
        &job(Select::Scene(Scene::Threshold(f64::NAN)), "/a%d"),
        "select.scene",
        "from 0 to 1",
    );
    frames_refused(
        &job(Select::Interval(1.0), "/a.png"),
        "path",
        "needs a number token",
    );
    frames_refused(
        &job(Select::Interval(1.0), "/a%%.png"),
        "path",
        "needs a number token",
    );
    frames_refused(
        &job(Select::Interval(1.0), "/%d/%d.png"),
        "path",
        "2 number tokens",
    );
    frames_refused(
        &job(Select::Interval(1.0), "/%s.png"),
        "path",
        "neither a number token",
    );
    frames_refused(
        &job(Select::Interval(1.0), "/100%"),
        "path",
        "neither a number token",
    );
    frames_refused(
        &job(Select::Interval(1.0), "/%99999d"),
        "path",
        "neither a number token",
    );
    frames_refused(
        &job(Select::Interval(1.0), "/%d").count(0),
        "count",
        "at least 1",
    );
    assert!(
        job(Select::Interval(1.0), "/a.png")
            .count(1)
            .to_spec()
            .is_ok(),
        "one is one"
    );
    assert!(
        job(Select::Timestamp(1.0), "/100%%.png").to_spec().is_ok(),
        "%% is a percent sign"
    );
}

#[test]
fn paths_in_the_tmp_of_a_run_are_refused() {
    for path in ["/tmp/a.mp4", "tmp/a.mp4", "/x/../tmp//a.mp4"] {
        let input = Job::new()
            .input(Input::file(path))
            .output(Output::file("/o.mp4"));
        let output = Job::new()
            .input(Input::file("/i.mp4"))
            .output(Output::file(path));
        for (job, field) in [(input, "inputs[0].path"), (output, "outputs[0].path")] {
            let error = job.to_spec().expect_err("nothing there outlives a run");
            assert_eq!(error.field(), field, "{path}");
            assert!(error.message().contains("another directory"), "{error}");
        }
    }
    let beside = Job::new()
        .input(Input::file("/tmpfile.mp4"))
        .output(Output::file("/a/tmp/o.mp4"));
    assert!(beside.to_spec().is_ok());
}
