// libvpx: the version of engine/full/debian.toml.
#define VERSION_MAJOR 1
#define VERSION_MINOR 12
#define VERSION_PATCH 0
#define VERSION_EXTRA ""
#define VERSION_PACKED ((VERSION_MAJOR << 16) | (VERSION_MINOR << 8) | VERSION_PATCH)
#define VERSION_STRING_NOSP "v1.12.0"
#define VERSION_STRING " v1.12.0"
