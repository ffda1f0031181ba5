// FriBidi: what wasi-libc has of what it asks for.
#define HAVE_MEMMOVE 1
#define HAVE_MEMSET 1
#define HAVE_STDLIB_H 1
#define HAVE_STRDUP 1
#define HAVE_STRINGIZE 1
#define HAVE_STRINGS_H 1
#define HAVE_STRING_H 1
#define STDC_HEADERS 1
#define SIZEOF_INT 4
#define SIZEOF_SHORT 2
#define SIZEOF_VOID_P 4
#define SIZEOF_WCHAR_T 4
