//! A job on a `MemFs` makes no file-system system call: the kernel is asked to kill the process at the
//! first one, from the start of the job to its end.
//!
//! The test binary starts itself again for each case, since a system-call filter cannot be taken off.
#![cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]

#[allow(
    dead_code,
    reason = "each test binary uses a part of the shared support"
)]
mod support;

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output as ChildOutput};
use std::thread;

use afmpeg::{FramesJob, Input, Job, Output, Select};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

use support::{fs_with, read, runtime};

/// Which case a child is to run.
const CASE: &str = "AFMPEG_NO_HOST_ACCESS_CASE";

/// What a child says when it came to its end.
const DONE: &str = "the case came to its end";

/// The number of the signal SIGSYS.
const SIGSYS: i32 = 31;

#[test]
fn a_transcode_and_a_thumbnail_touch_no_file_of_the_host() {
    let child = run_case("job");
    let (out, err) = (text(&child.stdout), text(&child.stderr));
    assert!(
        child.status.success() && out.contains(DONE),
        "{}\n{out}\n{err}",
        child.status
    );
}

#[test]
fn the_filter_kills_at_one_look_at_a_file() {
    for case in ["metadata", "open", "socket"] {
        let child = run_case(case);
        assert_eq!(
            child.status.signal(),
            Some(SIGSYS),
            "{case}: {}",
            child.status
        );
        assert!(
            !text(&child.stdout).contains(DONE),
            "{case} was not stopped"
        );
    }
}

/// The body of the children; does nothing in an ordinary run of the tests.
#[test]
fn child() {
    let Ok(case) = std::env::var(CASE) else {
        return;
    };
    // Everything that reads the host happens before the job: the engine and the fixtures.
    let fs = fs_with(&["bbb_180_bframes_subs.mkv"]);
    if case == "job" {
        runtime();
    }
    // The filter holds for the thread that installs it and the threads that it starts.
    thread::spawn(move || {
        seccompiler::apply_filter(&filter()).expect("the kernel takes the filter");
        match case.as_str() {
            "job" => job(&fs),
            "metadata" => drop(std::fs::metadata("/")),
            "open" => drop(std::fs::File::open("/dev/null")),
            "socket" => drop(std::net::UdpSocket::bind("127.0.0.1:0")),
            other => panic!("unknown case {other}"),
        }
        println!("{DONE}");
    })
    .join()
    .expect("the case does not panic");
}

fn job(fs: &afmpeg::MemFs) {
    let job = Job::new()
        .input(Input::file("/bbb_180_bframes_subs.mkv"))
        .filter("[0:v]scale=160:90[v];[0:a]anull[a]")
        .output(
            Output::file("/out.mkv")
                .map("[v]")
                .map("[a]")
                .video_codec("libopenh264")
                .audio_codec("aac")
                .duration(1.0),
        );
    runtime().process(fs, &job).expect("the transcode is done");
    assert_eq!(
        support::mkv::Parsed::new(&read(fs, "/out.mkv")).tracks[0]
            .packets
            .len(),
        25
    );
    let frames = FramesJob::new(
        "/bbb_180_bframes_subs.mkv",
        "/thumb.png",
        Select::Timestamp(1.5),
    );
    runtime()
        .frames(fs, &frames)
        .expect("the thumbnail is taken");
    assert_eq!(
        support::image::Picture::png(&read(fs, "/thumb.png")).width,
        320
    );
}

fn run_case(case: &str) -> ChildOutput {
    Command::new(std::env::current_exe().expect("a test knows its own program"))
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(CASE, case)
        // glibc reads a file of /proc when it gives back memory of a second arena: that is the
        // allocator of the test program, not the job.
        .env("MALLOC_ARENA_MAX", "1")
        .env("AFMPEG_ENGINE", support::engine_path())
        .output()
        .expect("the test program starts again")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Allows everything but the system calls that name, list, make or change files, start programs, or
/// open sockets.
fn filter() -> BpfProgram {
    let mut calls = vec![
        libc::SYS_openat,
        libc::SYS_openat2,
        libc::SYS_statx,
        libc::SYS_newfstatat,
        libc::SYS_faccessat,
        libc::SYS_faccessat2,
        libc::SYS_readlinkat,
        libc::SYS_unlinkat,
        libc::SYS_renameat,
        libc::SYS_renameat2,
        libc::SYS_mkdirat,
        libc::SYS_mknodat,
        libc::SYS_linkat,
        libc::SYS_symlinkat,
        libc::SYS_fchmodat,
        libc::SYS_fchownat,
        libc::SYS_utimensat,
        libc::SYS_truncate,
        libc::SYS_ftruncate,
        libc::SYS_fallocate,
        libc::SYS_getdents64,
        libc::SYS_chdir,
        libc::SYS_fchdir,
        libc::SYS_chroot,
        libc::SYS_getcwd,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_statfs,
        libc::SYS_fstatfs,
        libc::SYS_memfd_create,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_name_to_handle_at,
        libc::SYS_open_by_handle_at,
        libc::SYS_inotify_init1,
        libc::SYS_io_uring_setup,
        libc::SYS_setxattr,
        libc::SYS_getxattr,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
    ];
    #[cfg(target_arch = "x86_64")]
    calls.extend([
        libc::SYS_open,
        libc::SYS_stat,
        libc::SYS_lstat,
        libc::SYS_fstat,
        libc::SYS_access,
        libc::SYS_readlink,
        libc::SYS_unlink,
        libc::SYS_rename,
        libc::SYS_mkdir,
        libc::SYS_rmdir,
        libc::SYS_creat,
        libc::SYS_link,
        libc::SYS_symlink,
        libc::SYS_chmod,
        libc::SYS_chown,
        libc::SYS_mknod,
        libc::SYS_getdents,
        libc::SYS_utime,
        libc::SYS_utimes,
        libc::SYS_fork,
        libc::SYS_vfork,
    ]);
    let rules: BTreeMap<i64, Vec<seccompiler::SeccompRule>> =
        calls.into_iter().map(|call| (call, Vec::new())).collect();
    let arch =
        TargetArch::try_from(std::env::consts::ARCH).expect("an architecture of the cfg above");
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::KillProcess,
        arch,
    );
    filter
        .and_then(BpfProgram::try_from)
        .expect("the list is a valid filter")
}
