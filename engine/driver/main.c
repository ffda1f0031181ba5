/* The command: reads the job spec in argv[1], runs its operation, writes one JSON reply. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <libavdevice/avdevice.h>
#include <libavutil/log.h>

#include "error.h"
#include "json.h"
#include "log.h"
#include "ops.h"

static const struct {
    const char *name;
    int (*run)(const struct af_job *job, struct af_writer *reply, struct af_error *err);
} operations[] = {
    { "process", af_op_process },
    { "probe", af_op_probe },
    { "frames", af_op_frames },
    { "capabilities", af_op_capabilities },
    { "version", af_op_version },
};

enum { OPERATIONS = sizeof operations / sizeof *operations };

int af_job_fields_read(const struct af_job *job, struct af_error *err)
{
    return job->strict ? af_json_refuse_unknown(job->spec, err) : 0;
}

/* Comes before every look at another field: a newer spec may have given them another shape. */
static int read_version(struct af_job *job, struct af_error *err)
{
    double version = 0;

    if (af_json_expect(job->spec, AF_JSON_OBJECT, err))
        return -1;
    if (af_json_number(job->spec, "version", 0, UINT32_MAX, &version, err) < 0)
        return -1;
    if (version != floor(version))
        return af_json_fail(af_json_get(job->spec, "version"), err,
                            "%.17g must be a whole number", version);
    if (version > AF_VOCABULARY)
        return af_fail(err, AF_VERSION, "version",
                       "the job spec has version %.17g and this engine knows versions up to %d: "
                       "use a newer engine",
                       version, AF_VOCABULARY);
    job->version = (int)version;
    job->strict = job->version >= 10;
    return 0;
}

static int run(struct af_job *job, struct af_writer *reply, struct af_error *err)
{
    const char *names[OPERATIONS + 1] = { NULL };
    int op = 0, ret;

    for (int i = 0; i < OPERATIONS; i++)
        names[i] = operations[i].name;
    ret = af_json_choice(job->spec, "op", names, &op, err);
    if (ret < 0)
        return -1;
    if (!ret)
        return af_fail(err, AF_SPEC, "op", "op: this field is required");
    if (operations[op].run(job, reply, err))
        return -1;
    if (reply->text.failed)
        return af_fail_memory(err);
    return 0;
}

/* A reply that did not reach stdout is a failed job, whatever was done before. */
static int print(struct af_writer *out)
{
    af_text_puts(&out->text, "\n");
    if (out->text.failed || fwrite(out->text.v, 1, out->text.n, stdout) != out->text.n ||
        fflush(stdout) || ferror(stdout)) {
        fputs("the reply could not be written to stdout\n", stderr);
        return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct af_json_doc doc = { 0 };
    struct af_job job = { .version = AF_VOCABULARY, .strict = true };
    struct af_writer reply = { 0 };
    struct af_error err = { 0 };
    int exit_code = 0;

    av_log_set_level(AV_LOG_WARNING);
    av_log_set_flags(AV_LOG_SKIP_REPEATED);
    af_log_capture();
    avdevice_register_all();

    if (argc != 2) {
        af_fail(&err, AF_SPEC, NULL,
                "expected one argument, the job spec as JSON, and got %d", argc - 1);
    } else if (!af_json_parse(&doc, argv[1], &err)) {
        job.spec = doc.root;
        if (!read_version(&job, &err)) {
            if (!job.strict)
                af_json_drop_nulls(job.spec);
            run(&job, &reply, &err);
        }
    }

    if (err.set) {
        exit_code = af_exit_code(err.class);
        af_writer_free(&reply);
        if (job.version < 10) {
            fprintf(stderr, "%s\n", af_error_message(&err));
        } else {
            af_write_object(&reply, NULL);
            af_write_error(&reply, "error", &err);
            af_write_end(&reply);
        }
    }
    if ((!err.set || job.version >= 10) && print(&reply) && !exit_code)
        exit_code = 1;

    af_writer_free(&reply);
    af_error_clear(&err);
    af_json_free(&doc);
    return exit_code;
}
