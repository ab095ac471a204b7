"""What formats, engines and outputs agree on: an input is cut into partitions, a partition read as chunks."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from mlops_task.errors import InputError, because
from mlops_task.inputs.order import Rows

if TYPE_CHECKING:
    from mlops_task.inputs.csv_form import CsvForm

BLOCK_BYTES = 2 * 1024 * 1024
"""About how much is read at once."""
HEAD_BYTES = 64 * 1024
"""What is looked at of an input before anything is read, if blocks are smaller."""


class Chunk(NamedTuple):
    """Consecutive rows as read: `values` is a (rows,) array with NaN for missing.

    `labels` are their timestamps, a pyarrow array, or None; `groups` what they are grouped by, a pyarrow
    dictionary of texts, or None; `origin` tells the rows at either end.
    """

    values: npt.NDArray[np.float64]
    labels: Any = None
    label_name: str = ""
    groups: Any = None
    group_name: str = ""
    origin: Origin | None = None


class Origin(Protocol):
    """Where a chunk comes from; it can be pickled if its partition can."""

    @property
    def column(self) -> str:
        """The name of the column that is read."""

    def first_rows(self) -> Rows:
        """Return the first rows of a chunk that has been read: the columns that tell its order."""

    def last_rows(self) -> Rows:
        """Return the last rows likewise."""

    def where(self, row: int) -> str:
        """Return which row or line of the file a row of the chunk is."""


class CutError(Exception):
    """The partition ends inside a record: what it has of that is to be joined with what follows."""

    def __init__(self, rest: Any) -> None:  # noqa: ANN401 - a partition that can be joined
        super().__init__(rest)
        self.rest = rest


class Partition(Protocol):
    """Consecutive rows of an input, read by themselves, by any thread and in any order."""

    @property
    def reopens(self) -> bool:
        """Whether other processes can read it too; it then holds no rows, and can be pickled."""

    @property
    def may_be_cut(self) -> bool:
        """Whether its end may be inside a record."""

    @property
    def size(self) -> int:
        """How much of the input it stands for, in bytes."""

    def chunks(self, *, on_missing: str = "keep") -> Iterator[Chunk]:
        """Yield the rows, with their timestamps if those are wanted.

        Raises
        ------
        InputError
            In one sentence, without the name of the input.
        CutError
            At the end, where that is inside a record.
        """


@dataclass(frozen=True)
class Source:
    """An input that has been opened, and its first bytes read."""

    head: bytes
    file: BinaryIO
    path: Path | None
    """None for what can be read only once, in order."""

    def stream(self) -> io.RawIOBase:
        """Return all of its bytes, those that were read and the rest."""
        return _Joined(self.head, self.file)


class _Joined(io.RawIOBase):
    """The bytes already read from a stream, then the rest of it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._head, self._rest = io.BytesIO(head), rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - any writable buffer
        return self._head.readinto(buffer) or self._rest.readinto(buffer)  # type: ignore[attr-defined] # not in typeshed


@dataclass(frozen=True)
class Wanted:
    """What is to be read of an input."""

    column: str | int
    csv: CsvForm
    group_by: str | int | None = None
    blocks: int = 1
    """About how many blocks of text a partition is to have, where it can be cut."""
    timed: bool = False
    """Whether timestamps are wanted, too."""


class Format(Protocol):
    """A module that reads one format."""

    def detect(self, head: bytes) -> bool:
        """Tell by its first bytes whether an input is of this format."""

    def partitions(self, source: Source, wanted: Wanted) -> Iterator[Partition]:
        """Yield the partitions of an input of this format."""


@dataclass(frozen=True)
class Identity:
    """What tells a file from what it becomes when somebody writes to it."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, descriptor: int) -> Identity:
        """Return the identity of an open file."""
        status = os.fstat(descriptor)
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


def head_bytes() -> int:
    """Return how much of an input is read before its format is known."""
    return max(BLOCK_BYTES, HEAD_BYTES)


@contextlib.contextmanager
def unchanged(path: Path, identity: Identity) -> Iterator[BinaryIO]:
    """Open a file again that is the same as before."""
    try:
        with path.open("rb", buffering=0) as file:
            if Identity.of(file.fileno()) != identity:
                raise changed()
            yield file
    except FileNotFoundError:
        raise InputError("was removed while it was read") from None
    except OSError as error:
        raise cannot_be_read(error) from None


def changed() -> InputError:
    """Return the error of a file that is no longer what it was when the run began."""
    return InputError("was changed while it was read")


def cannot_be_read(error: OSError | MemoryError) -> InputError:
    """Return the sentence of a file that the system does not let us read."""
    if isinstance(error, MemoryError):
        return InputError("cannot be read: there is not enough memory")
    return InputError(f"cannot be read: {because(error)}")
