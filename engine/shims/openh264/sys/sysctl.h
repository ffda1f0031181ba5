/* Stand-in for <sys/sysctl.h>, which openh264 asks for the number of processors. */
#ifndef AFMPEG_SHIM_SYS_SYSCTL_H
#define AFMPEG_SHIM_SYS_SYSCTL_H

#include <stddef.h>

/* Always fails: the caller then takes one processor, which is what a WASI guest has. */
static inline int sysctlbyname(const char *name, void *old, size_t *old_len, const void *new_value,
                               size_t new_len)
{
    (void)name;
    (void)old;
    (void)old_len;
    (void)new_value;
    (void)new_len;
    return -1;
}

#endif
