/* Crossfades of pictures whose chroma has fewer samples than their luma: libavfilter's vf_xfade.c
 * includes this after its transitions, which know planes of one size only.
 *
 * A transition runs twice, on luma and alpha, and on chroma as on a smaller picture. That is right for
 * those that mix samples of one place, or that ask only where in the picture a sample is. Others move
 * pixels by whole numbers, take their decision from another plane, or draw a pattern of pixels: they keep
 * the formats that upstream gives them. */

#include "formats.h"

/* How many samples of each direction a plane may lack for a transition to be right on it. */
enum Subsampling {
    SUBSAMPLED_NOT,
    SUBSAMPLED_ALIKE, /* circles and angles stay such */
    SUBSAMPLED_ANYHOW,
};

static enum Subsampling subsampling(int transition)
{
    switch (transition) {
    case FADE:
    case FADEBLACK:
    case FADEWHITE:
    case FADEFAST:
    case FADESLOW:
    case WIPELEFT:
    case WIPERIGHT:
    case WIPEUP:
    case WIPEDOWN:
    case WIPETL:
    case WIPETR:
    case WIPEBL:
    case WIPEBR:
    case SMOOTHLEFT:
    case SMOOTHRIGHT:
    case SMOOTHUP:
    case SMOOTHDOWN:
    case RECTCROP:
    case VERTOPEN:
    case VERTCLOSE:
    case HORZOPEN:
    case HORZCLOSE:
    case DIAGTL:
    case DIAGTR:
    case DIAGBL:
    case DIAGBR:
    case HLSLICE:
    case HRSLICE:
    case VUSLICE:
    case VDSLICE:
        return SUBSAMPLED_ANYHOW;
    case CIRCLECROP:
    case CIRCLEOPEN:
    case CIRCLECLOSE:
    case RADIAL:
        return SUBSAMPLED_ALIKE;
    default:
        return SUBSAMPLED_NOT;
    }
}

#define FORMATS_420 \
    AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVA420P, \
    AV_PIX_FMT_YUV420P9, AV_PIX_FMT_YUV420P10, AV_PIX_FMT_YUV420P12, \
    AV_PIX_FMT_YUV420P14, AV_PIX_FMT_YUV420P16, \
    AV_PIX_FMT_YUVA420P9, AV_PIX_FMT_YUVA420P10, AV_PIX_FMT_YUVA420P16
#define FORMATS_422 \
    AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVA422P, \
    AV_PIX_FMT_YUV422P9, AV_PIX_FMT_YUV422P10, AV_PIX_FMT_YUV422P12, \
    AV_PIX_FMT_YUV422P14, AV_PIX_FMT_YUV422P16, \
    AV_PIX_FMT_YUVA422P9, AV_PIX_FMT_YUVA422P10, AV_PIX_FMT_YUVA422P12, AV_PIX_FMT_YUVA422P16

static int formats_by_transition(const AVFilterContext *ctx, AVFilterFormatsConfig **cfg_in,
                                 AVFilterFormatsConfig **cfg_out)
{
    static const enum AVPixelFormat alike[] = { FORMATS_420, AV_PIX_FMT_NONE };
    static const enum AVPixelFormat anyhow[] = { FORMATS_420, FORMATS_422, AV_PIX_FMT_NONE };
    const XFadeContext *s = ctx->priv;
    enum Subsampling subsampled = subsampling(s->transition);
    const enum AVPixelFormat *more = subsampled == SUBSAMPLED_ANYHOW ? anyhow : alike;
    AVFilterFormats *formats = ff_make_pixel_format_list(pix_fmts);
    int ret = formats ? 0 : AVERROR(ENOMEM);

    for (; ret >= 0 && subsampled != SUBSAMPLED_NOT && *more != AV_PIX_FMT_NONE; more++)
        ret = ff_add_format(&formats, *more);
    return ret < 0 ? ret : ff_set_common_formats2(ctx, cfg_in, cfg_out, formats);
}

/* The planes `first` and, if there is one, `second` of a frame as a picture of their own. */
static AVFrame plane_view(const AVFrame *frame, int first, int second, int width, int height)
{
    AVFrame view = *frame;

    view.width = width;
    view.height = height;
    view.data[0] = frame->data[first];
    view.linesize[0] = frame->linesize[first];
    view.data[1] = frame->data[second];
    view.linesize[1] = frame->linesize[second];
    return view;
}

/* One of the jobs of a transition, on planes of one size. */
static void cross_planes(AVFilterContext *ctx, const ThreadData *td, int first, int second,
                         int width, int height, int jobnr, int nb_jobs)
{
    const XFadeContext *s = ctx->priv;
    AVFilterContext ours = *ctx;
    XFadeContext state = *s;
    AVFrame a = plane_view(td->xf[0], first, second, width, height);
    AVFrame b = plane_view(td->xf[1], first, second, width, height);
    AVFrame out = plane_view(td->out, first, second, width, height);
    int start = ff_slice_pos(height, jobnr, nb_jobs);
    int end = ff_slice_pos(height, jobnr + 1, nb_jobs);

    ours.priv = &state;
    state.nb_planes = second < s->nb_planes ? 2 : 1;
    state.black[0] = s->black[first];
    state.black[1] = s->black[second];
    state.white[0] = s->white[first];
    state.white[1] = s->white[second];
    s->transitionf(&ours, &a, &b, &out, td->progress, start, end, jobnr);
}

#ifdef __wasm__
int afmpeg_mix_rows(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *a, ptrdiff_t a_stride,
                    const uint8_t *b, ptrdiff_t b_stride, int width, int height, float progress);

/* The plain fade of 8 bits by a kernel of the host, if it has that. */
static int fade_by_kernel(AVFilterContext *ctx, const ThreadData *td, int jobnr, int nb_jobs)
{
    const XFadeContext *s = ctx->priv;
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(td->out->format);

    if (s->transitionf != fade8_transition)
        return 0;
    for (int p = 0; p < s->nb_planes; p++) {
        int chroma = !s->is_rgb && (p == 1 || p == 2);
        int width = AV_CEIL_RSHIFT(td->out->width, chroma ? desc->log2_chroma_w : 0);
        int height = AV_CEIL_RSHIFT(td->out->height, chroma ? desc->log2_chroma_h : 0);
        int start = ff_slice_pos(height, jobnr, nb_jobs);
        int end = ff_slice_pos(height, jobnr + 1, nb_jobs);
        ptrdiff_t to = td->out->linesize[p], from = td->xf[0]->linesize[p];
        ptrdiff_t other = td->xf[1]->linesize[p];

        if (!afmpeg_mix_rows(td->out->data[p] + start * to, to, td->xf[0]->data[p] + start * from,
                             from, td->xf[1]->data[p] + start * other, other, width, end - start,
                             td->progress))
            return 0;
    }
    return 1;
}
#endif

/* One of the jobs of a transition where it is not for the filter's own function to do. */
static int cross_by_planes(AVFilterContext *ctx, const ThreadData *td, int jobnr, int nb_jobs)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(td->out->format);
    int width = td->out->width, height = td->out->height;

#ifdef __wasm__
    if (fade_by_kernel(ctx, td, jobnr, nb_jobs))
        return 1;
#endif
    if (!desc->log2_chroma_w && !desc->log2_chroma_h)
        return 0;
    cross_planes(ctx, td, 0, 3, width, height, jobnr, nb_jobs);
    cross_planes(ctx, td, 1, 2, AV_CEIL_RSHIFT(width, desc->log2_chroma_w),
                 AV_CEIL_RSHIFT(height, desc->log2_chroma_h), jobnr, nb_jobs);
    return 1;
}
