//! Who starts when: priorities, memory, the queue.

use std::sync::atomic::AtomicU64;

use super::*;
use crate::Priority;

#[test]
fn the_higher_priority_goes_first() {
    let pool = pool(1);
    let gate = Gate::default();
    let first = running(pool.submit(gate.task()).expect("it is taken"));
    let (tell, heard) = log();
    let tasks = [
        (Priority::Low, "low"),
        (Priority::Normal, "one"),
        (Priority::High, "high"),
        (Priority::Normal, "two"),
    ];
    let handles = tasks.map(|(priority, name)| {
        let tell = tell.clone();
        let task = Task::call(move |_| {
            tell(name);
            Ok(())
        });
        pool.submit(task.priority(priority)).expect("it is taken")
    });
    gate.open();
    first.wait().expect("it is done");
    for handle in handles {
        handle.wait().expect("it is done");
    }
    drop(tell);
    assert_eq!(
        heard.iter().collect::<Vec<_>>(),
        ["high", "one", "two", "low"]
    );
}

#[test]
fn claims_of_running_jobs_stay_within_the_budget() {
    let pool = builder().threads(4).memory_budget(10).build();
    let pool = pool.expect("it starts");
    let (now, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let handles: Vec<_> = (0..60_u64)
        .map(|n| {
            let claim = 1 + n % 7;
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            let task = Task::call(move |_| {
                let used = now.fetch_add(claim, Ordering::SeqCst) + claim;
                most.fetch_max(used, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(1));
                now.fetch_sub(claim, Ordering::SeqCst);
                Ok(())
            });
            pool.submit(task.memory_claim(claim)).expect("it is taken")
        })
        .collect();
    for handle in handles {
        handle.wait().expect("it is done");
    }
    let most = most.load(Ordering::SeqCst);
    assert!((8..=10).contains(&most), "at most {most} bytes at a time");
}

#[test]
fn a_job_that_waits_for_memory_is_not_overtaken_by_small_ones() {
    let pool = builder().threads(3).memory_budget(10).build();
    let pool = pool.expect("it starts");
    let gate = Gate::default();
    let first = running(
        pool.submit(gate.task().memory_claim(4))
            .expect("it is taken"),
    );
    let (tell, heard) = log();
    let task = |name: &'static str, claim| {
        let tell = tell.clone();
        let task = Task::call(move |_| {
            tell(name);
            Ok(())
        });
        pool.submit(task.memory_claim(claim)).expect("it is taken")
    };
    let (large, small) = (task("large", 10), task("small", 1));
    thread::sleep(Duration::from_millis(20));
    assert_eq!(
        pool.load().memory_claimed,
        4,
        "two threads have nothing to do"
    );
    assert!(heard.try_recv().is_err());
    gate.open();
    first.wait().expect("it is done");
    large.wait().expect("it is done");
    small.wait().expect("it is done");
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), ["large", "small"]);
}

#[test]
fn who_waits_behind_a_large_job_starts_when_that_is_cancelled() {
    let pool = builder().threads(2).memory_budget(10).build();
    let pool = pool.expect("it starts");
    let gate = Gate::default();
    let first = running(
        pool.submit(gate.task().memory_claim(4))
            .expect("it is taken"),
    );
    let large = pool
        .submit(gives(()).memory_claim(10))
        .expect("it is taken");
    let small = pool.submit(gives(()).memory_claim(1)).expect("it is taken");
    large.cancel();
    assert!(large.is_finished(), "at once");
    small.wait().expect("it is done, while the first one runs");
    gate.open();
    first.wait().expect("it is done");
}

#[test]
fn the_claim_is_the_memory_limit_unless_it_is_said_otherwise() {
    let all = Limits::default().memory_bytes;
    let pool = builder().threads(2).build().expect("it starts");
    assert_eq!(pool.memory_budget(), 2 * all);
    let gate = Gate::default();
    let inner = gate.clone();
    let task = Task::call(move |_| {
        inner.pass();
        Ok(())
    });
    let handle = running(pool.submit(task).expect("it is taken"));
    assert_eq!(pool.load().memory_claimed, all);
    gate.open();
    handle.wait().expect("it is done");
    eventually("it is given back", || pool.load().memory_claimed == 0);
}

#[test]
fn a_claim_above_the_budget_is_refused() {
    let pool = builder().threads(1).memory_budget(10).build();
    let pool = pool.expect("it starts");
    let error = pool.submit(gives(()).memory_claim(11));
    let error = error.expect_err("it could never start");
    let PoolError::MemoryClaim { claim, budget } = error else {
        panic!("{error:?}")
    };
    assert_eq!((claim, budget), (11, 10));
    let whole = pool.submit(gives(()).memory_claim(10)).expect("it fits");
    whole.wait().expect("it is done");
    let rejected = pool
        .try_submit(gives(7).memory_claim(11))
        .expect_err("it could never start");
    let task = rejected.task.memory_claim(1);
    let handle = pool.submit(task).expect("it is taken");
    assert_eq!(handle.wait().expect("it is done"), 7);
}

#[test]
fn a_full_queue_refuses_or_makes_wait() {
    let pool = builder().threads(1).queue_limit(2).build();
    let pool = pool.expect("it starts");
    let gate = Gate::default();
    let first = running(pool.submit(gate.task()).expect("it is taken"));
    let waiting = [1, 2].map(|n| pool.submit(gives(n)).expect("there is room"));
    let rejected = pool.try_submit(gives(3)).expect_err("there is none");
    assert!(matches!(rejected.reason, PoolError::QueueFull { limit: 2 }));
    assert!(rejected.to_string().contains("queue_limit"), "{rejected}");
    let submitted = AtomicUsize::new(0);
    let third = thread::scope(|scope| {
        let third = scope.spawn(|| {
            let handle = pool.submit(rejected.task);
            submitted.store(1, Ordering::SeqCst);
            handle
        });
        thread::sleep(Duration::from_millis(20));
        assert_eq!(submitted.load(Ordering::SeqCst), 0, "it waits for room");
        gate.open();
        third.join().expect("it does not panic")
    });
    let third = third.expect("it was taken in the end");
    first.wait().expect("it is done");
    let values = waiting.map(|handle| handle.wait().expect("it is done"));
    assert_eq!((values, third.wait().expect("it is done")), ([1, 2], 3));
}

#[test]
fn a_cancelled_job_makes_room_in_the_queue() {
    let pool = builder().threads(1).queue_limit(1).build();
    let pool = pool.expect("it starts");
    let gate = Gate::default();
    let first = running(pool.submit(gate.task()).expect("it is taken"));
    let second = pool.submit(gives(2)).expect("there is room");
    pool.try_submit(gives(3)).expect_err("there is none");
    second.cancel();
    let third = pool.try_submit(gives(3)).expect("there is room again");
    gate.open();
    first.wait().expect("it is done");
    assert_eq!(third.wait().expect("it is done"), 3);
}

/// Were a job to wait for room or for another job, a pool whose threads all do so would stand still.
#[test]
fn a_job_may_submit_but_not_wait() {
    let pool = builder().threads(1).queue_limit(1).build();
    let pool = Arc::new(pool.expect("it starts"));
    let inner = Arc::clone(&pool);
    let task = Task::call(move |_| {
        let more = [1, 2, 3].map(|n| inner.submit(gives(n)).expect("it is taken"));
        let waited = inner.submit(gives(4)).expect("it is taken").wait();
        let mapped: Vec<_> = inner.map([gives(5), gives(6)]).collect();
        let in_order: Vec<_> = inner.map_ordered([gives(5)]).collect();
        Ok((more, waited, mapped, in_order))
    });
    let handle = pool.submit(task).expect("it is taken");
    let (more, waited, mapped, in_order) = handle.wait().expect("it is done");
    let inside = |result| matches!(pool_error(result), PoolError::WaitInside);
    assert!(inside(waited));
    let indices: Vec<_> = mapped.iter().map(|(index, _)| *index).collect();
    assert_eq!((indices, in_order.len()), (vec![0, 1], 1));
    assert!(mapped.into_iter().all(|(_, result)| inside(result)));
    assert!(in_order.into_iter().all(inside));
    let values = more.map(|handle| handle.wait().expect("it is done"));
    assert_eq!(values, [1, 2, 3]);
}
