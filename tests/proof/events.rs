//! What analysing filters find comes as events with their times.

use afmpeg::report::Event;
use afmpeg::{Job, MemFs, Output};

use crate::support::{assert_close, runtime};

#[test]
fn black_pictures_and_silence_are_events() {
    let graph = "testsrc2=size=64x48:rate=25:duration=1[p];color=black:size=64x48:rate=25:duration=1.2,format=yuv420p[q];\
        testsrc2=size=64x48:rate=25:duration=0.8[r];[p][q][r]concat=n=3,blackdetect=d=0.5[v];\
        sine=duration=0.5[s];anullsrc=channel_layout=mono:duration=1.5[n];[s][n]concat=n=2:v=0:a=1,silencedetect=d=0.4[a]";
    let job = Job::new().filter(graph).output(
        Output::null()
            .map("[v]")
            .map("[a]")
            .video_codec("rawvideo")
            .audio_codec("pcm_s16le"),
    );
    let report = runtime().process(&MemFs::new(), &job).expect("it is done");
    let events = report.events();
    let [Event::Silence { span: silence, .. }, Event::Black(black)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_close("silence", silence.start, 0.5, 0.03);
    assert_close("black", black.start, 1.0, 0.001);
    assert_close("its end", black.end.expect("it ends"), 2.2, 0.001);
}

/// `select` scores each picture that it looks at, and lets those through that begin a scene.
#[test]
fn pictures_that_select_lets_through_are_scenes() {
    let color = |name: &str, pad: &str| {
        format!("color={name}:size=64x48:rate=25:duration=0.8,format=yuv420p[{pad}];")
    };
    let scenes = [
        color("black", "p"),
        color("0x404040", "q"),
        color("0x909090", "r"),
    ]
    .concat();
    let graph = format!("{scenes}[p][q][r]concat=n=3,select='gt(scene,0.3)'[v]");
    let output = Output::null().map("[v]").video_codec("rawvideo");
    let job = Job::new().filter(graph).output(output);
    let report = runtime().process(&MemFs::new(), &job).expect("it is done");
    let events = report.events();
    let [
        Event::Scene {
            t: first,
            score: less,
        },
        Event::Scene {
            t: second,
            score: more,
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_close("the first cut", *first, 0.8, 0.001);
    assert_close("the second cut", *second, 1.6, 0.001);
    // The mean difference of the luma, 55 and 68 of 100.
    assert!(
        (*less - 0.55).abs() < 0.02 && (*more - 0.68).abs() < 0.02,
        "{events:?}"
    );
}
