//! In which container a codec can be written, and how that container is written and read.

use serde_json::{Map, Value, json};

/// The only container of a codec, for those that no common one takes. `image2:` goes before the extension of a
/// picture, by which its codec is known.
const ONLY_IN: [(&str, &str); 29] = [
    ("adpcm_adx", "adx"),
    ("adpcm_ima_alp", "alp"),
    ("adpcm_ima_ssi", "kvag"),
    ("alias_pix", "image2:pix"),
    ("apng", "apng"),
    ("aptx", "aptx"),
    ("aptx_hd", "aptx_hd"),
    ("bitpacked", "bitpacked"),
    ("g726le", "g726le"),
    ("hdr", "image2:hdr"),
    ("libwebp_anim", "webp"),
    ("mlp", "mlp"),
    ("pam", "image2:pam"),
    ("pbm", "image2:pbm"),
    ("pcm_bluray", "m2ts"),
    ("pcm_dvd", "vob"),
    ("pcm_s24daud", "daud"),
    ("pcm_vidc", "vidc"),
    ("pdv", "pdv"),
    ("pfm", "image2:pfm"),
    ("pgmyuv", "image2:pgmyuv"),
    ("phm", "image2:phm"),
    ("s302m", "mpegts"),
    ("sbc", "sbc"),
    ("vbn", "image2:vbn"),
    ("wbmp", "image2:wbmp"),
    ("webp", "image2:webp"),
    ("xbm", "image2:xbm"),
    ("xface", "image2:xface"),
];

/// Containers to try, the ones that take nearly everything first.
const CONTAINERS: [&str; 26] = [
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

/// Those to try for an encoder, the likely ones first.
pub(super) fn of_encoder(name: &str, codec: &str) -> Vec<Container> {
    match only_in(name).or(only_in(codec)) {
        Some(only) => vec![Container::of(only)],
        None => common(codec).collect(),
    }
}

/// Those in which a file of a codec may be made by any means.
pub(super) fn of_codec(codec: &str, encoder: Option<&str>) -> Vec<Container> {
    let only = [Some(codec), encoder]
        .into_iter()
        .flatten()
        .find_map(only_in);
    only.map(Container::of)
        .into_iter()
        .chain(common(codec))
        .collect()
}

fn common(codec: &str) -> impl Iterator<Item = Container> {
    CONTAINERS.into_iter().chain([codec]).map(Container::of)
}

/// What [`ONLY_IN`] says of an encoder, or of the codec of its name.
fn only_in(name: &str) -> Option<&'static str> {
    let only = ONLY_IN.iter().find(|(encoder, _)| *encoder == name);
    only.map(|(_, container)| *container)
}

type Options = &'static [(&'static str, &'static str)];

/// How a file is written and read.
pub(super) struct Container {
    pub(super) name: String,
    /// Where the file is, of the engine's tree.
    pub(super) path: String,
    muxer: String,
    muxer_options: Options,
    /// For files that say nothing of themselves.
    demuxer: Option<String>,
    demuxer_options: Options,
}

impl Container {
    fn of(name: &str) -> Self {
        let usual = Self {
            name: name.to_owned(),
            path: "/coded".to_owned(),
            muxer: name.to_owned(),
            muxer_options: &[],
            demuxer: None,
            demuxer_options: &[],
        };
        if let Some(extension) = name.strip_prefix("image2:") {
            return Self {
                path: format!("/coded.{extension}"),
                muxer: "image2".to_owned(),
                muxer_options: &[("update", "1")],
                ..usual
            };
        }
        match name {
            "image2pipe" | "matroska" | "nut" | "mov" | "avi" | "wav" | "ogg" | "caf" | "mxf"
            | "aiff" | "swf" | "flv" | "mpegts" | "vob" | "webp" | "adx" | "kvag" => usual,
            "m2ts" => Self {
                muxer: "mpegts".to_owned(),
                muxer_options: &[("mpegts_m2ts_mode", "1")],
                ..usual
            },
            // Its table is as long as this says.
            "pdv" => Self {
                muxer_options: &[("max_frames", "16")],
                ..usual
            },
            // A demuxer without a muxer, for the packets and nothing else.
            "bitpacked" => Self {
                muxer: "rawvideo".to_owned(),
                demuxer: Some(name.to_owned()),
                demuxer_options: &[("video_size", "128x96"), ("pixel_format", "yuv422p10")],
                ..usual
            },
            "adts" => Self {
                demuxer: Some("aac".to_owned()),
                ..usual
            },
            other => Self {
                demuxer: Some(other.to_owned()),
                ..usual
            },
        }
    }

    /// A file that no muxer of FFmpeg made.
    pub(super) fn of_file(name: &str, demuxer: Option<&str>, demuxer_options: Options) -> Self {
        Self {
            path: format!("/{name}"),
            demuxer: demuxer.map(str::to_owned),
            demuxer_options,
            ..Self::of("avi")
        }
    }

    /// The input of a job that reads it.
    pub(super) fn input(&self) -> Value {
        let mut input = json!({ "path": self.path });
        if let Some(demuxer) = &self.demuxer {
            input["format"] = json!(demuxer);
            input["options"] = object(self.demuxer_options);
        }
        input
    }

    /// The output of a job that writes it, without its streams.
    pub(super) fn output(&self) -> Value {
        let options = object(self.muxer_options);
        json!({ "path": self.path, "format": self.muxer, "format_options": options })
    }

    /// Before the file on a command line that writes it.
    pub(super) fn written(&self) -> Vec<String> {
        let mut args = vec!["-f".to_owned(), self.muxer.clone()];
        args.extend(flat(self.muxer_options));
        args
    }

    /// Before the file on a command line that reads it.
    pub(super) fn read(&self) -> Vec<String> {
        let mut args = Vec::new();
        if let Some(demuxer) = &self.demuxer {
            args.extend(["-f".to_owned(), demuxer.clone()]);
            args.extend(flat(self.demuxer_options));
        }
        args
    }

    /// What native FFmpeg has to have to read it.
    pub(super) fn demuxer(&self) -> Option<&str> {
        self.demuxer.as_deref()
    }
}

/// As a job has options.
pub(super) fn object(options: &[(&str, &str)]) -> Value {
    let pairs = options
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// As a command line has them.
pub(super) fn flat(options: &[(&str, &str)]) -> Vec<String> {
    let pairs = options.iter();
    pairs
        .flat_map(|(key, value)| [format!("-{key}"), (*value).to_owned()])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_its_own_format_goes_by_its_name() {
        let [container] = of_encoder("hdr", "hdr").try_into().ok().expect("only one");
        assert_eq!(container.path, "/coded.hdr");
        assert_eq!(container.written(), ["-f", "image2", "-update", "1"]);
        assert_eq!(container.read(), [""; 0]);
        assert_eq!(container.input(), json!({ "path": "/coded.hdr" }));
    }

    #[test]
    fn a_format_without_a_header_is_opened_by_name() {
        let [container] = of_encoder("bitpacked", "bitpacked")
            .try_into()
            .ok()
            .expect("only one");
        assert_eq!(container.output()["format"], "rawvideo");
        assert_eq!(container.input()["options"]["pixel_format"], "yuv422p10");
    }
}
