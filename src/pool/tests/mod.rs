//! Tests of the pool, with functions as jobs and small guests that stand in for an engine.

mod ends;
mod maps;
mod order;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use afmpeg_wasi::Limits;
use afmpeg_wasi::vfs::MemFs;

use super::{Canceller, Handle, Load, Map, Pool, PoolBuilder, Rejected, Task};
use crate::runtime::tests::fake::{CURRENT, Fake};
use crate::{Input, Job, JobError, Output, PoolError, Progress};

const FOREVER: &str = "(loop $again (br $again))";

/// Long enough for anything that happens at all.
const LONG: Duration = Duration::from_secs(60);

fn job() -> Job {
    Job::new()
        .input(Input::file("/in.mp4"))
        .output(Output::file("/out.mp4"))
}

/// A guest that does the job as it says.
fn honest() -> Fake {
    Fake::new(CURRENT)
        .creates("out.mp4", "12345")
        .prints(r#"{"outputs":[{"path":"/out.mp4","format":"fake","size":5,"streams":[]}]}"#)
}

fn builder() -> PoolBuilder {
    Pool::builder(honest().runtime())
}

fn pool(threads: usize) -> Pool {
    builder().threads(threads).build().expect("it starts")
}

/// A job that gives this back.
fn gives<T: Send + 'static>(value: T) -> Task<T> {
    Task::call(move |_| Ok(value)).memory_claim(0)
}

/// Holds jobs until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn open(&self) {
        *self.0.0.lock().expect("nothing panics here") = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let open = self.0.0.lock().expect("nothing panics here");
        let waited = self.0.1.wait_timeout_while(open, LONG, |open| !*open);
        let (open, _) = waited.expect("nothing panics here");
        assert!(*open, "somebody opens the gate");
    }

    /// A job that runs until the gate is opened.
    fn task(&self) -> Task<()> {
        let gate = self.clone();
        Task::call(move |_| {
            gate.pass();
            Ok(())
        })
        .memory_claim(0)
    }
}

#[track_caller]
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until the job is on a thread.
#[track_caller]
fn running<T>(handle: Handle<T>) -> Handle<T> {
    eventually("it starts", || handle.is_running());
    handle
}

#[track_caller]
fn pool_error<T: std::fmt::Debug>(result: Result<T, JobError>) -> PoolError {
    match result {
        Err(JobError::Host(error)) => *error.downcast().expect("it is of the pool"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_crosses_threads_does() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Pool>();
    crosses::<PoolError>();
    crosses::<Handle<Vec<u8>>>();
    crosses::<Canceller>();
    fn moves<T: Send>() {}
    moves::<Task<std::cell::Cell<u8>>>();
    moves::<Rejected<u8>>();
    moves::<Map<'static, u8, std::vec::IntoIter<Task<u8>>>>();
}

#[test]
fn a_job_of_the_engine_is_done_and_reported() {
    let (pool, fs) = (pool(2), MemFs::new());
    let handle = pool
        .submit(Task::process(fs.clone(), job()))
        .expect("it is taken");
    let report = handle.wait().expect("it is done");
    assert_eq!(report.outputs[0].size, Some(5));
    assert_eq!(fs.read("/out.mp4").expect("it is there"), b"12345");
    let shared: Arc<dyn crate::Vfs> = Arc::new(fs);
    let text = job().to_spec().expect("it can be meant");
    let task = Task::process_json(shared, text.as_str()).map(|reply| reply["outputs"].is_array());
    let handle = pool.submit(task).expect("it is taken");
    assert!(handle.wait().expect("it is done"));
}

#[test]
fn the_threads_are_its_own_and_have_its_name() {
    let pool = pool(3);
    assert_eq!(pool.threads(), 3);
    let gate = Gate::default();
    let name = || {
        let gate = gate.clone();
        pool.submit(Task::call(move |_| {
            gate.pass();
            Ok(thread::current().name().map(str::to_owned))
        }))
        .expect("it is taken")
    };
    let handles = [running(name()), running(name()), running(name())];
    gate.open();
    let mut names = handles.map(|handle| handle.wait().expect("it is done"));
    names.sort();
    let expected = ["afmpeg-pool-0", "afmpeg-pool-1", "afmpeg-pool-2"];
    assert_eq!(names.map(Option::unwrap_or_default), expected);
}

/// A filesystem may decrypt or read ahead by rayon, whose threads take up other work while they wait for a part.
/// Were that another job, the read would come back when that job is done.
#[test]
fn what_a_job_does_by_rayon_takes_up_no_other_job() {
    let pool = Arc::new(pool(1));
    let inner = Arc::clone(&pool);
    let task = Task::call(move |_| {
        let other = inner.submit(gives(7)).expect("it is taken");
        let sum = rayon_core::join(|| 1, || 2);
        let yielded: Vec<_> = (0..10).map(|_| rayon_core::yield_now()).collect();
        let began = other.is_running() || other.is_finished();
        Ok((other, sum, yielded, began))
    });
    let handle = pool.submit(task).expect("it is taken");
    let (other, sum, yielded, began) = handle.wait().expect("it is done");
    assert_eq!((sum, began), ((1, 2), false));
    let idle = |yielded| matches!(yielded, Some(rayon_core::Yield::Idle));
    assert!(yielded.into_iter().all(idle));
    assert_eq!(other.wait().expect("its turn comes"), 7);
}

#[test]
fn a_result_is_taken_once() {
    let pool = pool(1);
    let gate = Gate::default();
    let mut handle = pool.submit(gate.task()).expect("it is taken");
    assert!(handle.try_result().is_none() && !handle.is_finished());
    assert!(handle.wait_timeout(Duration::from_millis(5)).is_none());
    gate.open();
    let result = handle.wait_timeout(LONG).expect("it is done in time");
    result.expect("it went well");
    assert!(handle.is_finished() && handle.try_result().is_none());
    let error = pool_error(handle.wait_timeout(LONG).expect("there is no more to come"));
    assert!(matches!(error, PoolError::Taken), "{error:?}");
    assert!(matches!(pool_error(handle.wait()), PoolError::Taken));

    let mut handle = pool.submit(gives(7)).expect("it is taken");
    let mut result = None;
    eventually("it is done", || {
        result = handle.try_result();
        result.is_some()
    });
    assert_eq!(result.expect("it is there").expect("it went well"), 7);
}

#[test]
fn the_newest_progress_is_with_the_handle() {
    let lines = "{\"frame\":1,\"out_time_us\":250000,\"duration_us\":1000000}\n\
                 {\"frame\":3,\"out_time_us\":750000,\"duration_us\":1000000}\n";
    let guest = honest().creates("dev/afmpeg-progress", lines);
    let pool = Pool::new(guest.runtime()).expect("it starts");
    let mut handle = pool
        .submit(Task::process(MemFs::new(), job()))
        .expect("it is taken");
    let result = handle.wait_timeout(LONG).expect("it ends");
    result.expect("it went well");
    let newest = handle.progress().expect("there was progress");
    assert_eq!((newest.frame, newest.fraction), (Some(3), Some(1.0)));

    // A guest without lines has an end to tell all the same.
    let pool = Pool::new(honest().runtime()).expect("it starts");
    let silent = Task::process(MemFs::new(), job()).progress(false);
    let mut handle = pool.submit(silent).expect("it is taken");
    handle
        .wait_timeout(LONG)
        .expect("it ends")
        .expect("it went well");
    assert_eq!(handle.progress(), None::<Progress>);
}

#[test]
fn the_limits_of_a_task_are_those_of_its_invocations() {
    let pool = Pool::new(Fake::new(CURRENT).doing(FOREVER).runtime()).expect("it starts");
    let mut limits = Limits::default();
    limits.fuel = Some(1_000_000);
    let task = Task::process(MemFs::new(), job()).limits(limits);
    let error = pool.submit(task).expect("it is taken").wait();
    assert!(matches!(error, Err(JobError::Limit { .. })), "{error:?}");
}

#[test]
fn settings_of_nothing_are_refused() {
    for (builder, name) in [
        (builder().threads(0), "threads"),
        (builder().queue_limit(0), "queue_limit"),
    ] {
        let error = builder.build().expect_err("nothing could run");
        assert!(matches!(error, PoolError::Zero { setting } if setting == name));
        assert!(error.to_string().contains(name), "{error}");
    }
}

/// Many jobs of all kinds from many sides: each handle has one result, and at the end nothing is left.
#[test]
fn none_is_lost() {
    const EACH: usize = 500;
    let pool = builder().threads(4).memory_budget(10).queue_limit(8);
    let pool = pool.build().expect("it starts");
    let ran = AtomicUsize::new(0);
    let (cancelled, panicked) = thread::scope(|scope| {
        let submitters: Vec<_> = (0..4)
            .map(|side| {
                let (pool, ran) = (&pool, &ran);
                scope.spawn(move || {
                    let mut ends = (0, 0);
                    let mut handles = Vec::new();
                    for n in 0..EACH {
                        let task = Task::call(move |_| match n % 50 {
                            49 => panic!("job {n} of side {side}"),
                            _ => Ok(n),
                        });
                        let task = task.memory_claim((n % 11) as u64);
                        let handle = pool.submit(task).expect("no claim is above the budget");
                        if n % 7 == 0 {
                            handle.cancel();
                        }
                        handles.push(handle);
                    }
                    for (n, handle) in handles.into_iter().enumerate() {
                        match handle.wait() {
                            Ok(value) => {
                                assert_eq!(value, n);
                                ran.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(JobError::Cancelled { .. }) => ends.0 += 1,
                            Err(JobError::Host(_)) => ends.1 += 1,
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                    ends
                })
            })
            .collect();
        let ends = submitters
            .into_iter()
            .map(|side| side.join().expect("its assertions hold"));
        ends.fold((0, 0), |(a, b), (c, d)| (a + c, b + d))
    });
    assert_eq!(ran.into_inner() + cancelled + panicked, 4 * EACH);
    assert!((30..=40).contains(&panicked), "{panicked} of 40 panicked");
    eventually("nothing is left", || {
        pool.load()
            == Load {
                queued: 0,
                running: 0,
                memory_claimed: 0,
            }
    });
}

/// A channel for jobs to tell what they do.
fn log<T: Send + 'static>() -> (impl Fn(T) + Clone + Send + 'static, Receiver<T>) {
    let (sender, receiver): (Sender<T>, _) = channel();
    let tell = move |what| sender.send(what).expect("the test listens");
    (tell, receiver)
}
