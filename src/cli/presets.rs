//! `convert --preset`, `--crop` and `--scale`: what they mean for the rest of the command line.

use std::path::Path;
use std::str::FromStr;

use afmpeg::graph::Scan;

use super::args::{Preset, Settings};
use super::names;
use super::status::Failure;
use super::values::KeyValue;

/// Which kinds of streams there are to use.
#[derive(Clone, Copy)]
pub(crate) struct Kinds {
    pub(crate) video: bool,
    pub(crate) audio: bool,
}

/// The extension of a preset's outputs where none is named.
pub(crate) fn extension(preset: Preset) -> &'static str {
    // Each has one at least.
    of(preset).extensions.first().copied().unwrap_or_default()
}

/// Finds outputs of another kind than the preset's before any input is looked at.
///
/// # Errors
///
/// The preset does not write files of this extension.
pub(crate) fn check(settings: &Settings, extension: &str) -> Result<(), Failure> {
    match settings.preset {
        Some(preset) if settings.format.is_none() => {
            of(preset).check(Some(&extension.to_ascii_lowercase()))
        }
        _ => Ok(()),
    }
}

/// The settings with their preset, crop and scale put into the options that they stand for.
///
/// # Errors
///
/// The output is not of the preset's kind, the engine has none of its encoders, or there is no telling which part of a
/// graph is to be cropped or scaled.
pub(crate) fn applied(
    settings: &Settings,
    target: &Path,
    kinds: Kinds,
    has_encoder: impl Fn(&str) -> bool,
) -> Result<Settings, Failure> {
    let mut args = settings.clone();
    let preset = args.preset.map(of);
    if let Some(preset) = preset {
        preset.apply(&mut args, target, kinds, &has_encoder)?;
    }
    let is_encoded =
        |there, codec: &Option<String>| there && !matches!(codec.as_deref(), Some("none" | "copy"));
    let picture = is_encoded(kinds.video, &args.video_codec);
    let sound = is_encoded(kinds.audio, &args.audio_codec);
    if !picture && (args.crop.is_some() || args.scale.is_some()) {
        return Err(Failure::usage(
            "--crop and --scale are for a picture that is encoded, and there is none",
        ));
    }
    let mut chain = Vec::new();
    if let Some(Crop { width, height, at }) = args.crop {
        let at = at.map_or_else(String::new, |(left, top)| format!(":{left}:{top}"));
        chain.push(format!("crop={width}:{height}{at}"));
    }
    if let Some(Size { width, height }) = args.scale {
        // An even height, which most encoders want.
        let height = height.map_or_else(|| "-2".to_owned(), |height| height.to_string());
        chain.push(format!("scale={width}:{height}"));
    }
    if let Some(preset) = preset {
        let scaled = args.scale.is_some();
        let filters = match (picture, sound) {
            (true, _) => preset.picture,
            // A chain without a picture is for the sound.
            (false, true) => preset.sound,
            (false, false) => &[],
        };
        let filters = (filters.iter()).filter(|f| !(scaled && f.starts_with("scale=")));
        chain.extend(filters.map(|filter| (*filter).to_owned()));
    }
    if chain.is_empty() {
        return Ok(args);
    }
    if let Some(graph) = &args.filter {
        let scan = Scan::of(graph);
        if !(scan.inputs.is_empty() && scan.open.is_empty()) {
            return Err(Failure::usage(
                "--preset, --crop and --scale go together with a plain chain of filters: put them into the graph",
            ));
        }
        chain.push(graph.clone());
    }
    args.filter = Some(chain.join(","));
    Ok(args)
}

/// What a preset stands for.
struct Meaning {
    name: &'static str,
    extensions: &'static [&'static str],
    video: Choice,
    audio: Choice,
    /// Filters of the picture.
    picture: &'static [&'static str],
    /// Filters of the sound where there is no picture.
    sound: &'static [&'static str],
    format_options: Options,
}

type Options = &'static [(&'static str, &'static str)];

/// The encoder of one kind of stream.
enum Choice {
    /// There is no such stream.
    None,
    /// What the container has by default, with these options.
    Default(Options),
    /// The first of these that the engine has.
    First(&'static [(&'static str, Options)]),
}

impl Meaning {
    /// Whether files of this extension are what the preset writes.
    fn check(&self, extension: Option<&str>) -> Result<(), Failure> {
        if extension.is_some_and(|extension| self.extensions.contains(&extension)) {
            return Ok(());
        }
        let extensions: Vec<_> = self.extensions.iter().map(|e| format!(".{e}")).collect();
        Err(Failure::usage(format!(
            "the preset {} writes {}",
            self.name,
            extensions.join(", ")
        )))
    }

    fn apply(
        &self,
        args: &mut Settings,
        target: &Path,
        kinds: Kinds,
        has: &impl Fn(&str) -> bool,
    ) -> Result<(), Failure> {
        if args.format.is_none() {
            self.check(names::extension(target).as_deref())?;
        }
        if kinds.video {
            let options = self.video.options(&mut args.video_codec, has)?;
            put(&mut args.video_option, options);
        }
        if kinds.audio {
            let options = self.audio.options(&mut args.audio_codec, has)?;
            put(&mut args.audio_option, options);
        }
        put(&mut args.format_option, self.format_options);
        Ok(())
    }
}

impl Choice {
    /// Chooses the encoder, unless one was named, and gives its options.
    fn options(
        &self,
        codec: &mut Option<String>,
        has: &impl Fn(&str) -> bool,
    ) -> Result<Options, Failure> {
        match (self, codec.as_deref()) {
            (Self::None, None) => *codec = Some("none".to_owned()),
            (Self::Default(options), None) => return Ok(options),
            (Self::First(encoders), None) => {
                let chosen = encoders.iter().find(|(name, _)| has(name));
                let Some((name, options)) = chosen else {
                    let names: Vec<_> = encoders.iter().map(|(name, _)| *name).collect();
                    let message = format!("this engine has no encoder {}", names.join(" or "));
                    return Err(Failure::failed(message));
                };
                *codec = Some((*name).to_owned());
                return Ok(options);
            }
            (Self::First(encoders), Some(named)) => {
                let known = encoders.iter().find(|(name, _)| *name == named);
                return Ok(known.map_or(&[], |(_, options)| options));
            }
            _ => {}
        }
        Ok(&[])
    }
}

/// Puts options in front, so that those of the command line come after them and count.
fn put(to: &mut Vec<KeyValue>, options: Options) {
    let options = options.iter().map(|(key, value)| KeyValue {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
    });
    to.splice(..0, options);
}

fn of(preset: Preset) -> &'static Meaning {
    match preset {
        Preset::Web => &WEB,
        Preset::Podcast => &PODCAST,
        Preset::Thumbnail => &THUMBNAIL,
        Preset::Gif => &GIF,
        Preset::Archive => &ARCHIVE,
    }
}

const WEB: Meaning = Meaning {
    name: "web",
    extensions: &["mp4", "m4v", "mov"],
    video: Choice::First(&[
        ("libx264", &[("crf", "23"), ("preset", "veryfast")]),
        ("libopenh264", &[("b", "2500k"), ("maxrate", "5M")]),
    ]),
    audio: Choice::Default(&[("b", "128k")]),
    picture: &["scale=w='min(1280,trunc(iw/2)*2)':h=-2", "format=yuv420p"],
    sound: &[],
    format_options: &[("movflags", "+faststart")],
};

const PODCAST: Meaning = Meaning {
    name: "podcast",
    extensions: &["m4a", "mp3", "opus", "ogg", "aac"],
    video: Choice::None,
    audio: Choice::Default(&[("b", "96k")]),
    picture: &[],
    sound: &["aformat=channel_layouts=mono"],
    format_options: &[],
};

const THUMBNAIL: Meaning = Meaning {
    name: "thumbnail",
    extensions: &["png", "jpg", "jpeg", "bmp", "tiff", "tif"],
    video: Choice::Default(&[]),
    audio: Choice::None,
    picture: &["thumbnail", "scale=320:-2"],
    sound: &[],
    format_options: &[],
};

const GIF: Meaning = Meaning {
    name: "gif",
    extensions: &["gif"],
    video: Choice::Default(&[]),
    audio: Choice::None,
    picture: &["fps=12", "scale=w='min(480,iw)':h=-2"],
    sound: &[],
    format_options: &[],
};

const ARCHIVE: Meaning = Meaning {
    name: "archive",
    extensions: &["mkv"],
    video: Choice::First(&[("ffv1", &[("level", "3"), ("slicecrc", "1")])]),
    audio: Choice::First(&[("flac", &[])]),
    picture: &[],
    sound: &[],
    format_options: &[],
};

/// A part of the picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crop {
    width: u32,
    height: u32,
    /// From the left and from the top; the middle without it.
    at: Option<(u32, u32)>,
}

impl FromStr for Crop {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not WIDTHxHEIGHT or WIDTHxHEIGHT+LEFT+TOP");
        let mut parts = text.split('+');
        let (width, height) = parts.next().and_then(sides).ok_or_else(wrong)?;
        let mut offset = || {
            parts
                .next()
                .map(|part| part.parse::<u32>().map_err(|_| wrong()))
        };
        let at = match (offset().transpose()?, offset().transpose()?) {
            (None, None) => None,
            (Some(left), Some(top)) => Some((left, top)),
            _ => return Err(wrong()),
        };
        if parts.next().is_some() {
            return Err(wrong());
        }
        Ok(Self { width, height, at })
    }
}

/// A size of the picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    width: u32,
    /// What goes with the width without it.
    height: Option<u32>,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not WIDTHxHEIGHT or WIDTH");
        match sides(text) {
            Some((width, height)) => Ok(Self {
                width,
                height: Some(height),
            }),
            None => Ok(Self {
                width: positive(text).ok_or_else(wrong)?,
                height: None,
            }),
        }
    }
}

fn sides(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    Some((positive(width)?, positive(height)?))
}

fn positive(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_and_sizes_are_read_and_others_named() {
        let crop = |width, height, at| Ok(Crop { width, height, at });
        assert_eq!("640x360".parse(), crop(640, 360, None));
        assert_eq!("640x360+10+0".parse(), crop(640, 360, Some((10, 0))));
        for wrong in [
            "",
            "640",
            "640x",
            "640x360+1",
            "640x360+1+2+3",
            "0x5",
            "-1x5",
            "640x360+a+b",
        ] {
            let error = wrong.parse::<Crop>().expect_err("it is no area");
            assert!(error.contains(&format!("\"{wrong}\"")), "{error}");
        }
        let size = |width, height| Ok(Size { width, height });
        assert_eq!("640".parse(), size(640, None));
        assert_eq!("640x360".parse(), size(640, Some(360)));
        assert!("640:-2".parse::<Size>().is_err());
    }
}
