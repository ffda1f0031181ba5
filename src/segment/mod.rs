//! One long job in parts: its video cut in time, the parts done side by side, and put together by copying.

mod index;
mod lanes;
mod local;
mod plan;
mod record;
mod run;
mod stitch;
mod works;

use std::fmt;
use std::sync::Arc;

use afmpeg_wasi::vfs::{Dir, MemFs, Vfs};
use afmpeg_wasi::{CancelToken, Limits};

use crate::error::SegmentError;
use crate::job::Job;
use crate::pool::{Pool, Priority};
use crate::report::ProcessReport;
use crate::runtime::{Invocation, Runtime};

pub use plan::{Part, Plan};
pub(crate) use run::Leavings;
pub use run::SegmentProgress;

/// A job whose video is encoded in parts on a [`Pool`], with the sound and all else encoded or copied in one piece
/// beside them.
///
/// The output has the frames, the times and the sound of the job run in one piece. What differs is what an encoder
/// carries from frame to frame: each part begins with a key frame, and a bit rate is kept within each part.
///
/// ```no_run
/// use afmpeg::vfs::HostDir;
/// use afmpeg::{Access, Engine, Input, Job, Output, Pool, Runtime, Segment};
///
/// let pool = Pool::new(Runtime::new(Engine::open("ffmpeg-wasi-lean-lgpl.wasm")?)?)?;
/// let films = HostDir::open("films", Access::ReadWrite)?;
/// let job = Job::new()
///     .input(Input::file("/in.mkv"))
///     .filter("[0:v]scale=1280:-2[v];[0:a]loudnorm[a]")
///     .output(
///         Output::file("/out.mp4")
///             .map("[v]")
///             .map("[a]")
///             .video_codec("libopenh264")
///             .audio_codec("aac"),
///     );
/// let report = Segment::new(job)
///     // A run that was killed goes on where it stopped when the same lines run again.
///     .scratch(HostDir::open("parts", Access::ReadWrite)?)
///     .progress(|progress| println!("{:.0} %", 100.0 * progress.fraction))
///     .run(&pool, &films)?;
/// println!("{} frames", report.outputs[0].streams[0].frames.unwrap_or(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What can be done in parts
///
/// A job with one output in one file that is no transport stream and has no fragments, of which exactly one stream is video that is encoded, made of one video stream
/// of the first input by filters that look at one frame at a time. Filters that look at others (`fps`, `yadif`),
/// that go by the time or count frames (`fade`, `drawtext`, `setpts`), and those that this library does not know are
/// refused, with the reason ([`SegmentError::Refused`]). The graph of the sound may be anything, and read any input.
///
/// # Where it is cut
///
/// At key frames of the source where there are some near, so that no frame is decoded twice; otherwise between
/// them. To find them, the input is read once, without decoding. Leading pictures of an open group of pictures, which are shown before its key
/// frame and refer to the group before, are in the part before.
///
/// # Scratch
///
/// The parts are files of a filesystem of their own, which the jobs see as [`Segment::DIRECTORY`]: in memory, unless
/// [`scratch`](Self::scratch) names another. A part that is done is recorded there with its digest; a run over a scratch
/// that has parts of the same job goes on where the other stopped, and its output has the same bytes. The inputs must be
/// the same, as far as their size and their headers tell; files that a graph names are not looked at. It is emptied when the output is done.
#[must_use = "nothing is done before it is run"]
pub struct Segment {
    job: Job,
    parts: Option<usize>,
    /// Microseconds that a part has at least.
    least: i64,
    scratch: Arc<dyn Dir>,
    limits: Limits,
    cancel: CancelToken,
    seed: Option<u64>,
    priority: Priority,
    progress: Option<Box<dyn FnMut(SegmentProgress) + Send>>,
}

impl Segment {
    /// Where the jobs of a plan find the parts. What the job's filesystem has under this name is hidden from them.
    pub const DIRECTORY: &'static str = "/.afmpeg-segments";

    /// The job, to be done in parts of two seconds and more, four for each thread of the pool.
    pub fn new(job: Job) -> Self {
        Self {
            job,
            parts: None,
            least: LEAST,
            scratch: MemFs::new().root(),
            limits: Limits::default(),
            cancel: CancelToken::new(),
            seed: None,
            priority: Priority::default(),
            progress: None,
        }
    }

    /// Sets how many parts there are at most.
    pub fn parts(mut self, count: usize) -> Self {
        self.parts = Some(count);
        self
    }

    /// Sets how many seconds a part has at least, about; by default two.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a length beyond all numbers makes one part"
    )]
    pub fn shortest_part(mut self, seconds: f64) -> Self {
        self.least = (seconds.max(0.0) * 1e6) as i64;
        self
    }

    /// Keeps the parts in this filesystem, which must be empty or have parts of this very job. Two runs at a time
    /// must not share one. Without this they are in a [`MemFs`], which holds 1 GiB.
    pub fn scratch(mut self, fs: impl Vfs) -> Self {
        self.scratch = fs.root();
        self
    }

    /// Sets the limits of each part, and of what is done before and after them.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Ends the run when the token is cancelled. What is finished stays in the scratch directory.
    pub fn cancel(mut self, token: CancelToken) -> Self {
        self.cancel = token;
        self
    }

    /// As [`Invocation::deterministic`], for each part.
    pub fn deterministic(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the place of the parts among other jobs of the pool.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Calls a function about ten times a second, on the thread that runs this.
    pub fn progress(mut self, callback: impl FnMut(SegmentProgress) + Send + 'static) -> Self {
        self.progress = Some(Box::new(callback));
        self
    }

    /// Looks at the input and says where it would be cut. The parts are counted for this pool.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Refused`], or the input cannot be read.
    pub fn plan(&self, pool: &Pool, fs: &dyn Vfs) -> Result<Plan, SegmentError> {
        Plan::new(self, pool.runtime(), fs, pool.threads())
    }

    /// Does the job: plans it, or takes up the plan that is in the scratch directory, does the parts that are not
    /// done, and puts them together. The thread that calls waits; it must not be one of the pool.
    ///
    /// The report tells of the whole. Its [`usage`](ProcessReport::usage) is what the output took: fuel and bytes of all
    /// parts, of what is beside them and of the stitching together, those of parts that an earlier run did among them,
    /// as their records say; of memory it is the most that any one of these had. Not in it are the reading of
    /// the inputs for the plan, and work that was lost when a run was stopped. The bytes written are those of the
    /// parts and of the output. [`corrupt_packets`](ProcessReport::corrupt_packets) is the sum of all, too: a packet
    /// before a part that begins between key frames is read for the part before, too, and a damaged one there
    /// counts for each part that read it.
    ///
    /// # Errors
    ///
    /// See [`SegmentError`]. Then there is no output, and what was finished stays in the scratch directory. No job of
    /// this runs any more, after an error as after a panic of the [`progress`](Self::progress) function.
    pub fn run(self, pool: &Pool, fs: &dyn Vfs) -> Result<ProcessReport, SegmentError> {
        let (report, leavings) = self.run_and_keep(pool, fs)?;
        leavings.clear();
        Ok(report)
    }

    /// As [`run`](Self::run), for who has to store the output before the parts can go.
    pub(crate) fn run_and_keep(
        self,
        pool: &Pool,
        fs: &dyn Vfs,
    ) -> Result<(ProcessReport, Leavings), SegmentError> {
        run::run(self, None, pool, fs)
    }

    /// As [`run`](Self::run) with a plan that was made before. Its job is done, and its seed holds.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_plan(
        self,
        plan: Plan,
        pool: &Pool,
        fs: &dyn Vfs,
    ) -> Result<ProcessReport, SegmentError> {
        let (report, leavings) = run::run(self, Some(plan), pool, fs)?;
        leavings.clear();
        Ok(report)
    }

    /// An invocation with the settings of this.
    fn invocation<'a>(&self, runtime: &'a Runtime, fs: &'a dyn Vfs) -> Invocation<'a> {
        let invocation = runtime
            .invocation(fs)
            .limits(self.limits.clone())
            .cancel(self.cancel.clone());
        match self.seed {
            Some(seed) => invocation.deterministic(seed),
            None => invocation,
        }
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segment")
            .field("job", &self.job)
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}

/// Microseconds: encoding a shorter part is not worth an instance of its own.
const LEAST: i64 = 2_000_000;

/// The files of the scratch directory beside the parts.
struct Names {
    plan: &'static str,
    list: &'static str,
}

const NAMES: Names = Names {
    plan: "plan.json",
    list: "parts.ffconcat",
};
