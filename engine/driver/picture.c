/* A picture maker: converter, encoder, file. */
#include "picture.h"

#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/common.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>

#include "components.h"
#include "error.h"
#include "input.h"
#include "vec.h"

/* The encoder's scale of quality for JPEG, 1 (best) to 31: its default is a bit rate, which is no
 * measure for a single picture. */
#define JPEG_QUALITY 3

static bool makes_images(const AVCodec *codec)
{
    const AVCodecDescriptor *about = avcodec_descriptor_get(codec->id);

    return about && about->type == AVMEDIA_TYPE_VIDEO && about->mime_types &&
           !strncmp(about->mime_types[0], "image/", 6);
}

int af_picture_open(struct af_picture_maker *maker, const char *codec, const char *scale,
                    bool autorotate, struct af_error *err)
{
    memset(maker, 0, sizeof *maker);
    maker->codec = avcodec_find_encoder_by_name(codec);
    if (!maker->codec)
        return af_fail_no_codec(err, AF_ENCODER, AVMEDIA_TYPE_VIDEO, codec, "codec");
    if (!makes_images(maker->codec))
        return af_fail(err, AF_OPTION, "codec",
                       "the encoder %s does not make image files: use one such as png or mjpeg",
                       codec);
    maker->packet = av_packet_alloc();
    if (!maker->packet)
        return af_fail_memory(err);
    return af_convert_open(&maker->converter, maker->codec, scale, autorotate, err);
}

void af_picture_close(struct af_picture_maker *maker)
{
    af_convert_close(&maker->converter);
    av_packet_free(&maker->packet);
}

/* ---- encoding and writing ---- */

static int open_encoder(const struct af_picture_maker *maker, AVCodecContext **made,
                        struct af_error *err)
{
    AVCodecContext *encoder = avcodec_alloc_context3(maker->codec);
    AVFrame *image = maker->converter.image;
    int ret;

    *made = encoder;
    if (!encoder)
        return af_fail_memory(err);
    encoder->width = image->width;
    encoder->height = image->height;
    encoder->pix_fmt = (enum AVPixelFormat)image->format;
    encoder->time_base = (AVRational){ 1, 25 };
    encoder->sample_aspect_ratio = image->sample_aspect_ratio;
    encoder->color_range = image->color_range;
    encoder->colorspace = image->colorspace;
    encoder->color_primaries = image->color_primaries;
    encoder->color_trc = image->color_trc;
    encoder->chroma_sample_location = image->chroma_location;
    if (maker->codec->id == AV_CODEC_ID_MJPEG) {
        encoder->flags |= AV_CODEC_FLAG_QSCALE;
        encoder->global_quality = JPEG_QUALITY * FF_QP2LAMBDA;
        image->quality = encoder->global_quality;
    }
    image->pts = 0;
    image->duration = 1;
    image->pict_type = AV_PICTURE_TYPE_NONE;
    ret = avcodec_open2(encoder, maker->codec, NULL);
    if (ret < 0)
        return af_fail_av(err, AF_ENCODE, ret, "codec", "cannot open %s for pictures of %dx%d %s",
                          maker->codec->name, image->width, image->height,
                          av_get_pix_fmt_name(encoder->pix_fmt));
    return 0;
}

/* Most encoders write whole files; of these the muxer writes the head and the tail. The image2
 * muxer is passed by: it makes names of its own from what it is given. */
static const char *muxer_of(const AVCodec *codec)
{
    switch (codec->id) {
    case AV_CODEC_ID_GIF:
        return "gif";
    case AV_CODEC_ID_APNG:
        return "apng";
    default:
        return NULL;
    }
}

static int open_muxer(AVFormatContext **made, const char *name, AVCodecContext *encoder,
                      AVIOContext *file, struct af_error *err)
{
    AVStream *stream;
    int ret;

    if (!av_guess_format(name, NULL, NULL))
        return af_fail_not_in_build(err, AF_MUXER, name, "codec");
    ret = avformat_alloc_output_context2(made, NULL, name, NULL);
    stream = ret < 0 ? NULL : avformat_new_stream(*made, NULL);
    if (!stream)
        return af_fail_memory(err);
    (*made)->pb = file;
    stream->time_base = encoder->time_base;
    ret = avcodec_parameters_from_context(stream->codecpar, encoder);
    if (ret >= 0)
        ret = avformat_write_header(*made, NULL);
    if (ret < 0)
        return af_fail_av(err, AF_MUX, ret, NULL, "cannot begin a %s file", name);
    return 0;
}

static int write_packets(struct af_picture_maker *maker, AVCodecContext *encoder,
                         AVFormatContext *muxer, AVIOContext *file, struct af_error *err)
{
    bool any = false;
    int ret;

    for (;;) {
        ret = avcodec_receive_packet(encoder, maker->packet);
        if (ret == AVERROR_EOF)
            break;
        if (ret < 0)
            return af_fail_av(err, AF_ENCODE, ret, NULL, "encoding a picture with %s",
                              maker->codec->name);
        any = true;
        if (muxer) {
            av_packet_rescale_ts(maker->packet, encoder->time_base, muxer->streams[0]->time_base);
            ret = av_write_frame(muxer, maker->packet);
        } else {
            avio_write(file, maker->packet->data, maker->packet->size);
            ret = file->error;
        }
        av_packet_unref(maker->packet);
        if (ret < 0)
            return af_fail_av(err, AF_MUX, ret, NULL, "writing a picture");
    }
    if (!any)
        return af_fail(err, AF_ENCODE, NULL, "%s made no picture of a frame", maker->codec->name);
    if (muxer && (ret = av_write_trailer(muxer)) < 0)
        return af_fail_av(err, AF_MUX, ret, NULL, "finishing a picture");
    return 0;
}

static int encode_to(struct af_picture_maker *maker, AVIOContext *file, struct af_error *err)
{
    const char *muxer_name = muxer_of(maker->codec);
    AVCodecContext *encoder = NULL;
    AVFormatContext *muxer = NULL;
    int ret = open_encoder(maker, &encoder, err);

    if (!ret && muxer_name)
        ret = open_muxer(&muxer, muxer_name, encoder, file, err);
    if (!ret) {
        int sent = avcodec_send_frame(encoder, maker->converter.image);

        if (sent >= 0)
            sent = avcodec_send_frame(encoder, NULL);
        if (sent < 0)
            ret = af_fail_av(err, AF_ENCODE, sent, NULL, "encoding a picture with %s",
                             maker->codec->name);
    }
    if (!ret)
        ret = write_packets(maker, encoder, muxer, file, err);
    avformat_free_context(muxer);
    avcodec_free_context(&encoder);
    return ret;
}

int af_picture_write(struct af_picture_maker *maker, const AVFrame *frame, const char *path,
                     struct af_error *err)
{
    AVIOContext *file = NULL;
    char *url;
    int closed, ret;

    if (af_convert(&maker->converter, frame, err))
        return -1;
    url = af_file_url(path);
    if (!url)
        return af_fail_memory(err);
    ret = avio_open(&file, url, AVIO_FLAG_WRITE);
    av_free(url);
    if (ret < 0)
        return af_fail_av(err, AF_OPEN_OUTPUT, ret, "path", "cannot create %s", path);
    ret = encode_to(maker, file, err);
    if (!ret)
        maker->bytes = av_sat_add64(maker->bytes, avio_tell(file));
    /* avio_close() gives the error of any write before it. */
    closed = avio_close(file);
    if (!ret && closed < 0)
        ret = af_fail_av(err, AF_MUX, closed, "path", "writing %s", path);
    return ret;
}
