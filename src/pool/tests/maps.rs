//! Many jobs in a row.

use std::iter;

use super::*;

/// Tasks `0..count`, and how many of them were taken.
fn counted(count: usize) -> (impl Iterator<Item = Task<usize>>, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let tasks = (0..count).map(move |n| {
        counter.fetch_add(1, Ordering::SeqCst);
        gives(n)
    });
    (tasks, taken)
}

#[test]
fn each_task_has_one_result_with_its_position() {
    let pool = pool(3);
    let (tasks, _) = counted(1000);
    let mut seen = vec![false; 1000];
    for (index, result) in pool.map(tasks) {
        assert_eq!(result.expect("it is done"), index);
        assert!(!std::mem::replace(&mut seen[index], true), "{index} twice");
    }
    assert!(seen.iter().all(|seen| *seen), "none is lost");
}

#[test]
fn results_come_as_they_end_or_in_order() {
    let pool = pool(2);
    let gate = Gate::default();
    let tasks = |gate: &Gate| {
        let gate = gate.clone();
        let slow = gate.task().map(|()| 0);
        iter::once(slow).chain((1..50).map(gives))
    };
    let mut results = pool.map(tasks(&gate));
    let early: Vec<_> = results.by_ref().take(20).map(|(index, _)| index).collect();
    assert!(!early.contains(&0), "{early:?}");
    gate.open();
    let late: Vec<_> = results.map(|(index, _)| index).collect();
    assert!(late.contains(&0) && early.len() + late.len() == 50);

    let gate = Gate::default();
    gate.open();
    let results = pool.map_ordered(tasks(&gate));
    let values: Vec<_> = results.map(|result| result.expect("it is done")).collect();
    assert_eq!(values, (0..50).collect::<Vec<_>>());
}

#[test]
fn no_more_tasks_are_taken_than_are_needed() {
    let pool = pool(2);
    let (tasks, taken) = counted(1000);
    let mut results = pool.map(tasks);
    assert_eq!(taken.load(Ordering::SeqCst), 0, "nobody has asked yet");
    for given in 1..=100 {
        let (_, result) = results.next().expect("there are more");
        result.expect("it is done");
        thread::sleep(Duration::from_micros(200));
        let taken = taken.load(Ordering::SeqCst);
        assert!(taken < given + 4, "{taken} tasks for {given} results");
    }
    drop(results);

    let (tasks, taken) = counted(usize::MAX);
    let mut results = pool.map_ordered(tasks);
    for given in 0..100 {
        let result = results.next().expect("there are more");
        assert_eq!(result.expect("it is done"), given);
        assert!(taken.load(Ordering::SeqCst) <= given + 4);
    }
}

#[test]
fn a_map_that_is_dropped_cancels_what_it_began() {
    let pool = pool(1);
    let (tell, heard) = log();
    let endless = iter::repeat_with(move || {
        let tell = tell.clone();
        Task::call(move |context| {
            tell("begun");
            eventually("it is cancelled", || context.is_cancelled());
            tell("ended");
            Ok(())
        })
    });
    let first = iter::once(gives(()));
    let mut results = pool.map(first.chain(endless));
    assert_eq!(results.next().map(|(index, _)| index), Some(0));
    assert_eq!(heard.recv_timeout(LONG), Ok("begun"));
    drop(results);
    assert_eq!(heard.recv_timeout(LONG), Ok("ended"));
    eventually("the others are gone", || pool.load().queued == 0);
    let more = heard.recv_timeout(Duration::from_millis(20));
    assert!(more.is_err(), "another one began");
}

#[test]
fn a_task_that_cannot_be_taken_or_panics_is_a_result_like_others() {
    let pool = builder().threads(2).memory_budget(10).build();
    let pool = pool.expect("it starts");
    let tasks = || {
        [
            gives(0),
            gives(1).memory_claim(11),
            Task::call(|_| panic!("the function is broken")).memory_claim(1),
            gives(3),
        ]
    };
    let mut results: Vec<_> = pool.map(tasks()).collect();
    results.sort_by_key(|(index, _)| *index);
    let ordered: Vec<_> = pool.map_ordered(tasks()).collect();
    let by_index = results.into_iter().map(|(_, result)| result).collect();
    for results in [by_index, ordered] {
        let [zero, claim, panicked, three]: [_; 4] =
            Vec::try_into(results).expect("four tasks have four results");
        assert_eq!((zero.ok(), three.ok()), (Some(0), Some(3)));
        assert!(matches!(pool_error(claim), PoolError::MemoryClaim { .. }));
        assert!(matches!(pool_error(panicked), PoolError::Panicked { .. }));
    }
}

#[test]
fn a_queue_that_others_keep_full_slows_a_map_and_loses_nothing() {
    let pool = builder().threads(2).queue_limit(1).build();
    let pool = pool.expect("it starts");
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let (tasks, _) = counted(200);
                let mut indices: Vec<_> = pool.map(tasks).map(|(index, _)| index).collect();
                indices.sort_unstable();
                assert_eq!(indices, (0..200).collect::<Vec<_>>());
            });
        }
        for n in 0..200 {
            let handle = pool.submit(gives(n)).expect("it is taken");
            assert_eq!(handle.wait().expect("it is done"), n);
        }
    });
}

#[test]
fn nothing_has_no_results_and_an_end_stays_one() {
    let pool = pool(1);
    assert_eq!(pool.map(Vec::<Task<()>>::new()).count(), 0);
    assert_eq!(pool.map_ordered(Vec::<Task<()>>::new()).count(), 0);
    let mut results = pool.map([gives(7)]);
    assert!(results.next().is_some());
    assert!(results.next().is_none() && results.next().is_none());
}
