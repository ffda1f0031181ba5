/* The fonts that text is drawn with: the files of one directory of the guest's tree. */
#ifndef AFMPEG_FONTS_H
#define AFMPEG_FONTS_H

#define AFMPEG_FONTS "/fonts"

/* What a filter says when it has no font. */
#define AFMPEG_NO_FONT \
    "no font to draw text with: put a font file into " AFMPEG_FONTS ", or register a default font\n"

/* The paths of all files in the directory, by name, after those whose names begin with `default`; the first font is what is
 * drawn with when nothing is asked for. Ends with a null; null when memory is short. For afmpeg_fonts_free. */
char **afmpeg_fonts(void);

void afmpeg_fonts_free(char **fonts);

/* The first of them that is a font of outlines, made by `copy`; null when there is none. */
char *afmpeg_default_font(char *(*copy)(const char *));

/* Whether libass has any font: of the directory, or out of the subtitles' file. */
struct ass_library;
int afmpeg_ass_has_fonts(const struct ass_library *library);

#endif
