/* A font is chosen by its family; a letter that this one lacks, or whose family is not there, is drawn with the first font
 * of the directory that has it. */
#include "config.h"

#include "provider.h"

#include <ft2build.h>
#include <stdlib.h>
#include <string.h>
#include FT_FREETYPE_H
#include FT_TYPE1_TABLES_H

#include "ass_font.h"
#include "ass_library.h"
#include "ass_utils.h"
#include "fonts.h"

struct face {
    FT_Face face;
    char *path;
    struct face *next;
};

/* Faces in the order of the list; libass owns them, and frees them before this. */
struct directory {
    struct face *first;
    struct face **last;
};

static bool check_postscript(void *priv)
{
    const struct face *face = priv;
    PS_FontInfoRec info;
    return !FT_Get_PS_Font_Info(face->face, &info);
}

static bool check_glyph(void *priv, uint32_t code)
{
    const struct face *face = priv;
    return !code || FT_Get_Char_Index(face->face, code);
}

static void destroy_font(void *priv)
{
    struct face *face = priv;
    FT_Done_Face(face->face);
    free(face->path);
    free(face);
}

/* The answer is compared with what `add` gives libass as the name of an extended family. */
static char *get_fallback(void *priv, ASS_Library *library, const char *family, uint32_t code)
{
    const struct directory *directory = priv;
    (void)library;
    (void)family;
    for (struct face *face = directory->first; face; face = face->next) {
        if (check_glyph(face, code))
            return strdup(face->path);
    }
    return NULL;
}

static void destroy_provider(void *priv)
{
    free(priv);
}

/* Adds a face of a file, and says how many the file has. */
static FT_Long add(ASS_Library *library, ASS_FontProvider *provider, struct directory *directory,
                   FT_Library freetype, const char *path, FT_Long index)
{
    FT_Face opened;
    if (FT_New_Face(freetype, path, index, &opened)) {
        ass_msg(library, MSGL_WARN, "'%s' is not a font", path);
        return 0;
    }
    FT_Long faces = opened->num_faces;
    ass_charmap_magic(library, opened);
    struct face *face = calloc(1, sizeof(*face));
    char *own = strdup(path);
    if (!face || !own) {
        FT_Done_Face(opened);
        free(face);
        free(own);
        return 0;
    }
    face->face = opened;
    face->path = own;
    ASS_FontProviderMetaData data = {.extended_family = own};
    /* Not of outlines, or without a name; the face, whose path it was, is destroyed then. */
    if (!ass_font_provider_add_font(provider, &data, path, index, face)) {
        ass_msg(library, MSGL_WARN, "'%s' has no outlines or no name", path);
        return faces;
    }
    *directory->last = face;
    directory->last = &face->next;
    return faces;
}

ASS_FontProvider *afmpeg_font_provider(ASS_Library *library, ASS_FontSelector *selector,
                                       const char *config, FT_Library freetype)
{
    (void)config;
    static const ASS_FontProviderFuncs functions = {
        .check_postscript = check_postscript,
        .check_glyph = check_glyph,
        .destroy_font = destroy_font,
        .destroy_provider = destroy_provider,
        .get_fallback = get_fallback,
    };
    struct directory *directory = calloc(1, sizeof(*directory));
    char **fonts = afmpeg_fonts();
    if (!directory || !fonts) {
        free(directory);
        afmpeg_fonts_free(fonts);
        return NULL;
    }
    directory->last = &directory->first;
    ASS_FontProviderFuncs own = functions;
    ASS_FontProvider *provider = ass_font_provider_new(selector, &own, directory);
    for (char **font = fonts; provider && *font; font++) {
        FT_Long faces = add(library, provider, directory, freetype, *font, 0);
        for (FT_Long index = 1; index < faces; index++)
            add(library, provider, directory, freetype, *font, index);
    }
    if (!provider)
        free(directory);
    afmpeg_fonts_free(fonts);
    return provider;
}

int afmpeg_ass_has_fonts(const ASS_Library *library)
{
    char *first = library->num_fontdata ? NULL : afmpeg_default_font(strdup);
    int has = library->num_fontdata || first;
    free(first);
    return has;
}
