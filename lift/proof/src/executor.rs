//! Runs a script of calls on lifted modules and prints what came of each step.
//!
//! This file is a module of the proof crate and is also copied into every generated program, so it
//! uses nothing but the run-time library. The script comes on standard input, a step a line; the answers go
//! to standard output, a line a step, flushed, so that a crash shows where it was.

use std::io::{BufRead, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use afmpeg_lift_runtime::{Config, Extern, FuncType, Host, Instance, Module, Trap, ValType};

/// Elements to which a table may grow, here and in the reference.
pub const TABLE_LIMIT: u64 = 100_000;

/// Runs the script on standard input with these modules, on a thread with enough stack.
pub fn main(modules: Vec<&'static dyn Module>) {
    let run = move || {
        let mut world = World {
            modules,
            instances: Vec::new(),
        };
        let stdout = std::io::stdout();
        for line in std::io::stdin().lock().lines() {
            let line = line.expect("the script is text");
            let answer = world.step(&line);
            let mut out = stdout.lock();
            writeln!(out, "{answer}").expect("somebody reads the answers");
            out.flush().expect("somebody reads the answers");
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(run);
    let done = thread.expect("a thread can start").join();
    std::process::exit(i32::from(done.is_err()));
}

const STACK: usize = 256 << 20;

type Shared = Arc<Mutex<Box<dyn Instance>>>;

struct World {
    modules: Vec<&'static dyn Module>,
    /// By number of the `new` step; none where that failed or the instance was dropped.
    instances: Vec<Option<(Shared, &'static dyn Module)>>,
}

impl World {
    fn step(&mut self, line: &str) -> String {
        let mut words = line.split(' ');
        let mut next = || words.next().unwrap_or_default();
        match next() {
            "new" => {
                let module = self.modules[number(next()) as usize];
                let made = self.instantiate(module, words);
                let answer = match &made {
                    Ok(_) => "ok".to_owned(),
                    Err(trap) => trap_name(trap),
                };
                self.instances
                    .push(made.ok().map(|instance| (instance, module)));
                answer
            }
            "call" => {
                let (instance, export) = (number(next()), text(next()));
                let args: Vec<u64> = words.map(number).collect();
                match self.instance(instance) {
                    Some((instance, module)) => call(&instance, module, &export, &args),
                    None => "absent".to_owned(),
                }
            }
            "global" => {
                let (instance, export) = (number(next()), text(next()));
                let value = self.instance(instance).and_then(|(instance, _)| {
                    instance.try_lock().expect("nothing runs").global(&export)
                });
                value.map_or("absent".to_owned(), |value| format!("ok {value:x}"))
            }
            "memory" => match self.instance(number(next())) {
                Some((instance, _)) => digest(instance.try_lock().expect("nothing runs").memory()),
                None => "absent".to_owned(),
            },
            "clear" => {
                self.instances
                    .iter_mut()
                    .for_each(|instance| *instance = None);
                "ok".to_owned()
            }
            other => panic!("there is no step {other:?}"),
        }
    }

    fn instance(&self, index: u64) -> Option<(Shared, &'static dyn Module)> {
        self.instances.get(index as usize).cloned().flatten()
    }

    fn instantiate<'a>(
        &self,
        module: &'static dyn Module,
        settings: impl Iterator<Item = &'a str>,
    ) -> Result<Shared, Trap> {
        let mut host = TestHost {
            links: Vec::new(),
            throw: module
                .imports()
                .iter()
                .position(|import| (import.module, import.name) == ("env", "throw")),
            work: None,
            pages: 65_536,
            end: None,
            calls: 0,
        };
        for setting in settings {
            let (name, value) = setting.split_once('=').expect("a setting has a value");
            match name {
                "work" => host.work = Some(number(value)),
                "pages" => host.pages = number(value),
                "deadline" => {
                    host.end = Some(Instant::now() + Duration::from_millis(number(value)));
                }
                "link" => {
                    let (instance, export) = value.split_once(':').expect("a link has two parts");
                    let instance = self.instance(number(instance));
                    host.links
                        .push(instance.map(|(instance, _)| (instance, text(export))));
                }
                "host" => host.links.push(None),
                other => panic!("there is no setting {other:?}"),
            }
        }
        let mut config = Config::for_stack(STACK);
        config.reserve_bytes = 0;
        module
            .instantiate(Box::new(host), &config)
            .map(|instance| Arc::new(Mutex::new(instance)))
    }
}

fn call(instance: &Shared, module: &'static dyn Module, export: &str, args: &[u64]) -> String {
    match export_type(module, export) {
        None => return "absent".to_owned(),
        Some(ty) if has_references(&ty) => return "references".to_owned(),
        Some(_) => {}
    }
    let result = instance
        .try_lock()
        .expect("nothing runs")
        .call(export, args);
    match result {
        Ok(words) => {
            let words = words.iter().map(|word| format!(" {word:x}"));
            "ok".to_owned() + &words.collect::<String>()
        }
        Err(trap) => trap_name(&trap),
    }
}

fn export_type(module: &'static dyn Module, export: &str) -> Option<FuncType> {
    module.exports().iter().find_map(|known| match known.what {
        Extern::Function(ty) if known.name == export => Some(ty),
        _ => None,
    })
}

fn has_references(ty: &FuncType) -> bool {
    let reference = |ty: &ValType| matches!(ty, ValType::FuncRef | ValType::ExternRef);
    ty.params.iter().chain(ty.results).any(reference)
}

/// What the imports of a module do: a function of another instance, or a number that depends on
/// everything the guest could vary.
struct TestHost {
    links: Vec<Option<(Shared, String)>>,
    /// The import that raises a `longjmp`.
    throw: Option<usize>,
    work: Option<u64>,
    pages: u64,
    end: Option<Instant>,
    calls: u64,
}

impl Host for TestHost {
    fn call(&mut self, import: usize, _: &mut [u8], args: &[u64]) -> Result<u64, Trap> {
        if self.throw == Some(import) {
            return Err(Trap::LongJump);
        }
        let Some((instance, export)) = self.links.get(import).cloned().flatten() else {
            self.calls += 1;
            return Ok(host_result(self.calls, import as u64, args));
        };
        let Ok(mut instance) = instance.try_lock() else {
            return Err(Trap::Host(Box::new("the instance is called while it runs")));
        };
        match *instance.call(&export, args)? {
            [] => Ok(0),
            [word] => Ok(word),
            _ => Err(Trap::Host(Box::new(
                "more than one result from another instance",
            ))),
        }
    }

    fn poll(&mut self, spent: u64) -> Result<u64, Trap> {
        if self.end.is_some_and(|end| Instant::now() >= end) {
            return Err(Trap::Host(Box::new("deadline")));
        }
        let left = self
            .work
            .map_or(1_000_000, |work| work.saturating_sub(spent));
        if left == 0 {
            return Err(Trap::Host(Box::new("work")));
        }
        Ok(left.min(1_000_000))
    }

    fn grow_memory(&mut self, _: u64, to: u64, _: bool) -> Result<bool, Trap> {
        Ok(to <= self.pages << 16)
    }

    fn grow_table(&mut self, _: u64, to: u64, _: bool) -> Result<bool, Trap> {
        Ok(to <= TABLE_LIMIT)
    }
}

/// The result of an imported function that no instance gives: the same in the reference.
pub fn host_result(calls: u64, import: u64, args: &[u64]) -> u64 {
    let words = [calls, import].into_iter().chain(args.iter().copied());
    // Of 30 bits, so that it is no NaN of any width.
    words.fold(0xcbf2_9ce4_8422_2325, mix) >> 34
}

/// Length and digest of a memory.
pub fn digest(memory: &[u8]) -> String {
    let words = memory
        .chunks_exact(8)
        .map(|bytes| u64::from_le_bytes(bytes.try_into().expect("the chunks have eight bytes")));
    format!(
        "ok {:x} {:x}",
        memory.len(),
        words.fold(0xcbf2_9ce4_8422_2325, mix)
    )
}

fn mix(hash: u64, word: u64) -> u64 {
    (hash ^ word)
        .wrapping_mul(0x0000_0100_0000_01b3)
        .rotate_left(29)
}

fn trap_name(trap: &Trap) -> String {
    let name = match trap {
        Trap::Unreachable => "unreachable",
        Trap::MemoryOutOfBounds => "memory",
        Trap::TableOutOfBounds => "table",
        Trap::NullFunction => "null",
        Trap::BadSignature => "signature",
        Trap::DivisionByZero => "division",
        Trap::IntegerOverflow => "overflow",
        Trap::BadConversion => "conversion",
        Trap::CallDepth => "depth",
        Trap::NestedCalls => "nested",
        Trap::LongJump => "jump",
        Trap::Host(reason) => match reason.downcast_ref::<&str>() {
            Some(reason) => return format!("trap {reason}"),
            None => "host",
        },
        _ => "other",
    };
    format!("trap {name}")
}

fn number(word: &str) -> u64 {
    u64::from_str_radix(word, 16).expect("numbers are hexadecimal")
}

/// Names are written as the hexadecimal digits of their bytes, so that any name is one word.
fn text(word: &str) -> String {
    let digits = word.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).expect("digits are ASCII");
        number(pair) as u8
    });
    String::from_utf8(digits.collect()).expect("export names are text")
}
