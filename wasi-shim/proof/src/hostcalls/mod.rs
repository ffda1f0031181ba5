//! Lists of syscalls against the whole host, with a model of it: after each call the errno, all of
//! guest memory, the descriptors and the filesystem are as the model has them.

mod budgets;
mod call;
mod faulty;
mod generate;
mod host;
mod image;
mod turn;
mod world;

use std::collections::BTreeMap;

use afmpeg_wasi::{Clock as _, Fail, GuestMem, LimitKind, Stop, TrapKind};

pub(crate) use self::call::Call;
pub(crate) use self::generate::{Hints, call as generate};
use self::turn::{Answer, Turn};
use self::world::World;
use crate::choices::Choices;
use crate::model;

/// The most calls of one list.
const CALLS: usize = 100;
/// Nanoseconds from one call to the next.
const STEP: u64 = 1_000;

/// How often a syscall ended in a way: its name, and `done`, the name of an errno, or `ended`.
pub type Tally = BTreeMap<(&'static str, &'static str), u64>;

/// Makes the calls that the bytes say.
///
/// # Panics
///
/// When the host does something that the model does not.
pub fn run(bytes: &[u8]) {
    count(bytes, &mut Tally::new());
}

/// As [`run`]; counts how the calls ended.
///
/// # Panics
///
/// As [`run`].
pub fn count(bytes: &[u8], tally: &mut Tally) {
    let mut choices = Choices::new(bytes);
    let mut world = World::new(&mut choices, &mut Choices::of_end(bytes));
    let mut memory: Vec<u8> = (0..world.memory).map(|at| (at % 251) as u8).collect();
    let mut made: Vec<Call> = Vec::new();
    for _ in 0..CALLS {
        if choices.is_empty() {
            break;
        }
        let call = generate(&mut choices, world.memory, &world.host.hints());
        made.push(call.clone());
        match step(&mut world, &mut memory, &call) {
            Ok(how) => *tally.entry((call.syscall.name, how)).or_default() += 1,
            Err(wrong) => panic!("{wrong}\nafter these calls: {made:#?}"),
        }
    }
}

fn step(world: &mut World, memory: &mut [u8], call: &Call) -> Result<&'static str, String> {
    world.clock.sleep(std::time::Duration::from_nanos(STEP));
    world.host.tick(STEP);
    call.poke(memory);
    let before = memory.to_vec();
    let (answer, doubt, seen) =
        world.with_faults(|world| make(world, memory, call.syscall.name, &call.values));
    let mut turn = Turn::new(&call.values, before, memory, &answer, doubt, seen);
    let judged = world.host.judge(call.syscall.name, &mut turn);
    judged.map_err(|wrong| format!("{}: {wrong}", call.syscall.name))?;
    turn.image
        .compare(memory)
        .map_err(|wrong| format!("{answer:?}: {wrong}"))?;
    world.check_quota()?;
    same_descriptors(world)?;
    for (real, model) in world.trees.iter().zip(&world.host.trees) {
        model::same_tree(real, model)?;
    }
    world.host.same_text(&world.wasi)?;
    Ok(match answer {
        Answer::Done => "done",
        Answer::Refused(errno) => errno.name(),
        Answer::Limited(LimitKind::WrittenBytes) => "written_bytes",
        Answer::Limited(LimitKind::Text) => "text_written_bytes",
        Answer::Limited(_) | Answer::Ended(_) => "ended",
    })
}

fn make(world: &mut World, memory: &mut [u8], name: &str, values: &[u64]) -> Answer {
    let result = call::dispatch(&mut world.wasi, &mut GuestMem::new(memory), name, values);
    match result {
        Ok(()) => Answer::Done,
        Err(Fail::Errno(errno)) => Answer::Refused(errno),
        Err(Fail::Stop(stop)) => Answer::Ended(match *stop {
            Stop::Limit(limit) => return Answer::Limited(limit),
            Stop::Exit(code) => format!("exit {code}"),
            Stop::Trap(trap) => match trap.kind {
                TrapKind::Signal(signal) => format!("signal {signal}"),
                _ => trap.to_string(),
            },
            other => other.to_string(),
        }),
    }
}

/// Compares the type, flags, rights and cursor of every descriptor, and that no other is open.
fn same_descriptors(world: &mut World) -> Result<(), String> {
    let mut scratch = [0; 32];
    for fd in 0..=world.host.open.len() as u32 + 1 {
        let answer = make(world, &mut scratch, "fd_fdstat_get", &[u64::from(fd), 0]);
        match (world.host.get(fd), answer) {
            (None, Answer::Refused(afmpeg_wasi::Errno::Badf)) => {}
            (Some(descriptor), Answer::Done) => {
                let expected = host::fdstat(descriptor);
                if scratch[..24] != expected {
                    let is = &scratch[..24];
                    return Err(format!("descriptor {fd} is {is:x?} and not {expected:x?}"));
                }
            }
            (model, answer) => {
                return Err(format!("descriptor {fd} is {answer:?} and not {model:?}"));
            }
        }
    }
    Ok(())
}
