/* Contact sheets: frames are fitted into tiles of a canvas, row by row. */
#include "sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/frame.h>
#include <libavutil/pixfmt.h>

#include "error.h"
#include "json.h"
#include "picture.h"

/* No side of a JPEG is longer. */
#define LONGEST_SIDE 65500

/* A canvas of RGB stays below 768 MiB: above, the guest's memory ends first, without a word why. */
#define MOST_PIXELS (INT64_C(1) << 28)

#define BYTES_PER_PIXEL 3

int64_t af_sheet_room(const struct af_sheet_spec *spec)
{
    return spec->columns * spec->rows;
}

/* `height` is that of a tile. */
static bool fits(const struct af_sheet_spec *spec, int64_t height)
{
    int64_t across = spec->columns * spec->width, down = spec->rows * height;

    return across <= LONGEST_SIDE && down <= LONGEST_SIDE && across * down <= MOST_PIXELS;
}

static int need(struct af_json *object, const char *key, int64_t *out, struct af_error *err)
{
    int ret = af_json_integer(object, key, 1, LONGEST_SIDE, out, err);

    if (!ret)
        return af_json_fail(object, err, "%s is required", key);
    return ret < 0 ? -1 : 0;
}

int af_sheet_read(struct af_sheet_spec *spec, struct af_json *object, struct af_error *err)
{
    struct af_json *track;

    if (need(object, "columns", &spec->columns, err) || need(object, "rows", &spec->rows, err) ||
        need(object, "width", &spec->width, err) ||
        af_json_integer(object, "height", 1, LONGEST_SIDE, &spec->height, err) < 0 ||
        af_json_string(object, "track", &spec->track, err) < 0)
        return -1;
    track = af_json_get(object, "track");
    if (track && !*spec->track)
        return af_json_fail(track, err, "names no file");
    if (!fits(spec, spec->height ? spec->height : 1))
        return af_json_fail(object, err,
                            "a sheet may be %d pixels long on each side, and have %lld of them",
                            LONGEST_SIDE, (long long)MOST_PIXELS);
    return 0;
}

int af_sheet_open(struct af_sheet *sheet, const struct af_sheet_spec *spec,
                  const struct af_template *path, struct af_picture_maker *maker, bool autorotate,
                  struct af_error *err)
{
    memset(sheet, 0, sizeof *sheet);
    sheet->spec = spec;
    sheet->path = path;
    sheet->maker = maker;
    return af_convert_open(&sheet->converter, NULL, sheet->scale, autorotate, err);
}

void af_sheet_close(struct af_sheet *sheet)
{
    af_convert_close(&sheet->converter);
    av_frame_free(&sheet->canvas);
}

/* ---- the tile ---- */

/* The options that fit a picture into a tile whatever its shape is; with the height not known yet, those
 * that give it. Pixels come out square: `dar` is the ratio at which the picture is shown. */
static void set_scale(struct af_sheet *sheet, int width, int height)
{
    if (height)
        snprintf(sheet->scale, sizeof sheet->scale,
                 "w=if(gt(dar\\,%d/%d)\\,%d\\,max(1\\,round(%d*dar))):"
                 "h=if(gt(dar\\,%d/%d)\\,max(1\\,round(%d/dar))\\,%d)",
                 width, height, width, height, width, height, width, height);
    else
        snprintf(sheet->scale, sizeof sheet->scale, "w=%d:h=max(1\\,round(%d/dar))", width, width);
}

static int make_canvas(struct af_sheet *sheet, struct af_error *err)
{
    AVFrame *canvas = av_frame_alloc();

    sheet->canvas = canvas;
    if (!canvas)
        return af_fail_memory(err);
    canvas->width = (int)sheet->spec->columns * sheet->width;
    canvas->height = (int)sheet->spec->rows * sheet->height;
    canvas->format = AV_PIX_FMT_RGB24;
    canvas->colorspace = AVCOL_SPC_RGB;
    canvas->color_range = AVCOL_RANGE_JPEG;
    canvas->sample_aspect_ratio = (AVRational){ 1, 1 };
    return av_frame_get_buffer(canvas, 0) < 0 ? af_fail_memory(err) : 0;
}

/* The first frame says how high a tile is, where the job does not. */
static int settle(struct af_sheet *sheet, struct af_error *err)
{
    const AVFrame *image = sheet->converter.image;

    sheet->width = (int)sheet->spec->width;
    sheet->height = sheet->spec->height ? (int)sheet->spec->height : image->height;
    if (!fits(sheet->spec, sheet->height))
        return af_fail(err, AF_SPEC, "sheet", "sheet: %lld rows of tiles %d pixels high are too much",
                       (long long)sheet->spec->rows, sheet->height);
    set_scale(sheet, sheet->width, sheet->height);
    return make_canvas(sheet, err);
}

/* Black, for the first tile of a sheet. */
static int clear(struct af_sheet *sheet, struct af_error *err)
{
    AVFrame *canvas = sheet->canvas;
    const AVFrame *image = sheet->converter.image;

    /* The maker may still hold the sheet before. */
    if (av_frame_make_writable(canvas) < 0)
        return af_fail_memory(err);
    for (int y = 0; y < canvas->height; y++)
        memset(canvas->data[0] + (ptrdiff_t)y * canvas->linesize[0], 0,
               (size_t)canvas->width * BYTES_PER_PIXEL);
    canvas->color_primaries = image->color_primaries;
    canvas->color_trc = image->color_trc;
    return 0;
}

/* In the middle of the tile. */
static void copy(const struct af_sheet *sheet, const struct af_tile *tile)
{
    const AVFrame *image = sheet->converter.image;
    AVFrame *canvas = sheet->canvas;
    int x = tile->x + (tile->width - image->width) / 2;
    int y = tile->y + (tile->height - image->height) / 2;

    for (int row = 0; row < image->height; row++)
        memcpy(canvas->data[0] + (ptrdiff_t)(y + row) * canvas->linesize[0] +
                   (ptrdiff_t)x * BYTES_PER_PIXEL,
               image->data[0] + (ptrdiff_t)row * image->linesize[0],
               (size_t)image->width * BYTES_PER_PIXEL);
}

static int write_sheet(struct af_sheet *sheet, struct af_error *err)
{
    int64_t number = (sheet->placed - 1) / af_sheet_room(sheet->spec);
    char *path = af_template_name(sheet->path, number);
    int ret = path ? af_picture_write(sheet->maker, sheet->canvas, path, err) : af_fail_memory(err);

    free(path);
    return ret;
}

int af_sheet_put(struct af_sheet *sheet, const AVFrame *frame, struct af_tile *tile,
                 struct af_error *err)
{
    const struct af_sheet_spec *spec = sheet->spec;
    const AVFrame *image = sheet->converter.image;
    int64_t place = sheet->placed % af_sheet_room(spec);

    if (!sheet->canvas)
        set_scale(sheet, (int)spec->width, (int)spec->height);
    if (af_convert(&sheet->converter, frame, err) || (!sheet->canvas && settle(sheet, err)) ||
        (!place && clear(sheet, err)))
        return -1;
    if (image->width > sheet->width || image->height > sheet->height)
        return af_fail(err, AF_INTERNAL, "sheet", "a picture of %dx%d was made for a tile of %dx%d",
                       image->width, image->height, sheet->width, sheet->height);
    *tile = (struct af_tile){
        .sheet = sheet->placed / af_sheet_room(spec),
        .x = (int)(place % spec->columns) * sheet->width,
        .y = (int)(place / spec->columns) * sheet->height,
        .width = sheet->width,
        .height = sheet->height,
    };
    copy(sheet, tile);
    sheet->placed++;
    return sheet->placed % af_sheet_room(spec) ? 0 : write_sheet(sheet, err);
}

int af_sheet_end(struct af_sheet *sheet, struct af_error *err)
{
    return sheet->placed % af_sheet_room(sheet->spec) ? write_sheet(sheet, err) : 0;
}
