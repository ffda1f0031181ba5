/* The H.264 encoder's init function, and its analysis of a picture of no size. */
#include "encoder.h"

#include "setup.h"

namespace WelsVP {

void VAACalcSad_c (const uint8_t*, const uint8_t*, int32_t, int32_t, int32_t, int32_t*, int32_t*);
void VAACalcSadVar_c (const uint8_t*, const uint8_t*, int32_t, int32_t, int32_t, int32_t*, int32_t*,
                      int32_t*, int32_t*);
void VAACalcSadSsd_c (const uint8_t*, const uint8_t*, int32_t, int32_t, int32_t, int32_t*, int32_t*,
                      int32_t*, int32_t*, int32_t*);
void VAACalcSadBgd_c (const uint8_t*, const uint8_t*, int32_t, int32_t, int32_t, int32_t*, int32_t*,
                      int32_t*, uint8_t*);
void VAACalcSadSsdBgd_c (const uint8_t*, const uint8_t*, int32_t, int32_t, int32_t, int32_t*,
                         int32_t*, int32_t*, int32_t*, int32_t*, int32_t*, uint8_t*);

}

extern "C" void setup_openh264 (void) {
  static WelsEnc::SWelsFuncPtrList list;
  static WelsEnc::sWelsEncCtx context;
  static WelsEnc::SWelsSvcCodingParam parameters;
  int32_t frame;

  context.pFuncList = &list;
  context.pSvcParam = &parameters;
  WelsEnc::InitFunctionPointers (&context, &parameters, 0);
  WelsVP::VAACalcSad_c (nullptr, nullptr, 0, 0, 0, &frame, nullptr);
  WelsVP::VAACalcSadVar_c (nullptr, nullptr, 0, 0, 0, &frame, nullptr, nullptr, nullptr);
  WelsVP::VAACalcSadSsd_c (nullptr, nullptr, 0, 0, 0, &frame, nullptr, nullptr, nullptr, nullptr);
  WelsVP::VAACalcSadBgd_c (nullptr, nullptr, 0, 0, 0, &frame, nullptr, nullptr, nullptr);
  WelsVP::VAACalcSadSsdBgd_c (nullptr, nullptr, 0, 0, 0, &frame, nullptr, nullptr, nullptr, nullptr,
                              nullptr, nullptr);
}
