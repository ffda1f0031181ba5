/* The `version` operation: what this engine is. */
#include <ctype.h>
#include <string.h>

#include <libavutil/avutil.h>

#include "error.h"
#include "json.h"
#include "ops.h"

/* The recipe says which profile and variant it builds; a build by hand is what it was configured
 * as, and has no profile. */
#ifndef AF_PROFILE
#define AF_PROFILE "custom"
#endif

/* The version of the host-kernel interface this engine was built for; 0: it calls none. */
#ifndef AF_KERNELS
#define AF_KERNELS 0
#endif

static const char *variant(void)
{
#ifdef AF_VARIANT
    return AF_VARIANT;
#else
    return strncmp(avutil_license(), "GPL", 3) ? "lgpl" : "gpl";
#endif
}

int af_op_version(const struct af_job *job, struct af_writer *reply, struct af_error *err)
{
    const char *version = av_version_info();
    struct af_text named = { 0 };

    if (af_job_fields_read(job, err))
        return -1;
    /* A release tarball says 9.0.2, a checkout of the same tag says n9.0.2. */
    af_text_printf(&named, "%s%s", isdigit((unsigned char)*version) ? "n" : "", version);
    if (named.failed) {
        af_text_free(&named);
        return af_fail_memory(err);
    }
    af_write_object(reply, NULL);
    af_write_integer(reply, "vocab_version", AF_VOCABULARY);
    af_write_string(reply, "ffmpeg_version", named.v);
    af_write_string(reply, "variant", variant());
    af_write_string(reply, "profile", AF_PROFILE);
    af_write_integer(reply, "kernels", AF_KERNELS);
    af_write_end(reply);
    af_text_free(&named);
    return 0;
}
