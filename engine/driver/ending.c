#include "ending.h"

#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/intreadwrite.h>

#include "input.h"

/* The Matroska demuxer answers "end" where the file stops in the middle; its log has it. */
bool af_ended_early(const struct af_input *in)
{
    return in->log.n && strstr(in->log.v, "ended prematurely");
}

/* ADX: samples of a channel in a block, and where its header has how many there are. */
enum { ADX_BLOCK = 32, ADX_LENGTH = 12 };

bool af_is_remainder(const struct af_input *in, const AVPacket *packet)
{
    const char *format = in->ctx->iformat->name;
    const AVCodecParameters *par = in->ctx->streams[packet->stream_index]->codecpar;

    /* These tell no length: the file ends where it ends, within a block or not. */
    if (!strcmp(format, "g726") || !strcmp(format, "g726le"))
        return true;
    /* Behind the last block there is a mark of another size. */
    return !strcmp(format, "adx") && par->extradata_size >= ADX_LENGTH + 4 && packet->pts >= 0 &&
           packet->pts >= AV_RB32(par->extradata + ADX_LENGTH) / ADX_BLOCK;
}
