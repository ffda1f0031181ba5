/* Which paths lead to one file: what is read must not be written. */
#ifndef AF_PATHS_H
#define AF_PATHS_H

#include <stdbool.h>

struct af_input_spec;

/* Not a regular file, such as /dev/null: what is written to it does no harm to what was written before. */
bool af_path_is_device(const char *path);

/* The path without "." and "..", by its letters alone; the caller frees it with av_free(), NULL without memory. */
char *af_path_normal(const char *path);

/* Whether two paths lead to one file, as far as that can be told before it is written. */
bool af_same_file(const char *a, const char *b);

/* Whether the input reads the file. */
bool af_input_reads(const struct af_input_spec *in, const char *path);

#endif
