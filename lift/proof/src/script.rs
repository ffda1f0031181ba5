//! What is done with modules, the same for lifted code and for the reference.

use std::fmt;

/// A step of a script. Instances are numbered by their `New` steps from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Makes an instance of the module with this number.
    New {
        /// The module.
        module: usize,
        /// What its host grants.
        limits: Limits,
        /// Its imported functions, in order.
        imports: Vec<Link>,
    },
    /// Calls an exported function. A vector is two words, the low one first.
    Call {
        /// The instance.
        instance: usize,
        /// The name of the function.
        export: String,
        /// The words of its arguments.
        args: Vec<u64>,
    },
    /// Reads an exported global.
    Global {
        /// The instance.
        instance: usize,
        /// The name of the global.
        export: String,
    },
    /// Length and digest of memory.
    Memory {
        /// The instance.
        instance: usize,
    },
    /// Drops all instances so far; their numbers are not used again.
    Clear,
}

/// What the host of an instance grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Work until the guest is stopped.
    pub work: Option<u64>,
    /// Pages to which memory may grow.
    pub pages: Option<u64>,
    /// Milliseconds from its start until the guest is stopped.
    pub deadline: Option<u64>,
}

/// What an imported function is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// The host's: a number made from import, arguments and the count of calls.
    Host,
    /// An exported function of another instance.
    Instance(usize, String),
}

impl fmt::Display for Step {
    /// The line that the executor reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New {
                module,
                limits,
                imports,
            } => {
                write!(f, "new {module:x}")?;
                let limits = [
                    ("work", limits.work),
                    ("pages", limits.pages),
                    ("deadline", limits.deadline),
                ];
                for (name, value) in limits {
                    if let Some(value) = value {
                        write!(f, " {name}={value:x}")?;
                    }
                }
                for link in imports {
                    match link {
                        Link::Host => write!(f, " host=0")?,
                        Link::Instance(instance, export) => {
                            write!(f, " link={instance:x}:{}", hex(export))?;
                        }
                    }
                }
                Ok(())
            }
            Self::Call {
                instance,
                export,
                args,
            } => {
                write!(f, "call {instance:x} {}", hex(export))?;
                args.iter().try_for_each(|arg| write!(f, " {arg:x}"))
            }
            Self::Global { instance, export } => write!(f, "global {instance:x} {}", hex(export)),
            Self::Memory { instance } => write!(f, "memory {instance:x}"),
            Self::Clear => write!(f, "clear"),
        }
    }
}

fn hex(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}
