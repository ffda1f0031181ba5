/* The `probe` operation: what is in the inputs. What is not known is left out, never 0. */
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/pixdesc.h>
#include <libavutil/rational.h>

#include "display.h"
#include "error.h"
#include "input.h"
#include "json.h"
#include "ops.h"

/* A file may carry any time base: one that is no positive rational makes its times unknown. */
static bool usable(AVRational q)
{
    return q.num > 0 && q.den > 0;
}

static void write_rational(struct af_writer *out, const char *key, AVRational q)
{
    struct af_text text = { 0 };

    if (!usable(q))
        return;
    av_reduce(&q.num, &q.den, q.num, q.den, INT32_MAX);
    af_text_printf(&text, "%d/%d", q.num, q.den);
    if (!text.failed)
        af_write_string(out, key, text.v);
    af_text_free(&text);
}

static void write_time(struct af_writer *out, const char *key, int64_t time, AVRational base)
{
    if (time != AV_NOPTS_VALUE && usable(base))
        af_write_number(out, key, (double)time * base.num / base.den);
}

static void write_positive(struct af_writer *out, const char *key, int64_t value)
{
    if (value > 0)
        af_write_integer(out, key, value);
}

static void write_optional(struct af_writer *out, const char *key, const char *string)
{
    if (string)
        af_write_string(out, key, string);
}

static void write_color(struct af_writer *out, const AVCodecParameters *par)
{
    bool range = par->color_range != AVCOL_RANGE_UNSPECIFIED;
    bool primaries = par->color_primaries != AVCOL_PRI_UNSPECIFIED;
    bool transfer = par->color_trc != AVCOL_TRC_UNSPECIFIED;
    bool matrix = par->color_space != AVCOL_SPC_UNSPECIFIED;

    if (!range && !primaries && !transfer && !matrix)
        return;
    af_write_object(out, "color");
    if (range)
        write_optional(out, "range", av_color_range_name(par->color_range));
    if (primaries)
        write_optional(out, "primaries", av_color_primaries_name(par->color_primaries));
    if (transfer)
        write_optional(out, "transfer", av_color_transfer_name(par->color_trc));
    if (matrix)
        write_optional(out, "matrix", av_color_space_name(par->color_space));
    af_write_end(out);
}

static const char *field_order_name(enum AVFieldOrder order)
{
    switch (order) {
    case AV_FIELD_PROGRESSIVE:
        return "progressive";
    case AV_FIELD_TT:
        return "tt";
    case AV_FIELD_BB:
        return "bb";
    case AV_FIELD_TB:
        return "tb";
    case AV_FIELD_BT:
        return "bt";
    default:
        return NULL;
    }
}

static void write_video(struct af_writer *out, const AVStream *st)
{
    const AVCodecParameters *par = st->codecpar;
    const AVPacketSideData *matrix =
        av_packet_side_data_get(par->coded_side_data, par->nb_coded_side_data,
                                AV_PKT_DATA_DISPLAYMATRIX);
    int turn = 0;

    write_positive(out, "width", par->width);
    write_positive(out, "height", par->height);
    write_optional(out, "pix_fmt", av_get_pix_fmt_name((enum AVPixelFormat)par->format));
    write_rational(out, "frame_rate", st->r_frame_rate);
    write_rational(out, "avg_frame_rate", st->avg_frame_rate);
    write_rational(out, "sar", usable(st->sample_aspect_ratio) ? st->sample_aspect_ratio
                                                               : par->sample_aspect_ratio);
    if (matrix && !af_display_turn(matrix->data, matrix->size, &turn) && turn)
        af_write_integer(out, "rotation", turn);
    write_optional(out, "field_order", field_order_name(par->field_order));
    write_color(out, par);
}

static void write_audio(struct af_writer *out, const AVCodecParameters *par)
{
    char layout[256];

    write_positive(out, "sample_rate", par->sample_rate);
    write_optional(out, "sample_fmt", av_get_sample_fmt_name((enum AVSampleFormat)par->format));
    write_positive(out, "channels", par->ch_layout.nb_channels);
    /* A number of channels of which nobody knows the places is no layout. */
    if (par->ch_layout.order != AV_CHANNEL_ORDER_UNSPEC &&
        av_channel_layout_check(&par->ch_layout) &&
        av_channel_layout_describe(&par->ch_layout, layout, sizeof layout) > 0)
        af_write_string(out, "channel_layout", layout);
}

static void write_disposition(struct af_writer *out, int disposition)
{
    af_write_array(out, "disposition");
    for (unsigned bit = 0; bit < 31; bit++) {
        const char *name = disposition & 1 << bit ? av_disposition_to_string(1 << bit) : NULL;

        if (name)
            af_write_string(out, NULL, name);
    }
    af_write_end(out);
}

static void write_stream(struct af_writer *out, const AVStream *st)
{
    const AVCodecParameters *par = st->codecpar;
    const char *type = av_get_media_type_string(par->codec_type);
    const AVDictionaryEntry *language = av_dict_get(st->metadata, "language", NULL, 0);

    af_write_object(out, NULL);
    af_write_integer(out, "index", st->index);
    af_write_string(out, "type", type ? type : "unknown");
    af_write_string(out, "codec", avcodec_get_name(par->codec_id));
    write_optional(out, "profile", avcodec_profile_name(par->codec_id, par->profile));
    if (par->level != AV_LEVEL_UNKNOWN)
        af_write_integer(out, "level", par->level);
    write_positive(out, "bit_rate", par->bit_rate);
    if (st->duration > 0)
        write_time(out, "duration", st->duration, st->time_base);
    write_time(out, "start", st->start_time, st->time_base);
    write_positive(out, "frames", st->nb_frames);
    write_rational(out, "time_base", st->time_base);
    if (par->codec_type == AVMEDIA_TYPE_VIDEO)
        write_video(out, st);
    else if (par->codec_type == AVMEDIA_TYPE_AUDIO)
        write_audio(out, par);
    if (language && *language->value && strcmp(language->value, "und"))
        af_write_string(out, "language", language->value);
    write_disposition(out, st->disposition);
    af_write_dictionary(out, "tags", st->metadata);
    af_write_end(out);
}

static void write_chapters(struct af_writer *out, const AVFormatContext *ctx)
{
    af_write_array(out, "chapters");
    for (unsigned i = 0; i < ctx->nb_chapters; i++) {
        const AVChapter *chapter = ctx->chapters[i];
        const AVDictionaryEntry *title = av_dict_get(chapter->metadata, "title", NULL, 0);

        af_write_object(out, NULL);
        write_time(out, "start", chapter->start, chapter->time_base);
        write_time(out, "end", chapter->end, chapter->time_base);
        if (title)
            af_write_string(out, "title", title->value);
        af_write_dictionary(out, "tags", chapter->metadata);
        af_write_end(out);
    }
    af_write_end(out);
}

static void write_programs(struct af_writer *out, const AVFormatContext *ctx)
{
    if (!ctx->nb_programs)
        return;
    af_write_array(out, "programs");
    for (unsigned i = 0; i < ctx->nb_programs; i++) {
        const AVProgram *program = ctx->programs[i];

        af_write_object(out, NULL);
        af_write_integer(out, "id", program->id);
        af_write_array(out, "streams");
        for (unsigned s = 0; s < program->nb_stream_indexes; s++)
            af_write_integer(out, NULL, program->stream_index[s]);
        af_write_end(out);
        af_write_dictionary(out, "tags", program->metadata);
        af_write_end(out);
    }
    af_write_end(out);
}

/* The name a caller knows the input by: its path, or the first of those it joins. */
static const char *name_of(const struct af_input_spec *spec)
{
    return spec->path ? spec->path : spec->concat.n ? spec->concat.v[0] : "";
}

/* The names of times are those of the vocabulary that the caller speaks. */
static void write_input(struct af_writer *out, const struct af_input *in, int version)
{
    const AVFormatContext *ctx = in->ctx;

    af_write_object(out, NULL);
    af_write_string(out, "path", name_of(in->spec));
    af_write_string(out, "format", ctx->iformat->name);
    if (ctx->duration > 0)
        write_time(out, version < 10 ? "duration_sec" : "duration", ctx->duration, AV_TIME_BASE_Q);
    write_time(out, version < 10 ? "start_sec" : "start", ctx->start_time, AV_TIME_BASE_Q);
    write_positive(out, "bit_rate", ctx->bit_rate);
    /* The file that the concat demuxer reads is a list of files. */
    if (ctx->pb && !in->spec->concat.n)
        write_positive(out, "size", avio_size(ctx->pb));
    af_write_dictionary(out, "tags", ctx->metadata);
    write_chapters(out, ctx);
    write_programs(out, ctx);
    af_write_array(out, "streams");
    for (unsigned i = 0; i < ctx->nb_streams; i++)
        write_stream(out, ctx->streams[i]);
    af_write_end(out);
    af_write_end(out);
}

static int probe_input(const struct af_input_spec *spec, size_t index, int version,
                       struct af_writer *out, struct af_error *err)
{
    struct af_input in = { 0 };
    int ret = af_input_open(&in, spec, index, err);

    if (!ret)
        write_input(out, &in, version);
    af_input_close(&in);
    return ret;
}

/* One input that cannot be probed is a failed operation. Of several, each stands for itself: the
 * reply has the error in the place of the one that failed; so has that of one alone before 10. */
static int probe_all(const struct af_input_spec *specs, size_t n, int version,
                     struct af_writer *reply, struct af_error *err)
{
    af_write_object(reply, NULL);
    af_write_array(reply, "inputs");
    for (size_t i = 0; i < n; i++) {
        if (!probe_input(&specs[i], i, version, reply, err))
            continue;
        if (n == 1 && version >= 10)
            return -1;
        af_write_object(reply, NULL);
        af_write_string(reply, "path", name_of(&specs[i]));
        if (version < 10)
            af_write_string(reply, "error", af_error_message(err));
        else
            af_write_error(reply, "error", err);
        af_write_end(reply);
        af_error_clear(err);
    }
    af_write_end(reply);
    af_write_end(reply);
    return 0;
}

int af_op_probe(const struct af_job *job, struct af_writer *reply, struct af_error *err)
{
    AF_VEC(struct af_input_spec) specs = { 0 };
    struct af_json *inputs = NULL;
    int ret = af_json_need_array(job->spec, "inputs", &inputs, err);

    if (!ret && !inputs->first)
        ret = af_json_fail(inputs, err, "at least one input is needed");
    for (struct af_json *node = ret ? NULL : inputs->first; node && !ret; node = node->next) {
        struct af_input_spec *spec = af_vec_new(&specs);

        ret = spec ? af_input_spec_read(spec, node, err) : af_fail_memory(err);
    }
    if (!ret)
        ret = af_job_fields_read(job, err);
    if (!ret)
        ret = probe_all(specs.v, specs.n, job->version, reply, err);
    for (size_t i = 0; i < specs.n; i++)
        af_input_spec_free(&specs.v[i]);
    af_vec_free(&specs);
    return ret;
}
