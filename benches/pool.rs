//! The pool at full size: 10,000 probes and 200 transcodes of good and hostile files, none lost, memory flat; and
//! what its threads get done, against the same jobs without a pool.
//!
//! Run with `cargo bench --bench pool`; it fails when a job is lost or ends in another way than alone, when memory
//! grows, or when the pool is over 5 % slower than threads without one, or each of its threads than one runtime
//! alone: it wants a machine that does nothing else, whose processors share no core. `--speedup` measures two
//! threads against one alone and prints a line of JSON. The engine is `$AFMPEG_ENGINE` or the one that `cargo xtask
//! engine` left in `target/engine/`.

#[path = "../tests/mutants/mutate.rs"]
mod mutate;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use afmpeg::{
    Engine, Input, Job, JobError, Limits, MemFs, Output, Pool, ProbeReport, ProcessReport, Runtime,
    Task,
};
use serde_json::json;

use mutate::mutate;

const PROBES: usize = 10_000;
const TRANSCODES: usize = 200;

/// One in so many jobs of the full run is measured.
const SAMPLE: usize = 10;
const ROUNDS: usize = 5;

/// How much slower than threads without a pool it may be, and each of its threads than one runtime alone.
const TOLERANCE: f64 = 0.05;

/// How much more memory the process may have in the last fifth of the jobs than in the second, as the median: a
/// single job may have a lot.
const GROWTH: u64 = 16 << 20;

type Failure = Box<dyn Error>;

/// All jobs of a sample in one way: how each ended.
type Run<'a> = &'a dyn Fn() -> Result<Vec<String>, Failure>;

fn main() -> Result<(), Failure> {
    let runtime = Runtime::new(Engine::open(engine_path())?)?;
    let files = Files::read()?;
    if std::env::args().any(|argument| argument == "--speedup") {
        return speedup(&runtime, &files);
    }
    full(&runtime, &files)?;
    throughput(&runtime, &files)
}

/// All jobs on one pool.
fn full(runtime: &Runtime, files: &Files) -> Result<(), Failure> {
    let pool = Pool::new(runtime.clone())?;
    let count = PROBES + TRANSCODES;
    let mut seen = vec![false; count];
    let mut ends = BTreeMap::<String, usize>::new();
    let mut memory = vec![Vec::new(); 5];
    let started = Instant::now();
    let tasks = (0..count).map(|n| files.errand(n).task());
    for (given, (index, result)) in pool.map(tasks).enumerate() {
        if std::mem::replace(&mut seen[index], true) {
            return Err(format!("job {index} has two results").into());
        }
        let (what, good) = files.errand(index).name();
        if let (true, Err(error)) = (good, &result) {
            return Err(format!("job {index}, {what}: {error}").into());
        }
        *ends.entry(format!("{what}, {}", end(&result))).or_default() += 1;
        memory[given * 5 / count].push(resident()?);
    }
    let took = started.elapsed().as_secs_f64();
    for (end, count) in &ends {
        println!("{count:6} {end}");
    }
    let lost = seen.iter().filter(|seen| !**seen).count();
    println!(
        "{count} jobs on {} threads in {took:.1} s, {:.0} a second; {lost} lost",
        pool.threads(),
        count as f64 / took
    );
    let middle: Vec<u64> = memory.iter_mut().map(|fifth| median(fifth)).collect();
    let most = memory
        .iter()
        .map(|fifth| fifth.last().copied().unwrap_or(0));
    let mib = |bytes: u64| bytes >> 20;
    println!(
        "resident, MiB: median of each fifth {:?}, most {:?}",
        middle.iter().copied().map(mib).collect::<Vec<_>>(),
        most.map(mib).collect::<Vec<_>>()
    );
    if lost > 0 {
        return Err(format!("{lost} jobs are lost").into());
    }
    // What is translated, and what the allocator keeps, comes in the first fifth.
    let grown = middle[4].saturating_sub(middle[1]);
    if grown > GROWTH {
        return Err(format!("memory grew by {} MiB", mib(grown)).into());
    }
    Ok(())
}

/// Sorts the values, too.
fn median(values: &mut [u64]) -> u64 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

/// The pool against threads of the same number without one, which share nothing but the runtime and a count.
fn throughput(runtime: &Runtime, files: &Files) -> Result<(), Failure> {
    let sample: Vec<usize> = (0..PROBES + TRANSCODES).step_by(SAMPLE).collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut best = BTreeMap::<(usize, &str), Time>::new();
    let mut reference = None;
    for _ in 0..ROUNDS {
        for threads in [1, cores] {
            let by: [(&str, Run<'_>); 2] = [
                ("alone", &|| alone(runtime, files, &sample, threads)),
                ("pool", &|| pooled(runtime, files, &sample, threads)),
            ];
            for (name, run) in by {
                let (time, ends) = Time::of(run)?;
                if *reference.get_or_insert_with(|| ends.clone()) != ends {
                    return Err(format!("jobs ended in other ways in {name} of {threads}").into());
                }
                let best = best.entry((threads, name)).or_insert(time);
                *best = best.min(time);
            }
        }
    }
    let jobs = sample.len() as f64;
    println!("{} jobs, best of {ROUNDS} rounds", sample.len());
    for ((threads, name), time) in &best {
        println!(
            "{threads} {name:5}: {:7.3} s, {:6.1} jobs a second and thread, {:7.3} s of processor",
            time.wall,
            jobs / time.wall / *threads as f64,
            time.processor
        );
    }
    let mut slow = false;
    for threads in [1, cores] {
        let [alone, pool] = ["alone", "pool"].map(|name| best[&(threads, name)]);
        let share = alone.wall / pool.wall;
        println!(
            "{threads}: the pool does {:.1} % of what threads alone do, {:.1} % for the same processor time",
            100.0 * share,
            100.0 * alone.processor / pool.processor
        );
        slow |= share < 1.0 - TOLERANCE;
    }
    let scaled = best[&(1, "alone")].wall / best[&(cores, "pool")].wall / cores as f64;
    println!(
        "each of {cores} threads of the pool does {:.1} % of what one runtime alone does",
        100.0 * scaled
    );
    if slow {
        return Err(format!("the pool is over {:.0} % slower", 100.0 * TOLERANCE).into());
    }
    if scaled < 1.0 - TOLERANCE {
        return Err(format!(
            "each of {cores} threads of the pool is over {:.0} % slower than one runtime alone",
            100.0 * TOLERANCE
        )
        .into());
    }
    Ok(())
}

/// Two threads of a pool against one, for the race.
fn speedup(runtime: &Runtime, files: &Files) -> Result<(), Failure> {
    let sample: Vec<usize> = (0..PROBES + TRANSCODES).step_by(SAMPLE).collect();
    let mut best = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        for (best, threads) in best.iter_mut().zip([1, 2]) {
            let (time, _) = Time::of(&|| pooled(runtime, files, &sample, threads))?;
            *best = best.min(time.wall);
        }
    }
    let [one, two] = best;
    println!(
        "{}",
        json!({"jobs": sample.len(), "rounds": ROUNDS,
            "wall_s": {"1": one, "2": two}, "speedup": one / two})
    );
    Ok(())
}

fn pooled(
    runtime: &Runtime,
    files: &Files,
    sample: &[usize],
    threads: usize,
) -> Result<Vec<String>, Failure> {
    let pool = Pool::builder(runtime.clone()).threads(threads).build()?;
    let tasks = sample.iter().map(|n| files.errand(*n).task());
    let mut ends = vec![String::new(); sample.len()];
    for (index, result) in pool.map(tasks) {
        ends[index] = end(&result);
    }
    Ok(ends)
}

fn alone(
    runtime: &Runtime,
    files: &Files,
    sample: &[usize],
    threads: usize,
) -> Result<Vec<String>, Failure> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut ends = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(n) = sample.get(index) else {
                return ends;
            };
            ends.push((index, end(&files.errand(*n).run(runtime))));
        }
    };
    let mut ends: Vec<(usize, String)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let ends = threads.into_iter().map(thread::ScopedJoinHandle::join);
        ends.flat_map(|ends| ends.unwrap_or_default()).collect()
    });
    if ends.len() != sample.len() {
        return Err("a thread panicked".into());
    }
    ends.sort();
    Ok(ends.into_iter().map(|(_, end)| end).collect())
}

/// The contents of the fixtures.
struct Files {
    probed: Vec<Vec<u8>>,
    film: Vec<u8>,
}

/// One of the jobs.
struct Errand {
    bytes: Vec<u8>,
    transcode: bool,
    good: bool,
}

impl Files {
    fn read() -> Result<Self, Failure> {
        let folder = workspace().join("tests/fixtures");
        let probed = [
            "bbb.mp3",
            "bbb.opus",
            "bbb_180.jpg",
            "bbb_180_bframes_subs.mkv",
            "bbb_180_h264.mp4",
            "bbb_180_vp9.webm",
            "bbb_54.gif",
        ];
        let probed = probed.iter().map(|name| fs::read(folder.join(name)));
        Ok(Self {
            probed: probed.collect::<Result<_, _>>()?,
            film: fs::read(folder.join("bbb_180_h264.mp4"))?,
        })
    }

    /// One in so many is a transcode. Of both kinds every other file is as it should be, and the others were
    /// changed or cut off.
    fn errand(&self, n: usize) -> Errand {
        let each = (PROBES + TRANSCODES) / TRANSCODES;
        let transcode = n.is_multiple_of(each);
        let (whole, turn) = if transcode {
            (&self.film, n / each / SAMPLE + n / each)
        } else {
            (&self.probed[n % self.probed.len()], n / self.probed.len())
        };
        let good = turn.is_multiple_of(2);
        let bytes = match (good, turn % 3) {
            (true, _) => whole.clone(),
            (false, 0) => whole[..whole.len() * (turn % 17) / 17].to_vec(),
            (false, _) => mutate(whole, n as u64),
        };
        Errand {
            bytes,
            transcode,
            good,
        }
    }
}

/// What both verbs report, for one type of task.
enum Done {
    Probed(ProbeReport),
    Made(ProcessReport),
}

impl Errand {
    fn name(&self) -> (&'static str, bool) {
        let name = match (self.transcode, self.good) {
            (false, true) => "probe of a good file",
            (false, false) => "probe of a hostile file",
            (true, true) => "transcode of a good file",
            (true, false) => "transcode of a hostile file",
        };
        (name, self.good)
    }

    fn task(self) -> Task<Done> {
        let fs = tree(&self.bytes);
        let task = if self.transcode {
            Task::process(fs, transcode())
                .progress(false)
                .map(Done::Made)
        } else {
            Task::probe(fs, "/in").map(Done::Probed)
        };
        task.limits(limits())
    }

    fn run(self, runtime: &Runtime) -> Result<Done, JobError> {
        let fs = tree(&self.bytes);
        let invocation = runtime.invocation(&fs).limits(limits());
        if self.transcode {
            invocation.process(&transcode()).map(Done::Made)
        } else {
            invocation.probe("/in").map(Done::Probed)
        }
    }
}

fn tree(bytes: &[u8]) -> MemFs {
    let fs = MemFs::new();
    // The file is not there then, which fails the job.
    let _ = fs.write("/in", bytes);
    fs
}

fn transcode() -> Job {
    Job::new()
        .input(Input::file("/in"))
        .filter("[0:v]trim=end_frame=10,scale=160:90[v]")
        .output(
            Output::file("/out.mp4")
                .map("[v]")
                .video_codec("libopenh264"),
        )
}

/// What a job may use; a hostile file ends soon by it.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.memory_bytes = 128 << 20;
    limits.fuel = Some(500_000_000);
    limits
}

/// How a job ended: the same each time.
fn end(result: &Result<Done, JobError>) -> String {
    match result {
        Ok(Done::Probed(report)) if report.streams.is_empty() => "no streams".to_owned(),
        Ok(Done::Probed(_)) => "streams found".to_owned(),
        Ok(Done::Made(report)) => {
            let frames = report.outputs[0].streams[0].frames;
            format!("{} frames made", frames.unwrap_or_default())
        }
        Err(error) => match (error.class(), error.limit()) {
            (Some(class), _) => format!("refused: {class}"),
            (_, Some(limit)) => format!("limit: {limit}"),
            _ => error.to_string(),
        },
    }
}

/// What something takes, in seconds.
#[derive(Clone, Copy)]
struct Time {
    wall: f64,
    /// Of all threads of this process; 0 where the host does not tell.
    processor: f64,
}

impl Time {
    fn of<T>(work: &dyn Fn() -> Result<T, Failure>) -> Result<(Self, T), Failure> {
        let (before, started) = (processor_time(), Instant::now());
        let done = work()?;
        let wall = started.elapsed().as_secs_f64();
        let processor = (processor_time() - before).as_secs_f64();
        Ok((Self { wall, processor }, done))
    }

    fn min(self, other: Self) -> Self {
        Self {
            wall: self.wall.min(other.wall),
            processor: self.processor.min(other.processor),
        }
    }
}

/// User and system time of this process, from Linux.
fn processor_time() -> Duration {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may have spaces; the times are the 14th and 15th field.
    let fields = text.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    // A tick is a hundredth of a second, whatever the clock of the kernel is.
    Duration::from_millis(ticks * 10)
}

/// Bytes of this process in memory, from Linux; 0 elsewhere.
fn resident() -> Result<u64, Failure> {
    if !cfg!(target_os = "linux") {
        return Ok(0);
    }
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    Ok(kib.ok_or("the kernel does not tell")?.parse::<u64>()? << 10)
}

fn engine_path() -> PathBuf {
    std::env::var_os("AFMPEG_ENGINE").map_or_else(
        || workspace().join("target/engine/ffmpeg-wasi-lean-lgpl.wasm"),
        PathBuf::from,
    )
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
