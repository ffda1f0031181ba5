/* The shape of a video frame, and small graphs built for one. */
#include "shape.h"

#include <string.h>

#include <libavfilter/buffersrc.h>
#include <libavutil/mem.h>

#include "components.h"
#include "error.h"

void af_shape_read(struct af_shape *shape, const AVFrame *frame)
{
    const AVFrameSideData *matrix = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);

    memset(shape, 0, sizeof *shape);
    shape->width = frame->width;
    shape->height = frame->height;
    shape->format = frame->format;
    shape->space = frame->colorspace;
    shape->range = frame->color_range;
    shape->alpha = frame->alpha_mode;
    shape->sar = frame->sample_aspect_ratio;
    /* A nonsense ratio from the stream is an unknown one. */
    if (shape->sar.num <= 0 || shape->sar.den <= 0)
        shape->sar = (AVRational){ 0, 1 };
    if (matrix && matrix->size >= sizeof shape->matrix) {
        shape->turned = true;
        memcpy(shape->matrix, matrix->data, sizeof shape->matrix);
    }
}

bool af_shape_same(const struct af_shape *a, const struct af_shape *b)
{
    return a->width == b->width && a->height == b->height && a->format == b->format &&
           a->space == b->space && a->range == b->range && a->alpha == b->alpha &&
           a->sar.num == b->sar.num && a->sar.den == b->sar.den && a->turned == b->turned &&
           !memcmp(a->matrix, b->matrix, sizeof a->matrix);
}

int af_shape_source(const struct af_shape *shape, AVFilterGraph *graph, AVFilterContext **source,
                    struct af_error *err)
{
    AVBufferSrcParameters *par = av_buffersrc_parameters_alloc();
    int ret;

    *source = avfilter_graph_alloc_filter(graph, avfilter_get_by_name("buffer"), "source");
    if (!par || !*source) {
        av_free(par);
        return af_fail_memory(err);
    }
    par->format = shape->format;
    par->width = shape->width;
    par->height = shape->height;
    par->time_base = AV_TIME_BASE_Q;
    par->sample_aspect_ratio = shape->sar;
    par->color_space = shape->space;
    par->color_range = shape->range;
    par->alpha_mode = shape->alpha;
    ret = av_buffersrc_parameters_set(*source, par);
    av_free(par);
    if (ret >= 0)
        ret = avfilter_init_dict(*source, NULL);
    if (ret < 0)
        return af_fail_av(err, AF_GRAPH, ret, NULL, "cannot feed frames of %dx%d to a filter",
                          shape->width, shape->height);
    return 0;
}

int af_filter_append(AVFilterGraph *graph, AVFilterContext **last, const char *name,
                     const char *options, const char *where, struct af_error *err)
{
    const AVFilter *filter = avfilter_get_by_name(name);
    AVFilterContext *made = NULL;
    int ret;

    if (!filter)
        return af_fail_not_in_build(err, AF_FILTER, name, where);
    ret = avfilter_graph_create_filter(&made, filter, name, options, NULL, graph);
    if (ret == AVERROR_OPTION_NOT_FOUND || ret == AVERROR(EINVAL))
        return af_fail_av(err, AF_OPTION, ret, where,
                          "the filter %s does not take the options \"%s\"", name,
                          options ? options : "");
    if (ret >= 0)
        ret = avfilter_link(*last, 0, made, 0);
    if (ret < 0)
        return af_fail_av(err, AF_GRAPH, ret, where, "cannot set up the filter %s", name);
    *last = made;
    return 0;
}
