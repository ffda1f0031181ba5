/* The H.264 decoder's init functions. */
#include <libavcodec/h264chroma.h>
#include <libavcodec/h264dsp.h>
#include <libavcodec/h264qpel.h>

#include "setup.h"

void setup_h264(void)
{
    H264ChromaContext chroma;
    H264DSPContext dsp;
    H264QpelContext qpel;

    ff_h264chroma_init(&chroma, 8);
    ff_h264dsp_init(&dsp, 8, 1);
    ff_h264qpel_init(&qpel, 8);
}
