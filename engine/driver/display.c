/* The display matrix of ISO/IEC 14496-12, 6.2.2: a point (p, q) is shown at (a*p + c*q, b*p + d*q),
 * with q growing downwards. */
#include "display.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/display.h>

struct turn {
    double a, b, c, d; /* scaled so that the first row has length 1 */
};

static int read_turn(const uint8_t *data, size_t size, struct turn *turn)
{
    int32_t m[9];
    double length;

    if (!data || size < sizeof m)
        return -1;
    memcpy(m, data, sizeof m);
    length = hypot(m[0], m[1]);
    if (length == 0 || (!m[3] && !m[4]))
        return -1;
    turn->a = m[0] / length;
    turn->b = m[1] / length;
    length = hypot(m[3], m[4]);
    turn->c = m[3] / length;
    turn->d = m[4] / length;
    /* Rows that point the same way show a line, not a picture. */
    return fabs(turn->a * turn->d - turn->b * turn->c) < 1e-3 ? -1 : 0;
}

int af_display_turn(const uint8_t *data, size_t size, int *degrees)
{
    const double pi = 3.14159265358979323846;
    struct turn turn;
    long whole;

    if (read_turn(data, size, &turn))
        return -1;
    whole = lround(atan2(turn.b, turn.a) * 180 / pi);
    *degrees = (int)((whole + 360) % 360);
    return 0;
}

static int add(struct af_display_filter *filters, int n, const char *filter, const char *options)
{
    filters[n].filter = filter;
    snprintf(filters[n].options, sizeof filters[n].options, "%s", options);
    return n + 1;
}

int af_display_filters(const uint8_t *data, size_t size,
                       struct af_display_filter filters[AF_DISPLAY_FILTERS])
{
    const double near = 0.02; /* about one degree */
    struct turn t;
    int n = 0;

    if (read_turn(data, size, &t))
        return 0;
    if (fabs(t.b) < near && fabs(t.c) < near) {
        if (t.a < 0)
            n = add(filters, n, "hflip", "");
        if (t.d < 0)
            n = add(filters, n, "vflip", "");
        return n;
    }
    if (fabs(t.a) < near && fabs(t.d) < near) {
        /* Right becomes down (b > 0) or up, down becomes right (c > 0) or left. */
        if (t.b > 0)
            return add(filters, n, "transpose", t.c < 0 ? "dir=clock" : "dir=cclock_flip");
        return add(filters, n, "transpose", t.c > 0 ? "dir=cclock" : "dir=clock_flip");
    }
    if (t.a * t.d - t.b * t.c < 0) {
        n = add(filters, n, "vflip", "");
        t.c = -t.c;
        t.d = -t.d;
    }
    n = add(filters, n, "rotate", "");
    snprintf(filters[n - 1].options, sizeof filters[n - 1].options,
             "angle=%.6f:ow=rotw(%.6f):oh=roth(%.6f)", atan2(t.b, t.a), atan2(t.b, t.a),
             atan2(t.b, t.a));
    return n;
}
