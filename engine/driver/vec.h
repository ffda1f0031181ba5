/* Growable arrays: the one way this driver holds a number of things it does not know beforehand. */
#ifndef AF_VEC_H
#define AF_VEC_H

#include <stddef.h>

/* Declares an array of T: AF_VEC(struct stream) streams; zero-initialised it is empty. */
#define AF_VEC(T) struct { T *v; size_t n, cap; }

/* Appends one zeroed element and gives its address, or NULL without memory. The address is good
 * until the next append: a thing that others point at must be an array of pointers. */
#define af_vec_new(vec)                                                                            \
    (af_vec_grow(&(vec)->v, &(vec)->cap, (vec)->n, 1, sizeof *(vec)->v) ? NULL                      \
                                                                        : &(vec)->v[(vec)->n++])

/* Makes room for `extra` more elements; 0, or -1 without memory. The room is zeroed. */
#define af_vec_reserve(vec, extra)                                                                 \
    af_vec_grow(&(vec)->v, &(vec)->cap, (vec)->n, (extra), sizeof *(vec)->v)

/* Frees the storage, not what the elements own. */
#define af_vec_free(vec) (af_vec_release(&(vec)->v), (vec)->n = (vec)->cap = 0)

/* `array` is the address of the element pointer, as for av_freep(). */
int af_vec_grow(void *array, size_t *cap, size_t n, size_t extra, size_t element);
void af_vec_release(void *array);

/* A growable byte string, always NUL-terminated once anything was added. A failed allocation sticks:
 * the writers need no check of their own, the reader at the end asks `failed`. */
struct af_text {
    char *v;
    size_t n, cap;
    int failed;
};

void af_text_add(struct af_text *text, const char *bytes, size_t n);
void af_text_puts(struct af_text *text, const char *string);
void af_text_printf(struct af_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void af_text_free(struct af_text *text);

#endif
