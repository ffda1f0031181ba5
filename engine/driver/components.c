/* Components: walking the registries of the libraries. */
#include "components.h"

#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>

#include "error.h"
#include "vec.h"

static const struct {
    const char *name, *plural;
} kinds[AF_KIND_COUNT] = {
    [AF_ENCODER] = { "encoder", "encoders" },
    [AF_DECODER] = { "decoder", "decoders" },
    [AF_MUXER] = { "muxer", "muxers" },
    [AF_DEMUXER] = { "demuxer", "demuxers" },
    [AF_FILTER] = { "filter", "filters" },
    [AF_BITSTREAM_FILTER] = { "bitstream_filter", "bitstream_filters" },
    [AF_PROTOCOL] = { "protocol", "protocols" },
    [AF_PARSER] = { "parser", "parsers" },
};

typedef void visitor(void *context, const char *name, size_t length);

const char *af_kind_name(enum af_kind kind)
{
    return kinds[kind].name;
}

const char *af_kind_plural(enum af_kind kind)
{
    return kinds[kind].plural;
}

static void each_alias(const char *names, visitor *visit, void *context)
{
    while (*names) {
        size_t n = strcspn(names, ",");

        if (n)
            visit(context, names, n);
        names += n;
        names += *names == ',';
    }
}

static void each_codec(bool encoders, enum AVMediaType type, visitor *visit, void *context)
{
    const AVCodec *codec;
    void *state = NULL;

    while ((codec = av_codec_iterate(&state)))
        if ((encoders ? av_codec_is_encoder(codec) : av_codec_is_decoder(codec)) &&
            (type == AVMEDIA_TYPE_UNKNOWN || codec->type == type))
            visit(context, codec->name, strlen(codec->name));
}

static bool reads(const char *protocol)
{
    const char *name;
    void *state = NULL;

    while ((name = avio_enum_protocols(&state, 0)))
        if (!strcmp(name, protocol))
            return true;
    return false;
}

static void each_protocol(visitor *visit, void *context)
{
    const char *name;
    void *state = NULL;

    while ((name = avio_enum_protocols(&state, 0)))
        visit(context, name, strlen(name));
    state = NULL;
    while ((name = avio_enum_protocols(&state, 1)))
        if (!reads(name))
            visit(context, name, strlen(name));
}

static void each_parser(visitor *visit, void *context)
{
    const AVCodecParser *parser;
    void *state = NULL;

    while ((parser = av_parser_iterate(&state))) {
        for (size_t i = 0; i < sizeof parser->codec_ids / sizeof *parser->codec_ids; i++) {
            const char *name = avcodec_get_name((enum AVCodecID)parser->codec_ids[i]);

            if (parser->codec_ids[i] != AV_CODEC_ID_NONE)
                visit(context, name, strlen(name));
        }
    }
}

void af_each_component(enum af_kind kind, visitor *visit, void *context)
{
    const AVOutputFormat *muxer;
    const AVInputFormat *demuxer;
    const AVFilter *filter;
    const AVBitStreamFilter *bsf;
    void *state = NULL;

    switch (kind) {
    case AF_ENCODER:
    case AF_DECODER:
        each_codec(kind == AF_ENCODER, AVMEDIA_TYPE_UNKNOWN, visit, context);
        break;
    case AF_MUXER:
        while ((muxer = av_muxer_iterate(&state)))
            each_alias(muxer->name, visit, context);
        break;
    case AF_DEMUXER:
        while ((demuxer = av_demuxer_iterate(&state)))
            each_alias(demuxer->name, visit, context);
        break;
    case AF_FILTER:
        while ((filter = av_filter_iterate(&state)))
            visit(context, filter->name, strlen(filter->name));
        break;
    case AF_BITSTREAM_FILTER:
        while ((bsf = av_bsf_iterate(&state)))
            visit(context, bsf->name, strlen(bsf->name));
        break;
    case AF_PROTOCOL:
        each_protocol(visit, context);
        break;
    case AF_PARSER:
        each_parser(visit, context);
        break;
    case AF_KIND_COUNT:
        break;
    }
}

static void add_to_list(void *context, const char *name, size_t length)
{
    struct af_text *list = context;

    af_text_puts(list, list->n ? ", " : "");
    af_text_add(list, name, length);
}

static int fail_with_list(struct af_error *err, enum af_kind kind, const char *type,
                          const char *name, const char *where, struct af_text *list)
{
    const char *space = *type ? " " : "";

    af_fail(err, AF_NOT_IN_BUILD, where,
            "this engine has no %s%s%s named \"%s\"; its %s%s%s are: %s", type, space,
            af_kind_name(kind), name, type, space, af_kind_plural(kind),
            list->n ? list->v : "none");
    af_text_free(list);
    return -1;
}

int af_fail_not_in_build(struct af_error *err, enum af_kind kind, const char *name,
                         const char *where)
{
    struct af_text list = { 0 };

    af_each_component(kind, add_to_list, &list);
    return fail_with_list(err, kind, "", name, where, &list);
}

int af_fail_no_codec(struct af_error *err, enum af_kind kind, int type, const char *name,
                     const char *where)
{
    const char *type_name = av_get_media_type_string((enum AVMediaType)type);
    struct af_text list = { 0 };

    each_codec(kind == AF_ENCODER, (enum AVMediaType)type, add_to_list, &list);
    return fail_with_list(err, kind, type_name ? type_name : "", name, where, &list);
}
