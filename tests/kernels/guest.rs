//! An instance of the guest of the kernels' tests, with the kernels in its table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use afmpeg::kernels::{KERNELS, Kernel};
use afmpeg_lift_runtime::ValType as HostType;
use wasmi::{
    Engine, Error, Extern, ExternType, Func, FuncType, Instance, Linker, Memory, Module, Nullable,
    Ref, Store, Table, Val, ValType,
};

use crate::arena::{ARENA, Arena};

/// The instance.
pub(crate) struct Guest {
    store: Store<()>,
    memory: Memory,
    table: Table,
    /// The addresses of the lists of table indices: the library's functions, and what replaced them.
    before: u32,
    after: u32,
    /// Memory that calls may leave anything in: the guest's stack, in whole pages.
    stack: std::ops::Range<usize>,
    arena: u32,
    /// How often the guest called each kernel, by its slot.
    calls: BTreeMap<u32, Arc<AtomicUsize>>,
    /// Contexts for functions that take one.
    pub(crate) contexts: Vec<u32>,
    exports: Instance,
}

/// The error number of a descriptor that is not open.
const BADF: i32 = 8;

/// What memory is compared and restored by: most calls change few of them.
const PAGE: usize = 4096;

/// Contents of pages of memory, by the numbers of the pages.
type Pages = BTreeMap<usize, Vec<u8>>;

impl Guest {
    pub(crate) fn new() -> Self {
        static MODULE: OnceLock<(Engine, Module)> = OnceLock::new();
        let (engine, module) = MODULE.get_or_init(|| {
            let path = module_path();
            let bytes = std::fs::read(&path).expect("the guest was built");
            let engine = Engine::default();
            let module = Module::new(&engine, &bytes).expect("the guest is a valid module");
            (engine, module)
        });
        let mut store = Store::new(engine, ());
        let mut linker = Linker::new(engine);
        for import in module.imports() {
            let ExternType::Func(ty) = import.ty() else {
                panic!("{} is no function", import.name());
            };
            // A write that succeeds and writes nothing would be tried again for ever.
            let answer = if import.name().starts_with("fd_") {
                BADF
            } else {
                0
            };
            linker
                .func_new(
                    import.module(),
                    import.name(),
                    ty.clone(),
                    move |_, _, out| {
                        out.fill(Val::I32(answer));
                        Ok(())
                    },
                )
                .expect("no import comes twice");
        }
        let instance = linker
            .instantiate_and_start(&mut store, module)
            .expect("the guest needs nothing else");
        let export = |store: &Store<()>, name: &str| {
            instance
                .get_export(store, name)
                .unwrap_or_else(|| panic!("the guest exports {name}"))
        };
        let address = |store: &Store<()>, name| match export(store, name) {
            Extern::Global(global) => int(&global.get(store)),
            _ => panic!("{name} is an address"),
        };
        let Extern::Memory(memory) = export(&store, "memory") else {
            panic!("the guest exports its memory");
        };
        let Extern::Table(table) = export(&store, "__indirect_function_table") else {
            panic!("the guest exports its table");
        };
        let (top, data_end) = (
            address(&store, "__stack_pointer") as usize,
            address(&store, "__data_end") as usize,
        );
        let stack = if top < data_end {
            0..top
        } else {
            data_end..top
        };
        let mut guest = Self {
            before: address(&store, "afmpeg_kernel_before"),
            after: address(&store, "afmpeg_kernel_after"),
            stack: stack.start.next_multiple_of(PAGE)..stack.end / PAGE * PAGE,
            arena: 0,
            calls: BTreeMap::new(),
            contexts: Vec::new(),
            memory,
            table,
            exports: instance,
            store,
        };
        let slots = address(&guest.store, "afmpeg_kernel_slots");
        guest.call_export("_start", &[]);
        for kernel in KERNELS {
            let index = guest.add(*kernel);
            guest.write(slots + 4 * kernel.slot, &index.to_le_bytes());
        }
        guest.call_export("setup", &[]);
        let size = i32::try_from(ARENA).expect("it is small");
        guest.arena = guest.call_export("allocate", &[Val::I32(size)]);
        assert_ne!(guest.arena, 0);
        guest.contexts = (0..24)
            .map(|index| guest.call_export("listed_context", &[Val::I32(index)]))
            .collect();
        guest
    }

    /// Whether the libraries took the kernel of this slot.
    pub(crate) fn is_hooked(&mut self, slot: u32) -> bool {
        let (before, after) = (
            self.word(self.before + 4 * slot),
            self.word(self.after + 4 * slot),
        );
        before != 0 && before != after
    }

    /// Calls an exported function with numbers and gives its result, or 0.
    pub(crate) fn call_export(&mut self, name: &str, args: &[Val]) -> u32 {
        let Some(Extern::Func(func)) = self.exports.get_export(&self.store, name) else {
            panic!("the guest exports the function {name}");
        };
        self.call(func, args)
            .unwrap_or_else(|error| panic!("{name}: {error}"))
            .map_or(0, |result| int(&result))
    }

    /// Lets the library's function and the kernel work on the same memory, `rounds` times, or a quarter of that
    /// without optimisation: the optimised tests do all of it, and the memory that is compared is large.
    /// `prepare` fills the arena and gives the arguments.
    pub(crate) fn compare(
        &mut self,
        name: &str,
        rounds: usize,
        mut prepare: impl FnMut(&mut Arena) -> Vec<u32>,
    ) {
        let calls = Arc::clone(&self.calls[&kernel(name).slot]);
        calls.store(0, Ordering::Relaxed);
        let rounds = if cfg!(debug_assertions) {
            rounds.div_ceil(4)
        } else {
            rounds
        };
        // What memory is before every round, but for the arena.
        let mut start = self.memory();
        // All of memory is far more than calls change, and is looked at in the first rounds and after the last.
        if !self.compare_rounds(name, rounds.min(8)..rounds, &mut start, &mut prepare) {
            self.compare_rounds(name, rounds..rounds, &mut start, &mut prepare);
        }
        assert_ne!(
            calls.load(Ordering::Relaxed),
            0,
            "{name} was compared without being called"
        );
    }

    /// Compares in rounds, up to the end of `narrow`, in which only those pages are looked at that changed in a round
    /// before. Returns whether that was enough: whether no others changed in these rounds. All is as it was then.
    fn compare_rounds(
        &mut self,
        name: &str,
        narrow: std::ops::Range<usize>,
        start: &mut [u8],
        prepare: &mut impl FnMut(&mut Arena) -> Vec<u32>,
    ) -> bool {
        let (before, after) = (self.reference(name), self.replacement(name));
        let arena_pages = self.arena_in_pages();
        let mut seen: BTreeSet<usize> = arena_pages.collect();
        for round in 0..narrow.end {
            let mut arena = self.new_arena(round);
            let args = prepare(&mut arena);
            self.write(self.arena, &arena.data);
            let at = self.arena as usize;
            start[at..at + ARENA].copy_from_slice(&arena.data);
            let only = narrow.contains(&round).then_some(&seen);
            let values = self.values(before, &args);
            let expected = self
                .call(before, &values)
                .unwrap_or_else(|error| panic!("{name}{args:x?} in C: {error}"));
            let theirs = self.take_changes(start, only);
            let found = self
                .call(after, &values)
                .unwrap_or_else(|error| panic!("{name}{args:x?}: {error}"));
            assert_eq!(
                expected.map(|value| bits(&value)),
                found.map(|value| bits(&value)),
                "the result of {name}{args:x?} in round {round}"
            );
            let ours = self.take_changes(start, only);
            if ours != theirs {
                let (at, [was, ours, theirs]) = first_difference(start, &ours, &theirs);
                panic!(
                    "{name}{args:x?} in round {round}: byte {at:#x} (arena {:#x}) was {was} and is {ours}, \
                     {theirs} in C",
                    self.arena,
                );
            }
            seen.extend(theirs.into_keys());
        }
        self.take_changes(start, None).is_empty()
    }

    /// The library's own function.
    pub(crate) fn reference(&self, name: &str) -> Func {
        self.function(self.word(self.before + 4 * kernel(name).slot))
    }

    /// What replaced it.
    pub(crate) fn replacement(&mut self, name: &str) -> Func {
        let slot = kernel(name).slot;
        assert!(self.is_hooked(slot), "{name} is not used by the engine");
        self.function(self.word(self.after + 4 * slot))
    }

    /// An arena with the data of one round, and arguments.
    pub(crate) fn prepare(
        &self,
        prepare: impl FnOnce(&mut Arena) -> Vec<u32>,
    ) -> (Arena, Vec<u32>) {
        let mut arena = self.new_arena(3);
        let args = prepare(&mut arena);
        (arena, args)
    }

    fn new_arena(&self, round: usize) -> Arena {
        let mut arena = Arena::new(self.arena, round);
        arena.contexts.clone_from(&self.contexts);
        arena
    }

    /// Puts an arena into memory.
    pub(crate) fn fill(&mut self, arena: &Arena) {
        self.write(arena.base, &arena.data);
    }

    /// The arena in a memory.
    pub(crate) fn arena_in<'a>(&self, memory: &'a [u8]) -> &'a [u8] {
        let at = self.arena as usize;
        &memory[at..at + ARENA]
    }

    /// The table indices of the library's own function and of what replaced it.
    pub(crate) fn elements(&self, name: &str) -> [u32; 2] {
        let slot = kernel(name).slot;
        [self.before, self.after].map(|list| self.word(list + 4 * slot))
    }

    /// The table's size, of which kernels are the last elements.
    pub(crate) fn table_size(&self) -> u64 {
        self.table.size(&self.store)
    }

    /// Calls a function of the guest for what it does to memory.
    pub(crate) fn call_with(&mut self, func: Func, args: &[u32]) {
        let values = self.values(func, args);
        self.call(func, &values)
            .unwrap_or_else(|error| panic!("{args:x?}: {error}"));
    }

    /// The same, and whether it went well.
    pub(crate) fn tries(&mut self, func: Func, args: &[u32]) -> bool {
        let values = self.values(func, args);
        self.call(func, &values).is_ok()
    }

    /// The type of a function, as `cargo xtask kernel-bench` writes it: a letter for each parameter,
    /// and one for the result.
    pub(crate) fn signature(&self, func: Func) -> String {
        let ty = func.ty(&self.store);
        let letter = |ty: &ValType| match ty {
            ValType::I32 => 'i',
            ValType::I64 => 'l',
            ValType::F32 => 'f',
            ValType::F64 => 'd',
            other => panic!("{other:?} is no type of a kernel"),
        };
        let params: String = ty.params().iter().map(letter).collect();
        let result = ty.results().first().map_or('v', letter);
        format!("{params}_{result}")
    }

    /// The arguments as bits, each in the form of its parameter.
    pub(crate) fn words(&self, func: Func, args: &[u32]) -> Vec<u64> {
        self.values(func, args).iter().map(bits).collect()
    }

    /// A copy of all of memory.
    pub(crate) fn memory(&self) -> Vec<u8> {
        self.memory.data(&self.store).to_vec()
    }

    fn values(&self, func: Func, args: &[u32]) -> Vec<Val> {
        let types = func.ty(&self.store);
        assert_eq!(
            types.params().len(),
            args.len(),
            "as many arguments as parameters"
        );
        let types = types.params().iter();
        args.iter()
            .zip(types)
            .map(|(arg, ty)| match ty {
                ValType::I64 => Val::I64(arg.cast_signed().into()),
                ValType::F32 => Val::F32(wasmi::F32::from_bits(*arg)),
                _ => Val::I32(arg.cast_signed()),
            })
            .collect()
    }

    /// The pages that are not as they were, and makes them so again. The stack does not count, and where `only` some
    /// are asked for, nothing else does.
    fn take_changes(&mut self, start: &[u8], only: Option<&BTreeSet<usize>>) -> Pages {
        let memory = self.memory.data_mut(&mut self.store);
        let mut changes = Pages::new();
        let mut look = |page: usize| {
            let bytes = page * PAGE..start.len().min((page + 1) * PAGE);
            if memory[bytes.clone()] != start[bytes.clone()] {
                changes.insert(page, memory[bytes.clone()].to_vec());
                memory[bytes.clone()].copy_from_slice(&start[bytes]);
            }
        };
        match only {
            Some(pages) => pages.iter().copied().for_each(&mut look),
            None => {
                let stack = self.stack.start / PAGE..self.stack.end / PAGE;
                let pages = 0..start.len().div_ceil(PAGE);
                pages
                    .filter(|page| !stack.contains(page))
                    .for_each(&mut look);
            }
        }
        changes
    }

    /// The pages of which the arena has some.
    fn arena_in_pages(&self) -> std::ops::Range<usize> {
        let at = self.arena as usize;
        at / PAGE..(at + ARENA).div_ceil(PAGE)
    }

    fn call(&mut self, func: Func, args: &[Val]) -> Result<Option<Val>, Error> {
        let ty = func.ty(&self.store);
        let mut results: Vec<Val> = ty
            .results()
            .iter()
            .map(|ty| Val::default_for_ty(*ty))
            .collect();
        func.call(&mut self.store, args, &mut results)?;
        Ok(results.pop())
    }

    fn function(&self, index: u32) -> Func {
        match self.table.get(&self.store, index.into()) {
            Some(Ref::Func(Nullable::Val(func))) => func,
            other => panic!("table element {index} is {other:?}"),
        }
    }

    /// Puts a kernel at the end of the table.
    fn add(&mut self, kernel: Kernel) -> u32 {
        let function = kernel.function;
        let params: Vec<_> = function.params.iter().map(|ty| type_of(*ty)).collect();
        let ty = FuncType::new(params, function.result.map(type_of));
        let memory = self.memory;
        let calls = Arc::new(AtomicUsize::new(0));
        self.calls.insert(kernel.slot, Arc::clone(&calls));
        let func = Func::new(&mut self.store, ty, move |mut caller, args, results| {
            calls.fetch_add(1, Ordering::Relaxed);
            let args: Vec<u64> = args.iter().map(bits).collect();
            let result = (function.call)(memory.data_mut(&mut caller), &args)
                .map_err(|trap| Error::new(format!("{}: {trap}", function.name)))?;
            for out in results.iter_mut() {
                *out = value(function.result, result);
            }
            Ok(())
        });
        let index = self
            .table
            .grow(&mut self.store, 1, Ref::Func(Nullable::Val(func)))
            .expect("the table can grow");
        u32::try_from(index).expect("the table is small")
    }

    fn write(&mut self, at: u32, bytes: &[u8]) {
        self.memory
            .write(&mut self.store, at as usize, bytes)
            .expect("the address is the guest's own");
    }

    fn word(&self, at: u32) -> u32 {
        let mut bytes = [0; 4];
        self.memory
            .read(&self.store, at as usize, &mut bytes)
            .expect("the address is the guest's own");
        u32::from_le_bytes(bytes)
    }
}

/// The first address at which two runs left different bytes, the byte before them, and what each left.
fn first_difference(start: &[u8], ours: &Pages, theirs: &Pages) -> (usize, [u8; 3]) {
    let byte = |pages: &Pages, at: usize| {
        let page = pages.get(&(at / PAGE));
        page.map_or(start[at], |page| page[at % PAGE])
    };
    let pages: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    pages
        .into_iter()
        .flat_map(|page| page * PAGE..start.len().min((page + 1) * PAGE))
        .map(|at| (at, [start[at], byte(ours, at), byte(theirs, at)]))
        .find(|(_, [_, ours, theirs])| ours != theirs)
        .expect("what differs has a difference")
}

/// The kernel of this name.
pub(crate) fn kernel(name: &str) -> Kernel {
    let mut kernels = KERNELS.iter().filter(|kernel| kernel.function.name == name);
    match (kernels.next(), kernels.next()) {
        (Some(kernel), None) => *kernel,
        _ => panic!("{name} is not in the table of kernels once"),
    }
}

/// The built guest: `$AFMPEG_KERNEL_TESTS`, or what `cargo xtask kernel-tests` makes.
fn module_path() -> PathBuf {
    static BUILDING: Mutex<()> = Mutex::new(());
    if let Some(path) = std::env::var_os("AFMPEG_KERNEL_TESTS") {
        return path.into();
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    let _one_at_a_time = BUILDING.lock();
    let output = Command::new(env!("CARGO"))
        .args(["xtask", "kernel-tests"])
        .current_dir(workspace)
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(
        output.status.success(),
        "`cargo xtask kernel-tests` failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    workspace.join(String::from_utf8_lossy(&output.stdout).trim())
}

fn type_of(ty: HostType) -> ValType {
    match ty {
        HostType::I32 => ValType::I32,
        HostType::I64 => ValType::I64,
        HostType::F32 => ValType::F32,
        HostType::F64 => ValType::F64,
        other => panic!("{other:?} is no type of a kernel"),
    }
}

fn bits(value: &Val) -> u64 {
    match value {
        Val::I32(value) => u64::from(value.cast_unsigned()),
        Val::I64(value) => value.cast_unsigned(),
        Val::F32(value) => u64::from(value.to_bits()),
        Val::F64(value) => value.to_bits(),
        other => panic!("{other:?} is no value of a kernel"),
    }
}

fn int(value: &Val) -> u32 {
    u32::try_from(bits(value)).expect("the value has 32 bits")
}

fn value(ty: Option<HostType>, bits: u64) -> Val {
    match ty {
        Some(HostType::F32) => Val::F32(wasmi::F32::from_bits(bits as u32)),
        Some(HostType::F64) => Val::F64(wasmi::F64::from_bits(bits)),
        Some(HostType::I64) => Val::I64(bits.cast_signed()),
        _ => Val::I32(bits as i32),
    }
}
