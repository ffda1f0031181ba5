/* The progress device: one JSON line per 100 ms of media time and one at the end, best effort. */
#include "progress.h"

#include <fcntl.h>
#include <unistd.h>

#include <libavutil/common.h>

#include "json.h"
#include "lane.h"
#include "mux.h"

static const char DEVICE[] = "/dev/afmpeg-progress";

enum { STEP = 100000 };

void af_progress_open(struct af_progress *progress, bool wanted, int64_t duration)
{
    progress->fd = wanted ? open(DEVICE, O_WRONLY) : -1;
    progress->next = STEP;
    progress->duration = duration;
}

static void write_line(struct af_progress *progress, int64_t frames, int64_t time, int64_t size)
{
    struct af_writer line = { 0 };

    af_write_object(&line, NULL);
    af_write_integer(&line, "frame", frames);
    af_write_integer(&line, "out_time_us", time);
    af_write_integer(&line, "total_size", size);
    if (progress->duration >= 0)
        af_write_integer(&line, "duration_us", progress->duration);
    af_write_end(&line);
    af_text_puts(&line.text, "\n");
    /* A consumer that is gone ends the reports, not the job. */
    if (!line.text.failed &&
        write(progress->fd, line.text.v, line.text.n) != (ssize_t)line.text.n) {
        close(progress->fd);
        progress->fd = -1;
    }
    af_writer_free(&line);
}

void af_progress_put(struct af_progress *progress, int64_t frames, int64_t time, int64_t size,
                     bool last)
{
    if (progress->fd < 0 || (!last && time < progress->next))
        return;
    progress->next = av_sat_add64(time - time % STEP, STEP);
    write_line(progress, frames, time, size);
}

void af_progress_note(struct af_progress *progress, struct af_output *const *outputs,
                      size_t count, bool last)
{
    int64_t time = 0, frames = 0, size = 0;

    if (progress->fd < 0)
        return;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < outputs[i]->lanes.n; k++) {
            const struct af_lane *lane = outputs[i]->lanes.v[k];

            if (lane->packets && av_sat_sub64(lane->end, lane->shift) > time)
                time = av_sat_sub64(lane->end, lane->shift);
        }
    if (!last && time < progress->next)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct af_lane *counted = NULL;

        for (size_t k = 0; k < outputs[i]->lanes.n; k++) {
            const struct af_lane *lane = outputs[i]->lanes.v[k];

            size += lane->bytes;
            if (!counted || (counted->type != AVMEDIA_TYPE_VIDEO &&
                             lane->type == AVMEDIA_TYPE_VIDEO))
                counted = lane;
        }
        if (counted && counted->frames > frames)
            frames = counted->frames;
    }
    af_progress_put(progress, frames, time, size, last);
}

void af_progress_close(struct af_progress *progress)
{
    if (progress->fd >= 0)
        close(progress->fd);
    progress->fd = -1;
}
