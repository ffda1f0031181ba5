/* The JSON reader: from text to a tree (RFC 8259, with equal keys refused). */
#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "utf8.h"

struct parser {
    const char *text, *at;
    struct af_json *next_node;
    char *next_char;
    struct af_error *err;
};

static struct af_json *parse_value(struct parser *p, struct af_json *parent, const char *key,
                                   unsigned depth);

static int fail_here(struct parser *p, const char *what)
{
    return af_fail(p->err, AF_SPEC, NULL, "malformed JSON at byte %zu: %s%s",
                   (size_t)(p->at - p->text), *p->at ? "" : "the text ends early: ", what);
}

static void skip_space(struct parser *p)
{
    p->at += strspn(p->at, " \t\r\n");
}

static int parse_hex4(struct parser *p, unsigned *out)
{
    unsigned value = 0;

    for (int i = 0; i < 4; i++, p->at++) {
        char c = *p->at;

        if (c >= '0' && c <= '9')
            value = value * 16 + (unsigned)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            value = value * 16 + (unsigned)((c | 32) - 'a' + 10);
        else
            return fail_here(p, "\\u needs four hexadecimal digits");
    }
    *out = value;
    return 0;
}

static void put_utf8(struct parser *p, unsigned c)
{
    char *s = p->next_char;

    if (c < 0x80) {
        *s++ = (char)c;
    } else if (c < 0x800) {
        *s++ = (char)(0xC0 | c >> 6);
        *s++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *s++ = (char)(0xE0 | c >> 12);
        *s++ = (char)(0x80 | (c >> 6 & 0x3F));
        *s++ = (char)(0x80 | (c & 0x3F));
    } else {
        *s++ = (char)(0xF0 | c >> 18);
        *s++ = (char)(0x80 | (c >> 12 & 0x3F));
        *s++ = (char)(0x80 | (c >> 6 & 0x3F));
        *s++ = (char)(0x80 | (c & 0x3F));
    }
    p->next_char = s;
}

static int parse_escape(struct parser *p)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found;
    unsigned c, low;

    if (*++p->at != 'u') {
        found = *p->at ? strchr(from, *p->at) : NULL;
        if (!found)
            return fail_here(p, "unknown escape in a string");
        *p->next_char++ = to[found - from];
        p->at++;
        return 0;
    }
    p->at++;
    if (parse_hex4(p, &c))
        return -1;
    if (c >= 0xD800 && c <= 0xDBFF) {
        if (p->at[0] != '\\' || p->at[1] != 'u')
            return fail_here(p, "half of a surrogate pair");
        p->at += 2;
        if (parse_hex4(p, &low))
            return -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail_here(p, "half of a surrogate pair");
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    } else if (c >= 0xDC00 && c <= 0xDFFF) {
        return fail_here(p, "half of a surrogate pair");
    }
    if (!c)
        return fail_here(p, "a string holds a NUL character");
    put_utf8(p, c);
    return 0;
}

static int parse_string(struct parser *p, const char **out)
{
    size_t n;

    *out = p->next_char;
    if (*p->at != '"')
        return fail_here(p, "expected a string in double quotes");
    p->at++;
    while (*p->at != '"') {
        if (!*p->at)
            return fail_here(p, "a string has no end");
        if ((unsigned char)*p->at < 0x20)
            return fail_here(p, "a control character in a string must be escaped");
        if (*p->at == '\\') {
            if (parse_escape(p))
                return -1;
            continue;
        }
        n = af_utf8_length(p->at);
        if (!n)
            return fail_here(p, "a string is not UTF-8");
        memcpy(p->next_char, p->at, n);
        p->next_char += n;
        p->at += n;
    }
    p->at++;
    *p->next_char++ = 0;
    return 0;
}

static int skip_digits(struct parser *p)
{
    size_t n = strspn(p->at, "0123456789");

    if (!n)
        return fail_here(p, "expected a digit");
    p->at += n;
    return 0;
}

static int parse_number(struct parser *p, struct af_json *node)
{
    const char *start = p->at;
    char *end;

    p->at += *p->at == '-';
    if (*p->at == '0')
        p->at++;
    else if (skip_digits(p))
        return -1;
    if (*p->at == '.') {
        p->at++;
        if (skip_digits(p))
            return -1;
    }
    if (*p->at == 'e' || *p->at == 'E') {
        p->at++;
        p->at += *p->at == '+' || *p->at == '-';
        if (skip_digits(p))
            return -1;
    }
    /* The grammar above is stricter than strtod()'s; where strtod() reads further, as in 0x10,
     * the number is followed by something that is no JSON. */
    node->number = strtod(start, &end);
    if (end != p->at)
        return fail_here(p, "malformed number");
    if (!isfinite(node->number))
        return fail_here(p, "a number is out of range");
    return 0;
}

static int parse_word(struct parser *p, const char *word)
{
    if (strncmp(p->at, word, strlen(word)))
        return fail_here(p, "expected a value");
    p->at += strlen(word);
    return 0;
}

static int compare_keys(const void *a, const void *b)
{
    const struct af_json *const *x = a, *const *y = b;

    return strcmp((*x)->key, (*y)->key);
}

static int refuse_equal_keys(struct parser *p, struct af_json *object)
{
    struct af_json **sorted, *child;
    size_t n = 0;
    int ret = 0;

    if (object->count < 2)
        return 0;
    sorted = calloc(object->count, sizeof *sorted);
    if (!sorted)
        return af_fail_memory(p->err);
    for (child = object->first; child; child = child->next)
        sorted[n++] = child;
    qsort(sorted, n, sizeof *sorted, compare_keys);
    for (size_t i = 1; i < n && !ret; i++)
        if (!strcmp(sorted[i - 1]->key, sorted[i]->key))
            ret = af_json_fail(sorted[i], p->err, "this key is given twice");
    free(sorted);
    return ret;
}

static int parse_children(struct parser *p, struct af_json *node, unsigned depth)
{
    bool object = node->type == AF_JSON_OBJECT;
    char close = object ? '}' : ']';
    struct af_json **link = &node->first, *child;
    const char *key = NULL;

    if (depth >= AF_JSON_MAX_DEPTH)
        return fail_here(p, "nested too deeply");
    p->at++;
    skip_space(p);
    if (*p->at == close) {
        p->at++;
        return 0;
    }
    for (;;) {
        if (object) {
            skip_space(p);
            if (parse_string(p, &key))
                return -1;
            skip_space(p);
            if (*p->at != ':')
                return fail_here(p, "expected ':' after a key");
            p->at++;
        }
        child = parse_value(p, node, key, depth + 1);
        if (!child)
            return -1;
        node->count++;
        *link = child;
        link = &child->next;
        skip_space(p);
        if (*p->at == close) {
            p->at++;
            return object ? refuse_equal_keys(p, node) : 0;
        }
        if (*p->at != ',')
            return fail_here(p, object ? "expected ',' or '}'" : "expected ',' or ']'");
        p->at++;
    }
}

static struct af_json *parse_value(struct parser *p, struct af_json *parent, const char *key,
                                   unsigned depth)
{
    struct af_json *node = p->next_node++;
    int ret;

    node->parent = parent;
    node->key = key;
    node->index = parent ? parent->count : 0;
    skip_space(p);
    switch (*p->at) {
    case '{':
        node->type = AF_JSON_OBJECT;
        ret = parse_children(p, node, depth);
        break;
    case '[':
        node->type = AF_JSON_ARRAY;
        ret = parse_children(p, node, depth);
        break;
    case '"':
        node->type = AF_JSON_STRING;
        ret = parse_string(p, &node->string);
        break;
    case 't':
    case 'f':
        node->type = AF_JSON_BOOL;
        node->boolean = *p->at == 't';
        ret = parse_word(p, node->boolean ? "true" : "false");
        break;
    case 'n':
        node->type = AF_JSON_NULL;
        ret = parse_word(p, "null");
        break;
    case '-':
    case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        node->type = AF_JSON_NUMBER;
        ret = parse_number(p, node);
        break;
    default:
        ret = fail_here(p, "expected a value");
        break;
    }
    return ret ? NULL : node;
}

int af_json_parse(struct af_json_doc *doc, const char *text, struct af_error *err)
{
    struct parser p = { .text = text, .at = text, .err = err };
    size_t nodes = 2;

    memset(doc, 0, sizeof *doc);
    /* Every value but the first of its parent follows a comma, every first one an opening bracket:
     * one node for each of these, one for the root and one for a value that is missing. */
    for (const char *s = text; *s; s++)
        nodes += *s == ',' || *s == '[' || *s == '{';
    /* An escape is never shorter than what it stands for, and the quotes pay for the NUL. */
    doc->strings = malloc(strlen(text) + 1);
    doc->nodes = calloc(nodes, sizeof *doc->nodes);
    if (!doc->strings || !doc->nodes) {
        af_json_free(doc);
        return af_fail_memory(err);
    }
    p.next_node = doc->nodes;
    p.next_char = doc->strings;
    doc->root = parse_value(&p, NULL, NULL, 0);
    if (doc->root) {
        skip_space(&p);
        if (*p.at) {
            fail_here(&p, "text after the end of the document");
            doc->root = NULL;
        }
    }
    if (!doc->root) {
        af_json_free(doc);
        return -1;
    }
    return 0;
}

void af_json_free(struct af_json_doc *doc)
{
    free(doc->nodes);
    free(doc->strings);
    memset(doc, 0, sizeof *doc);
}
