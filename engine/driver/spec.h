/* The job spec of the process operation, read into structures: all of it, before anything runs. */
#ifndef AF_SPEC_H
#define AF_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include <libavutil/dict.h>
#include <libavutil/rational.h>

#include "input.h"
#include "vec.h"

struct af_error;
struct af_job;
struct af_json;

/* When the pictures of an encoded stream are shown. */
enum af_rate_mode {
    AF_RATE_SOURCE, /* each at its own time */
    AF_RATE_VFR,    /* the same, less those that come too soon after another */
    AF_RATE_CFR     /* at one distance: pictures are repeated and left out */
};

/* What is said of one output stream: by an entry of map and by what is keyed with it, or by an element
 * of streams. */
struct af_map_spec {
    const char *text;              /* "[v]" or "0:a:1" */
    const char *codec;             /* of streams: an encoder, "copy", or NULL for the usual one */
    AVDictionary *options;         /* of streams: the encoder's */
    AVRational frame_rate;         /* of streams; 0/1 when it is not given */
    enum af_rate_mode rate_mode;
    bool has_rate;                 /* either of the two was given */
    const char *bitstream_filters; /* a chain, "none", or NULL for what the muxer wants */
    const char *language;          /* or NULL */
    AVDictionary *tags;
    int disposition;               /* AV_DISPOSITION_* */
    bool has_disposition;
    bool lenient;                  /* before 10: a disposition that is not known is passed over */
};

enum af_chapters { AF_CHAPTERS_NONE, AF_CHAPTERS_COPY, AF_CHAPTERS_LIST };

/* Seconds of the output's time. */
struct af_chapter_spec {
    double start, end;             /* end: negative for the end of the output's window */
    const char *title;             /* or NULL */
};

struct af_attachment_spec {
    const char *path;
    const char *mime;              /* NULL to go by the file's name */
    bool cover;
};

/* How exactly a window cuts the pictures that are copied. */
enum af_cut {
    AF_CUT_KEYFRAME, /* from a key frame on */
    AF_CUT_SMART     /* at the very pictures: what is left of a cut group is encoded */
};

struct af_output_spec {
    int version;                   /* of the vocabulary */
    const char *path;              /* NULL where the muxer writes no file */
    const char *format;            /* the muxer; NULL to guess from the path */
    AVDictionary *format_options;
    bool has_map;
    bool full;                     /* the streams were given as streams[], not as a map */
    AF_VEC(struct af_map_spec) maps;
    const char *video_codec, *audio_codec, *subtitle_codec; /* NULL for the container's own */
    AVDictionary *options, *video_options, *audio_options;
    AVDictionary *audio_defaults;  /* for the audio encoders that have them, where the job says nothing */
    double limit;                  /* seconds; negative for none */
    bool limit_is_end;             /* a position and not a length */
    enum af_cut cut;
    bool copy_ts;
    AVDictionary *metadata;
    int metadata_from;             /* an input, -1 for none */
    enum af_chapters chapters;
    int chapters_from;             /* an input */
    AF_VEC(struct af_chapter_spec) authored; /* in the order of their starts */
    AF_VEC(struct af_attachment_spec) attachments;
};

struct af_process_spec {
    AF_VEC(struct af_input_spec) inputs;
    const char *filter;            /* or NULL */
    AF_VEC(struct af_output_spec) outputs;
    bool progress, skip_corrupt, bitexact;
    int version;
};

/* Reads one element of outputs[]; `out` must be zeroed. */
int af_output_spec_read(const struct af_process_spec *spec, struct af_output_spec *out,
                        struct af_json *node, struct af_error *err);
void af_output_spec_free(struct af_output_spec *out);

/* Reads the array streams[] of the output `node`, which has no field of the short form beside it. */
int af_streams_read(struct af_output_spec *out, struct af_json *node, struct af_json *list,
                    struct af_error *err);

/* The list of chapters; the output's window was read. */
int af_chapters_read(struct af_output_spec *out, struct af_json *list, struct af_error *err);

/* The member attachments of the output `node`. */
int af_attachments_read(struct af_output_spec *out, struct af_json *node, struct af_error *err);

/* Language, disposition and tags of a stream. */
int af_stream_labels_read(struct af_map_spec *map, struct af_json *node, struct af_error *err);

/* `spec` must be zeroed; it is to be freed also after a failure. */
int af_process_spec_read(struct af_process_spec *spec, const struct af_job *job,
                         struct af_error *err);
void af_process_spec_free(struct af_process_spec *spec);

#endif
