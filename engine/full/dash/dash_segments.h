/* How many segments a manifest of DASH means that numbers them and does not list them: as many as its period takes.
 * Part of FFmpeg's dashdec.c, which includes it below its own structures. */

/* Manifests round the times that they state, FFmpeg's own to a tenth of a second. */
#define DASH_ROUNDING 0.1

/* The number of the last segment that begins at least `slack` seconds before the period's end, or of the one before
 * the first. */
static int64_t last_counted(const struct representation *pls, const DASHContext *c, double slack)
{
    double scale = pls->fragment_timescale > 0 ? pls->fragment_timescale : 1;
    double length = pls->fragment_duration, begin = 0, listed = 0;

    for (int i = 0; i < pls->n_timelines; i++) {
        const struct timeline *entry = pls->timelines[i];

        length = entry->duration;
        if (entry->starttime > 0)
            begin = (double)entry->starttime - (double)pls->presentation_timeoffset;
        if (entry->repeat < 0)
            break;
        listed += entry->repeat + 1.0;
        begin += length * (entry->repeat + 1.0);
    }
    if (length > 0 && c->seconds > 0)
        listed += av_clipd(ceil(((c->seconds - slack) * scale - begin) / length), 0, INT_MAX);
    return pls->first_seq_no + (int64_t)av_clipd(listed, 0, INT_MAX) - 1;
}

/* Whether a segment lies so close to the end that the rounding decides if it is there. */
static int may_be_absent(const struct representation *pls, const DASHContext *c)
{
    int last = pls->n_timelines - 1;

    return !pls->n_fragments && (last < 0 || pls->timelines[last]->repeat < 0) &&
           pls->cur_seq_no > last_counted(pls, c, DASH_ROUNDING);
}
