/* The clocks of pictures: those that encoders and muxers with one rate can keep to. */
#include "rate.h"

#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/avstring.h>

#include "lane.h"
#include "mux.h"

/* Formats that count their pictures and do not look at the times. AVI does both: it has empty ones in between. */
static const char counted_formats[] =
    "amv,avm2,dv,filmstrip,gxf,mxf,mxf_d10,mxf_opatom,pdv,swf,yuv4mpegpipe";

/* Codecs whose streams say at what rate the pictures come, and no more; and the others whose encoders share the
 * control of bit rates with them: it takes each tick of the clock for a picture. */
static const enum AVCodecID one_rate_codecs[] = {
    AV_CODEC_ID_DIRAC,      AV_CODEC_ID_DVVIDEO,   AV_CODEC_ID_FLV1,      AV_CODEC_ID_H261,
    AV_CODEC_ID_H263,       AV_CODEC_ID_H263P,     AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO,
    AV_CODEC_ID_MPEG4,      AV_CODEC_ID_MSMPEG4V2, AV_CODEC_ID_MSMPEG4V3, AV_CODEC_ID_RV10,
    AV_CODEC_ID_RV20,       AV_CODEC_ID_SNOW,      AV_CODEC_ID_SPEEDHQ,   AV_CODEC_ID_WMV1,
    AV_CODEC_ID_WMV2,       AV_CODEC_ID_NONE
};

/* A source whose pictures have no rate is said to have none, or that of its clock: pictures a second that are taken
 * for the latter, and what either has instead. */
enum { MOST_PICTURES = 500, USUAL_PICTURES = 60 };

/* Ticks of a second in MPEG-4. */
enum { MPEG4_TICKS = 65535 };

/* What MJPEG makes of a bit rate or of bounds of the quantizer; a fixed one asks for no control. */
static bool is_controlled(const struct af_lane *lane)
{
    return (lane->bit_rate_given || lane->quality_given) &&
           !(lane->enc->flags & AV_CODEC_FLAG_QSCALE);
}

static bool is_one_rate_format(const AVOutputFormat *format)
{
    return av_match_name(format->name, counted_formats) || !strcmp(format->name, "avi");
}

bool af_rate_is_counted(const struct af_lane *lane)
{
    const AVOutputFormat *format = lane->out->oc->oformat;

    if (lane->type == AVMEDIA_TYPE_AUDIO)
        return is_one_rate_format(format);
    return lane->type == AVMEDIA_TYPE_VIDEO && av_match_name(format->name, counted_formats);
}

bool af_rate_is_one(const struct af_lane *lane)
{
    const enum AVCodecID *codec = one_rate_codecs;

    if (lane->type != AVMEDIA_TYPE_VIDEO)
        return false;
    while (*codec != AV_CODEC_ID_NONE && *codec != lane->codec->id)
        codec++;
    return *codec != AV_CODEC_ID_NONE ||
           (lane->codec->id == AV_CODEC_ID_MJPEG && is_controlled(lane)) ||
           is_one_rate_format(lane->out->oc->oformat);
}

/* The concat filter counts in microseconds, which no frame rate divides: a fraction of the frame time, down to a
 * ten thousandth of a second. */
static AVRational fraction(AVRational rate)
{
    int factor = 1;

    while (rate.num <= INT32_MAX / 4 / factor && (int64_t)rate.num * factor < 10000LL * rate.den)
        factor *= 2;
    return (AVRational){ 1, rate.num * factor };
}

/* DV and GXF have the rates of television, which the lines of a picture tell. */
static AVRational rate_of_lines(const struct af_lane *lane)
{
    bool asked = lane->codec->id == AV_CODEC_ID_DVVIDEO ||
                 av_match_name(lane->out->oc->oformat->name, "dv,gxf");

    switch (asked ? lane->enc->height : 0) {
    case 480:
    case 512:
        return (AVRational){ 30000, 1001 };
    case 576:
    case 608:
        return (AVRational){ 25, 1 };
    default:
        return (AVRational){ 0, 1 };
    }
}

AVRational af_rate_settle(const struct af_lane *lane, AVRational rate)
{
    bool known = rate.num > 0 && rate.den > 0;
    bool held = lane->map && lane->map->rate_mode == AF_RATE_CFR;
    AVRational own = rate_of_lines(lane);

    if (own.num)
        return own;
    if (af_rate_is_one(lane) &&
        (!known || (!held && av_cmp_q(rate, (AVRational){ MOST_PICTURES, 1 }) > 0)))
        return (AVRational){ USUAL_PICTURES, 1 };
    return rate;
}

AVRational af_rate_clock(const struct af_lane *lane, AVRational base, AVRational rate)
{
    if (af_rate_is_one(lane)) {
        av_reduce(&base.num, &base.den, rate.den, rate.num,
                  lane->codec->id == AV_CODEC_ID_MPEG4 ? MPEG4_TICKS : INT32_MAX);
        return base;
    }
    return rate.num > 0 && rate.den > 0 && base.num == 1 && base.den == AV_TIME_BASE
               ? fraction(rate)
               : base;
}

AVRational af_rate_copied_clock(const struct af_lane *lane, AVRational base)
{
    const AVFormatContext *from = lane->in->ctx;
    const AVStream *stream = from->streams[lane->in_stream];
    AVRational rate = stream->avg_frame_rate;

    /* Only these know the time of each picture, unless an MP4 is all fragments: others have looked at the first, or
     * have been told of a mean. */
    if (lane->type != AVMEDIA_TYPE_VIDEO || stream->nb_frames <= 0 ||
        (!av_match_name("mov", from->iformat->name) && strcmp(from->iformat->name, "avi")) ||
        rate.num <= 0 || rate.den <= 0 || av_cmp_q(rate, stream->r_frame_rate) ||
        !is_one_rate_format(lane->out->oc->oformat))
        return base;
    return av_inv_q(rate);
}
