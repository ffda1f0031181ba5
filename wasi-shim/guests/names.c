/* Names: directories, renames, hard and symbolic links, what cannot be changed. */
#include "expect.h"

static bool there(int32_t dir, const char *path)
{
    struct filestat stat;
    return path_filestat_get(dir, 0, path, strlen(path), &stat) == E_success;
}

static void directories_come_and_go(void)
{
    OK(path_create_directory(ROOT, P("d")));
    GIVES(exist, path_create_directory(ROOT, P("d")));
    OK(path_create_directory(ROOT, P("d/e/")));
    GIVES(exist, path_create_directory(ROOT, P("d/.")));
    GIVES(noent, path_create_directory(ROOT, P("none/d")));
    GIVES(noent, path_create_directory(ROOT, P("")));
    put("f", "text");
    GIVES(exist, path_create_directory(ROOT, P("f")));
    GIVES(notdir, path_create_directory(ROOT, P("f/d")));
    GIVES(notempty, path_remove_directory(ROOT, P("d")));
    GIVES(notdir, path_remove_directory(ROOT, P("f")));
    GIVES(noent, path_remove_directory(ROOT, P("none")));
    GIVES(inval, path_remove_directory(ROOT, P("d/.")));
    OK(path_symlink(P("d"), ROOT, P("l")));
    GIVES(notdir, path_remove_directory(ROOT, P("l")));
    OK(path_remove_directory(ROOT, P("d/e/")));
    OK(path_remove_directory(ROOT, P("d")));
    IS(!there(ROOT, "d"));
}

static void a_removed_directory_takes_nothing(void)
{
    OK(path_create_directory(ROOT, P("d")));
    int32_t dir = open_directory("d"), fd;
    OK(path_remove_directory(ROOT, P("d")));
    GIVES(noent, path_open(dir, 0, P("f"), CREATE, ALL_RIGHTS, 0, 0, &fd));
    GIVES(noent, path_create_directory(dir, P("e")));
    GIVES(noent, path_symlink(P("t"), dir, P("l")));
    IS(stat_of(dir).type == DIRECTORY);
    OK(fd_close(dir));
}

static void files_are_unlinked(void)
{
    put("f", "text");
    OK(path_create_directory(ROOT, P("d")));
    OK(path_symlink(P("d"), ROOT, P("l")));
    OK(path_symlink(P("none"), ROOT, P("dangling")));
    GIVES(isdir, path_unlink_file(ROOT, P("d")));
    GIVES(isdir, path_unlink_file(ROOT, P("d/")));
    GIVES(isdir, path_unlink_file(ROOT, P(".")));
    GIVES(notdir, path_unlink_file(ROOT, P("f/")));
    GIVES(notdir, path_unlink_file(ROOT, P("l/")));
    GIVES(notdir, path_unlink_file(ROOT, P("f/x")));
    GIVES(noent, path_unlink_file(ROOT, P("none")));
    OK(path_unlink_file(ROOT, P("f")));
    OK(path_unlink_file(ROOT, P("l")));
    OK(path_unlink_file(ROOT, P("dangling")));
    IS(!there(ROOT, "f") && !there(ROOT, "l") && there(ROOT, "d"));
}

static void files_are_renamed(void)
{
    put("a", "first");
    uint64_t ino = stat_at(ROOT, "a").ino;
    OK(path_rename(ROOT, P("a"), ROOT, P("b")));
    IS(!there(ROOT, "a") && stat_at(ROOT, "b").ino == ino);
    OK(path_rename(ROOT, P("b"), ROOT, P("b")));
    put("c", "second");
    int32_t old = open_at(ROOT, "c", 0, READING);
    OK(path_rename(ROOT, P("b"), ROOT, P("c")));
    IS(has("c", "first") && !there(ROOT, "b") && stat_of(old).size == 6);
    OK(path_create_directory(ROOT, P("d")));
    int32_t dir = open_directory("d");
    OK(path_rename(ROOT, P("c"), dir, P("c")));
    IS(has("d/c", "first"));
    OK(path_rename(dir, P("c"), ROOT, P("d/e")));
    IS(has("d/e", "first"));
    GIVES(noent, path_rename(ROOT, P("none"), ROOT, P("x")));
    GIVES(noent, path_rename(ROOT, P("d/e"), ROOT, P("none/x")));
    OK(path_create_directory(ROOT, P("empty")));
    GIVES(isdir, path_rename(ROOT, P("d/e"), ROOT, P("empty")));
    GIVES(notdir, path_rename(ROOT, P("d/e/"), ROOT, P("x")));
    GIVES(notdir, path_rename(ROOT, P("d/e"), ROOT, P("x/")));
    OK(path_symlink(P("d/e"), ROOT, P("l")));
    OK(path_rename(ROOT, P("l"), ROOT, P("k")));
    IS(stat_at(ROOT, "k").type == SYMBOLIC_LINK && has("k", "first"));
}

static void directories_are_renamed(void)
{
    OK(path_create_directory(ROOT, P("a")));
    OK(path_create_directory(ROOT, P("a/b")));
    put("a/b/f", "text");
    put("file", "text");
    int32_t inner = open_directory("a/b");
    OK(path_rename(ROOT, P("a"), ROOT, P("c/")));
    IS(has("c/b/f", "text") && !there(ROOT, "a"));
    GIVES(inval, path_rename(ROOT, P("c"), ROOT, P("c/b/c")));
    GIVES(inval, path_rename(ROOT, P("c"), ROOT, P("c/c")));
    GIVES(notdir, path_rename(ROOT, P("c"), ROOT, P("file")));
    GIVES(busy, path_rename(ROOT, P("c/."), ROOT, P("x")));
    GIVES(busy, path_rename(ROOT, P("c"), ROOT, P("c/b/..")));
    OK(path_create_directory(ROOT, P("empty")));
    OK(path_create_directory(ROOT, P("full")));
    put("full/f", "text");
    GIVES(notempty, path_rename(ROOT, P("c"), ROOT, P("full")));
    OK(path_rename(ROOT, P("c"), ROOT, P("empty")));
    IS(has("empty/b/f", "text") && !there(ROOT, "c"));
    /* The handle is of the directory, not of its old path. */
    IS(stat_at(inner, "f").size == 4);
    OK(path_rename(ROOT, P("empty/b"), ROOT, P("b")));
    int32_t fd;
    GIVES(perm, path_open(inner, 0, P("../f"), CREATE, ALL_RIGHTS, 0, 0, &fd));
    put("b/g", "new");
    IS(stat_at(inner, "g").size == 3);
}

static void hard_links_are_the_same_file(void)
{
    put("f", "text");
    OK(path_create_directory(ROOT, P("d")));
    OK(path_link(ROOT, 0, P("f"), ROOT, P("d/g")));
    IS(stat_at(ROOT, "f").ino == stat_at(ROOT, "d/g").ino && stat_at(ROOT, "f").nlink == 2);
    struct filestat one = stat_of(open_at(ROOT, "f", 0, READING));
    struct filestat other = stat_of(open_at(ROOT, "d/g", 0, READING));
    IS(!memcmp(&one, &other, sizeof one));
    put("d/g", "other");
    IS(has("f", "other"));
    OK(path_unlink_file(ROOT, P("f")));
    IS(has("d/g", "other") && stat_at(ROOT, "d/g").nlink == 1);
    GIVES(exist, path_link(ROOT, 0, P("d/g"), ROOT, P("d")));
    GIVES(exist, path_link(ROOT, 0, P("d/g"), ROOT, P("d/g")));
    GIVES(noent, path_link(ROOT, 0, P("none"), ROOT, P("x")));
    GIVES(noent, path_link(ROOT, 0, P("d/g"), ROOT, P("none/x")));
    GIVES(perm, path_link(ROOT, 0, P("d"), ROOT, P("x")));
    GIVES(notdir, path_link(ROOT, 0, P("d/g/"), ROOT, P("x")));
    GIVES(noent, path_link(ROOT, 0, P("d/g"), ROOT, P("x/")));
    GIVES(notdir, path_link(ROOT, 0, P("d/g"), ROOT, P("d/g/")));
    GIVES(exist, path_link(ROOT, 0, P("d/g"), ROOT, P("d/")));
    GIVES(inval, path_link(ROOT, 2, P("d/g"), ROOT, P("x")));
}

static void hard_links_of_symbolic_links(void)
{
    put("f", "text");
    OK(path_symlink(P("f"), ROOT, P("l")));
    OK(path_link(ROOT, 0, P("l"), ROOT, P("same")));
    IS(stat_at(ROOT, "same").type == SYMBOLIC_LINK && stat_at(ROOT, "same").ino == stat_at(ROOT, "l").ino);
    OK(path_link(ROOT, FOLLOW, P("l"), ROOT, P("file")));
    IS(stat_at(ROOT, "file").ino == stat_at(ROOT, "f").ino);
    OK(path_symlink(P("none"), ROOT, P("dangling")));
    OK(path_symlink(P("self"), ROOT, P("self")));
    OK(path_link(ROOT, 0, P("dangling"), ROOT, P("a")));
    OK(path_link(ROOT, 0, P("self"), ROOT, P("b")));
    IS(stat_at(ROOT, "a").type == SYMBOLIC_LINK && stat_at(ROOT, "b").type == SYMBOLIC_LINK);
    GIVES(exist, path_link(ROOT, 0, P("f"), ROOT, P("dangling")));
    GIVES(noent, path_link(ROOT, FOLLOW, P("dangling"), ROOT, P("c")));
}

static void texts_of_links(void)
{
    char text[16];
    uint32_t count = 0;
    OK(path_symlink(P("some/where/else"), ROOT, P("l")));
    memset(text, '.', sizeof text);
    OK(path_readlink(ROOT, P("l"), text, sizeof text, &count));
    IS(count == 15 && !memcmp(text, "some/where/else.", 16));
    memset(text, '.', sizeof text);
    OK(path_readlink(ROOT, P("l"), text, 4, &count));
    IS(count == 4 && !memcmp(text, "some....", 8));
    OK(path_readlink(ROOT, P("l"), text, 0, &count));
    IS(count == 0);
    put("f", "text");
    GIVES(inval, path_readlink(ROOT, P("f"), text, sizeof text, &count));
    GIVES(inval, path_readlink(ROOT, P("."), text, sizeof text, &count));
    GIVES(noent, path_readlink(ROOT, P("none"), text, sizeof text, &count));
    GIVES(notdir, path_readlink(ROOT, P("f/x"), text, sizeof text, &count));
    GIVES(fault, path_readlink(ROOT, P("l"), OUTSIDE, 4, &count));
    GIVES(fault, path_readlink(ROOT, P("l"), text, 4, OUTSIDE));
}

static void symbolic_links_are_made(void)
{
    put("f", "text");
    GIVES(exist, path_symlink(P("t"), ROOT, P("f")));
    GIVES(noent, path_symlink(P(""), ROOT, P("l")));
    GIVES(inval, path_symlink(P("a\0b"), ROOT, P("l")));
    GIVES(noent, path_symlink(P("t"), ROOT, P("l/")));
    GIVES(notdir, path_symlink(P("t"), ROOT, P("f/")));
    OK(path_create_directory(ROOT, P("d")));
    GIVES(exist, path_symlink(P("t"), ROOT, P("d")));
    GIVES(exist, path_symlink(P("t"), ROOT, P("d/")));
    GIVES(noent, path_symlink(P("t"), ROOT, P("none/l")));
    GIVES(notdir, path_symlink(P("t"), ROOT, P("f/l")));
    GIVES(exist, path_symlink(P("t"), ROOT, P(".")));
    IS(!there(ROOT, "l"));
}

static void what_is_read_only_stays(void)
{
    struct filestat before = stat_at(READ_ONLY, "f"), after;
    int32_t fd;
    put("f", "text");
    GIVES(rofs, path_open(READ_ONLY, 0, P("f"), 0, RIGHT(FD_WRITE), 0, 0, &fd));
    GIVES(rofs, path_open(READ_ONLY, 0, P("f"), TRUNCATE, RIGHT(FD_WRITE), 0, 0, &fd));
    GIVES(rofs, path_open(READ_ONLY, 0, P("new"), CREATE, ALL_RIGHTS, 0, 0, &fd));
    GIVES(rofs, path_create_directory(READ_ONLY, P("new")));
    GIVES(rofs, path_remove_directory(READ_ONLY, P("d")));
    GIVES(rofs, path_unlink_file(READ_ONLY, P("f")));
    GIVES(rofs, path_symlink(P("f"), READ_ONLY, P("new")));
    GIVES(rofs, path_link(READ_ONLY, 0, P("f"), READ_ONLY, P("new")));
    GIVES(rofs, path_rename(READ_ONLY, P("f"), READ_ONLY, P("new")));
    GIVES(rofs, path_filestat_set_times(READ_ONLY, 0, P("f"), 0, 0, SET_MTIM_NOW));
    OK(path_open(READ_ONLY, 0, P("f"), 0, READING | RIGHT(FD_FILESTAT_SET_TIMES), 0, 0, &fd));
    GIVES(rofs, fd_filestat_set_times(fd, 5, 5, SET_ATIM | SET_MTIM));
    GIVES(rofs, fd_filestat_set_times(READ_ONLY, 5, 5, SET_ATIM | SET_MTIM));
    after = stat_at(READ_ONLY, "f");
    IS(!memcmp(&before, &after, sizeof before));
}

static void trees_are_apart(void)
{
    put("f", "text");
    GIVES(xdev, path_rename(ROOT, P("f"), OTHER, P("f")));
    GIVES(xdev, path_link(ROOT, 0, P("f"), OTHER, P("f")));
    IS(has("f", "text") && !there(OTHER, "f"));
    int32_t moved = path_rename(ROOT, P("f"), READ_ONLY, P("new"));
    IS(moved == E_xdev || moved == E_rofs);
    moved = path_rename(READ_ONLY, P("f"), ROOT, P("new"));
    IS(moved == E_xdev || moved == E_rofs);
    moved = path_link(READ_ONLY, 0, P("f"), ROOT, P("new"));
    IS(moved == E_xdev || moved == E_rofs);
    IS(has("f", "text") && !there(ROOT, "new") && there(READ_ONLY, "f"));
}

static void a_full_tree_says_so(void)
{
    static char bytes[5000];
    struct span out = {bytes, sizeof bytes};
    uint32_t count;
    int32_t fd = open_at(SMALL, "f", CREATE, ALL_RIGHTS), other;
    GIVES(nospc, fd_write(fd, &out, 1, &count));
    IS(stat_of(fd).size == 0);
    GIVES(nospc, fd_pwrite(fd, &out, 1, 100, &count));
    GIVES(nospc, fd_allocate(fd, 0, 5000));
    out.len = 4000;
    OK(fd_write(fd, &out, 1, &count));
    GIVES(nospc, fd_write(fd, &out, 1, &count));
    IS(stat_of(fd).size == 4000);
    OK(path_create_directory(SMALL, P("d")));
    OK(path_symlink(P("f"), SMALL, P("l")));
    GIVES(nospc, path_open(SMALL, 0, P("g"), CREATE, ALL_RIGHTS, 0, 0, &other));
    GIVES(nospc, path_create_directory(SMALL, P("e")));
    GIVES(nospc, path_symlink(P("f"), SMALL, P("m")));
    GIVES(nospc, path_link(SMALL, 0, P("f"), SMALL, P("m")));
    OK(path_unlink_file(SMALL, P("l")));
    OK(path_create_directory(SMALL, P("e")));
}

CASES(CASE(directories_come_and_go),
      CASE(a_removed_directory_takes_nothing),
      CASE(files_are_unlinked),
      CASE(files_are_renamed),
      CASE(directories_are_renamed),
      CASE(hard_links_are_the_same_file),
      CASE(hard_links_of_symbolic_links),
      CASE(texts_of_links),
      CASE(symbolic_links_are_made),
      CASE(what_is_read_only_stays),
      CASE(trees_are_apart),
      CASE(a_full_tree_says_so))
