/* From decoded frames to pictures: buffer, turn, scale, format. */
#include "convert.h"

#include <string.h>

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/pixdesc.h>

#include "display.h"
#include "error.h"
#include "vec.h"

int af_convert_open(struct af_converter *converter, const AVCodec *codec, const char *scale,
                    bool autorotate, struct af_error *err)
{
    memset(converter, 0, sizeof *converter);
    converter->codec = codec;
    converter->scale = scale;
    converter->autorotate = autorotate;
    converter->turned = av_frame_alloc();
    converter->image = av_frame_alloc();
    return converter->turned && converter->image ? 0 : af_fail_memory(err);
}

void af_convert_close(struct af_converter *converter)
{
    avfilter_graph_free(&converter->graph);
    av_frame_free(&converter->turned);
    av_frame_free(&converter->image);
    converter->source = converter->sink = NULL;
}

/* The encoder's own formats, nearest to the frame's; its colour range where it insists on one. */
static int format_options(const struct af_converter *converter, struct af_text *options,
                          struct af_error *err)
{
    enum AVPixelFormat from = (enum AVPixelFormat)converter->shape.format, to;
    const AVPixFmtDescriptor *about = av_pix_fmt_desc_get(from);
    const void *list = NULL;
    const char *name;
    int n = 0, ret;

    if (!converter->codec) {
        af_text_puts(options, "pix_fmts=rgb24");
        return options->failed ? af_fail_memory(err) : 0;
    }
    ret = avcodec_get_supported_config(NULL, converter->codec, AV_CODEC_CONFIG_PIX_FORMAT, 0, &list,
                                       &n);
    if (ret < 0)
        return af_fail_av(err, AF_ENCODE, ret, "codec", "asking %s for its pixel formats",
                          converter->codec->name);
    to = list && n ? avcodec_find_best_pix_fmt_of_list(
                         list, from, about && about->flags & AV_PIX_FMT_FLAG_ALPHA, NULL)
                   : from;
    name = av_get_pix_fmt_name(to);
    if (!name)
        return af_fail(err, AF_ENCODE, "codec", "%s has no pixel format for these frames",
                       converter->codec->name);
    af_text_printf(options, "pix_fmts=%s", name);
    ret = avcodec_get_supported_config(NULL, converter->codec, AV_CODEC_CONFIG_COLOR_RANGE, 0, &list,
                                       &n);
    if (ret < 0)
        return af_fail_av(err, AF_ENCODE, ret, "codec", "asking %s for its colour ranges",
                          converter->codec->name);
    if (list && n)
        af_text_printf(options, ":color_ranges=%s",
                       av_color_range_name(((const enum AVColorRange *)list)[0]));
    /* A JPEG has no field for its matrix: readers take it to be BT.601's. */
    if (converter->codec->id == AV_CODEC_ID_MJPEG)
        af_text_printf(options, ":color_spaces=bt470bg|smpte170m|unknown");
    return options->failed ? af_fail_memory(err) : 0;
}

static int add_filters(struct af_converter *converter, struct af_error *err)
{
    struct af_display_filter turns[AF_DISPLAY_FILTERS];
    struct af_text options = { 0 };
    AVFilterContext *last = converter->source;
    int n = 0, ret;

    if (converter->shape.turned && converter->autorotate)
        n = af_display_filters(converter->shape.matrix, sizeof converter->shape.matrix, turns);
    for (int i = 0; i < n; i++)
        if (af_filter_append(converter->graph, &last, turns[i].filter, turns[i].options, NULL, err))
            return -1;
    if (converter->scale &&
        af_filter_append(converter->graph, &last, "scale", converter->scale, "scale", err))
        return -1;
    ret = format_options(converter, &options, err);
    if (!ret)
        ret = af_filter_append(converter->graph, &last, "format", options.v, NULL, err);
    af_text_free(&options);
    if (ret)
        return -1;
    converter->sink = last;
    return af_filter_append(converter->graph, &converter->sink, "buffersink", NULL, NULL, err);
}

static int build_graph(struct af_converter *converter, struct af_error *err)
{
    int ret;

    avfilter_graph_free(&converter->graph);
    converter->graph = avfilter_graph_alloc();
    if (!converter->graph)
        return af_fail_memory(err);
    if (af_shape_source(&converter->shape, converter->graph, &converter->source, err) ||
        add_filters(converter, err))
        return -1;
    ret = avfilter_graph_config(converter->graph, NULL);
    if (ret < 0)
        return af_fail_av(err, AF_GRAPH, ret, converter->scale ? "scale" : NULL,
                          "cannot turn frames of %dx%d into pictures%s%s", converter->shape.width,
                          converter->shape.height, converter->scale ? " of scale " : "",
                          converter->scale ? converter->scale : "");
    return 0;
}

int af_convert(struct af_converter *converter, const AVFrame *frame, struct af_error *err)
{
    struct af_shape shape;
    int ret;

    af_shape_read(&shape, frame);
    if (!converter->graph || !af_shape_same(&shape, &converter->shape)) {
        converter->shape = shape;
        if (build_graph(converter, err)) {
            avfilter_graph_free(&converter->graph);
            return -1;
        }
    }
    av_frame_unref(converter->turned);
    ret = av_frame_ref(converter->turned, frame);
    if (ret < 0)
        return af_fail_memory(err);
    /* A picture that was turned must not say that it is still to be turned. */
    if (converter->autorotate)
        av_frame_remove_side_data(converter->turned, AV_FRAME_DATA_DISPLAYMATRIX);
    av_frame_unref(converter->image);
    ret = av_buffersrc_add_frame(converter->source, converter->turned);
    if (ret >= 0)
        ret = av_buffersink_get_frame(converter->sink, converter->image);
    if (ret < 0)
        return af_fail_av(err, AF_GRAPH, ret, NULL, "converting a frame to a picture");
    return 0;
}
