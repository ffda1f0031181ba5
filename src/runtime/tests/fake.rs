//! Small guests that stand in for an engine and do one thing wrong, or right.

use std::fmt::Write;

use crate::{Engine, Runtime};

/// The answer of an engine that speaks the current vocabulary.
pub(crate) const CURRENT: &str = r#"{"vocab_version":10,"ffmpeg_version":"n9.0.2","kernels":0}"#;

/// A guest in the making: what it does with a job, one step after the other.
///
/// It tells the question for its vocabulary from a job by the length of its arguments.
pub(crate) struct Fake {
    /// Custom sections.
    sections: String,
    texts: String,
    next: usize,
    steps: String,
}

/// Where the first text lies; below are the structures of the host calls.
const TEXTS: usize = 1024;

impl Fake {
    pub(crate) fn new(vocabulary: &str) -> Self {
        let mut fake = Self {
            sections: String::new(),
            texts: String::new(),
            next: TEXTS,
            steps: String::new(),
        };
        let (at, len) = fake.text(vocabulary);
        // The name, the question, and a NUL after each.
        let asked = "ffmpeg-wasi".len() + r#"{"op":"version"}"#.len() + 2;
        fake.step(&format!(
            "(drop (call $args_sizes_get (i32.const 16) (i32.const 20)))
             (if (i32.eq (i32.load (i32.const 20)) (i32.const {asked}))
               (then (call $write (i32.const 1) (i32.const {at}) (i32.const {len})) (return)))"
        ));
        fake
    }

    /// Instructions that come first, also when it is asked for its vocabulary.
    pub(crate) fn before(mut self, wat: &str) -> Self {
        self.steps.insert_str(0, &format!("{wat}\n"));
        self
    }

    /// A custom section with this text.
    pub(crate) fn carrying(mut self, name: &str, text: &str) -> Self {
        let _ = writeln!(self.sections, "(@custom {name:?} \"{}\")", escaped(text));
        self
    }

    /// Instructions in the text format.
    pub(crate) fn step(&mut self, wat: &str) {
        self.steps.push_str(wat);
        self.steps.push('\n');
    }

    pub(crate) fn doing(mut self, wat: &str) -> Self {
        self.step(wat);
        self
    }

    pub(crate) fn prints(self, text: &str) -> Self {
        self.writes_to(1, text)
    }

    pub(crate) fn logs(self, text: &str) -> Self {
        self.writes_to(2, text)
    }

    fn writes_to(mut self, fd: u32, text: &str) -> Self {
        let (at, len) = self.text(text);
        self.step(&format!(
            "(call $write (i32.const {fd}) (i32.const {at}) (i32.const {len}))"
        ));
        self
    }

    /// Creates a file, without a leading slash, with these contents. Failures are overlooked.
    pub(crate) fn creates(mut self, path: &str, content: &str) -> Self {
        let ((path, path_len), (at, len)) = (self.text(path), self.text(content));
        self.step(&format!(
            "(call $create (i32.const {path}) (i32.const {path_len}))
             (call $write (i32.load (i32.const 24)) (i32.const {at}) (i32.const {len}))"
        ));
        self
    }

    pub(crate) fn exits(self, code: u32) -> Self {
        self.doing(&format!("(call $proc_exit (i32.const {code}))"))
    }

    pub(crate) fn runtime(self) -> Runtime {
        let wat = format!(
            r#"(module
  {sections}
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 4)
  {texts}
  ;; Writes, with what it says to be written ignored.
  (func $write (param $fd i32) (param $at i32) (param $len i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $len))
    (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
  ;; Opens a file to be written from its beginning; the descriptor is put at 24.
  (func $create (param $at i32) (param $len i32)
    (drop (call $path_open (i32.const 3) (i32.const 0) (local.get $at) (local.get $len)
      (i32.const 9) (i64.const 0x40) (i64.const 0) (i32.const 0) (i32.const 24))))
  (func (export "_start")
    {steps}))"#,
            sections = self.sections,
            texts = self.texts,
            steps = self.steps
        );
        let module = wat::parse_str(&wat).expect("the guest is well formed");
        let engine = Engine::from_bytes(module).expect("a small module is taken");
        Runtime::new(engine).expect("the guest can be loaded")
    }

    fn text(&mut self, text: &str) -> (usize, usize) {
        let at = self.next;
        self.next += text.len();
        let _ = writeln!(self.texts, "(data (i32.const {at}) \"{}\")", escaped(text));
        (at, text.len())
    }
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        let _ = write!(escaped, "\\{byte:02x}");
        escaped
    })
}
