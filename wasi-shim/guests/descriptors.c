/* Descriptors: numbers, rights, flags, preopened directories, cursors. */
#include "expect.h"

static void numbers_are_used_again_lowest_first(void)
{
    int32_t a = create("a"), b = create("b"), c = create("c");
    IS(b == a + 1 && c == a + 2);
    OK(fd_close(b));
    OK(fd_close(a));
    GIVES(badf, fd_close(a));
    IS(open_at(ROOT, "c", 0, READING) == a);
    IS(open_at(ROOT, "c", 0, READING) == b);
    IS(open_at(ROOT, "c", 0, READING) == c + 1);
    for (int i = 0; i < 20000; i++) {
        OK(fd_close(b));
        IS(open_at(ROOT, "c", 0, READING) == b);
    }
}

static void numbers_that_are_not_open(void)
{
    static const int32_t wrong[] = {STREAMS + 1, 1000, INT32_MAX, INT32_MIN, -1};
    struct fdstat stat;
    struct filestat file;
    struct prestat pre;
    uint64_t offset;
    uint32_t count;
    int32_t fd;
    char byte[1];
    struct span piece = {byte, 1};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int32_t bad = wrong[i];
        GIVES(badf, fd_advise(bad, 0, 0, 0));
        GIVES(badf, fd_allocate(bad, 0, 1));
        GIVES(badf, fd_close(bad));
        GIVES(badf, fd_datasync(bad));
        GIVES(badf, fd_fdstat_get(bad, &stat));
        GIVES(badf, fd_fdstat_set_flags(bad, 0));
        GIVES(badf, fd_fdstat_set_rights(bad, 0, 0));
        GIVES(badf, fd_filestat_get(bad, &file));
        GIVES(badf, fd_filestat_set_size(bad, 0));
        GIVES(badf, fd_filestat_set_times(bad, 0, 0, 0));
        GIVES(badf, fd_pread(bad, &piece, 1, 0, &count));
        GIVES(badf, fd_prestat_get(bad, &pre));
        GIVES(badf, fd_prestat_dir_name(bad, byte, 1));
        GIVES(badf, fd_pwrite(bad, &piece, 1, 0, &count));
        GIVES(badf, fd_read(bad, &piece, 1, &count));
        GIVES(badf, fd_readdir(bad, byte, 1, 0, &count));
        GIVES(badf, fd_renumber(bad, ROOT));
        GIVES(badf, fd_renumber(ROOT, bad));
        GIVES(badf, fd_seek(bad, 0, SET, &offset));
        GIVES(badf, fd_sync(bad));
        GIVES(badf, fd_tell(bad, &offset));
        GIVES(badf, fd_write(bad, &piece, 1, &count));
        GIVES(badf, path_create_directory(bad, P("d")));
        GIVES(badf, path_filestat_get(bad, 0, P("f"), &file));
        GIVES(badf, path_filestat_set_times(bad, 0, P("f"), 0, 0, 0));
        GIVES(badf, path_link(bad, 0, P("f"), ROOT, P("g")));
        GIVES(badf, path_link(ROOT, 0, P("f"), bad, P("g")));
        GIVES(badf, path_open(bad, 0, P("f"), 0, READING, 0, 0, &fd));
        GIVES(badf, path_readlink(bad, P("l"), byte, 1, &count));
        GIVES(badf, path_remove_directory(bad, P("d")));
        GIVES(badf, path_rename(bad, P("f"), ROOT, P("g")));
        GIVES(badf, path_rename(ROOT, P("f"), bad, P("g")));
        GIVES(badf, path_symlink(P("t"), bad, P("l")));
        GIVES(badf, path_unlink_file(bad, P("f")));
        GIVES(badf, sock_accept(bad, 0, &fd));
        GIVES(badf, sock_recv(bad, &piece, 1, 0, &count, &count));
        GIVES(badf, sock_send(bad, &piece, 1, 0, &count));
        GIVES(badf, sock_shutdown(bad, 3));
    }
}

static void a_descriptor_moves_to_another_number(void)
{
    int32_t a = create("a"), b = create("b");
    write_text(a, "first");
    OK(fd_renumber(a, b));
    GIVES(badf, fd_close(a));
    IS(tell(b) == 5);
    write_text(b, " more");
    OK(fd_renumber(b, b));
    IS(tell(b) == 10);
    OK(fd_close(b));
    IS(has("a", "first more"));
    IS(has("b", ""));
}

static void a_preopened_directory_and_a_stream_can_be_moved_over(void)
{
    struct prestat pre;
    int32_t file = create("f");
    OK(fd_renumber(file, OTHER));
    GIVES(badf, fd_prestat_get(OTHER, &pre));
    write_text(OTHER, "text");
    IS(has("f", "text"));
    OK(fd_renumber(OTHER, 1));
    write_text(1, " on stdout");
    IS(has("f", "text on stdout"));
    OK(fd_renumber(0, 1));
    IS(fdstat_of(1).type == UNKNOWN);
    OK(fd_close(1));
    OK(fd_renumber(ROOT, READ_ONLY));
    OK(fd_prestat_get(READ_ONLY, &pre));
    IS(pre.name_len == 1);
    IS(stat_at(READ_ONLY, "f").size == 14);
    GIVES(badf, fd_prestat_get(ROOT, &pre));
}

static void streams_and_preopens_can_be_closed(void)
{
    OK(fd_close(0));
    OK(fd_close(OTHER));
    IS(open_at(ROOT, "new", CREATE, ALL_RIGHTS) == 0);
    IS(create("next") == OTHER);
}

static void preopens_tell_their_names(void)
{
    static const char *const names[] = {"/", "/ro", "/other", "/small", "/streams"};
    struct prestat pre;
    char name[16];
    for (int32_t fd = ROOT; fd <= STREAMS; fd++) {
        const char *expected = names[fd - ROOT];
        OK(fd_prestat_get(fd, &pre));
        IS(pre.tag == 0 && pre.name_len == strlen(expected));
        memset(name, '.', sizeof name);
        OK(fd_prestat_dir_name(fd, name, sizeof name));
        IS(!memcmp(name, expected, pre.name_len) && name[pre.name_len] == '.');
        GIVES(nametoolong, fd_prestat_dir_name(fd, name, pre.name_len - 1));
        GIVES(fault, fd_prestat_dir_name(fd, OUTSIDE, 16));
    }
    GIVES(fault, fd_prestat_get(ROOT, OUTSIDE));
    GIVES(badf, fd_prestat_get(1, &pre));
    GIVES(badf, fd_prestat_get(create("f"), &pre));
}

static void types_of_descriptors(void)
{
    IS(fdstat_of(0).type == UNKNOWN && fdstat_of(1).type == UNKNOWN && fdstat_of(2).type == UNKNOWN);
    IS(fdstat_of(ROOT).type == DIRECTORY);
    IS(fdstat_of(create("f")).type == REGULAR_FILE);
    IS(stat_of(ROOT).type == DIRECTORY);
    IS(stat_of(1).type == UNKNOWN);
    GIVES(fault, fd_fdstat_get(ROOT, OUTSIDE));
    GIVES(fault, fd_filestat_get(ROOT, OUTSIDE));
}

static void rights_never_grow(void)
{
    int32_t fd = create("f");
    struct fdstat stat = fdstat_of(fd);
    IS(stat.inheriting == 0);
    IS(!(stat.rights & RIGHT(PATH_OPEN)));
    GIVES(notcapable, fd_fdstat_set_rights(fd, stat.rights | RIGHT(PATH_OPEN), 0));
    GIVES(notcapable, fd_fdstat_set_rights(fd, stat.rights, RIGHT(FD_READ)));
    GIVES(notcapable, fd_fdstat_set_rights(fd, stat.rights | RIGHT(63), 0));
    OK(fd_fdstat_set_rights(fd, RIGHT(FD_READ), 0));
    IS(fdstat_of(fd).rights == RIGHT(FD_READ));
    GIVES(notcapable, fd_fdstat_set_rights(fd, stat.rights, 0));
    struct span piece = {"x", 1};
    uint32_t count;
    GIVES(notcapable, fd_write(fd, &piece, 1, &count));
    OK(fd_fdstat_set_rights(fd, 0, 0));
    uint64_t offset;
    char byte[1];
    struct span into = {byte, 1};
    struct filestat file;
    GIVES(notcapable, fd_read(fd, &into, 1, &count));
    GIVES(notcapable, fd_pread(fd, &into, 1, 0, &count));
    GIVES(notcapable, fd_pwrite(fd, &piece, 1, 0, &count));
    GIVES(notcapable, fd_seek(fd, 1, SET, &offset));
    GIVES(notcapable, fd_tell(fd, &offset));
    GIVES(notcapable, fd_advise(fd, 0, 1, 0));
    GIVES(notcapable, fd_allocate(fd, 0, 1));
    GIVES(notcapable, fd_datasync(fd));
    GIVES(notcapable, fd_sync(fd));
    GIVES(notcapable, fd_fdstat_set_flags(fd, 0));
    GIVES(notcapable, fd_filestat_get(fd, &file));
    GIVES(notcapable, fd_filestat_set_size(fd, 0));
    GIVES(notcapable, fd_filestat_set_times(fd, 0, 0, 0));
    OK(fd_close(fd));
}

static void a_directory_without_rights_gives_nothing(void)
{
    put("f", "text");
    OK(path_create_directory(ROOT, P("d")));
    OK(path_symlink(P("f"), ROOT, P("l")));
    OK(fd_fdstat_set_rights(ROOT, 0, 0));
    struct filestat stat;
    char bytes[32];
    uint32_t count;
    int32_t fd;
    GIVES(notcapable, path_create_directory(ROOT, P("e")));
    GIVES(notcapable, path_filestat_get(ROOT, 0, P("f"), &stat));
    GIVES(notcapable, path_filestat_set_times(ROOT, 0, P("f"), 0, 0, 0));
    GIVES(notcapable, path_link(ROOT, 0, P("f"), OTHER, P("g")));
    GIVES(notcapable, path_link(OTHER, 0, P("f"), ROOT, P("g")));
    GIVES(notcapable, path_open(ROOT, 0, P("f"), 0, 0, 0, 0, &fd));
    GIVES(notcapable, path_readlink(ROOT, P("l"), bytes, sizeof bytes, &count));
    GIVES(notcapable, path_remove_directory(ROOT, P("d")));
    GIVES(notcapable, path_rename(ROOT, P("f"), OTHER, P("g")));
    GIVES(notcapable, path_rename(OTHER, P("f"), ROOT, P("g")));
    GIVES(notcapable, path_symlink(P("f"), ROOT, P("k")));
    GIVES(notcapable, path_unlink_file(ROOT, P("f")));
    GIVES(notcapable, fd_readdir(ROOT, bytes, sizeof bytes, 0, &count));
}

static void a_directory_passes_on_what_it_may(void)
{
    OK(path_create_directory(ROOT, P("d")));
    put("d/f", "text");
    int32_t fd = -1, dir = -1;
    uint64_t reading = READING | RIGHT(PATH_OPEN);
    OK(path_open(ROOT, 0, P("d"), MUST_BE_DIRECTORY, reading, READING, 0, &dir));
    IS(fdstat_of(dir).rights == (reading & fdstat_of(ROOT).rights));
    GIVES(notcapable, path_open(dir, 0, P("f"), 0, RIGHT(FD_WRITE), 0, 0, &fd));
    GIVES(notcapable, path_open(dir, 0, P("new"), CREATE, RIGHT(FD_READ), 0, 0, &fd));
    GIVES(notcapable, path_open(dir, 0, P("f"), TRUNCATE, RIGHT(FD_READ), 0, 0, &fd));
    OK(path_open(dir, 0, P("f"), 0, RIGHT(FD_READ), 0, 0, &fd));
    IS(fdstat_of(fd).rights == RIGHT(FD_READ));
    IS(has("d/f", "text"));
}

static void a_preopen_opens_again_with_its_own_rights(void)
{
    struct fdstat own = fdstat_of(ROOT), again;
    uint64_t at_least = RIGHT(FD_READDIR) | RIGHT(FD_FILESTAT_GET) | RIGHT(FD_FILESTAT_SET_TIMES);
    for (int right = PATH_CREATE_DIRECTORY; right <= PATH_UNLINK_FILE; right++)
        if (right < FD_FILESTAT_GET || right > FD_FILESTAT_SET_TIMES)
            at_least |= RIGHT(right);
    IS((own.rights & at_least) == at_least && own.inheriting == ALL_RIGHTS && own.flags == 0);
    IS(!(own.rights & (RIGHT(FD_FILESTAT_SET_SIZE) | RIGHT(FD_SEEK) | RIGHT(FD_WRITE))));
    int32_t fd = -1;
    OK(path_open(ROOT, 0, P("."), 0, own.rights, own.inheriting, 0, &fd));
    again = fdstat_of(fd);
    IS(again.rights == own.rights && again.inheriting == own.inheriting && again.flags == 0);
    OK(path_open(ROOT, 0, P("."), MUST_BE_DIRECTORY, own.rights, own.inheriting, 0, &fd));
    OK(path_open(ROOT, 0, P("."), 0, 0, 0, 0, &fd));
    OK(path_open(ROOT, 0, P("."), 0, 0, 0, NONBLOCK, &fd));
    OK(path_open(ROOT, 0, P("."), MUST_BE_DIRECTORY, 0, 0, 0, &fd));
    IS(fdstat_of(fd).rights == 0 && fdstat_of(fd).inheriting == 0);
    OK(path_open(ROOT, 0, P("."), MUST_BE_DIRECTORY, RIGHT(FD_READ), 0, 0, &fd));
    GIVES(isdir, path_open(ROOT, 0, P("."), 0, RIGHT(FD_WRITE), 0, 0, &fd));
    GIVES(isdir, path_open(ROOT, 0, P("."), MUST_BE_DIRECTORY, RIGHT(FD_READ) | RIGHT(FD_WRITE), 0, 0, &fd));
    OK(path_create_directory(ROOT, P("d")));
    GIVES(isdir, path_open(ROOT, 0, P("d"), MUST_BE_DIRECTORY, RIGHT(FD_WRITE), 0, 0, &fd));
    OK(path_open(ROOT, 0, P("d"), 0, own.rights, 0, 0, &fd));
    OK(path_open(ROOT, 0, P("d"), MUST_BE_DIRECTORY, RIGHT(FD_SEEK), 0, 0, &fd));
    IS(fdstat_of(fd).rights == 0);
}

static void only_the_right_to_write_opens_to_write(void)
{
    /* What Go's library asks for when it opens to read, before it knows what is there. */
    uint64_t asked = ALL_RIGHTS & ~(RIGHT(FD_DATASYNC) | RIGHT(FD_WRITE) | RIGHT(FD_ALLOCATE) |
                                    RIGHT(PATH_FILESTAT_SET_SIZE));
    put("f", "text");
    OK(path_create_directory(ROOT, P("d")));
    IS(fdstat_of(open_at(ROOT, "d", 0, asked)).type == DIRECTORY);
    IS(fdstat_of(open_at(READ_ONLY, "d", 0, asked)).type == DIRECTORY);
    IS(fdstat_of(open_at(READ_ONLY, "f", 0, asked)).type == REGULAR_FILE);
    int32_t fd = open_at(ROOT, "f", 0, ALL_RIGHTS & ~RIGHT(FD_WRITE));
    IS(!(fdstat_of(fd).rights & (RIGHT(FD_FILESTAT_SET_SIZE) | RIGHT(FD_ALLOCATE))));
    GIVES(notcapable, fd_filestat_set_size(fd, 0));
    GIVES(notcapable, fd_allocate(fd, 0, 10));
    OK(fd_datasync(fd));
    fd = open_at(ROOT, "f", 0, RIGHT(FD_WRITE) | RIGHT(FD_FILESTAT_SET_SIZE));
    OK(fd_filestat_set_size(fd, 2));
    IS(has("f", "te"));
}

static void the_right_to_truncate_is_the_directory_s(void)
{
    uint64_t rights = RIGHT(PATH_OPEN) | RIGHT(PATH_FILESTAT_SET_SIZE);
    uint64_t passed = ALL_RIGHTS & ~RIGHT(FD_FILESTAT_SET_SIZE);
    int32_t dir = -1, fd = -1;
    OK(path_create_directory(ROOT, P("d")));
    put("d/f", "text");
    OK(path_open(ROOT, 0, P("d"), MUST_BE_DIRECTORY, rights, ALL_RIGHTS, 0, &dir));
    OK(path_open(dir, 0, P("f"), TRUNCATE, 0, 0, 0, &fd));
    IS(has("d/f", "") && fdstat_of(fd).rights == 0);
    put("d/f", "text");
    OK(fd_fdstat_set_rights(dir, rights, passed));
    OK(path_open(dir, 0, P("f"), TRUNCATE, 0, 0, 0, &fd));
    IS(has("d/f", ""));
    put("d/f", "text");
    OK(fd_fdstat_set_rights(dir, RIGHT(PATH_OPEN), passed));
    IS(fdstat_of(dir).rights == RIGHT(PATH_OPEN) && fdstat_of(dir).inheriting == passed);
    GIVES(notcapable, path_open(dir, 0, P("f"), TRUNCATE, 0, 0, 0, &fd));
    IS(has("d/f", "text"));
}

static void every_stream_moves_to_the_number_of_a_file(void)
{
    struct fdstat stat;
    for (int32_t stream = 0; stream < 3; stream++) {
        int32_t fd = open_at(ROOT, "f", CREATE, 0);
        OK(fd_renumber(stream, fd));
        IS(fdstat_of(fd).type == UNKNOWN);
        GIVES(badf, fd_fdstat_get(stream, &stat));
        OK(path_unlink_file(ROOT, P("f")));
    }
}

static void flags_of_a_descriptor(void)
{
    int32_t fd = -1;
    OK(path_open(ROOT, 0, P("f"), CREATE, ALL_RIGHTS, 0, APPEND | SYNC, &fd));
    IS(fdstat_of(fd).flags == (APPEND | SYNC));
    write_text(fd, "one");
    OK(fd_fdstat_set_flags(fd, DSYNC | RSYNC | NONBLOCK));
    IS(fdstat_of(fd).flags == (DSYNC | RSYNC | NONBLOCK));
    uint64_t offset;
    OK(fd_seek(fd, 0, SET, &offset));
    write_text(fd, "ONE");
    OK(fd_fdstat_set_flags(fd, APPEND));
    OK(fd_seek(fd, 1, SET, &offset));
    write_text(fd, " two");
    IS(tell(fd) == 7);
    IS(has("f", "ONE two"));
    GIVES(inval, fd_fdstat_set_flags(fd, 32));
    GIVES(inval, fd_fdstat_set_flags(fd, UINT32_MAX));
    IS(fdstat_of(fd).flags == APPEND);
}

static void the_cursor_of_a_file(void)
{
    int32_t fd = create("f");
    uint64_t offset = 77;
    write_text(fd, "0123456789");
    OK(fd_seek(fd, 3, SET, &offset));
    IS(offset == 3);
    OK(fd_seek(fd, 2, CURRENT, &offset));
    IS(offset == 5);
    OK(fd_seek(fd, -10, END, &offset));
    IS(offset == 0);
    OK(fd_seek(fd, 90, END, &offset));
    IS(offset == 100 && tell(fd) == 100);
    IS(stat_of(fd).size == 10);
    GIVES(inval, fd_seek(fd, -1, SET, &offset));
    GIVES(inval, fd_seek(fd, -101, CURRENT, &offset));
    GIVES(inval, fd_seek(fd, -11, END, &offset));
    GIVES(inval, fd_seek(fd, INT64_MIN, END, &offset));
    GIVES(inval, fd_seek(fd, INT64_MAX, END, &offset));
    GIVES(inval, fd_seek(fd, 0, 3, &offset));
    GIVES(inval, fd_seek(fd, 0, 255, &offset));
    IS(tell(fd) == 100);
    OK(fd_seek(fd, INT64_MAX, SET, &offset));
    IS(offset == INT64_MAX);
    GIVES(inval, fd_seek(fd, 1, CURRENT, &offset));
    GIVES(fault, fd_seek(fd, 0, SET, OUTSIDE));
    GIVES(fault, fd_tell(fd, OUTSIDE));
    IS(tell(fd) == INT64_MAX);
    OK(fd_fdstat_set_rights(fd, RIGHT(FD_TELL), 0));
    OK(fd_seek(fd, 0, CURRENT, &offset));
    GIVES(notcapable, fd_seek(fd, 0, END, &offset));
}

static void what_has_no_cursor(void)
{
    uint64_t offset;
    uint32_t count;
    char byte[1];
    struct span piece = {byte, 1};
    for (int32_t fd = 0; fd < 3; fd++) {
        GIVES(spipe, fd_seek(fd, 0, CURRENT, &offset));
        GIVES(spipe, fd_tell(fd, &offset));
    }
    GIVES(badf, fd_seek(ROOT, 0, SET, &offset));
    GIVES(badf, fd_tell(ROOT, &offset));
    int32_t out = open_at(STREAMS, "out", 0, RIGHT(FD_WRITE) | RIGHT(FD_SEEK) | RIGHT(FD_TELL));
    write_text(out, "to a writer");
    GIVES(spipe, fd_seek(out, 0, SET, &offset));
    GIVES(spipe, fd_tell(out, &offset));
    GIVES(spipe, fd_pwrite(out, &piece, 1, 0, &count));
    int32_t in = open_at(STREAMS, "in", 0, RIGHT(FD_READ) | RIGHT(FD_SEEK) | RIGHT(FD_TELL));
    OK(fd_read(in, &piece, 1, &count));
    IS(count == 1 && byte[0] == 't');
    OK(fd_read(in, &piece, 1, &count));
    IS(count == 1 && byte[0] == 'e');
    GIVES(spipe, fd_pread(in, &piece, 1, 0, &count));
    GIVES(spipe, fd_pread(0, &piece, 1, 0, &count));
    GIVES(spipe, fd_pwrite(1, &piece, 1, 0, &count));
}

static void the_table_is_bounded(void)
{
    put("f", "text");
    int32_t fd, last = -1;
    while (path_open(ROOT, 0, P("f"), 0, READING, 0, 0, &fd) == E_success) {
        IS(fd < 100);
        last = fd;
    }
    GIVES(mfile, path_open(ROOT, 0, P("new"), CREATE, ALL_RIGHTS, 0, 0, &fd));
    GIVES(mfile, path_open(ROOT, 0, P("f"), TRUNCATE, ALL_RIGHTS, 0, 0, &fd));
    OK(fd_close(last));
    IS(has("f", "text"));
    struct filestat stat;
    GIVES(noent, path_filestat_get(ROOT, 0, P("new"), &stat));
    for (fd = STREAMS + 1; fd < last; fd++)
        OK(fd_close(fd));
}

CASES(CASE(numbers_are_used_again_lowest_first),
      CASE(numbers_that_are_not_open),
      CASE(a_descriptor_moves_to_another_number),
      CASE(a_preopened_directory_and_a_stream_can_be_moved_over),
      CASE(streams_and_preopens_can_be_closed),
      CASE(preopens_tell_their_names),
      CASE(types_of_descriptors),
      CASE(rights_never_grow),
      CASE(a_directory_without_rights_gives_nothing),
      CASE(a_directory_passes_on_what_it_may),
      CASE(a_preopen_opens_again_with_its_own_rights),
      CASE(only_the_right_to_write_opens_to_write),
      CASE(the_right_to_truncate_is_the_directory_s),
      CASE(every_stream_moves_to_the_number_of_a_file),
      CASE(flags_of_a_descriptor),
      CASE(the_cursor_of_a_file),
      CASE(what_has_no_cursor),
      CASE(the_table_is_bounded))
