/* A guest that sets the libraries' function pointers up and does nothing with them: the tests of the
 * host's kernels call them, the library's C and what replaced it, on data of their own. */
#include <stdlib.h>

#include "setup.h"

enum { HEAP = 2 << 20 };

EXPORT(allocate) void *allocate(size_t size);

void *allocate(size_t size)
{
    return aligned_alloc(64, size);
}

const void *listed_context(int index)
{
    if (index < 16)
        return scaler(index);
    if (index == 16)
        return aac_encoder();
    return index < 23 ? (void *)transformer(index - 17) : encoder(1, 64, 0);
}

void setup(void)
{
    /* Memory that grows during a test would be elsewhere the second time. */
    free(malloc(HEAP));
    setup_h264();
    setup_encoding();
    setup_motion();
    setup_swscale();
    setup_openh264();
    setup_audio();
    setup_aac();
    setup_tx();
    setup_filters();
    setup_images();
    setup_lossless();
    setup_celt_vorbis();
    setup_codes();
    setup_probing();
}

#ifdef __wasm__
/* With an argument it sets up, for those who look at nothing but what is left in memory. */
int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        setup();
    return 0;
}
#endif
