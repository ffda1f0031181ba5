//! How jobs end that do not end by themselves: cancelled, late, in a panic, with their pool.

use std::any::Any;

use afmpeg_wasi::vfs::{Dir, Vfs};

use super::*;

/// A pool whose engine never comes back by itself.
fn stuck(threads: usize) -> Pool {
    let runtime = Fake::new(CURRENT).doing(FOREVER).runtime();
    // The engine is asked what it is before it is told to hang.
    assert!(runtime.engine_info().is_some());
    let builder = Pool::builder(runtime).threads(threads);
    builder.build().expect("it starts")
}

/// Shows when it is dropped.
struct Witness(Arc<AtomicUsize>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn is_cancelled<T>(result: &Result<T, JobError>) -> bool {
    matches!(result, Err(JobError::Cancelled { .. }))
}

#[test]
fn a_job_that_waits_is_cancelled_at_once_and_never_runs() {
    let pool = pool(1);
    let gate = Gate::default();
    let first = running(pool.submit(gate.task()).expect("it is taken"));
    let dropped = Arc::new(AtomicUsize::new(0));
    let witness = Witness(Arc::clone(&dropped));
    let task = Task::call(move |_| -> Result<(), _> {
        let _owned = &witness;
        panic!("it must not run")
    });
    let mut second = pool.submit(task).expect("it is taken");
    assert!(!second.is_running() && !second.is_finished());
    second.cancel();
    let result = second.try_result().expect("it has ended");
    assert!(is_cancelled(&result), "{result:?}");
    assert_eq!(dropped.load(Ordering::SeqCst), 1, "what it owned is free");
    assert_eq!(pool.load().queued, 0);
    gate.open();
    first.wait().expect("it is done");
}

#[test]
fn a_job_that_runs_is_cancelled_soon() {
    let pool = stuck(1);
    let handle = running(
        pool.submit(Task::process(MemFs::new(), job()))
            .expect("it is taken"),
    );
    let canceller = handle.canceller();
    let other = thread::spawn(move || {
        thread::sleep(Duration::from_millis(10));
        let started = Instant::now();
        canceller.cancel();
        started
    });
    let result = handle.wait();
    let took = other.join().expect("it only cancels").elapsed();
    assert!(is_cancelled(&result), "{result:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");
    pool.submit(gives(()))
        .expect("it is taken")
        .wait()
        .expect("the thread is free");
}

#[test]
fn a_job_that_is_done_cannot_be_cancelled() {
    let pool = pool(1);
    let handle = pool.submit(gives(7)).expect("it is taken");
    eventually("it is done", || handle.is_finished());
    handle.cancel();
    assert_eq!(handle.wait().expect("it was done before"), 7);
}

#[test]
fn a_function_can_see_that_it_was_cancelled() {
    let pool = pool(1);
    let task = Task::call(|context| {
        eventually("it is cancelled", || context.is_cancelled());
        Ok("gave up")
    });
    let handle = running(pool.submit(task).expect("it is taken"));
    handle.cancel();
    assert_eq!(handle.wait().expect("it chose its end"), "gave up");
}

#[test]
fn a_timeout_begins_when_the_job_does_and_a_deadline_before() {
    let late = |result: &Result<_, _>| matches!(result, Err(JobError::DeadlineExceeded { .. }));
    let pool = stuck(1);
    let gate = Gate::default();
    let first = running(pool.submit(gate.task()).expect("it is taken"));
    let short = Duration::from_millis(30);
    let in_time = Task::call(|context| Ok(context.deadline() > Some(Instant::now())));
    let in_time = pool
        .submit(in_time.timeout(Duration::from_secs(20)))
        .expect("it is taken");
    let timed = Task::process(MemFs::new(), job()).timeout(short);
    let timed = pool.submit(timed).expect("it is taken");
    let ran = Arc::new(AtomicUsize::new(0));
    let witness = Arc::clone(&ran);
    let expired = Task::call(move |_| {
        witness.store(1, Ordering::SeqCst);
        Ok(())
    });
    let at = Instant::now() + short;
    let expired = pool.submit(expired.deadline(at)).expect("it is taken");
    thread::sleep(short);
    gate.open();
    first.wait().expect("it is done");
    assert!(in_time.wait().expect("it is done"));
    let result = timed.wait();
    assert!(late(&result.map(drop)));
    assert!(late(&expired.wait()));
    assert_eq!(ran.load(Ordering::SeqCst), 0, "its time had passed");
}

#[test]
fn a_dropped_handle_lets_its_job_run() {
    let pool = pool(1);
    let (tell, heard) = log();
    let task = Task::call(move |_| {
        tell("it ran");
        Ok(())
    });
    drop(pool.submit(task).expect("it is taken"));
    assert_eq!(heard.recv_timeout(LONG), Ok("it ran"));
}

#[test]
fn a_panic_is_the_end_of_its_job_alone() {
    let pool = pool(1);
    let task = Task::<()>::call(|_| panic!("the function is broken"));
    let handle = pool.submit(task).expect("it is taken");
    let number = handle.id();
    let result = handle.wait();
    let text = result.as_ref().expect_err("it panicked").to_string();
    assert!(text.contains("the function is broken"), "{text}");
    let error = pool_error(result);
    assert!(
        matches!(&error, PoolError::Panicked { job, message }
            if *job == number && message == "the function is broken"),
        "{error:?}"
    );
    let handle = pool.submit(gives(7)).expect("it is taken");
    assert_eq!(handle.wait().expect("the thread works on"), 7);
    eventually("its claim is given back", || {
        pool.load().memory_claimed == 0
    });
}

/// A tree that panics when it is looked at.
struct Broken;

impl Vfs for Broken {
    fn root(&self) -> Arc<dyn Dir> {
        panic!("the tree is broken")
    }
}

#[test]
fn a_filesystem_that_panics_ends_its_job_alone() {
    let (pool, fs) = (pool(1), MemFs::new());
    let broken = pool.submit(Task::process(Broken, job()));
    let error = pool_error(broken.expect("it is taken").wait());
    assert!(error.to_string().contains("the tree is broken"), "{error}");
    let handle = pool.submit(Task::process(fs, job())).expect("it is taken");
    handle.wait().expect("the runtime is usable");
}

/// Panics when it is dropped.
struct Trap;

impl Drop for Trap {
    fn drop(&mut self) {
        panic!("the trap")
    }
}

#[test]
fn what_panics_when_it_is_dropped_is_contained() {
    let pool = pool(1);
    let gate = Gate::default();
    let first = running(pool.submit(gate.task()).expect("it is taken"));
    // A result that nobody takes, dropped on the thread of the pool.
    drop(pool.submit(Task::call(|_| Ok(Trap))).expect("it is taken"));
    let payload = Task::<()>::call(|_| std::panic::panic_any(Trap));
    let payload = pool.submit(payload).expect("it is taken");
    gate.open();
    first.wait().expect("it is done");
    assert!(matches!(
        pool_error(payload.wait()),
        PoolError::Panicked { .. }
    ));
    let owned: Box<dyn Any + Send> = Box::new(Trap);
    let owner = Task::call(move |_| {
        drop(owned);
        Ok(())
    });
    let owner = pool.submit(owner).expect("it is taken");
    assert!(matches!(
        pool_error(owner.wait()),
        PoolError::Panicked { .. }
    ));
    let handle = pool.submit(gives(7)).expect("it is taken");
    assert_eq!(handle.wait().expect("the thread works on"), 7);
}

#[test]
fn a_pool_that_is_dropped_cancels_and_waits() {
    let pool = stuck(2);
    let (running_witness, waiting_witness) = (Arc::default(), Arc::default());
    let task = |counter: &Arc<AtomicUsize>| {
        let witness = Witness(Arc::clone(counter));
        Task::call(move |context| {
            let _owned = &witness;
            context.invocation(&MemFs::new()).process(&job())
        })
        .memory_claim(0)
    };
    let submit = |task| pool.submit(task).expect("it is taken");
    let busy = [0, 1].map(|_| running(submit(task(&running_witness))));
    let waiting = [0, 1, 2].map(|_| submit(task(&waiting_witness)));
    let started = Instant::now();
    drop(pool);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(running_witness.load(Ordering::SeqCst), 2, "they are over");
    assert_eq!(waiting_witness.load(Ordering::SeqCst), 3);
    for mut handle in busy.into_iter().chain(waiting) {
        let result = handle.try_result().expect("each has its result");
        assert!(is_cancelled(&result), "{result:?}");
        handle.cancel();
    }
}

#[test]
fn a_pool_can_be_dropped_by_its_own_job() {
    let pool = Arc::new(pool(1));
    let (gate, inner) = (Gate::default(), Arc::clone(&pool));
    let opened = gate.clone();
    let task = Task::call(move |_| {
        opened.pass();
        let last = Arc::into_inner(inner).is_some();
        Ok(last)
    });
    let handle = pool.submit(task).expect("it is taken");
    let behind = pool.submit(gives(())).expect("it is taken");
    drop(pool);
    gate.open();
    assert!(handle.wait().expect("it came back"), "the pool was dropped");
    assert!(is_cancelled(&behind.wait()));
}
