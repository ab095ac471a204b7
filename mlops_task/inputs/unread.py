"""Files that are known and not read: refused by name, with the way to what is read."""

from __future__ import annotations

import re

from mlops_task.errors import InputError
from mlops_task.inputs.ways import UTF_16, told

_EXPECTED = "expected CSV, Parquet or Arrow"
_BY_MAGIC = {
    b"\xfd7zXZ\0": f"is compressed with xz, {_EXPECTED}: unpack it, or pipe `xz -dc` to --input -",
    b"7z\xbc\xaf\x27\x1c": f"is a 7z archive, {_EXPECTED}: unpack it, or pipe `7z x -so` to --input -",
    b"Rar!": f"is a RAR archive, {_EXPECTED}: unpack it",
    b"\x04\x22\x4d\x18": f"is compressed with LZ4, {_EXPECTED}: unpack it, or pipe `lz4 -dc` to --input -",
    b"\xd0\xcf\x11\xe0": f"is an Excel workbook of the old kind, {_EXPECTED}: save it as CSV",
    b"%PDF": f"is a PDF document, {_EXPECTED}",
    b"FEA1": "is of version 1 of Feather, expected version 2 (an Arrow file)",
    b"SQLite format 3": f"is an SQLite database, {_EXPECTED}",
    b"\x89HDF": f"is an HDF5 file, {_EXPECTED}",
}
_ZIP, _IN_WORKBOOKS = b"PK\x03\x04", (b"[Content_Types].xml", b"xl/", b"mimetypeapplication/vnd.oasis")
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_JSON = re.compile(rb'\s*(?:\{\s*["}]|\[\s*[\[{"\d\]-])')
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|head|body|table|svg|!--)", re.IGNORECASE)


def check_binary(head: bytes, encoding: str) -> None:
    """Raise InputError for a file that starts like one that is not read."""
    for magic, sentence in _BY_MAGIC.items():
        if head.startswith(magic):
            raise InputError(sentence)
    if head.startswith(_ZIP):
        if any(name in head for name in _IN_WORKBOOKS):
            raise InputError(f"is an Excel workbook, {_EXPECTED}: save it as CSV")
        raise InputError(f"is a ZIP archive, {_EXPECTED}: unpack it, or pipe `unzip -p` to --input -")
    if encoding == "utf-8" and (head.startswith(_MARKS) or is_utf_16(head)):
        raise InputError(f"is UTF-16, expected UTF-8: set {told(UTF_16)}", [UTF_16])


def is_utf_16(head: bytes) -> bool:
    """Tell whether a text has a NUL beside nearly every character, as English in UTF-16."""
    sample = head[:512]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    return max(even, odd) > len(sample) // 3 and min(even, odd) == 0


def check_text(data: bytes) -> None:
    """Raise InputError for text that is no CSV at all."""
    if _JSON.match(data):
        raise InputError(f"holds JSON, {_EXPECTED}")
    if found := _MARKUP.match(data):
        kind = "XML" if found[1] == b"?xml" else "HTML"
        raise InputError(f"holds {kind}, {_EXPECTED}")
