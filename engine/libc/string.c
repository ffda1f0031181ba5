/*
 * The searches of <string.h>, in place of libc's.
 *
 * Those of the compiler's libc measure the whole string before they look at its first byte, so that a reader
 * that goes through a text in steps (of JSON, of a filter graph, of subtitles) takes the square of its length.
 * These stop where they find what they look for.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

char *strchr(const char *string, int byte)
{
    for (; *string != (char)byte; string++)
        if (!*string)
            return NULL;
    return (char *)(uintptr_t)string;
}

/* A set of bytes, a bit for each. */
struct set {
    uint32_t bits[8];
};

static struct set set_of(const char *bytes)
{
    struct set set = { { 0 } };

    for (const unsigned char *s = (const unsigned char *)bytes; *s; s++)
        set.bits[*s / 32] |= UINT32_C(1) << *s % 32;
    return set;
}

static int has(const struct set *set, char byte)
{
    unsigned char at = (unsigned char)byte;

    return set->bits[at / 32] >> at % 32 & 1;
}

size_t strspn(const char *string, const char *bytes)
{
    const struct set set = set_of(bytes);
    const char *s = string;

    while (*s && has(&set, *s))
        s++;
    return (size_t)(s - string);
}

size_t strcspn(const char *string, const char *bytes)
{
    const struct set set = set_of(bytes);
    const char *s = string;

    while (*s && !has(&set, *s))
        s++;
    return (size_t)(s - string);
}

char *strpbrk(const char *string, const char *bytes)
{
    string += strcspn(string, bytes);
    return *string ? (char *)(uintptr_t)string : NULL;
}

char *strstr(const char *string, const char *part)
{
    size_t n = strlen(part);

    if (!n)
        return (char *)(uintptr_t)string;
    while ((string = strchr(string, *part)) && strncmp(string, part, n))
        string++;
    return (char *)(uintptr_t)string;
}

char *strtok_r(char *restrict string, const char *restrict bytes, char **restrict rest)
{
    char *end;

    if (!string)
        string = *rest;
    string += strspn(string, bytes);
    end = string + strcspn(string, bytes);
    *rest = *end ? end + 1 : end;
    if (end == string)
        return NULL;
    *end = 0;
    return string;
}

char *strtok(char *restrict string, const char *restrict bytes)
{
    static char *rest;

    return strtok_r(string, bytes, &rest);
}
