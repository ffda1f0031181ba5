/* Scenes: the select and thumbnail filters behind a small interface. */
#include "scene.h"

#include <stdio.h>
#include <string.h>

#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/frame.h>

#include "error.h"

/* The thumbnail filter holds a batch of frames: at this width it takes little memory whatever the
 * film's size is. */
#define THUMBNAIL_WIDTH 160
#define THUMBNAIL_BATCH 100

int af_scene_open(struct af_scene *scene, double threshold, struct af_error *err)
{
    memset(scene, 0, sizeof *scene);
    scene->threshold = threshold;
    scene->frame = av_frame_alloc();
    return scene->frame ? 0 : af_fail_memory(err);
}

void af_scene_close(struct af_scene *scene)
{
    avfilter_graph_free(&scene->graph);
    av_frame_free(&scene->frame);
    af_vec_free(&scene->chosen);
    scene->source = scene->sink = NULL;
}

static int add_filters(struct af_scene *scene, struct af_error *err)
{
    char options[64];

    scene->sink = scene->source;
    if (scene->threshold >= 0) {
        snprintf(options, sizeof options, "expr=gt(scene\\,%.9f)", scene->threshold);
        return af_filter_append(scene->graph, &scene->sink, "select", options, "select.scene", err);
    }
    if (scene->shape.width > THUMBNAIL_WIDTH) {
        snprintf(options, sizeof options, "w=%d:h=-2:flags=fast_bilinear", THUMBNAIL_WIDTH);
        if (af_filter_append(scene->graph, &scene->sink, "scale", options, NULL, err))
            return -1;
    }
    snprintf(options, sizeof options, "n=%d", THUMBNAIL_BATCH);
    return af_filter_append(scene->graph, &scene->sink, "thumbnail", options, "select.scene", err);
}

static int build_graph(struct af_scene *scene, struct af_error *err)
{
    int ret;

    scene->graph = avfilter_graph_alloc();
    if (!scene->graph)
        return af_fail_memory(err);
    if (af_shape_source(&scene->shape, scene->graph, &scene->source, err) ||
        add_filters(scene, err) ||
        af_filter_append(scene->graph, &scene->sink, "buffersink", NULL, NULL, err))
        return -1;
    ret = avfilter_graph_config(scene->graph, NULL);
    if (ret < 0)
        return af_fail_av(err, AF_GRAPH, ret, "select.scene",
                          "cannot look for scenes in frames of %dx%d", scene->shape.width,
                          scene->shape.height);
    return 0;
}

static int collect(struct af_scene *scene, struct af_error *err)
{
    for (;;) {
        int ret = av_buffersink_get_frame(scene->sink, scene->frame);
        int64_t *time;

        if (ret == AVERROR(EAGAIN) || ret == AVERROR_EOF)
            return 0;
        if (ret < 0)
            return af_fail_av(err, AF_GRAPH, ret, "select.scene", "looking for scenes");
        time = af_vec_new(&scene->chosen);
        if (time)
            *time = scene->frame->pts;
        av_frame_unref(scene->frame);
        if (!time)
            return af_fail_memory(err);
    }
}

int af_scene_end(struct af_scene *scene, struct af_error *err)
{
    int ret;

    if (!scene->graph)
        return 0;
    ret = av_buffersrc_add_frame(scene->source, NULL);
    if (ret < 0)
        return af_fail_av(err, AF_GRAPH, ret, "select.scene", "looking for scenes");
    return collect(scene, err);
}

int af_scene_push(struct af_scene *scene, const AVFrame *frame, int64_t time,
                  struct af_error *err)
{
    struct af_shape shape;
    int ret;

    af_shape_read(&shape, frame);
    /* The filters take frames of one size: another size is the end for them. */
    if (scene->graph && !af_shape_same(&shape, &scene->shape)) {
        if (af_scene_end(scene, err))
            return -1;
        avfilter_graph_free(&scene->graph);
    }
    if (!scene->graph) {
        scene->shape = shape;
        if (build_graph(scene, err)) {
            avfilter_graph_free(&scene->graph);
            return -1;
        }
    }
    ret = av_frame_ref(scene->frame, frame);
    if (ret < 0)
        return af_fail_memory(err);
    scene->frame->pts = time;
    scene->frame->time_base = AV_TIME_BASE_Q;
    ret = av_buffersrc_add_frame(scene->source, scene->frame);
    av_frame_unref(scene->frame);
    if (ret < 0)
        return af_fail_av(err, AF_GRAPH, ret, "select.scene", "looking for scenes");
    return collect(scene, err);
}
