//! What the analysing filter of the GPL finds comes as events with their times.

use afmpeg::report::Event;
use afmpeg::{Job, MemFs, Output};

use crate::support::{assert_close, runtime};

#[test]
#[ignore = "needs an engine of the GPL variant: cargo xtask test --gpl"]
fn the_borders_of_a_picture_are_an_event_where_they_change() {
    let bars = |duration: f64, inside: &str, at: &str, pad: &str| {
        format!(
            "color=white:size={inside}:rate=25:duration={duration},format=yuv420p,pad=160:96:{at}:black[{pad}];"
        )
    };
    // Without a reset the filter keeps the largest part that it has seen, and so the narrow one comes first.
    let parts = [
        bars(1.0, "96x64", "32:16", "p"),
        bars(1.0, "160x64", "0:16", "q"),
    ];
    let graph = format!(
        "{}[p][q]concat,cropdetect=limit=24:round=2:reset=0:skip=0[v]",
        parts.concat()
    );
    let output = Output::null().map("[v]").video_codec("rawvideo");
    let job = Job::new().filter(graph).output(output);
    let report = runtime().process(&MemFs::new(), &job).expect("it is done");
    let events = report.events();
    let found: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::Crop {
                t,
                x,
                y,
                width,
                height,
            } => (*t, [*x, *y, *width, *height]),
            other => panic!("{other:?}"),
        })
        .collect();
    let [(first, narrow), (second, wide)] = &found[..] else {
        panic!("{events:?}");
    };
    assert_eq!((narrow, wide), (&[32, 16, 96, 64], &[0, 16, 160, 64]));
    assert_close("the first", *first, 0.0, 0.05);
    assert_close("the second", *second, 1.0, 0.001);
}
