//! The state of one instance, as the generated functions use it.

use crate::func::ValType;
use crate::memory::Memory;
use crate::meter::{Config, DEPTH_STEP, Meter};
use crate::module::Host;
use crate::table::{Entry, HostCall, Table};
use crate::trap::{Trap, call_depth, catch, nested_calls, raise};

/// An instance: its memory, and everything else.
///
/// `G` is the generated structure of the module's globals and segments, `F` its table element.
/// Functions from which memory cannot grow take the two halves of [`Inst::split`] instead of the whole.
pub struct Inst<G, F> {
    memory: Memory,
    context: Context<G, F>,
}

/// All of an instance but its memory.
pub struct Context<G, F> {
    /// The mutable globals, and which segments were dropped.
    pub g: G,
    /// The tables.
    pub tables: Vec<Table<F>>,
    meter: Meter,
    host: Option<Box<dyn Host>>,
}

impl<G, F: Entry> Inst<G, F> {
    /// An instance over its host.
    #[must_use]
    pub fn new(
        memory: Memory,
        g: G,
        tables: Vec<Table<F>>,
        host: Box<dyn Host>,
        config: &Config,
    ) -> Self {
        let context = Context::new(g, tables, host, config);
        Self { memory, context }
    }

    /// The memory and the rest.
    #[inline(always)]
    pub fn split(&mut self) -> (&mut [u8], &mut Context<G, F>) {
        (self.memory.bytes(), &mut self.context)
    }

    /// The memory.
    pub fn memory(&mut self) -> &mut [u8] {
        self.memory.bytes()
    }

    /// The rest.
    #[inline(always)]
    pub fn context(&mut self) -> &mut Context<G, F> {
        &mut self.context
    }

    /// Enters the guest from the host: counters of depth start anew, traps are caught.
    ///
    /// # Errors
    ///
    /// The trap the call ended with.
    pub fn enter_root<R>(&mut self, body: impl FnOnce(&mut Self) -> R) -> Result<R, Trap> {
        self.context.enter_root();
        catch(|| body(self))
    }

    /// Work done so far.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.context.spent()
    }

    pub(crate) fn host(&self) -> &dyn Host {
        self.context
            .host
            .as_deref()
            .expect("the host leaves with the instance")
    }

    /// Gives back the host; the instance has no more use after it.
    ///
    /// # Panics
    ///
    /// When it was called before.
    #[must_use]
    pub fn into_host(mut self) -> Box<dyn Host> {
        self.context.host.take().expect("the host is taken once")
    }

    /// `memory.grow`: pages before, or all ones.
    pub fn grow_memory(&mut self, delta: u32) -> u32 {
        let pages = self.memory.pages();
        let wanted = pages + u64::from(delta);
        let declared = wanted <= self.memory.max_pages();
        let size = |pages: u64| pages * crate::memory::PAGE;
        let host = self.context.host();
        match host.grow_memory(size(pages), size(wanted), declared) {
            Ok(true) if declared => {}
            Ok(_) => return u32::MAX,
            Err(trap) => raise(trap),
        }
        match self.memory.grow(u64::from(delta)) {
            Some(before) => before as u32,
            None => {
                self.context
                    .host()
                    .grow_memory_failed(size(pages), size(wanted));
                u32::MAX
            }
        }
    }

    /// Adds functions of the host at the end of a table, each with the index of its type, and returns
    /// the index of the first; `None` when the table cannot grow by so many.
    pub(crate) fn add_host_functions(
        &mut self,
        table: usize,
        functions: impl ExactSizeIterator<Item = (u32, HostCall)>,
    ) -> Option<u32> {
        let table = self.context.tables.get_mut(table)?;
        let first = table.size();
        let added = u32::try_from(functions.len()).ok()?;
        let fits = u64::from(first) + u64::from(added) <= table.max();
        if !fits || !table.grow(added, F::NULL) {
            return None;
        }
        for (index, (ty, call)) in (first..).zip(functions) {
            table.set(index, F::host(ty, call));
        }
        Some(first)
    }
}

impl<G, F: Entry> Context<G, F> {
    pub(crate) fn new(g: G, tables: Vec<Table<F>>, host: Box<dyn Host>, config: &Config) -> Self {
        Self {
            g,
            tables,
            meter: Meter::new(config),
            host: Some(host),
        }
    }

    /// The guest is entered from the host: counters of depth start anew.
    pub(crate) fn enter_root(&mut self) {
        self.meter.start();
    }

    /// Work done so far.
    pub(crate) fn spent(&self) -> u64 {
        self.meter.spent()
    }

    pub(crate) fn host(&mut self) -> &mut dyn Host {
        self.host
            .as_deref_mut()
            .expect("the host leaves with the instance")
    }

    /// At the entry of a function: `frame` units of depth, `cost` instructions.
    #[inline(always)]
    pub fn enter(&mut self, frame: u32, cost: u32) {
        let meter = &mut self.meter;
        meter.left -= i64::from(cost);
        meter.depth += frame;
        if meter.left < 0 || meter.depth > meter.soft_depth {
            self.look();
        }
        // Frames of unoptimised code are many times larger than the units say.
        #[cfg(debug_assertions)]
        if !self.meter.stack_fits() {
            call_depth();
        }
    }

    /// At the end of a function: what [`enter`](Self::enter) was given, and the work of its loops
    /// that was not counted yet.
    #[inline(always)]
    pub fn leave(&mut self, frame: u32, cost: u32) {
        self.meter.depth -= frame;
        self.meter.left -= i64::from(cost);
    }

    /// Counts work, and asks the host when it is time.
    #[inline(always)]
    pub fn spend(&mut self, cost: u32) {
        self.meter.left -= i64::from(cost);
        if self.meter.left < 0 {
            self.poll();
        }
    }

    /// Counts the work of an instruction over `len` bytes, without asking the host.
    #[inline(always)]
    pub fn charge_bytes(&mut self, len: u32) {
        self.meter.left -= i64::from(len / BYTES_PER_UNIT);
    }

    #[cold]
    #[inline(never)]
    fn look(&mut self) {
        let meter = &mut self.meter;
        if meter.depth > meter.soft_depth {
            if meter.depth > meter.max_depth || !meter.stack_fits() {
                call_depth();
            }
            meter.soft_depth = meter.depth.saturating_add(DEPTH_STEP).min(meter.max_depth);
        }
        if meter.left < 0 {
            self.poll();
        }
    }

    #[cold]
    #[inline(never)]
    fn poll(&mut self) {
        let spent = self.meter.spent();
        match self.host().poll(spent) {
            Ok(slice) => {
                let slice = slice.clamp(1, MAX_SLICE);
                self.meter.granted = spent + slice;
                self.meter.left = slice as i64;
            }
            Err(trap) => raise(trap),
        }
    }

    /// Calls the host's function for an import. What it cost is work like any other.
    pub fn import(&mut self, import: usize, mem: &mut [u8], args: &[u64]) -> u64 {
        let host = self.host();
        let result = host.call(import, mem, args);
        let work = host.take_work().min(MAX_SLICE);
        self.meter.left -= work as i64;
        match result {
            Ok(result) => {
                if self.meter.left < 0 {
                    self.poll();
                }
                result
            }
            Err(trap) => raise(trap),
        }
    }

    /// `table.grow`: elements before, or all ones.
    pub fn grow_table(&mut self, table: usize, value: F, delta: u32) -> u32 {
        let before = self.tables[table].size();
        let wanted = u64::from(before) + u64::from(delta);
        let declared = wanted <= self.tables[table].max();
        match self.host().grow_table(u64::from(before), wanted, declared) {
            Ok(true) if declared => {}
            Ok(_) => return u32::MAX,
            Err(trap) => raise(trap),
        }
        if self.tables[table].grow(delta, value) {
            before
        } else {
            u32::MAX
        }
    }
}

/// `env.invoke_*`: runs `body`; when the guest jumps out of it by [`Trap::LongJump`], puts back the
/// stack pointer and returns `zero`. Every other trap passes through.
pub fn invoke<G, F: Entry, R>(
    inst: &mut Inst<G, F>,
    stack_pointer: fn(&mut G) -> &mut u32,
    zero: R,
    body: impl FnOnce(&mut Inst<G, F>) -> R,
) -> R {
    let meter = &mut inst.context.meter;
    if meter.nested >= MAX_NESTED {
        nested_calls();
    }
    if !meter.stack_fits() {
        call_depth();
    }
    meter.nested += 1;
    let (depth, nested) = (meter.depth, meter.nested);
    let saved = *stack_pointer(&mut inst.context.g);
    let result = match catch(|| body(inst)) {
        Ok(result) => result,
        Err(Trap::LongJump) => {
            *stack_pointer(&mut inst.context.g) = saved;
            inst.context.meter.depth = depth;
            inst.context.meter.nested = nested;
            zero
        }
        Err(trap) => raise(trap),
    };
    inst.context.meter.nested -= 1;
    result
}

/// A value of the guest in the form in which hosts pass it.
pub trait Word: Copy {
    /// The type.
    const TYPE: ValType;
    /// Its bits, zero-extended.
    fn to_word(self) -> u64;
    /// The value of these bits; the upper ones are ignored.
    fn from_word(word: u64) -> Self;
}

macro_rules! word {
    ($($type:ty, $name:ident, |$value:ident| $to:expr, |$word:ident| $from:expr;)*) => {
        $(impl Word for $type {
            const TYPE: ValType = ValType::$name;
            #[inline(always)]
            fn to_word(self) -> u64 { let $value = self; $to }
            #[inline(always)]
            fn from_word($word: u64) -> Self { $from }
        })*
    };
}

word! {
    u32, I32, |value| u64::from(value), |word| word as u32;
    u64, I64, |value| value, |word| word;
    f32, F32, |value| u64::from(value.to_bits()), |word| f32::from_bits(word as u32);
    f64, F64, |value| value.to_bits(), |word| f64::from_bits(word);
}

/// Calls of the guest by `invoke_*` that may be open at once: each needs native stack of its own.
const MAX_NESTED: u32 = 128;

/// Bytes that a bulk instruction moves for one unit of work.
const BYTES_PER_UNIT: u32 = 64;

const MAX_SLICE: u64 = 1 << 40;
