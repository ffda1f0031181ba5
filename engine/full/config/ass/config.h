// libass: no assembly, no fontconfig, no iconv (FFmpeg gives it UTF-8), no system's fonts.
#define CONFIG_SOURCEVERSION "tarball: 0.17.1"
#define CONFIG_FREETYPE 1
#define CONFIG_FRIBIDI 1
#define CONFIG_HARFBUZZ 1
#define CONFIG_ASM 0
#define CONFIG_LARGE_TILES 0
#define HAVE_STRDUP 1
#define HAVE_STRNDUP 1
