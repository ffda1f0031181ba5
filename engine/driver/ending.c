#include "ending.h"

#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/intreadwrite.h>

#include "input.h"

/* ADX: samples of a channel in a block, the bytes that they take, and where its header has how many there are. */
enum { ADX_BLOCK = 32, ADX_BYTES = 18, ADX_LENGTH = 12 };

/* Whether a file of ADX has fewer blocks than its header tells of. */
static bool lacks_blocks(const struct af_input *in)
{
    const AVCodecParameters *par = in->ctx->streams[0]->codecpar;

    if (par->codec_id != AV_CODEC_ID_ADPCM_ADX || par->extradata_size < ADX_LENGTH + 4 ||
        par->ch_layout.nb_channels < 1)
        return false;
    int64_t samples = AV_RB32(par->extradata + ADX_LENGTH);
    int64_t bytes = avio_tell(in->ctx->pb) - par->extradata_size;

    return bytes / (ADX_BYTES * par->ch_layout.nb_channels) < (samples + ADX_BLOCK - 1) / ADX_BLOCK;
}

bool af_says_cut(const struct af_input *in)
{
    /* The demuxers of Matroska and MP4 answer "end" where the file stops in the middle; their log has it. */
    return in->log.n && (strstr(in->log.v, "ended prematurely") || strstr(in->log.v, "partial file"));
}

bool af_ended_early(const struct af_input *in)
{
    if (!strcmp(in->ctx->iformat->name, "adx"))
        return lacks_blocks(in);
    return af_says_cut(in);
}

bool af_is_remainder(const struct af_input *in)
{
    const char *format = in->ctx->iformat->name;

    /* Raw G.726 tells no length: the file ends where it ends, within a block or not. */
    if (!strcmp(format, "g726") || !strcmp(format, "g726le"))
        return true;
    /* Blocks that are whole, out of a read that was to give more of them; the end of the file is told by its header. */
    return !strcmp(format, "adx");
}
