//! Makes a film of stills that fade into one another, with narration and music under it, all in memory.
//!
//! `cargo run --release --example reel -- ENGINE.wasm OUTPUT.mp4 NARRATION MUSIC STILL STILL…`

use std::error::Error;

use afmpeg::codec::{Aac, OpenH264};
use afmpeg::graph::{Chain, Filter, Graph};
use afmpeg::{Engine, Input, Job, MemFs, Output, Runtime, Until};

/// Seconds of each still, and of each fade from one to the next, which `xfade` has by itself.
const STILL: f64 = 2.5;
const FADE: f64 = 1.0;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engine, output, narration, music, stills @ ..] = arguments.as_slice() else {
        return Err("needed: ENGINE.wasm OUTPUT.mp4 NARRATION MUSIC STILL STILL…".into());
    };
    let fs = MemFs::new();
    fs.write("/narration", std::fs::read(narration)?)?;
    fs.write("/music", std::fs::read(music)?)?;
    let mut job = Job::new()
        .input(Input::file("/narration"))
        .input(Input::file("/music").repeat_forever());
    let mut graph = Graph::new();
    for (i, still) in stills.iter().enumerate() {
        fs.write(&format!("/still{i}"), std::fs::read(still)?)?;
        job = job.input(Input::file(format!("/still{i}")).repeat_forever());
        let shown = Chain::from_pad(format!("{}:v", i + 2))
            .filter(Filter::new("scale").arg(640).arg(360))
            .filter(Filter::new("setsar").arg(1))
            .filter(Filter::new("fps").arg(25))
            .filter(Filter::new("format").arg("yuv420p"))
            .filter(Filter::new("trim").set("duration", STILL));
        graph = graph.chain(shown.to(format!("s{i}")));
    }
    let mut picture = "s0".to_owned();
    for i in 1..stills.len() {
        let fade = Filter::new("xfade").set("offset", i as f64 * (STILL - FADE));
        let faded = format!("f{i}");
        let both = Chain::from_pads([picture, format!("s{i}")]);
        graph = graph.chain(both.filter(fade).to(&faded));
        picture = faded;
    }
    let length = stills.len() as f64 * (STILL - FADE) + FADE;
    let fade_out = Filter::new("afade").set("t", "out").set("st", length - 1.0);
    let quiet = Filter::new("volume").arg(0.2);
    let mix = Filter::new("amix").set("normalize", 0);
    let graph = graph
        .chain(
            Chain::from_pad("1:a")
                .filter(quiet)
                .filter(fade_out)
                .to("under"),
        )
        .chain(Chain::from_pads(["0:a", "under"]).filter(mix).to("a"));
    let job = job.filter(graph).output(
        Output::file("/reel.mp4")
            .map(format!("[{picture}]"))
            .map("[a]")
            .video_codec(OpenH264::new().bitrate(1_500_000).gop(50))
            .audio_codec(Aac::new().bitrate(128_000))
            .format_option("movflags", "+faststart")
            .until(Until::Duration(length)),
    );
    let runtime = Runtime::new(Engine::open(engine)?)?;
    let report = runtime.process(&fs, &job.build()?)?;
    println!(
        "{} stills in {:.2} s",
        stills.len(),
        report.outputs[0].duration.unwrap_or_default()
    );
    std::fs::write(output, fs.read("/reel.mp4")?)?;
    Ok(())
}
