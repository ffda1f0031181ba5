//! The C functions that kernels stand in for, compiled for this machine: a program that calls them on the data
//! that it is given (`engine/kernel-tests/native`). `cargo xtask kernel-bench` builds it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::arena::{ARENA, Arena};

/// The running program.
pub(crate) struct Native {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// The guest's contexts, in the order in which both have them.
    contexts: Vec<u32>,
}

impl Native {
    /// The program that the environment names; `None` when it names none.
    pub(crate) fn start(contexts: Vec<u32>) -> Option<Self> {
        let path = std::env::var_os("AFMPEG_KERNEL_NATIVE")?;
        let mut child = Command::new(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program was built for this machine");
        let (input, output) = (child.stdin.take(), child.stdout.take());
        Some(Self {
            input: input.expect("it is a pipe"),
            output: BufReader::new(output.expect("it is a pipe")),
            child,
            contexts,
        })
    }

    /// Gives the program the data of the next calls.
    pub(crate) fn fill(&mut self, arena: &Arena) {
        self.say(&format!("arena {}", arena.data.len()));
        self.input.write_all(&arena.data).expect("it reads");
        for (_, addresses) in &arena.pointers {
            let offsets: String = addresses
                .iter()
                .map(|address| format!(" {}", address - arena.base))
                .collect();
            self.say(&format!("pointers{offsets}"));
        }
    }

    /// How long `count` calls of the function of a slot take; `None` when the native libraries have no such
    /// function, or it crashes on these arguments.
    pub(crate) fn time(
        &mut self,
        slot: u32,
        signature: &str,
        words: &[u64],
        arena: &Arena,
        count: u64,
    ) -> Option<Duration> {
        let mut line = format!("time {slot} {count}");
        for (letter, word) in signature.chars().zip(words) {
            line.push(' ');
            line.push_str(&self.argument(letter, *word, arena));
        }
        self.say(&line);
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("it answers");
        if answer.is_empty() {
            // It crashed on these arguments.
            *self = Self::start(self.contexts.clone())?;
            return None;
        }
        answer.trim().parse().ok().map(Duration::from_nanos)
    }

    /// The arena as the calls left it.
    pub(crate) fn arena(&mut self) -> Vec<u8> {
        self.say("read");
        let mut bytes = vec![0; ARENA];
        self.output.read_exact(&mut bytes).expect("it answers");
        bytes
    }

    /// An argument as the program reads it. A number of 32 bits that lies in the arena is an address.
    fn argument(&self, letter: char, word: u64, arena: &Arena) -> String {
        let small = word as u32;
        if letter != 'i' {
            let kind = if letter == 'l' { 'n' } else { 'f' };
            return format!("{kind}{word}");
        }
        let array = arena.pointers.iter().position(|(at, _)| *at == small);
        let context = self.contexts.iter().position(|at| *at != 0 && *at == small);
        let offset = small.wrapping_sub(arena.base);
        match (array, context) {
            (Some(array), _) => format!("p{array}"),
            (_, Some(context)) => format!("c{context}"),
            _ if offset as usize <= ARENA => format!("a{offset}"),
            // With its sign, for functions whose parameter has 64 bits here.
            _ => format!("n{}", i64::from(small.cast_signed()).cast_unsigned()),
        }
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").expect("the program runs");
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
