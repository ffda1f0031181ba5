/* The rate of pictures: what the job says of it, and what formats and codecs with one rate need. */
#include "rate.h"

#include <stdio.h>

#include <libavformat/avformat.h>
#include <libavutil/avstring.h>

#include "lane.h"
#include "mux.h"

/* Formats that number their pictures: one that comes at another time is filled up to with empty ones, or moved. */
static const char one_rate_formats[] = "amv,avi,dv,filmstrip,gxf,mxf,mxf_d10,mxf_opatom,swf,yuv4mpegpipe";

/* Codecs whose streams say at what rate the pictures come, and no more; and the others whose encoders share the
 * control of bit rates with them: it takes each tick of the clock for a picture. */
static const enum AVCodecID one_rate_codecs[] = {
    AV_CODEC_ID_DVVIDEO,   AV_CODEC_ID_FLV1,       AV_CODEC_ID_H261,       AV_CODEC_ID_H263,
    AV_CODEC_ID_H263P,     AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG4,
    AV_CODEC_ID_MSMPEG4V2, AV_CODEC_ID_MSMPEG4V3,  AV_CODEC_ID_RV10,       AV_CODEC_ID_RV20,
    AV_CODEC_ID_SNOW,      AV_CODEC_ID_WMV1,       AV_CODEC_ID_WMV2,       AV_CODEC_ID_NONE
};

/* Ticks of a second in MPEG-4. */
enum { MPEG4_TICKS = 65535 };

static bool has_one_rate(const struct af_lane *lane)
{
    const enum AVCodecID *codec = one_rate_codecs;

    while (*codec != AV_CODEC_ID_NONE && *codec != lane->codec->id)
        codec++;
    return *codec != AV_CODEC_ID_NONE ||
           (lane->codec->id == AV_CODEC_ID_MJPEG && lane->bit_rate_given) ||
           av_match_name(lane->out->oc->oformat->name, one_rate_formats);
}

bool af_rate_hold(const struct af_lane *lane, char args[AF_RATE_ARGS])
{
    const struct af_map_spec *map = lane->map;

    if (lane->type != AVMEDIA_TYPE_VIDEO)
        return false;
    if (map && map->rate_mode == AF_RATE_CFR && map->frame_rate.num > 0)
        snprintf(args, AF_RATE_ARGS, "fps=%d/%d", map->frame_rate.num, map->frame_rate.den);
    else if (map && map->rate_mode == AF_RATE_CFR)
        snprintf(args, AF_RATE_ARGS, "fps=source_fps");
    else if (has_one_rate(lane) && !(map && map->has_rate))
        /* A source whose pictures have no rate is said to have none, or that of its clock. */
        snprintf(args, AF_RATE_ARGS,
                 "fps='if(gt(source_fps,240),60,if(gt(source_fps,0),source_fps,25))'");
    else
        return false;
    return true;
}

/* A fraction of the frame time, down to a ten thousandth of a second. */
static AVRational fraction(AVRational rate, int most)
{
    int factor = 1;

    while (rate.num <= most / 2 / factor && (int64_t)rate.num * factor < 10000LL * rate.den)
        factor *= 2;
    return (AVRational){ 1, rate.num * factor };
}

AVRational af_rate_clock(const struct af_lane *lane, AVRational base, AVRational rate)
{
    bool known = rate.num > 0 && rate.den > 0;

    /* The concat filter counts in microseconds, which no frame rate divides. */
    if (known && base.num == 1 && base.den == AV_TIME_BASE)
        base = fraction(rate, INT32_MAX / 2);
    if (lane->codec->id == AV_CODEC_ID_MPEG4 && base.den > MPEG4_TICKS)
        base = known && rate.num <= MPEG4_TICKS ? fraction(rate, MPEG4_TICKS)
                                                : (AVRational){ 1, 60000 };
    return base;
}

AVRational af_rate_copied_clock(const struct af_lane *lane, AVRational base)
{
    const AVStream *stream = lane->in->ctx->streams[lane->in_stream];
    AVRational rate = stream->avg_frame_rate;

    if (lane->type != AVMEDIA_TYPE_VIDEO || rate.num <= 0 || rate.den <= 0 ||
        av_cmp_q(rate, stream->r_frame_rate) ||
        !av_match_name(lane->out->oc->oformat->name, one_rate_formats))
        return base;
    return av_inv_q(rate);
}
