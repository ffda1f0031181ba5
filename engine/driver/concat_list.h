/* The list that the concat demuxer reads, made in memory from the paths of inputs[].concat. */
#ifndef AF_CONCAT_LIST_H
#define AF_CONCAT_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct AVIOContext;
struct af_error;
struct af_list_file;

/* Makes the list and a reader of it; `sought` says that a seek in it will follow. A name with a line break is refused: in the list's syntax it
 * would begin a directive of its own. */
int af_list_open(struct af_list_file **list, const char *const *paths, size_t count, bool sought,
                 const char *where, struct af_error *err);
struct AVIOContext *af_list_io(struct af_list_file *list);
void af_list_close(struct af_list_file **list);

#endif
