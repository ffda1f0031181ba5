//! Types of functions, and functions of the host that a guest calls through its table.

use std::fmt;

use crate::trap::Trap;

/// A value type of WebAssembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValType {
    /// 32-bit integer, a `u32` here.
    I32,
    /// 64-bit integer, a `u64` here.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 128-bit vector.
    V128,
    /// A reference to a function.
    FuncRef,
    /// An opaque reference of the host.
    ExternRef,
}

/// The type of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FuncType {
    /// Types of the parameters.
    pub params: &'static [ValType],
    /// Types of the results.
    pub results: &'static [ValType],
}

/// A function of the host that a guest calls through its table, as it calls its own functions.
///
/// It sees linear memory and its arguments and nothing else: it neither grows memory nor calls the
/// guest.
#[derive(Clone, Copy)]
pub struct HostFunction {
    /// A name for people.
    pub name: &'static str,
    /// Types of the parameters: numbers only.
    pub params: &'static [ValType],
    /// Type of the result, a number.
    pub result: Option<ValType>,
    /// The function. `args` holds one `u64` for each parameter: an `i32` zero-extended, a float as
    /// its bits. The answer is in the same form, and 0 when there is no result.
    ///
    /// # Errors
    ///
    /// The trap that ends the call, for an address outside of `mem`.
    pub call: fn(mem: &mut [u8], args: &[u64]) -> Result<u64, Trap>,
}

impl fmt::Debug for HostFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostFunction")
            .field("name", &self.name)
            .field("params", &self.params)
            .field("result", &self.result)
            .finish_non_exhaustive()
    }
}
