/* One function for each family: calls the init functions that its kernels are hooked into. */
#ifndef AFMPEG_KERNEL_TEST_SETUP_H
#define AFMPEG_KERNEL_TEST_SETUP_H

void setup_h264(void);
void setup_swscale(void);

#endif
