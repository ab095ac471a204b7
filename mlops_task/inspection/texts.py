"""The text of a CSV file, uncompressed and in UTF-8."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mlops_task.errors import InputError
from mlops_task.inputs import compressed
from mlops_task.inputs.begun import Begun, Readable
from mlops_task.inputs.protocol import BLOCK_BYTES, Source, cannot_be_read, head_bytes
from mlops_task.inputs.unread import check_binary, check_text

END_BYTES = 64 * 1024
"""How much is looked at, at either end."""


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file; InputError if that cannot be."""
    try:
        with path.open("rb") as file:
            yield Source(file.read(head_bytes()), file, path)
    except FileNotFoundError:
        raise InputError("no such input file") from None
    except (OSError, MemoryError) as error:
        raise cannot_be_read(error) from None


def ends(path: Path, encoding: str) -> tuple[bytes, bytes]:
    """Return the first and the last bytes of a text; InputError for what is none."""
    with opened(path) as source:
        head, size = source.head, os.fstat(source.file.fileno()).st_size
        if not compressed.detect(head):
            check_binary(head, encoding)
        if not compressed.detect(head) and encoding == "utf-8":
            start = max(0, size - END_BYTES)
            tail = os.pread(source.file.fileno(), END_BYTES, start)
            head = head[:END_BYTES]
        else:
            head, tail = _ends(_stream(source, encoding))
    check_text(head)
    return head, tail


def is_utf_8(head: bytes, tail: bytes) -> bool:
    """Tell whether the first and the last bytes of a text are UTF-8; either may cut a character."""
    try:
        codecs.utf_8_decode(head)
        codecs.utf_8_decode(tail.lstrip(bytes(range(0x80, 0xC0))))
    except UnicodeDecodeError:
        return False
    return True


def _stream(source: Source, encoding: str) -> Readable:
    head, rest = compressed.opened(source) if compressed.detect(source.head) else (source.head, source.file)
    text: Readable = Begun(head, rest)
    if encoding != "utf-8":
        from mlops_task.inputs.recoded import Recoded

        text = Recoded(text, encoding)
    return text


def _ends(text: Readable) -> tuple[bytes, bytes]:
    head = tail = b""
    while data := text.read(BLOCK_BYTES):
        head += data[: max(0, END_BYTES - len(head))]
        tail = (tail + data)[-END_BYTES:]
    return head, tail
