// Users ask for <fribidi.h>; its headers, of which some have names of no library's own, are in a directory.
#include "fribidi/fribidi.h"
