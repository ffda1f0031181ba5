/* The WebVTT track of contact sheets: from when to when which part of which sheet stands for the film. */
#ifndef AF_SHEET_TRACK_H
#define AF_SHEET_TRACK_H

#include <stdint.h>

#include "sheet.h"
#include "vec.h"

struct af_error;

struct af_sheet_track {
    const char *path;
    struct af_text text;
    int64_t start;        /* microseconds, of the cue that waits for its end; -1: none waits */
    const char *sheet;    /* its file, which the caller owns */
    struct af_tile tile;
};

/* `path` outlives the track. */
void af_sheet_track_begin(struct af_sheet_track *track, const char *path);

/* A tile that stands for the film from `start` on, until the next one does. In the order of time. */
void af_sheet_track_add(struct af_sheet_track *track, int64_t start, const char *sheet,
                        const struct af_tile *tile);

/* The last tile stands until `end`, or for a second if it does not lie behind its start. Writes the file. */
int af_sheet_track_write(struct af_sheet_track *track, int64_t end, struct af_error *err);

void af_sheet_track_free(struct af_sheet_track *track);

#endif
