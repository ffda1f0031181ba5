/* A walk of many random steps over a small tree, which prints what each step gave: on two filesystems, or
 * two hosts, the same seed must print the same.
 *
 * Arguments: the seed, the number of steps. No right is missing, no pointer wrong and no name followed by
 * a slash; cases of those are in the other programs. */
#include "expect.h"

static uint64_t state;

static uint32_t below(uint32_t limit)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(state >> 33) % limit;
}

static const char *const names[] = {"a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "l", "d/l", "m", "d/../b", "none/a"};
static const char *const texts[] = {"a", "d", "../a", "b", "d/e", "l", "none", "../.."};

static const char *a_name(void)
{
    return names[below(sizeof names / sizeof *names)];
}

enum { FILES = 4 };
static int32_t files[FILES] = {-1, -1, -1, -1};

static void tell_stat(int32_t result, const struct filestat *stat)
{
    printf(" %d", (int)result);
    if (result == E_success && stat->type == DIRECTORY)
        printf(" directory");
    else if (result == E_success)
        printf(" type %d size %llu links %llu", stat->type, (unsigned long long)stat->size,
               (unsigned long long)stat->nlink);
}

static void step_on_names(uint32_t kind)
{
    const char *one = a_name(), *other = a_name();
    uint32_t len = strlen(one), other_len = strlen(other);
    struct filestat stat = {0};
    switch (kind) {
    case 0:
        printf("create_directory %s %d", one, (int)path_create_directory(ROOT, one, len));
        break;
    case 1:
        printf("remove_directory %s %d", one, (int)path_remove_directory(ROOT, one, len));
        break;
    case 2:
        printf("unlink_file %s %d", one, (int)path_unlink_file(ROOT, one, len));
        break;
    case 3:
        printf("rename %s %s %d", one, other, (int)path_rename(ROOT, one, len, ROOT, other, other_len));
        break;
    case 4:
        printf("link %s %s %d", one, other, (int)path_link(ROOT, 0, one, len, ROOT, other, other_len));
        break;
    case 5: {
        const char *text = texts[below(sizeof texts / sizeof *texts)];
        printf("symlink %s %s %d", text, one, (int)path_symlink(text, strlen(text), ROOT, one, len));
        break;
    }
    case 6: {
        char text[32] = "";
        uint32_t count = 0;
        int32_t result = path_readlink(ROOT, one, len, text, sizeof text - 1, &count);
        printf("readlink %s %d %.*s", one, (int)result, (int)count, text);
        break;
    }
    default: {
        uint32_t follow = below(2);
        int32_t result = path_filestat_get(ROOT, follow, one, len, &stat);
        printf("filestat %s %s", one, follow ? "followed" : "itself");
        tell_stat(result, &stat);
    }
    }
}

static void open_one(uint32_t slot)
{
    static const uint32_t how[] = {0, CREATE, CREATE | EXCLUSIVE, CREATE | TRUNCATE, TRUNCATE};
    const char *one = a_name();
    uint32_t oflags = how[below(5)], follow = below(2);
    uint32_t append = below(4) == 0 && !(oflags & TRUNCATE) ? APPEND : 0;
    uint64_t rights = RIGHT(FD_READ) | RIGHT(FD_WRITE) | RIGHT(FD_SEEK) | RIGHT(FD_TELL) | RIGHT(FD_FILESTAT_GET) |
                      RIGHT(FD_FILESTAT_SET_SIZE);
    int32_t result = path_open(ROOT, follow, one, strlen(one), oflags, rights, 0, append, &files[slot]);
    if (result != E_success)
        files[slot] = -1;
    printf("open %s oflags %u %s%s %d", one, (unsigned)oflags, follow ? "followed" : "itself",
           append ? " append" : "", (int)result);
}

static void step_on_file(int32_t *fd, uint32_t kind)
{
    static char data[40000];
    struct span piece = {data, below(3) ? below(100) : below(sizeof data)};
    struct filestat stat = {0};
    uint32_t count = 0;
    uint64_t offset = 0;
    int32_t result;
    switch (kind) {
    case 0:
    case 1:
        memset(data, 'a' + (int)below(26), piece.len);
        result = fd_write(*fd, &piece, 1, &count);
        printf("write %u %d %u", (unsigned)piece.len, (int)result, (unsigned)count);
        break;
    case 2: {
        result = fd_read(*fd, &piece, 1, &count);
        uint32_t sum = 0;
        for (uint32_t i = 0; i < count; i++)
            sum = sum * 31 + (uint8_t)data[i];
        printf("read %u %d %u sum %u", (unsigned)piece.len, (int)result, (unsigned)count, (unsigned)sum);
        break;
    }
    case 3: {
        uint32_t whence = below(3);
        int64_t by = (int64_t)below(70000) - 5000;
        result = fd_seek(*fd, by, whence, &offset);
        printf("seek %lld from %u %d %llu", (long long)by, (unsigned)whence, (int)result, (unsigned long long)offset);
        break;
    }
    case 4: {
        uint64_t size = below(60000);
        result = fd_filestat_set_size(*fd, size);
        printf("set_size %llu %d", (unsigned long long)size, (int)result);
        break;
    }
    case 5:
        result = fd_filestat_get(*fd, &stat);
        printf("filestat");
        tell_stat(result, &stat);
        break;
    default:
        printf("close %d", (int)fd_close(*fd));
        *fd = -1;
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void list(void)
{
    static uint8_t buffer[8192];
    static char found[64][32];
    size_t count = 0;
    uint32_t used = 0;
    printf("listed %d", (int)fd_readdir(ROOT, buffer, sizeof buffer, 0, &used));
    for (uint32_t at = 0; at + sizeof(struct dirent) <= used && count < 64;) {
        struct dirent entry;
        memcpy(&entry, buffer + at, sizeof entry);
        snprintf(found[count++], sizeof *found, "%.*s:%d", (int)entry.name_len, buffer + at + sizeof entry,
                 entry.type);
        at += sizeof entry + entry.name_len;
    }
    qsort(found, count, sizeof *found, by_text);
    for (size_t i = 0; i < count; i++)
        printf(" %s", found[i]);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    state = strtoull(argv[1], NULL, 10);
    for (int left = atoi(argv[2]); left > 0; left--) {
        uint32_t slot = below(FILES), kind = below(20);
        if (kind == 19)
            list();
        else if (kind < 10)
            step_on_names(kind);
        else if (files[slot] < 0)
            open_one(slot);
        else
            step_on_file(&files[slot], kind % 7);
        putchar('\n');
    }
    return 0;
}
