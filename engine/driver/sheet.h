/* Contact sheets: chosen frames side by side in one picture, and the track that says where each is. */
#ifndef AF_SHEET_H
#define AF_SHEET_H

#include <stdbool.h>
#include <stdint.h>

#include "convert.h"
#include "template.h"

struct af_error;
struct af_json;
struct af_picture_maker;

struct af_sheet_spec {
    int64_t columns, rows;
    int64_t width, height; /* of a tile; a height of 0 is the first frame's at this width */
    const char *track;     /* a WebVTT file; NULL: none */
};

/* Where a frame stands: which sheet, and which part of it. */
struct af_tile {
    int64_t sheet;
    int x, y, width, height;
};

struct af_sheet {
    const struct af_sheet_spec *spec;
    const struct af_template *path;
    struct af_picture_maker *maker;
    struct af_converter converter;
    AVFrame *canvas;
    int width, height; /* of a tile; 0 before the first */
    int64_t placed;    /* tiles on all sheets */
    char scale[256];
};

int af_sheet_read(struct af_sheet_spec *spec, struct af_json *object, struct af_error *err);

/* How many frames a sheet has room for. */
int64_t af_sheet_room(const struct af_sheet_spec *spec);

/* Sheets are written by the maker to the template's files, numbered from 0. */
int af_sheet_open(struct af_sheet *sheet, const struct af_sheet_spec *spec,
                  const struct af_template *path, struct af_picture_maker *maker, bool autorotate,
                  struct af_error *err);

/* Puts a frame in the next place, and writes the sheet that is full with it. */
int af_sheet_put(struct af_sheet *sheet, const AVFrame *frame, struct af_tile *tile,
                 struct af_error *err);

/* Writes the sheet that is not full, black where there is no frame. */
int af_sheet_end(struct af_sheet *sheet, struct af_error *err);

void af_sheet_close(struct af_sheet *sheet);

#endif
