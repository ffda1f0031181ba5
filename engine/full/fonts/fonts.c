/* Lists the directory of fonts. */
#include "fonts.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_default(const char *path)
{
    const char *name = path + strlen(AFMPEG_FONTS "/");
    return !strncmp(name, "default", strlen("default"));
}

static int compare(const void *a, const void *b)
{
    const char *left = *(char *const *)a, *right = *(char *const *)b;
    int order = is_default(right) - is_default(left);
    return order ? order : strcmp(left, right);
}

/* Adds the path of `name`; takes the list along when it moves. */
static int add(char ***fonts, size_t *count, const char *name)
{
    size_t length = strlen(AFMPEG_FONTS "/") + strlen(name) + 1;
    char **grown = realloc(*fonts, (*count + 2) * sizeof(**fonts));
    if (!grown)
        return 0;
    *fonts = grown;
    grown[*count] = malloc(length);
    if (!grown[*count])
        return 0;
    snprintf(grown[*count], length, "%s/%s", AFMPEG_FONTS, name);
    grown[++*count] = NULL;
    return 1;
}

char **afmpeg_fonts(void)
{
    char **fonts = calloc(1, sizeof(*fonts));
    size_t count = 0;
    DIR *directory = opendir(AFMPEG_FONTS);
    if (!directory)
        return fonts;
    const struct dirent *entry;
    while (fonts && (entry = readdir(directory))) {
        if (entry->d_name[0] == '.' || entry->d_type == DT_DIR)
            continue;
        if (!add(&fonts, &count, entry->d_name)) {
            afmpeg_fonts_free(fonts);
            fonts = NULL;
        }
    }
    closedir(directory);
    if (fonts)
        qsort(fonts, count, sizeof(*fonts), compare);
    return fonts;
}

void afmpeg_fonts_free(char **fonts)
{
    for (char **font = fonts; font && *font; font++)
        free(*font);
    free(fonts);
}

/* Whether a file begins as fonts of outlines do, whatever it is called: a licence often lies beside them. */
static int is_font(const char *path)
{
    static const char *const begins[] = { "\0\1\0\0", "OTTO", "true", "typ1", "ttcf", "wOFF", "wOF2", "%!PS", "%!Fo", "\x80\1%!" };
    char begin[4] = { 0 };
    FILE *file = fopen(path, "rb");
    size_t read = file ? fread(begin, 1, sizeof(begin), file) : 0;
    if (file)
        fclose(file);
    for (size_t i = 0; read == sizeof(begin) && i < sizeof(begins) / sizeof(*begins); i++) {
        if (!memcmp(begin, begins[i], sizeof(begin)))
            return 1;
    }
    return 0;
}

char *afmpeg_default_font(char *(*copy)(const char *))
{
    char **fonts = afmpeg_fonts(), **font = fonts;
    while (font && *font && !is_font(*font))
        font++;
    char *first = font && *font ? copy(*font) : NULL;
    afmpeg_fonts_free(fonts);
    return first;
}
