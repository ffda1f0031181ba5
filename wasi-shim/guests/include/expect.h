/* What a program of cases needs: each case makes calls and says what they give.
 *
 * The first argument is the name of a case; without one the names of all are printed. A case that is as
 * expected exits with 0 and prints each pair of function and errno that it saw. */
#ifndef EXPECT_H
#define EXPECT_H

#include "preview1.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the host preopens. */
enum { ROOT = 3, READ_ONLY = 4, OTHER = 5, SMALL = 6, STREAMS = 7 };

/* An address behind the end of memory, and one that its last byte is at. */
#define OUTSIDE ((void *)(uintptr_t)0xffffffffu)

/* A path and its length. */
#define P(text) (text), (uint32_t)(sizeof(text) - 1)

struct test {
    const char *name;
    void (*run)(void);
};

#define GIVES(expected, ...) gives(__LINE__, E_##expected, #__VA_ARGS__, (__VA_ARGS__))
#define OK(...) GIVES(success, __VA_ARGS__)
#define IS(...) holds(__LINE__, (__VA_ARGS__), #__VA_ARGS__)

void gives(int line, int32_t expected, const char *call, int32_t errno_);
void holds(int line, bool condition, const char *text);

/* Below: the shortest ways to say what most cases say. */

/* Opens below `dir`, with what `rights` ask for, and passes the same on. */
int32_t open_at(int32_t dir, const char *path, uint32_t oflags, uint64_t rights);
/* Opens a directory in ROOT with all rights that it can have, and passes on all. */
int32_t open_directory(const char *path);
/* Makes a file in ROOT with this text and closes it. */
void put(const char *path, const char *text);
/* Opens a new file in ROOT with all rights. */
int32_t create(const char *path);
/* Whether a file in ROOT, its links followed, has just this text. */
bool has(const char *path, const char *text);
/* Writes at the cursor, all at once. */
void write_text(int32_t fd, const char *text);
struct filestat stat_at(int32_t dir, const char *path);
struct filestat stat_of(int32_t fd);
struct fdstat fdstat_of(int32_t fd);
uint64_t tell(int32_t fd);

int run_cases(int argc, char **argv, const struct test *tests, size_t count);

#define CASE(name) {#name, name}
#define CASES(...)                                                                                                   \
    int main(int argc, char **argv)                                                                                  \
    {                                                                                                                \
        static const struct test tests[] = {__VA_ARGS__};                                                           \
        return run_cases(argc, argv, tests, sizeof tests / sizeof *tests);                                           \
    }

#endif
