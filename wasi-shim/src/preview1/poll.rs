//! `poll_*`: waiting for clocks and descriptors.

use std::time::Duration;

use super::clock::ClockId;
use crate::control::Control;
use crate::errno::Errno;
use crate::fd::{Kind, Rights};
use crate::limits::LimitKind;
use crate::mem::{GuestMem, Record};
use crate::stop::SysResult;
use crate::wasi::Wasi;

/// `poll_oneoff`: waits until at least one subscription has something to tell, and writes its
/// events.
///
/// A wait ends with the run when that is cancelled or out of time.
///
/// # Errno
///
/// * `inval`: no subscriptions, more than 4,096, or one of an unknown kind.
/// * `fault`: the subscriptions, the events or the result do not lie in memory.
///
/// What is wrong with one subscription is the error of its event: `badf` for a descriptor that is
/// not open or cannot be waited for so, `notcapable` without the right `poll_fd_readwrite`, `inval`
/// for a clock that does not exist.
pub fn poll_oneoff(
    wasi: &mut Wasi,
    mem: &mut GuestMem<'_>,
    subscriptions: u32,
    events: u32,
    nsubscriptions: u32,
    nevents_out: u32,
) -> SysResult {
    if nsubscriptions > MAX_SUBSCRIPTIONS {
        wasi.meet(LimitKind::Subscriptions);
        return Err(Errno::Inval.into());
    }
    if nsubscriptions == 0 {
        return Err(Errno::Inval.into());
    }
    let count = u64::from(nsubscriptions);
    wasi.charge(count);
    mem.check(nevents_out, 4)?;
    mem.check(events, count * u64::from(EVENT_SIZE))?;
    let mut waiting = Vec::with_capacity(nsubscriptions as usize);
    let mut started = None;
    let raw = mem.slice(subscriptions, count * SUBSCRIPTION_SIZE as u64)?;
    for raw in raw.chunks_exact(SUBSCRIPTION_SIZE) {
        waiting.push(Subscription::parse(raw, wasi, &mut started)?);
    }
    let ready = wait(wasi, &waiting)?;
    // Events may overlie the subscriptions, which are all read by now.
    for (index, event) in (0..).zip(&ready) {
        mem.write(GuestMem::element(events, index, EVENT_SIZE)?, event.bytes())?;
    }
    Ok(mem.write_u32(nevents_out, ready.len() as u32)?)
}

const MAX_SUBSCRIPTIONS: u32 = 4_096;
const SUBSCRIPTION_SIZE: usize = 48;
const EVENT_SIZE: u32 = 32;

/// `eventtype`.
#[derive(Clone, Copy)]
enum EventType {
    Clock = 0,
    FdRead = 1,
    FdWrite = 2,
}

struct Subscription {
    userdata: u64,
    what: What,
}

enum What {
    /// A clock that reaches a time.
    Clock { id: ClockId, until: u64 },
    /// A descriptor that can be read or written.
    Fd { fd: u32, event: EventType },
    /// Nothing: it is wrong in itself.
    Wrong { event: EventType, errno: Errno },
}

impl Subscription {
    /// `started` remembers the time at which the relative timeouts of one call begin, one reading
    /// for each clock.
    fn parse(
        raw: &[u8],
        wasi: &Wasi,
        started: &mut Option<[Option<u64>; 2]>,
    ) -> Result<Self, Errno> {
        const ABSOLUTE: u16 = 1;
        let userdata = u64::from_le_bytes(field(raw, 0));
        let what = match raw[8] {
            0 => {
                let id = u32::from_le_bytes(field(raw, 16));
                let timeout = u64::from_le_bytes(field(raw, 24));
                let flags = u16::from_le_bytes(field(raw, 40));
                match ClockId::from_raw(id) {
                    Ok(id) if flags == ABSOLUTE => What::Clock { id, until: timeout },
                    Ok(id) if flags == 0 => {
                        let clocks = started.get_or_insert_default();
                        let start = *clocks[id as usize]
                            .get_or_insert_with(|| id.read(wasi.clock.as_ref()));
                        What::Clock {
                            id,
                            until: start.saturating_add(timeout),
                        }
                    }
                    Ok(_) => What::Wrong {
                        event: EventType::Clock,
                        errno: Errno::Inval,
                    },
                    Err(errno) => What::Wrong {
                        event: EventType::Clock,
                        errno,
                    },
                }
            }
            tag @ (1 | 2) => What::Fd {
                fd: u32::from_le_bytes(field(raw, 16)),
                event: if tag == 1 {
                    EventType::FdRead
                } else {
                    EventType::FdWrite
                },
            },
            _ => return Err(Errno::Inval),
        };
        Ok(Self { userdata, what })
    }
}

/// Waits, and returns the events: at least one.
fn wait(wasi: &mut Wasi, waiting: &[Subscription]) -> SysResult<Vec<Record<32>>> {
    let reads_stdin = |subscription: &Subscription| match subscription.what {
        What::Fd {
            fd,
            event: EventType::FdRead,
        } => matches!(wasi.table.get(fd), Ok(open) if matches!(open.kind, Kind::Stdin)),
        _ => false,
    };
    if waiting.iter().any(reads_stdin) {
        wasi.stdin.settle(&wasi.control)?;
    }
    loop {
        wasi.poll()?;
        let mut ready = Vec::new();
        let mut shortest = None::<u64>;
        let mut pending_fds = false;
        for subscription in waiting {
            let event = match &subscription.what {
                What::Wrong { event, errno } => Some(record(*event, *errno, 0)),
                What::Fd { fd, event } => {
                    let event = readiness(wasi, *fd, *event);
                    pending_fds |= event.is_none();
                    event
                }
                What::Clock { id, until } => {
                    let left = until.saturating_sub(id.read(wasi.clock.as_ref()));
                    if left == 0 {
                        Some(record(EventType::Clock, Errno::Success, 0))
                    } else {
                        shortest = Some(shortest.map_or(left, |shortest| shortest.min(left)));
                        None
                    }
                }
            };
            if let Some(event) = event {
                ready.push(event.put(0, subscription.userdata.to_le_bytes()));
            }
        }
        if !ready.is_empty() {
            return Ok(ready);
        }
        pause(wasi, shortest, pending_fds);
    }
}

/// Waits for the next chance that something is ready, at most one poll interval of real time.
fn pause(wasi: &Wasi, shortest: Option<u64>, pending_fds: bool) {
    let left = shortest.map(Duration::from_nanos);
    match left {
        Some(left) if wasi.clock.is_virtual() && !pending_fds => wasi.clock.sleep(left),
        Some(left) => wasi.clock.sleep(left.min(Control::POLL_INTERVAL)),
        None => std::thread::sleep(Control::POLL_INTERVAL),
    }
}

/// The event of a descriptor, or `None` while it would wait.
fn readiness(wasi: &mut Wasi, fd: u32, event: EventType) -> Option<Record<32>> {
    match available(wasi, fd, event) {
        Ok(bytes) => bytes.map(|bytes| record(event, Errno::Success, bytes)),
        Err(errno) => Some(record(event, errno, 0)),
    }
}

/// How many bytes can be read or written without waiting; `None` when none can.
fn available(wasi: &mut Wasi, fd: u32, event: EventType) -> Result<Option<u64>, Errno> {
    let descriptor = wasi.table.get(fd)?;
    match (&descriptor.kind, event) {
        (Kind::Stdin, EventType::FdRead) => {
            descriptor.need(Rights::POLL_FD_READWRITE)?;
            wasi.stdin.ready()
        }
        (Kind::Stdout | Kind::Stderr, EventType::FdWrite) => {
            descriptor.need(Rights::POLL_FD_READWRITE)?;
            Ok(Some(1))
        }
        (Kind::File { file, offset }, EventType::FdRead) => {
            descriptor.need(Rights::POLL_FD_READWRITE)?;
            Ok(Some(file.len()?.saturating_sub(*offset)))
        }
        (Kind::File { .. }, EventType::FdWrite) => {
            descriptor.need(Rights::POLL_FD_READWRITE)?;
            Ok(Some(1))
        }
        _ => Err(Errno::Badf),
    }
}

/// `event`, without its userdata.
fn record(event: EventType, errno: Errno, bytes: u64) -> Record<32> {
    Record::new()
        .put(8, errno.code().to_le_bytes())
        .put(10, [event as u8])
        .put(16, bytes.to_le_bytes())
}

fn field<const N: usize>(raw: &[u8], at: usize) -> [u8; N] {
    let mut value = [0; N];
    value.copy_from_slice(&raw[at..at + N]);
    value
}
