//! Runs inputs one by one, and makes one that fails smaller.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use crate::targets::Target;

thread_local! {
    static MESSAGE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs an input and returns what it panicked with, if it did. The panic is not printed once
/// [`quiet`] was called.
///
/// # Errors
///
/// The message of the panic.
pub fn attempt(target: &Target, input: &[u8]) -> Result<(), String> {
    let done = panic::catch_unwind(AssertUnwindSafe(|| target.run(input)));
    done.map_err(|payload| {
        let noted = MESSAGE.with(RefCell::take);
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| {
            payload
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
        });
        if noted.is_empty() {
            text.unwrap_or_default()
        } else {
            noted
        }
    })
}

/// Keeps panics from being printed: they are returned by [`attempt`], with their place.
pub fn quiet() {
    panic::set_hook(Box::new(|info| {
        MESSAGE.with(|message| *message.borrow_mut() = info.to_string());
    }));
}

/// The inputs in a directory, by file name. One that is not there has none.
///
/// # Errors
///
/// When it cannot be read.
pub fn corpus(dir: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut inputs = Vec::new();
    if !dir.is_dir() {
        return Ok(inputs);
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_file() {
            inputs.push((path.clone(), fs::read(path)?));
        }
    }
    inputs.sort();
    Ok(inputs)
}

/// Makes an input that fails smaller: pieces are left out for as long as it still fails.
#[must_use]
pub fn reduce(target: &Target, input: &[u8]) -> Vec<u8> {
    let fails = |input: &[u8]| attempt(target, input).is_err();
    let mut smallest = input.to_vec();
    let mut piece = smallest.len().div_ceil(2).max(1);
    while piece > 0 {
        let mut at = 0;
        while at < smallest.len() {
            let end = (at + piece).min(smallest.len());
            let shorter = [&smallest[..at], &smallest[end..]].concat();
            if fails(&shorter) {
                smallest = shorter;
            } else {
                at = end;
            }
        }
        piece /= 2;
    }
    for at in 0..smallest.len() {
        let old = std::mem::take(&mut smallest[at]);
        if old != 0 && !fails(&smallest) {
            smallest[at] = old;
        }
    }
    smallest
}
