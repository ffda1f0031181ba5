/* Filters, as graphs between sources that read memory and a sink that writes it. */
#include <stdio.h>
#include <string.h>

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavfilter/filters.h>
#include <libavfilter/vf_overlay.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>

#include "compared.h"
#include "setup.h"

enum { FRAMES = 2, LARGEST = 1 << 20 };

extern const FFFilter ff_vsrc_buffer, ff_vsink_buffer, ff_vf_fade, ff_vf_hflip, ff_vf_overlay;
extern const FFFilter ff_vf_transpose, ff_vf_xfade, ff_asrc_abuffer, ff_asink_abuffer, ff_af_atempo;

static const FFFilter *const filters[] = {
    &ff_vsrc_buffer, &ff_vsink_buffer, &ff_vf_fade, &ff_vf_hflip, &ff_vf_overlay,
    &ff_vf_transpose, &ff_vf_xfade, &ff_asrc_abuffer, &ff_asink_abuffer, &ff_af_atempo,
};

/* These two stand in front of libavfilter's own, whose list of all filters brings all of the libraries
 * in: every test would compare their memory. */
const AVFilter *av_filter_iterate(void **state)
{
    uintptr_t next = (uintptr_t)*state;

    if (next >= sizeof(filters) / sizeof(filters[0]))
        return NULL;
    *state = (void *)(next + 1);
    return &filters[next]->p;
}

const AVFilter *avfilter_get_by_name(const char *name)
{
    const AVFilter *filter;
    void *state = NULL;

    while ((filter = av_filter_iterate(&state)))
        if (!strcmp(filter->name, name))
            break;
    return filter;
}

static AVFilterGraph *graph_of(const char *text)
{
    AVFilterGraph *graph = avfilter_graph_alloc();
    AVFilterInOut *inputs = NULL, *outputs = NULL;

    check(avfilter_graph_parse2(graph, text, &inputs, &outputs));
    check(avfilter_graph_config(graph, NULL));
    return graph;
}

/* The source of this number, or nothing. */
static AVFilterContext *source(AVFilterGraph *graph, int index)
{
    char name[16];

    snprintf(name, sizeof(name), "buffer@%d", index);
    return avfilter_graph_get_filter(graph, name);
}

/* Gives each source of a graph, buffer@0 and so on, its next frame of `in`. */
static const uint8_t *feed(AVFilterGraph *graph, const uint8_t *in, int pts)
{
    AVFilterContext *buffer;

    for (int i = 0; (buffer = source(graph, i)); i++) {
        const AVFilterLink *link = buffer->outputs[0];
        AVFrame *frame = av_frame_alloc();
        uint8_t *planes[4];
        int strides[4];

        frame->format = link->format;
        frame->width = link->w;
        frame->height = link->h;
        frame->pts = pts;
        check(av_frame_get_buffer(frame, 0));
        check(av_image_fill_arrays(planes, strides, in, link->format, link->w, link->h, 1));
        av_image_copy2(frame->data, frame->linesize, planes, strides, link->format, link->w, link->h);
        in += av_image_get_buffer_size(link->format, link->w, link->h, 1);
        check(av_buffersrc_add_frame(buffer, frame));
        av_frame_free(&frame);
    }
    return in;
}

enum { SAMPLES = 3000 };

/* Writes to `out` what a graph from abuffer@0 to abuffersink@o makes of samples at `in`, and how much
 * that is. */
static void run_audio(const char *text, const uint8_t *in, int32_t *out)
{
    AVFilterGraph *graph = graph_of(text);
    AVFilterContext *from = avfilter_graph_get_filter(graph, "abuffer@0");
    AVFilterContext *sink = avfilter_graph_get_filter(graph, "abuffersink@o");
    const AVFilterLink *link = from->outputs[0];
    const int size = av_get_bytes_per_sample(link->format) * link->ch_layout.nb_channels;
    AVFrame *frame = av_frame_alloc();
    uint8_t *to = (uint8_t *)(out + 1);

    for (int n = 0; n < FRAMES; n++, in += SAMPLES * size) {
        frame->format = link->format;
        frame->sample_rate = link->sample_rate;
        frame->nb_samples = SAMPLES;
        frame->pts = n * SAMPLES;
        check(av_channel_layout_copy(&frame->ch_layout, &link->ch_layout));
        check(av_frame_get_buffer(frame, 0));
        memcpy(frame->data[0], in, SAMPLES * size);
        check(av_buffersrc_add_frame(from, frame));
        av_frame_unref(frame);
    }
    check(av_buffersrc_add_frame(from, NULL));
    while (av_buffersink_get_frame(sink, frame) >= 0) {
        memcpy(to, frame->data[0], frame->nb_samples * size);
        to += frame->nb_samples * size;
        av_frame_unref(frame);
    }
    *out = to - (uint8_t *)out;
    av_frame_free(&frame);
    avfilter_graph_free(&graph);
}

#define AUDIO(name) \
    COMPARED(name, (const char *text, const uint8_t *in, int32_t *out), run_audio(text, in, out))

AUDIO(tempo_mono_16)
AUDIO(tempo_mono_float)
AUDIO(tempo_blend_16)
AUDIO(tempo_blend_float)
AUDIO(tempo_correlate)
AUDIO(tempo_best)

/* Writes to `out` what a graph makes of the frames at `in`. */
static void run(const char *text, const uint8_t *in, uint8_t *out)
{
    AVFilterGraph *graph = graph_of(text);
    AVFilterContext *sink = avfilter_graph_get_filter(graph, "buffersink@o");
    AVFrame *frame = av_frame_alloc();

    for (int n = 0; n < FRAMES; n++)
        in = feed(graph, in, n);
    for (int i = 0; source(graph, i); i++)
        check(av_buffersrc_add_frame(source(graph, i), NULL));
    while (av_buffersink_get_frame(sink, frame) >= 0) {
        int size = av_image_copy_to_buffer(out, LARGEST, (const uint8_t *const *)frame->data,
                                           frame->linesize, frame->format, frame->width,
                                           frame->height, 1);

        check(size);
        out += size;
        av_frame_unref(frame);
    }
    av_frame_free(&frame);
    /* Freed memory is compared as well. */
    for (unsigned i = 0; i < graph->nb_filters; i++)
        if (!strcmp(graph->filters[i]->filter->name, "overlay"))
            memset(((OverlayContext *)graph->filters[i]->priv)->blend_row, 0,
                   sizeof(((OverlayContext *)0)->blend_row));
    avfilter_graph_free(&graph);
}

COMPARED(mix_rows, (const char *text, const uint8_t *in, uint8_t *out), run(text, in, out))
COMPARED(overlay_row, (const char *text, const uint8_t *in, uint8_t *out), run(text, in, out))
COMPARED(overlay_row_of_two, (const char *text, const uint8_t *in, uint8_t *out), run(text, in, out))
COMPARED(overlay_row_of_four, (const char *text, const uint8_t *in, uint8_t *out), run(text, in, out))
COMPARED(fade_row, (const char *text, const uint8_t *in, uint8_t *out), run(text, in, out))

void setup_filters(void)
{
    static const char *const formats[] = {"gray", "gray16le", "rgb24", "rgba"};

    av_log_set_level(AV_LOG_QUIET);
    for (unsigned i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        char text[160];
        AVFilterGraph *graph;

        snprintf(text, sizeof(text),
                 "buffer=video_size=16x16:pix_fmt=%s:time_base=1/1,hflip,transpose,buffersink",
                 formats[i]);
        graph = graph_of(text);
        avfilter_graph_free(&graph);
    }
    NOTE(mix_rows);
    NOTE(overlay_row);
    NOTE(overlay_row_of_two);
    NOTE(overlay_row_of_four);
    NOTE(fade_row);
    NOTE(tempo_mono_16);
    NOTE(tempo_mono_float);
    NOTE(tempo_blend_16);
    NOTE(tempo_blend_float);
    NOTE(tempo_correlate);
    NOTE(tempo_best);
}
