//! Opening, reading and writing files.

use std::sync::Arc;

use super::{contents, fails, get, list, make_dir, name, names_in, put, refusal, works, write_all};
use crate::errno::Errno;
use crate::vfs::{Cookie, Create, Dir, FileType, OpenOptions};

pub(super) const CHECKS: [fn(Arc<dyn Dir>); 13] = [
    opening_follows_its_options,
    a_handle_does_what_it_was_opened_for,
    reads_end_at_the_end,
    writes_overwrite_and_extend,
    lengths_can_be_set,
    space_can_be_allocated,
    offsets_out_of_range_are_refused,
    appends_do_not_overlap,
    large_files_keep_every_byte,
    holes_read_as_zeros_until_they_are_written,
    an_unlinked_file_lives_on_in_its_handles,
    a_file_unlinked_under_its_readers_is_whole,
    two_handles_see_one_file,
];

fn opening_follows_its_options(root: Arc<dyn Dir>) {
    let new = OpenOptions {
        create: Create::New,
        ..OpenOptions::READ_WRITE
    };
    fails(
        root.open_file(name("f"), OpenOptions::READ),
        Errno::Noent,
        "opening a missing file",
    );
    let truncating = OpenOptions {
        create: Create::Never,
        ..OpenOptions::WRITE
    };
    fails(
        root.open_file(name("f"), truncating),
        Errno::Noent,
        "truncating a missing file",
    );
    assert!(
        list(&*root, Cookie::START).is_empty(),
        "a refused open creates nothing"
    );

    write_all(
        &*works(root.open_file(name("f"), new), "creating a new file"),
        0,
        b"abc",
    );
    fails(
        root.open_file(name("f"), new),
        Errno::Exist,
        "creating a file that exists",
    );
    works(
        root.open_file(name("f"), OpenOptions::READ_WRITE),
        "opening or creating",
    );
    assert_eq!(
        get(&*root, "f"),
        b"abc",
        "opening or creating keeps what is there"
    );
    let creating = OpenOptions {
        create: Create::IfAbsent,
        ..OpenOptions::READ
    };
    works(
        root.open_file(name("only-read"), creating),
        "creating a file to read",
    );
    assert_eq!(get(&*root, "only-read"), b"");
    works(
        root.open_file(name("f"), OpenOptions::WRITE),
        "opening to write anew",
    );
    assert_eq!(get(&*root, "f"), b"", "truncation empties the file");

    make_dir(&*root, "d");
    for options in [
        OpenOptions::READ,
        OpenOptions::WRITE,
        OpenOptions::READ_WRITE,
    ] {
        fails(
            root.open_file(name("d"), options),
            Errno::Isdir,
            "a directory opened as a file",
        );
    }
    fails(
        root.open_file(name("d"), new),
        Errno::Exist,
        "a new file over a directory",
    );
    fails(
        root.open_dir(name("f")),
        Errno::Notdir,
        "a file opened as a directory",
    );
}

fn a_handle_does_what_it_was_opened_for(root: Arc<dyn Dir>) {
    put(&*root, "f", b"abc");
    let reader = works(root.open_file(name("f"), OpenOptions::READ), "opening");
    fails(
        reader.write_at(0, b"x"),
        Errno::Badf,
        "writing through a reading handle",
    );
    fails(
        reader.append(b"x"),
        Errno::Badf,
        "appending through a reading handle",
    );
    fails(
        reader.set_len(0),
        Errno::Badf,
        "truncating through a reading handle",
    );
    fails(
        reader.allocate(0, 9),
        Errno::Badf,
        "allocating through a reading handle",
    );
    let options = OpenOptions {
        read: false,
        write: true,
        ..OpenOptions::READ
    };
    let writer = works(root.open_file(name("f"), options), "opening");
    fails(
        writer.read_at(0, &mut [0; 4]),
        Errno::Badf,
        "reading through a writing handle",
    );
    assert_eq!(contents(&*reader), b"abc");
    let stat = works(writer.stat(), "attributes of an open file");
    assert_eq!(
        (stat.file_type, stat.size, stat.nlink),
        (FileType::RegularFile, 3, 1)
    );
    assert_eq!(stat.ino, works(root.stat_at(name("f")), "attributes").ino);
    assert!(reader.seekable(), "a regular file can be sought in");
    works(reader.sync(true), "syncing");
    works(writer.sync(false), "syncing");
}

fn reads_end_at_the_end(root: Arc<dyn Dir>) {
    let file = put(&*root, "f", b"0123456789");
    let mut buf = [0xee; 4];
    assert_eq!(
        works(file.read_at(8, &mut buf), "reading the last bytes"),
        2
    );
    assert_eq!(
        &buf,
        &[b'8', b'9', 0xee, 0xee],
        "what is past the end is left alone"
    );
    for offset in [10, 11, 1 << 40, i64::MAX as u64, 1 << 63, u64::MAX] {
        assert_eq!(
            works(file.read_at(offset, &mut buf), "reading past the end"),
            0,
            "{offset}"
        );
    }
    assert_eq!(works(file.read_at(0, &mut []), "reading nothing"), 0);
}

fn writes_overwrite_and_extend(root: Arc<dyn Dir>) {
    let file = put(&*root, "f", b"0123456789");
    write_all(&*file, 3, b"abc");
    assert_eq!(
        contents(&*file),
        b"012abc6789",
        "a write overwrites, it never inserts"
    );
    write_all(&*file, 12, b"z");
    assert_eq!(contents(&*file), b"012abc6789\0\0z", "a gap reads as zeros");
    assert_eq!(works(file.write_at(1000, &[]), "writing nothing"), 0);
    assert_eq!(
        works(file.len(), "the length"),
        13,
        "writing nothing extends nothing"
    );
}

fn lengths_can_be_set(root: Arc<dyn Dir>) {
    let file = put(&*root, "f", b"0123456789");
    works(file.set_len(4), "shortening");
    assert_eq!(contents(&*file), b"0123");
    works(file.set_len(6), "lengthening");
    assert_eq!(contents(&*file), b"0123\0\0", "old bytes do not come back");
    works(file.set_len(200_000), "lengthening across blocks");
    works(file.set_len(5), "shortening");
    assert_eq!(contents(&*file), b"0123\0");
}

fn space_can_be_allocated(root: Arc<dyn Dir>) {
    let file = put(&*root, "f", b"abc");
    match file.allocate(1, 9) {
        Ok(()) => assert_eq!(contents(&*file), b"abc\0\0\0\0\0\0\0", "allocation extends"),
        Err(error) => assert_eq!(error.errno(), Errno::Notsup, "allocation, if not supported"),
    }
    if file.allocate(0, 2).is_ok() {
        assert_eq!(
            works(file.len(), "the length"),
            10,
            "allocation never shortens"
        );
    }
    refusal(file.allocate(0, 0), "allocating nothing");
}

fn offsets_out_of_range_are_refused(root: Arc<dyn Dir>) {
    let file = put(&*root, "f", b"abc");
    for offset in [i64::MAX as u64, 1 << 63, u64::MAX - 1, u64::MAX] {
        fails(
            file.write_at(offset, b"xx"),
            Errno::Fbig,
            "writing out of range",
        );
    }
    fails(file.set_len(1 << 63), Errno::Fbig, "a length out of range");
    fails(file.set_len(u64::MAX), Errno::Fbig, "a length out of range");
    refusal(file.allocate(u64::MAX, u64::MAX), "allocating out of range");
    refusal(file.allocate(1 << 63, 1), "allocating out of range");
    assert_eq!(contents(&*file), b"abc", "what is refused changes nothing");
}

fn appends_do_not_overlap(root: Arc<dyn Dir>) {
    let file = put(&*root, "f", b"");
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let file = &file;
            scope.spawn(move || {
                for _ in 0..100 {
                    assert_eq!(works(file.append(&[thread; 8]), "appending").0, 8);
                }
            });
        }
    });
    let all = contents(&*file);
    assert_eq!(all.len(), 4 * 100 * 8, "no append is lost");
    for record in all.chunks(8) {
        assert!(
            record.iter().all(|byte| *byte == record[0]),
            "an append is torn: {record:?}"
        );
    }
    let (count, end) = works(file.append(b"tail"), "appending");
    assert_eq!(
        (count, end),
        (4, all.len() as u64 + 4),
        "an append says where it ended"
    );
}

fn large_files_keep_every_byte(root: Arc<dyn Dir>) {
    let data: Vec<u8> = (0..1_000_003_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let file = works(
        root.open_file(name("f"), OpenOptions::READ_WRITE),
        "creating",
    );
    for (index, piece) in data.chunks(32 * 1024 - 7).enumerate() {
        write_all(&*file, (index * (32 * 1024 - 7)) as u64, piece);
    }
    assert!(
        contents(&*file) == data,
        "the bytes of a file written in pieces"
    );
    let mut middle = vec![0; 200_000];
    let mut filled = 0;
    while filled < middle.len() {
        let at = 333_333 + filled as u64;
        filled += works(file.read_at(at, &mut middle[filled..]), "reading");
    }
    assert!(middle == data[333_333..533_333], "a range of a large file");
}

fn an_unlinked_file_lives_on_in_its_handles(root: Arc<dyn Dir>) {
    let file = put(&*root, "f", b"abc");
    works(root.remove_file(name("f")), "removing an open file");
    assert!(names_in(&*root).is_empty());
    write_all(&*file, 3, b"def");
    assert_eq!(contents(&*file), b"abcdef", "a removed file in its handle");
    assert_eq!(works(file.stat(), "attributes of a removed file").nlink, 0);
    let again = put(&*root, "f", b"new");
    assert_eq!(
        contents(&*file),
        b"abcdef",
        "a new file of that name is another"
    );
    assert_eq!(contents(&*again), b"new");
}

fn holes_read_as_zeros_until_they_are_written(root: Arc<dyn Dir>) {
    let file = put(&*root, "f", b"start");
    let far = 3_000_000_u64;
    write_all(&*file, far, b"end");
    assert_eq!(works(file.len(), "the length"), far + 3);
    let mut all = contents(&*file);
    assert!(all.starts_with(b"start\0") && all.ends_with(b"\0end"));
    assert!(
        all[5..far as usize].iter().all(|byte| *byte == 0),
        "a hole is zeros"
    );
    write_all(&*file, 1_000_000, &[7; 100_000]);
    all[1_000_000..1_100_000].fill(7);
    assert!(contents(&*file) == all, "an island in a hole");
    works(file.set_len(1_050_000), "cutting through the island");
    works(file.set_len(2_000_000), "a hole at the end");
    all.truncate(1_050_000);
    all.resize(2_000_000, 0);
    assert!(contents(&*file) == all, "what was cut does not come back");
    let empty = put(&*root, "empty", b"");
    works(empty.set_len(100_000), "a file of one hole");
    assert!(contents(&*empty) == [0; 100_000]);
}

fn a_file_unlinked_under_its_readers_is_whole(root: Arc<dyn Dir>) {
    put(&*root, "f", &[5; 100_000]);
    let reader = works(root.open_file(name("f"), OpenOptions::READ), "opening");
    let options = OpenOptions {
        create: Create::Never,
        ..OpenOptions::READ_WRITE
    };
    let writer = works(root.open_file(name("f"), options), "opening");
    works(root.remove_file(name("f")), "removing an open file");
    fails(
        root.open_file(name("f"), OpenOptions::READ),
        Errno::Noent,
        "opening a removed file",
    );
    assert!(contents(&*reader) == [5; 100_000]);
    write_all(&*writer, 99_999, b"xy");
    works(writer.set_len(100_001), "the length of a removed file");
    assert_eq!(&contents(&*reader)[99_998..], [5, b'x', b'y']);
    drop(writer);
    assert_eq!(works(reader.len(), "the length"), 100_001);
    works(root.create_dir(name("f")), "a directory of that name");
    assert_eq!(works(reader.stat(), "attributes").size, 100_001);
}

fn two_handles_see_one_file(root: Arc<dyn Dir>) {
    let writer = put(&*root, "f", b"abc");
    let reader = works(root.open_file(name("f"), OpenOptions::READ), "opening");
    write_all(&*writer, 1, b"xyz");
    assert_eq!(contents(&*reader), b"axyz");
    works(writer.set_len(1), "shortening");
    assert_eq!(contents(&*reader), b"a");
}
