//! Calls of the trees that are made to fail, and what a guest may see of that.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use afmpeg_wasi::Errno;
use afmpeg_wasi::vfs::{Dir, FaultInject, Faults, Operation, Vfs};

use super::Answer;
use crate::choices::Choices;
use crate::hostcalls::Call;

/// What fails in one run: the same in both trees.
pub(super) struct Plan {
    /// With what; none in most inputs.
    errno: Option<Errno>,
}

impl Plan {
    /// The plan of an input.
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut choices = Choices::of_end(bytes);
        let fails = choices.once_in(3);
        // Reasons that nothing in these trees has by itself: what is said must come from the fault.
        let errno = choices.pick(&[Errno::Stale, Errno::Dquot, Errno::Intr, Errno::Nomem]);
        Self {
            errno: fails.then_some(errno),
        }
    }

    /// Which operation of the next call fails; 0 for none. A third of the calls meets a fault, so that
    /// there are calls after it which do not.
    pub(super) fn next(&self, choices: &mut Choices<'_>) -> u64 {
        if self.errno.is_some() && choices.once_in(3) {
            choices.pick(&[1, 1, 2, 2, 3, 4])
        } else {
            0
        }
    }
}

/// A tree that fails by the plan.
pub(super) struct Faulty {
    layer: FaultInject,
    errno: Option<Errno>,
    /// How many operations go well until one fails; 0 for all.
    until: Arc<AtomicU64>,
    failed: Arc<Mutex<Option<Operation>>>,
    /// What the last call said, and the operation that was made to fail in it.
    last: Option<(Answer, Operation)>,
}

impl Faulty {
    pub(super) fn new(tree: &Arc<dyn Dir>, plan: &Plan) -> Self {
        let (until, failed) = (Arc::<AtomicU64>::default(), Arc::<Mutex<_>>::default());
        let (countdown, met, errno) = (Arc::clone(&until), Arc::clone(&failed), plan.errno);
        let faults = Faults::none().when(move |call, _| {
            let left = countdown.load(Ordering::Relaxed);
            countdown.store(left.saturating_sub(1), Ordering::Relaxed);
            let errno = errno.filter(|_| left == 1)?;
            *met.lock().expect("nothing panics with it held") = Some(call.operation());
            Some(errno)
        });
        Self {
            layer: FaultInject::new(Arc::clone(tree), faults),
            errno: plan.errno,
            until,
            failed,
            last: None,
        }
    }

    pub(super) fn root(&self) -> Arc<dyn Dir> {
        self.layer.root()
    }

    pub(super) fn injected(&self) -> u64 {
        self.layer.injected()
    }

    pub(super) fn arm(&self, fails: u64) {
        self.until.store(fails, Ordering::Relaxed);
    }

    pub(super) fn disarm(&mut self, answer: &Answer) {
        self.until.store(0, Ordering::Relaxed);
        let met = self
            .failed
            .lock()
            .expect("nothing panics with it held")
            .take();
        self.last = met.map(|operation| (answer.clone(), operation));
    }

    /// Whether the last call told of its fault, and left the tree alone.
    ///
    /// # Errors
    ///
    /// What is wrong.
    pub(super) fn judge(
        &self,
        call: &Call,
        is_unchanged: impl FnOnce() -> bool,
    ) -> Result<(), String> {
        let (Some((answer, operation)), Some(errno)) = (&self.last, self.errno) else {
            return Ok(());
        };
        let name = call.syscall.name;
        let says = match answer {
            Ok(()) => None,
            Err(said) if said == errno.name() => Some(errno),
            Err(said) => {
                return Err(format!(
                    "{operation:?} fails as {errno}, and it says {said}"
                ));
            }
        };
        let moves = ["fd_read", "fd_pread", "fd_write", "fd_pwrite"].contains(&name);
        match (says, operation) {
            // What is wrong with one subscription is told in its event.
            (None, Operation::Stat) if name == "poll_oneoff" => Ok(()),
            // Some buffers went well: their count is told, and the next call meets what is wrong.
            (None, Operation::Read | Operation::Write | Operation::Append) if moves => Ok(()),
            (None, _) => Err(format!("{operation:?} fails as {errno}, and it is done")),
            // What was written and could not be made durable is there.
            (Some(_), Operation::Sync) if moves => Ok(()),
            (Some(_), _) if is_unchanged() => Ok(()),
            (Some(_), _) => Err(format!(
                "{operation:?} fails as {errno}, and something changed"
            )),
        }
    }
}
