/* A path template: a file name with at most one number in it. */
#ifndef AF_TEMPLATE_H
#define AF_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct af_error;

/* Points into the text it was read from. */
struct af_template {
    const char *text;
    size_t at, end; /* where the number token begins and ends; equal when there is none */
    unsigned width;
    bool zeros;
};

/* A token is %d, %3d (padded with spaces) or %03d (with zeros), up to 32 wide; %% is one percent
 * sign; any other use of % is refused, and so is a template of no token for `several` files. */
int af_template_read(struct af_template *made, const char *text, bool several,
                     struct af_error *err);

/* The name of file `number`; the caller frees it. NULL without memory. */
char *af_template_name(const struct af_template *path, int64_t number);

#endif
