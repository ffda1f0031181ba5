/* Kernels of the H.264 encoder: openh264's table of functions, and its analysis of pictures, whose
 * functions are reached by name. The linker sees the names of C++ as they are mangled. */
#include "encoder.h"
#include "sample.h"

#include "kernels.h"

using namespace WelsEnc;

/* Called by name too, where scenes are told apart. */
int32_t RealSad8x8 (uint8_t* a, int32_t a_stride, uint8_t* b, int32_t b_stride)
AFMPEG_REAL ("_Z18WelsSampleSad8x8_cPhiS_i");
int32_t WelsSampleSad8x8_c (uint8_t* a, int32_t a_stride, uint8_t* b, int32_t b_stride)
AFMPEG_STANDS_IN ("_Z18WelsSampleSad8x8_cPhiS_i");

int32_t WelsSampleSad8x8_c (uint8_t* a, int32_t a_stride, uint8_t* b, int32_t b_stride) {
  const uint32_t kernel = afmpeg_kernel_slots[AFMPEG_openh264_sad + BLOCK_8x8];
  if (kernel)
    return ((int32_t (*) (uint8_t*, int32_t, uint8_t*, int32_t)) (uintptr_t)kernel) (a, a_stride, b, b_stride);
  return RealSad8x8 (a, a_stride, b, b_stride);
}

namespace {

/* The lists of sizes are in the order of the blocks: 16x16, 16x8, 8x16, 8x8, 4x4, 8x4, 4x8. */
/* openh264 has no functions here without assembler and tries the predictions one by one; the choice
 * is the same. Its tests compare with C functions that only they use. */
#ifdef AFMPEG_KERNEL_TEST
#define REFERENCE(pointer, function) ((pointer) = (function))
#else
#define REFERENCE(pointer, function) ((void)0)
#endif

void ReplaceCosts (SSampleDealingFunc& costs) {
  REFERENCE (costs.pfSampleSad[BLOCK_8x8], RealSad8x8);
  for (int32_t size = BLOCK_16x16; size < BLOCK_SIZE_ALL; ++size) {
    AFMPEG_REPLACE (AFMPEG_openh264_sad + size, costs.pfSampleSad[size]);
    AFMPEG_REPLACE (AFMPEG_openh264_sad_four + size, costs.pfSample4Sad[size]);
    AFMPEG_REPLACE (AFMPEG_openh264_satd + size, costs.pfSampleSatd[size]);
  }
}

void ReplaceChoices (SSampleDealingFunc& costs) {
  REFERENCE (costs.pfIntra4x4Combined3Satd, WelsSampleSatdIntra4x4Combined3_c);
  REFERENCE (costs.pfIntra16x16Combined3Satd, WelsSampleSatdIntra16x16Combined3_c);
  REFERENCE (costs.pfIntra16x16Combined3Sad, WelsSampleSadIntra16x16Combined3_c);
  REFERENCE (costs.pfIntra8x8Combined3Satd, WelsSampleSatdIntra8x8Combined3_c);
  REFERENCE (costs.pfIntra8x8Combined3Sad, WelsSampleSadIntra8x8Combined3_c);
  AFMPEG_REPLACE (AFMPEG_openh264_best_4x4_satd, costs.pfIntra4x4Combined3Satd);
  AFMPEG_REPLACE (AFMPEG_openh264_best_16x16_satd, costs.pfIntra16x16Combined3Satd);
  AFMPEG_REPLACE (AFMPEG_openh264_best_16x16_sad, costs.pfIntra16x16Combined3Sad);
  AFMPEG_REPLACE (AFMPEG_openh264_best_chroma_satd, costs.pfIntra8x8Combined3Satd);
  AFMPEG_REPLACE (AFMPEG_openh264_best_chroma_sad, costs.pfIntra8x8Combined3Sad);
}

void ReplaceMotionCompensation (SMcFunc& mc) {
  AFMPEG_REPLACE (AFMPEG_openh264_half_horizontal, mc.pfLumaHalfpelHor);
  AFMPEG_REPLACE (AFMPEG_openh264_half_vertical, mc.pfLumaHalfpelVer);
  AFMPEG_REPLACE (AFMPEG_openh264_half_centre, mc.pfLumaHalfpelCen);
  AFMPEG_REPLACE (AFMPEG_openh264_mc_luma, mc.pMcLumaFunc);
  AFMPEG_REPLACE (AFMPEG_openh264_mc_chroma, mc.pMcChromaFunc);
  AFMPEG_REPLACE (AFMPEG_openh264_average, mc.pfSampleAveraging);
}

/* The other predictions are done faster than a call of the host. */
void ReplaceIntra (SWelsFuncPtrList& list) {
  AFMPEG_REPLACE (AFMPEG_openh264_intra_16x16_plane, list.pfGetLumaI16x16Pred[I16_PRED_P]);
  AFMPEG_REPLACE (AFMPEG_openh264_intra_chroma_plane, list.pfGetChromaPred[C_PRED_P]);
}

void ReplaceTransform (SWelsFuncPtrList& list) {
  AFMPEG_REPLACE (AFMPEG_openh264_dct, list.pfDctT4);
  AFMPEG_REPLACE (AFMPEG_openh264_dct_four, list.pfDctFourT4);
  AFMPEG_REPLACE (AFMPEG_openh264_quant, list.pfQuantization4x4);
  AFMPEG_REPLACE (AFMPEG_openh264_quant_four, list.pfQuantizationFour4x4);
  AFMPEG_REPLACE (AFMPEG_openh264_quant_dc, list.pfQuantizationDc4x4);
  AFMPEG_REPLACE (AFMPEG_openh264_quant_four_max, list.pfQuantizationFour4x4Max);
  AFMPEG_REPLACE (AFMPEG_openh264_quant_chroma_dc, list.pfQuantizationHadamard2x2);
  AFMPEG_REPLACE (AFMPEG_openh264_luma_dc, list.pfTransformHadamard4x4Dc);
  AFMPEG_REPLACE (AFMPEG_openh264_single_cost, list.pfCalculateSingleCtr4x4);
  AFMPEG_REPLACE (AFMPEG_openh264_runs, list.pfCavlcParamCal);
  AFMPEG_REPLACE (AFMPEG_openh264_dequant_four, list.pfDequantizationFour4x4);
  AFMPEG_REPLACE (AFMPEG_openh264_dequant_luma_dc, list.pfDequantizationIHadamard4x4);
  AFMPEG_REPLACE (AFMPEG_openh264_idct, list.pfIDctT4);
  AFMPEG_REPLACE (AFMPEG_openh264_idct_four, list.pfIDctFourT4);
  AFMPEG_REPLACE (AFMPEG_openh264_idct_luma_dc, list.pfIDctI16x16Dc);
}

void ReplaceDeblocking (DeblockingFunc& deblocking) {
  AFMPEG_REPLACE (AFMPEG_openh264_deblock_luma_horizontal, deblocking.pfLumaDeblockingLT4Ver);
  AFMPEG_REPLACE (AFMPEG_openh264_deblock_luma_vertical, deblocking.pfLumaDeblockingLT4Hor);
  AFMPEG_REPLACE (AFMPEG_openh264_deblock_luma_horizontal_strong, deblocking.pfLumaDeblockingEQ4Ver);
  AFMPEG_REPLACE (AFMPEG_openh264_deblock_luma_vertical_strong, deblocking.pfLumaDeblockingEQ4Hor);
  AFMPEG_REPLACE (AFMPEG_openh264_deblock_chroma_horizontal, deblocking.pfChromaDeblockingLT4Ver);
  AFMPEG_REPLACE (AFMPEG_openh264_deblock_chroma_vertical, deblocking.pfChromaDeblockingLT4Hor);
  AFMPEG_REPLACE (AFMPEG_openh264_deblock_chroma_horizontal_strong, deblocking.pfChromaDeblockingEQ4Ver);
  AFMPEG_REPLACE (AFMPEG_openh264_deblock_chroma_vertical_strong, deblocking.pfChromaDeblockingEQ4Hor);
}

void ReplaceCopies (SWelsFuncPtrList& list) {
  AFMPEG_REPLACE (AFMPEG_openh264_copy_16x16, list.pfCopy16x16Aligned);
  AFMPEG_REPLACE (AFMPEG_openh264_copy_any_16x16, list.pfCopy16x16NotAligned);
  AFMPEG_REPLACE (AFMPEG_openh264_copy_16x8, list.pfCopy16x8NotAligned);
  AFMPEG_REPLACE (AFMPEG_openh264_copy_8x16, list.pfCopy8x16Aligned);
}

}

namespace WelsEnc {

int32_t RealInit (sWelsEncCtx* context, SWelsSvcCodingParam* parameters, uint32_t cpu)
AFMPEG_REAL ("_ZN7WelsEnc20InitFunctionPointersEPNS_13TagWelsEncCtxEPNS_21TagWelsSvcCodingParamEj");

int32_t InitFunctionPointers (sWelsEncCtx* context, SWelsSvcCodingParam* parameters, uint32_t cpu)
AFMPEG_STANDS_IN ("_ZN7WelsEnc20InitFunctionPointersEPNS_13TagWelsEncCtxEPNS_21TagWelsSvcCodingParamEj");

int32_t InitFunctionPointers (sWelsEncCtx* context, SWelsSvcCodingParam* parameters, uint32_t cpu) {
  const int32_t status = RealInit (context, parameters, cpu);
  SWelsFuncPtrList& list = *context->pFuncList;
  ReplaceCosts (list.sSampleDealingFuncs);
  ReplaceChoices (list.sSampleDealingFuncs);
  ReplaceMotionCompensation (list.sMcFuncs);
  ReplaceIntra (list);
  ReplaceTransform (list);
  ReplaceDeblocking (list.pfDeblocking);
  ReplaceCopies (list);
  AFMPEG_REPLACE (AFMPEG_openh264_variance, list.pfGetVarianceFromIntraVaa);
  return status;
}

}

/* The functions of the analysis are listed by a constructor in the file that makes the list: what can
 * be stood in front of is each of them. */
namespace WelsVP {

#define STAND_IN(slot, name, symbol, parameters, arguments) \
  void real_##slot parameters AFMPEG_REAL (symbol); \
  void name parameters AFMPEG_STANDS_IN (symbol); \
  void name parameters { \
    void (*function) parameters = real_##slot; \
    AFMPEG_REPLACE (AFMPEG_##slot, function); \
    function arguments; \
  }

STAND_IN (openh264_vaa_sad, VAACalcSad_c, "_ZN6WelsVP12VAACalcSad_cEPKhS1_iiiPiS2_",
          (const uint8_t* now, const uint8_t* before, int32_t width, int32_t height, int32_t stride,
           int32_t* frame, int32_t* sad),
          (now, before, width, height, stride, frame, sad))

STAND_IN (openh264_vaa_sad_var, VAACalcSadVar_c,
          "_ZN6WelsVP15VAACalcSadVar_cEPKhS1_iiiPiS2_S2_S2_",
          (const uint8_t* now, const uint8_t* before, int32_t width, int32_t height, int32_t stride,
           int32_t* frame, int32_t* sad, int32_t* sum, int32_t* squares),
          (now, before, width, height, stride, frame, sad, sum, squares))

STAND_IN (openh264_vaa_sad_ssd, VAACalcSadSsd_c,
          "_ZN6WelsVP15VAACalcSadSsd_cEPKhS1_iiiPiS2_S2_S2_S2_",
          (const uint8_t* now, const uint8_t* before, int32_t width, int32_t height, int32_t stride,
           int32_t* frame, int32_t* sad, int32_t* sum, int32_t* squares, int32_t* squared),
          (now, before, width, height, stride, frame, sad, sum, squares, squared))

STAND_IN (openh264_vaa_sad_bgd, VAACalcSadBgd_c,
          "_ZN6WelsVP15VAACalcSadBgd_cEPKhS1_iiiPiS2_S2_Ph",
          (const uint8_t* now, const uint8_t* before, int32_t width, int32_t height, int32_t stride,
           int32_t* frame, int32_t* sad, int32_t* sd, uint8_t* mad),
          (now, before, width, height, stride, frame, sad, sd, mad))

STAND_IN (openh264_vaa_sad_ssd_bgd, VAACalcSadSsdBgd_c,
          "_ZN6WelsVP18VAACalcSadSsdBgd_cEPKhS1_iiiPiS2_S2_S2_S2_S2_Ph",
          (const uint8_t* now, const uint8_t* before, int32_t width, int32_t height, int32_t stride,
           int32_t* frame, int32_t* sad, int32_t* sum, int32_t* squares, int32_t* squared,
           int32_t* sd, uint8_t* mad),
          (now, before, width, height, stride, frame, sad, sum, squares, squared, sd, mad))

}
