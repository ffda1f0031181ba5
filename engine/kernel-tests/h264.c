/* The H.264 decoder's init functions. */
#include <libavcodec/h264dsp.h>

#include "setup.h"

void setup_h264(void)
{
    H264DSPContext dsp;

    ff_h264dsp_init(&dsp, 8, 1);
}
