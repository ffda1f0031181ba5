/* The reply of the process operation. */
#ifndef AF_REPORT_H
#define AF_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "vec.h"

struct af_error;
struct af_input;
struct af_lane;
struct af_output;
struct af_writer;
struct AVFrame;

/* What the analysis filters wrote on frames: "lavfi.*", consecutive equal values once. */
struct af_finding {
    double t;
    char *key, *value;
};

struct af_analysis {
    AF_VEC(struct af_finding) findings;
    int64_t left_out; /* beyond what a reply holds */
};

int af_analysis_frame(struct af_lane *lane, const struct AVFrame *frame, struct af_error *err);
void af_analysis_free(struct af_analysis *analysis);

void af_report(struct af_writer *reply, struct af_output *const *outputs, size_t output_count,
               struct af_input *const *inputs, size_t input_count,
               const struct af_analysis *analysis);

/* The same in the shape of the vocabularies before 10. */
void af_report_before_10(struct af_writer *reply, struct af_output *const *outputs, size_t count,
                         const struct af_analysis *analysis);

#endif
