//! Reading, writing, seeking, sizes, rights.

use super::guest::*;
use crate::control::CancelToken;
use crate::errno::Errno;
use crate::fd::Rights;
use crate::limits::LimitKind;
use crate::mem::GuestMem;
use crate::preview1::fd;
use crate::stop::{Fail, Stop};
use crate::vfs::{File, FileType, MemFs, Mount, Stat, Vfs, VfsResult};

#[test]
fn d5_a_write_replaces_bytes_and_a_seek_past_the_end_leaves_a_hole() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREATE, true).expect("a new file");
    assert_eq!(guest.write(fd, b"hello world"), Ok(11));
    assert_eq!(guest.seek(fd, 6, 0), Ok(6));
    assert_eq!(guest.write(fd, b"WORLD"), Ok(5));
    assert_eq!(guest.seek(fd, 4, 1), Ok(15));
    assert_eq!(guest.write(fd, b"!"), Ok(1));
    assert_eq!(guest.seek(fd, -1, 2), Ok(15));
    assert_eq!(guest.read(fd, 10), Ok(b"!".to_vec()));
    assert_eq!(guest.read(fd, 10), Ok(vec![]));
    assert_eq!(guest.seek(fd, 0, 0), Ok(0));
    assert_eq!(guest.read(fd, 100), Ok(b"hello WORLD\0\0\0\0!".to_vec()));
    assert_eq!(guest.wasi.bytes_read(), 17);
    assert_eq!(guest.wasi.bytes_written(), 17);
}

#[test]
fn d5_impossible_offsets_are_errnos_and_move_nothing() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREATE, true).expect("a new file");
    assert_eq!(guest.write(fd, b"0123456789"), Ok(10));
    for (offset, whence) in [
        (i64::MIN, 0),
        (i64::MIN, 1),
        (i64::MIN, 2),
        (-1, 0),
        (-11, 1),
        (-11, 2),
        (i64::MAX, 1),
        (i64::MAX, 2),
        (0, 3),
        (0, 255),
        (0, u32::MAX),
    ] {
        assert_eq!(
            guest.seek(fd, offset, whence),
            Err(Errno::Inval),
            "{offset} from {whence}"
        );
    }
    assert_eq!(guest.seek(fd, 0, 1), Ok(10));
    assert_eq!(guest.seek(fd, i64::MAX, 0), Ok(i64::MAX as u64));
    assert_eq!(guest.read(fd, 10), Ok(vec![]));
    let far = guest.write(fd, b"x");
    assert!(matches!(far, Err(Errno::Fbig | Errno::Nospc)), "{far:?}");
    assert_eq!(guest.seek(fd, 1 << 62, 0), Ok(1 << 62));
    let far = guest.write(fd, b"x");
    assert!(matches!(far, Err(Errno::Fbig | Errno::Nospc)), "{far:?}");
    assert!(guest.wasi.storage_error().is_some());
    assert_eq!(guest.fs.stat("/f").map(|stat| stat.size), Ok(10));

    let (list, count) = guest.list(&[(DATA, 4)]);
    for offset in [u64::MAX, 1 << 63] {
        let read = guest.call(|w, m| fd::fd_pread(w, m, fd, list, count, offset, RESULT));
        assert_eq!(read, Errno::Inval);
        let write = guest.call(|w, m| fd::fd_pwrite(w, m, fd, list, count, offset, RESULT));
        assert_eq!(write, Errno::Inval);
        let size = guest.call(|w, m| fd::fd_filestat_set_size(w, m, fd, offset));
        assert_eq!(size, Errno::Inval);
    }
    let allocate =
        |guest: &mut Guest, offset, len| guest.call(|w, m| fd::fd_allocate(w, m, fd, offset, len));
    assert_eq!(allocate(&mut guest, u64::MAX, 1), Errno::Inval);
    assert_eq!(allocate(&mut guest, 1 << 62, 1 << 62), Errno::Inval);
    assert_eq!(allocate(&mut guest, 0, 0), Errno::Inval);
    assert_eq!(allocate(&mut guest, 0, 20), Errno::Success);
    assert_eq!(guest.fs.stat("/f").map(|stat| stat.size), Ok(20));
}

#[test]
fn d5_streams_and_directories_have_no_cursor() {
    let mut guest = Guest::new();
    for fd in 0..3 {
        assert_eq!(guest.seek(fd, 0, 0), Err(Errno::Spipe));
        let tell = guest.call(|w, m| fd::fd_tell(w, m, fd, RESULT));
        assert_eq!(tell, Errno::Spipe);
        let (list, count) = guest.list(&[(DATA, 1)]);
        let read = guest.call(|w, m| fd::fd_pread(w, m, fd, list, count, 0, RESULT));
        assert_eq!(read, Errno::Spipe);
    }
    assert_eq!(guest.seek(3, 0, 0), Err(Errno::Badf));
    assert_eq!(guest.read(3, 1), Err(Errno::Badf));
    assert_eq!(guest.write(3, b"x"), Err(Errno::Badf));
    assert_eq!(guest.read(1, 1), Err(Errno::Badf));
    assert_eq!(guest.write(0, b"x"), Err(Errno::Badf));
    assert_eq!(guest.read(99, 1), Err(Errno::Badf));
    assert_eq!(guest.read(u32::MAX, 1), Err(Errno::Badf));
}

#[test]
fn an_appending_descriptor_writes_at_the_end_and_its_cursor_follows() {
    let mut guest = Guest::new();
    guest.fs.write("/f", b"abc").expect("a new file");
    let fd = guest
        .open_at(3, "f", 1, 0, Rights::ALL.0, 1)
        .expect("it exists");
    assert_eq!(guest.write(fd, b"def"), Ok(3));
    let tell = guest.call(|w, m| fd::fd_tell(w, m, fd, RESULT));
    assert_eq!((tell, guest.u64_at(RESULT)), (Errno::Success, 6));
    assert_eq!(guest.seek(fd, 0, 0), Ok(0));
    assert_eq!(guest.write(fd, b"g"), Ok(1));
    assert_eq!(guest.fs.read("/f"), Ok(b"abcdefg".to_vec()));
    // Without the flag, writes go where the cursor is.
    let flags = guest.call(|w, m| fd::fd_fdstat_set_flags(w, m, fd, 0));
    assert_eq!(flags, Errno::Success);
    assert_eq!(guest.seek(fd, 1, 0), Ok(1));
    assert_eq!(guest.write(fd, b"X"), Ok(1));
    assert_eq!(guest.fs.read("/f"), Ok(b"aXcdefg".to_vec()));
}

#[test]
fn d1_bad_pointers_are_faults_without_side_effects() {
    let mut guest = Guest::new();
    guest.fs.write("/f", b"0123456789").expect("a new file");
    let fd = guest.open("f", 0, true).expect("it exists");
    let cases: [&[(u32, u32)]; 5] = [
        &[(SIZE, 1)],
        &[(SIZE - 1, 2)],
        &[(u32::MAX, 1)],
        &[(1, u32::MAX)],
        // The first is good, the second is not: nothing of the first is done.
        &[(DATA, 4), (SIZE, 1)],
    ];
    for buffers in cases {
        let (list, count) = guest.list(buffers);
        let read = guest.call(|w, m| fd::fd_read(w, m, fd, list, count, RESULT));
        assert_eq!(read, Errno::Fault, "{buffers:?}");
        let write = guest.call(|w, m| fd::fd_write(w, m, fd, list, count, RESULT));
        assert_eq!(write, Errno::Fault, "{buffers:?}");
    }
    let (list, count) = guest.list(&[(DATA, 4)]);
    for result in [SIZE - 3, SIZE, u32::MAX] {
        let read = guest.call(|w, m| fd::fd_read(w, m, fd, list, count, result));
        assert_eq!(read, Errno::Fault);
        let write = guest.call(|w, m| fd::fd_write(w, m, fd, list, count, result));
        assert_eq!(write, Errno::Fault);
    }
    for list in [SIZE - 7, SIZE, u32::MAX] {
        let read = guest.call(|w, m| fd::fd_read(w, m, fd, list, 1, RESULT));
        assert_eq!(read, Errno::Fault);
    }
    assert_eq!(guest.seek(fd, 0, 1), Ok(0), "the cursor never moved");
    assert_eq!(guest.fs.read("/f"), Ok(b"0123456789".to_vec()));
    // The last byte of memory can be used, at any alignment.
    let (list, count) = guest.list(&[(SIZE - 1, 1)]);
    let read = guest.call(|w, m| fd::fd_read(w, m, fd, list, count, 13));
    assert_eq!(read, Errno::Success);
    assert_eq!(
        (guest.u32_at(13), guest.bytes[SIZE as usize - 1]),
        (1, b'0')
    );
}

#[test]
fn d1_a_buffer_may_lie_over_its_own_list_and_over_the_result() {
    let mut guest = Guest::new();
    guest.fs.write("/f", [0xff; 64]).expect("a new file");
    let fd = guest.open("f", 0, false).expect("it exists");
    let (list, count) = guest.list(&[(LIST, 16), (DATA, 16)]);
    let read = guest.call(|w, m| fd::fd_read(w, m, fd, list, count, LIST));
    assert_eq!(read, Errno::Success);
    assert_eq!(guest.u32_at(LIST), 32);
    assert_eq!(guest.array::<12>(LIST + 4), [0xff; 12]);
    assert_eq!(guest.array::<16>(DATA), [0xff; 16]);
}

#[test]
fn d2_counts_of_buffers_are_bounded() {
    let mut guest = Guest::new();
    guest.fs.write("/f", vec![7; 2_000]).expect("a new file");
    let fd = guest.open("f", 0, false).expect("it exists");
    let read =
        |guest: &mut Guest, count| guest.call(|w, m| fd::fd_read(w, m, fd, LIST, count, RESULT));
    assert_eq!(read(&mut guest, 0), Errno::Success);
    assert_eq!(guest.u32_at(RESULT), 0);
    guest.list(&vec![(DATA, 1); 1_024]);
    assert_eq!(read(&mut guest, 1_024), Errno::Success);
    assert_eq!(guest.u32_at(RESULT), 1_024);
    for count in [1_025, 1 << 28, 1 << 29, u32::MAX] {
        assert_eq!(read(&mut guest, count), Errno::Inval, "{count}");
    }
    // Buffers may overlap, and be longer together than memory.
    guest.list(&vec![(DATA, SIZE - DATA); 1_024]);
    assert_eq!(read(&mut guest, 1_024), Errno::Success);
    assert_eq!(guest.u32_at(RESULT), 976);
    guest.list(&vec![(DATA, 0); 1_000]);
    assert_eq!(read(&mut guest, 1_000), Errno::Success);
    assert_eq!(guest.u32_at(RESULT), 0);
}

#[test]
fn b3_rights_never_grow() {
    let mut guest = Guest::new();
    guest.fs.write("/f", b"abc").expect("a new file");
    let read_only = Rights::FD_READ.or(Rights::FD_SEEK);
    let fd = guest
        .open_at(3, "f", 1, 0, read_only.0 | 1 << 63, 0)
        .expect("it exists");
    let stat = guest.call(|w, m| fd::fd_fdstat_get(w, m, fd, RESULT));
    assert_eq!(stat, Errno::Success);
    assert_eq!(guest.u64_at(RESULT + 8), read_only.0);
    assert_eq!(guest.u64_at(RESULT + 16), 0);
    assert_eq!(guest.write(fd, b"x"), Err(Errno::Notcapable));
    let set = |guest: &mut Guest, fd, rights: Rights, inheriting| {
        guest.call(|w, m| fd::fd_fdstat_set_rights(w, m, fd, rights.0, inheriting))
    };
    for more in [
        Rights::FD_WRITE,
        Rights::ALL,
        Rights(u64::MAX),
        Rights(1 << 40),
    ] {
        let wanted = read_only.or(more);
        assert_eq!(set(&mut guest, fd, wanted, 0), Errno::Notcapable);
    }
    assert_eq!(set(&mut guest, fd, Rights::FD_SEEK, 0), Errno::Success);
    assert_eq!(guest.read(fd, 1), Err(Errno::Notcapable));
    assert_eq!(set(&mut guest, fd, read_only, 0), Errno::Notcapable);
    // What a directory does not pass on cannot be had below it.
    let passed = Rights::ALL.0 & !Rights::FD_WRITE.0;
    assert_eq!(set(&mut guest, 3, Rights::DIR, passed), Errno::Success);
    assert_eq!(guest.open("f", 0, true), Err(Errno::Notcapable));
    assert!(guest.open("f", 0, false).is_ok());
    assert_eq!(
        set(&mut guest, 3, Rights::PATH_OPEN, passed),
        Errno::Success
    );
    assert_eq!(guest.open("new", CREATE, false), Err(Errno::Notcapable));
    assert_eq!(guest.open("f", TRUNCATE, false), Err(Errno::Notcapable));
    assert_eq!(guest.fs.read("/f"), Ok(b"abc".to_vec()));
}

#[test]
fn b4_unknown_flags_and_advice_are_inval() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREATE, true).expect("a new file");
    for advice in [6, 255, u32::MAX] {
        let advise = guest.call(|w, m| fd::fd_advise(w, m, fd, 0, 0, advice));
        assert_eq!(advise, Errno::Inval);
    }
    let advise = guest.call(|w, m| fd::fd_advise(w, m, fd, 0, 100, 5));
    assert_eq!(advise, Errno::Success);
    for flags in [1 << 5, 1 << 16, u32::MAX] {
        let set = guest.call(|w, m| fd::fd_fdstat_set_flags(w, m, fd, flags));
        assert_eq!(set, Errno::Inval);
        let opened = guest.open_at(3, "f", 1, 0, 0, flags);
        assert_eq!(opened, Err(Errno::Inval));
    }
    assert_eq!(guest.open_at(3, "f", 2, 0, 0, 0), Err(Errno::Inval));
    assert_eq!(guest.open_at(3, "f", 1, 16, 0, 0), Err(Errno::Inval));
    for flags in [3, 12, 16] {
        let times = guest.call(|w, m| fd::fd_filestat_set_times(w, m, fd, 1, 2, flags));
        assert_eq!(times, Errno::Inval);
    }
    let times = guest.call(|w, m| fd::fd_filestat_set_times(w, m, fd, 1, 2, 5));
    assert_eq!(times, Errno::Success);
    let stat = guest.fs.stat("/f").expect("it exists");
    assert_eq!((stat.atim, stat.mtim), (1, 2));
}

#[test]
fn c2_numbers_are_reused_and_what_is_closed_is_gone() {
    let mut guest = Guest::new();
    guest.fs.write("/f", b"abc").expect("a new file");
    for fd in [0, 1, 2, 3] {
        assert_eq!(guest.close(fd), Errno::Success);
        assert_eq!(guest.close(fd), Errno::Badf);
    }
    assert_eq!(guest.open("f", 0, false), Err(Errno::Badf));
    assert_eq!(guest.write(1, b"x"), Err(Errno::Badf));
    assert_eq!(guest.close(u32::MAX), Errno::Badf);
}

#[test]
fn c3_the_budget_of_open_files_is_mfile_and_touches_nothing() {
    let mut guest = Guest::with_limits(|limits| limits.open_files = 6);
    guest.fs.write("/f", b"abc").expect("a new file");
    assert_eq!(guest.open("f", 0, false), Ok(4));
    assert_eq!(guest.open("f", 0, false), Ok(5));
    assert_eq!(guest.open("f", TRUNCATE, true), Err(Errno::Mfile));
    assert_eq!(guest.open("new", CREATE, true), Err(Errno::Mfile));
    assert_eq!(guest.fs.read("/f"), Ok(b"abc".to_vec()));
    assert!(!guest.fs.exists("/new"));
    assert_eq!(guest.close(4), Errno::Success);
    assert_eq!(guest.open("f", 0, false), Ok(4));
}

#[test]
fn c1_a_renumbered_descriptor_takes_its_cursor_and_rights_along() {
    let mut guest = Guest::new();
    guest.fs.write("/f", b"abcdef").expect("a new file");
    let fd = guest.open("f", 0, false).expect("it exists");
    assert_eq!(guest.read(fd, 2), Ok(b"ab".to_vec()));
    let renumber = |guest: &mut Guest, from, to| guest.call(|w, m| fd::fd_renumber(w, m, from, to));
    assert_eq!(renumber(&mut guest, fd, 99), Errno::Badf);
    assert_eq!(renumber(&mut guest, 99, fd), Errno::Badf);
    assert_eq!(renumber(&mut guest, fd, fd), Errno::Success);
    assert_eq!(renumber(&mut guest, fd, 0), Errno::Success);
    assert_eq!(guest.read(fd, 2), Err(Errno::Badf));
    assert_eq!(guest.read(0, 2), Ok(b"cd".to_vec()));
    // Over a preopen: it is a preopen no more.
    assert_eq!(renumber(&mut guest, 0, 3), Errno::Success);
    let prestat = guest.call(|w, m| fd::fd_prestat_get(w, m, 3, RESULT));
    assert_eq!(prestat, Errno::Badf);
    assert_eq!(guest.read(3, 2), Ok(b"ef".to_vec()));
}

#[test]
fn the_quota_of_the_filesystem_is_an_errno_and_is_remembered() {
    use crate::vfs::Quota;
    let quota = Quota {
        bytes: 100_000,
        ..Quota::default()
    };
    let fs = MemFs::with_quota(quota);
    let wasi = builder(&fs).build().expect("valid");
    let mut guest = Guest::over(fs, wasi);
    let fd = guest.open("f", CREATE, true).expect("a new file");
    let data = vec![1; 50_000];
    let mut errno = None;
    for _ in 0..3 {
        errno = guest.write(fd, &data).err().or(errno);
    }
    assert!(
        matches!(errno, Some(Errno::Nospc | Errno::Dquot)),
        "{errno:?}"
    );
    assert_eq!(guest.wasi.storage_error().map(|error| error.errno()), errno);
}

#[test]
fn the_budget_of_written_bytes_ends_the_run_before_the_write() {
    let mut guest = Guest::with_limits(|limits| limits.written_bytes = Some(10));
    let fd = guest.open("f", CREATE, true).expect("a new file");
    assert_eq!(guest.write(fd, b"0123456789"), Ok(10));
    guest.put(DATA, b"x");
    let (list, count) = guest.list(&[(DATA, 1)]);
    let mut mem = GuestMem::new(&mut guest.bytes);
    match fd::fd_write(&mut guest.wasi, &mut mem, fd, list, count, RESULT) {
        Err(Fail::Stop(stop)) => assert!(
            matches!(*stop, Stop::Limit(LimitKind::WrittenBytes)),
            "{stop}"
        ),
        other => panic!("over the budget: {other:?}"),
    }
    assert_eq!(guest.fs.stat("/f").map(|stat| stat.size), Ok(10));
}

fn stat_of_a_file() -> Stat {
    Stat {
        dev: 0,
        ino: 1,
        file_type: FileType::RegularFile,
        nlink: 1,
        size: 0,
        atim: 0,
        mtim: 0,
        ctim: 0,
    }
}

/// A backend may take a part of a write and then nothing: what it took must be told, or the guest
/// writes it twice.
#[test]
fn a_write_that_stops_half_way_tells_what_was_taken() {
    struct Three(std::sync::atomic::AtomicBool);
    impl File for Three {
        fn read_at(&self, _offset: u64, _buf: &mut [u8]) -> VfsResult<usize> {
            Ok(0)
        }
        fn len(&self) -> VfsResult<u64> {
            Ok(0)
        }
        fn stat(&self) -> VfsResult<Stat> {
            Ok(stat_of_a_file())
        }
        fn write_at(&self, _offset: u64, data: &[u8]) -> VfsResult<usize> {
            let used = self.0.swap(true, std::sync::atomic::Ordering::Relaxed);
            Ok(if used { 0 } else { data.len() })
        }
    }
    let tree = Mount::new()
        .file("/three", Three(false.into()))
        .expect("a path of one name");
    let wasi = crate::Wasi::builder()
        .preopen("/", tree.root())
        .bare_root()
        .build()
        .expect("the state is valid");
    let mut guest = Guest::over(MemFs::new(), wasi);
    let fd = guest.open("three", 0, true).expect("it is there");
    let (list, count) = guest.list(&[(DATA, 3), (DATA, 5)]);
    let errno = guest.call(|wasi, mem| fd::fd_write(wasi, mem, fd, list, count, RESULT));
    assert_eq!((errno, guest.u32_at(RESULT)), (Errno::Success, 3));
    assert_eq!(guest.wasi.bytes_written(), 3);
    assert_eq!(guest.wasi.storage_error(), None);
    assert_eq!(guest.write(fd, b"more"), Err(Errno::Io));
    let error = guest.wasi.storage_error().map(|error| error.errno());
    assert_eq!(error, Some(Errno::Io));
}

/// A file may have nothing yet: a read of it waits, and ends with the run.
#[test]
fn a_read_waits_for_a_file_that_has_nothing_yet() {
    struct Late(std::sync::atomic::AtomicU32, u32);
    impl File for Late {
        fn read_at(&self, _offset: u64, buf: &mut [u8]) -> VfsResult<usize> {
            let before = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if before < self.1 {
                return Err(Errno::Again.into());
            }
            buf.fill(b'x');
            Ok(buf.len())
        }
        fn len(&self) -> VfsResult<u64> {
            Ok(0)
        }
        fn stat(&self) -> VfsResult<Stat> {
            Ok(stat_of_a_file())
        }
    }
    let open = |after: u32, token: &CancelToken| {
        let tree = Mount::new()
            .file("/late", Late(0.into(), after))
            .expect("a path of one name");
        let wasi = crate::Wasi::builder()
            .preopen("/", tree.root())
            .bare_root()
            .cancel(token.clone())
            .build()
            .expect("the state is valid");
        let mut guest = Guest::over(MemFs::new(), wasi);
        let fd = guest.open("late", 0, false).expect("it is there");
        (guest, fd)
    };
    let token = CancelToken::new();
    let (mut guest, fd) = open(3, &token);
    let (list, count) = guest.list(&[(DATA, 4)]);
    let errno = guest.call(|wasi, mem| fd::fd_read(wasi, mem, fd, list, count, RESULT));
    assert_eq!((errno, guest.u32_at(RESULT)), (Errno::Success, 4));
    assert_eq!(guest.wasi.read_error(), None);

    let (mut guest, fd) = open(u32::MAX, &token);
    let (list, count) = guest.list(&[(DATA, 4)]);
    let canceller = std::thread::spawn({
        let token = token.clone();
        move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            token.cancel();
        }
    });
    let mut mem = GuestMem::new(&mut guest.bytes);
    match fd::fd_read(&mut guest.wasi, &mut mem, fd, list, count, RESULT) {
        Err(Fail::Stop(stop)) => assert!(matches!(*stop, Stop::Cancelled), "{stop}"),
        other => panic!("cancelled: {other:?}"),
    }
    canceller.join().expect("it cancels");
}
