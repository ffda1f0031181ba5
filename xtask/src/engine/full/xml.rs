//! libxml2: the manifests of DASH and the compositions of IMF.

use super::table::{Library, Part};

/// The parser and its tree, without document types: neither manifests nor compositions have any, and most of what makes a
/// parser dangerous (entities that multiply, that name other files, that name each other) is declared in one. Without
/// them a quarter of the code has no user, either.
pub(super) const XML2: Library = Library {
    name: "xml2",
    ffmpeg: Some("libxml2"),
    gpl: false,
    jumps: false,
    edits: &[
        (
            "parser.c",
            "'P', 'E')) {\n\n\tctxt->inSubset = 1;",
            "'P', 'E')) {\n\t\
             xmlFatalErrMsg(ctxt, XML_ERR_DOCTYPE_NOT_FINISHED, \"document types are not read\\n\");\n\t\
             xmlHaltParser(ctxt);\n\treturn(-1);\n    }\n    if (0) {\n\tctxt->inSubset = 1;",
        ),
        (
            "parser.c",
            "    /*\n     * The first reference to the entity trigger a parsing phase",
            "    return;\n    /*\n     * The first reference to the entity trigger a parsing phase",
        ),
        (
            "SAX2.c",
            "        return(-1);\n    hdlr->internalSubset = xmlSAX2InternalSubset;\n    \
             hdlr->externalSubset = xmlSAX2ExternalSubset;\n",
            "        return(-1);\n",
        ),
        (
            "SAX2.c",
            "    hdlr->resolveEntity = xmlSAX2ResolveEntity;\n    hdlr->getEntity = xmlSAX2GetEntity;\n    \
             hdlr->getParameterEntity = xmlSAX2GetParameterEntity;\n    \
             hdlr->entityDecl = xmlSAX2EntityDecl;\n    hdlr->attributeDecl = xmlSAX2AttributeDecl;\n    \
             hdlr->elementDecl = xmlSAX2ElementDecl;\n    hdlr->notationDecl = xmlSAX2NotationDecl;\n    \
             hdlr->unparsedEntityDecl = xmlSAX2UnparsedEntityDecl;\n    \
             hdlr->setDocumentLocator = xmlSAX2SetDocumentLocator;\n    hdlr->startDocument",
            "    hdlr->getEntity = xmlSAX2GetEntity;\n    \
             hdlr->setDocumentLocator = xmlSAX2SetDocumentLocator;\n    hdlr->startDocument",
        ),
    ],
    flags: &["-Os", "-Iconfig/xml2", "-Ixml2/include", "-Ixml2"],
    parts: &[Part {
        flags: &[],
        sources: &[
            "SAX2.c",
            "buf.c",
            "chvalid.c",
            "dict.c",
            "encoding.c",
            "entities.c",
            "error.c",
            "globals.c",
            "hash.c",
            "list.c",
            "parser.c",
            "parserInternals.c",
            "threads.c",
            "tree.c",
            "uri.c",
            "valid.c",
            "xmlIO.c",
            "xmlmemory.c",
            "xmlstring.c",
        ],
        without: &[],
    }],
    headers: &[
        ("include/libxml", "libxml"),
        ("../config/xml2/libxml/xmlversion.h", "libxml/xmlversion.h"),
        // Where configure looks for it.
        (
            "../config/xml2/libxml/xmlversion.h",
            "libxml2/libxml/xmlversion.h",
        ),
    ],
    packages: &[("libxml-2.0", "-lxml2")],
    licence: "Copyright",
};
