/* The progress device: one JSON line per 100 ms of media time and one at the end, best effort. */
#ifndef AF_PROGRESS_H
#define AF_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct af_output;

struct af_progress {
    int fd;               /* -1: nobody listens */
    int64_t next;         /* microseconds of media time of the next line */
    int64_t duration;     /* microseconds that the job will make, -1 when unknown */
};

void af_progress_open(struct af_progress *progress, bool wanted, int64_t duration);
/* Writes a line if one is due at this media time, or if it is the last. */
void af_progress_put(struct af_progress *progress, int64_t frames, int64_t time, int64_t size,
                     bool last);
/* The same, for what the outputs have come to. */
void af_progress_note(struct af_progress *progress, struct af_output *const *outputs,
                      size_t count, bool last);
void af_progress_close(struct af_progress *progress);

#endif
