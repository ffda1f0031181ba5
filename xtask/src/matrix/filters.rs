//! Each filter, in a graph of its own.

use afmpeg::MemFs;
use serde_json::{Value, json};

use super::{Bench, Verdict};

/// The options that a filter cannot do without.
const OPTIONS: [(&str, &str); 21] = [
    ("ametadata", "mode=print"),
    ("metadata", "mode=print"),
    ("aeval", "exprs=val(0)"),
    ("afireqsrc", "preset=acoustic"),
    ("aevalsrc", "exprs=sin(440*2*PI*t)"),
    ("crop", "w=32:h=32"),
    ("channelmap", "map=0-0"),
    ("geq", "lum=p(X\\,Y)"),
    ("join", "inputs=2:channel_layout=stereo"),
    ("lut", "c0=val"),
    ("headphone", "map=FL|FR"),
    ("mergeplanes", "map0s=0:map0p=0:format=gray"),
    ("pan", "mono|c0=c0"),
    ("remap", "fill=black"),
    ("rotate", "angle=0.5"),
    ("scale", "w=64:h=48"),
    ("select", "expr=1"),
    ("streamselect", "inputs=2:map=0"),
    ("astreamselect", "inputs=2:map=0"),
    ("split", "outputs=1"),
    ("asplit", "outputs=1"),
];

/// Why a filter cannot stand in such a graph.
const UNTRIED: [(&str, &str); 14] = [
    ("abuffer", "a program feeds it"),
    ("buffer", "a program feeds it"),
    ("arnndn", "it needs a trained model"),
    ("lut1d", "it needs a table"),
    ("lut3d", "it needs a table"),
    ("movie", "it needs a file"),
    ("amovie", "it needs a file"),
    ("removelogo", "it needs a mask"),
    ("find_rect", "it needs a picture"),
    ("cover_rect", "it needs a picture"),
    ("drawtext", "it needs a font"),
    ("ass", "it needs a file and a font"),
    ("subtitles", "it needs a file and a font"),
    ("asegment", "its parts are outputs of their own"),
];

/// Whether frames come out of each of its outputs.
pub(super) fn verdict(bench: &Bench, name: &str) -> Verdict {
    if let Some((_, why)) = UNTRIED.iter().find(|(filter, _)| *filter == name) {
        return Verdict::Untried(why);
    }
    let about =
        match bench.ask(json!({ "op": "capabilities", "component": format!("filter={name}") })) {
            Ok(about) => about,
            Err(why) => return Verdict::Fails(why),
        };
    match tried(bench, name, &about) {
        Ok(None) => Verdict::Works,
        Ok(Some(why)) => Verdict::Untried(why),
        Err(why) => Verdict::Fails(why),
    }
}

fn tried(bench: &Bench, name: &str, about: &Value) -> Result<Option<&'static str>, String> {
    let pads = |list: &str| -> Vec<String> {
        let pads = about[list].as_array().into_iter().flatten();
        pads.filter_map(|pad| pad["type"].as_str())
            .map(str::to_owned)
            .collect()
    };
    let (mut inputs, mut outputs) = (pads("inputs"), pads("outputs"));
    let sound = name.starts_with('a') && !VIDEO_WITH_A.contains(&name) || SOUND.contains(&name);
    let usual = if sound { "audio" } else { "video" }.to_owned();
    if about["dynamic_inputs"] == true && inputs.is_empty() {
        inputs = vec![usual.clone(), usual.clone()];
    }
    if about["dynamic_outputs"] == true && outputs.is_empty() {
        outputs = vec![usual];
    }
    if outputs.is_empty() {
        return Ok(Some("nothing comes out of it"));
    }
    let mut graph = String::new();
    for (index, kind) in inputs.iter().enumerate() {
        graph.push_str(match kind.as_str() {
            "audio" => "sine=duration=1",
            _ => "testsrc2=size=128x96:rate=25,trim=end_frame=30",
        });
        graph.push_str(&format!("[i{index}];"));
    }
    for index in 0..inputs.len() {
        graph.push_str(&format!("[i{index}]"));
    }
    graph.push_str(name);
    if let Some((_, options)) = OPTIONS.iter().find(|(filter, _)| *filter == name) {
        graph.push_str(&format!("={options}"));
    }
    let mut written = Vec::new();
    for (index, _) in outputs.iter().enumerate() {
        graph.push_str(&format!("[m{index}]"));
    }
    for (index, kind) in outputs.iter().enumerate() {
        let end = if kind == "audio" {
            "atrim=end=1"
        } else {
            "trim=end_frame=30"
        };
        graph.push_str(&format!(";[m{index}]{end}[o{index}]"));
        let codec = if kind == "audio" {
            ("audio_codec", "pcm_s16le")
        } else {
            ("video_codec", "rawvideo")
        };
        written.push(
            json!({ "path": format!("/out{index}"), "format": "framecrc",
            "map": [format!("[o{index}]")], codec.0: codec.1 }),
        );
    }
    let fs = MemFs::new();
    bench.job(
        &fs,
        json!({ "op": "process", "filter": graph, "outputs": written }),
    )?;
    for index in 0..outputs.len() {
        let bytes = fs
            .read(&format!("/out{index}"))
            .map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&bytes);
        let frames = text.lines().filter(|line| !line.starts_with('#')).count();
        if frames == 0 {
            return Err(format!("no frame came out of output {index}"));
        }
    }
    Ok(None)
}

/// Filters of pictures whose names begin as those of sound do.
const VIDEO_WITH_A: [&str; 8] = [
    "addroi",
    "alphaextract",
    "alphamerge",
    "amplify",
    "ass",
    "atadenoise",
    "avgblur",
    "allrgb",
];

/// Filters of sound with any number of inputs or outputs whose names do not tell.
const SOUND: [&str; 4] = ["channelsplit", "join", "headphone", "ladspa"];
