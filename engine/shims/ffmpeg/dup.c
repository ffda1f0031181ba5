/* dup() for a system without it: enough to read the standard input through `pipe:0`. */
#include <errno.h>

#include "afmpeg_wasi.h"

/* Standard input is handed out itself: FFmpeg closes what it gets, and nobody else reads it. Standard
 * output carries the reply and standard error the log, so a close of either would lose what is still
 * to be said. */
int dup(int fd)
{
    if (fd == 0)
        return fd;
    errno = ENOTSUP;
    return -1;
}
