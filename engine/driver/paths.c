/* Which paths lead to one file: what is read must not be written. */
#include "paths.h"

#include <string.h>
#include <sys/stat.h>

#include <libavutil/mem.h>

#include "input.h"

char *af_path_normal(const char *path)
{
    char *normal = av_malloc(strlen(path) + 2);
    size_t n = 0;

    while (normal && *path) {
        size_t length = strcspn(path, "/");

        if (length == 2 && !memcmp(path, "..", 2)) {
            while (n && normal[--n] != '/')
                ;
        } else if (length && !(length == 1 && *path == '.')) {
            normal[n++] = '/';
            memcpy(normal + n, path, length);
            n += length;
        }
        path += length + (path[length] == '/');
    }
    if (normal)
        normal[n] = 0;
    return normal;
}

bool af_path_is_device(const char *path)
{
    struct stat info;

    return !stat(path, &info) && !S_ISREG(info.st_mode);
}

bool af_same_file(const char *a, const char *b)
{
    struct stat one, other;

    if (!strcmp(a, b))
        return true;
    return !stat(a, &one) && !stat(b, &other) && one.st_ino && one.st_ino == other.st_ino &&
           one.st_dev == other.st_dev;
}

bool af_input_reads(const struct af_input_spec *in, const char *path)
{
    if (in->path && !(in->format && !strcmp(in->format, "lavfi")) && af_same_file(in->path, path))
        return true;
    for (size_t i = 0; i < in->concat.n; i++)
        if (af_same_file(in->concat.v[i], path))
            return true;
    return false;
}
