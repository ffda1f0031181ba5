/* A set of the names of files, each with who writes it. */
#ifndef AF_NAMES_H
#define AF_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vec.h"

struct af_name {
    char *path;         /* without "." and "..", so that a file has one name */
    const void *owner;
};

struct af_names {
    AF_VEC(struct af_name) list;
    AF_VEC(uint32_t) slots; /* a hash table of places in the list, counted from 1; 0 where nothing is */
};

enum af_name_is { AF_NAME_FAILED = -1, AF_NAME_KNOWN, AF_NAME_NEW };

/* Adds the name of a file, unless it is there, whoever's it is. AF_NAME_FAILED without memory. */
enum af_name_is af_names_put(struct af_names *names, const char *path, const void *owner);

/* Whether the name is there and another's. Without memory to look it is taken to be. */
bool af_names_taken(const struct af_names *names, const char *path, const void *owner);

void af_names_free(struct af_names *names);

#endif
