/* A source of the filter graph: where decoded frames of one stream enter it. */
#include "source.h"

#include <math.h>
#include <stdio.h>

#include <libavcodec/packet.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/display.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

#include "components.h"
#include "decode.h"
#include "error.h"
#include "input.h"

static const AVStream *stream_of(const struct af_source *source)
{
    return source->dec->in->ctx->streams[source->dec->stream];
}

/* The format of the frames to come: the first frame's where it is known, else the container's. */
static int read_shape(struct af_source *source, struct af_error *err)
{
    const AVCodecParameters *par = stream_of(source)->codecpar;
    const AVFrame *first = source->dec->first;
    AVFrame *shape = source->shape = av_frame_alloc();
    AVRational aspect;

    if (!shape)
        return af_fail_memory(err);
    shape->format = first ? first->format : par->format;
    shape->width = first ? first->width : par->width;
    shape->height = first ? first->height : par->height;
    shape->colorspace = first ? first->colorspace : par->color_space;
    shape->color_range = first ? first->color_range : par->color_range;
    shape->sample_rate = first ? first->sample_rate : par->sample_rate;
    aspect = av_guess_sample_aspect_ratio(source->dec->in->ctx, (AVStream *)stream_of(source),
                                          (AVFrame *)first);
    shape->sample_aspect_ratio = aspect.num > 0 && aspect.den > 0 ? aspect : (AVRational){ 0, 1 };
    if (av_channel_layout_copy(&shape->ch_layout, first ? &first->ch_layout : &par->ch_layout) < 0)
        return af_fail_memory(err);
    if (shape->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC && shape->ch_layout.nb_channels > 0)
        av_channel_layout_default(&shape->ch_layout, shape->ch_layout.nb_channels);
    if (par->codec_type == AVMEDIA_TYPE_VIDEO
            ? shape->format < 0 || shape->width <= 0 || shape->height <= 0
            : shape->format < 0 || shape->sample_rate <= 0 || shape->ch_layout.nb_channels <= 0)
        return af_fail(err, AF_DECODE, source->dec->in->where,
                       "stream %d has no frame that tells its format", source->dec->stream);
    return 0;
}

static int append(struct af_source *source, AVFilterGraph *graph, const char *name,
                  const char *args, struct af_error *err)
{
    const AVFilter *filter = avfilter_get_by_name(name);
    AVFilterContext *made;
    char label[192];
    int ret;

    if (!filter)
        return af_fail_not_in_build(err, AF_FILTER, name, source->dec->in->where);
    snprintf(label, sizeof label, "rotation %s %s", name, source->ctx->name);
    ret = avfilter_graph_create_filter(&made, filter, label, args, NULL, graph);
    if (ret >= 0)
        ret = avfilter_link(source->last, 0, made, 0);
    if (ret < 0)
        return af_fail_av(err, AF_GRAPH, ret, source->dec->in->where, "cannot rotate a stream");
    source->last = made;
    return 0;
}

static const int32_t *display_matrix(const struct af_source *source)
{
    const AVCodecParameters *par = stream_of(source)->codecpar;
    const AVPacketSideData *side =
        av_packet_side_data_get(par->coded_side_data, par->nb_coded_side_data,
                                AV_PKT_DATA_DISPLAYMATRIX);
    const AVFrameSideData *own =
        source->dec->first
            ? av_frame_get_side_data(source->dec->first, AV_FRAME_DATA_DISPLAYMATRIX)
            : NULL;

    if (own && own->size >= 9 * sizeof(int32_t))
        return (const int32_t *)own->data;
    return side && side->size >= 9 * sizeof(int32_t) ? (const int32_t *)side->data : NULL;
}

static int rotate(struct af_source *source, AVFilterGraph *graph, struct af_error *err)
{
    const int32_t *matrix = display_matrix(source);
    double turn;
    char args[64];

    if (!matrix || !source->dec->in->spec->autorotate)
        return 0;
    turn = av_display_rotation_get(matrix);
    if (isnan(turn))
        return 0;
    turn = -round(turn);
    turn -= 360 * floor(turn / 360 + 0.9 / 360);
    /* A mirrored picture: upside down first, and then turned. */
    if ((double)matrix[0] * matrix[4] - (double)matrix[1] * matrix[3] < 0 &&
        append(source, graph, "vflip", NULL, err))
        return -1;
    if (fabs(turn) < 1)
        return 0;
    if (fabs(turn - 90) < 1)
        return append(source, graph, "transpose", "clock", err);
    if (fabs(turn - 270) < 1)
        return append(source, graph, "transpose", "cclock", err);
    if (fabs(turn - 180) < 1)
        return append(source, graph, "hflip", NULL, err) ||
                       append(source, graph, "vflip", NULL, err)
                   ? -1
                   : 0;
    snprintf(args, sizeof args, "%f*PI/180", turn);
    return append(source, graph, "rotate", args, err);
}

static int set_parameters(struct af_source *source, struct af_error *err)
{
    const AVFrame *shape = source->shape;
    AVBufferSrcParameters *par = av_buffersrc_parameters_alloc();
    AVRational rate = af_decoder_frame_rate(source->dec);
    int ret;

    if (!par)
        return af_fail_memory(err);
    par->format = shape->format;
    par->time_base = source->dec->base;
    if (stream_of(source)->codecpar->codec_type == AVMEDIA_TYPE_VIDEO) {
        par->width = shape->width;
        par->height = shape->height;
        par->sample_aspect_ratio = shape->sample_aspect_ratio;
        if (rate.num > 0 && rate.den > 0)
            par->frame_rate = rate;
        par->color_space = shape->colorspace;
        par->color_range = shape->color_range;
        if (source->dec->first)
            par->alpha_mode = source->dec->first->alpha_mode;
        else
            par->alpha_mode = stream_of(source)->codecpar->alpha_mode;
    } else {
        par->sample_rate = shape->sample_rate;
        ret = av_channel_layout_copy(&par->ch_layout, &shape->ch_layout);
        if (ret < 0) {
            av_free(par);
            return af_fail_memory(err);
        }
    }
    ret = av_buffersrc_parameters_set(source->ctx, par);
    av_channel_layout_uninit(&par->ch_layout);
    av_free(par);
    if (ret >= 0)
        ret = avfilter_init_dict(source->ctx, NULL);
    if (ret < 0)
        return af_fail_av(err, AF_GRAPH, ret, source->dec->in->where,
                          "stream %d does not fit the filter graph", source->dec->stream);
    return 0;
}

int af_source_open(struct af_source *source, struct af_decoder *dec, AVFilterGraph *graph,
                   size_t index, struct af_error *err)
{
    bool video;
    char name[128];

    source->dec = dec;
    video = stream_of(source)->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
    if (read_shape(source, err))
        return -1;
    if (!video) {
        AVRational base = { 1, source->shape->sample_rate };

        if (dec->first)
            dec->first->pts = av_rescale_q(dec->first->pts, dec->base, base);
        if (dec->next_pts != AV_NOPTS_VALUE)
            dec->next_pts = av_rescale_q(dec->next_pts, dec->base, base);
        dec->base = base;
    }
    snprintf(name, sizeof name, "source %zu of %s stream %d", index, dec->in->where, dec->stream);
    source->ctx = avfilter_graph_alloc_filter(
        graph, avfilter_get_by_name(video ? "buffer" : "abuffer"), name);
    if (!source->ctx)
        return af_fail_memory(err);
    source->last = source->ctx;
    if (set_parameters(source, err))
        return -1;
    return video ? rotate(source, graph, err) : 0;
}

static int convert_video(struct af_source *source, const AVFrame *frame)
{
    AVFrame *to = source->converted;
    int ret;

    if (!source->sws && !(source->sws = sws_alloc_context()))
        return AVERROR(ENOMEM);
    source->sws->flags = SWS_BICUBIC | SWS_ACCURATE_RND;
    to->format = source->shape->format;
    to->width = source->shape->width;
    to->height = source->shape->height;
    ret = av_frame_copy_props(to, frame);
    if (ret < 0)
        return ret;
    to->sample_aspect_ratio = source->shape->sample_aspect_ratio;
    return sws_scale_frame(source->sws, to, frame);
}

static int convert_audio(struct af_source *source, const AVFrame *frame)
{
    AVFrame *to = source->converted;
    int ret;

    if (!source->swr && !(source->swr = swr_alloc()))
        return AVERROR(ENOMEM);
    to->format = source->shape->format;
    to->sample_rate = source->shape->sample_rate;
    ret = av_channel_layout_copy(&to->ch_layout, &source->shape->ch_layout);
    if (ret < 0)
        return ret;
    ret = swr_convert_frame(source->swr, to, frame);
    if (ret == AVERROR_INPUT_CHANGED || ret == AVERROR_OUTPUT_CHANGED) {
        swr_close(source->swr);
        ret = swr_config_frame(source->swr, to, frame);
        if (ret >= 0)
            ret = swr_convert_frame(source->swr, to, frame);
    }
    to->pts = frame->pts;
    to->duration = frame->duration;
    return ret;
}

static bool same_shape(const AVFrame *a, const AVFrame *b)
{
    if (a->format != b->format)
        return false;
    if (b->nb_samples)
        return a->sample_rate == b->sample_rate &&
               (!av_channel_layout_compare(&a->ch_layout, &b->ch_layout) ||
                (b->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC &&
                 a->ch_layout.nb_channels == b->ch_layout.nb_channels));
    return a->width == b->width && a->height == b->height;
}

int af_source_push(struct af_source *source, AVFrame *frame, bool last, struct af_error *err)
{
    AVFrame *to;
    int ret = 0;

    if (source->closed || !source->wanted)
        return 0;
    if (!source->converted && !(source->converted = av_frame_alloc()))
        return af_fail_memory(err);
    to = source->converted;
    if (!same_shape(source->shape, frame))
        ret = frame->nb_samples ? convert_audio(source, frame) : convert_video(source, frame);
    else if (last)
        av_frame_move_ref(to, frame);
    else
        ret = av_frame_ref(to, frame);
    if (ret >= 0 && to->nb_samples)
        ret = av_channel_layout_copy(&to->ch_layout, &source->shape->ch_layout);
    if (ret < 0) {
        av_frame_unref(to);
        return af_fail_av(err, AF_DECODE, ret, source->dec->in->where,
                          "stream %d changed to a format that cannot be converted",
                          source->dec->stream);
    }
    if (!to->nb_samples) {
        to->colorspace = source->shape->colorspace;
        to->color_range = source->shape->color_range;
        if (source->dec->in->spec->autorotate)
            av_frame_remove_side_data(to, AV_FRAME_DATA_DISPLAYMATRIX);
    }
    ret = av_buffersrc_add_frame_flags(source->ctx, to, 0);
    av_frame_unref(to);
    if (ret == AVERROR_EOF) {
        source->closed = true;
        return 0;
    }
    if (ret < 0)
        return af_fail_av(err, AF_GRAPH, ret, "filter", "a filter failed on a frame");
    return 0;
}

int af_source_end(struct af_source *source, struct af_error *err)
{
    int ret;

    if (source->closed)
        return 0;
    source->closed = true;
    ret = av_buffersrc_add_frame_flags(source->ctx, NULL, 0);
    if (ret < 0 && ret != AVERROR_EOF)
        return af_fail_av(err, AF_GRAPH, ret, "filter", "a filter failed at the end of an input");
    return 0;
}

void af_source_free(struct af_source *source)
{
    av_frame_free(&source->shape);
    av_frame_free(&source->converted);
    sws_free_context(&source->sws);
    swr_free(&source->swr);
}
