/* The functions, numbers and records of WASI preview1, as the host sees them: every pointer comes with the
 * length that is told, and a call may be given a wrong one. */
#ifndef PREVIEW1_H
#define PREVIEW1_H

#include <stddef.h>
#include <stdint.h>

#define ERRNOS(X)                                                                                                    \
    X(success, 0) X(badf, 8) X(busy, 10) X(exist, 20) X(fault, 21) X(fbig, 22) X(ilseq, 25) X(inval, 28)             \
    X(isdir, 31) X(loop, 32) X(mfile, 33) X(nametoolong, 37) X(noent, 44) X(nospc, 51) X(notdir, 54)                 \
    X(notempty, 55) X(notsock, 57) X(perm, 63) X(rofs, 69) X(spipe, 70) X(xdev, 75) X(notcapable, 76)

#define X(name, code) E_##name = code,
enum { ERRNOS(X) };
#undef X

enum { UNKNOWN = 0, DIRECTORY = 3, REGULAR_FILE = 4, SYMBOLIC_LINK = 7 };
enum { SET = 0, CURRENT = 1, END = 2 };
enum { FOLLOW = 1 };
enum { CREATE = 1, MUST_BE_DIRECTORY = 2, EXCLUSIVE = 4, TRUNCATE = 8 };
enum { APPEND = 1, DSYNC = 2, NONBLOCK = 4, RSYNC = 8, SYNC = 16 };
enum { SET_ATIM = 1, SET_ATIM_NOW = 2, SET_MTIM = 4, SET_MTIM_NOW = 8 };
enum { REALTIME = 0, MONOTONIC = 1, PROCESS_TIME = 2, THREAD_TIME = 3 };
enum { CLOCK_EVENT = 0, READ_EVENT = 1, WRITE_EVENT = 2, ABSOLUTE = 1 };

#define RIGHT(bit) (UINT64_C(1) << (bit))
enum {
    FD_DATASYNC, FD_READ, FD_SEEK, FD_FDSTAT_SET_FLAGS, FD_SYNC, FD_TELL, FD_WRITE, FD_ADVISE, FD_ALLOCATE,
    PATH_CREATE_DIRECTORY, PATH_CREATE_FILE, PATH_LINK_SOURCE, PATH_LINK_TARGET, PATH_OPEN, FD_READDIR,
    PATH_READLINK, PATH_RENAME_SOURCE, PATH_RENAME_TARGET, PATH_FILESTAT_GET, PATH_FILESTAT_SET_SIZE,
    PATH_FILESTAT_SET_TIMES, FD_FILESTAT_GET, FD_FILESTAT_SET_SIZE, FD_FILESTAT_SET_TIMES, PATH_SYMLINK,
    PATH_REMOVE_DIRECTORY, PATH_UNLINK_FILE, POLL_FD_READWRITE
};
#define ALL_RIGHTS (RIGHT(POLL_FD_READWRITE + 1) - 1)
#define READING (RIGHT(FD_READ) | RIGHT(FD_SEEK) | RIGHT(FD_TELL) | RIGHT(FD_FILESTAT_GET) | RIGHT(FD_READDIR))

struct filestat {
    uint64_t dev, ino;
    uint8_t type;
    uint64_t nlink, size, atim, mtim, ctim;
};

struct fdstat {
    uint8_t type;
    uint16_t flags;
    uint64_t rights, inheriting;
};

struct dirent {
    uint64_t next, ino;
    uint32_t name_len;
    uint8_t type;
};

struct prestat {
    uint8_t tag;
    uint32_t name_len;
};

struct span {
    const void *data;
    uint32_t len;
};

struct subscription {
    uint64_t userdata;
    uint8_t tag;
    union {
        struct {
            uint32_t id;
            uint64_t timeout, precision;
            uint16_t flags;
        } clock;
        uint32_t fd;
    };
};

struct event {
    uint64_t userdata;
    uint16_t error;
    uint8_t type;
    uint64_t bytes;
    uint16_t flags;
};

_Static_assert(sizeof(struct filestat) == 64, "filestat");
_Static_assert(sizeof(struct fdstat) == 24, "fdstat");
_Static_assert(sizeof(struct dirent) == 24, "dirent");
_Static_assert(sizeof(struct prestat) == 8, "prestat");
_Static_assert(sizeof(struct span) == 8, "iovec");
_Static_assert(sizeof(struct subscription) == 48, "subscription");
_Static_assert(sizeof(struct event) == 32, "event");

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int32_t name
#define PATH const char *, uint32_t

IMPORT(args_get)(char **, char *);
IMPORT(args_sizes_get)(uint32_t *, uint32_t *);
IMPORT(environ_get)(char **, char *);
IMPORT(environ_sizes_get)(uint32_t *, uint32_t *);
IMPORT(clock_res_get)(uint32_t, uint64_t *);
IMPORT(clock_time_get)(uint32_t, uint64_t, uint64_t *);
IMPORT(fd_advise)(int32_t, uint64_t, uint64_t, uint32_t);
IMPORT(fd_allocate)(int32_t, uint64_t, uint64_t);
IMPORT(fd_close)(int32_t);
IMPORT(fd_datasync)(int32_t);
IMPORT(fd_fdstat_get)(int32_t, struct fdstat *);
IMPORT(fd_fdstat_set_flags)(int32_t, uint32_t);
IMPORT(fd_fdstat_set_rights)(int32_t, uint64_t, uint64_t);
IMPORT(fd_filestat_get)(int32_t, struct filestat *);
IMPORT(fd_filestat_set_size)(int32_t, uint64_t);
IMPORT(fd_filestat_set_times)(int32_t, uint64_t, uint64_t, uint32_t);
IMPORT(fd_pread)(int32_t, const struct span *, uint32_t, uint64_t, uint32_t *);
IMPORT(fd_prestat_get)(int32_t, struct prestat *);
IMPORT(fd_prestat_dir_name)(int32_t, char *, uint32_t);
IMPORT(fd_pwrite)(int32_t, const struct span *, uint32_t, uint64_t, uint32_t *);
IMPORT(fd_read)(int32_t, const struct span *, uint32_t, uint32_t *);
IMPORT(fd_readdir)(int32_t, void *, uint32_t, uint64_t, uint32_t *);
IMPORT(fd_renumber)(int32_t, int32_t);
IMPORT(fd_seek)(int32_t, int64_t, uint32_t, uint64_t *);
IMPORT(fd_sync)(int32_t);
IMPORT(fd_tell)(int32_t, uint64_t *);
IMPORT(fd_write)(int32_t, const struct span *, uint32_t, uint32_t *);
IMPORT(path_create_directory)(int32_t, PATH);
IMPORT(path_filestat_get)(int32_t, uint32_t, PATH, struct filestat *);
IMPORT(path_filestat_set_times)(int32_t, uint32_t, PATH, uint64_t, uint64_t, uint32_t);
IMPORT(path_link)(int32_t, uint32_t, PATH, int32_t, PATH);
IMPORT(path_open)(int32_t, uint32_t, PATH, uint32_t, uint64_t, uint64_t, uint32_t, int32_t *);
IMPORT(path_readlink)(int32_t, PATH, char *, uint32_t, uint32_t *);
IMPORT(path_remove_directory)(int32_t, PATH);
IMPORT(path_rename)(int32_t, PATH, int32_t, PATH);
IMPORT(path_symlink)(PATH, int32_t, PATH);
IMPORT(path_unlink_file)(int32_t, PATH);
IMPORT(poll_oneoff)(const struct subscription *, struct event *, uint32_t, uint32_t *);
IMPORT(proc_raise)(uint32_t);
IMPORT(random_get)(void *, uint32_t);
IMPORT(sock_accept)(int32_t, uint32_t, int32_t *);
IMPORT(sock_recv)(int32_t, const struct span *, uint32_t, uint32_t, uint32_t *, uint32_t *);
IMPORT(sock_send)(int32_t, const struct span *, uint32_t, uint32_t, uint32_t *);
IMPORT(sock_shutdown)(int32_t, uint32_t);

/* The C library has one of its own. */
__attribute__((import_module("wasi_snapshot_preview1"), import_name("sched_yield"))) int32_t host_sched_yield(void);

#endif
