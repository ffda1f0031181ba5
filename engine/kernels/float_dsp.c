/* Kernels of vectors of floating-point numbers. */
#include <libavutil/float_dsp.h>

#include "kernels.h"

AVFloatDSPContext *__real_avpriv_float_dsp_alloc(int bit_exact);

AVFloatDSPContext *avpriv_float_dsp_alloc(int bit_exact)
{
    AVFloatDSPContext *dsp = __real_avpriv_float_dsp_alloc(bit_exact);

    if (!dsp)
        return NULL;
    AFMPEG_REPLACE(AFMPEG_float_multiply, dsp->vector_fmul);
    AFMPEG_REPLACE(AFMPEG_float_add_scaled, dsp->vector_fmac_scalar);
    AFMPEG_REPLACE(AFMPEG_float_scale, dsp->vector_fmul_scalar);
    AFMPEG_REPLACE(AFMPEG_float_overlap, dsp->vector_fmul_window);
    AFMPEG_REPLACE(AFMPEG_float_multiply_add, dsp->vector_fmul_add);
    AFMPEG_REPLACE(AFMPEG_float_multiply_reversed, dsp->vector_fmul_reverse);
    AFMPEG_REPLACE(AFMPEG_float_butterflies, dsp->butterflies_float);
    AFMPEG_REPLACE(AFMPEG_float_dot, dsp->scalarproduct_float);
    return dsp;
}
