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
