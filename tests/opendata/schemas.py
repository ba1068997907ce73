"""The official schemas, from the field data; XML is checked by libxml2 where the machine has it."""

import ctypes
import ctypes.util
import json
from functools import cache

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.field import DATA

GIVING_360 = DATA / "2-projects/360giving/schema"
IATI = DATA / "2-projects/iati"


def complaints_360(package: object) -> list[str]:
    """Return what is wrong with a package of grants by 360Giving's schema."""
    grant = json.loads((GIVING_360 / "360-giving-schema.json").read_text())
    whole = json.loads((GIVING_360 / "360-giving-package-schema.json").read_text())
    known = DRAFT202012.create_resource(grant)
    wanted = whole["properties"]["grants"]["items"]["$ref"]
    registry = Registry().with_resources([(wanted, known), (grant["$id"], known)])
    checker = Draft202012Validator(
        whole, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    return [error.message for error in checker.iter_errors(package)]


def has_libxml2() -> bool:
    """Say whether the machine has the library."""
    return ctypes.util.find_library("xml2") is not None


@cache
def _libxml2() -> ctypes.CDLL:
    library = ctypes.CDLL(ctypes.util.find_library("xml2"))
    for name in ("xmlSchemaNewParserCtxt", "xmlSchemaParse", "xmlSchemaNewValidCtxt"):
        function = getattr(library, name)
        function.restype, function.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    library.xmlReadMemory.restype = ctypes.c_void_p
    library.xmlReadMemory.argtypes = [
        *(ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int)
    ]
    library.xmlSchemaValidateDoc.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    library.xmlFreeDoc.argtypes = [ctypes.c_void_p]
    library.xmlSchemaFreeValidCtxt.argtypes = [ctypes.c_void_p]
    return library


@cache
def _schema() -> int:
    library = _libxml2()
    path = str(IATI / "xsd/iati-activities-schema.xsd").encode()
    kept = ctypes.c_char_p(path)
    parsed = library.xmlSchemaParse(
        library.xmlSchemaNewParserCtxt(ctypes.cast(kept, ctypes.c_void_p))
    )
    assert parsed, "the schema itself cannot be read"
    return parsed


def complaints_iati(text: bytes) -> list[str]:
    """Return "not well-formed", the number of the first error, or nothing if it is valid."""
    library = _libxml2()
    without_output = 0x20 | 0x40 | 0x800  # no errors, no warnings, no network
    document = library.xmlReadMemory(text, len(text), b"file.xml", None, without_output)
    if not document:
        return ["not well-formed"]
    checker = library.xmlSchemaNewValidCtxt(_schema())
    try:
        found = library.xmlSchemaValidateDoc(checker, document)
        return [f"error {found}"] if found else []
    finally:
        library.xmlSchemaFreeValidCtxt(checker)
        library.xmlFreeDoc(document)
