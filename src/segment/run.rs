//! Does the parts of a plan on a pool, and puts them together.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use std::time::{Duration, Instant};

use afmpeg_wasi::vfs::{Dir, Mount, Vfs, VfsError};

use super::lanes::Lanes;
use super::plan::sources;
use super::record::{Found, Record, Scratch};
use super::{Plan, Segment, stitch};
use crate::error::{JobError, PoolError, SegmentError};
use crate::job::Job;
use crate::pool::{Handle, Pool, Task};
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
    while !works.wait(TICK) {
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
    let stitching = submit(&segment, pool, {
        let tree = Arc::clone(&tree);
        let (place, made) = (lanes.place, frames_of(&records[..plan.parts.len()]));
        let whole = move |report: &ProcessReport| is_whole(report, place, made);
        Task::call(move |context| context.invocation(&tree).process_if(&job, whole)).progress(true)
    })?;
    let mut stitching = Guarded(stitching);
    let report = loop {
        if let Some(result) = stitching.0.wait_timeout(TICK) {
            break result?;
        }
        if segment.cancel.is_cancelled() {
            stitching.0.cancel();
        }
        let done = stitching
            .0
            .progress()
            .and_then(|progress| progress.fraction);
        meter.show(&mut segment, &works, done.unwrap_or(0.0));
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

/// What runs, and what is done.
struct Works {
    /// The parts of the video in their order, then what is beside it.
    slots: Vec<Slot>,
    /// Whether the last slot is what is beside the video.
    rest: bool,
    /// What went wrong first.
    failed: Option<(usize, JobError)>,
}

enum Slot {
    Running(Handle<Record>),
    Done(Box<Record>),
    Failed,
}

impl Works {
    fn start(
        segment: &Segment,
        plan: &Plan,
        scratch: &Scratch,
        tree: &Arc<dyn Dir>,
        pool: &Pool,
    ) -> Result<Self, SegmentError> {
        let begin = |job: Job| -> Result<Slot, SegmentError> {
            let path = job.outputs[0].path.clone();
            if let Some(record) = scratch.record(&path) {
                return Ok(Slot::Done(Box::new(record)));
            }
            let (tree, scratch) = (Arc::clone(tree), scratch.clone());
            let task = Task::call(move |context| {
                // The stitching reads every part.
                let report = context.invocation(&tree).reprobe(false).process(&job)?;
                let host = |error: VfsError| JobError::Host(Box::new(error));
                scratch.keep_record(&path, report).map_err(host)
            });
            submit(segment, pool, task.progress(true)).map(Slot::Running)
        };
        // What is beside the video is the longest piece, and so begins first; the shortest parts come last, so that
        // no thread waits long for another.
        let rest = plan.rest_job()?.map(begin).transpose()?;
        let has_rest = rest.is_some();
        let mut order: Vec<usize> = (0..plan.parts.len()).collect();
        order.sort_by_key(|&part| Reverse(plan.parts[part].frames));
        let mut begun = BTreeMap::new();
        for part in order {
            begun.insert(part, begin(plan.part_job(part)?)?);
        }
        let mut slots: Vec<Slot> = begun.into_values().collect();
        slots.extend(rest);
        Ok(Self {
            slots,
            rest: has_rest,
            failed: None,
        })
    }

    /// Waits a little; whether all is over, or something failed.
    fn wait(&mut self, time: Duration) -> bool {
        let mut waited = false;
        for (at, slot) in self.slots.iter_mut().enumerate() {
            let Slot::Running(handle) = slot else {
                continue;
            };
            let result = if waited {
                handle.try_result()
            } else {
                waited = true;
                handle.wait_timeout(time)
            };
            match result {
                None => {}
                Some(Ok(record)) => *slot = Slot::Done(Box::new(record)),
                Some(Err(error)) => {
                    *slot = Slot::Failed;
                    self.failed.get_or_insert((at, error));
                }
            }
        }
        !waited || self.failed.is_some()
    }

    /// The records of all, or what failed; then nothing runs any more.
    fn finish(&mut self) -> Result<Vec<Record>, SegmentError> {
        for slot in &self.slots {
            if let Slot::Running(handle) = slot {
                handle.cancel();
            }
        }
        let mut records = Vec::new();
        let mut failed = self.failed.take();
        for (at, slot) in self.slots.iter_mut().enumerate() {
            match std::mem::replace(slot, Slot::Failed) {
                Slot::Running(handle) => match handle.wait() {
                    Ok(record) => {
                        records.push(record.clone());
                        *slot = Slot::Done(Box::new(record));
                    }
                    Err(error) => {
                        failed.get_or_insert((at, error));
                    }
                },
                Slot::Done(record) => {
                    records.push((*record).clone());
                    *slot = Slot::Done(record);
                }
                Slot::Failed => {}
            }
        }
        match failed {
            None => Ok(records),
            Some((_, error @ JobError::Cancelled { .. })) => Err(error.into()),
            Some((at, error)) => Err(SegmentError::Part {
                part: (!self.rest || at + 1 < self.slots.len()).then_some(at),
                error: Box::new(error),
            }),
        }
    }

    /// How much of the slot is done.
    fn fraction(&self, at: usize) -> f64 {
        match &self.slots[at] {
            Slot::Done(_) => 1.0,
            Slot::Running(handle) => handle
                .progress()
                .and_then(|progress| progress.fraction)
                .unwrap_or(0.0),
            Slot::Failed => 0.0,
        }
    }
}

impl Drop for Works {
    /// A caller's function that panics leaves nothing running.
    fn drop(&mut self) {
        for slot in &self.slots {
            if let Slot::Running(handle) = slot {
                handle.cancel();
            }
        }
    }
}

/// A job that nobody waits for any more is cancelled.
struct Guarded<T>(Handle<T>);

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        self.0.cancel();
    }
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

fn submit<T: Send + 'static>(
    segment: &Segment,
    pool: &Pool,
    task: Task<T>,
) -> Result<Handle<T>, SegmentError> {
    let mut task = task
        .limits(segment.limits.clone())
        .priority(segment.priority);
    if let Some(seed) = segment.seed {
        task = task.deterministic(seed);
    }
    loop {
        let rejected = match pool.try_submit(task) {
            Ok(handle) => return Ok(handle),
            Err(rejected) => rejected,
        };
        if !matches!(rejected.reason, PoolError::QueueFull { .. }) {
            return Err(rejected.reason.into());
        }
        if segment.cancel.is_cancelled() {
            let partial_outputs = Vec::new();
            return Err(JobError::Cancelled { partial_outputs }.into());
        }
        task = rejected.task;
        thread::sleep(TICK);
    }
}

/// Counts what is done.
struct Meter {
    frames: Vec<u64>,
    begun: Instant,
    begun_at: f64,
    shown: f64,
}

impl Meter {
    fn new(plan: &Plan, works: &Works) -> Self {
        let mut meter = Self {
            frames: plan.parts.iter().map(|part| part.frames).collect(),
            begun: Instant::now(),
            begun_at: 0.0,
            shown: 0.0,
        };
        meter.begun_at = meter.fraction(works, 0.0);
        meter
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a share of some thousands of frames"
    )]
    fn fraction(&self, works: &Works, stitched: f64) -> f64 {
        let all: u64 = self.frames.iter().sum::<u64>().max(1);
        let parts = self.frames.iter().enumerate();
        let video: f64 = parts.map(|(at, n)| *n as f64 * works.fraction(at)).sum();
        let video = video / all as f64;
        let beside = match works.rest {
            true => works.fraction(works.slots.len() - 1),
            false => 1.0,
        };
        (1.0 - BESIDE - STITCH) * video + BESIDE * beside + STITCH * stitched
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a share of a count of frames"
    )]
    fn show(&mut self, segment: &mut Segment, works: &Works, stitched: f64) {
        let Some(callback) = &mut segment.progress else {
            return;
        };
        self.shown = self.fraction(works, stitched).max(self.shown).min(1.0);
        let gone = self.shown - self.begun_at;
        let eta =
            (gone > 0.0).then(|| (1.0 - self.shown) / gone * self.begun.elapsed().as_secs_f64());
        let parts = 0..self.frames.len();
        let done = |at: &usize| matches!(works.slots[*at], Slot::Done(_));
        callback(SegmentProgress {
            fraction: self.shown,
            parts_done: parts.clone().filter(done).count(),
            parts: self.frames.len(),
            frames: parts
                .map(|at| (self.frames[at] as f64 * works.fraction(at)) as u64)
                .sum(),
            eta: eta.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        });
    }
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
