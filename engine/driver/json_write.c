/* The JSON writer. */
#include "json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/avassert.h>
#include <libavutil/dict.h>

#include "utf8.h"

static void write_quoted(struct af_text *text, const char *s)
{
    af_text_puts(text, "\"");
    while (*s) {
        size_t plain = 0, n;

        while ((unsigned char)s[plain] >= 0x20 && s[plain] != '"' && s[plain] != '\\' &&
               s[plain] != 0x7F && (n = af_utf8_length(s + plain)))
            plain += n;
        af_text_add(text, s, plain);
        s += plain;
        if (!*s)
            break;
        if (*s == '"' || *s == '\\')
            af_text_printf(text, "\\%c", *s);
        else if ((unsigned char)*s < 0x20 || *s == 0x7F)
            af_text_printf(text, "\\u%04x", (unsigned)*s);
        else
            af_text_puts(text, "\xEF\xBF\xBD");
        s++;
    }
    af_text_puts(text, "\"");
}

static void begin(struct af_writer *out, const char *key)
{
    if (out->comma)
        af_text_puts(&out->text, ",");
    out->comma = true;
    if (key) {
        write_quoted(&out->text, key);
        af_text_puts(&out->text, ":");
    }
}

static void nest(struct af_writer *out, const char *key, bool array)
{
    begin(out, key);
    av_assert0(out->depth < AF_JSON_MAX_DEPTH);
    af_text_puts(&out->text, array ? "[" : "{");
    out->in_array[++out->depth] = array;
    out->comma = false;
}

void af_write_object(struct af_writer *out, const char *key)
{
    nest(out, key, false);
}

void af_write_array(struct af_writer *out, const char *key)
{
    nest(out, key, true);
}

void af_write_end(struct af_writer *out)
{
    av_assert0(out->depth > 0);
    af_text_puts(&out->text, out->in_array[out->depth--] ? "]" : "}");
    out->comma = true;
}

void af_write_string(struct af_writer *out, const char *key, const char *string)
{
    begin(out, key);
    write_quoted(&out->text, string);
}

void af_write_integer(struct af_writer *out, const char *key, int64_t value)
{
    begin(out, key);
    af_text_printf(&out->text, "%" PRId64, value);
}

void af_write_number(struct af_writer *out, const char *key, double value)
{
    char digits[32];

    if (!isfinite(value)) {
        if (!key) {
            begin(out, NULL);
            af_text_puts(&out->text, "null");
        }
        return;
    }
    /* 15 digits round-trip what a person wrote, 17 round-trip every double. */
    snprintf(digits, sizeof digits, "%.15g", value);
    if (strtod(digits, NULL) != value)
        snprintf(digits, sizeof digits, "%.17g", value);
    begin(out, key);
    af_text_puts(&out->text, digits);
}

void af_write_bool(struct af_writer *out, const char *key, bool value)
{
    begin(out, key);
    af_text_puts(&out->text, value ? "true" : "false");
}

void af_write_dictionary(struct af_writer *out, const char *key,
                         const struct AVDictionary *dictionary)
{
    const AVDictionaryEntry *entry = NULL;

    af_write_object(out, key);
    while ((entry = av_dict_iterate(dictionary, entry)))
        af_write_string(out, entry->key, entry->value);
    af_write_end(out);
}

void af_writer_free(struct af_writer *out)
{
    af_text_free(&out->text);
    memset(out, 0, sizeof *out);
}
