"""Text of another encoding than UTF-8."""

from __future__ import annotations

import codecs
from typing import Protocol

from mlops_task.errors import InputError


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


class Recoded:
    """A stream of text, which may have begun already, as UTF-8."""

    def __init__(self, head: bytes, rest: Readable, encoding: str) -> None:
        self._head, self._rest, self._encoding = head, rest, encoding
        # Without a mark at the start, a NUL first tells the other byte order than this machine's.
        name = "utf-16-be" if encoding == "utf-16" and head.startswith(b"\0") else encoding
        self._decoder = codecs.getincrementaldecoder(name)()

    def read(self, size: int, /) -> bytes:
        """Return about `size` bytes, none at the end."""
        text = ""
        while not text:
            data, self._head = self._head or self._rest.read(size), b""
            try:
                text = self._decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                byte = f"0x{error.object[error.start]:02x}"
                raise InputError(
                    f"is not {self._encoding} text (byte {byte}), as csv: encoding says"
                ) from None
            if not data:
                break
        return text.encode()
