//! What analysing filters found, as events with types instead of keys and values.

use serde::Serialize;

use super::MediaTime;
use super::process::{Analysis, ProcessReport};

/// One thing that an analysing filter found. Times are of the filter's stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A stretch of black pictures (`blackdetect`).
    Black(Span),
    /// A stretch without sound (`silencedetect`).
    Silence {
        /// When.
        #[serde(flatten)]
        span: Span,
        /// The channel, from 1, where the filter looks at each by itself; `None` means all of them.
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<u32>,
    },
    /// A stretch in which the picture stands still (`freezedetect`).
    Freeze(Span),
    /// The part of the picture that is not border (`cropdetect`), when it changes.
    Crop {
        /// From when on.
        t: MediaTime,
        /// The left edge, in pixels.
        x: u32,
        /// The upper edge, in pixels.
        y: u32,
        /// The width, in pixels.
        width: u32,
        /// The height, in pixels.
        height: u32,
    },
    /// A new scene begins: a picture that `scdet` finds to differ enough from the one before it, or one that `select`
    /// lets through by an expression with `scene`. Of `select` one is missing whose score is exactly that of the one
    /// before, as for two cuts of 1.
    Scene {
        /// When its first picture is shown.
        t: MediaTime,
        /// How much it differs: from 0 to 1 of `select`, from 0 to 100 of `scdet`.
        score: f64,
    },
    /// Loudness up to a moment (`ebur128=metadata=1`), after EBU R 128, where any of it changes.
    Loudness {
        /// The moment.
        t: MediaTime,
        /// Of the last 400 ms, in LUFS.
        momentary: Option<f64>,
        /// Of the last 3 s, in LUFS.
        short_term: Option<f64>,
        /// Of all so far, in LUFS.
        integrated: Option<f64>,
        /// The range, in LU.
        range: Option<f64>,
    },
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Span {
    /// Where it begins.
    pub start: MediaTime,
    /// Where it ends; `None` when it had not ended at the end of the stream.
    pub end: Option<MediaTime>,
}

impl ProcessReport {
    /// What the analysing filters of the graph found, in the order of time. The keys that stand behind them, and
    /// those that are no event of these, are in [`analysis`](Self::analysis).
    ///
    /// ```no_run
    /// use afmpeg::report::Event;
    /// use afmpeg::{Engine, Input, Job, MemFs, Output, Runtime};
    ///
    /// # let (runtime, fs) = (Runtime::new(Engine::open("engine.wasm")?)?, MemFs::new());
    /// let job = Job::new()
    ///     .input(Input::file("/in.mp4"))
    ///     .filter("[0:v]blackdetect=d=0.5[v]")
    ///     .output(Output::null().map("[v]").video_codec("rawvideo"));
    /// for event in runtime.process(&fs, &job)?.events() {
    ///     if let Event::Black(span) = event {
    ///         println!("black from {:.3} s", span.start);
    ///     }
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let mut reader = Reader::default();
        for found in &self.analysis {
            reader.read(found);
        }
        reader.done()
    }
}

#[derive(Default)]
struct Reader {
    /// Each with the time by which it is ordered.
    events: Vec<(MediaTime, Event)>,
    /// Of the picture or the sound that is being read: its time, and the values of one filter so far.
    crop: Gathered<4>,
    loudness: Gathered<4>,
    last_crop: Option<[Option<f64>; 4]>,
    /// The score that `scdet` told last.
    scene: Option<f64>,
}

/// The values of several keys at one time. Of those that are as they were before, the engine tells nothing.
struct Gathered<const N: usize> {
    at: Option<MediaTime>,
    values: [Option<f64>; N],
}

impl<const N: usize> Default for Gathered<N> {
    fn default() -> Self {
        Self {
            at: None,
            values: [None; N],
        }
    }
}

impl<const N: usize> Gathered<N> {
    /// Takes a value; gives those of the time before when it is of another.
    fn take(
        &mut self,
        t: MediaTime,
        which: usize,
        value: f64,
    ) -> Option<(MediaTime, [Option<f64>; N])> {
        let before = self.at.filter(|at| *at != t).and_then(|_| self.finish());
        self.at = Some(t);
        self.values[which] = Some(value);
        before
    }

    fn finish(&mut self) -> Option<(MediaTime, [Option<f64>; N])> {
        self.at.take().map(|at| (at, self.values))
    }
}

/// The values of a crop, in the order of [`Event::Crop`].
const CROP: [&str; 4] = ["x", "y", "w", "h"];

/// The values of loudness, in the order of [`Event::Loudness`].
const LOUDNESS: [&str; 4] = ["M", "S", "I", "LRA"];

impl Reader {
    fn read(&mut self, found: &Analysis) {
        let Some(key) = found.key.strip_prefix("lavfi.") else {
            return;
        };
        let Ok(value) = found.value.trim().parse::<f64>() else {
            return;
        };
        // Of the keys of a stretch the value is a time, too.
        let Some(time) = MediaTime::from_secs(value) else {
            return;
        };
        let t = found.t.unwrap_or(time);
        let (name, channel) = match key.rsplit_once('.') {
            Some((name, channel)) if name.starts_with("silence_") => (name, channel.parse().ok()),
            _ => (key, None),
        };
        let begins = Span {
            start: time,
            end: None,
        };
        match name {
            "black_start" => self.events.push((time, Event::Black(begins))),
            "silence_start" => {
                let span = begins;
                self.events.push((time, Event::Silence { span, channel }));
            }
            "freezedetect.freeze_start" => self.events.push((time, Event::Freeze(begins))),
            "black_end" => self.ends(time, |event| match event {
                Event::Black(span) => Some(span),
                _ => None,
            }),
            "silence_end" => self.ends(time, |event| match event {
                Event::Silence { span, channel: of } if *of == channel => Some(span),
                _ => None,
            }),
            "freezedetect.freeze_end" => self.ends(time, |event| match event {
                Event::Freeze(span) => Some(span),
                _ => None,
            }),
            "scene_score" => self.events.push((t, Event::Scene { t, score: value })),
            // Every picture has a score, and only one that begins a scene a time, which comes after it.
            "scd.score" => self.scene = Some(value),
            "scd.time" => {
                let scene = self.scene.map(|score| (t, Event::Scene { t, score }));
                self.events.extend(scene);
            }
            _ => self.gather(name, t, value),
        }
    }

    /// Ends the newest stretch that has not ended.
    fn ends(&mut self, end: MediaTime, of: impl Fn(&mut Event) -> Option<&mut Span>) {
        let mut open = self
            .events
            .iter_mut()
            .rev()
            .filter_map(|(_, event)| of(event));
        if let Some(span) = open.find(|span| span.end.is_none()) {
            span.end = Some(end);
        }
    }

    fn gather(&mut self, name: &str, t: MediaTime, value: f64) {
        let of = |prefix: &str, names: &[&str]| {
            let name = name.strip_prefix(prefix)?;
            names.iter().position(|known| *known == name)
        };
        if let Some(which) = of("cropdetect.", &CROP) {
            let before = self.crop.take(t, which, value);
            self.cropped(before);
        } else if let Some(which) = of("r128.", &LOUDNESS) {
            let before = self.loudness.take(t, which, value);
            self.loud(before);
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates, and a filter tells whole pixels"
    )]
    fn cropped(&mut self, gathered: Option<(MediaTime, [Option<f64>; 4])>) {
        let Some((t, values)) = gathered.filter(|(_, values)| Some(*values) != self.last_crop)
        else {
            return;
        };
        self.last_crop = Some(values);
        if let [Some(x), Some(y), Some(width), Some(height)] = values.map(|v| v.map(|v| v as u32)) {
            let crop = Event::Crop {
                t,
                x,
                y,
                width,
                height,
            };
            self.events.push((t, crop));
        }
    }

    fn loud(&mut self, gathered: Option<(MediaTime, [Option<f64>; 4])>) {
        if let Some((t, [momentary, short_term, integrated, range])) = gathered {
            let loudness = Event::Loudness {
                t,
                momentary,
                short_term,
                integrated,
                range,
            };
            self.events.push((t, loudness));
        }
    }

    fn done(mut self) -> Vec<Event> {
        let (crop, loudness) = (self.crop.finish(), self.loudness.finish());
        self.cropped(crop);
        self.loud(loudness);
        self.events.sort_by_key(|(time, _)| *time);
        self.events.into_iter().map(|(_, event)| event).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(found: &[(f64, &str, &str)]) -> Vec<Event> {
        let analysis = found.iter().map(|(t, key, value)| Analysis {
            t: MediaTime::from_secs(*t),
            key: format!("lavfi.{key}"),
            value: (*value).to_owned(),
        });
        let mut report: ProcessReport =
            serde_json::from_str(r#"{"outputs":[]}"#).expect("it is a report");
        report.analysis = analysis.collect();
        report.events()
    }

    fn at(seconds: f64) -> MediaTime {
        MediaTime::from_secs(seconds).expect("it is finite")
    }

    fn span(start: f64, end: Option<f64>) -> Span {
        Span {
            start: at(start),
            end: end.map(at),
        }
    }

    #[test]
    fn stretches_are_put_together_from_their_ends() {
        let found = [
            (1.0, "silence_start.1", "0.5"),
            (1.2, "silence_start.2", "0.7"),
            (1.0, "black_start", "1"),
            (2.0, "black_end", "2"),
            (2.5, "silence_end.1", "2.25"),
            (2.5, "silence_duration.1", "1.75"),
            (3.0, "black_start", "3"),
            (4.0, "freezedetect.freeze_start", "3.5"),
            (4.0, "black_end", "-nan"),
        ];
        let silence = |start, end, channel| Event::Silence {
            span: span(start, end),
            channel: Some(channel),
        };
        let expected = [
            silence(0.5, Some(2.25), 1),
            silence(0.7, None, 2),
            Event::Black(span(1.0, Some(2.0))),
            Event::Black(span(3.0, None)),
            Event::Freeze(span(3.5, None)),
        ];
        assert_eq!(events(&found), expected);
    }

    #[test]
    fn a_scene_begins_only_where_the_filter_says_so() {
        let found = [
            (0.0, "scd.mafd", "0.000"),
            (0.0, "scd.score", "0.000"),
            (0.04, "scd.mafd", "9.500"),
            (0.04, "scd.score", "9.500"),
            (0.08, "scd.mafd", "40.100"),
            (0.08, "scd.score", "30.600"),
            (0.08, "scd.time", "0.08"),
            // The next picture has the same score, of which nothing is told.
            (0.12, "scd.mafd", "70.700"),
            (0.12, "scd.time", "0.12"),
            (0.16, "scd.mafd", "1.000"),
            (0.16, "scd.score", "1.000"),
        ];
        let scene = |t| Event::Scene {
            t: at(t),
            score: 30.6,
        };
        assert_eq!(events(&found), [scene(0.08), scene(0.12)]);
    }

    #[test]
    fn values_of_one_moment_are_one_event() {
        let crop = |t, w| [("x", "8"), ("y", "0"), ("w", w), ("h", "48")].map(|(k, v)| (t, k, v));
        let mut found = Vec::new();
        let keys: Vec<_> = [crop(0.0, "48"), crop(0.04, "48"), crop(0.08, "40")]
            .concat()
            .into_iter()
            .map(|(t, key, value)| (t, format!("cropdetect.{key}"), value))
            .collect();
        found.extend(
            keys.iter()
                .map(|(t, key, value)| (*t, key.as_str(), *value)),
        );
        found.push((0.1, "r128.M", "-23.5"));
        found.push((0.1, "r128.I", "-70.000"));
        found.push((0.2, "scene_score", "0.4"));
        // What is as it was is not told again.
        found.push((0.3, "r128.M", "-20.5"));
        found.push((0.3, "cropdetect.x", "12"));
        found.push((0.3, "cropdetect.w", "36"));
        let crop = |t, width| Event::Crop {
            t: at(t),
            x: 8,
            y: 0,
            width,
            height: 48,
        };
        let expected = [
            crop(0.0, 48),
            crop(0.08, 40),
            Event::Loudness {
                t: at(0.1),
                momentary: Some(-23.5),
                short_term: None,
                integrated: Some(-70.0),
                range: None,
            },
            Event::Scene {
                t: at(0.2),
                score: 0.4,
            },
            Event::Crop {
                t: at(0.3),
                x: 12,
                y: 0,
                width: 36,
                height: 48,
            },
            Event::Loudness {
                t: at(0.3),
                momentary: Some(-20.5),
                short_term: None,
                integrated: Some(-70.0),
                range: None,
            },
        ];
        assert_eq!(events(&found), expected);
    }
}
