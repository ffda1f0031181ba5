//! Each codec that is decoded, on a file of native FFmpeg, against what native FFmpeg decodes of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use afmpeg::MemFs;
use serde_json::{Value, json};

use super::containers::{self, Container};
use super::encoders;
use super::fixtures::{self, Fixture, Origin};
use super::lines;
use super::native::Native;
use super::needs::{needs_of, upside_down};
use super::newer;
use super::signals;
use super::{Answer, Bench, Verdict};

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
pub(super) fn verdict(bench: &Bench, native: &Native, name: &str, codec: &Codec) -> Answer {
    match codec.kind.as_str() {
        "video" | "audio" => {}
        "subtitle" => return lines::verdict(bench, native, name).into(),
        _ => return Verdict::Untried("it is neither pictures, sound nor text").into(),
    }
    let picture = codec.kind == "video";
    if name == GENERATED {
        return generated(bench, native).into();
    }
    if codec.encoder.is_some() && !native.has("decoder", name) {
        let why = "native FFmpeg does not decode it; its encoder's verdict tells";
        return Verdict::Untried(why).into();
    }
    let fixture = fixture(bench, native, name, codec, picture)
        .or_else(|| fixtures::from_elsewhere(native, name, picture));
    let Some(fixture) = fixture else {
        return Verdict::Untried(fixtures::missing(name)).into();
    };
    let newer = match fixture.origin {
        Origin::Forged => as_newer(bench, native, name, &fixture, picture),
        _ => None,
    };
    if let Some(verdict) = newer {
        return Answer {
            verdict,
            origin: Some(fixture.origin),
        };
    }
    let verdict = match compared(bench, native, name, &fixture, picture) {
        Ok(None) => Verdict::Works,
        Ok(Some(decibels)) if decibels.is_infinite() && TURNED.contains(&name) => {
            Verdict::Near(decibels)
        }
        Ok(Some(decibels)) if decibels >= LEAST_DECIBELS && ROUNDED.contains(&name) => {
            Verdict::Near(decibels)
        }
        Ok(Some(decibels)) => Verdict::Fails(format!(
            "what it decodes is {decibels:.1} dB from what native FFmpeg decodes"
        )),
        Err(why) => Verdict::Fails(why),
    };
    Answer {
        verdict,
        origin: Some(fixture.origin),
    }
}

/// A file by native FFmpeg where that has an encoder, by the engine elsewhere.
fn fixture(
    bench: &Bench,
    native: &Native,
    name: &str,
    codec: &Codec,
    picture: bool,
) -> Option<Fixture> {
    let encoder = codec.encoder.as_deref();
    let needs = needs_of(name).or_else(|| needs_of(encoder?));
    let kind = if picture { "v" } else { "a" };
    let source = encoders::source(needs, picture);
    let graph = format!("{source}{}", needs.map_or("", |needs| needs.filter));
    // The codec's first encoder there makes animations, which its decoder does not take.
    let coded_by = if name == "webp" { "libwebp" } else { name };
    let (coder, options) = (
        format!("-c:{kind}"),
        containers::flat(needs.map_or(&[][..], |needs| needs.options)),
    );
    for container in containers::of_codec(name, encoder) {
        let written = container.written();
        let fixture = Fixture::to_be(native, container);
        let mut args = vec![
            "-f", "lavfi", "-i", &graph, &coder, coded_by, "-strict", "-2",
        ];
        args.extend(options.iter().chain(&written).map(String::as_str));
        args.push(fixture.file.to_str()?);
        match native.run(&args) {
            Ok(()) if fixture.readable(native, picture) => return Some(fixture),
            Err(why) if why.contains("Unknown encoder") => break,
            _ => {}
        }
    }
    containers::of_codec(name, encoder)
        .into_iter()
        .find_map(|container| {
            let bytes = encoders::coded(bench, encoder?, picture, &container).ok()?;
            let fixture = Fixture::to_be(native, container);
            fs::write(&fixture.file, &bytes).ok()?;
            fixture.readable(native, picture).then_some(fixture)
        })
}

/// The codec of pictures that filters make instead of a file.
const GENERATED: &str = "wrapped_avframe";

/// Whether pictures without a file are those that native FFmpeg makes.
fn generated(bench: &Bench, native: &Native) -> Verdict {
    const GRAPH: &str = "testsrc2=size=160x120:duration=0.4";
    let container = Container::of_file("", Some("lavfi"), &[]);
    let theirs = native.decode(Path::new(GRAPH), &container, "0:v:0", &["-f", "rawvideo"]);
    let input = json!({ "path": GRAPH, "format": "lavfi" });
    let (tree, origin) = (MemFs::new(), Origin::Encoded);
    let ours = decoded(bench, &tree, &input, origin, "[0:v]null[o]", PICTURES);
    match (theirs, ours) {
        (Ok(theirs), Ok(ours)) if theirs == ours && !ours.is_empty() => Verdict::Works,
        (Ok(_), Ok(_)) => Verdict::Fails("its pictures are not native FFmpeg's".to_owned()),
        (Err(why), _) | (_, Err(why)) => Verdict::Fails(why),
    }
}

/// Whether it decodes what FFmpeg of its version does, for the codecs that native FFmpeg is too old for.
fn as_newer(
    bench: &Bench,
    native: &Native,
    name: &str,
    fixture: &Fixture,
    picture: bool,
) -> Option<Verdict> {
    newer::seed(name)?;
    let known = native.reads(name, &fixture.container);
    let ours = fixture
        .tree()
        .and_then(|tree| alone(bench, &tree, fixture, picture));
    match ours {
        Ok(ours) if newer::decodes(name, &ours) == Some(true) => Some(match known {
            true => Verdict::Otherwise,
            false => Verdict::Newer,
        }),
        _ if known => None,
        Ok(_) => Some(Verdict::Fails(
            "it decodes what FFmpeg 9 does not".to_owned(),
        )),
        Err(why) => Some(Verdict::Fails(why)),
    }
}

/// What the engine decodes, as it is.
fn alone(bench: &Bench, tree: &MemFs, fixture: &Fixture, picture: bool) -> Result<Vec<u8>, String> {
    let (filter, raw) = match picture {
        true => ("[0:v]null[o]", PICTURES),
        false => ("[0:a]anull[o]", SAMPLES),
    };
    let input = fixture.container.input();
    decoded(bench, tree, &input, fixture.origin, filter, raw)
}

/// Nothing when both decode the same, else how far apart they are, in decibels.
fn compared(
    bench: &Bench,
    native: &Native,
    name: &str,
    fixture: &Fixture,
    picture: bool,
) -> Result<Option<f64>, String> {
    let tree = fixture.tree()?;
    let theirs =
        |stream: &str, raw: &[&str]| native.decode(&fixture.file, &fixture.container, stream, raw);
    let input = fixture.container.input();
    let ours = |filter: &str, raw| decoded(bench, &tree, &input, fixture.origin, filter, raw);
    if picture {
        let theirs_as_it_is = theirs("0:v:0", &["-f", "rawvideo"])?;
        if ours("[0:v]null[o]", PICTURES)? == theirs_as_it_is {
            return Ok(None);
        }
        let turn = if upside_down(name) { "vflip," } else { "" };
        let theirs = theirs("0:v:0", &["-pix_fmt", "yuv420p", "-f", "rawvideo"])?;
        let ours = ours(&format!("[0:v]{turn}format=yuv420p[o]"), PICTURES)?;
        return apart(&theirs, &ours, signals::psnr(&theirs, &ours)).map(Some);
    }
    let theirs = theirs("0:a:0", &["-c:a", "pcm_f64le", "-f", "f64le"])?;
    let ours = ours("[0:a]anull[o]", SAMPLES)?;
    if ours == theirs {
        return Ok(None);
    }
    let decibels = signals::snr(&signals::samples(&theirs), &signals::samples(&ours));
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

/// A format without a header and its codec.
type Raw = (&'static str, &'static str);

const PICTURES: Raw = ("rawvideo", "rawvideo");
const SAMPLES: Raw = ("f64le", "pcm_f64le");

fn decoded(
    bench: &Bench,
    tree: &MemFs,
    input: &Value,
    origin: Origin,
    filter: &str,
    (format, codec): Raw,
) -> Result<Vec<u8>, String> {
    let mut stream = json!({ "from": "[o]", "codec": codec });
    // Every picture once, at whatever time. Sound has no such mode.
    if codec == "rawvideo" {
        stream["rate_mode"] = json!("source");
    }
    let mut spec = json!({ "op": "process", "inputs": [input], "filter": filter, "outputs": [
        { "path": "/out", "format": format, "streams": [stream] }] });
    // Native FFmpeg goes on behind what it cannot decode, of which noise may have some.
    if origin == Origin::Forged {
        spec["on_corrupt"] = json!("skip");
    }
    bench.job(tree, spec)?;
    let bytes = tree.read("/out").map_err(|error| error.to_string())?;
    Ok(bytes.to_vec())
}

/// Codecs of which two builds of FFmpeg need not decode the same: their sound is made of floating-point numbers, or a later
/// version computes it otherwise. All others are held to each bit.
const ROUNDED: &[&str] = &[
    "aac",
    "aac_latm",
    "adpcm_ima_wav",
    "amr_nb",
    "amr_wb",
    "atrac1",
    "atrac3p",
    "atrac3pal",
    "atrac9",
    "binkaudio_dct",
    "binkaudio_rdft",
    "cook",
    "dsd_lsbf_planar",
    "dsd_msbf",
    "dsd_msbf_planar",
    "dst",
    "dts",
    "jpeg2000",
    "metasound",
    "msnsiren",
    "nellymoser",
    "opus",
    "sipr",
    "siren",
    "twinvq",
    "wmav1",
    "wmav2",
    "wmavoice",
    "xma1",
    "xma2",
];

/// Codecs whose pictures an older version has in another pixel format, or upside down: the same once they are in one.
const TURNED: &[&str] = &["pfm", "phm", "sgi"];

/// Far beyond what roundings of another version or another processor make.
const LEAST_DECIBELS: f64 = 40.0;
