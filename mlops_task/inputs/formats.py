"""Which format an input has: told by its first bytes, not by its name."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mlops_task.errors import InputError
from mlops_task.inputs import arrow, compressed, csv, parquet
from mlops_task.inputs.paths import STDIN
from mlops_task.inputs.protocol import Format, Partition, Source, Wanted, cannot_be_read, head_bytes

FORMATS: tuple[Format, ...] = (compressed, parquet, arrow, csv)
"""Each is asked in this order; the last takes everything."""


def partitions(name: str, wanted: Wanted) -> Iterator[Partition]:
    """Yield the partitions of the input `name`, a file or `-` for standard input.

    Raises
    ------
    InputError
        In one sentence, without the name. Partitions before what is wrong may have been yielded.
    """
    try:
        if name == STDIN:
            if sys.stdin is None:
                raise InputError("is closed, expected data")
            yield from _partitions(sys.stdin.buffer, None, wanted)
            return
        path = Path(name)
        with path.open("rb") as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            found = _partitions(file, path if regular else None, wanted)
            first = next(found, None)
            if first is None:
                raise InputError("has no rows")
            yield first
            yield from found
    except FileNotFoundError:
        raise InputError("no such input file") from None
    except IsADirectoryError:
        raise InputError("is a directory, expected a file") from None
    except (OSError, MemoryError) as error:
        raise cannot_be_read(error) from None


def _partitions(file: BinaryIO, path: Path | None, wanted: Wanted) -> Iterator[Partition]:
    source = Source(file.read(head_bytes()), file, path)
    return format_of(source.head).partitions(source, wanted)


def format_of(head: bytes) -> Format:
    """Return the format of an input that begins so."""
    return next(form for form in FORMATS if form.detect(head))
