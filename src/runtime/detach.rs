//! An invocation over another tree, or on another thread than the one that it was made on.

use std::sync::Arc;
use std::time::Instant;

use afmpeg_wasi::CancelToken;
use afmpeg_wasi::vfs::{Dir, Vfs};

use super::Runtime;
use super::execute::moment;
use super::invocation::Invocation;

/// An invocation that borrows nothing.
pub(crate) struct Detached {
    runtime: Runtime,
    root: Arc<dyn Dir>,
    settings: Settings,
}

/// Makes the invocation again, with all that was said of it.
type Settings = Box<dyn for<'b> FnOnce(&'b Runtime, &'b dyn Vfs) -> Invocation<'b> + Send>;

impl Detached {
    /// The tree of the invocation.
    pub(crate) fn root(&self) -> Arc<dyn Dir> {
        Arc::clone(&self.root)
    }

    /// Gives the invocation another tree.
    pub(crate) fn set_root(&mut self, root: Arc<dyn Dir>) {
        self.root = root;
    }

    /// Calls a function with the invocation, on the thread that this is called on.
    pub(crate) fn with<T>(self, call: impl FnOnce(Invocation<'_>) -> T) -> T {
        call((self.settings)(&self.runtime, &self.root))
    }
}

impl<'a> Invocation<'a> {
    pub(crate) fn detach(self) -> Detached {
        let Self {
            runtime,
            fs,
            preopens,
            limits,
            cancel,
            deadline,
            timeout,
            seed,
            outputs,
            reprobe,
            progress,
            log,
            messages,
            env,
            stdin,
            stdout,
            stderr,
        } = self;
        Detached {
            runtime: runtime.clone(),
            root: fs.root(),
            settings: Box::new(move |runtime, fs| Invocation {
                runtime,
                fs,
                preopens,
                limits,
                cancel,
                deadline,
                timeout,
                seed,
                outputs,
                reprobe,
                progress,
                log,
                messages,
                env,
                stdin,
                stdout,
                stderr,
            }),
        }
    }

    /// The same over another tree.
    pub(crate) fn over<'b>(self, fs: &'b dyn Vfs) -> Invocation<'b>
    where
        'a: 'b,
    {
        Invocation { fs, ..self }
    }

    /// The tree that it is over.
    pub(crate) fn root(&self) -> Arc<dyn Dir> {
        self.fs.root()
    }

    /// The same with a token that is cancelled with its own and can be alone, and this token.
    pub(crate) fn with_own_token(mut self) -> (Self, CancelToken) {
        let own = self.cancel.child();
        self.cancel = own.clone();
        (self, own)
    }

    /// The moment at which a job that starts now has to be over. A timeout that counts from here holds for the job, too.
    pub(crate) fn fix_deadline(mut self) -> (Self, Option<Instant>) {
        let timeout = self.timeout.take();
        let moments = [self.deadline, timeout.and_then(moment)];
        self.deadline = moments.into_iter().flatten().min();
        let wall = self.limits.wall_time.and_then(moment);
        let ends = [self.deadline, wall].into_iter().flatten().min();
        (self, ends)
    }
}
