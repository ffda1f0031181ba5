/* Runs one case of a program and tells what it saw. */
#include "expect.h"

#define MAX_SEEN 512

static char seen[MAX_SEEN][48];
static size_t seen_count;

static const char *errno_name(int32_t code)
{
    switch (code) {
#define X(name, code) case code: return #name;
        ERRNOS(X)
#undef X
    default: return NULL;
    }
}

void gives(int line, int32_t expected, const char *call, int32_t code)
{
    const char *name = errno_name(code);
    if (code != expected) {
        fprintf(stderr, "line %d: %s gave %s (%d), not %s\n", line, call, name ? name : "?", (int)code,
                errno_name(expected));
        exit(1);
    }
    const char *function = strncmp(call, "host_", 5) ? call : call + 5;
    char pair[48];
    snprintf(pair, sizeof pair, "%.*s %s", (int)strcspn(function, "("), function, name);
    for (size_t i = 0; i < seen_count; i++)
        if (!strcmp(seen[i], pair))
            return;
    if (seen_count == MAX_SEEN)
        abort();
    strcpy(seen[seen_count++], pair);
}

void holds(int line, bool condition, const char *text)
{
    if (condition)
        return;
    fprintf(stderr, "line %d: not so: %s\n", line, text);
    exit(1);
}

int32_t open_at(int32_t dir, const char *path, uint32_t oflags, uint64_t rights)
{
    int32_t fd = -1;
    OK(path_open(dir, 0, path, strlen(path), oflags, rights, rights, 0, &fd));
    return fd;
}

int32_t open_directory(const char *path)
{
    int32_t fd = -1;
    uint64_t rights = fdstat_of(ROOT).rights;
    OK(path_open(ROOT, 0, path, strlen(path), MUST_BE_DIRECTORY, rights, ALL_RIGHTS, 0, &fd));
    return fd;
}

int32_t create(const char *path)
{
    return open_at(ROOT, path, CREATE | EXCLUSIVE, ALL_RIGHTS);
}

void write_text(int32_t fd, const char *text)
{
    struct span piece = {text, strlen(text)};
    uint32_t written = 0;
    OK(fd_write(fd, &piece, 1, &written));
    IS(written == piece.len);
}

void put(const char *path, const char *text)
{
    int32_t fd = open_at(ROOT, path, CREATE | TRUNCATE, ALL_RIGHTS);
    write_text(fd, text);
    OK(fd_close(fd));
}

bool has(const char *path, const char *text)
{
    int32_t fd = -1;
    OK(path_open(ROOT, FOLLOW, path, strlen(path), 0, READING, 0, 0, &fd));
    char data[256];
    struct span piece = {data, sizeof data};
    uint32_t count = 0;
    OK(fd_read(fd, &piece, 1, &count));
    OK(fd_close(fd));
    return count == strlen(text) && !memcmp(data, text, count);
}

struct filestat stat_at(int32_t dir, const char *path)
{
    struct filestat stat;
    OK(path_filestat_get(dir, 0, path, strlen(path), &stat));
    return stat;
}

struct filestat stat_of(int32_t fd)
{
    struct filestat stat;
    OK(fd_filestat_get(fd, &stat));
    return stat;
}

struct fdstat fdstat_of(int32_t fd)
{
    struct fdstat stat;
    OK(fd_fdstat_get(fd, &stat));
    return stat;
}

uint64_t tell(int32_t fd)
{
    uint64_t offset = UINT64_MAX;
    OK(fd_tell(fd, &offset));
    return offset;
}

int run_cases(int argc, char **argv, const struct test *tests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (argc < 2) {
            puts(tests[i].name);
            continue;
        }
        if (strcmp(argv[1], tests[i].name))
            continue;
        tests[i].run();
        for (size_t k = 0; k < seen_count; k++)
            puts(seen[k]);
        return 0;
    }
    if (argc < 2)
        return 0;
    fprintf(stderr, "there is no case %s\n", argv[1]);
    return 2;
}
