/* Tags, dispositions and chapters of an output. */
#ifndef AF_TAGS_H
#define AF_TAGS_H

struct af_error;
struct af_lane;
struct af_output;

/* Carries the source stream's tags and disposition to lane->stream and sets what the job says. */
int af_tags_of_stream(struct af_lane *lane, struct af_error *err);

/* Carries container tags and chapters and sets what the job says. */
int af_tags_of_container(struct af_output *out, struct af_error *err);

#endif
