/* The memory that the host and the guest share to agree on kernels. */
#include "kernels.h"

extern const uint32_t afmpeg_kernel_abi;

const uint32_t afmpeg_kernel_abi = AFMPEG_KERNEL_ABI;
uint32_t afmpeg_kernel_slots[AFMPEG_KERNEL_COUNT];

#ifdef AFMPEG_KERNEL_TEST
uintptr_t afmpeg_kernel_before[AFMPEG_KERNEL_COUNT];
uintptr_t afmpeg_kernel_after[AFMPEG_KERNEL_COUNT];
#endif
