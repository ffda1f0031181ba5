/* Included before every FFmpeg source: declares what wasi-libc leaves out and FFmpeg calls. */
#ifndef AFMPEG_SHIM_WASI_H
#define AFMPEG_SHIM_WASI_H

/* Only the pipe protocol calls it, see dup.c. */
int dup(int fd);

#endif
