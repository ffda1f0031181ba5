//! The functions that kernels stand in for as lifted code, in the memory of a guest. `cargo xtask
//! kernel-bench` links them in.

use std::time::{Duration, Instant};

use afmpeg::kernels::KERNELS;
use afmpeg_lift_runtime::{Config, Host, Instance, Trap};

/// An instance with the kernels in its table.
pub(crate) struct Lifted {
    instance: Box<dyn Instance>,
    /// The table's size without the kernels.
    pub(crate) elements: u32,
}

impl Lifted {
    pub(crate) fn new() -> Self {
        let config = Config::for_stack(4 << 20);
        let mut instance = afmpeg_pack::module()
            .instantiate(Box::new(Alone), &config)
            .expect("the module needs nothing");
        let kernels: Vec<_> = KERNELS.iter().map(|kernel| kernel.function).collect();
        let elements = instance
            .add_functions("__indirect_function_table", &kernels)
            .expect("the table can grow");
        Self { instance, elements }
    }

    /// Memory, which is larger than any guest's.
    pub(crate) fn memory(&mut self) -> &mut [u8] {
        self.instance.memory()
    }

    /// How long `count` calls of an element of the table take, whose type `signature` tells; `None` when
    /// they trap.
    pub(crate) fn time(
        &mut self,
        element: u32,
        signature: &str,
        args: &[u64],
        count: u64,
    ) -> Option<Duration> {
        let args = [&[count, element.into()][..], args].concat();
        let name = format!("repeat_{signature}");
        let start = Instant::now();
        let result = self.instance.call(&name, &args);
        let taken = start.elapsed();
        result.ok().map(|_| taken)
    }
}

/// A host that gives time and nothing else.
struct Alone;

impl Host for Alone {
    fn call(&mut self, _: usize, _: &mut [u8], _: &[u64]) -> Result<u64, Trap> {
        Err(Trap::Unreachable)
    }

    fn poll(&mut self, _: u64) -> Result<u64, Trap> {
        Ok(1 << 40)
    }

    fn grow_memory(&mut self, _: u64, _: u64, _: bool) -> Result<bool, Trap> {
        Ok(false)
    }

    fn grow_table(&mut self, _: u64, _: u64, _: bool) -> Result<bool, Trap> {
        Ok(false)
    }
}
