/* UTF-8: decoding one character, strictly. */
#ifndef AF_UTF8_H
#define AF_UTF8_H

#include <stddef.h>

/* The length (1 to 4) of the well-formed character at `bytes`, or 0 when there is none: no overlong
 * form, no surrogate, nothing above U+10FFFF (Unicode 15, table 3-7). A NUL is never read past, so
 * the text may be NUL-terminated. */
static inline size_t af_utf8_length(const char *bytes)
{
    const unsigned char *s = (const unsigned char *)bytes;
    unsigned char low = 0x80, high = 0xBF;
    size_t more, i;

    if (s[0] < 0x80)
        return 1;
    if (s[0] < 0xC2 || s[0] > 0xF4)
        return 0;
    more = s[0] < 0xE0 ? 1 : s[0] < 0xF0 ? 2 : 3;
    if (s[0] == 0xE0)
        low = 0xA0;
    else if (s[0] == 0xED)
        high = 0x9F;
    else if (s[0] == 0xF0)
        low = 0x90;
    else if (s[0] == 0xF4)
        high = 0x8F;
    for (i = 1; i <= more; i++) {
        if (s[i] < low || s[i] > high)
            return 0;
        low = 0x80;
        high = 0xBF;
    }
    return more + 1;
}

#endif
