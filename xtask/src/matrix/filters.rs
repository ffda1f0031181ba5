//! Each filter, in a graph of its own, against what native FFmpeg makes of the same graph.

use std::fs;

use afmpeg::MemFs;
use serde_json::{Value, json};

use super::font;
use super::graphs::{self, GRAPHS, OF_ITS_PROGRAM, OPTIONS, OTHERWISE, UNTRIED};
use super::native::Native;
use super::signals;
use super::{Bench, Verdict};

/// Whether frames come out of each of its outputs, and the same as those of native FFmpeg if that is there.
pub(super) fn verdict(bench: &Bench, native: Option<&Native>, name: &str) -> Verdict {
    if let Some((_, why)) = UNTRIED.iter().find(|(filter, _)| *filter == name) {
        return Verdict::Untried(why);
    }
    let about =
        match bench.ask(json!({ "op": "capabilities", "component": format!("filter={name}") })) {
            Ok(about) => about,
            Err(why) => return Verdict::Fails(why),
        };
    let Some(graph) = Graph::of(name, &about) else {
        return Verdict::Untried("nothing comes out of it");
    };
    tried(bench, native, name, &graph).unwrap_or_else(Verdict::Fails)
}

fn tried(
    bench: &Bench,
    native: Option<&Native>,
    name: &str,
    graph: &Graph,
) -> Result<Verdict, String> {
    let ours = graph.here(bench)?;
    for (output, frames) in graph.outputs.iter().zip(&ours) {
        if frames.is_empty() {
            return Err(format!("no frame came out of [{}]", output.label));
        }
    }
    if OF_ITS_PROGRAM.contains(&name) {
        return Ok(Verdict::Apart(
            "and draws how its own program asks for frames",
        ));
    }
    let Some(native) = native else {
        return Ok(Verdict::Works);
    };
    let theirs = match graph.there(native) {
        Ok(theirs) => theirs,
        Err(_) if !native.has("filter", name) => return Ok(Verdict::Alone),
        Err(why) => return Err(format!("native FFmpeg says: {why}")),
    };
    let mut least = f64::INFINITY;
    for ((output, ours), theirs) in graph.outputs.iter().zip(&ours).zip(&theirs) {
        if ours.len() != theirs.len() {
            return Err(format!(
                "[{}] has {} bytes where native FFmpeg has {}",
                output.label,
                ours.len(),
                theirs.len()
            ));
        }
        least = least.min(match output.kind {
            Kind::Pictures => signals::psnr(theirs, ours),
            Kind::Sound => signals::snr(&signals::samples(theirs), &signals::samples(ours)),
        });
    }
    Ok(match ours == theirs {
        true => Verdict::Works,
        false if least >= LEAST_DECIBELS => Verdict::Near(least),
        false if OTHERWISE.contains(&name) => Verdict::Otherwise,
        false => Verdict::Fails(format!(
            "what comes out is {least:.1} dB from what native FFmpeg makes"
        )),
    })
}

/// A graph of sources and the filter.
struct Graph {
    text: String,
    outputs: Vec<Output>,
}

struct Output {
    label: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Pictures,
    Sound,
}

impl Graph {
    /// That of the table, or the usual sources at each input of the filter. None when nothing comes out of it.
    fn of(name: &str, about: &Value) -> Option<Self> {
        match GRAPHS.iter().find(|(filter, _)| *filter == name) {
            Some((_, text)) => Some(Self::written(text)),
            None => Self::usual(name, about),
        }
    }

    /// One of the table, whose outputs have the labels of [`ENDS`].
    fn written(text: &str) -> Self {
        let ends = ENDS
            .into_iter()
            .filter(|(label, _)| text.contains(&format!("[{label}]")));
        let outputs = ends
            .map(|(label, kind)| Output {
                label: label.to_owned(),
                kind,
            })
            .collect();
        let text = text
            .replace("GRAY", GRAY)
            .replace("VIDEO", VIDEO)
            .replace("SHORT", SHORT)
            .replace("TONE", TONE);
        Self { text, outputs }
    }

    fn usual(name: &str, about: &Value) -> Option<Self> {
        let pads = |list: &str| -> Vec<Kind> {
            let pads = about[list].as_array().into_iter().flatten();
            pads.filter_map(|pad| match pad["type"].as_str()? {
                "audio" => Some(Kind::Sound),
                _ => Some(Kind::Pictures),
            })
            .collect()
        };
        let (mut inputs, mut outputs) = (pads("inputs"), pads("outputs"));
        let sound = name.starts_with('a') && !VIDEO_WITH_A.contains(&name);
        let kind = if sound { Kind::Sound } else { Kind::Pictures };
        if about["dynamic_inputs"] == true && inputs.is_empty() {
            inputs = vec![kind, kind];
        }
        if about["dynamic_outputs"] == true && outputs.is_empty() {
            outputs = vec![kind];
        }
        if outputs.is_empty() {
            return None;
        }
        let mut text = String::new();
        for (index, kind) in inputs.iter().enumerate() {
            let source = if *kind == Kind::Sound { TONE } else { VIDEO };
            text.push_str(&format!("{source}[i{index}];"));
        }
        for index in 0..inputs.len() {
            text.push_str(&format!("[i{index}]"));
        }
        text.push_str(name);
        if let Some((_, options)) = OPTIONS.iter().find(|(filter, _)| *filter == name) {
            text.push_str(&format!("={options}"));
        }
        for index in 0..outputs.len() {
            text.push_str(&format!("[m{index}]"));
        }
        let mut ends = Vec::new();
        for (index, kind) in outputs.into_iter().enumerate() {
            let (end, letter) = match kind {
                Kind::Sound => ("atrim=end=1", 'a'),
                Kind::Pictures => ("trim=end_frame=30", 'v'),
            };
            let label = format!("{letter}{index}");
            text.push_str(&format!(";[m{index}]{end}[{label}]"));
            ends.push(Output { label, kind });
        }
        Some(Self {
            text,
            outputs: ends,
        })
    }

    /// The text with formats that can be compared.
    fn plain(&self) -> String {
        let mut text = self.text.clone();
        for Output { label, kind } in &self.outputs {
            let format = match kind {
                Kind::Sound => "aformat=sample_fmts=dbl",
                Kind::Pictures => PLAIN,
            };
            text.push_str(&format!(";[{label}]{format}[{label}o]"));
        }
        text
    }

    /// What the engine makes of it, of each output.
    fn here(&self, bench: &Bench) -> Result<Vec<Vec<u8>>, String> {
        let failed = |error: afmpeg::VfsError| error.to_string();
        let tree = MemFs::new();
        for (path, bytes) in graphs::files() {
            tree.write(&format!("/{path}"), bytes).map_err(failed)?;
        }
        tree.create_dir_all("/fonts").map_err(failed)?;
        tree.write("/fonts/boxes.ttf", letters()).map_err(failed)?;
        let outputs: Vec<_> = self
            .outputs
            .iter()
            .map(|Output { label, kind }| {
                let from = format!("[{label}o]");
                let (format, stream) = match kind {
                    Kind::Sound => ("f64le", json!({ "from": from, "codec": "pcm_f64le" })),
                    Kind::Pictures => (
                        "rawvideo",
                        json!({ "from": from, "codec": "rawvideo", "rate_mode": "source" }),
                    ),
                };
                json!({ "path": format!("/{label}.raw"), "format": format, "streams": [stream] })
            })
            .collect();
        bench.job(
            &tree,
            json!({ "op": "process", "filter": self.plain(), "outputs": outputs }),
        )?;
        let read = |output: &Output| tree.read(&format!("/{}.raw", output.label));
        let bytes = self
            .outputs
            .iter()
            .map(|output| read(output).map_err(failed));
        bytes
            .map(|bytes| bytes.map(|bytes| bytes.to_vec()))
            .collect()
    }

    /// What native FFmpeg makes of it.
    fn there(&self, native: &Native) -> Result<Vec<Vec<u8>>, String> {
        let failed = |error: std::io::Error| error.to_string();
        for (path, bytes) in graphs::files() {
            fs::write(native.file(path), bytes).map_err(failed)?;
        }
        fs::create_dir_all(native.file("fonts")).map_err(failed)?;
        fs::write(native.file("fonts/boxes.ttf"), letters()).map_err(failed)?;
        let mut args = vec!["-filter_complex".to_owned(), self.plain()];
        for Output { label, kind } in &self.outputs {
            args.extend(["-map".to_owned(), format!("[{label}o]")]);
            let raw = match kind {
                Kind::Sound => ["-c:a", "pcm_f64le", "-f", "f64le"],
                Kind::Pictures => ["-fps_mode", "passthrough", "-f", "rawvideo"],
            };
            args.extend(raw.map(str::to_owned));
            args.push(format!("{label}.raw"));
        }
        native.run(&args)?;
        let read = |output: &Output| fs::read(native.file(&format!("{}.raw", output.label)));
        let bytes = self
            .outputs
            .iter()
            .map(|output| read(output).map_err(failed));
        bytes.collect()
    }
}

fn letters() -> Vec<u8> {
    font::boxes("Boxes", &[('A', font::TALL), ('B', font::LOW)])
}

const ENDS: [(&str, Kind); 4] = [
    ("v0", Kind::Pictures),
    ("v1", Kind::Pictures),
    ("a0", Kind::Sound),
    ("a1", Kind::Sound),
];

const VIDEO: &str = "testsrc2=size=128x96:rate=25,trim=end_frame=30";
const SHORT: &str = "testsrc2=size=128x96:rate=25,trim=end_frame=3";
const GRAY: &str = "VIDEO,format=yuv420p,extractplanes=y";
/// In doubles, which every version makes alike; `sine` rounds otherwise in each.
const TONE: &str = "aevalsrc=exprs=sin(2764.6*t)/8:sample_rate=44100:duration=1";

/// Eight bits a sample, whose differences mean something.
const PLAIN: &str = "format=yuv420p|yuv422p|yuv444p|yuva420p|yuva444p|gray|rgb24|rgba|gbrp|gbrap";

/// Far beyond what roundings of another version or another processor make.
const LEAST_DECIBELS: f64 = 40.0;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_graph_has_an_end() {
        for (name, text) in GRAPHS {
            assert!(!Graph::written(text).outputs.is_empty(), "{name}");
        }
    }

    #[test]
    fn a_filter_stands_between_sources_of_its_kinds_and_ends() {
        let about = json!({ "inputs": [{ "type": "audio" }], "outputs": [{ "type": "video" }] });
        let graph = Graph::usual("showwhat", &about).expect("something comes out");
        assert_eq!(
            graph.text,
            format!("{TONE}[i0];[i0]showwhat[m0];[m0]trim=end_frame=30[v0]")
        );
        assert!(Graph::usual("sink", &json!({ "inputs": [], "outputs": [] })).is_none());
    }
}
