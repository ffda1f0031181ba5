//! Calls from choices: every parameter by its name in the table. One call in four is hostile: some of its
//! values are at the edges of their ranges, or beyond. The others mostly do something, so that there is
//! something to be hostile to.

use afmpeg_wasi::Rights;

use super::call::{Call, SYSCALLS, Syscall};
use crate::choices::Choices;
use crate::paths;

/// Where things are put in guest memory, if it is large enough.
const LISTS: u32 = 0x100;
const TEXTS: [u32; 2] = [0x400, 0x800];
const DATA: u32 = 0x1000;

/// Calls that most others need before they do anything.
const OFTEN: [&str; 12] = [
    "path_open",
    "path_open",
    "path_open",
    "fd_write",
    "fd_write",
    "fd_read",
    "path_rename",
    "path_create_directory",
    "path_unlink_file",
    "fd_readdir",
    "path_symlink",
    "path_link",
];

/// What a guest knows that wants its calls to do something: descriptors that are open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints {
    /// Directories, those first that it was given.
    pub(crate) dirs: Vec<u32>,
    /// Files.
    pub(crate) files: Vec<u32>,
    /// Every other write is text, on the standard output or error: there is a limit to be met.
    pub(crate) prints: bool,
}

/// The next call of a guest with so much memory.
pub(crate) fn call(choices: &mut Choices<'_>, memory: u32, hints: &Hints) -> Call {
    let mut syscall = &SYSCALLS[choices.index(SYSCALLS.len())];
    let is_small = ["args", "environ", "clock", "sock", "proc", "sched"]
        .iter()
        .any(|family| syscall.name.starts_with(family));
    // Few mistakes are made in the small ones, and most need a file.
    if is_small && choices.below(3) < 2 {
        syscall = find(choices.pick(&OFTEN));
    }
    if hints.files.is_empty() && syscall.name.starts_with("fd_") && choices.below(3) < 2 {
        syscall = find("path_open");
    }
    let hostile = choices.once_in(4);
    let mut writer = Writer {
        choices,
        memory,
        hints,
        hostile,
        pokes: Vec::new(),
        len: 0,
        texts: 0,
        outs: 0,
    };
    let values = syscall
        .params
        .iter()
        .map(|param| writer.value(syscall.name, param))
        .collect();
    Call {
        syscall,
        values,
        pokes: writer.pokes,
    }
}

fn find(name: &str) -> &'static Syscall {
    let found = SYSCALLS.iter().find(|syscall| syscall.name == name);
    found.expect("the list names syscalls of the table")
}

struct Writer<'a, 'b> {
    choices: &'a mut Choices<'b>,
    memory: u32,
    hints: &'a Hints,
    hostile: bool,
    pokes: Vec<(u32, Vec<u8>)>,
    /// The length of what the last pointer points at.
    len: u32,
    texts: usize,
    outs: u32,
}

impl Writer<'_, '_> {
    fn value(&mut self, syscall: &str, param: &str) -> u64 {
        match param {
            "fd" | "old_fd" | "new_fd" | "to" => u64::from(self.fd(syscall)),
            "path" if syscall == "fd_prestat_dir_name" => self.buffer(),
            "path" | "old_path" | "new_path" => self.text(),
            "iovs" | "data" => self.buffers(),
            "subscriptions" => self.subscriptions(),
            "buf" => self.buffer(),
            "path_len" | "old_path_len" | "new_path_len" | "iovs_len" | "data_len" | "buf_len"
            | "nsubscriptions" => self.length(),
            "argv" | "argv_buf" | "environ" | "environ_buf" | "events" => self.area(),
            "flags" | "dirflags" | "old_flags" if syscall.starts_with("path_") => {
                self.small(&[0, 1], &[2, 3])
            }
            "flags" | "fdflags" => self.small(&[0, 0, 0, 0, 1, 2, 8, 16], &[4, 31, 32, 64]),
            "oflags" => self.small(&[0, 1, 1, 1, 2, 2, 5, 8, 9], &[3, 4, 10, 13, 15, 16]),
            "fst_flags" => self.small(&[1, 2, 4, 8, 5, 10], &[0, 3, 12, 15, 16]),
            "whence" => self.small(&[0, 1, 2], &[3, 255]),
            "advice" => self.small(&[0, 1, 2, 3, 4, 5], &[6]),
            "id" => self.small(&[0, 1, 2, 3], &[4]),
            "signal" => self.small(&[0, 1, 9, 15, 16, 17, 22, 27, 30], &[31]),
            "how" | "code" => self.small(&[0, 1, 2], &[u64::MAX]),
            "rights" | "inheriting" => self.rights(syscall),
            "cookie" => self.small(
                &[0, 0, 0, 1, 2, 3, 4, 5, 6],
                &[1 << 62, i64::MAX.cast_unsigned(), u64::MAX],
            ),
            "offset" | "len" | "size" => self.offset(),
            "atim" | "mtim" | "precision" => {
                self.small(&[0, 1, 1_577_836_800_000_000_000], &[u64::MAX])
            }
            out if out.ends_with("_out") => self.out(),
            other => unreachable!("no values for the parameter {other} of {syscall}"),
        }
    }

    /// Whether the value that is asked for is an odd one.
    fn is_odd(&mut self) -> bool {
        self.hostile && self.choices.once_in(3)
    }

    /// One of the sound values, or of the odd ones, or any.
    fn small(&mut self, sound: &[u64], odd: &[u64]) -> u64 {
        if !self.is_odd() {
            return self.choices.pick(sound);
        }
        if self.choices.once_in(8) {
            return self.choices.any();
        }
        self.choices.pick(odd)
    }

    fn fd(&mut self, syscall: &str) -> u32 {
        if self.is_odd() {
            return match self.choices.below(3) {
                0 => self.edge(),
                _ => self.choices.below(14) as u32,
            };
        }
        if self.hints.prints && syscall == "fd_write" && self.choices.below(2) == 0 {
            return self.choices.pick(&[1, 2]);
        }
        let (dirs, files) = (&self.hints.dirs, &self.hints.files);
        // The first two directories are kept, or there would soon be nothing to work in.
        let spare = match syscall {
            "fd_close" | "fd_renumber" => dirs.get(2..).unwrap_or_default(),
            _ => dirs,
        };
        let (first, second) = if syscall.starts_with("path_") || syscall == "fd_readdir" {
            (dirs.as_slice(), dirs.as_slice())
        } else {
            (files.as_slice(), spare)
        };
        let list = if self.choices.below(4) < 3 {
            first
        } else {
            second
        };
        match list {
            [] => self.choices.below(8) as u32,
            // The directory that can be changed is the one in which most happens.
            [root, ..] if list.len() == dirs.len() && self.choices.below(2) == 0 => *root,
            list => self.choices.pick(list),
        }
    }

    /// An address or length at which something could go wrong.
    fn edge(&mut self) -> u32 {
        let memory = self.memory;
        let around = [0, 1, 3, 4, 7, 8, 23, 24, 25, 63, 64];
        match self.choices.below(8) {
            0 => memory,
            1 => memory.wrapping_add(1),
            2 | 3 => memory.wrapping_sub(self.choices.pick(&around)),
            4 => u32::MAX - self.choices.pick(&around),
            5 => 1 << 31,
            6 => self.choices.pick(&around),
            _ => self.choices.any() as u32,
        }
    }

    fn out(&mut self) -> u64 {
        if self.is_odd() {
            return u64::from(self.edge());
        }
        self.outs += 1;
        u64::from(8 * self.outs)
    }

    /// Room for a larger result.
    fn area(&mut self) -> u64 {
        if self.is_odd() {
            return u64::from(self.edge());
        }
        self.outs += 1;
        u64::from(DATA + 0x400 * self.outs)
    }

    fn length(&mut self) -> u64 {
        if self.is_odd() {
            return u64::from(self.edge());
        }
        u64::from(self.len)
    }

    fn buffer(&mut self) -> u64 {
        self.len = match self.choices.below(8) {
            0 if self.hostile => self.edge(),
            1 => self.choices.pick(&[0, 1, 23, 24, 25, 26, 47, 48, 49]),
            _ => self.choices.pick(&[64, 200, 1_000, 4_000]),
        };
        if self.is_odd() {
            return u64::from(self.edge());
        }
        u64::from(DATA)
    }

    fn text(&mut self) -> u64 {
        let text = paths::path(self.choices, self.hostile);
        self.len = text.len() as u32;
        // A long one needs the room behind everything else.
        let at = match text.len() {
            0..=0x400 => TEXTS[self.texts % 2],
            _ => DATA + 0x1000,
        };
        self.texts += 1;
        self.pokes.push((at, text));
        if self.is_odd() {
            return u64::from(self.edge());
        }
        u64::from(at)
    }

    /// A list of buffers. They may overlap each other and the list.
    fn buffers(&mut self) -> u64 {
        let mut list: Vec<[u32; 2]> = Vec::new();
        match self.choices.below(24) {
            0 if self.hostile => list = vec![[DATA, 1]; self.choices.pick(&[1_024, 1_025])],
            1 => list = vec![[DATA, 0]; 1_000],
            _ => {
                for _ in 0..self.choices.pick(&[1, 1, 2, 3, 4, 0]) {
                    let ptr = match self.choices.below(12) {
                        0 if self.hostile => self.edge(),
                        1 => LISTS,
                        2 => 0,
                        _ => DATA + self.choices.pick(&[0, 8, 100, 1_000, 4_000]),
                    };
                    let len = match self.choices.below(16) {
                        0 if self.hostile => self.edge(),
                        1 => 0,
                        _ => self.choices.pick(&[1, 2, 7, 64, 65, 500, 3_000]),
                    };
                    list.push([ptr, len]);
                }
            }
        }
        let bytes: Vec<u8> = list
            .iter()
            .flatten()
            .flat_map(|half| half.to_le_bytes())
            .collect();
        self.len = list.len() as u32;
        let at = if list.len() > 90 { DATA } else { LISTS };
        self.pokes.push((at, bytes));
        // Something to write.
        let data = self.choices.bytes(600);
        self.pokes.push((DATA + 0x2800, data));
        if self.is_odd() {
            return u64::from(self.edge());
        }
        u64::from(at)
    }

    fn subscriptions(&mut self) -> u64 {
        let mut bytes = Vec::new();
        let count = match self.choices.below(16) {
            0 => 0,
            1 => 80,
            _ => 1 + self.choices.below(4),
        };
        for number in 0..count {
            let mut raw = [0; 48];
            raw[..8].copy_from_slice(&(number / 2).to_le_bytes());
            raw[8] = self.small(&[0, 1, 2], &[3, 255]) as u8;
            if raw[8] == 0 {
                let id = self.small(&[0, 1, 2, 3], &[4]) as u32;
                raw[16..20].copy_from_slice(&id.to_le_bytes());
                let timeout = self.small(
                    &[0, 1, 1_000, 1_577_836_800_000_000_100],
                    &[1 << 40, u64::MAX],
                );
                raw[24..32].copy_from_slice(&timeout.to_le_bytes());
                raw[40..42].copy_from_slice(&(self.small(&[0, 0, 1], &[2]) as u16).to_le_bytes());
            } else {
                let fd = self.fd("poll_oneoff");
                raw[16..20].copy_from_slice(&fd.to_le_bytes());
            }
            bytes.extend(raw);
        }
        self.len = count as u32;
        let at = if self.choices.once_in(8) {
            DATA
        } else {
            DATA + 0x1000
        };
        self.pokes.push((at, bytes));
        if self.is_odd() {
            return u64::from(self.edge());
        }
        u64::from(at)
    }

    fn rights(&mut self, syscall: &str) -> u64 {
        if syscall == "fd_fdstat_set_rights" && !self.hostile {
            // Fewer than a file or directory has, if it has all.
            let one = 1 << self.choices.below(28);
            return self
                .choices
                .pick(&[Rights::FILE.0, Rights::DIR.0, Rights::NONE.0])
                & !one;
        }
        match self.choices.below(12) {
            0 if self.hostile => self.choices.any(),
            1 if self.hostile => 0,
            2 if self.hostile => u64::MAX,
            3 => Rights::FD_READ.0 | Rights::FD_SEEK.0,
            4 => Rights::ALL.0 & !(1 << self.choices.below(28)),
            5 => Rights::ALL.0 & !Rights::CHANGE.0,
            6 => Rights::DIR.0,
            _ => Rights::ALL.0,
        }
    }

    fn offset(&mut self) -> u64 {
        let kind = self.choices.below(16);
        if kind < 5 && !self.hostile {
            return self.choices.below(200);
        }
        match kind {
            0 => self.choices.any(),
            1 => u64::MAX - self.choices.below(200),
            2 => i64::MAX.cast_unsigned() - self.choices.below(3),
            3 => (i64::MAX.cast_unsigned() + 1) + self.choices.below(3),
            4 => (1 << 40) - self.choices.below(300),
            5 => (1 << 62) + self.choices.below(2),
            6 => 65_536 - self.choices.below(100),
            7 => self.choices.below(1 << 20),
            _ => self.choices.below(300),
        }
    }
}
