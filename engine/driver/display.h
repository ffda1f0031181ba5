/* The display matrix: how a picture is to be turned before it is shown, and the filters that do it. */
#ifndef AF_DISPLAY_H
#define AF_DISPLAY_H

#include <stddef.h>
#include <stdint.h>

/* One filter and its options, as avfilter_graph_create_filter() takes them. */
struct af_display_filter {
    const char *filter;
    char options[96];
};

/* Turns and flips need at most two filters. */
enum { AF_DISPLAY_FILTERS = 2 };

/* The whole degrees, 1 to 359 or 0, by which the matrix turns a picture clockwise. 0, or -1 when
 * `data` is no matrix or one that shows nothing. */
int af_display_turn(const uint8_t *data, size_t size, int *degrees);

/* The filters, in order, that do what the matrix says; their number, 0 when there is nothing to do
 * or no matrix. Moves and enlargements are left out. */
int af_display_filters(const uint8_t *data, size_t size,
                       struct af_display_filter filters[AF_DISPLAY_FILTERS]);

#endif
