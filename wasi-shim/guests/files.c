/* Regular files: data, size, holes, lists of buffers, durability. */
#include "expect.h"

static struct span text(const char *data)
{
    return (struct span){data, strlen(data)};
}

static void what_is_written_is_read(void)
{
    int32_t fd = create("f");
    struct span out[] = {text("scat"), text(""), text("tered")};
    uint32_t count = 0;
    OK(fd_write(fd, out, 3, &count));
    IS(count == 9 && tell(fd) == 9);
    uint64_t offset;
    OK(fd_seek(fd, 1, SET, &offset));
    char a[3], b[16];
    memset(b, '.', sizeof b);
    struct span in[] = {{a, 3}, {b, 0}, {b, sizeof b}};
    OK(fd_read(fd, in, 3, &count));
    IS(count == 8 && !memcmp(a, "cat", 3) && !memcmp(b, "tered.", 6));
    IS(tell(fd) == 9);
    OK(fd_read(fd, in, 3, &count));
    IS(count == 0);
}

static void reads_and_writes_at_an_offset_leave_the_cursor(void)
{
    int32_t fd = create("f");
    struct span out[] = {text("ab"), text("cd")};
    uint32_t count = 0;
    write_text(fd, "012345");
    OK(fd_pwrite(fd, out, 2, 1, &count));
    IS(count == 4 && tell(fd) == 6);
    char data[8];
    struct span in = {data, sizeof data};
    OK(fd_pread(fd, &in, 1, 2, &count));
    IS(count == 4 && !memcmp(data, "bcd5", 4) && tell(fd) == 6);
    OK(fd_pread(fd, &in, 1, 6, &count));
    IS(count == 0);
    OK(fd_pread(fd, &in, 1, INT64_MAX, &count));
    IS(count == 0);
    GIVES(inval, fd_pread(fd, &in, 1, UINT64_MAX, &count));
    GIVES(inval, fd_pwrite(fd, out, 2, UINT64_MAX, &count));
    GIVES(inval, fd_pwrite(fd, out, 2, (uint64_t)INT64_MAX + 1, &count));
    OK(fd_fdstat_set_flags(fd, APPEND));
    OK(fd_pwrite(fd, out, 1, 0, &count));
    IS(has("f", "abbcd5"));
}

static void a_write_behind_the_end_leaves_a_hole_of_zeros(void)
{
    int32_t fd = create("f");
    uint64_t offset;
    write_text(fd, "a");
    OK(fd_seek(fd, 99999, SET, &offset));
    write_text(fd, "z");
    IS(stat_of(fd).size == 100000);
    char data[4] = "...";
    struct span in = {data, 4};
    uint32_t count;
    OK(fd_pread(fd, &in, 1, 50000, &count));
    IS(count == 4 && !memcmp(data, "\0\0\0\0", 4));
    OK(fd_pread(fd, &in, 1, 99998, &count));
    IS(count == 2 && data[0] == 0 && data[1] == 'z');
}

static void a_write_far_out_is_refused(void)
{
    int32_t fd = create("f");
    struct span out = text("x");
    uint32_t count;
    GIVES(fbig, fd_pwrite(fd, &out, 1, UINT64_C(1) << 62, &count));
    GIVES(fbig, fd_pwrite(fd, &out, 1, INT64_MAX, &count));
    GIVES(fbig, fd_filestat_set_size(fd, UINT64_C(1) << 62));
    GIVES(inval, fd_filestat_set_size(fd, UINT64_C(1) << 63));
    GIVES(fbig, fd_allocate(fd, UINT64_C(1) << 62, 1));
    IS(stat_of(fd).size == 0);
}

static void appends_go_to_the_end(void)
{
    int32_t a = create("f"), b = -1;
    OK(path_open(ROOT, 0, P("f"), 0, ALL_RIGHTS, 0, APPEND, &b));
    write_text(a, "aaa");
    write_text(b, "bbb");
    IS(tell(a) == 3 && tell(b) == 6);
    write_text(a, "AA");
    IS(has("f", "aaaAAb"));
    uint64_t offset;
    OK(fd_seek(b, 1, SET, &offset));
    char data[2];
    struct span in = {data, 2};
    uint32_t count;
    OK(fd_read(b, &in, 1, &count));
    IS(!memcmp(data, "aa", 2) && tell(b) == 3);
    write_text(b, "!");
    IS(tell(b) == 7 && has("f", "aaaAAb!"));
    struct span out = text("X");
    OK(fd_pwrite(b, &out, 1, 0, &count));
    IS(tell(b) == 7 && has("f", "XaaAAb!"));
}

static void sizes_are_set(void)
{
    int32_t fd = create("f");
    write_text(fd, "0123456789");
    OK(fd_filestat_set_size(fd, 4));
    IS(tell(fd) == 10 && has("f", "0123"));
    OK(fd_filestat_set_size(fd, 6));
    IS(stat_of(fd).size == 6);
    char data[8];
    struct span in = {data, sizeof data};
    uint32_t count;
    OK(fd_pread(fd, &in, 1, 0, &count));
    IS(count == 6 && !memcmp(data, "0123\0\0", 6));
    GIVES(badf, fd_filestat_set_size(ROOT, 0));
    GIVES(badf, fd_filestat_set_size(1, 0));
}

static void space_is_allocated(void)
{
    int32_t fd = create("f");
    write_text(fd, "abc");
    OK(fd_allocate(fd, 1, 1));
    IS(stat_of(fd).size == 3);
    OK(fd_allocate(fd, 2, 10));
    IS(stat_of(fd).size == 12 && tell(fd) == 3);
    GIVES(inval, fd_allocate(fd, 0, 0));
    GIVES(inval, fd_allocate(fd, UINT64_MAX, 2));
    GIVES(inval, fd_allocate(fd, INT64_MAX, INT64_MAX));
    GIVES(badf, fd_allocate(ROOT, 0, 1));
    GIVES(badf, fd_allocate(1, 0, 1));
    IS(stat_of(fd).size == 12);
}

static void advice_is_taken(void)
{
    int32_t fd = create("f");
    for (uint32_t advice = 0; advice <= 5; advice++)
        OK(fd_advise(fd, 0, 100, advice));
    OK(fd_advise(fd, 0, 0, 0));
    GIVES(inval, fd_advise(fd, 0, 1, 6));
    GIVES(inval, fd_advise(fd, UINT64_MAX, 1, 0));
    GIVES(badf, fd_advise(ROOT, 0, 1, 0));
    GIVES(badf, fd_advise(0, 0, 1, 0));
}

static void everything_can_be_synced(void)
{
    int32_t fd = create("f");
    write_text(fd, "abc");
    OK(fd_datasync(fd));
    OK(fd_sync(fd));
    OK(fd_sync(ROOT));
    OK(fd_datasync(ROOT));
}

static void a_file_lives_until_it_is_closed(void)
{
    int32_t fd = create("f");
    write_text(fd, "abc");
    OK(path_unlink_file(ROOT, P("f")));
    struct filestat stat;
    GIVES(noent, path_filestat_get(ROOT, 0, P("f"), &stat));
    write_text(fd, "def");
    stat = stat_of(fd);
    IS(stat.size == 6 && stat.nlink == 0);
    put("f", "another");
    char data[8];
    struct span in = {data, sizeof data};
    uint32_t count;
    OK(fd_pread(fd, &in, 1, 0, &count));
    IS(count == 6 && !memcmp(data, "abcdef", 6));
    IS(has("f", "another"));
}

static void two_descriptors_have_two_cursors(void)
{
    int32_t a = create("f");
    write_text(a, "abcdef");
    int32_t b = open_at(ROOT, "f", 0, ALL_RIGHTS);
    IS(tell(b) == 0);
    write_text(b, "X");
    IS(tell(a) == 6 && tell(b) == 1 && has("f", "Xbcdef"));
    IS(stat_of(a).ino == stat_of(b).ino && stat_of(a).dev == stat_of(b).dev);
}

static void a_file_opened_to_be_read_is_not_written(void)
{
    put("f", "text");
    int32_t fd = open_at(ROOT, "f", 0, RIGHT(FD_READ));
    struct span out = text("x");
    uint32_t count;
    GIVES(notcapable, fd_write(fd, &out, 1, &count));
    GIVES(notcapable, fd_allocate(fd, 0, 100));
    GIVES(notcapable, fd_filestat_set_size(fd, 0));
    int32_t to_write = open_at(ROOT, "f", 0, RIGHT(FD_WRITE));
    char byte[1];
    struct span in = {byte, 1};
    GIVES(notcapable, fd_read(to_write, &in, 1, &count));
    GIVES(badf, fd_read(ROOT, &in, 1, &count));
    GIVES(badf, fd_write(ROOT, &out, 1, &count));
    GIVES(badf, fd_pread(ROOT, &in, 1, 0, &count));
    GIVES(badf, fd_pwrite(ROOT, &out, 1, 0, &count));
    GIVES(badf, fd_read(1, &in, 1, &count));
    GIVES(badf, fd_write(0, &out, 1, &count));
    IS(has("f", "text"));
}

static void lists_of_buffers_are_checked_first(void)
{
    int32_t fd = create("f");
    write_text(fd, "0123456789");
    static struct span many[1025];
    static char bytes[1025];
    uint32_t count = 7;
    for (size_t i = 0; i < 1025; i++)
        many[i] = (struct span){&bytes[i], 1};
    OK(fd_pread(fd, many, 1024, 0, &count));
    IS(count == 10 && bytes[9] == '9');
    GIVES(inval, fd_pread(fd, many, 1025, 0, &count));
    GIVES(inval, fd_pwrite(fd, many, 1025, 0, &count));
    GIVES(inval, fd_read(fd, many, 1025, &count));
    GIVES(inval, fd_write(fd, many, 1025, &count));
    GIVES(inval, fd_write(fd, many, 1 << 28, &count));
    GIVES(inval, fd_write(fd, many, (1 << 29) + 1, &count));
    GIVES(inval, fd_write(fd, many, UINT32_MAX, &count));
    OK(fd_write(fd, many, 0, &count));
    IS(count == 0);
    OK(fd_read(fd, NULL, 0, &count));
    IS(count == 0);
    GIVES(fault, fd_read(fd, OUTSIDE, 0, &count));
    many[5] = (struct span){OUTSIDE, 2};
    GIVES(fault, fd_pread(fd, many, 6, 0, &count));
    GIVES(fault, fd_pwrite(fd, many, 6, 0, &count));
    GIVES(fault, fd_write(fd, many, 6, &count));
    GIVES(fault, fd_read(fd, many, 6, &count));
    GIVES(fault, fd_read(fd, OUTSIDE, 1, &count));
    GIVES(fault, fd_write(fd, OUTSIDE, 1, &count));
    GIVES(fault, fd_pread(fd, many, 1, 0, OUTSIDE));
    GIVES(fault, fd_pwrite(fd, many, 1, 0, OUTSIDE));
    GIVES(fault, fd_read(fd, many, 1, OUTSIDE));
    GIVES(fault, fd_write(fd, many, 1, OUTSIDE));
    IS(tell(fd) == 10 && has("f", "0123456789"));
}

static void a_read_may_write_over_its_own_list(void)
{
    int32_t fd = create("f");
    static struct {
        struct span list[2];
        char rest[8];
    } place;
    static const char data[] = "zzzzzzzzzzzzzzzzzzzz";
    write_text(fd, data);
    place.list[0] = (struct span){&place, 16};
    place.list[1] = (struct span){place.rest, 4};
    uint32_t count;
    OK(fd_pread(fd, place.list, 2, 0, &count));
    IS(count == 20 && !memcmp(&place, data, 20));
}

static void the_standard_streams(void)
{
    uint32_t count = 9;
    char data[16];
    struct span in = {data, 4};
    OK(fd_read(0, &in, 1, &count));
    IS(count == 4 && !memcmp(data, "from", 4));
    in.len = sizeof data;
    OK(fd_read(0, &in, 1, &count));
    IS(count == 6 && !memcmp(data, " stdin", 6));
    OK(fd_read(0, &in, 1, &count));
    IS(count == 0);
    write_text(2, "to stderr\n");
    OK(fd_sync(1));
    OK(fd_datasync(2));
    GIVES(badf, fd_filestat_set_times(1, 0, 0, SET_MTIM_NOW));
}

CASES(CASE(what_is_written_is_read),
      CASE(reads_and_writes_at_an_offset_leave_the_cursor),
      CASE(a_write_behind_the_end_leaves_a_hole_of_zeros),
      CASE(a_write_far_out_is_refused),
      CASE(appends_go_to_the_end),
      CASE(sizes_are_set),
      CASE(space_is_allocated),
      CASE(advice_is_taken),
      CASE(everything_can_be_synced),
      CASE(a_file_lives_until_it_is_closed),
      CASE(two_descriptors_have_two_cursors),
      CASE(a_file_opened_to_be_read_is_not_written),
      CASE(lists_of_buffers_are_checked_first),
      CASE(a_read_may_write_over_its_own_list),
      CASE(the_standard_streams))
