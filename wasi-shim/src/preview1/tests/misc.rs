//! Arguments, clocks, polling, randomness, preopens, sockets.

use std::sync::Arc;

use super::guest::*;
use crate::clock::{Clock, VirtualClock};
use crate::errno::Errno;
use crate::mem::GuestMem;
use crate::preview1::{args, clock, environ, fd, poll, proc, random, sched, sock};
use crate::random::{Random, SeededRandom};
use crate::stdio::Stdin;
use crate::stop::{Fail, Stop};
use crate::vfs::MemFs;
use crate::wasi::Wasi;

fn over(builder: crate::wasi::WasiBuilder) -> Guest {
    Guest::over(MemFs::new(), builder.build().expect("valid"))
}

#[test]
fn d7_arguments_and_environment_fit_exactly_or_not_at_all() {
    let mut guest = over(Wasi::builder().args(["a", "bc"]).env("K", "v"));
    let sizes = guest.call(|w, m| args::args_sizes_get(w, m, 0, 4));
    assert_eq!(sizes, Errno::Success);
    assert_eq!((guest.u32_at(0), guest.u32_at(4)), (2, 5));
    let get = |guest: &mut Guest, argv, buf| guest.call(|w, m| args::args_get(w, m, argv, buf));
    assert_eq!(get(&mut guest, 16, SIZE - 5), Errno::Success);
    assert_eq!((guest.u32_at(16), guest.u32_at(20)), (SIZE - 5, SIZE - 3));
    assert_eq!(guest.array::<5>(SIZE - 5), *b"a\0bc\0");
    guest.bytes.fill(0xAA);
    assert_eq!(get(&mut guest, 16, SIZE - 4), Errno::Fault);
    assert_eq!(get(&mut guest, SIZE - 7, 64), Errno::Fault);
    assert_eq!(get(&mut guest, u32::MAX, u32::MAX), Errno::Fault);
    assert!(guest.bytes.iter().all(|byte| *byte == 0xAA));
    let sizes = guest.call(|w, m| environ::environ_sizes_get(w, m, 0, 4));
    assert_eq!(sizes, Errno::Success);
    assert_eq!((guest.u32_at(0), guest.u32_at(4)), (1, 4));
    let got = guest.call(|w, m| environ::environ_get(w, m, 16, 64));
    assert_eq!((got, guest.array::<4>(64)), (Errno::Success, *b"K=v\0"));

    let mut none = over(Wasi::builder());
    let sizes = none.call(|w, m| args::args_sizes_get(w, m, 0, 4));
    assert_eq!((sizes, none.u64_at(0)), (Errno::Success, 0));
    let got = none.call(|w, m| args::args_get(w, m, SIZE, SIZE));
    assert_eq!(got, Errno::Success);
}

#[test]
fn b4_clocks_are_the_injected_ones_and_there_are_four() {
    let mut guest = Guest::new();
    let time = |guest: &mut Guest, id| {
        let errno = guest.call(|w, m| clock::clock_time_get(w, m, id, 0, RESULT));
        (errno, guest.u64_at(RESULT))
    };
    let step = VirtualClock::STEP;
    let first = time(&mut guest, 0);
    assert_eq!(first.0, Errno::Success);
    let since = first.1 - VirtualClock::START;
    assert_eq!(time(&mut guest, 1), (Errno::Success, since + step));
    assert_eq!(time(&mut guest, 3), (Errno::Success, since + 2 * step));
    for id in [4, 5, u32::MAX] {
        assert_eq!(time(&mut guest, id).0, Errno::Inval);
        let res = guest.call(|w, m| clock::clock_res_get(w, m, id, RESULT));
        assert_eq!(res, Errno::Inval);
    }
    let fault = guest.call(|w, m| clock::clock_time_get(w, m, 0, 0, SIZE - 7));
    assert_eq!(fault, Errno::Fault);
    assert_eq!(
        time(&mut guest, 1).1,
        since + 3 * step,
        "a fault reads no clock"
    );
    let res = guest.call(|w, m| clock::clock_res_get(w, m, 1, RESULT));
    assert_eq!((res, guest.u64_at(RESULT)), (Errno::Success, step));
}

#[test]
fn d4_random_bytes_are_bounds_checked_first() {
    let mut guest = over(Wasi::builder().random(Box::new(SeededRandom::new(1))));
    guest.bytes.fill(0xAA);
    let get = |guest: &mut Guest, buf, len| guest.call(|w, m| random::random_get(w, m, buf, len));
    assert_eq!(get(&mut guest, 0, u32::MAX), Errno::Fault);
    assert_eq!(get(&mut guest, SIZE - 8, 9), Errno::Fault);
    assert_eq!(get(&mut guest, u32::MAX, u32::MAX), Errno::Fault);
    assert_eq!(get(&mut guest, SIZE, 0), Errno::Success);
    assert!(guest.bytes.iter().all(|byte| *byte == 0xAA));
    assert_eq!(get(&mut guest, 3, 64), Errno::Success);
    let mut expected = [0; 64];
    assert!(SeededRandom::new(1).fill(&mut expected));
    assert_eq!(guest.array::<64>(3), expected);
    assert_eq!((guest.bytes[2], guest.bytes[67]), (0xAA, 0xAA));
}

#[test]
fn d4_a_long_random_fill_can_be_cancelled() {
    let token = crate::control::CancelToken::new();
    let mut guest = over(Wasi::builder().cancel(token.clone()));
    token.cancel();
    let mut mem = GuestMem::new(&mut guest.bytes);
    match random::random_get(&mut guest.wasi, &mut mem, 0, SIZE) {
        Err(Fail::Stop(stop)) => assert!(matches!(*stop, Stop::Cancelled)),
        other => panic!("cancelled fill gave {other:?}"),
    }
}

/// Puts a subscription at the start of memory.
fn subscribe(guest: &mut Guest, index: u32, userdata: u64, tag: u8, id: u32) -> u32 {
    let at = PATH + index * 48;
    guest.put(at, &[0; 48]);
    guest.put(at, &userdata.to_le_bytes());
    guest.put(at + 8, &[tag]);
    guest.put(at + 16, &id.to_le_bytes());
    at
}

fn clock_subscription(guest: &mut Guest, index: u32, id: u32, timeout: u64, flags: u16) {
    let at = subscribe(guest, index, u64::from(index), 0, id);
    guest.put(at + 24, &timeout.to_le_bytes());
    guest.put(at + 40, &flags.to_le_bytes());
}

/// The events of a poll: userdata, errno, type, bytes.
fn poll(guest: &mut Guest, count: u32) -> Result<Vec<(u64, u16, u8, u64)>, Errno> {
    match guest.call(|w, m| poll::poll_oneoff(w, m, PATH, DATA, count, RESULT)) {
        Errno::Success => Ok((0..guest.u32_at(RESULT))
            .map(|index| DATA + index * 32)
            .map(|at| {
                let errno = u16::from_le_bytes(guest.array(at + 8));
                let kind = guest.array::<1>(at + 10)[0];
                (guest.u64_at(at), errno, kind, guest.u64_at(at + 16))
            })
            .collect()),
        errno => Err(errno),
    }
}

#[test]
fn d3_polls_that_cannot_be_are_refused_before_anything_is_allocated() {
    let mut guest = Guest::new();
    assert_eq!(poll(&mut guest, 0), Err(Errno::Inval));
    for count in [4_097, 1_000_000, u32::MAX / 48 + 1, u32::MAX] {
        assert_eq!(poll(&mut guest, count), Err(Errno::Inval), "{count}");
    }
    for tag in [3, 255] {
        subscribe(&mut guest, 0, 1, tag, 0);
        assert_eq!(poll(&mut guest, 1), Err(Errno::Inval));
    }
    clock_subscription(&mut guest, 0, 1, 0, 0);
    let call = |guest: &mut Guest, subscriptions, events, out| {
        guest.call(|w, m| poll::poll_oneoff(w, m, subscriptions, events, 1, out))
    };
    assert_eq!(call(&mut guest, SIZE - 47, DATA, RESULT), Errno::Fault);
    assert_eq!(call(&mut guest, PATH, SIZE - 31, RESULT), Errno::Fault);
    assert_eq!(call(&mut guest, PATH, DATA, SIZE - 3), Errno::Fault);
    // Events may lie over the subscriptions.
    assert_eq!(call(&mut guest, PATH, PATH, RESULT), Errno::Success);
}

#[test]
fn d3_the_shortest_clock_wins_and_wrong_ones_answer_for_themselves() {
    let clock = Arc::new(VirtualClock::new());
    let mut guest = over(Wasi::builder().clock(clock.clone()));
    let hour = 3_600_000_000_000;
    clock_subscription(&mut guest, 0, 1, u64::MAX, 0);
    clock_subscription(&mut guest, 1, 1, hour, 0);
    clock_subscription(&mut guest, 2, 0, 2 * hour, 0);
    assert_eq!(poll(&mut guest, 3), Ok(vec![(1, 0, 0, 0)]));
    assert!((hour..hour + 1_000_000).contains(&clock.monotonic()));
    // In the past, and before the epoch as a guest may compute it.
    clock_subscription(&mut guest, 0, 0, 1, 1);
    clock_subscription(&mut guest, 1, 1, hour, 1);
    clock_subscription(&mut guest, 2, 0, u64::MAX, 1);
    assert_eq!(poll(&mut guest, 3), Ok(vec![(0, 0, 0, 0), (1, 0, 0, 0)]));
    clock_subscription(&mut guest, 0, 9, 1, 0);
    clock_subscription(&mut guest, 1, 1, u64::MAX, 0);
    clock_subscription(&mut guest, 2, 1, 0, 2);
    let inval = Errno::Inval.code();
    assert_eq!(
        poll(&mut guest, 3),
        Ok(vec![(0, inval, 0, 0), (2, inval, 0, 0)])
    );
}

#[test]
fn d3_descriptors_tell_what_is_ready() {
    let mut guest = Guest::new();
    guest.wasi = builder(&guest.fs)
        .stdin(Stdin::Bytes(b"abc".to_vec()))
        .build()
        .expect("valid");
    guest.fs.write("/f", b"0123456789").expect("new");
    let file = guest.open("f", 0, true).expect("it exists");
    assert_eq!(guest.read(file, 4), Ok(b"0123".to_vec()));
    let badf = Errno::Badf.code();
    let cases = [
        (1, 0, 0, 3),
        (2, 0, badf, 0),
        (1, 1, badf, 0),
        (2, 1, 0, 1),
        (2, 2, 0, 1),
        (1, 3, badf, 0),
        (1, file, 0, 6),
        (2, file, 0, 1),
        (1, 77, badf, 0),
    ];
    let mut expected = Vec::new();
    for (index, (tag, fd, errno, bytes)) in (0..).zip(cases) {
        subscribe(&mut guest, index, 42, tag, fd);
        expected.push((42, errno, tag, bytes));
    }
    assert_eq!(poll(&mut guest, cases.len() as u32), Ok(expected));
}

#[test]
fn preopens_have_their_names() {
    let mut guest = Guest::new();
    let prestat = guest.call(|w, m| fd::fd_prestat_get(w, m, 3, RESULT));
    assert_eq!(prestat, Errno::Success);
    assert_eq!(guest.array::<8>(RESULT), [0, 0, 0, 0, 1, 0, 0, 0]);
    let name =
        |guest: &mut Guest, len| guest.call(|w, m| fd::fd_prestat_dir_name(w, m, 3, DATA, len));
    assert_eq!(name(&mut guest, 0), Errno::Nametoolong);
    assert_eq!(name(&mut guest, 1), Errno::Success);
    assert_eq!(guest.array::<2>(DATA), *b"/\0");
    let none = guest.call(|w, m| fd::fd_prestat_get(w, m, 4, RESULT));
    assert_eq!(none, Errno::Badf);
    let stream = guest.call(|w, m| fd::fd_prestat_get(w, m, 0, RESULT));
    assert_eq!(stream, Errno::Badf);
}

#[test]
fn sockets_do_not_exist() {
    let mut guest = Guest::new();
    for (fd, expected) in [(0, Errno::Notsock), (3, Errno::Notsock), (9, Errno::Badf)] {
        let calls = [
            guest.call(|w, m| sock::sock_accept(w, m, fd, 0, 0)),
            guest.call(|w, m| sock::sock_recv(w, m, fd, 0, 0, 0, 0, 0)),
            guest.call(|w, m| sock::sock_send(w, m, fd, 0, 0, 0, 0)),
            guest.call(|w, m| sock::sock_shutdown(w, m, fd, 0)),
        ];
        assert_eq!(calls, [expected; 4]);
    }
}

#[test]
fn b4_signals_that_do_not_exist_are_inval() {
    let mut guest = Guest::new();
    for signal in [31, 255, 256, u32::MAX] {
        let raised = guest.call(|w, m| proc::proc_raise(w, m, signal));
        assert_eq!(raised, Errno::Inval);
    }
    assert_eq!(guest.call(sched::sched_yield), Errno::Success);
}
