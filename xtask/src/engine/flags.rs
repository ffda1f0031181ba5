//! The compiler and linker flags of the engine. Part of the key: a change here rebuilds what it
//! touches.

/// For the libraries: the speed of an interpreted decoder is worth more than its size.
pub(super) const OPTIMISE: &str = "-O3";

/// For FFmpeg's containers and protocols.
pub(super) const OPTIMISE_CONTAINERS: &str = "-Os";

/// For the driver, which moves no pixels itself.
pub(super) const OPTIMISE_DRIVER: &str = "-Oz";

/// For what is linked with it and does: the heap, and the kernels' way to the host.
pub(super) const OPTIMISE_GLUE: &str = "-O2";

/// The vectoriser's shuffles run slower in an interpreter than the scalar code that they replace.
pub(super) const NO_VECTORS: [&str; 2] = ["-fno-vectorize", "-fno-slp-vectorize"];

/// For every source. The emulations are parts of wasi-libc that have to be asked for by name; the
/// sanitizer is zig's default and would turn FFmpeg's deliberate overflows into traps.
pub(super) const COMMON: [&str; 6] = [
    "-g0",
    "-fno-sanitize=undefined",
    "-D_WASI_EMULATED_MMAN",
    "-D_WASI_EMULATED_PROCESS_CLOCKS",
    "-D_WASI_EMULATED_SIGNAL",
    "-D_WASI_EMULATED_GETPID",
];

/// The libraries behind the emulations.
pub(super) const EMULATIONS: [&str; 4] = [
    "-lwasi-emulated-mman",
    "-lwasi-emulated-process-clocks",
    "-lwasi-emulated-signal",
    "-lwasi-emulated-getpid",
];

/// For every source of the native build.
pub(super) const NATIVE_COMMON: [&str; 2] = ["-g0", "-fno-sanitize=undefined"];

/// For C++. openh264 throws nothing, and an interpreter without exception handling could not load
/// it if it did.
pub(super) const CPP: [&str; 3] = ["-fno-exceptions", "-fno-rtti", "-fno-strict-aliasing"];

pub(super) const DRIVER: [&str; 4] = ["-std=c17", "-Wall", "-Wextra", "-Werror"];

/// For the linker. The names of functions and wasi-libc's debug information are a fifth of the
/// module, the default stack of 16 MiB is zeroed for every instance. The table and the stack
/// pointer are for the host, which calls into the guest and unwinds its stack.
pub(super) const LINK: [&str; 6] = [
    "-g0",
    "-Wl,--strip-all",
    "-Wl,--gc-sections",
    "-Wl,-z,stack-size=1048576",
    "-Wl,--export-table",
    "-Wl,--export=__stack_pointer",
];

/// For the linker of the native build.
pub(super) const NATIVE_LINK: [&str; 2] = ["-g0", "-s"];
