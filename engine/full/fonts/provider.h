/* The fonts of the directory for libass, in the place of a system's own. */
#ifndef AFMPEG_FONT_PROVIDER_H
#define AFMPEG_FONT_PROVIDER_H

#include "ass_fontselect.h"

ASS_FontProvider *afmpeg_font_provider(ASS_Library *library, ASS_FontSelector *selector,
                                       const char *config, FT_Library freetype);

#endif
