// libvpx: what its own build says of itself.
#include "vpx/vpx_codec.h"

const char *vpx_codec_build_config(void)
{
    return "generic, without threads and decoders";
}
