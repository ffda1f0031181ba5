//! One call being judged: what was asked, what memory should be, and every reason to refuse.

use afmpeg_wasi::vfs::Usage;
use afmpeg_wasi::{Errno, LimitKind};

use super::image::{self, Image};

/// How a call of the real host ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// With success.
    Done,
    /// With an error number.
    Refused(Errno),
    /// It ended the run: this limit was met.
    Limited(LimitKind),
    /// It ended the run; how, as text.
    Ended(String),
}

/// What makes a result less certain than the call alone.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Doubt {
    /// The filesystem was made to fail during this call, with [`Doubt::FAULT`].
    pub(crate) faulted: bool,
    /// Reads and writes may be cut short.
    pub(crate) short: bool,
    /// What the filesystem had room for before the call.
    pub(crate) room: Option<Usage>,
}

impl Doubt {
    /// What injected faults answer: no other errno of this number comes from memory trees.
    pub(crate) const FAULT: Errno = Errno::Io;
}

/// What can be seen of a call besides its answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Bytes that it wrote to files, whatever it says.
    pub(crate) written: u64,
    /// Syncs that it asked the filesystem for that can be changed.
    pub(crate) syncs: u64,
    /// One of them was made to fail.
    pub(crate) sync_failed: bool,
}

/// A call being judged.
pub(crate) struct Turn<'a> {
    /// The values.
    pub(crate) values: &'a [u64],
    /// Memory as it should be.
    pub(crate) image: Image,
    /// Memory as it is after the call.
    pub(crate) after: &'a [u8],
    /// How the call ended.
    pub(crate) answer: &'a Answer,
    /// What is uncertain.
    pub(crate) doubt: Doubt,
    /// What else is known of it.
    pub(crate) seen: Seen,
    reasons: Vec<Errno>,
    possible: Vec<Errno>,
}

impl<'a> Turn<'a> {
    /// A call with these values, made on this memory, that ended so.
    #[must_use]
    pub(crate) fn new(
        values: &'a [u64],
        before: Vec<u8>,
        after: &'a [u8],
        answer: &'a Answer,
        doubt: Doubt,
        seen: Seen,
    ) -> Self {
        Self {
            values,
            image: Image::new(before),
            after,
            answer,
            doubt,
            seen,
            reasons: Vec::new(),
            possible: Vec::new(),
        }
    }

    /// A value of 32 bits.
    #[must_use]
    pub(crate) fn word(&self, index: usize) -> u32 {
        self.values[index] as u32
    }

    /// The call must be refused: for this reason or another that is given.
    pub(crate) fn because(&mut self, errno: Errno) {
        self.reasons.push(errno);
    }

    /// The same, when the condition holds.
    pub(crate) fn because_if(&mut self, condition: bool, errno: Errno) {
        if condition {
            self.because(errno);
        }
    }

    /// The call must be refused for one of these reasons, if there is any.
    pub(crate) fn because_of(&mut self, reasons: Vec<Errno>) {
        self.reasons.extend(reasons);
    }

    /// The call may be refused for this reason.
    pub(crate) fn perhaps(&mut self, errno: Errno) {
        self.possible.push(errno);
    }

    /// Space may run out, if so many bytes and nodes were needed at worst.
    pub(crate) fn takes(&mut self, bytes: u64, nodes: u64) {
        if let Some(room) = self.doubt.room
            && (room.bytes < bytes.saturating_add(CHUNKS) || room.nodes < nodes)
        {
            self.perhaps(Errno::Nospc);
        }
    }

    /// Whether a count may be less than all.
    #[must_use]
    pub(crate) fn may_be_short(&self) -> bool {
        self.doubt.short || self.doubt.faulted || self.possible.contains(&Errno::Nospc)
    }

    /// A range must lie in memory.
    pub(crate) fn in_memory(&mut self, ptr: u32, len: u64) {
        self.because_if(!self.image.has(ptr, len), Errno::Fault);
    }

    /// A number that the call wrote.
    #[must_use]
    pub(crate) fn result(&self, ptr: u32) -> u32 {
        image::number(self.after, ptr)
    }

    /// Whether the call was done, as it must be when there is no reason to refuse it.
    ///
    /// # Errors
    ///
    /// When it was done for all the reasons, refused without one, or ended the run.
    pub(crate) fn done(&self) -> Result<bool, String> {
        match self.answer {
            Answer::Done if self.reasons.is_empty() => Ok(true),
            Answer::Done => Err(format!("it is done in spite of {:?}", self.reasons)),
            Answer::Refused(errno)
                if self.reasons.contains(errno) || self.possible.contains(errno) =>
            {
                Ok(false)
            }
            Answer::Refused(Doubt::FAULT) if self.doubt.faulted => Ok(false),
            Answer::Refused(errno) => Err(format!(
                "it is refused as {errno}; reasons are {:?}, possible are {:?}",
                self.reasons, self.possible
            )),
            Answer::Limited(limit) => Err(format!("it ends the run, by the limit of {limit}")),
            Answer::Ended(how) => Err(format!("it ends the run: {how}")),
        }
    }

    /// Whether there is a reason to refuse, this one aside.
    #[must_use]
    pub(crate) fn must_refuse_but_for(&self, errno: Errno) -> bool {
        self.reasons.iter().any(|reason| *reason != errno)
    }

    /// The syncs that the call asked for are as many as they should be. None is asked for when
    /// something else went wrong before.
    ///
    /// # Errors
    ///
    /// When they are more or fewer.
    pub(crate) fn syncs(&self, expected: u64) -> Result<(), String> {
        let seen = self.seen.syncs;
        if seen == expected || seen == 0 && *self.answer != Answer::Done {
            return Ok(());
        }
        Err(format!("{seen} syncs are asked for, and not {expected}"))
    }
}

/// What a few scattered bytes cost at worst: a memory filesystem charges by the chunk.
const CHUNKS: u64 = 4 * (64 << 10);
