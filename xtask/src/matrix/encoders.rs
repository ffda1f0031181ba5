//! Each encoder, into a container that takes it, and back.

use afmpeg::MemFs;
use serde_json::{Map, Value, json};

use super::native::Native;
use super::signals::{self, TONE};
use super::{Bench, Verdict};

/// What an encoder asks for that the usual clip does not have.
pub(super) struct Needs {
    encoder: &'static str,
    pub(super) size: &'static str,
    pub(super) rate: &'static str,
    /// At the end of the graph.
    pub(super) filter: &'static str,
    pub(super) options: &'static [(&'static str, &'static str)],
}

const fn needs(
    encoder: &'static str,
    size: &'static str,
    rate: &'static str,
    filter: &'static str,
    options: &'static [(&'static str, &'static str)],
) -> Needs {
    Needs {
        encoder,
        size,
        rate,
        filter,
        options,
    }
}

const PICTURE: &str = "128x96";
const STEREO: &str = ",aformat=channel_layouts=stereo";
const EXPERIMENTAL: &[(&str, &str)] = &[("strict", "-2")];

/// Sizes, rates and layouts that formats fix. Of sound, the size has no meaning and the rate is that of samples.
const NEEDS: [Needs; 37] = [
    needs(
        "dnxhd",
        "1280x720",
        "25",
        ",format=yuv422p",
        &[("b", "90M")],
    ),
    needs("dvvideo", "720x576", "25", ",format=yuv420p", &[]),
    needs("h261", "176x144", "30000/1001", "", &[]),
    needs("h263", "176x144", "30000/1001", "", &[]),
    needs("h263p", "176x144", "25", "", &[]),
    needs("roqvideo", "128x64", "30", "", &[]),
    needs("dxv", "64x64", "25", "", &[]),
    needs("cfhd", "256x256", "25", "", &[]),
    needs("asv1", PICTURE, "25", "", &[]),
    needs("asv2", PICTURE, "25", "", &[]),
    needs("vc2", "256x256", "25", "", &[]),
    needs("comfortnoise", "", "8000", "", &[]),
    needs("g722", "", "16000", "", &[]),
    needs("g723_1", "", "8000", "", &[("b", "6300")]),
    needs("g726", "", "8000", "", &[]),
    needs("g726le", "", "8000", "", &[]),
    needs("real_144", "", "8000", "", &[]),
    needs("roq_dpcm", "", "22050", "", &[]),
    needs("avui", "720x486", "30000/1001", "", EXPERIMENTAL),
    needs("ljpeg", PICTURE, "25", "", &[("strict", "-1")]),
    needs("pdv", PICTURE, "25", "", EXPERIMENTAL),
    needs("xface", "48x48", "25", "", &[]),
    needs("adpcm_ima_alp", "", "22050", "", &[]),
    needs("aptx", "", "48000", "", &[]),
    needs("aptx_hd", "", "48000", "", &[]),
    needs("dca", "", "48000", "", EXPERIMENTAL),
    needs("mlp", "", "48000", "", EXPERIMENTAL),
    needs("opus", "", "48000", "", EXPERIMENTAL),
    needs("pcm_bluray", "", "48000", "", &[]),
    needs("pcm_dvd", "", "48000", "", &[]),
    needs(
        "pcm_s24daud",
        "",
        "96000",
        ",pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0",
        &[],
    ),
    needs("s302m", "", "48000", STEREO, EXPERIMENTAL),
    needs("sbc", "", "48000", "", &[]),
    needs("truehd", "", "48000", "", EXPERIMENTAL),
    needs("vorbis", "", "44100", STEREO, EXPERIMENTAL),
    needs("vbn", PICTURE, "25", ",format=rgba", &[]),
    needs("adpcm_adx", "", "44100", "", &[]),
];

/// The only container of a codec, for those that no common one takes. `image2:` goes before the extension of a
/// picture, by which its codec is known.
const ONLY_IN: [(&str, &str); 24] = [
    ("adpcm_adx", "adx"),
    ("adpcm_ima_alp", "alp"),
    ("adpcm_ima_ssi", "kvag"),
    ("alias_pix", "image2:pix"),
    ("aptx", "aptx"),
    ("aptx_hd", "aptx_hd"),
    ("g726le", "g726le"),
    ("hdr", "image2:hdr"),
    ("libwebp_anim", "webp"),
    ("mlp", "mlp"),
    ("pam", "image2:pam"),
    ("pbm", "image2:pbm"),
    ("pcm_bluray", "mpegts"),
    ("pcm_dvd", "vob"),
    ("pcm_s24daud", "daud"),
    ("pfm", "image2:pfm"),
    ("pgmyuv", "image2:pgmyuv"),
    ("phm", "image2:phm"),
    ("s302m", "mpegts"),
    ("sbc", "sbc"),
    ("vbn", "image2:vbn"),
    ("wbmp", "image2:wbmp"),
    ("xbm", "image2:xbm"),
    ("xface", "image2:xface"),
];

/// What [`ONLY_IN`] says of an encoder, or of the codec of its name.
pub(super) fn only_in(name: &str) -> Option<&'static str> {
    let only = ONLY_IN.iter().find(|(encoder, _)| *encoder == name);
    only.map(|(_, container)| *container)
}

/// Why an encoder cannot be held against a decoder.
const UNTRIED: [(&str, &str); 7] = [
    ("wrapped_avframe", "what it encodes lives in memory only"),
    ("a64multi", "FFmpeg has no decoder for it"),
    ("a64multi5", "FFmpeg has no decoder for it"),
    (
        "adpcm_ima_amv",
        "its only container wants a video beside it",
    ),
    ("bitpacked", "no container has a tag for it"),
    (
        "comfortnoise",
        "it encodes no tones, and no container has a tag for it",
    ),
    ("pcm_vidc", "no container has a tag for it"),
];

/// Containers to try, the ones that take nearly everything first.
pub(super) const CONTAINERS: [&str; 26] = [
    "matroska",
    "nut",
    "mov",
    "avi",
    "wav",
    "ogg",
    "image2pipe",
    "caf",
    "mxf",
    "aiff",
    "roq",
    "swf",
    "flv",
    "adts",
    "alp",
    "apm",
    "argo_asf",
    "wsaud",
    "rm",
    "truehd",
    "mlp",
    "sbc",
    "aptx",
    "dfpwm",
    "g723_1",
    "amv",
];

/// What an encoder asks for, by its name or that of its codec.
pub(super) fn needs_of(name: &str) -> Option<&'static Needs> {
    NEEDS.iter().find(|needs| needs.encoder == name)
}

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
    if let Some(container) = only_in(name) {
        return match tried(bench, native, name, picture, container) {
            Ok(verdict) => verdict,
            Err(why) => Verdict::Fails(why),
        };
    }
    let codec = about["codec"].as_str().unwrap_or(name);
    let own = format!("{codec}_pipe");
    let mut first = None;
    for container in CONTAINERS.into_iter().chain([codec, own.as_str()]) {
        match tried(bench, native, name, picture, container) {
            Ok(verdict) => return verdict,
            // The reason of the first container says most: it takes nearly everything.
            Err(why) => first = first.or(Some(why)),
        }
    }
    Verdict::Fails(first.unwrap_or_default())
}

fn tried(
    bench: &Bench,
    native: Option<&Native>,
    name: &str,
    picture: bool,
    container: &str,
) -> Result<Verdict, String> {
    let file = coded(bench, name, picture, container)?;
    let fs = MemFs::new();
    fs.write(&path(container), file.clone())
        .map_err(|error| error.to_string())?;
    if picture {
        look(bench, &fs, &source(name, true), container)?;
    } else {
        listen(bench, &fs, container)?;
    }
    match native {
        Some(native) => native_reads(native, &fs, &file, picture, container),
        None => Ok(Verdict::Works),
    }
}

/// What goes into an encoder.
fn source(name: &str, picture: bool) -> String {
    let needs = needs_of(name);
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
    container: &str,
) -> Result<Vec<u8>, String> {
    let needs = needs_of(name);
    let source = source(name, picture);
    let filter = needs.map_or("", |needs| needs.filter);
    let fs = MemFs::new();
    let options: Map<_, _> = needs
        .map_or(&[][..], |needs| needs.options)
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)))
        .collect();
    let codec = if picture {
        "video_codec"
    } else {
        "audio_codec"
    };
    let path = path(container);
    let mut output = json!({ "path": path, "map": ["[o]"], codec: name, "options": options });
    if container.starts_with("image2:") {
        output["format"] = json!("image2");
        output["format_options"] = json!({ "update": "1" });
    } else {
        output["format"] = json!(container);
    }
    bench.job(
        &fs,
        json!({ "op": "process", "filter": format!("{source}{filter}[o]"), "outputs": [output] }),
    )?;
    read(&fs, &path)
}

/// The name of a file in a container.
pub(super) fn path(container: &str) -> String {
    match container.strip_prefix("image2:") {
        Some(extension) => format!("/coded.{extension}"),
        None => "/coded".to_owned(),
    }
}

/// What native FFmpeg decodes of the file: the picture that the engine decodes, or the tone. Older versions lack
/// some codecs: what it cannot read at all is told as such.
fn native_reads(
    native: &Native,
    fs: &MemFs,
    file: &[u8],
    picture: bool,
    container: &str,
) -> Result<Verdict, String> {
    let path = native.file(&path(container)[1..]);
    std::fs::write(&path, file).map_err(|error| error.to_string())?;
    let raw: &[&str] = if picture {
        &[
            "-vf",
            "scale=128:96:flags=area,format=gray",
            "-frames:v",
            "1",
            "-f",
            "rawvideo",
        ]
    } else {
        &["-ar", "44100", "-ac", "1", "-f", "s16le"]
    };
    let stream = if picture { "0:v:0" } else { "0:a:0" };
    let theirs = match native.decode(&path, stream, raw) {
        Ok(theirs) => theirs,
        Err(why) if NOT_ASKED.iter().any(|known| why.contains(known)) => return Ok(Verdict::Alone),
        Err(why) => return Err(format!("{container}: native FFmpeg says: {why}")),
    };
    if picture {
        let ours = read(fs, "/after")?;
        let psnr = signals::psnr(&theirs, ours.get(..theirs.len()).unwrap_or_default());
        return match theirs.is_empty() || psnr < least_psnr(container) {
            true => Err(format!(
                "{container}: native FFmpeg decodes another picture: {psnr:.1} dB"
            )),
            false => Ok(Verdict::Works),
        };
    }
    heard(&theirs, container)
        .map(|()| Verdict::Works)
        .map_err(|why| format!("native FFmpeg: {why}"))
}

/// How native FFmpeg says that it does not know a format or a codec.
const NOT_ASKED: [&str; 5] = [
    "Error marking filters as finished",
    "To ignore this, add a trailing",
    "Invalid data found when processing input",
    "Decoder (codec",
    "does not contain any stream",
];

/// The pictures of the file against those of the source, both as small gray ones.
fn look(bench: &Bench, fs: &MemFs, source: &str, container: &str) -> Result<(), String> {
    let gray = format!("scale=128:96:flags=area,format=gray,trim=end_frame={FRAMES}[o]");
    let raw = |path: &str| json!([{ "path": path, "format": "rawvideo", "map": ["[o]"], "video_codec": "rawvideo" }]);
    bench.job(
        fs,
        json!({ "op": "process", "filter": format!("{source},{gray}"), "outputs": raw("/before") }),
    )?;
    bench.job(
        fs,
        json!({ "op": "process", "inputs": [input(container)], "filter": format!("[0:v]{gray}"),
            "outputs": raw("/after") }),
    )?;
    let (before, after) = (read(fs, "/before")?, read(fs, "/after")?);
    // Encoders of two fields or of rates of their own give other numbers of pictures.
    let shared = before.len().min(after.len());
    if shared < 128 * 96 {
        return Err(format!("{container}: no picture came back"));
    }
    let psnr = signals::psnr(&before[..128 * 96], &after[..128 * 96]);
    if psnr < least_psnr(container) {
        return Err(format!(
            "{container}: the picture that came back is another: {psnr:.1} dB"
        ));
    }
    Ok(())
}

/// Where the energy of what came back is.
fn listen(bench: &Bench, fs: &MemFs, container: &str) -> Result<(), String> {
    bench.job(
        fs,
        json!({ "op": "process", "inputs": [input(container)],
            "filter": "[0:a]aresample=44100,aformat=sample_fmts=s16:channel_layouts=mono[o]",
            "outputs": [{ "path": "/after", "format": "s16le", "map": ["[o]"], "audio_codec": "pcm_s16le" }] }),
    )?;
    heard(&read(fs, "/after")?, container)
}

/// Whether the tone is in 16-bit samples, 44,100 a second.
fn heard(samples: &[u8], container: &str) -> Result<(), String> {
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
            "{container}: {:.0} % of what came back is the tone",
            100.0 * share
        ));
    }
    Ok(())
}

/// Files that say nothing of themselves are opened by name.
fn input(container: &str) -> Value {
    let path = path(container);
    match container {
        "image2pipe" | "matroska" | "nut" | "mov" | "avi" | "wav" | "ogg" | "caf" | "mxf"
        | "aiff" | "swf" | "flv" | "mpegts" | "vob" | "webp" | "adx" | "kvag" => {
            json!({ "path": path })
        }
        "adts" => json!({ "path": path, "format": "aac" }),
        image if image.starts_with("image2:") => json!({ "path": path }),
        other => json!({ "path": path, "format": other }),
    }
}

fn read(fs: &MemFs, path: &str) -> Result<Vec<u8>, String> {
    fs.read(path)
        .map(|bytes| bytes.to_vec())
        .map_err(|error| error.to_string())
}

const FRAMES: u32 = 5;

/// What a picture of sixteen colours still has, or one of black and white.
fn least_psnr(container: &str) -> f64 {
    match container {
        "image2:pbm" | "image2:wbmp" | "image2:xbm" => 6.0,
        _ => 12.0,
    }
}

/// What codecs of speech still have.
const LEAST_SHARE: f64 = 0.5;
