/* The job spec of the process operation, read into structures: all of it, before anything runs. */
#include "spec.h"

#include "error.h"
#include "json.h"
#include "ops.h"

int af_process_spec_read(struct af_process_spec *spec, const struct af_job *job,
                         struct af_error *err)
{
    static const char *const policies[] = { "fail", "skip", NULL };
    struct af_json *inputs = NULL, *outputs = NULL;
    int policy = 0;

    spec->version = job->version;
    if (af_json_array(job->spec, "inputs", &inputs, err) < 0 ||
        af_json_need_array(job->spec, "outputs", &outputs, err) < 0 ||
        af_json_string(job->spec, "filter", &spec->filter, err) < 0 ||
        af_json_bool(job->spec, "progress", &spec->progress, err) < 0 ||
        af_json_choice(job->spec, "on_corrupt", policies, &policy, err) < 0 ||
        af_json_bool(job->spec, "bitexact", &spec->bitexact, err) < 0)
        return -1;
    spec->skip_corrupt = policy == 1;
    if (spec->filter && !*spec->filter)
        spec->filter = NULL;
    for (struct af_json *each = inputs ? inputs->first : NULL; each; each = each->next) {
        struct af_input_spec *input = af_vec_new(&spec->inputs);

        if (!input)
            return af_fail_memory(err);
        if (af_input_spec_read(input, each, err))
            return -1;
    }
    if (!spec->inputs.n && !spec->filter)
        return af_fail(err, AF_SPEC, "inputs",
                       "a job without a filter needs at least one input");
    if (!outputs->first)
        return af_json_fail(outputs, err, "a job needs at least one output");
    for (struct af_json *each = outputs->first; each; each = each->next) {
        struct af_output_spec *out = af_vec_new(&spec->outputs);

        if (!out)
            return af_fail_memory(err);
        if (af_output_spec_read(spec, out, each, err))
            return -1;
    }
    return af_job_fields_read(job, err);
}

void af_process_spec_free(struct af_process_spec *spec)
{
    for (size_t i = 0; i < spec->inputs.n; i++)
        af_input_spec_free(&spec->inputs.v[i]);
    af_vec_free(&spec->inputs);
    for (size_t i = 0; i < spec->outputs.n; i++)
        af_output_spec_free(&spec->outputs.v[i]);
    af_vec_free(&spec->outputs);
}
