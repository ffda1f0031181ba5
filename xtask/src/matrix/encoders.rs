//! Each encoder, into a container that takes it, and back.

use afmpeg::MemFs;
use serde_json::{Value, json};

use super::containers::{self, Container};
use super::native::Native;
use super::needs::{self, Needs, needs_of};
use super::signals::{self, TONE};
use super::{Bench, Verdict};

/// Whether what it encodes can be decoded to what went in, also by native FFmpeg if that is there.
pub(super) fn verdict(bench: &Bench, native: Option<&Native>, name: &str) -> Verdict {
    let about =
        match bench.ask(json!({ "op": "capabilities", "component": format!("encoder={name}") })) {
            Ok(about) => about,
            Err(why) => return Verdict::Fails(why),
        };
    let picture = match about["type"].as_str() {
        Some("video") => true,
        Some("audio") => false,
        _ => return Verdict::Untried("subtitles are no pictures or sound"),
    };
    if let Some((_, why)) = UNTRIED.iter().find(|(encoder, _)| *encoder == name) {
        return Verdict::Untried(why);
    }
    let codec = about["codec"].as_str().unwrap_or(name);
    let encoder = Encoder {
        name,
        codec,
        picture,
    };
    if let Some((_, why)) = FAULTY.iter().find(|(encoder, _)| *encoder == name) {
        return match native {
            Some(native) => as_native(bench, native, &encoder)
                .map_or_else(Verdict::Fails, |()| Verdict::Apart(why)),
            None => Verdict::Untried("what it encodes is no tone in any FFmpeg; `--native` tells"),
        };
    }
    let mut first = None;
    for container in containers::of_encoder(name, codec) {
        match tried(bench, native, &encoder, &container) {
            Ok(verdict) => return verdict,
            // The reason of the first container says most: it takes nearly everything.
            Err(why) => first = first.or(Some(why)),
        }
    }
    Verdict::Fails(first.unwrap_or_default())
}

struct Encoder<'a> {
    name: &'a str,
    codec: &'a str,
    /// Whether it encodes pictures, or else sound.
    picture: bool,
}

fn tried(
    bench: &Bench,
    native: Option<&Native>,
    encoder: &Encoder<'_>,
    container: &Container,
) -> Result<Verdict, String> {
    let (name, picture) = (encoder.name, encoder.picture);
    let file = coded(bench, name, picture, container)?;
    let fs = MemFs::new();
    fs.write(&container.path, file.clone())
        .map_err(|error| error.to_string())?;
    let told = if picture {
        look(bench, &fs, name, container)
    } else {
        listen(bench, &fs, container)
    };
    told.map_err(|why| format!("{}: {why}", container.name))?;
    if LOSSLESS.contains(&name) {
        unchanged(bench, encoder, container).map_err(|why| format!("{}: {why}", container.name))?;
    }
    let Some(native) = native else {
        return Ok(Verdict::Works);
    };
    native_reads(native, &fs, &file, encoder, container)
        .map_err(|why| format!("{}: {why}", container.name))
}

/// What goes into an encoder.
pub(super) fn source(needs: Option<&Needs>, picture: bool) -> String {
    if picture {
        let (size, rate) = needs.map_or(("128x96", "25"), |needs| (needs.size, needs.rate));
        format!("testsrc2=size={size}:rate={rate},trim=end_frame={FRAMES}")
    } else {
        let rate = needs.map_or("44100", |needs| needs.rate);
        format!("sine=frequency={TONE}:sample_rate={rate}:duration=0.5,volume=4")
    }
}

/// A file that an encoder makes in a container.
pub(super) fn coded(
    bench: &Bench,
    name: &str,
    picture: bool,
    container: &Container,
) -> Result<Vec<u8>, String> {
    let needs = needs_of(name);
    let source = source(needs, picture);
    let filter = needs.map_or("", |needs| needs.filter);
    let fs = MemFs::new();
    let codec = if picture {
        "video_codec"
    } else {
        "audio_codec"
    };
    let mut output = container.output();
    output["map"] = json!(["[o]"]);
    output[codec] = json!(name);
    output["options"] = containers::object(needs.map_or(&[][..], |needs| needs.options));
    bench.job(
        &fs,
        json!({ "op": "process", "filter": format!("{source}{filter}[o]"), "outputs": [output] }),
    )?;
    read(&fs, &container.path)
}

/// What native FFmpeg decodes of the file: the picture that the engine decodes, or the tone. Older versions lack
/// some codecs: what it cannot read at all is told as such.
fn native_reads(
    native: &Native,
    fs: &MemFs,
    file: &[u8],
    encoder: &Encoder<'_>,
    container: &Container,
) -> Result<Verdict, String> {
    let (name, picture) = (encoder.name, encoder.picture);
    let path = native.file(&container.path[1..]);
    std::fs::write(&path, file).map_err(|error| error.to_string())?;
    let turned = needs::upside_down(name) != TURNED.contains(&name);
    let turn = if turned { "vflip," } else { "" };
    let gray = format!("{turn}scale=128:96:flags=area,format=gray");
    let raw: &[&str] = if picture {
        &["-vf", &gray, "-frames:v", "1", "-f", "rawvideo"]
    } else {
        &["-ar", "44100", "-ac", "1", "-f", "s16le"]
    };
    let stream = if picture { "0:v:0" } else { "0:a:0" };
    let theirs = match native.decode(&path, container, stream, raw) {
        Ok(theirs) => theirs,
        Err(_) if TOO_NEW.contains(&name) || !native.reads(encoder.codec, container) => {
            return Ok(Verdict::Alone);
        }
        Err(why) => return Err(format!("native FFmpeg says: {why}")),
    };
    if !picture {
        return heard(&theirs)
            .map(|()| Verdict::Works)
            .map_err(|why| format!("native FFmpeg: {why}"));
    }
    let ours = read(fs, "/after")?;
    let psnr = signals::psnr(&theirs, ours.get(..theirs.len()).unwrap_or_default());
    match theirs.is_empty() || psnr < least_psnr(name) {
        true => Err(format!(
            "native FFmpeg decodes another picture: {psnr:.1} dB"
        )),
        false if TURNED.contains(&name) => Ok(Verdict::Apart(
            "and FFmpeg 9 reads what it writes upside down",
        )),
        false => Ok(Verdict::Works),
    }
}

/// Whether native FFmpeg makes the same bytes of the same samples.
fn as_native(bench: &Bench, native: &Native, encoder: &Encoder<'_>) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    let container = containers::of_encoder(encoder.name, encoder.codec)
        .into_iter()
        .next()
        .ok_or("no container is known for it")?;
    let ours = coded(bench, encoder.name, encoder.picture, &container)?;
    let fs = MemFs::new();
    let source = source(needs_of(encoder.name), encoder.picture);
    bench.job(
        &fs,
        json!({ "op": "process", "filter": format!("{source}[o]"),
            "outputs": [{ "path": "/samples", "format": "s16le", "map": ["[o]"], "audio_codec": "pcm_s16le" }] }),
    )?;
    let (samples, file) = (native.file("samples"), native.file("coded"));
    std::fs::write(&samples, read(&fs, "/samples")?).map_err(failed)?;
    let mut args = [
        "-f", "s16le", "-ar", "44100", "-ac", "1", "-i", "samples", "-c:a",
    ]
    .map(str::to_owned)
    .to_vec();
    args.push(encoder.name.to_owned());
    args.extend(container.written());
    args.push("coded".to_owned());
    native.run(&args)?;
    match std::fs::read(file).map_err(failed)? == ours {
        true => Ok(()),
        false => Err("native FFmpeg encodes other bytes".to_owned()),
    }
}

/// What native FFmpeg of these days has a decoder for that does not decode this.
const TOO_NEW: [&str; 1] = ["libwebp_anim"];

/// The pictures of the file against those of the source, both as small gray ones.
fn look(bench: &Bench, fs: &MemFs, name: &str, container: &Container) -> Result<(), String> {
    let source = source(needs_of(name), true);
    let gray = format!("scale=128:96:flags=area,format=gray,trim=end_frame={FRAMES}[o]");
    let turn = if TURNED.contains(&name) { "vflip," } else { "" };
    let raw = |path: &str| json!([{ "path": path, "format": "rawvideo", "map": ["[o]"], "video_codec": "rawvideo" }]);
    bench.job(
        fs,
        json!({ "op": "process", "filter": format!("{source},{gray}"), "outputs": raw("/before") }),
    )?;
    bench.job(
        fs,
        json!({ "op": "process", "inputs": [container.input()], "filter": format!("[0:v]{turn}{gray}"),
            "outputs": raw("/after") }),
    )?;
    let (before, after) = (read(fs, "/before")?, read(fs, "/after")?);
    // Encoders of two fields or of rates of their own give other numbers of pictures.
    let shared = before.len().min(after.len());
    if shared < 128 * 96 {
        return Err("no picture came back".to_owned());
    }
    let psnr = signals::psnr(&before[..128 * 96], &after[..128 * 96]);
    if psnr < least_psnr(name) {
        return Err(format!(
            "the picture that came back is another: {psnr:.1} dB"
        ));
    }
    Ok(())
}

/// Whether all that comes back is what the encoder was given: each sample of each picture, or of the sound.
fn unchanged(bench: &Bench, encoder: &Encoder<'_>, container: &Container) -> Result<(), String> {
    let (name, fs) = (encoder.name, MemFs::new());
    let needs = needs_of(name);
    let (source, filter) = (
        source(needs, encoder.picture),
        needs.map_or("", |needs| needs.filter),
    );
    // What is split has one format for both, that of the encoder. Of sound 16 bits are what every encoder holds.
    let (kind, split, raw, codec) = match encoder.picture {
        true => ("video", "split", "rawvideo", "rawvideo"),
        false => (
            "audio",
            "aformat=sample_fmts=s16,asplit",
            "s32le",
            "pcm_s32le",
        ),
    };
    let mut output = container.output();
    output["map"] = json!(["[o]"]);
    output[format!("{kind}_codec")] = json!(name);
    output["options"] = containers::object(needs.map_or(&[][..], |needs| needs.options));
    bench.job(
        &fs,
        json!({ "op": "process", "filter": format!("{source}{filter},{split}[o][g]"), "outputs": [output,
            { "path": "/given.nut", "streams": [{ "from": "[g]", "codec": codec }] }] }),
    )?;
    let given = json!({ "path": "/given.nut" });
    let probe = bench.job(&fs, json!({ "op": "probe", "inputs": [given] }))?;
    let plain = match probe["inputs"][0]["streams"][0]["pix_fmt"].as_str() {
        Some(format) => format!("[0:v]format={format}[o]"),
        None => "[0:a]anull[o]".to_owned(),
    };
    let decode = |input: Value, path: &str| {
        let output =
            json!({ "path": path, "format": raw, "streams": [{ "from": "[o]", "codec": codec }] });
        bench.job(
            &fs,
            json!({ "op": "process", "inputs": [input], "filter": plain, "outputs": [output] }),
        )
    };
    decode(given, "/given")?;
    decode(container.input(), "/taken")?;
    let (given, taken) = (read(&fs, "/given")?, read(&fs, "/taken")?);
    // A file of one picture has the last or the first of them; the last frame of sound may be filled up.
    let same = match encoder.picture {
        true => given.starts_with(&taken) || given.ends_with(&taken),
        false => taken.starts_with(&given),
    };
    match same && !given.is_empty() && !taken.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "it loses nothing, and {} bytes came back of which some are others than the {} that went in",
            taken.len(),
            given.len()
        )),
    }
}

/// Where the energy of what came back is.
fn listen(bench: &Bench, fs: &MemFs, container: &Container) -> Result<(), String> {
    bench.job(
        fs,
        json!({ "op": "process", "inputs": [container.input()],
            "filter": "[0:a]aresample=44100,aformat=sample_fmts=s16:channel_layouts=mono[o]",
            "outputs": [{ "path": "/after", "format": "s16le", "map": ["[o]"], "audio_codec": "pcm_s16le" }] }),
    )?;
    heard(&read(fs, "/after")?)
}

/// Whether the tone is in 16-bit samples, 44,100 a second.
fn heard(samples: &[u8]) -> Result<(), String> {
    let samples: Vec<f64> = samples
        .chunks_exact(2)
        .map(|pair| f64::from(i16::from_le_bytes([pair[0], pair[1]])))
        .collect();
    // Past the encoder's delay, before the last frame's padding.
    let middle = samples
        .get(4410..15435)
        .ok_or("less sound came back than went in")?;
    let share = signals::share_of_tone(middle, 44100.0);
    if share < LEAST_SHARE {
        return Err(format!(
            "{:.0} % of what came back is the tone",
            100.0 * share
        ));
    }
    Ok(())
}

fn read(fs: &MemFs, path: &str) -> Result<Vec<u8>, String> {
    fs.read(path)
        .map(|bytes| bytes.to_vec())
        .map_err(|error| error.to_string())
}

const FRAMES: u32 = 5;

/// Encoders that lose nothing, and take a format that the sources can have.
const LOSSLESS: &[&str] = &[
    "alac",
    "alias_pix",
    "apng",
    "avrp",
    "bitpacked",
    "bmp",
    "dpx",
    "ffv1",
    "ffvhuff",
    "fits",
    "flac",
    "flashsv",
    "huffyuv",
    "jpegls",
    "ljpeg",
    "magicyuv",
    "mlp",
    "pam",
    "pcm_s16be",
    "pcm_s16le",
    "pcm_s24le",
    "pcm_s32le",
    "pgmyuv",
    "png",
    "ppm",
    "qoi",
    "qtrle",
    "r10k",
    "r210",
    "rawvideo",
    "s302m",
    "sgi",
    "targa",
    "tiff",
    "truehd",
    "tta",
    "utvideo",
    "v210",
    "wavpack",
    "xwd",
    "y41p",
    "yuv4",
    "zlib",
];

/// Encoders whose files FFmpeg itself reads upside down.
const TURNED: [&str; 1] = ["phm"];

/// Encoders of which no FFmpeg reads back what went in.
const FAULTY: [(&str, &str); 1] = [(
    "pcm_vidc",
    "byte for byte as native FFmpeg, whose table for it has the sign elsewhere than its decoder",
)];

/// What a picture of sixteen colours still has, or one of black and white.
fn least_psnr(name: &str) -> f64 {
    match name {
        "pbm" | "pdv" | "wbmp" | "xbm" => 6.0,
        _ => 12.0,
    }
}

/// What codecs of speech still have.
const LEAST_SHARE: f64 = 0.5;

/// Why an encoder cannot be held against a decoder.
const UNTRIED: [(&str, &str); 5] = [
    ("wrapped_avframe", "what it encodes lives in memory only"),
    ("a64multi", "FFmpeg has no decoder for it"),
    ("a64multi5", "FFmpeg has no decoder for it"),
    (
        "adpcm_ima_amv",
        "its only container wants a video beside it",
    ),
    ("comfortnoise", "it encodes no tones"),
];
