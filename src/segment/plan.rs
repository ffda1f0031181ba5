//! Where the video of a job is cut, and the jobs that come of it.

use afmpeg_wasi::vfs::Vfs;
use serde::{Deserialize, Serialize};

use super::index::{Frame, Index};
use super::lanes::{Lanes, check_input, refuse};
use super::{Segment, stitch};
use crate::error::{JobError, SegmentError};
use crate::job::{Input, Job, Output, Seek};
use crate::report::{EngineInfo, MediaTime, ProbeReport};
use crate::runtime::Runtime;

/// A job that is cut into parts; made by [`Segment::plan`].
///
/// It is a serde value: what was planned here can be run elsewhere, or later.
///
/// ```no_run
/// use afmpeg::segment::Plan;
/// use afmpeg::{Engine, Input, Job, MemFs, Output, Pool, Runtime, Segment};
///
/// let pool = Pool::new(Runtime::new(Engine::open("ffmpeg-wasi-lean-lgpl.wasm")?)?)?;
/// let fs = MemFs::new();
/// fs.write("/in.mp4", std::fs::read("film.mp4")?)?;
/// let job = Job::new()
///     .input(Input::file("/in.mp4"))
///     .output(Output::file("/out.mp4").map("0:v").video_codec("libopenh264"));
/// let plan = Segment::new(job).plan(&pool, &fs)?;
/// let text = serde_json::to_string(&plan)?;
///
/// // Later, perhaps in another process with the same engine and the same input:
/// let plan: Plan = serde_json::from_str(&text)?;
/// println!("{} parts", plan.parts.len());
/// Segment::new(plan.job.clone()).run_plan(plan, &pool, &fs)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// The job as it was given.
    pub job: Job,
    /// What the first input was when the plan was made.
    pub source: ProbeReport,
    /// What the other inputs were that are files.
    pub beside: Vec<ProbeReport>,
    /// The engine that the plan was made with.
    pub engine: Option<EngineInfo>,
    /// The seed of [`Segment::deterministic`].
    pub seed: Option<u64>,
    /// The parts of the video, in the order of time.
    pub parts: Vec<Part>,
}

/// One part of the video. Times are in microseconds from the beginning of the job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// Where it begins: at its first frame, or at 0.
    pub start: i64,
    /// Where it ends: between its last frame and the first one of the next. The last part ends where the job does.
    pub end: Option<i64>,
    /// How many frames of the source it is made of.
    pub frames: u64,
    /// Whether its first frame is a key frame of the source: otherwise what is before it, back to a key frame, is
    /// decoded for it once more.
    pub at_key_frame: bool,
}

impl Plan {
    pub(super) fn new(
        segment: &Segment,
        runtime: &Runtime,
        fs: &dyn Vfs,
        threads: usize,
    ) -> Result<Self, SegmentError> {
        let job = segment.job.clone().build().map_err(JobError::Spec)?;
        check_input(&job)?;
        let input = job.inputs[0].clone();
        let (source, beside) = sources(segment, &job, runtime, fs)?;
        let lanes = Lanes::of(&job, &source)?;
        let all = Job::new()
            .input(Input {
                seek: None,
                ..input
            })
            .on_corrupt(job.on_corrupt);
        let run = |tree: &dyn Vfs, job: &Job| {
            let invocation = segment.invocation(runtime, tree).reprobe(false);
            invocation.process(job).map(drop)
        };
        let index = Index::read(run, fs, all, &lanes.source)?;
        let begin = offset(&job);
        let limit = length(&job);
        let inside =
            |frame: &Frame| frame.time >= 0 && limit.is_none_or(|limit| frame.time < limit);
        let frames: Vec<Frame> = index
            .frames
            .iter()
            .map(|frame| Frame {
                time: frame.time - begin,
                key: frame.key,
            })
            .filter(inside)
            .collect();
        if frames.is_empty() {
            return refuse("outputs[0]", "there is no frame of the video in it");
        }
        let wanted = match segment.parts {
            Some(count) => Wanted::Alike(count),
            None => Wanted::Balanced(threads.saturating_mul(PARTS_OF_A_THREAD)),
        };
        let cuts = cut(&frames, wanted, segment.least);
        Ok(Self {
            parts: parts(&frames, &cuts, limit),
            source,
            beside,
            engine: runtime.engine_info().cloned(),
            seed: segment.seed,
            job,
        })
    }

    /// The job of a part, which writes [`part_path`](Self::part_path). It can be run anywhere with the same input.
    ///
    /// # Errors
    ///
    /// The plan is not one that [`Segment::plan`] makes.
    pub fn part_job(&self, part: usize) -> Result<Job, SegmentError> {
        let lanes = self.lanes()?;
        let Some(it) = self.parts.get(part) else {
            return refuse("parts", format!("the plan has no part {part}"));
        };
        let mut input = self.job.inputs[0].clone();
        let start = it.start.saturating_add(offset(&self.job));
        if start > 0 || input.seek.is_some() {
            input.seek = Some(Seek::accurate(seconds(start)));
        }
        let mut output = Output {
            path: self.part_path(part),
            duration: it.end.map(|end| seconds(end.saturating_sub(it.start))),
            ..lanes.video
        };
        output = output
            .format(PART_FORMAT)
            // Where the first frame is late, an edit list says so, in this unit.
            .format_option("movie_timescale", MICROSECONDS);
        let mut job = Job::new().input(input).output(output);
        job.filter = lanes.video_filter;
        job.on_corrupt = self.job.on_corrupt;
        job.bitexact = self.job.bitexact;
        Ok(job)
    }

    /// The job of everything beside the video, which writes [`rest_path`](Self::rest_path); `None` where there is
    /// nothing else.
    ///
    /// # Errors
    ///
    /// As [`part_job`](Self::part_job).
    pub fn rest_job(&self) -> Result<Option<Job>, SegmentError> {
        let Some((filter, output)) = self.lanes()?.rest else {
            return Ok(None);
        };
        let mut job = self.job.clone();
        job.filter = filter;
        job.outputs = vec![Output {
            path: self.rest_path(),
            ..output
        }];
        Ok(Some(job))
    }

    /// Where a part is written: below [`Segment::DIRECTORY`].
    #[must_use]
    pub fn part_path(&self, part: usize) -> String {
        format!("{}/part-{part:05}.{PART_FORMAT}", Segment::DIRECTORY)
    }

    /// Where that is written which is beside the video.
    #[must_use]
    pub fn rest_path(&self) -> String {
        let path = &self.job.outputs[0].path;
        let name = path.rsplit('/').next().unwrap_or_default();
        match name.rsplit_once('.') {
            Some((_, extension)) => format!("{}/rest.{extension}", Segment::DIRECTORY),
            None => format!("{}/rest", Segment::DIRECTORY),
        }
    }

    /// How many frames of the source are in the parts.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.parts.iter().map(|part| part.frames).sum()
    }

    pub(super) fn lanes(&self) -> Result<Lanes, SegmentError> {
        check_input(&self.job)?;
        Lanes::of(&self.job, &self.source)
    }

    /// The job that puts the parts together.
    pub(super) fn stitch_job(&self) -> Result<Job, SegmentError> {
        Ok(stitch::job(self, &self.lanes()?))
    }

    /// Seconds of the output, where the job says so.
    pub(super) fn length(&self) -> Option<f64> {
        length(&self.job).map(seconds)
    }

    /// Where the job begins in its input.
    pub(super) fn offset(&self) -> f64 {
        seconds(offset(&self.job))
    }
}

/// What the inputs of a job are: the first, and the others that are files.
pub(super) fn sources(
    segment: &Segment,
    job: &Job,
    runtime: &Runtime,
    fs: &dyn Vfs,
) -> Result<(ProbeReport, Vec<ProbeReport>), SegmentError> {
    let probe = |input: &Input| -> Result<ProbeReport, SegmentError> {
        let alone = Input {
            seek: None,
            repeat: None,
            autorotate: None,
            ..input.clone()
        };
        Ok(segment.invocation(runtime, fs).probe_input(alone)?)
    };
    check_input(job)?;
    let files = job.inputs[1..]
        .iter()
        .filter(|input| input.files().next().is_some());
    let beside = files.map(probe).collect::<Result<_, _>>()?;
    Ok((probe(&job.inputs[0])?, beside))
}

/// Where the job begins in its input.
fn offset(job: &Job) -> i64 {
    let seek = job.inputs.first().and_then(|input| input.seek);
    seek.map_or(0, |seek| microseconds(seek.start))
}

/// How long its output is at most.
fn length(job: &Job) -> Option<i64> {
    let output = job.outputs.first()?;
    output.duration.or(output.end).map(microseconds)
}

/// How many parts there are to be at most.
#[derive(Clone, Copy)]
enum Wanted {
    /// Of about the same length.
    Alike(usize),
    /// The latter half of them shorter, where the film is long enough: threads that took up work at different times
    /// end nearer to each other with these.
    Balanced(usize),
}

/// The lengths of parts, in proportion; the shortest have a part of `room`, the length of the film by the least of a
/// part.
fn proportions(wanted: Wanted, room: usize) -> Vec<usize> {
    let (Wanted::Alike(most) | Wanted::Balanced(most)) = wanted;
    let most = most.clamp(1, MOST_PARTS);
    // A short one has half of the mean, a long one three halves.
    let uneven = most.min(room / 2);
    if matches!(wanted, Wanted::Balanced(_)) && uneven * 4 >= most * 3 {
        let short = uneven / 2;
        return [vec![3; uneven - short], vec![1; short]].concat();
    }
    vec![1; most.min(room).max(1)]
}

/// Positions in `frames` at which a part begins, without the first: near to the lengths that are wanted, at key frames
/// where some are near enough.
fn cut(frames: &[Frame], wanted: Wanted, least: i64) -> Vec<usize> {
    let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
        return Vec::new();
    };
    let room = (last.time - first.time) / least.max(1);
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    let lengths = proportions(wanted, room.min(frames.len()));
    let all: usize = lengths.iter().sum();
    let mut cuts: Vec<usize> = Vec::new();
    let mut before = 0;
    for pair in lengths.windows(2) {
        before += pair[0];
        let ideal = before * frames.len() / all;
        let reach = pair[0].min(pair[1]) * frames.len() / all / 2;
        let near = ideal.saturating_sub(reach)..=(ideal + reach).min(frames.len() - 1);
        let behind = cuts.last().copied().unwrap_or(0);
        let key = near
            .filter(|&at| frames[at].key && at > behind)
            .min_by_key(|&at| at.abs_diff(ideal));
        let at = key.unwrap_or(ideal);
        // Two frames of one time cannot be told apart by a seek.
        if at > behind && frames[at].time > frames[at - 1].time {
            cuts.push(at);
        }
    }
    cuts
}

fn parts(frames: &[Frame], cuts: &[usize], limit: Option<i64>) -> Vec<Part> {
    let begins = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([frames.len()]);
    begins
        .zip(ends)
        .map(|(begin, end)| Part {
            start: if begin == 0 { 0 } else { frames[begin].time },
            // Halfway, so that rounding cannot move a frame over the edge.
            end: match frames.get(end) {
                Some(next) => Some(i64::midpoint(frames[end - 1].time, next.time)),
                None => limit,
            },
            frames: (end - begin) as u64,
            at_key_frame: frames[begin].key,
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "times of a job that was checked are far below the limit"
)]
fn microseconds(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

/// The same as reports tell it.
pub(super) fn time(microseconds: i64) -> MediaTime {
    MediaTime::from_secs(seconds(microseconds)).unwrap_or_default()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of centuries are exact in a double"
)]
pub(super) fn seconds(microseconds: i64) -> f64 {
    microseconds as f64 / 1e6
}

/// Holds every codec that is put together of parts, and times to the microsecond.
pub(super) const PART_FORMAT: &str = "mov";
const MICROSECONDS: u32 = 1_000_000;

/// More parts than threads, so that a slow one does not leave the others idle at the end.
const PARTS_OF_A_THREAD: usize = 4;

/// As many names as the list of the parts can have without being slow.
const MOST_PARTS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of 40 ms, with a key frame at each of these.
    fn frames(count: usize, keys: &[usize]) -> Vec<Frame> {
        let frame = |at: usize| Frame {
            time: 40_000 * i64::try_from(at).expect("it is small"),
            key: keys.contains(&at),
        };
        (0..count).map(frame).collect()
    }

    #[test]
    fn cuts_are_at_key_frames_where_some_are_near() {
        let film = frames(100, &[0, 26, 48, 80]);
        let cut = |film: &[Frame], count, least| cut(film, Wanted::Alike(count), least);
        assert_eq!(cut(&film, 4, 1), [26, 48, 80]);
        assert_eq!(cut(&film, 2, 1), [48]);
        // None within half a part of 75: the frame itself.
        assert_eq!(cut(&frames(100, &[0]), 4, 1), [25, 50, 75]);
        assert!(cut(&film, 1, 1).is_empty());
        // One key frame is near enough to two places, and is one cut.
        assert_eq!(cut(&frames(100, &[0, 62]), 4, 1), [25, 62, 75]);
        // Of 3.96 s there are three parts of 1.32.
        assert_eq!(cut(&film, 8, 1_320_000), [26, 80]);
        assert_eq!(cut(&frames(2, &[0]), 9, 1), [1]);
        assert!(cut(&[], 3, 1).is_empty());
    }

    #[test]
    fn the_last_parts_are_shorter_where_there_is_room() {
        let film = frames(800, &[0]);
        let balanced = |least| {
            let cuts = cut(&film, Wanted::Balanced(8), least);
            let begins = [&[0][..], &cuts, &[800]].concat();
            let lengths = begins.windows(2).map(|pair| pair[1] - pair[0]);
            lengths.collect::<Vec<_>>()
        };
        assert_eq!(balanced(1_000_000), [150, 150, 150, 150, 50, 50, 50, 50]);
        // Six parts are near enough to eight, five are not.
        assert_eq!(balanced(2_500_000), [200, 200, 200, 66, 67, 67]);
        assert_eq!(balanced(3_000_000), [100; 8]);
    }

    #[test]
    fn parts_meet_between_frames_and_hold_all() {
        let film = frames(10, &[0, 4]);
        let made = parts(&film, &[4, 7], None);
        let times: Vec<_> = made.iter().map(|part| (part.start, part.end)).collect();
        assert_eq!(
            times,
            [
                (0, Some(140_000)),
                (160_000, Some(260_000)),
                (280_000, None)
            ]
        );
        let counts: Vec<_> = made.iter().map(|part| part.frames).collect();
        assert_eq!(counts, [4, 3, 3]);
        let keys: Vec<_> = made.iter().map(|part| part.at_key_frame).collect();
        assert_eq!(keys, [true, true, false]);
    }
}
