//! Does the parts of a plan on a pool, and puts them together.

use std::sync::Arc;
use std::time::{Duration, Instant};

use afmpeg_wasi::vfs::{Mount, Vfs};

use super::lanes::Lanes;
use super::plan::sources;
use super::record::{Found, Record, Scratch};
use super::works::{Errand, Works};
use super::{Plan, Segment, stitch};
use crate::error::{JobError, SegmentError};
use crate::pool::{Pool, Task};
use crate::report::{OutputStream, ProcessReport};

/// How far a job in parts is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SegmentProgress {
    /// From 0 to 1; it never falls.
    pub fraction: f64,
    /// Parts of the video that are done, also those that an earlier run did.
    pub parts_done: usize,
    /// Parts of the video.
    pub parts: usize,
    /// Frames of the source that are done.
    pub frames: u64,
    /// Seconds of the video for each second since the parts were begun, those that this run made alone; `None` until
    /// it has made some.
    pub speed: Option<f64>,
    /// How long the rest will take, if it goes on as this run went.
    pub eta: Option<Duration>,
}

/// What is left in the scratch directory when all is done.
#[must_use = "it stays there until it is cleared"]
pub(crate) struct Leavings {
    scratch: Scratch,
    plan: Plan,
}

impl Leavings {
    /// Empties the scratch directory.
    pub(crate) fn clear(self) {
        self.scratch.clear(&self.plan);
    }
}

pub(super) fn run(
    mut segment: Segment,
    plan: Option<Plan>,
    pool: &Pool,
    fs: &dyn Vfs,
) -> Result<(ProcessReport, Leavings), SegmentError> {
    let scratch = Scratch(Arc::clone(&segment.scratch));
    let plan = settle(&segment, plan, &scratch, pool, fs)?;
    segment.seed = plan.seed;
    let tree = Mount::new()
        .at("/", fs)
        .and_then(|tree| tree.at(Segment::DIRECTORY, &scratch.0))
        .map_err(SegmentError::Scratch)?
        .root();
    let mut works = Works::start(&segment, &plan, &scratch, &tree, pool)?;
    let mut meter = Meter::new(&plan, &works);
    while !works.wait(TICK)? {
        if segment.cancel.is_cancelled() {
            break;
        }
        meter.show(&mut segment, &works, 0.0);
    }
    let records = works.finish()?;
    alike(&records[..plan.parts.len()])?;
    scratch
        .keep_list(&stitch::list(&plan))
        .map_err(SegmentError::Scratch)?;
    let job = plan.stitch_job()?;
    let lanes = plan.lanes()?;
    let mut stitching = {
        let tree = Arc::clone(&tree);
        let (place, made) = (lanes.place, frames_of(&records[..plan.parts.len()]));
        let whole = move |report: &ProcessReport| is_whole(report, place, made);
        let task = Task::call(move |context| context.invocation(&tree).process_if(&job, whole));
        Errand::new(&segment, task.progress(true))
    };
    let report = loop {
        if let Some(result) = stitching.wait(pool, TICK)? {
            break result?;
        }
        if segment.cancel.is_cancelled() {
            stitching.cancel();
        }
        meter.show(&mut segment, &works, stitching.fraction());
    };
    let report = whole_report(&plan, &lanes, records, report);
    meter.show(&mut segment, &works, 1.0);
    Ok((report, Leavings { scratch, plan }))
}

/// The plan to follow: the one that is given, or the one that is in the scratch directory, or a new one. It is in
/// the scratch directory then.
fn settle(
    segment: &Segment,
    given: Option<Plan>,
    scratch: &Scratch,
    pool: &Pool,
    fs: &dyn Vfs,
) -> Result<Plan, SegmentError> {
    let there = match scratch.found().map_err(SegmentError::Scratch)? {
        Found::Nothing => None,
        Found::Plan(plan) => Some(*plan),
        Found::Others => return Err(SegmentError::OtherPlan),
    };
    let plan = match (given, there) {
        (Some(given), Some(there)) if given != there => return Err(SegmentError::OtherPlan),
        (None, Some(there)) if there.job != segment.job || there.seed != segment.seed => {
            return Err(SegmentError::OtherPlan);
        }
        (Some(plan), _) | (None, Some(plan)) => {
            if plan.engine.as_ref() != pool.runtime().engine_info() {
                return Err(SegmentError::OtherPlan);
            }
            unchanged(segment, &plan, pool, fs)?;
            plan
        }
        (None, None) => segment.plan(pool, fs)?,
    };
    scratch.keep_plan(&plan).map_err(SegmentError::Scratch)?;
    Ok(plan)
}

/// The inputs must be what the plan was made for, as far as a probe tells.
fn unchanged(
    segment: &Segment,
    plan: &Plan,
    pool: &Pool,
    fs: &dyn Vfs,
) -> Result<(), SegmentError> {
    let (source, beside) = sources(segment, &plan.job, pool.runtime(), fs)?;
    let then = std::iter::once(&plan.source).chain(&plan.beside);
    let now = std::iter::once(&source).chain(&beside);
    let Some((changed, _)) = then.zip(now).find(|(then, now)| then != now) else {
        return Ok(());
    };
    Err(SegmentError::SourceChanged {
        path: changed.path.clone(),
    })
}

/// Parts of one stream must be of one kind: a source may change its size midway.
fn alike(parts: &[Record]) -> Result<(), SegmentError> {
    let shape = |record: &Record| {
        let stream = record.report.outputs.first()?.streams.first()?;
        Some((stream.codec.clone(), stream.width, stream.height))
    };
    let mut shapes = parts.iter().map(shape);
    let first = shapes.next();
    match shapes.position(|shape| Some(shape) != first) {
        None => Ok(()),
        Some(at) => Err(SegmentError::Part {
            part: Some(at + 1),
            error: Box::new(JobError::Unverified {
                message: "its pictures have another size or codec than those of the part before; \
                          a filter such as scale=640:360 makes them alike"
                    .to_owned(),
                log_tail: String::new(),
                partial_outputs: Vec::new(),
            }),
        }),
    }
}

/// Counts what is done.
struct Meter {
    frames: Vec<u64>,
    begun: Instant,
    begun_at: f64,
    /// Seconds of the video that were there before.
    found: f64,
    shown: f64,
}

impl Meter {
    fn new(plan: &Plan, works: &Works<'_>) -> Self {
        let mut meter = Self {
            frames: plan.parts.iter().map(|part| part.frames).collect(),
            begun: Instant::now(),
            begun_at: 0.0,
            found: 0.0,
            shown: 0.0,
        };
        meter.begun_at = meter.fraction(works, 0.0);
        meter.found = meter.seconds(works);
        meter
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a share of some thousands of frames"
    )]
    fn fraction(&self, works: &Works<'_>, stitched: f64) -> f64 {
        let all: u64 = self.frames.iter().sum::<u64>().max(1);
        let parts = self.frames.iter().enumerate();
        let video: f64 = parts.map(|(at, n)| *n as f64 * works.fraction(at)).sum();
        let video = video / all as f64;
        (1.0 - BESIDE - STITCH) * video + BESIDE * works.beside() + STITCH * stitched
    }

    /// Seconds of the video that there are.
    fn seconds(&self, works: &Works<'_>) -> f64 {
        (0..self.frames.len()).map(|at| works.seconds(at)).sum()
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a share of a count of frames"
    )]
    fn show(&mut self, segment: &mut Segment, works: &Works<'_>, stitched: f64) {
        let Some(callback) = &mut segment.progress else {
            return;
        };
        self.shown = self.fraction(works, stitched).max(self.shown).min(1.0);
        let elapsed = self.begun.elapsed();
        let gone = self.shown - self.begun_at;
        let eta = (gone > 0.0).then(|| (1.0 - self.shown) / gone * elapsed.as_secs_f64());
        let parts = 0..self.frames.len();
        let done = |at: &usize| works.is_done(*at);
        callback(SegmentProgress {
            fraction: self.shown,
            parts_done: parts.clone().filter(done).count(),
            parts: self.frames.len(),
            frames: parts
                .map(|at| (self.frames[at] as f64 * works.fraction(at)) as u64)
                .sum(),
            speed: speed(self.seconds(works), self.found, elapsed),
            eta: eta.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        });
    }
}

/// Seconds of output for each second of waiting, without those that were there before.
fn speed(there: f64, before: f64, elapsed: Duration) -> Option<f64> {
    let made = there - before;
    (made > 0.0 && !elapsed.is_zero()).then(|| made / elapsed.as_secs_f64())
}

/// How many frames the parts of the video have.
fn frames_of(videos: &[Record]) -> u64 {
    let streams = videos.iter().filter_map(video_of);
    streams.filter_map(|stream| stream.frames).sum()
}

/// The stream of a part of the video.
fn video_of(record: &Record) -> Option<&OutputStream> {
    record.report.outputs.first()?.streams.first()
}

/// Whether the stitched output has the frames of all parts, its video being the stream of this number.
fn is_whole(report: &ProcessReport, place: usize, made: u64) -> Result<(), String> {
    let streams = report.outputs.first().map(|output| &output.streams);
    let written = streams
        .and_then(|streams| streams.get(place)?.frames)
        .unwrap_or(0);
    if written == made {
        return Ok(());
    }
    Err(format!(
        "the parts have {made} frames, and the output has {written}"
    ))
}

/// The report of the stitching, which copied, made to tell of the work that was done.
fn whole_report(
    plan: &Plan,
    lanes: &Lanes,
    records: Vec<Record>,
    mut whole: ProcessReport,
) -> ProcessReport {
    let first = records.first().and_then(video_of).cloned();
    let mut reports: Vec<ProcessReport> = records.into_iter().map(|record| record.report).collect();
    let rest = if lanes.rest.is_some() {
        reports.pop()
    } else {
        None
    };
    let beside = rest.as_ref().and_then(|rest| rest.outputs.first());
    let mut beside = beside.into_iter().flat_map(|output| &output.streams);
    for (place, stream) in whole.outputs[0].streams.iter_mut().enumerate() {
        let from = if place == lanes.place {
            first.as_ref()
        } else {
            beside.next()
        };
        if let Some(from) = from {
            stream.encoder.clone_from(&from.encoder);
            stream.copied = from.copied;
        }
    }
    for (report, part) in reports.iter_mut().zip(&plan.parts) {
        for finding in &mut report.analysis {
            finding.t = finding.t.map(|t| t + super::plan::time(part.start));
        }
    }
    for report in reports.into_iter().chain(rest) {
        whole.usage = whole.usage.and(report.usage);
        whole.analysis.extend(report.analysis);
        for warning in report.warnings {
            if !whole.warnings.contains(&warning) {
                whole.warnings.push(warning);
            }
        }
        if let Some(skipped) = report.corrupt_packets {
            *whole.corrupt_packets.get_or_insert(0) += skipped;
        }
    }
    whole
        .analysis
        .sort_by_key(|finding| finding.t.unwrap_or_default());
    whole
}

/// How often the progress is looked at.
const TICK: Duration = Duration::from_millis(100);

/// The share of the work that is not the video: what is beside it, and the stitching.
const BESIDE: f64 = 0.08;
const STITCH: f64 = 0.02;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_is_of_what_this_run_made() {
        let after = Duration::from_secs(4);
        assert_eq!(speed(6.0, 0.0, after), Some(1.5));
        assert_eq!(speed(6.0, 4.0, after), Some(0.5));
        assert_eq!(speed(4.0, 4.0, after), None, "nothing is made yet");
        assert_eq!(speed(6.0, 4.0, Duration::ZERO), None);
    }
}
