//! Each codec that is decoded, on a file of native FFmpeg, against what native FFmpeg decodes of it.

use std::collections::BTreeMap;
use std::fs;

use afmpeg::MemFs;
use serde_json::{Value, json};

use super::encoders::{self, CONTAINERS};
use super::native::Native;
use super::signals::{self, TONE};
use super::{Bench, Verdict};

/// The codecs among decoders, each with the decoders that there are for it.
pub(super) fn codecs(
    bench: &Bench,
    decoders: &[String],
    encoders: &[String],
) -> Result<BTreeMap<String, Codec>, String> {
    let mut by_codec: BTreeMap<String, String> = BTreeMap::new();
    for encoder in encoders {
        let component = format!("encoder={encoder}");
        let about = bench.ask(json!({ "op": "capabilities", "component": component }))?;
        if let Some(codec) = about["codec"].as_str() {
            by_codec.entry(codec.to_owned()).or_insert(encoder.clone());
        }
    }
    let mut codecs: BTreeMap<String, Codec> = BTreeMap::new();
    for decoder in decoders {
        let component = format!("decoder={decoder}");
        let about = bench.ask(json!({ "op": "capabilities", "component": component }))?;
        let name = about["codec"].as_str().unwrap_or(decoder).to_owned();
        let kind = about["type"].as_str().unwrap_or_default().to_owned();
        let encoder = by_codec.get(&name).cloned();
        let codec = codecs.entry(name).or_insert(Codec {
            kind,
            encoder,
            decoders: Vec::new(),
        });
        codec.decoders.push(decoder.clone());
    }
    Ok(codecs)
}

/// What is decoded to, and by what.
pub(super) struct Codec {
    kind: String,
    /// The engine's first encoder for it.
    encoder: Option<String>,
    pub(super) decoders: Vec<String>,
}

/// Whether the engine decodes to what native FFmpeg does.
pub(super) fn verdict(bench: &Bench, native: &Native, name: &str, codec: &Codec) -> Verdict {
    match codec.kind.as_str() {
        "video" | "audio" => {}
        "subtitle" => return subtitle(bench, native, name),
        _ => return Verdict::Untried("it is neither pictures, sound nor text"),
    }
    let picture = codec.kind == "video";
    let Some(file) = fixture(bench, native, name, codec, picture) else {
        return Verdict::Untried("neither native FFmpeg nor the engine encodes it");
    };
    let fs = MemFs::new();
    if let Err(error) = fs.write("/in", file) {
        return Verdict::Fails(error.to_string());
    }
    match compared(bench, native, &fs, picture) {
        Ok(None) => Verdict::Works,
        Ok(Some(decibels)) if decibels >= LEAST_DECIBELS => Verdict::Near(decibels),
        Ok(Some(decibels)) => Verdict::Fails(format!(
            "what it decodes is {decibels:.1} dB from what native FFmpeg decodes"
        )),
        Err(why) => Verdict::Fails(why),
    }
}

/// A short file of the codec: by native FFmpeg where that has an encoder, by the engine elsewhere.
fn fixture(
    bench: &Bench,
    native: &Native,
    name: &str,
    codec: &Codec,
    picture: bool,
) -> Option<Vec<u8>> {
    let needs = encoders::needs_of(name);
    let (source, kind) = if picture {
        let (size, rate) = needs.map_or(("128x96", "25"), |needs| (needs.size, needs.rate));
        let filter = needs.map_or("", |needs| needs.filter);
        (
            format!("testsrc2=size={size}:rate={rate}:duration=1{filter}"),
            "v",
        )
    } else {
        let rate = needs.map_or("44100", |needs| needs.rate);
        (
            format!("sine=frequency={TONE}:sample_rate={rate}:duration=0.5,volume=4"),
            "a",
        )
    };
    let to = native.file("fixture");
    let to = to.to_str()?;
    let options = needs.map_or(&[][..], |needs| needs.options);
    let options: Vec<_> = options
        .iter()
        .flat_map(|(key, value)| [format!("-{key}"), (*value).to_owned()])
        .collect();
    let own = format!("{name}_pipe");
    let only = encoders::only_in(name);
    for container in only
        .into_iter()
        .chain(CONTAINERS)
        .chain([name, own.as_str()])
    {
        if container.starts_with("image2:") {
            continue;
        }
        let coder = format!("-c:{kind}");
        let mut args = vec!["-f", "lavfi", "-i", &source, &coder, name, "-strict", "-2"];
        args.extend(options.iter().map(String::as_str));
        if picture {
            args.extend(["-frames:v", "5"]);
        }
        args.extend(["-f", container, to]);
        match native.run(&args) {
            Ok(()) if readable(native, to, kind) => return fs::read(to).ok(),
            Err(why) if why.contains("Unknown encoder") => break,
            _ => {}
        }
    }
    let encoder = codec.encoder.as_deref()?;
    CONTAINERS.into_iter().find_map(|container| {
        let file = encoders::coded(bench, encoder, picture, container).ok()?;
        fs::write(to, &file).ok()?;
        readable(native, to, kind).then_some(file)
    })
}

/// Containers take codecs that they give back as data, and codecs encode what cannot be decoded alone.
fn readable(native: &Native, file: &str, kind: &str) -> bool {
    let stream = format!("0:{kind}:0");
    native
        .run(&["-i", file, "-map", &stream, "-f", "null", "-"])
        .is_ok()
}

/// Nothing when both decode the same, else how far apart they are, in decibels.
fn compared(
    bench: &Bench,
    native: &Native,
    fs: &MemFs,
    picture: bool,
) -> Result<Option<f64>, String> {
    let file = native.file("fixture");
    if picture {
        let theirs = native.decode(&file, "0:v:0", &["-f", "rawvideo"])?;
        let ours = raw(bench, fs, "[0:v]null[o]", "rawvideo", "rawvideo")?;
        if ours == theirs {
            return Ok(None);
        }
        let theirs = native.decode(&file, "0:v:0", &["-pix_fmt", "yuv420p", "-f", "rawvideo"])?;
        let ours = raw(bench, fs, "[0:v]format=yuv420p[o]", "rawvideo", "rawvideo")?;
        return apart(&theirs, &ours, signals::psnr(&theirs, &ours)).map(Some);
    }
    let theirs = native.decode(&file, "0:a:0", &["-c:a", "pcm_f64le", "-f", "f64le"])?;
    let ours = raw(bench, fs, "[0:a]anull[o]", "f64le", "pcm_f64le")?;
    if ours == theirs {
        return Ok(None);
    }
    let decibels = signals::snr(&samples(&theirs), &samples(&ours));
    apart(&theirs, &ours, decibels).map(Some)
}

/// Other lengths are other contents.
fn apart(theirs: &[u8], ours: &[u8], decibels: f64) -> Result<f64, String> {
    if theirs.len() == ours.len() {
        return Ok(decibels);
    }
    Err(format!(
        "it decodes {} bytes where native FFmpeg decodes {}",
        ours.len(),
        theirs.len()
    ))
}

fn samples(bytes: &[u8]) -> Vec<f64> {
    let (samples, _) = bytes.as_chunks::<8>();
    samples
        .iter()
        .map(|bytes| f64::from_le_bytes(*bytes))
        .collect()
}

fn raw(
    bench: &Bench,
    fs: &MemFs,
    filter: &str,
    format: &str,
    codec: &str,
) -> Result<Vec<u8>, String> {
    bench.job(
        fs,
        json!({ "op": "process", "inputs": [{ "path": "/in" }], "filter": filter, "outputs": [{
            "path": "/out", "format": format,
            "streams": [{ "from": "[o]", "codec": codec, "rate_mode": mode(codec) }],
        }] }),
    )?;
    let bytes = fs.read("/out").map_err(|error| error.to_string())?;
    Ok(bytes.to_vec())
}

/// Every picture once, at whatever time. Sound has no such mode.
fn mode(codec: &str) -> Value {
    match codec {
        "rawvideo" => json!("source"),
        _ => Value::Null,
    }
}

/// The lines of a text codec, against those that native FFmpeg reads from the same file.
fn subtitle(bench: &Bench, native: &Native, codec: &str) -> Verdict {
    let (lines, file) = (native.file("lines.srt"), native.file("fixture"));
    if let Err(error) = fs::write(&lines, LINES) {
        return Verdict::Fails(error.to_string());
    }
    let (Some(lines), Some(path)) = (lines.to_str(), file.to_str()) else {
        return Verdict::Fails("the path of the workspace is no text".to_owned());
    };
    let made = ["matroska", "mp4", "webvtt", "ass", "srt"]
        .into_iter()
        .any(|container| {
            native
                .run(&["-i", lines, "-c:s", codec, "-f", container, path])
                .is_ok()
        });
    if !made {
        return Verdict::Untried("native FFmpeg does not make it of text");
    }
    let outcome = || -> Result<Verdict, String> {
        let theirs = native.decode(&file, "0:s:0", &["-c:s", "subrip", "-f", "srt"])?;
        let bytes = fs::read(&file).map_err(|error| error.to_string())?;
        let fs = MemFs::new();
        fs.write("/in", bytes).map_err(|error| error.to_string())?;
        bench.job(
            &fs,
            json!({ "op": "process", "inputs": [{ "path": "/in" }], "outputs": [{
                "path": "/out.srt", "map": ["0:s"], "subtitle_codec": "subrip" }] }),
        )?;
        let ours = fs.read("/out.srt").map_err(|error| error.to_string())?;
        let words = |bytes: &[u8]| -> Vec<String> {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.split_whitespace().map(str::to_owned).collect()
        };
        if words(&ours) == words(&theirs) {
            return Ok(Verdict::Works);
        }
        Ok(Verdict::Fails(
            "its lines are not those of native FFmpeg".to_owned(),
        ))
    };
    outcome().unwrap_or_else(Verdict::Fails)
}

const LINES: &str = "1\n00:00:00,500 --> 00:00:02,000\nFirst line\n\n\
    2\n00:00:03,000 --> 00:00:04,250\nSecond line, of two\nbelow one another\n\n";

/// Far beyond what roundings of another version or another processor make.
const LEAST_DECIBELS: f64 = 40.0;
