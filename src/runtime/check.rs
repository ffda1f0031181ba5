//! What an engine can say of a job without running it: whether it has what the job names.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Runtime, suggest};
use crate::error::{ErrorClass, JobError};
use crate::graph::Scan;
use crate::job::{Job, Output, Stream};
use crate::report::{Capabilities, Component, ComponentKind, OptionInfo};

/// One thing that a job asks for and an engine does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// The field of the job, such as `outputs[0].video_options.crf`.
    pub field: String,
    /// What is wrong.
    pub kind: ProblemKind,
    /// The same as a sentence.
    pub message: String,
    /// What may be meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

/// What is wrong with a field of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemKind {
    /// The engine has no encoder, muxer, demuxer, filter or bitstream filter of this name.
    NotInBuild,
    /// No encoder that the option is for knows it, or not the muxer, or not the demuxer.
    UnknownOption,
    /// The option cannot have this value.
    BadValue,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; is {suggestion} meant?"),
            None => Ok(()),
        }
    }
}

impl Runtime {
    /// Asks the engine whether it has what a job names: encoders, muxers, demuxers, filters and bitstream filters,
    /// the options of encoders, muxers and demuxers, and whether their values are of the type and in the range that
    /// they have. What only a run can tell is not told: whether the files can be read, whether a codec fits into a
    /// container, and the values of filters' options.
    ///
    /// The engine is asked once for each component that is named, which takes some milliseconds.
    ///
    /// ```no_run
    /// use afmpeg::{Engine, Input, Job, Output, Runtime};
    ///
    /// # let runtime = Runtime::new(Engine::open("engine.wasm")?)?;
    /// let job = Job::new()
    ///     .input(Input::file("/in.mp4"))
    ///     .output(Output::file("/out.mp4").map("[0:v]").video_codec("openh264"));
    /// for problem in runtime.check(&job)? {
    ///     // outputs[0].video_codec: the engine has no encoder openh264; is libopenh264 meant?
    ///     println!("{problem}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The job cannot be meant ([`JobError::Spec`]), or the module is no engine.
    pub fn check(&self, job: &Job) -> Result<Vec<Problem>, JobError> {
        job.to_spec()?;
        let mut check = Check {
            runtime: self,
            has: self.capabilities()?,
            asked: HashMap::new(),
            problems: Vec::new(),
        };
        for (i, input) in job.inputs.iter().enumerate() {
            let at = format!("inputs[{i}]");
            if let Some(format) = &input.format {
                let demuxer = check.component(ComponentKind::Demuxer, &at, "format", format)?;
                check.options(&at, "options", &input.options, demuxer.as_slice());
            }
        }
        if let Some(graph) = &job.filter {
            for filter in Scan::of(graph).filters {
                check.named(ComponentKind::Filter, "filter", &filter);
            }
        }
        for (i, output) in job.outputs.iter().enumerate() {
            check.output(&format!("outputs[{i}]"), output)?;
        }
        Ok(check.problems)
    }
}

struct Check<'a> {
    runtime: &'a Runtime,
    has: Capabilities,
    asked: HashMap<(ComponentKind, String), Component>,
    problems: Vec<Problem>,
}

/// What an encoder is called that encodes nothing.
const COPY: &str = "copy";

impl Check<'_> {
    fn output(&mut self, at: &str, output: &Output) -> Result<(), JobError> {
        if let Some(format) = &output.format {
            let muxer = self.component(ComponentKind::Muxer, at, "format", format)?;
            self.options(
                at,
                "format_options",
                &output.format_options,
                muxer.as_slice(),
            );
        }
        let encoder = |check: &mut Self, field, name: &Option<String>| match name.as_deref() {
            None | Some(COPY) => Ok(None),
            Some(name) => check.component(ComponentKind::Encoder, at, field, name),
        };
        let video = encoder(self, "video_codec", &output.video_codec)?;
        let audio = encoder(self, "audio_codec", &output.audio_codec)?;
        encoder(self, "subtitle_codec", &output.subtitle_codec)?;
        self.options(at, "video_options", &output.video_options, video.as_slice());
        self.options(at, "audio_options", &output.audio_options, audio.as_slice());
        // These are for either, and one that the job leaves to the muxer may know them.
        if let (Some(video), Some(audio)) = (&video, &audio) {
            let both = [video.clone(), audio.clone()];
            self.options(at, "options", &output.options, &both);
        }
        for (mapped, filters) in &output.bitstream_filters {
            self.bitstream_filters(&format!("{at}.bitstream_filters.{mapped}"), filters);
        }
        for (i, stream) in output.streams.iter().enumerate() {
            self.stream(&format!("{at}.streams[{i}]"), stream)?;
        }
        Ok(())
    }

    fn stream(&mut self, at: &str, stream: &Stream) -> Result<(), JobError> {
        if let Some(codec) = stream.codec.as_deref().filter(|codec| *codec != COPY) {
            let encoder = self.component(ComponentKind::Encoder, at, "codec", codec)?;
            self.options(at, "options", &stream.options, encoder.as_slice());
        }
        if let Some(filters) = &stream.bitstream_filters {
            self.bitstream_filters(&format!("{at}.bitstream_filters"), filters);
        }
        Ok(())
    }

    fn bitstream_filters(&mut self, field: &str, chain: &str) {
        for filter in chain.split(',').filter(|_| chain != "none") {
            let name = filter.split('=').next().unwrap_or_default().trim();
            self.named(ComponentKind::BitstreamFilter, field, name);
        }
    }

    /// Whether the engine has a component; otherwise that is a problem.
    fn named(&mut self, kind: ComponentKind, field: &str, name: &str) -> bool {
        let names = self.has.names(kind);
        // A format may have several names, of which each stands for it.
        let known = names.iter().flat_map(|names| names.split(','));
        if known.clone().any(|known| known == name) {
            return true;
        }
        let word = kind.as_str().replace('_', " ");
        let problem = Problem {
            field: field.to_owned(),
            kind: ProblemKind::NotInBuild,
            message: format!("the engine has no {word} {name}"),
            suggestion: suggest::near(name, known),
        };
        self.problems.push(problem);
        false
    }

    /// What the engine says of a component, if it has it; otherwise that is a problem.
    fn component(
        &mut self,
        kind: ComponentKind,
        at: &str,
        field: &str,
        name: &str,
    ) -> Result<Option<Component>, JobError> {
        if !self.named(kind, &format!("{at}.{field}"), name) {
            return Ok(None);
        }
        let key = (kind, name.to_owned());
        if let Some(known) = self.asked.get(&key) {
            return Ok(Some(known.clone()));
        }
        let component = match self.runtime.component(kind, name) {
            Ok(component) => component,
            // One of several names of a format: its options are not asked for by that.
            Err(error) if error.class() == Some(ErrorClass::NotInBuild) => return Ok(None),
            Err(error) => return Err(error),
        };
        self.asked.insert(key, component.clone());
        Ok(Some(component))
    }

    /// Options of which each must be known to one of the components, if there are any.
    fn options(
        &mut self,
        at: &str,
        field: &str,
        options: &BTreeMap<String, String>,
        of: &[Component],
    ) {
        let all = || {
            of.iter()
                .flat_map(|c| c.options.iter().chain(&c.generic_options))
        };
        let is_known = |key: &str| of.is_empty() || of.iter().any(|c| converts(c, key));
        for (key, value) in options.iter().filter(|(key, _)| !is_known(key)) {
            let mut found = all().filter(|option| option.name == *key).peekable();
            let (kind, message, suggestion) = if found.peek().is_none() {
                let names: Vec<_> = of.iter().map(|c| c.name.as_str()).collect();
                let message = format!("{} has no option {key}", names.join(" or "));
                let suggestion = suggest::near(key, all().map(|option| option.name.as_str()));
                (ProblemKind::UnknownOption, message, suggestion)
            } else if let Some(wrong) = found
                .map(|option| wrong(option, value))
                .min_by_key(Option::is_some)
                .flatten()
            {
                (ProblemKind::BadValue, wrong.message, wrong.suggestion)
            } else {
                continue;
            };
            self.problems.push(Problem {
                field: format!("{at}.{field}.{key}"),
                kind,
                message,
                suggestion,
            });
        }
    }
}

/// Whether an option says what pictures or sound are converted to before an encoder of this kind gets them. The engine
/// takes these for any encoder.
fn converts(component: &Component, key: &str) -> bool {
    match component.kind.as_deref() {
        Some("video") => VIDEO_CONVERSIONS.contains(&key),
        Some("audio") => AUDIO_CONVERSIONS.contains(&key),
        _ => false,
    }
}

/// What is wrong with a value.
struct Wrong {
    message: String,
    suggestion: Option<String>,
}

/// Why an option cannot have a value, if that is certain: FFmpeg also reads expressions, which pass.
fn wrong(option: &OptionInfo, value: &str) -> Option<Wrong> {
    if option.list || !NUMBERS.contains(&option.kind.as_str()) {
        return None;
    }
    let words = || {
        option
            .constants
            .iter()
            .map(|constant| constant.name.as_str())
    };
    if let Some(number) = number(value) {
        let (least, greatest) = option.range?;
        let below = least.filter(|least| number < *least);
        let passed = below.or(greatest.filter(|greatest| number > *greatest));
        return passed.map(|bound| Wrong {
            message: format!("{value} is not {}", range(least, greatest)),
            suggestion: Some(bound.to_string()),
        });
    }
    // A word that stands for nothing. What has another sign in it may be an expression.
    let is_word = value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    let known = words().chain(ALWAYS).any(|word| word == value);
    (is_word && !known && !option.constants.is_empty()).then(|| Wrong {
        message: format!(
            "{value} is none of {}",
            words().collect::<Vec<_>>().join(", ")
        ),
        suggestion: suggest::near(value, words()),
    })
}

/// `video_sink_options` of the engine's driver (engine/driver/encoder_setup.c).
const VIDEO_CONVERSIONS: [&str; 2] = ["pix_fmt", "pixel_format"];

/// `audio_sink_options` of the engine's driver.
const AUDIO_CONVERSIONS: [&str; 5] = ["ar", "ac", "ch_layout", "channel_layout", "sample_fmt"];

/// The types of options that hold one number.
const NUMBERS: [&str; 6] = ["int", "int64", "uint", "uint64", "float", "double"];

/// Words that FFmpeg knows for each number.
const ALWAYS: [&str; 8] = [
    "default",
    "max",
    "min",
    "none",
    "all",
    "PI",
    "E",
    "QP2LAMBDA",
];

/// A plain number, with the units that FFmpeg knows: `128k`, `1.5M`, `2Mi`.
fn number(value: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 8] = [
        ("Ki", 1024.0),
        ("Mi", 1_048_576.0),
        ("Gi", 1_073_741_824.0),
        ("k", 1e3),
        ("K", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("m", 1e-3),
    ];
    let plain = |text: &str| {
        let numeric = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
        text.parse::<f64>().ok().filter(|_| numeric)
    };
    plain(value).or_else(|| {
        let (unit, factor) = UNITS.iter().find(|(unit, _)| value.ends_with(unit))?;
        Some(plain(value.strip_suffix(unit)?)? * factor)
    })
}

fn range(least: Option<f64>, greatest: Option<f64>) -> String {
    match (least, greatest) {
        (Some(least), Some(greatest)) => format!("from {least} to {greatest}"),
        (Some(least), None) => format!("{least} or more"),
        (None, Some(greatest)) => format!("{greatest} or less"),
        (None, None) => "a number".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(json: &str) -> OptionInfo {
        serde_json::from_str(json).expect("it is an option")
    }

    fn message(option: &OptionInfo, value: &str) -> Option<String> {
        wrong(option, value).map(|wrong| wrong.message)
    }

    #[test]
    fn numbers_are_held_against_their_range() {
        let level = option(r#"{"name":"n","type":"int","range":[0,5]}"#);
        assert_eq!(message(&level, "5"), None);
        assert_eq!(
            message(&level, "6").as_deref(),
            Some("6 is not from 0 to 5")
        );
        assert_eq!(
            message(&level, "1k").as_deref(),
            Some("1k is not from 0 to 5")
        );
        assert_eq!(
            message(&level, "2*2"),
            None,
            "expressions are FFmpeg's to read"
        );
        assert_eq!(message(&level, "max"), None);
        let nearest = |value| wrong(&level, value).and_then(|wrong| wrong.suggestion);
        assert_eq!(nearest("6").as_deref(), Some("5"));
        assert_eq!(nearest("-0.5").as_deref(), Some("0"));
        let open = option(r#"{"name":"n","type":"int64","range":[0,null]}"#);
        assert_eq!(message(&open, "-1").as_deref(), Some("-1 is not 0 or more"));
        assert_eq!(message(&open, "9e99"), None);
        let rate = option(r#"{"name":"b","type":"int64","range":[1000,100000]}"#);
        assert_eq!(message(&rate, "64k"), None);
        assert_eq!(
            message(&rate, "0.5Ki").as_deref(),
            Some("0.5Ki is not from 1000 to 100000")
        );
    }

    #[test]
    fn words_are_held_against_those_that_there_are() {
        let words = option(
            r#"{"name":"p","type":"int","range":[0,5],"constants":[{"name":"fast"},{"name":"two-loop"}]}"#,
        );
        assert_eq!(message(&words, "fast"), None);
        let wrong = wrong(&words, "fats").expect("there is no such word");
        assert_eq!(wrong.message, "fats is none of fast, two-loop");
        assert_eq!(wrong.suggestion.as_deref(), Some("fast"));
        let text = option(r#"{"name":"t","type":"string"}"#);
        assert_eq!(message(&text, "anything"), None);
        let flags = option(r#"{"name":"f","type":"flags","constants":[{"name":"a"}]}"#);
        assert_eq!(message(&flags, "+a-b"), None);
    }
}
