/*
 * Exercises the searches of the engine (engine/libc/string.c) as a guest of its own: every short text over
 * three bytes, one of them negative as a char, against the definition of each function, and a long text in
 * steps, which would take minutes if each step measured it.
 *
 * To be compiled with -fno-builtin: a compiler that knows these functions computes some calls itself.
 */
#define _POSIX_C_SOURCE 200809L /* strtok_r() */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

enum { LENGTH = 5, LONG = 1 << 20 };

static const char alphabet[] = { 'a', 'b', (char)0xE9 };

/* The text of a number, in the alphabet: its digits but the first, if that is one, from the last on. */
static void spell(unsigned number, char *text)
{
    for (; number > 1; number /= 3)
        *text++ = alphabet[number % 3];
    *text = 0;
}

static int is_in(const char *set, char byte)
{
    for (; *set; set++)
        if (*set == byte)
            return 1;
    return 0;
}

static void check_sets(const char *text, const char *set)
{
    size_t in = 0, out = 0;

    while (text[in] && is_in(set, text[in]))
        in++;
    while (text[out] && !is_in(set, text[out]))
        out++;
    CHECK(strspn(text, set) == in);
    CHECK(strcspn(text, set) == out);
    CHECK(strpbrk(text, set) == (text[out] ? text + out : NULL));
}

static void check_byte(const char *text, char byte)
{
    size_t n = 0;

    while (text[n] && text[n] != byte)
        n++;
    CHECK(strchr(text, byte) == (text[n] == byte ? text + n : NULL));
    CHECK(strchr(text, (unsigned char)byte) == strchr(text, byte));
}

static void check_part(const char *text, const char *part)
{
    size_t n = strlen(part);
    const char *found = NULL;

    for (const char *s = text; !found && s <= text + strlen(text); s++)
        if (!strncmp(s, part, n))
            found = s;
    CHECK(strstr(text, part) == found);
}

/* The words between the bytes of the set, and nothing else of the text. */
static void check_words(const char *text, const char *set)
{
    char cut[LENGTH + 2], *rest, *word;
    const char *s = text;

    strcpy(cut, text);
    for (word = strtok_r(cut, set, &rest); word; word = strtok_r(NULL, set, &rest)) {
        while (is_in(set, *s))
            s++;
        CHECK(*word && word - cut == s - text);
        while (*s && !is_in(set, *s))
            CHECK(*word++ == *s++);
        CHECK(!*word);
    }
    while (is_in(set, *s))
        s++;
    CHECK(!*s);
}

static void check_long(void)
{
    char *text = malloc(LONG + 1), *rest;
    size_t words = 0;

    CHECK(text);
    for (size_t i = 0; i < LONG; i++)
        text[i] = i % 4 == 3 ? ' ' : 'x';
    text[LONG] = 0;
    for (const char *s = text; *s; words++) {
        s += strcspn(s, " \n");
        s += strspn(s, " \n");
    }
    for (const char *s = text; (s = strpbrk(s, " ")) && (s = strchr(s, ' ')); s++)
        words++;
    for (const char *s = text; (s = strstr(s, "x ")); s++)
        words++;
    for (const char *s = strtok_r(text, " ", &rest); s; s = strtok_r(NULL, " ", &rest))
        words++;
    CHECK(words == LONG);
    free(text);
}

int main(void)
{
    char text[LENGTH + 2], other[LENGTH + 2], words[] = "one,two";

    /* Numbers of up to six digits in threes, and of up to four. */
    for (unsigned i = 1; i < 2 * 243; i++)
        for (unsigned j = 1; j < 2 * 27; j++) {
            spell(i, text);
            spell(j, other);
            check_sets(text, other);
            check_byte(text, *other);
            check_part(text, other);
            check_words(text, other);
        }
    CHECK(!strcmp(strtok(words, ","), "one") && !strcmp(strtok(NULL, ","), "two"));
    CHECK(!strtok(NULL, ",") && !strtok(NULL, ","));
    check_long();
    return 0;
}
