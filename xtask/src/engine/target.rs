//! What the recipe builds for: WASI, which is the engine, or this machine, which is a peer in the race.
//!
//! Sources, component list, configure options and optimisation are the same; only what the C library of the
//! target asks for differs, and the vectoriser, which the native build has as its compiler ships it.

use std::env::consts;

use super::flags;
use crate::failure::{Failure, Result};

/// What is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// WASI preview 1 in WebAssembly.
    Wasi,
    /// This machine, its processor family's baseline, no assembly.
    Native(Host),
}

/// A kind of machine that the native build knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Host {
    /// As the compiler writes it.
    triple: &'static str,
    /// As FFmpeg's configure writes processor and system.
    arch: &'static str,
    os: &'static str,
}

const HOSTS: [(&str, &str, Host); 4] = [
    (
        "linux",
        "x86_64",
        host("x86_64-linux-gnu", "x86_64", "linux"),
    ),
    (
        "linux",
        "aarch64",
        host("aarch64-linux-gnu", "aarch64", "linux"),
    ),
    ("macos", "x86_64", host("x86_64-macos", "x86_64", "darwin")),
    (
        "macos",
        "aarch64",
        host("aarch64-macos", "aarch64", "darwin"),
    ),
];

const fn host(triple: &'static str, arch: &'static str, os: &'static str) -> Host {
    Host { triple, arch, os }
}

impl Target {
    /// The target that programs of this machine are built for.
    pub(super) fn native() -> Result<Self> {
        HOSTS
            .into_iter()
            .find(|(os, arch, _)| (*os, *arch) == (consts::OS, consts::ARCH))
            .map(|(_, _, host)| Self::Native(host))
            .ok_or_else(|| {
                Failure::new(format!(
                    "there is no native recipe for {}-{}",
                    consts::OS,
                    consts::ARCH
                ))
            })
    }

    /// What the two builds' directories and keys differ by.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Wasi => "wasm32-wasi",
            Self::Native(host) => host.triple,
        }
    }

    /// The script in `engine/tools` that stands for `cc` or `c++`.
    pub(super) fn compiler(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Wasi, Language::C) => "wasi-cc",
            (Self::Wasi, Language::Cpp) => "wasi-c++",
            (Self::Native(_), Language::C) => "native-cc",
            (Self::Native(_), Language::Cpp) => "native-c++",
        }
    }

    /// Flags for every source.
    pub(super) fn common(self) -> &'static [&'static str] {
        match self {
            Self::Wasi => &flags::COMMON,
            Self::Native(_) => &flags::NATIVE_COMMON,
        }
    }

    /// Flags that keep the compiler from vectorising.
    pub(super) fn vectors(self) -> &'static [&'static str] {
        match self {
            Self::Wasi => &flags::NO_VECTORS,
            Self::Native(_) => &[],
        }
    }

    /// Libraries of the C library that have to be asked for.
    pub(super) fn libraries(self) -> &'static [&'static str] {
        match self {
            Self::Wasi => &flags::EMULATIONS,
            Self::Native(_) => &["-lm"],
        }
    }

    /// Flags for the link of the program.
    pub(super) fn link(self) -> &'static [&'static str] {
        match self {
            Self::Wasi => &flags::LINK,
            Self::Native(_) => &flags::NATIVE_LINK,
        }
    }

    /// The `--arch` and `--target-os` of FFmpeg's configure.
    pub(super) fn arch_and_os(self) -> (&'static str, &'static str) {
        match self {
            Self::Wasi => ("wasm32", "none"),
            Self::Native(host) => (host.arch, host.os),
        }
    }

    /// What FFmpeg's configure finds slow and is not: 64-bit arithmetic, count-leading-zeros and unaligned loads
    /// are single instructions of every WebAssembly host. It knows other processors itself.
    pub(super) fn fast(self) -> &'static [&'static str] {
        match self {
            Self::Wasi => &["HAVE_FAST_64BIT", "HAVE_FAST_CLZ", "HAVE_FAST_UNALIGNED"],
            Self::Native(_) => &[],
        }
    }

    /// What FFmpeg's configure finds and is not there: it links and fails when it is called, or its header is
    /// missing, or a guest does not have what it asks for.
    pub(super) fn absent(self) -> &'static [&'static str] {
        match self {
            Self::Wasi => &[
                "HAVE_SYSCTL",
                "HAVE_MKSTEMP",
                "HAVE_GETHRTIME",
                "HAVE_SETRLIMIT",
            ],
            Self::Native(_) => &["HAVE_SYSCTL"],
        }
    }

    /// Whether the glue of the host kernels is in front of the libraries' functions.
    pub(super) fn has_kernels(self) -> bool {
        self == Self::Wasi
    }

    /// Whether `engine/shims` stands in for what the target's C library lacks.
    pub(super) fn has_shims(self) -> bool {
        self == Self::Wasi
    }
}

/// The language of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    C,
    Cpp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_native_build_has_nothing_of_wasi_and_keeps_the_vectoriser() {
        for (_, _, host) in HOSTS {
            let native = Target::Native(host);
            let all = [
                native.common(),
                native.vectors(),
                native.libraries(),
                native.link(),
            ]
            .concat()
            .join(" ");
            assert!(!all.contains("WASI") && !all.contains("wasi"), "{all}");
            assert!(!all.contains("vectorize"), "{all}");
            assert_ne!(native.name(), Target::Wasi.name());
        }
    }
}
