/* A path template. Parsed here: a template of the caller is never a format of printf(). */
#include "template.h"

#include <inttypes.h>

#include "error.h"
#include "vec.h"

#define WIDEST 32

static int fail(struct af_error *err, const char *text, const char *why)
{
    return af_fail(err, AF_SPEC, "path", "path: \"%s\" %s", text, why);
}

/* The length of the token at `s`, which is a percent sign; 0 when it is none. */
static size_t read_token(struct af_template *made, const char *s)
{
    size_t n = 1;

    made->zeros = s[n] == '0';
    n += made->zeros;
    made->width = 0;
    while (s[n] >= '0' && s[n] <= '9' && made->width <= WIDEST)
        made->width = made->width * 10 + (unsigned)(s[n++] - '0');
    return s[n] == 'd' && made->width <= WIDEST ? n + 1 : 0;
}

int af_template_read(struct af_template *made, const char *text, bool several,
                     struct af_error *err)
{
    struct af_template token;
    size_t n;

    *made = (struct af_template){ .text = text };
    if (!*text)
        return fail(err, text, "names no file");
    for (size_t i = 0; text[i]; i++) {
        if (text[i] != '%')
            continue;
        if (text[i + 1] == '%') {
            i++;
            continue;
        }
        n = read_token(&token, text + i);
        if (!n)
            return fail(err, text,
                        "has a % that is neither a number token such as %03d nor a doubled %%");
        if (made->end)
            return fail(err, text, "has more than one number token");
        made->at = i;
        made->end = i + n;
        made->width = token.width;
        made->zeros = token.zeros;
        i += n - 1;
    }
    if (several && !made->end)
        return fail(err, text, "needs a number token such as %03d: there can be several pictures");
    return 0;
}

char *af_template_name(const struct af_template *path, int64_t number)
{
    struct af_text name = { 0 };

    for (size_t i = 0; path->text[i]; i++) {
        if (path->end && i == path->at) {
            af_text_printf(&name, path->zeros ? "%0*" PRId64 : "%*" PRId64, (int)path->width,
                           number);
            i = path->end - 1;
            continue;
        }
        af_text_add(&name, path->text + i, 1);
        i += path->text[i] == '%';
    }
    if (name.failed)
        af_text_free(&name);
    return name.v;
}
