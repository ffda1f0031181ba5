/* A set of the names of files, each with who writes it. */
#include "names.h"

#include <string.h>

#include <libavutil/mem.h>

#include "paths.h"

/* FNV-1a of 32 bits. */
static uint32_t hash(const char *text)
{
    uint32_t sum = 2166136261u;

    while (*text)
        sum = (sum ^ (unsigned char)*text++) * 16777619u;
    return sum;
}

/* The slot of the name, or the free one that it would get. The number of slots is a power of two, and half of them at
 * least are free. */
static size_t find(const struct af_names *names, const char *path)
{
    size_t mask = names->slots.n - 1, at = hash(path) & mask;

    while (names->slots.v[at] && strcmp(names->list.v[names->slots.v[at] - 1].path, path))
        at = (at + 1) & mask;
    return at;
}

/* Makes room for one more; 0, or -1 without memory. */
static int grow(struct af_names *names)
{
    size_t n = names->slots.n ? 2 * names->slots.n : 16;

    if (2 * (names->list.n + 1) <= names->slots.n)
        return 0;
    if (af_vec_reserve(&names->slots, n))
        return -1;
    names->slots.n = n;
    memset(names->slots.v, 0, n * sizeof *names->slots.v);
    for (size_t i = 0; i < names->list.n; i++)
        names->slots.v[find(names, names->list.v[i].path)] = (uint32_t)i + 1;
    return 0;
}

enum af_name_is af_names_put(struct af_names *names, const char *path, const void *owner)
{
    char *own = af_path_normal(path);
    struct af_name *name;
    size_t at;

    if (!own || grow(names)) {
        av_free(own);
        return AF_NAME_FAILED;
    }
    at = find(names, own);
    if (names->slots.v[at]) {
        av_free(own);
        return AF_NAME_KNOWN;
    }
    name = af_vec_new(&names->list);
    if (!name) {
        av_free(own);
        return AF_NAME_FAILED;
    }
    name->path = own;
    name->owner = owner;
    names->slots.v[at] = (uint32_t)names->list.n;
    return AF_NAME_NEW;
}

bool af_names_taken(const struct af_names *names, const char *path, const void *owner)
{
    bool taken = true;
    char *own;

    if (!names->slots.n)
        return false;
    own = af_path_normal(path);
    if (own) {
        uint32_t place = names->slots.v[find(names, own)];

        taken = place && names->list.v[place - 1].owner != owner;
    }
    av_free(own);
    return taken;
}

void af_names_free(struct af_names *names)
{
    for (size_t i = 0; i < names->list.n; i++)
        av_free(names->list.v[i].path);
    af_vec_free(&names->list);
    af_vec_free(&names->slots);
}
