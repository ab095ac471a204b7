"""Text of another encoding than UTF-8."""

from __future__ import annotations

import codecs

from mlops_task.errors import InputError
from mlops_task.inputs.begun import Readable


class Recoded:
    """A stream of text as UTF-8."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream, self._encoding = stream, encoding
        self._decoder: codecs.IncrementalDecoder | None = None

    def read(self, size: int, /) -> bytes:
        """Return about `size` bytes, none at the end."""
        text = ""
        while not text:
            data = self._stream.read(size)
            self._decoder = self._decoder or codecs.getincrementaldecoder(self._name(data))()
            try:
                text = self._decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                byte = f"0x{error.object[error.start]:02x}"
                what = f"is not {self._encoding} text (byte {byte}), as csv: encoding says"
                raise InputError(what) from None
            if not data:
                break
        return text.encode(errors="replace")

    def _name(self, start: bytes) -> str:
        """Return the encoding with the order of bytes, which a NUL tells where no mark does."""
        if self._encoding != "utf-16" or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return self._encoding
        return "utf-16-be" if start.startswith(b"\0") else "utf-16-le"
