//! The schema of jobs, the builder and the documents say the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use afmpeg::codec::{Aac, Codec, Flac, Mp3, OpenH264, Opus, Vp9, X264, X264Preset};
use afmpeg::{
    Attachment, Chapter, Chapters, Cut, FramesJob, Input, Job, MetadataFrom, OnCorrupt, Output,
    RateMode, Scene, Seek, Select, Sheet, Stream, StreamMetadata, Until,
};
use proptest::option::of;
use proptest::prelude::*;
use serde_json::{Value, json};

const JOB: &str = "docs/job.schema.json";
const FRAMES: &str = "docs/frames-job.schema.json";

fn schemas() -> [(&'static str, Value); 2] {
    let value = |schema: schemars::Schema| schema.to_value();
    [
        (JOB, value(schemars::schema_for!(Job))),
        (FRAMES, value(schemars::schema_for!(FramesJob))),
    ]
}

/// `UPDATE_SCHEMA=1 cargo test --features schema --test schema` writes them.
#[test]
fn the_committed_schemas_are_those_of_the_types() {
    for (path, schema) in schemas() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let mut text = serde_json::to_string_pretty(&schema).expect("it is a value");
        text.push('\n');
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            fs::write(&file, &text).expect("the file can be written");
        }
        // The order of fields is that of a feature of serde_json, which another package may ask for.
        let committed = fs::read_to_string(&file).unwrap_or_default();
        let committed: Value = serde_json::from_str(&committed).unwrap_or_default();
        assert!(
            committed == schema,
            "{path} is another: UPDATE_SCHEMA=1 cargo test --features schema --test schema"
        );
    }
}

fn judge(document: &Value) -> Result<(), String> {
    judge_by(JOB, document)
}

fn judge_by(path: &str, document: &Value) -> Result<(), String> {
    let (_, schema) = schemas()
        .into_iter()
        .find(|(name, _)| *name == path)
        .expect("it is one of the two");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    validator
        .validate(document)
        .map_err(|error| error.to_string())
}

#[test]
fn what_the_reader_refuses_the_schema_refuses() {
    let right = json!({"op": "process", "inputs": [{"path": "/i"}], "outputs": [{"path": "/o"}]});
    judge(&right).expect("it is right");
    serde_json::from_value::<Job>(right.clone()).expect("it is right");
    let wrong = [
        ("/op", json!("frames")),
        ("/version", json!(11)),
        ("/inputs/0/paht", json!("/i")),
        ("/inputs/0/seek", json!({"start": 1, "mode": "slow"})),
        ("/inputs/0/loop", json!("ever")),
        ("/outputs/0/chapters", json!("some")),
        ("/outputs/0/metadata_from", json!(-1)),
        ("/outputs/0/streams", json!([{"codec": "copy"}])),
        (
            "/outputs/0/streams",
            json!([{"from": "0:v", "frame_rate": "fast"}]),
        ),
        ("/outputs/0/video_options", json!({"b": 5})),
        ("/on_corrupt", json!("ignore")),
        ("/outputs/0/cut", json!("roughly")),
    ];
    for (at, value) in wrong {
        let mut document = right.clone();
        let (parent, key) = at.rsplit_once('/').expect("it is a pointer");
        let parent = document.pointer_mut(parent).expect("it is there");
        parent[key] = value;
        assert!(judge(&document).is_err(), "{document}");
        assert!(
            serde_json::from_value::<Job>(document.clone()).is_err(),
            "{document}"
        );
    }
}

#[test]
fn what_the_reader_of_frames_refuses_the_schema_refuses() {
    let right = json!({"op": "frames", "inputs": [{"path": "/i"}], "select": {"interval": 1.0}, "path": "/%d.png"});
    judge_by(FRAMES, &right).expect("it is right");
    serde_json::from_value::<FramesJob>(right.clone()).expect("it is right");
    for (key, value) in [
        ("op", json!("process")),
        ("version", json!(11)),
        ("select", json!("all")),
        ("select", json!({"every": 1})),
        ("select", json!({"scene": "face"})),
        ("sheet", json!({"columns": 2})),
        ("stream", json!(-1)),
        ("count", json!(1.5)),
        ("quality", json!(2)),
        ("on_corrupt", json!("ignore")),
    ] {
        let mut document = right.clone();
        document[key] = value;
        assert!(judge_by(FRAMES, &document).is_err(), "{document}");
        assert!(
            serde_json::from_value::<FramesJob>(document.clone()).is_err(),
            "{document}"
        );
    }
}

fn word() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,8}"
}

fn path() -> impl Strategy<Value = String> {
    "/[a-zé 0-9%'\\[\\]]{1,12}\\.[a-z]{2,4}"
}

fn seconds() -> impl Strategy<Value = f64> {
    0.001..3.0e10
}

fn input() -> impl Strategy<Value = Input> {
    let which = prop_oneof![
        path().prop_map(Input::file),
        prop::collection::vec(path(), 1..4).prop_map(Input::concat),
        "testsrc2=duration=[0-9]".prop_map(Input::lavfi),
        (path(), word()).prop_map(|(path, demuxer)| Input::file(path).format(demuxer)),
    ];
    prop_oneof![9 => placed(which), 1 => path().prop_map(Input::stream)]
}

/// Inputs that may be sought and repeated.
fn placed(which: impl Strategy<Value = Input>) -> impl Strategy<Value = Input> {
    let seek = of((seconds(), any::<bool>()));
    let repeat = of(of(0_u32..5));
    (
        which,
        seek,
        repeat,
        of(any::<bool>()),
        of((word(), ".{0,20}")),
    )
        .prop_map(|(mut input, seek, repeat, turn, option)| {
            if let Some((start, accurate)) = seek {
                input = input.seek(if accurate {
                    Seek::accurate(start)
                } else {
                    Seek::fast(start)
                });
            }
            input = match repeat {
                Some(Some(times)) => input.repeat(times),
                Some(None) => input.repeat_forever(),
                None => input,
            };
            if let Some(turn) = turn {
                input = input.autorotate(turn);
            }
            match option {
                Some((key, value)) => input.option(key, value.replace('\0', "")),
                None => input,
            }
        })
}

fn codec() -> impl Strategy<Value = Codec> {
    prop_oneof![
        word().prop_map(Codec::new),
        Just(Codec::copy()),
        (1_u64..90_000_000, 1_u32..500)
            .prop_map(|(bits, gop)| OpenH264::new().bitrate(bits).gop(gop).into()),
        (0.0..51.0, any::<prop::sample::Index>()).prop_map(|(crf, preset)| {
            let preset = preset.get(X264Preset::ALL);
            X264::new().crf(crf).preset(*preset).into()
        }),
        (1_u64..500_000).prop_map(|bits| Aac::new().bitrate(bits).into()),
        (6_000_u64..256_000).prop_map(|bits| Opus::new().bitrate(bits).frame_duration(20.0).into()),
        (0.0..9.0).prop_map(|quality| Mp3::new().quality(quality).into()),
        (0_u32..12).prop_map(|level| Flac::new().compression_level(level).into()),
        (0_u32..63, -8_i32..8).prop_map(|(crf, speed)| Vp9::new().crf(crf).cpu_used(speed).into()),
    ]
}

/// Options that no encoder has bounds for.
fn options() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map("o_[a-z]{1,8}", "[^\0]{0,20}", 0..3)
}

fn stream() -> impl Strategy<Value = Stream> {
    // Of a rate a stream that is shown as it comes has none.
    let rate = of((1_u32..60_000, 1_u32..2_000));
    let mode = of(prop_oneof![
        Just(RateMode::Source),
        Just(RateMode::Vfr),
        Just(RateMode::Cfr)
    ]);
    let from = prop_oneof![
        Just(PAD.to_owned()),
        "0:[vas](:[0-9])?",
        "\\[0:[va](:[0-9])?\\]",
    ];
    let more = (
        options(),
        of("[a-z0-9_]{1,8}(,none)?"),
        of((word(), "[^\0]{0,20}")),
    );
    (
        from,
        of(codec()),
        (rate, mode),
        of("[a-z]{3}"),
        of(word()),
        more,
    )
        .prop_map(
            |(from, codec, (rate, mode), language, flag, (options, filters, tag))| {
                let encoded = from.starts_with('[');
                let mut stream = Stream::new(from);
                if let Some(codec) = codec.filter(|codec| !encoded || *codec != Codec::copy()) {
                    stream = stream.codec(codec);
                }
                if let Some((pictures, seconds)) = rate.filter(|(p, s)| {
                    p / s < 10_000 && p * 1000 >= *s && mode != Some(RateMode::Source)
                }) {
                    stream = stream.frame_rate(pictures, seconds);
                }
                if let Some(mode) = mode {
                    stream = stream.rate_mode(mode);
                }
                for (key, value) in options {
                    stream = stream.option(key, value);
                }
                if let Some(filters) = filters {
                    stream = stream.bitstream_filters(filters);
                }
                if let Some(language) = language {
                    stream = stream.language(language);
                }
                if let Some((key, value)) = tag {
                    stream = stream.tag(key, value);
                }
                match flag {
                    Some(flag) => stream.disposition(flag),
                    None => stream,
                }
            },
        )
}

/// Each of these gets a name of its own and a filter that makes it, if there are filters.
const PAD: &str = "[pad]";

fn attachment() -> impl Strategy<Value = Attachment> {
    prop_oneof![
        Just(Attachment::cover("/cover.png/x")),
        path().prop_map(Attachment::file),
        (path(), "[a-z]{1,8}/[a-z.-]{1,12}")
            .prop_map(|(path, mime)| Attachment::file(path).mime(mime)),
    ]
}

fn output() -> impl Strategy<Value = Output> {
    let short = (
        prop::collection::btree_set("0:[vas](:[0-9])?", 0..4),
        codec(),
        codec(),
        of(word()),
        [options(), options(), options()],
        of("[a-z0-9_]{1,8}(,none)?"),
    )
        .prop_map(|(maps, video, audio, text, options, filters)| {
            let mut output = Output::file("").video_codec(video).audio_codec(audio);
            for map in maps {
                let about = StreamMetadata::new().language("eng").tag("title", "t");
                output = output.map(&map).stream_metadata(&map, about);
                if let Some(filters) = &filters {
                    output = output.bitstream_filter(map, filters);
                }
            }
            if let Some(text) = text {
                output = output.subtitle_codec(text);
            }
            let [both, video, audio] = options;
            output.options.extend(both);
            output.video_options.extend(video);
            output.audio_options.extend(audio);
            output
        });
    let full = prop::collection::vec(stream(), 1..4)
        .prop_map(|streams| streams.into_iter().fold(Output::file(""), Output::stream));
    let until = of(prop_oneof![
        seconds().prop_map(Until::Duration),
        seconds().prop_map(Until::End)
    ]);
    let marks = |last: Chapter| {
        let first = Chapter::new(0.0, "one");
        Chapters::List(vec![first, Chapter::new(2.0, "two").end(3.0), last])
    };
    let chapters = of(prop_oneof![
        // Of the last one the end of the output is the end.
        Just(marks(Chapter::new(4.0, "three"))),
        Just(marks(Chapter::new(4.0, "three").end(5.0))),
        Just(Chapters::Copy),
        Just(Chapters::None),
        Just(Chapters::Input(0)),
        Just(Chapters::List(vec![
            Chapter::new(0.0, "one").end(1.5),
            Chapter::new(2.0, "two").end(3.0)
        ])),
    ]);
    let from = of(prop_oneof![
        Just(MetadataFrom::None),
        Just(MetadataFrom::Input(0))
    ]);
    let more = (
        of(any::<bool>()),
        any::<bool>(),
        of((word(), "[^\0]{0,20}")),
        prop::collection::vec(attachment(), 0..3),
    );
    let format = of((word(), options()));
    (
        of(path()),
        prop_oneof![short, full],
        until,
        chapters,
        from,
        more,
        format,
    )
        .prop_map(
            |(path, mut output, until, chapters, from, (exact, copies, tag, attached), format)| {
                if let Some((name, options)) = format {
                    output = output.format(name);
                    output.format_options.extend(options);
                }
                match path {
                    Some(path) => output.path = path,
                    None => output.format = Output::null().format,
                }
                let ends = until.is_some();
                if let Some(until) = until {
                    output = output.until(until);
                    if let Some(exact) = exact {
                        output = output.cut(if exact { Cut::Smart } else { Cut::Keyframe });
                    }
                }
                let endless = |chapters: &Chapters| match chapters {
                    Chapters::List(list) => list.last().is_some_and(|last| last.end.is_none()),
                    _ => false,
                };
                if let Some(chapters) = chapters.filter(|chapters| ends || !endless(chapters)) {
                    output = output.chapters(chapters);
                }
                if let Some(from) = from {
                    output = output.metadata_from(from);
                }
                if copies {
                    output = output.copy_ts();
                }
                if let Some((key, value)) = tag {
                    output = output.metadata(key, value);
                }
                attached.into_iter().fold(output, Output::attachment)
            },
        )
}

fn job() -> impl Strategy<Value = Job> {
    let inputs = prop::collection::vec(input(), 1..4);
    let outputs = prop::collection::vec(output(), 1..4);
    (
        inputs,
        outputs,
        of("[a-z]{1,8}"),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(inputs, outputs, graph, skip, exact)| {
            let mut job = inputs.into_iter().fold(Job::new(), Job::input);
            let mut chains = Vec::new();
            // Names that are there twice are refused: each output gets a directory of its own.
            for (i, mut output) in outputs.into_iter().enumerate() {
                if !output.path.is_empty() {
                    output.path = format!("/{i}.d{}", output.path);
                }
                for stream in output
                    .streams
                    .iter_mut()
                    .filter(|stream| stream.from == PAD)
                {
                    if let Some(filter) = &graph {
                        let n = chains.len();
                        stream.from = format!("[p{n}]");
                        chains.push(format!("[0:v]{filter}[p{n}]"));
                    }
                }
                job = job.output(output);
            }
            if let Some(filter) = graph {
                chains.push(filter);
                job = job.filter(chains.join(";"));
            }
            if skip {
                job = job.on_corrupt(OnCorrupt::Skip);
            }
            if exact { job.bitexact() } else { job }
        })
}

fn frames_job() -> impl Strategy<Value = FramesJob> {
    let select = prop_oneof![
        seconds().prop_map(Select::Timestamp),
        prop::collection::vec(seconds(), 1..4).prop_map(Select::Timestamps),
        seconds().prop_map(Select::Interval),
        (0.01..1.0).prop_map(|threshold| Select::Scene(Scene::Threshold(threshold))),
        Just(Select::Scene(Scene::Thumbnail)),
    ];
    let sheet = of((1_u32..9, 1_u32..9, 16_u32..400, any::<bool>()));
    let more = (of(0_u32..9), of(word()), of("[1-9][0-9]{1,2}:-2"));
    (path(), select, sheet, more, of(1_u32..100), any::<bool>()).prop_map(
        |(from, select, sheet, (stream, codec, scale), count, skip)| {
            let mut job = FramesJob::new(from, "/made/%03d.png", select);
            if let Some(index) = stream {
                job = job.stream(index);
            }
            if let Some(encoder) = codec {
                job = job.codec(encoder);
            }
            if let Some(size) = scale.filter(|_| sheet.is_none()) {
                job = job.scale(size);
            }
            if let Some(most) = count {
                job = job.count(most);
            }
            if let Some((columns, rows, width, track)) = sheet {
                let sheet = Sheet::new(columns, rows, width);
                job = job.sheet(if track {
                    sheet.track("/made/t.vtt")
                } else {
                    sheet
                });
            }
            if skip {
                job.on_corrupt(OnCorrupt::Skip)
            } else {
                job
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_job_of_the_builder_is_a_document_and_comes_back(job in job()) {
        let spec = job.clone().build().expect("the builder's jobs are right").to_spec().expect("it is right");
        let document: Value = serde_json::from_str(spec.as_str()).expect("it is JSON");
        prop_assert_eq!(judge(&document), Ok(()));
        let read: Job = serde_json::from_str(spec.as_str()).expect("it comes back");
        prop_assert_eq!(read, job);
    }

    #[test]
    fn every_frames_job_is_a_document_and_comes_back(job in frames_job()) {
        let spec = job.to_spec().expect("the builder's jobs are right");
        let document: Value = serde_json::from_str(spec.as_str()).expect("it is JSON");
        prop_assert_eq!(judge_by(FRAMES, &document), Ok(()));
        let read: FramesJob = serde_json::from_str(spec.as_str()).expect("it comes back");
        prop_assert_eq!(read, job);
    }
}
