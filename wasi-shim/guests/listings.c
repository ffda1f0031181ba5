/* Listings of directories, and the times of files. */
#include "expect.h"

enum { MANY = 300 };

struct seen {
    uint32_t self, parent, others, files, directories, links;
    bool named[MANY];
};

/* One call; the entries that are whole are counted. The cookie after the last whole one comes back. */
static uint64_t list(int32_t dir, uint8_t *buffer, uint32_t len, uint64_t cookie, struct seen *seen, bool *end)
{
    uint32_t used = 0, at = 0;
    OK(fd_readdir(dir, buffer, len, cookie, &used));
    IS(used <= len);
    *end = used < len;
    while (at + sizeof(struct dirent) <= used) {
        struct dirent entry;
        memcpy(&entry, buffer + at, sizeof entry);
        IS(buffer[at + 21] == 0 && buffer[at + 22] == 0 && buffer[at + 23] == 0);
        const char *name = (const char *)buffer + at + sizeof entry;
        if (at + sizeof entry + entry.name_len > used)
            break;
        at += sizeof entry + entry.name_len;
        cookie = entry.next;
        if (entry.name_len == 1 && name[0] == '.')
            seen->self++;
        else if (entry.name_len == 2 && !memcmp(name, "..", 2))
            seen->parent++;
        else {
            seen->others++;
            seen->files += entry.type == REGULAR_FILE;
            seen->directories += entry.type == DIRECTORY;
            seen->links += entry.type == SYMBOLIC_LINK;
            char path[32];
            IS(entry.name_len < sizeof path);
            memcpy(path, name, entry.name_len);
            path[entry.name_len] = 0;
            int number = 0;
            if (sscanf(path, "file%d", &number) == 1 && number < MANY) {
                IS(!seen->named[number]);
                seen->named[number] = true;
            }
        }
    }
    return cookie;
}

static struct seen list_all(int32_t dir, uint32_t len)
{
    static uint8_t buffer[65536];
    struct seen seen = {0};
    uint64_t cookie = 0;
    bool end = false;
    for (int calls = 0; !end; calls++) {
        IS(calls < 2000);
        cookie = list(dir, buffer, len, cookie, &seen, &end);
    }
    return seen;
}

static void make_many(void)
{
    char path[32];
    for (int i = 0; i < MANY; i++) {
        snprintf(path, sizeof path, "file%d", i);
        OK(fd_close(create(path)));
    }
}

static void an_empty_directory_has_two_entries(void)
{
    OK(path_create_directory(ROOT, P("d")));
    struct seen seen = list_all(open_directory("d"), 4096);
    IS(seen.self == 1 && seen.parent == 1 && seen.others == 0);
}

static void every_entry_is_listed_once_whatever_the_buffer(void)
{
    make_many();
    OK(path_create_directory(ROOT, P("dir")));
    OK(path_symlink(P("none"), ROOT, P("link")));
    static const uint32_t sizes[] = {32, 33, 57, 100, 1000, 4096, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct seen seen = list_all(ROOT, sizes[i]);
        IS(seen.self == 1 && seen.parent == 1 && seen.others == MANY + 2);
        IS(seen.files == MANY && seen.directories == 1 && seen.links == 1);
        for (int n = 0; n < MANY; n++)
            IS(seen.named[n]);
    }
}

static void buffers_too_small_for_an_entry(void)
{
    put("a_name_of_some_length", "");
    uint8_t buffer[64];
    uint32_t used = 99;
    static const uint32_t sizes[] = {0, 1, 23, 24, 25};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        memset(buffer, 0xaa, sizeof buffer);
        OK(fd_readdir(ROOT, buffer, sizes[i], 0, &used));
        IS(used == sizes[i] && buffer[sizes[i]] == 0xaa);
    }
    struct dirent entry;
    memcpy(&entry, buffer, sizeof entry);
    IS(entry.name_len == 1 && buffer[24] == '.' && entry.type == DIRECTORY);
}

static void a_listing_goes_on_while_entries_come_and_go(void)
{
    make_many();
    uint8_t buffer[2000];
    struct seen seen = {0};
    bool end = false;
    uint64_t cookie = list(ROOT, buffer, sizeof buffer, 0, &seen, &end);
    IS(!end && seen.others > 10 && seen.others < 100);
    char path[32];
    for (int i = 0; i < MANY; i += 2) {
        snprintf(path, sizeof path, "file%d", i);
        OK(path_unlink_file(ROOT, path, strlen(path)));
        snprintf(path, sizeof path, "extra%d", i);
        put(path, "");
    }
    while (!end)
        cookie = list(ROOT, buffer, sizeof buffer, cookie, &seen, &end);
    for (int i = 1; i < MANY; i += 2)
        IS(seen.named[i]);
    /* From the same cookie again: the rest, and nothing from before. */
    IS(seen.self == 1 && seen.parent == 1);
    seen = (struct seen){0};
    list(ROOT, buffer, sizeof buffer, cookie, &seen, &end);
    IS(end && seen.others == 0 && seen.self == 0);
}

static void cookies_that_nobody_gave(void)
{
    make_many();
    uint8_t buffer[4096];
    uint32_t used = 99;
    OK(fd_readdir(ROOT, buffer, sizeof buffer, UINT64_MAX, &used));
    IS(used == 0);
    OK(fd_readdir(ROOT, buffer, sizeof buffer, 1, &used));
    struct dirent entry;
    memcpy(&entry, buffer, sizeof entry);
    IS(entry.name_len == 2 && !memcmp(buffer + 24, "..", 2));
    GIVES(fault, fd_readdir(ROOT, OUTSIDE, 100, 0, &used));
    GIVES(fault, fd_readdir(ROOT, buffer, sizeof buffer, 0, OUTSIDE));
    GIVES(badf, fd_readdir(1, buffer, sizeof buffer, 0, &used));
}

static void everything_listed_can_be_removed(void)
{
    make_many();
    uint8_t buffer[4096];
    char path[256];
    int removed = 0;
    for (uint64_t cookie = 0;;) {
        uint32_t used = 0, at = 0;
        OK(fd_readdir(ROOT, buffer, sizeof buffer, cookie, &used));
        while (at + sizeof(struct dirent) <= used) {
            struct dirent entry;
            memcpy(&entry, buffer + at, sizeof entry);
            if (at + sizeof entry + entry.name_len > used)
                break;
            memcpy(path, buffer + at + sizeof entry, entry.name_len);
            at += sizeof entry + entry.name_len;
            cookie = entry.next;
            if (entry.type == DIRECTORY)
                continue;
            OK(path_unlink_file(ROOT, path, entry.name_len));
            removed++;
        }
        if (used < sizeof buffer)
            break;
    }
    IS(removed == MANY);
    IS(list_all(ROOT, 4096).others == 0);
}

#define SECOND UINT64_C(1000000000)

static void times_are_set(void)
{
    put("f", "text");
    OK(path_symlink(P("f"), ROOT, P("l")));
    int32_t fd = open_at(ROOT, "f", 0, ALL_RIGHTS);
    uint64_t early = 1000 * SECOND, late = 2000000000 * SECOND, now;
    OK(fd_filestat_set_times(fd, early, late, SET_ATIM | SET_MTIM));
    IS(stat_of(fd).atim == early && stat_of(fd).mtim == late);
    OK(fd_filestat_set_times(fd, 5 * SECOND, 6 * SECOND, SET_MTIM));
    IS(stat_of(fd).atim == early && stat_of(fd).mtim == 6 * SECOND);
    OK(fd_filestat_set_times(fd, 1, 2, 0));
    IS(stat_of(fd).atim == early && stat_of(fd).mtim == 6 * SECOND);
    OK(clock_time_get(REALTIME, 0, &now));
    OK(fd_filestat_set_times(fd, 1, 2, SET_MTIM_NOW));
    IS(stat_of(fd).mtim + SECOND > now && stat_of(fd).mtim < now + 100 * SECOND);
    OK(path_filestat_set_times(ROOT, FOLLOW, P("l"), early, early, SET_ATIM | SET_MTIM));
    IS(stat_of(fd).mtim == early);
    OK(path_filestat_set_times(ROOT, 0, P("l"), late, late, SET_ATIM | SET_MTIM));
    IS(stat_of(fd).mtim == early && stat_at(ROOT, "l").mtim == late);
    OK(path_filestat_set_times(ROOT, 0, P("f"), 0, 0, SET_ATIM_NOW | SET_MTIM));
    IS(stat_of(fd).mtim == 0);
    OK(fd_filestat_set_times(ROOT, early, late, SET_ATIM | SET_MTIM));
    IS(stat_of(ROOT).mtim == late);
}

static void times_that_cannot_be_set(void)
{
    put("f", "text");
    int32_t fd = open_at(ROOT, "f", 0, ALL_RIGHTS);
    GIVES(inval, fd_filestat_set_times(fd, 0, 0, SET_ATIM | SET_ATIM_NOW));
    GIVES(inval, fd_filestat_set_times(fd, 0, 0, SET_MTIM | SET_MTIM_NOW));
    GIVES(inval, fd_filestat_set_times(fd, 0, 0, 16));
    GIVES(inval, path_filestat_set_times(ROOT, 0, P("f"), 0, 0, SET_ATIM | SET_ATIM_NOW));
    GIVES(inval, path_filestat_set_times(ROOT, 0, P("f"), 0, 0, 255));
    GIVES(inval, path_filestat_set_times(ROOT, 2, P("f"), 0, 0, 0));
    GIVES(noent, path_filestat_set_times(ROOT, 0, P("none"), 0, 0, SET_MTIM));
    GIVES(notdir, path_filestat_set_times(ROOT, 0, P("f/"), 0, 0, SET_MTIM));
    GIVES(noent, path_filestat_get(ROOT, 0, P("none"), &(struct filestat){0}));
}

static void writing_moves_the_time(void)
{
    int32_t fd = create("f");
    OK(fd_filestat_set_times(fd, 0, 0, SET_ATIM | SET_MTIM));
    write_text(fd, "x");
    IS(stat_of(fd).mtim > 0 && stat_of(fd).ctim > 0);
    OK(path_create_directory(ROOT, P("d")));
    int32_t dir = open_directory("d");
    OK(fd_filestat_set_times(dir, 0, 0, SET_ATIM | SET_MTIM));
    put("d/new", "");
    IS(stat_of(dir).mtim > 0);
}

CASES(CASE(an_empty_directory_has_two_entries),
      CASE(every_entry_is_listed_once_whatever_the_buffer),
      CASE(buffers_too_small_for_an_entry),
      CASE(a_listing_goes_on_while_entries_come_and_go),
      CASE(cookies_that_nobody_gave),
      CASE(everything_listed_can_be_removed),
      CASE(times_are_set),
      CASE(times_that_cannot_be_set),
      CASE(writing_moves_the_time))
