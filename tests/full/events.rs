//! What the analysing filters of the full engine find comes as events with their times.

use afmpeg::report::Event;
use afmpeg::{Job, MemFs, Output};

use crate::support::{assert_close, runtime};

/// The events of a graph that leaves one pad open.
fn events(graph: &str, pad: &str) -> Vec<Event> {
    let output = match pad {
        "[v]" => Output::null().map(pad).video_codec("rawvideo"),
        _ => Output::null().map(pad).audio_codec("pcm_s16le"),
    };
    let job = Job::new().filter(graph).output(output);
    let report = runtime().process(&MemFs::new(), &job).expect("it is done");
    report.events()
}

#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn a_picture_that_stands_still_is_an_event() {
    let graph = "testsrc2=size=64x48:rate=25:duration=1[p];color=gray:size=64x48:rate=25:duration=1.2,format=yuv420p[q];\
        testsrc2=size=64x48:rate=25:duration=0.8[r];[p][q][r]concat=n=3,freezedetect=d=0.5[v]";
    let events = events(graph, "[v]");
    let [Event::Freeze(span)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_close("its start", span.start, 1.0, 0.001);
    assert_close("its end", span.end.expect("it ends"), 2.2, 0.001);
}

/// Each picture has a score, and two begin a scene.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn only_pictures_that_begin_a_scene_are_events() {
    let color = |name: &str, pad: &str| {
        format!("color={name}:size=64x48:rate=25:duration=0.8,format=yuv420p[{pad}];")
    };
    let scenes = [color("black", "p"), color("white", "q"), color("gray", "r")].concat();
    let graph = format!("{scenes}[p][q][r]concat=n=3,scdet=threshold=10[v]");
    let events = events(&graph, "[v]");
    let [
        Event::Scene {
            t: first,
            score: most,
        },
        Event::Scene {
            t: second,
            score: less,
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_close("the first cut", *first, 0.8, 0.001);
    assert_close("the second cut", *second, 1.6, 0.001);
    // The score is the change of the mean difference, in per cent of the largest one.
    assert!(*most > 80.0 && *less > 10.0 && less < most, "{events:?}");
}

/// A tone of 997 Hz at -20 dBFS in both channels has -20 LUFS, as EBU Tech 3341 has it for its test signals.
#[test]
#[ignore = "needs the full engine: cargo xtask test --full"]
fn loudness_is_told_as_it_goes() {
    // `sine` has an amplitude of one eighth, -18.06 dBFS.
    let graph = "sine=frequency=997:sample_rate=48000:duration=5,volume=-1.94dB,\
        aformat=sample_fmts=flt,pan=stereo|c0=c0|c1=c0,ebur128=metadata=1[a]";
    let events = events(graph, "[a]");
    assert!(events.len() > 30, "{}", events.len());
    let Some(Event::Loudness {
        t,
        momentary: Some(momentary),
        short_term: Some(short_term),
        integrated: Some(integrated),
        range: Some(range),
    }) = events.last()
    else {
        panic!("{:?}", events.last());
    };
    assert_close("the last moment", *t, 4.9, 0.11);
    for (what, loudness) in [
        ("momentary", momentary),
        ("short term", short_term),
        ("integrated", integrated),
    ] {
        assert!((loudness + 20.0).abs() < 0.15, "{what}: {loudness} LUFS");
    }
    assert!(range.abs() < 0.1, "{range} LU");
}
