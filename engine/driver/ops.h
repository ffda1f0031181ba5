/* The operations of the job vocabulary: one function each, called by main.c. */
#ifndef AF_OPS_H
#define AF_OPS_H

#include <stdbool.h>
#include <stdint.h>

struct af_error;
struct af_json;
struct af_writer;

/* The newest version of the vocabulary that this driver speaks. */
#define AF_VOCABULARY 10

struct af_job {
    struct af_json *spec; /* the root object; its members "version" and "op" are read */
    int version;
    bool strict; /* version >= 10: a field that nobody knows is an error */
};

/* Each writes exactly one object, its reply, and returns 0; or fails and what it wrote is dropped.
 * An op reads all of its fields, calls af_job_fields_read(), and only then opens anything. */
int af_op_version(const struct af_job *job, struct af_writer *reply, struct af_error *err);
int af_op_capabilities(const struct af_job *job, struct af_writer *reply, struct af_error *err);
int af_op_probe(const struct af_job *job, struct af_writer *reply, struct af_error *err);
int af_op_frames(const struct af_job *job, struct af_writer *reply, struct af_error *err);
int af_op_process(const struct af_job *job, struct af_writer *reply, struct af_error *err);

/* Refuses the fields that were not asked for, where the version says so. */
int af_job_fields_read(const struct af_job *job, struct af_error *err);

#endif
