//! One call of a guest: which, with which values, and what it put into its memory before.

use std::fmt;

use afmpeg_wasi::preview1;
use afmpeg_wasi::{GuestMem, SysResult, Wasi};

/// A syscall as the table of the crate has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Syscall {
    /// Its name.
    pub(crate) name: &'static str,
    /// The names of its parameters.
    pub(crate) params: &'static [&'static str],
}

macro_rules! table {
    ($($family:ident::$name:ident($($param:ident: $type:ident),*) -> $result:ident;)*) => {
        /// All of them, in the order of the table.
        pub(crate) const SYSCALLS: &[Syscall] = &[$(Syscall {
            name: stringify!($name),
            params: &[$(stringify!($param)),*],
        },)*];

        /// Makes a call.
        ///
        /// # Errors
        ///
        /// What the syscall says.
        pub(crate) fn dispatch(
            wasi: &mut Wasi,
            mem: &mut GuestMem<'_>,
            name: &str,
            values: &[u64],
        ) -> SysResult {
            match name {
                $(stringify!($name) => {
                    let mut _values = values.iter().copied();
                    preview1::$family::$name(wasi, mem, $({
                        let _: $type = 0;
                        _values.next().unwrap_or(0) as $type
                    }),*)
                })*
                _ => unreachable!("names are those of the table"),
            }
        }
    };
}

afmpeg_wasi::for_each_syscall!(table);

/// A call and what comes before it.
#[derive(Clone)]
pub(crate) struct Call {
    /// The syscall.
    pub(crate) syscall: &'static Syscall,
    /// A value for each parameter.
    pub(crate) values: Vec<u64>,
    /// Bytes that are in memory when it is made; what does not fit is left out.
    pub(crate) pokes: Vec<(u32, Vec<u8>)>,
}

impl Call {
    /// Puts what comes before the call into memory.
    pub(crate) fn poke(&self, memory: &mut [u8]) {
        for (at, bytes) in &self.pokes {
            if let Some(room) = memory.get_mut(*at as usize..) {
                let count = room.len().min(bytes.len());
                room[..count].copy_from_slice(&bytes[..count]);
            }
        }
    }

    /// Makes the call.
    ///
    /// # Errors
    ///
    /// What the syscall says.
    pub(crate) fn make(&self, wasi: &mut Wasi, mem: &mut GuestMem<'_>) -> SysResult {
        dispatch(wasi, mem, self.syscall.name, &self.values)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.syscall.name)?;
        for (index, (param, value)) in self.syscall.params.iter().zip(&self.values).enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{param}: {value:#x}")?;
        }
        write!(f, ")")?;
        for (at, bytes) in &self.pokes {
            let shown = &bytes[..bytes.len().min(80)];
            write!(
                f,
                " [{at:#x}: {} bytes {:?}]",
                bytes.len(),
                shown.escape_ascii().to_string()
            )?;
        }
        Ok(())
    }
}
