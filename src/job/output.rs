//! One output of a job: where, which streams, with which encoders and muxer, how long.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::codec::Codec;
use super::extras::{Attachment, Chapter};
use super::stream::Stream;

/// One output of a job: a file, or a playlist with its segments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Output {
    /// The file that is written; empty for a muxer that writes none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The muxer by name; without it, the extension of the path says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Options of the muxer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub format_options: BTreeMap<String, String>,
    /// What is in it: graph pads such as `[v]` are encoded, bare `0:v`, `0:a:1`, `0:3` are copied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub map: Vec<String>,
    /// What is in it, in the full form: instead of `map`, the codecs, the options of encoders, the
    /// bitstream filters and `stream_metadata`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<Stream>,
    /// The video encoder, or `copy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video_codec: Option<String>,
    /// The audio encoder, or `copy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_codec: Option<String>,
    /// The encoder of subtitles that are text and mapped bare (`0:s`), or `copy`, which they are without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle_codec: Option<String>,
    /// Options for the encoders; each must be taken by at least one of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// Options for the video encoders alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub video_options: BTreeMap<String, String>,
    /// Options for the audio encoders alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub audio_options: BTreeMap<String, String>,
    /// Options for those audio encoders that have them, where neither `audio_options` nor `options`
    /// says otherwise. [`Output::file`] and [`Output::null`] begin with [`Output::AUDIO_DEFAULTS`]; a
    /// document that is read has what is in it, so that without the field FFmpeg's own defaults hold.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub audio_defaults: BTreeMap<String, String>,
    /// Bitstream filters of copied streams by their map entry; `none` forces that there is none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bitstream_filters: BTreeMap<String, String>,
    /// Language, disposition and tags of streams by their map entry.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stream_metadata: BTreeMap<String, StreamMetadata>,
    /// Seconds after which the output ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<f64>,
    /// The position in seconds at which the output ends; with `copy_ts`, of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<f64>,
    /// How exactly the window cuts a video stream that is copied; unset means at key frames.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// Keep the times of the source instead of starting at 0.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub copy_ts: bool,
    /// Tags of the file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// Whose tags are carried over; unset means the first input's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_from: Option<MetadataFrom>,
    /// The chapters of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chapters: Option<Chapters>,
    /// Files that it carries with it: covers, fonts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

impl Output {
    /// What typed jobs set where FFmpeg's own default costs too much without a JIT.
    ///
    /// * `aac_coder=fast`: how the AAC encoder searches for its quantisers. FFmpeg's own default,
    ///   `twoloop`, needs 1.3 to 2.4 times the work for the whole conversion. At 64 to 192 kbit/s the files
    ///   of `fast` are at most 7 % larger, and what comes back is 3 to 6 dB nearer to the source (signal to
    ///   noise, music and film sound; `cargo bench --bench aac_coder` prints the table). That ratio does
    ///   not know what an ear masks, which is what `twoloop` shapes its noise by:
    ///   `.audio_option("aac_coder", "twoloop")` has it back.
    pub const AUDIO_DEFAULTS: &'static [(&'static str, &'static str)] = &[("aac_coder", "fast")];

    fn with_defaults() -> Self {
        let defaults = Self::AUDIO_DEFAULTS.iter();
        Self {
            audio_defaults: defaults
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            ..Self::default()
        }
    }

    /// An output at this path of the job's filesystem, with [`Output::AUDIO_DEFAULTS`].
    ///
    /// ```
    /// use afmpeg::{Chapter, Chapters, Input, Job, Output};
    ///
    /// let output = Output::file("/talk.mp4")
    ///     .map("0:v")
    ///     .map("0:a")
    ///     .video_codec("libopenh264")
    ///     .audio_codec("aac")
    ///     .duration(60.0)
    ///     .chapters(Chapters::List(vec![
    ///         Chapter::new(0.0, "Welcome"),
    ///         Chapter::new(20.0, "Questions"),
    ///     ]));
    /// Job::new().input(Input::file("/in.mkv")).output(output).build()?;
    /// # Ok::<(), afmpeg::SpecError>(())
    /// ```
    #[must_use]
    pub fn file(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            ..Self::with_defaults()
        }
    }

    /// An output that is encoded and thrown away: for a job that only analyses, or is only timed.
    #[must_use]
    pub fn null() -> Self {
        Self {
            format: Some(NULL.to_owned()),
            ..Self::with_defaults()
        }
    }

    /// Adds a stream: a pad of the graph such as `[v]`, which is encoded, or a stream of an input
    /// such as `0:a`, `0:v:1` or `0:3`, which is copied.
    #[must_use]
    pub fn map(mut self, what: impl Into<String>) -> Self {
        self.map.push(what.into());
        self
    }

    /// Adds a stream in the full form. Not together with [`map`](Self::map), codecs, options of encoders,
    /// bitstream filters and stream metadata of the output: those are said of the stream.
    #[must_use]
    pub fn stream(mut self, stream: Stream) -> Self {
        self.streams.push(stream);
        self
    }

    /// Names the video encoder, or `copy`; or sets the encoder with its settings, see [`codec`](crate::codec),
    /// which are added to the options of the video encoders.
    #[must_use]
    pub fn video_codec(mut self, encoder: impl Into<Codec>) -> Self {
        let (name, options) = encoder.into().into_parts();
        self.video_codec = Some(name);
        self.video_options.extend(options);
        self
    }

    /// Names the audio encoder, or `copy`; or sets the encoder with its settings, see [`codec`](crate::codec),
    /// which are added to the options of the audio encoders.
    #[must_use]
    pub fn audio_codec(mut self, encoder: impl Into<Codec>) -> Self {
        let (name, options) = encoder.into().into_parts();
        self.audio_codec = Some(name);
        self.audio_options.extend(options);
        self
    }

    /// Names the encoder of subtitles that are text, such as `srt`, `webvtt` and `mov_text`, or `copy`.
    #[must_use]
    pub fn subtitle_codec(mut self, encoder: impl Into<String>) -> Self {
        self.subtitle_codec = Some(encoder.into());
        self
    }

    /// Sets an encoder option. One that no encoder of this output knows fails the job.
    #[must_use]
    pub fn option(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.options.insert(key.into(), value.to_string());
        self
    }

    /// Sets an option of the video encoders alone.
    #[must_use]
    pub fn video_option(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.video_options.insert(key.into(), value.to_string());
        self
    }

    /// Sets an option of the audio encoders alone.
    #[must_use]
    pub fn audio_option(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.audio_options.insert(key.into(), value.to_string());
        self
    }

    /// Names the muxer instead of choosing it by the extension.
    #[must_use]
    pub fn format(mut self, muxer: impl Into<String>) -> Self {
        self.format = Some(muxer.into());
        self
    }

    /// Sets an option of the muxer.
    #[must_use]
    pub fn format_option(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.format_options.insert(key.into(), value.to_string());
        self
    }

    /// Ends the output after this many seconds. Not together with [`end`](Self::end).
    #[must_use]
    pub fn duration(mut self, seconds: impl Into<f64>) -> Self {
        self.duration = Some(seconds.into());
        self
    }

    /// Ends the output at this position in seconds. Not together with
    /// [`duration`](Self::duration).
    #[must_use]
    pub fn end(mut self, seconds: impl Into<f64>) -> Self {
        self.end = Some(seconds.into());
        self
    }

    /// Ends the output after a length or at a position, whichever is given; replaces what was set before.
    #[must_use]
    pub fn until(mut self, until: Until) -> Self {
        (self.duration, self.end) = match until {
            Until::Duration(seconds) => (Some(seconds), None),
            Until::End(seconds) => (None, Some(seconds)),
        };
        self
    }

    /// Says how exactly the window cuts a video stream that is copied.
    ///
    /// ```
    /// use afmpeg::{Cut, Input, Job, Output, Seek};
    ///
    /// // The frames from 12.34 s to 60 s, of which all but a few are copied.
    /// let job = Job::new()
    ///     .input(Input::file("/in.mp4").seek(Seek::accurate(12.34)))
    ///     .output(
    ///         Output::file("/out.mp4")
    ///             .map("0:v")
    ///             .map("0:a")
    ///             .duration(60.0 - 12.34)
    ///             .cut(Cut::Smart),
    ///     );
    /// # job.to_spec()?;
    /// # Ok::<(), afmpeg::SpecError>(())
    /// ```
    #[must_use]
    pub fn cut(mut self, cut: Cut) -> Self {
        self.cut = Some(cut);
        self
    }

    /// Keeps the times of the source instead of starting at 0.
    #[must_use]
    pub fn copy_ts(mut self) -> Self {
        self.copy_ts = true;
        self
    }

    /// Puts a bitstream filter, or a chain of them, before the muxer for the copied stream that
    /// was mapped as `mapped`; `none` keeps out the one that the muxer would add.
    #[must_use]
    pub fn bitstream_filter(
        mut self,
        mapped: impl Into<String>,
        filters: impl Into<String>,
    ) -> Self {
        self.bitstream_filters.insert(mapped.into(), filters.into());
        self
    }

    /// Sets language, disposition and tags of the stream that was mapped as `mapped`.
    #[must_use]
    pub fn stream_metadata(mut self, mapped: impl Into<String>, metadata: StreamMetadata) -> Self {
        self.stream_metadata.insert(mapped.into(), metadata);
        self
    }

    /// Sets a tag of the file.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Says whose tags are carried over.
    #[must_use]
    pub fn metadata_from(mut self, from: MetadataFrom) -> Self {
        self.metadata_from = Some(from);
        self
    }

    /// Sets the chapters of the file.
    #[must_use]
    pub fn chapters(mut self, chapters: Chapters) -> Self {
        self.chapters = Some(chapters);
        self
    }

    /// Adds a cover, or another file that the output carries with it.
    #[must_use]
    pub fn attachment(mut self, attachment: Attachment) -> Self {
        self.attachments.push(attachment);
        self
    }
}

/// Language, disposition and tags of one stream of an output.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StreamMetadata {
    /// The language, as three letters of ISO 639-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Flags such as `default`, `forced`, `attached_pic`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disposition: Vec<String>,
    /// Other tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl StreamMetadata {
    /// Says nothing about the stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the language, as three letters of ISO 639-2.
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Adds a flag such as `default` or `forced`.
    #[must_use]
    pub fn disposition(mut self, flag: impl Into<String>) -> Self {
        self.disposition.push(flag.into());
        self
    }

    /// Sets a tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }
}

/// Where an output ends.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Until {
    /// After this many seconds.
    Duration(f64),
    /// At this position in seconds; with [`Output::copy_ts`], of the source.
    End(f64),
}

/// How exactly a window cuts a video stream that is copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Cut {
    /// From the key frame at or before the start, which a [`Seek::fast`](crate::Seek::fast) finds, to the
    /// last picture that is decoded before the end.
    #[default]
    Keyframe,
    /// At the very frames: from the first that begins at or after the start to the last that begins before
    /// the end, whatever the mode of the [`Seek`](crate::Seek). What is left of a group of pictures that
    /// the window cuts is encoded, with the encoder of this engine for the source's codec and the video
    /// options of the output; all else is copied. Sound beside it is copied in whole packets.
    ///
    /// The output needs a window, and a video stream that is copied. Without an encoder for the codec the
    /// job fails when a picture would have to be encoded ([`ErrorClass::NotInBuild`](crate::ErrorClass)).
    Smart,
}

/// Whose container tags an output carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum MetadataFrom {
    /// Those of this input.
    Input(u32),
    /// Nobody's.
    #[serde(with = "none")]
    None,
}

/// The chapters of an output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Chapters {
    /// Those of the first input.
    #[serde(with = "copy")]
    Copy,
    /// Those of this input.
    Input(u32),
    /// None at all.
    #[serde(with = "none")]
    None,
    /// These, in the order of their starts; what lies behind the end of the output's window is left out.
    List(Vec<Chapter>),
}

/// The muxer that writes no file.
pub(crate) const NULL: &str = "null";

/// A variant that is one fixed word in the document.
macro_rules! word {
    ($module:ident, $word:literal) => {
        pub(super) mod $module {
            use serde::{Deserialize, Deserializer, Serializer, de::Error};

            pub(crate) fn serialize<S: Serializer>(to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str($word)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<(), D::Error> {
                let found = String::deserialize(from)?;
                if found == $word {
                    Ok(())
                } else {
                    Err(D::Error::custom("another word"))
                }
            }
        }
    };
}

word!(none, "none");
word!(copy, "copy");
word!(thumbnail, "thumbnail");
