/* Paths: how they are opened, where they may lead, links on the way. */
#include "expect.h"

static void files_are_made_as_the_flags_say(void)
{
    int32_t fd;
    GIVES(noent, path_open(ROOT, 0, P("f"), 0, READING, 0, 0, &fd));
    OK(path_open(ROOT, 0, P("f"), CREATE, ALL_RIGHTS, 0, 0, &fd));
    write_text(fd, "text");
    OK(path_open(ROOT, 0, P("f"), CREATE, ALL_RIGHTS, 0, 0, &fd));
    IS(stat_of(fd).size == 4);
    GIVES(exist, path_open(ROOT, 0, P("f"), CREATE | EXCLUSIVE, ALL_RIGHTS, 0, 0, &fd));
    OK(path_open(ROOT, 0, P("f"), TRUNCATE, ALL_RIGHTS, 0, 0, &fd));
    IS(stat_of(fd).size == 0);
    OK(path_open(ROOT, 0, P("f"), EXCLUSIVE, READING, 0, 0, &fd));
    OK(path_open(ROOT, 0, P("new"), CREATE | EXCLUSIVE | TRUNCATE, ALL_RIGHTS, 0, 0, &fd));
    GIVES(inval, path_open(ROOT, 0, P("f"), 16, READING, 0, 0, &fd));
    GIVES(inval, path_open(ROOT, 2, P("f"), 0, READING, 0, 0, &fd));
    GIVES(inval, path_open(ROOT, 0, P("f"), 0, READING, 0, 32, &fd));
    GIVES(inval, path_open(ROOT, 0, P("d"), CREATE | MUST_BE_DIRECTORY, READING, 0, 0, &fd));
    GIVES(fault, path_open(ROOT, 0, P("made"), CREATE, ALL_RIGHTS, 0, 0, OUTSIDE));
    GIVES(noent, path_open(ROOT, 0, P("made"), 0, READING, 0, 0, &fd));
}

static void directories_open_as_directories(void)
{
    int32_t fd;
    OK(path_create_directory(ROOT, P("d")));
    put("f", "text");
    OK(path_open(ROOT, 0, P("d"), MUST_BE_DIRECTORY, READING, 0, 0, &fd));
    IS(fdstat_of(fd).type == DIRECTORY);
    OK(path_open(ROOT, 0, P("d"), 0, READING, 0, 0, &fd));
    IS(fdstat_of(fd).type == DIRECTORY);
    OK(path_open(ROOT, 0, P("d/"), 0, READING, 0, 0, &fd));
    OK(path_open(ROOT, 0, P("."), 0, READING, 0, 0, &fd));
    IS(stat_of(fd).ino == stat_of(ROOT).ino);
    GIVES(isdir, path_open(ROOT, 0, P("d"), 0, RIGHT(FD_WRITE), 0, 0, &fd));
    GIVES(isdir, path_open(ROOT, 0, P("d"), TRUNCATE, ALL_RIGHTS, 0, 0, &fd));
    GIVES(isdir, path_open(ROOT, 0, P("d"), CREATE, ALL_RIGHTS, 0, 0, &fd));
    GIVES(exist, path_open(ROOT, 0, P("d"), CREATE | EXCLUSIVE, ALL_RIGHTS, 0, 0, &fd));
    GIVES(isdir, path_open(ROOT, 0, P("new/"), CREATE, ALL_RIGHTS, 0, 0, &fd));
    GIVES(notdir, path_open(ROOT, 0, P("f"), MUST_BE_DIRECTORY, READING, 0, 0, &fd));
    GIVES(notdir, path_open(ROOT, 0, P("f/"), 0, READING, 0, 0, &fd));
    GIVES(notdir, path_open(ROOT, 0, P("f/x"), 0, READING, 0, 0, &fd));
    GIVES(noent, path_open(ROOT, 0, P("none/x"), CREATE, ALL_RIGHTS, 0, 0, &fd));
}

static void a_file_is_no_directory_to_start_from(void)
{
    struct filestat stat;
    char bytes[8];
    uint32_t count;
    int32_t fd = create("f"), other;
    GIVES(notdir, path_open(fd, 0, P("x"), 0, READING, 0, 0, &other));
    GIVES(notdir, path_create_directory(fd, P("x")));
    GIVES(notdir, path_filestat_get(fd, 0, P("x"), &stat));
    GIVES(notdir, path_filestat_set_times(fd, 0, P("x"), 0, 0, 0));
    GIVES(notdir, path_link(fd, 0, P("x"), ROOT, P("y")));
    GIVES(notdir, path_link(ROOT, 0, P("f"), fd, P("y")));
    GIVES(notdir, path_readlink(fd, P("x"), bytes, 8, &count));
    GIVES(notdir, path_remove_directory(fd, P("x")));
    GIVES(notdir, path_rename(fd, P("x"), ROOT, P("y")));
    GIVES(notdir, path_rename(ROOT, P("f"), fd, P("y")));
    GIVES(notdir, path_symlink(P("t"), fd, P("x")));
    GIVES(notdir, path_unlink_file(fd, P("x")));
    GIVES(notdir, fd_readdir(fd, bytes, 8, 0, &count));
    GIVES(badf, path_unlink_file(1, P("x")));
}

static void paths_with_dots_and_slashes(void)
{
    struct filestat stat;
    OK(path_create_directory(ROOT, P("dir")));
    OK(path_create_directory(ROOT, P("dir/nested")));
    put("dir/nested/file", "text");
    uint64_t ino = stat_at(ROOT, "dir/nested/file").ino;
    static const char *const same[] = {
        "dir/.//nested/../../dir/nested/../nested///./file",
        "./dir/nested/file",
        "dir//nested//file",
        "dir/../dir/nested/./file",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        IS(stat_at(ROOT, same[i]).ino == ino);
    IS(stat_at(ROOT, "dir/nested/").ino == stat_at(ROOT, "dir/nested/.").ino);
    IS(stat_at(ROOT, "dir/..").ino == stat_of(ROOT).ino);
    GIVES(notdir, path_filestat_get(ROOT, 0, P("dir/nested/file/"), &stat));
    GIVES(notdir, path_filestat_get(ROOT, 0, P("dir/nested/file/."), &stat));
    GIVES(notdir, path_filestat_get(ROOT, 0, P("dir/nested/file/.."), &stat));
    GIVES(noent, path_filestat_get(ROOT, 0, P("dir/none/.."), &stat));
    GIVES(noent, path_filestat_get(ROOT, 0, P(""), &stat));
    GIVES(inval, path_filestat_get(ROOT, 2, P("dir"), &stat));
    GIVES(fault, path_filestat_get(ROOT, 0, P("dir"), OUTSIDE));
}

static void no_path_leads_out(void)
{
    static const char *const out[] = {
        "..", "../", "../x", "/", "/etc/passwd", "//", "/.", "d/../..", "d/../../ro/f", "./..", "d/d/../../../x",
    };
    struct filestat stat;
    char bytes[8];
    uint32_t count;
    int32_t fd;
    OK(path_create_directory(ROOT, P("d")));
    OK(path_create_directory(ROOT, P("d/d")));
    put("f", "text");
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
        const char *path = out[i];
        uint32_t len = strlen(path);
        GIVES(perm, path_open(ROOT, 0, path, len, 0, READING, 0, 0, &fd));
        GIVES(perm, path_open(ROOT, FOLLOW, path, len, CREATE, ALL_RIGHTS, 0, 0, &fd));
        GIVES(perm, path_create_directory(ROOT, path, len));
        GIVES(perm, path_filestat_get(ROOT, 0, path, len, &stat));
        GIVES(perm, path_filestat_set_times(ROOT, 0, path, len, 0, 0, SET_MTIM_NOW));
        GIVES(perm, path_link(ROOT, 0, path, len, ROOT, P("g")));
        GIVES(perm, path_link(ROOT, 0, P("f"), ROOT, path, len));
        GIVES(perm, path_readlink(ROOT, path, len, bytes, 8, &count));
        GIVES(perm, path_remove_directory(ROOT, path, len));
        GIVES(perm, path_rename(ROOT, path, len, ROOT, P("g")));
        GIVES(perm, path_rename(ROOT, P("f"), ROOT, path, len));
        GIVES(perm, path_symlink(P("f"), ROOT, path, len));
        GIVES(perm, path_unlink_file(ROOT, path, len));
    }
    /* A directory that was opened is the top for what starts there. */
    fd = open_directory("d");
    GIVES(perm, path_filestat_get(fd, 0, P("../f"), &stat));
    GIVES(perm, path_filestat_get(fd, 0, P("d/../../f"), &stat));
}

static void links_are_followed_when_asked_for(void)
{
    struct filestat stat;
    int32_t fd;
    put("f", "text");
    OK(path_create_directory(ROOT, P("d")));
    put("d/g", "in d");
    OK(path_symlink(P("f"), ROOT, P("to_f")));
    OK(path_symlink(P("d"), ROOT, P("to_d")));
    OK(path_symlink(P("../f"), ROOT, P("d/up")));
    IS(stat_at(ROOT, "to_f").type == SYMBOLIC_LINK && stat_at(ROOT, "to_f").size == 1);
    OK(path_filestat_get(ROOT, FOLLOW, P("to_f"), &stat));
    IS(stat.type == REGULAR_FILE && stat.size == 4);
    GIVES(loop, path_open(ROOT, 0, P("to_f"), 0, READING, 0, 0, &fd));
    OK(path_open(ROOT, FOLLOW, P("to_f"), 0, READING, 0, 0, &fd));
    IS(stat_at(ROOT, "to_d/g").size == 4);
    IS(stat_at(ROOT, "to_d/").type == DIRECTORY);
    IS(has("to_d/up", "text"));
    GIVES(exist, path_open(ROOT, FOLLOW, P("to_f"), CREATE | EXCLUSIVE, ALL_RIGHTS, 0, 0, &fd));
    GIVES(notdir, path_open(ROOT, FOLLOW, P("to_f/"), 0, READING, 0, 0, &fd));
    GIVES(notdir, path_open(ROOT, 0, P("to_f/"), 0, READING, 0, 0, &fd));
    GIVES(notdir, path_open(ROOT, 0, P("to_f/x"), 0, READING, 0, 0, &fd));
    OK(path_open(ROOT, 0, P("to_d/"), MUST_BE_DIRECTORY, READING, 0, 0, &fd));
    OK(path_open(ROOT, FOLLOW, P("to_f"), TRUNCATE, ALL_RIGHTS, 0, 0, &fd));
    IS(stat_at(ROOT, "f").size == 0);
}

static void links_that_lead_out_are_not_followed(void)
{
    struct filestat stat;
    int32_t fd;
    OK(path_create_directory(ROOT, P("d")));
    static const char *const texts[] = {"..", "../x", "../../etc", "d/../../x", "../"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        OK(path_symlink(texts[i], strlen(texts[i]), ROOT, P("l")));
        GIVES(perm, path_open(ROOT, FOLLOW, P("l"), 0, READING, 0, 0, &fd));
        GIVES(perm, path_open(ROOT, FOLLOW, P("l"), CREATE, ALL_RIGHTS, 0, 0, &fd));
        GIVES(perm, path_open(ROOT, 0, P("l/"), 0, READING, 0, 0, &fd));
        GIVES(perm, path_open(ROOT, 0, P("l//"), MUST_BE_DIRECTORY, READING, 0, 0, &fd));
        GIVES(perm, path_open(ROOT, 0, P("l/."), 0, READING, 0, 0, &fd));
        GIVES(perm, path_open(ROOT, 0, P("l/.."), 0, READING, 0, 0, &fd));
        GIVES(perm, path_open(ROOT, 0, P("l/passwd"), 0, READING, 0, 0, &fd));
        GIVES(perm, path_filestat_get(ROOT, FOLLOW, P("l"), &stat));
        GIVES(perm, path_link(ROOT, FOLLOW, P("l"), ROOT, P("g")));
        GIVES(perm, path_create_directory(ROOT, P("l/new")));
        OK(path_unlink_file(ROOT, P("l")));
    }
    GIVES(perm, path_symlink(P("/etc/passwd"), ROOT, P("l")));
    GIVES(perm, path_symlink(P("/"), ROOT, P("l")));
}

static void links_that_dangle_or_loop(void)
{
    struct filestat stat;
    int32_t fd;
    OK(path_symlink(P("none"), ROOT, P("dangling")));
    GIVES(noent, path_open(ROOT, FOLLOW, P("dangling"), 0, READING, 0, 0, &fd));
    GIVES(noent, path_filestat_get(ROOT, FOLLOW, P("dangling"), &stat));
    GIVES(noent, path_open(ROOT, 0, P("dangling/"), 0, READING, 0, 0, &fd));
    GIVES(noent, path_open(ROOT, 0, P("dangling/x"), 0, READING, 0, 0, &fd));
    GIVES(loop, path_open(ROOT, 0, P("dangling"), 0, READING, 0, 0, &fd));
    GIVES(exist, path_open(ROOT, FOLLOW, P("dangling"), CREATE | EXCLUSIVE, ALL_RIGHTS, 0, 0, &fd));
    OK(path_open(ROOT, FOLLOW, P("dangling"), CREATE, ALL_RIGHTS, 0, 0, &fd));
    IS(stat_at(ROOT, "none").type == REGULAR_FILE);
    OK(path_symlink(P("self"), ROOT, P("self")));
    GIVES(loop, path_open(ROOT, FOLLOW, P("self"), 0, READING, 0, 0, &fd));
    GIVES(loop, path_open(ROOT, 0, P("self/x"), 0, READING, 0, 0, &fd));
    GIVES(loop, path_filestat_get(ROOT, FOLLOW, P("self"), &stat));
    GIVES(loop, path_create_directory(ROOT, P("self/x")));
    GIVES(loop, path_filestat_set_times(ROOT, FOLLOW, P("self"), 0, 0, SET_MTIM_NOW));
    GIVES(loop, path_link(ROOT, FOLLOW, P("self"), ROOT, P("g")));
    GIVES(loop, path_remove_directory(ROOT, P("self/x")));
    GIVES(loop, path_rename(ROOT, P("self/x"), ROOT, P("g")));
    GIVES(loop, path_symlink(P("t"), ROOT, P("self/x")));
    GIVES(loop, path_unlink_file(ROOT, P("self/x")));
    char bytes[8];
    uint32_t count;
    GIVES(loop, path_readlink(ROOT, P("self/x"), bytes, 8, &count));
    OK(path_symlink(P("b"), ROOT, P("a")));
    OK(path_symlink(P("a"), ROOT, P("b")));
    GIVES(loop, path_open(ROOT, FOLLOW, P("a"), 0, READING, 0, 0, &fd));
}

static void chains_of_links_are_bounded(void)
{
    struct filestat stat;
    char name[16], next[16];
    put("l0", "end");
    for (int i = 1; i <= 41; i++) {
        snprintf(name, sizeof name, "l%d", i);
        snprintf(next, sizeof next, "l%d", i - 1);
        OK(path_symlink(next, strlen(next), ROOT, name, strlen(name)));
    }
    OK(path_filestat_get(ROOT, FOLLOW, P("l40"), &stat));
    IS(stat.size == 3);
    GIVES(loop, path_filestat_get(ROOT, FOLLOW, P("l41"), &stat));
}

static void names_that_are_no_names(void)
{
    static char text[70000];
    struct filestat stat;
    char bytes[8];
    uint32_t count;
    int32_t fd;
    static const struct {
        const char *path;
        uint32_t len;
    } not_text[] = {{P("\xff")}, {P("a\xc3")}, {P("d/\xed\xa0\x80")}};
    put("f", "text");
    for (size_t i = 0; i < sizeof not_text / sizeof *not_text; i++) {
        const char *path = not_text[i].path;
        uint32_t len = not_text[i].len;
        GIVES(ilseq, path_open(ROOT, 0, path, len, CREATE, ALL_RIGHTS, 0, 0, &fd));
        GIVES(ilseq, path_create_directory(ROOT, path, len));
        GIVES(ilseq, path_filestat_get(ROOT, 0, path, len, &stat));
        GIVES(ilseq, path_filestat_set_times(ROOT, 0, path, len, 0, 0, 0));
        GIVES(ilseq, path_link(ROOT, 0, path, len, ROOT, P("g")));
        GIVES(ilseq, path_link(ROOT, 0, P("f"), ROOT, path, len));
        GIVES(ilseq, path_readlink(ROOT, path, len, bytes, 8, &count));
        GIVES(ilseq, path_remove_directory(ROOT, path, len));
        GIVES(ilseq, path_rename(ROOT, path, len, ROOT, P("g")));
        GIVES(ilseq, path_rename(ROOT, P("f"), ROOT, path, len));
        GIVES(ilseq, path_symlink(P("t"), ROOT, path, len));
        GIVES(ilseq, path_symlink(path, len, ROOT, P("l")));
        GIVES(ilseq, path_unlink_file(ROOT, path, len));
    }
    GIVES(inval, path_open(ROOT, 0, P("f\0"), 0, READING, 0, 0, &fd));
    GIVES(inval, path_open(ROOT, 0, P("a\0b"), CREATE, ALL_RIGHTS, 0, 0, &fd));
    memset(text, 'a', sizeof text);
    OK(path_open(ROOT, 0, text, 255, CREATE, ALL_RIGHTS, 0, 0, &fd));
    OK(path_unlink_file(ROOT, text, 255));
    static const uint32_t lengths[] = {256, 4096, 65536, 65537, 70000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint32_t len = lengths[i];
        GIVES(nametoolong, path_open(ROOT, 0, text, len, CREATE, ALL_RIGHTS, 0, 0, &fd));
        GIVES(nametoolong, path_create_directory(ROOT, text, len));
        GIVES(nametoolong, path_filestat_get(ROOT, 0, text, len, &stat));
        GIVES(nametoolong, path_filestat_set_times(ROOT, 0, text, len, 0, 0, 0));
        GIVES(nametoolong, path_link(ROOT, 0, P("f"), ROOT, text, len));
        GIVES(nametoolong, path_readlink(ROOT, text, len, bytes, 8, &count));
        GIVES(nametoolong, path_remove_directory(ROOT, text, len));
        GIVES(nametoolong, path_rename(ROOT, P("f"), ROOT, text, len));
        GIVES(nametoolong, path_symlink(P("t"), ROOT, text, len));
        GIVES(nametoolong, path_unlink_file(ROOT, text, len));
    }
    GIVES(nametoolong, path_symlink(text, 4097, ROOT, P("l")));
    for (size_t i = 1; i < sizeof text; i += 2)
        text[i] = '/';
    GIVES(noent, path_open(ROOT, 0, text, 65536, 0, READING, 0, 0, &fd));
    GIVES(nametoolong, path_open(ROOT, 0, text, 65537, 0, READING, 0, 0, &fd));
}

static void paths_outside_of_memory(void)
{
    struct filestat stat;
    char bytes[8];
    uint32_t count;
    int32_t fd;
    static const uint32_t lengths[] = {2, 1000, UINT32_MAX};
    put("f", "text");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint32_t len = lengths[i];
        GIVES(fault, path_open(ROOT, 0, OUTSIDE, len, 0, READING, 0, 0, &fd));
        GIVES(fault, path_create_directory(ROOT, OUTSIDE, len));
        GIVES(fault, path_filestat_get(ROOT, 0, OUTSIDE, len, &stat));
        GIVES(fault, path_filestat_set_times(ROOT, 0, OUTSIDE, len, 0, 0, 0));
        GIVES(fault, path_link(ROOT, 0, OUTSIDE, len, ROOT, P("g")));
        GIVES(fault, path_link(ROOT, 0, P("f"), ROOT, OUTSIDE, len));
        GIVES(fault, path_readlink(ROOT, OUTSIDE, len, bytes, 8, &count));
        GIVES(fault, path_remove_directory(ROOT, OUTSIDE, len));
        GIVES(fault, path_rename(ROOT, OUTSIDE, len, ROOT, P("g")));
        GIVES(fault, path_rename(ROOT, P("f"), ROOT, OUTSIDE, len));
        GIVES(fault, path_symlink(OUTSIDE, len, ROOT, P("l")));
        GIVES(fault, path_symlink(P("t"), ROOT, OUTSIDE, len));
        GIVES(fault, path_unlink_file(ROOT, OUTSIDE, len));
    }
}

CASES(CASE(files_are_made_as_the_flags_say),
      CASE(directories_open_as_directories),
      CASE(a_file_is_no_directory_to_start_from),
      CASE(paths_with_dots_and_slashes),
      CASE(no_path_leads_out),
      CASE(links_are_followed_when_asked_for),
      CASE(links_that_lead_out_are_not_followed),
      CASE(links_that_dangle_or_loop),
      CASE(chains_of_links_are_bounded),
      CASE(names_that_are_no_names),
      CASE(paths_outside_of_memory))
