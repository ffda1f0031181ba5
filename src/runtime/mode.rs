//! How an engine's code is run: interpreted or lifted, with host kernels or without.

use std::fmt;
use std::str::FromStr;

use afmpeg_wasi::{LiftedProgram, Program, WasmiProgram};

use crate::engine::Engine;
use crate::error::LoadError;
use crate::kernels;

/// How an engine's code is run. Results do not depend on it, speed does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// The fastest way that the engine offers.
    #[default]
    Auto,
    /// Interpreted, and nothing else.
    Plain,
    /// Interpreted, with the host's kernels for hot loops.
    Kernels,
    /// Compiled ahead of time from a pack, without kernels.
    Lifted,
    /// Compiled ahead of time from a pack, with kernels.
    Fast,
}

impl Mode {
    /// Every mode that names one way to run, slowest first.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Kernels, Self::Lifted, Self::Fast];

    fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Plain => "plain",
            Self::Kernels => "kernels",
            Self::Lifted => "lifted",
            Self::Fast => "fast",
        }
    }

    /// Whether code comes from a pack.
    pub(crate) fn is_lifted(self) -> bool {
        matches!(self, Self::Lifted | Self::Fast)
    }

    fn has_kernels(self) -> bool {
        matches!(self, Self::Kernels | Self::Fast)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(name: &str) -> Result<Self, UnknownMode> {
        [Self::Auto]
            .into_iter()
            .chain(Self::ALL)
            .find(|mode| mode.name() == name)
            .ok_or_else(|| UnknownMode(name.to_owned()))
    }
}

/// A name that is no [`Mode`]'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMode(String);

impl fmt::Display for UnknownMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no mode; there are auto", self.0)?;
        Mode::ALL.iter().try_for_each(|mode| write!(f, ", {mode}"))
    }
}

impl std::error::Error for UnknownMode {}

/// Prepares an engine to be run in a mode, and says which one `Auto` became.
pub(super) fn program(engine: &Engine, mode: Mode) -> Result<(Box<dyn Program>, Mode), LoadError> {
    let mode = match (mode, engine.pack()) {
        (Mode::Auto, Some(_)) => Mode::Fast,
        (Mode::Auto, None) => Mode::Kernels,
        (mode, _) => mode,
    };
    let missing = |needs| LoadError::ModeUnavailable { mode, needs };
    if mode.is_lifted() {
        let pack = engine.pack().ok_or(missing("a pack of lifted code"))?;
        let mut program = LiftedProgram::new(pack)?;
        if mode.has_kernels() {
            program = program.with_table_functions(kernels::table_functions());
        }
        Ok((Box::new(program), mode))
    } else {
        let module = engine.module().ok_or(missing("the engine's module"))?;
        // Engines are built, not found: what is not valid in one ends the job that calls it.
        let mut program = WasmiProgram::lazy(module)?;
        if mode.has_kernels() {
            program = program.with_table_functions(kernels::table_functions());
        }
        Ok((Box::new(program), mode))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for mode in Mode::ALL {
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert_eq!("auto".parse(), Ok(Mode::Auto));
        let error = Mode::from_str("warp").expect_err("it is no mode");
        assert_eq!(
            error.to_string(),
            "`warp` is no mode; there are auto, plain, kernels, lifted, fast"
        );
    }
}
