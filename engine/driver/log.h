/* What the libraries say of a graph, a codec or a container: kept for the error of the job, as of many
 * failures they tell the reason in their log alone, and told to the host, one JSON line a message on
 * /dev/afmpeg-log, or as text on stderr where there is no such device.
 *
 * A log callback is the process's, but its target is the object's own: the `opaque` of our filter
 * graphs, encoders, muxers and demuxers points at a structure that begins with a struct af_text. */
#ifndef AF_LOG_H
#define AF_LOG_H

#include "error.h"
#include "vec.h"

/* From here on: what is logged of errors is kept by those who have room for it, and warnings that
 * say nothing about the job are dropped. */
void af_log_capture(void);

/* Records an error of `what`, and of what was logged. */
int af_log_fail(const struct af_text *log, struct af_error *err, enum af_class class, int av_error,
                const char *where, const char *what);

#endif
