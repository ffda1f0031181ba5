/* The job spec of the process operation, read into structures: all of it, before anything runs. */
#ifndef AF_SPEC_H
#define AF_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include <libavutil/dict.h>

#include "input.h"
#include "vec.h"

struct af_error;
struct af_job;
struct af_json;

/* What is said of the output stream of one map entry. */
struct af_map_spec {
    const char *text;              /* "[v]" or "0:a:1" */
    const char *bitstream_filters; /* a chain, "none", or NULL for what the muxer wants */
    const char *language;          /* or NULL */
    AVDictionary *tags;
    int disposition;               /* AV_DISPOSITION_* */
    bool has_disposition;
};

enum af_chapters { AF_CHAPTERS_NONE, AF_CHAPTERS_COPY };

struct af_output_spec {
    const char *path;              /* NULL where the muxer writes no file */
    const char *format;            /* the muxer; NULL to guess from the path */
    AVDictionary *format_options;
    bool has_map;
    AF_VEC(struct af_map_spec) maps;
    const char *video_codec, *audio_codec, *subtitle_codec; /* NULL for the container's own */
    AVDictionary *options, *video_options, *audio_options;
    AVDictionary *audio_defaults;  /* for the audio encoders that have them, where the job says nothing */
    double limit;                  /* seconds; negative for none */
    bool limit_is_end;             /* a position and not a length */
    bool copy_ts;
    AVDictionary *metadata;
    int metadata_from;             /* an input, -1 for none */
    enum af_chapters chapters;
    int chapters_from;             /* an input */
};

struct af_process_spec {
    AF_VEC(struct af_input_spec) inputs;
    const char *filter;            /* or NULL */
    AF_VEC(struct af_output_spec) outputs;
    bool progress, skip_corrupt, bitexact;
    int version;
};

/* `spec` must be zeroed; it is to be freed also after a failure. */
int af_process_spec_read(struct af_process_spec *spec, const struct af_job *job,
                         struct af_error *err);
void af_process_spec_free(struct af_process_spec *spec);

#endif
