// What libxml2 consists of: the parser and its tree. Whatever is not defined here is not there.
#ifndef __XML_VERSION_H__
#define __XML_VERSION_H__

#include <libxml/xmlexports.h>

#define LIBXML_DOTTED_VERSION "2.9.14"
#define LIBXML_VERSION 20914
#define LIBXML_VERSION_STRING "20914"
#define LIBXML_VERSION_EXTRA ""

// Of the release that a user of the library was compiled with.
#define LIBXML_TEST_VERSION xmlCheckVersion(LIBXML_VERSION);
XMLPUBFUN void XMLCALL xmlCheckVersion(int version);

#define WITHOUT_TRIO
#define LIBXML_TREE_ENABLED

#define ATTRIBUTE_UNUSED __attribute__((unused))
#define LIBXML_ATTR_ALLOC_SIZE(x)
#define LIBXML_ATTR_FORMAT(fmt, args)

#endif
