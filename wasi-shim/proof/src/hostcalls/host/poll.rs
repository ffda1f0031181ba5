//! `poll_oneoff`.

use afmpeg_wasi::{Errno, Rights};

use super::{Host, Kind};
use crate::hostcalls::turn::Turn;

const SUBSCRIPTION: usize = 48;
const EVENT: u64 = 32;

/// What becomes of a subscription.
enum Ready {
    /// An event with an error number and a count of bytes, where that is known.
    Now(Errno, Option<u64>),
    /// In so many nanoseconds.
    In(u64),
}

impl Host {
    pub(super) fn poll_oneoff(&mut self, turn: &mut Turn<'_>) -> Result<(), String> {
        let (from, to, count, out) = (turn.word(0), turn.word(1), turn.word(2), turn.word(3));
        turn.because_if(count == 0 || count > 4_096, Errno::Inval);
        turn.in_memory(out, 4);
        turn.in_memory(to, u64::from(count) * EVENT);
        turn.in_memory(from, u64::from(count) * SUBSCRIPTION as u64);
        let raw = turn.image.get(from, u64::from(count) * SUBSCRIPTION as u64);
        let raw = raw.map_or(Vec::new(), <[u8]>::to_vec);
        let subscriptions = raw.as_chunks::<SUBSCRIPTION>().0;
        let unknown = subscriptions.iter().any(|raw| raw[8] > 2);
        turn.because_if(unknown, Errno::Inval);
        if !turn.done()? {
            return Ok(());
        }
        let start = [self.realtime, self.monotonic];
        let ready = loop {
            let state: Vec<_> = subscriptions
                .iter()
                .map(|raw| self.look(raw, start))
                .collect();
            if state.iter().any(|ready| matches!(ready, Ready::Now(..))) {
                break state;
            }
            let left = state.iter().filter_map(|ready| match ready {
                Ready::In(left) => Some(*left),
                Ready::Now(..) => None,
            });
            self.advance(left.min().unwrap_or(0));
        };
        let mut at = to;
        let mut events = 0_u32;
        for (raw, ready) in subscriptions.iter().zip(ready) {
            let Ready::Now(errno, bytes) = ready else {
                continue;
            };
            let mut event = [0; EVENT as usize];
            event[..8].copy_from_slice(&raw[..8]);
            event[8..10].copy_from_slice(&errno.code().to_le_bytes());
            event[10] = raw[8];
            event[16..24].copy_from_slice(&bytes.unwrap_or(0).to_le_bytes());
            turn.image.put(at, &event);
            if bytes.is_none() {
                turn.image.leave_open(at + 16, 8);
            }
            // The length of a file cannot be asked when the filesystem fails.
            if turn.doubt.faulted && raw[8] == 1 {
                turn.image.leave_open(at + 8, 2);
                turn.image.leave_open(at + 16, 8);
            }
            at += EVENT as u32;
            events += 1;
        }
        turn.image.put(out, &events.to_le_bytes());
        Ok(())
    }

    fn look(&self, raw: &[u8; SUBSCRIPTION], start: [u64; 2]) -> Ready {
        let number = |at: usize| {
            let mut value = [0; 8];
            value.copy_from_slice(&raw[at..at + 8]);
            u64::from_le_bytes(value)
        };
        if raw[8] == 0 {
            let (id, timeout, flags) = (number(16) as u32, number(24), number(40) as u16);
            if id > 3 || flags > 1 {
                return Ready::Now(Errno::Inval, Some(0));
            }
            let until = match flags {
                1 => timeout,
                _ => start[usize::from(id != 0)].saturating_add(timeout),
            };
            return match until.saturating_sub(self.clock(id)) {
                0 => Ready::Now(Errno::Success, Some(0)),
                left => Ready::In(left),
            };
        }
        let Some(descriptor) = self.get(number(16) as u32) else {
            return Ready::Now(Errno::Badf, Some(0));
        };
        let bytes = match (&descriptor.kind, raw[8]) {
            (Kind::Stdin, 1) => Some(self.stdin.len() as u64),
            (Kind::File { tree, id, offset }, 1) => {
                Some(self.trees[*tree].size(*id).saturating_sub(*offset))
            }
            // How much can be written at least is not told.
            (Kind::Stdout | Kind::Stderr | Kind::File { .. }, 2) => None,
            _ => return Ready::Now(Errno::Badf, Some(0)),
        };
        if descriptor.rights.contains(Rights::POLL_FD_READWRITE) {
            Ready::Now(Errno::Success, bytes)
        } else {
            Ready::Now(Errno::Notcapable, Some(0))
        }
    }
}
