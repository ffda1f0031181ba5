//! The meter: how much work a guest may do before the host is asked again, and how deep it may call.

/// What an instance may use.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Call depth at most, in units of about 256 bytes of stack frame; a small function is one unit.
    pub max_depth: u32,
    /// Native stack that the guest may use, in bytes. The thread needs a quarter more.
    pub stack_bytes: usize,
    /// Bytes of memory that are reserved ahead, in address space.
    pub reserve_bytes: u64,
}

impl Default for Config {
    /// 40,000 units of depth, for a thread of 32 MiB; 512 MiB reserved.
    fn default() -> Self {
        Self {
            max_depth: 40_000,
            stack_bytes: 24 << 20,
            reserve_bytes: 512 << 20,
        }
    }
}

impl Config {
    /// For a thread with `stack` bytes of native stack, three quarters of which the guest may use.
    #[must_use]
    pub fn for_stack(stack: usize) -> Self {
        Self {
            stack_bytes: stack / 4 * 3,
            ..Self::default()
        }
    }
}

/// The counters of one instance.
///
/// Work is counted in WebAssembly instructions: what a function executes outside of its loops when
/// it is entered, what a loop executes once whenever its header is passed. Branches not taken count
/// as well, so the figure is an upper bound, and the same on every host.
#[derive(Debug)]
pub struct Meter {
    /// Work left until the host is asked; negative when it is due.
    pub(crate) left: i64,
    /// Work of the slices that are over, and of the running one as if it were used up.
    pub(crate) granted: u64,
    /// Frames in use, in units of [`Config::max_depth`].
    pub(crate) depth: u32,
    /// The depth at which the native stack is looked at next.
    pub(crate) soft_depth: u32,
    pub(crate) max_depth: u32,
    /// Calls through `invoke_*` that are open.
    pub(crate) nested: u32,
    /// The address of the native stack when the guest was entered.
    base: usize,
    stack_bytes: usize,
}

impl Meter {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            left: 0,
            granted: 0,
            depth: 0,
            soft_depth: DEPTH_STEP.min(config.max_depth),
            max_depth: config.max_depth,
            nested: 0,
            base: 0,
            stack_bytes: config.stack_bytes,
        }
    }

    /// The guest is entered from the host, on the thread that is current.
    pub(crate) fn start(&mut self) {
        self.depth = 0;
        self.nested = 0;
        self.soft_depth = DEPTH_STEP.min(self.max_depth);
        self.base = here();
    }

    /// Work done so far.
    pub(crate) fn spent(&self) -> u64 {
        self.granted.saturating_add_signed(-self.left)
    }

    /// Whether the native stack has room for more frames.
    #[inline(always)]
    pub(crate) fn stack_fits(&self) -> bool {
        // Stacks grow down on every host that Rust knows; `abs_diff` does not depend on it.
        here().abs_diff(self.base) <= self.stack_bytes
    }
}

/// What a call of a host's function through a table counts as work: such functions loop over blocks and
/// rows, and the host must be asked again before many of them have run.
pub const HOST_CALL: u32 = 500;

/// How often the native stack is looked at, in units of depth.
pub(crate) const DEPTH_STEP: u32 = 256;

/// About where the native stack ends now.
#[inline(always)]
fn here() -> usize {
    let marker = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&marker)).addr()
}
