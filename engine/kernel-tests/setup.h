/* One function for each family: calls the init functions that its kernels are hooked into. */
#ifndef AFMPEG_KERNEL_TEST_SETUP_H
#define AFMPEG_KERNEL_TEST_SETUP_H

#ifdef __cplusplus
extern "C" {
#endif

void setup_h264(void);
void setup_encoding(void);
void setup_motion(void);
void setup_swscale(void);
void setup_openh264(void);
void setup_audio(void);
void setup_aac(void);
void setup_tx(void);
void setup_filters(void);
void setup_images(void);

#ifdef __cplusplus
}
#endif

#endif
