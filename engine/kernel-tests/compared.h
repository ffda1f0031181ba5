/* Work of the libraries in which a kernel takes part, done with the kernel and without it. */
#ifndef AFMPEG_KERNEL_TEST_COMPARED_H
#define AFMPEG_KERNEL_TEST_COMPARED_H

#include "kernels.h"

/* Defines slot_c and slot_kernel with these parameters. */
#define COMPARED(slot, parameters, work) \
    static void slot##_c parameters \
    { \
        uint32_t kernel = afmpeg_kernel_slots[AFMPEG_##slot]; \
        afmpeg_kernel_slots[AFMPEG_##slot] = 0; \
        work; \
        afmpeg_kernel_slots[AFMPEG_##slot] = kernel; \
    } \
    static void slot##_kernel parameters \
    { \
        work; \
    }

/* Notes the two as what the kernel's test compares. */
#define NOTE(slot) do { \
    AFMPEG_NOTE(afmpeg_kernel_before, AFMPEG_##slot, slot##_c); \
    AFMPEG_NOTE(afmpeg_kernel_after, AFMPEG_##slot, slot##_kernel); \
} while (0)

static inline void check(int status)
{
    if (status < 0)
        __builtin_trap();
}

#endif
