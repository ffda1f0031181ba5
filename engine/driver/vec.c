/* Growable arrays and byte strings. */
#include "vec.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int af_vec_grow(void *array, size_t *cap, size_t n, size_t extra, size_t element)
{
    void *old, *grown;
    size_t want;

    if (extra > SIZE_MAX / element - n)
        return -1;
    if (n + extra <= *cap)
        return 0;
    want = *cap > SIZE_MAX / element / 2 ? n + extra : *cap * 2;
    if (want < n + extra)
        want = n + extra;
    if (want < 8 && element <= 1024)
        want = 8;
    memcpy(&old, array, sizeof old);
    grown = realloc(old, want * element);
    if (!grown)
        return -1;
    memset((char *)grown + n * element, 0, (want - n) * element);
    memcpy(array, &grown, sizeof grown);
    *cap = want;
    return 0;
}

void af_vec_release(void *array)
{
    void *old, *none = NULL;

    memcpy(&old, array, sizeof old);
    free(old);
    memcpy(array, &none, sizeof none);
}

void af_text_add(struct af_text *text, const char *bytes, size_t n)
{
    if (text->failed)
        return;
    if (n == SIZE_MAX || af_vec_grow(&text->v, &text->cap, text->n, n + 1, 1)) {
        text->failed = 1;
        return;
    }
    memcpy(text->v + text->n, bytes, n);
    text->n += n;
    text->v[text->n] = 0;
}

void af_text_puts(struct af_text *text, const char *string)
{
    af_text_add(text, string, strlen(string));
}

void af_text_printf(struct af_text *text, const char *format, ...)
{
    va_list args, again;
    int n;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    if (n < 0 || text->failed ||
        af_vec_grow(&text->v, &text->cap, text->n, (size_t)n + 1, 1)) {
        text->failed = 1;
    } else {
        vsnprintf(text->v + text->n, (size_t)n + 1, format, again);
        text->n += (size_t)n;
    }
    va_end(again);
    va_end(args);
}

void af_text_free(struct af_text *text)
{
    af_vec_release(&text->v);
    text->n = text->cap = 0;
    text->failed = 0;
}
