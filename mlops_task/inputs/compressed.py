"""Compressed CSV: gzip, zstd or bzip2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlops_task.errors import InputError, because
from mlops_task.inputs import arrow, csv, parquet
from mlops_task.inputs.begun import Readable
from mlops_task.inputs.csv import Text
from mlops_task.inputs.protocol import Source, Wanted, head_bytes

_CODECS = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2"}


def detect(head: bytes) -> bool:
    """Tell by its first bytes."""
    return head.startswith(tuple(_CODECS))


def partitions(source: Source, wanted: Wanted) -> Iterator[Text]:
    """Yield what comes out of the stream."""
    yield from csv.in_stream(*opened(source), wanted)


def codec_of(head: bytes) -> str:
    """Return what a stream is compressed with."""
    return next(codec for magic, codec in _CODECS.items() if head.startswith(magic))


def opened(source: Source) -> tuple[bytes, Readable]:
    """Return the first bytes of what is inside, and the rest as a stream."""
    import pyarrow as pa

    codec = codec_of(source.head)
    inside = _Decompressed(pa.CompressedInputStream(pa.PythonFile(source.stream(), "r"), codec), codec)
    head = inside.read(head_bytes())
    if any(form.detect(head) for form in (parquet, arrow)) or detect(head):
        raise InputError(f"holds something other than CSV inside {codec}")
    return head, inside


class _Decompressed:
    """A compressed stream whose faults are sentences."""

    def __init__(self, stream: Any, codec: str) -> None:  # noqa: ANN401 - pyarrow has no types
        self._stream, self._codec = stream, codec

    def read(self, size: int, /) -> bytes:
        parts: list[bytes] = []
        try:
            while size and (part := self._stream.read(size)):
                parts.append(part)
                size -= len(part)
        except OSError as error:
            raise InputError(f"its {self._codec} data is corrupt or cut short: {because(error)}") from None
        return b"".join(parts)
