//! The syscalls over a plain vector of memory and a `MemFs`: no engine involved.

mod dirs;
mod faults;
mod files;
mod guest;
mod misc;
mod names;
mod witx;
