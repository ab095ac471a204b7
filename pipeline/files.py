"""Files that are replaced in one step: a reader finds the old one or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import OutputError, because, clipped


class NewFile:
    """A file being written, under a name of its own until it is finished."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def write(self, data: bytes) -> None:
        """Append `data`."""
        self.file.write(data)

    def finish(self) -> None:
        """Make sure that all of it is on the disk."""
        self.file.flush()
        if stat.S_ISREG(os.fstat(self.file.fileno()).st_mode):
            os.fsync(self.file.fileno())


def check_folder(path: Path) -> None:
    """Raise OutputError unless `path` can name a new file: its folder exists, and it is no folder itself."""
    if not path.exists() and not Path(os.path.realpath(path)).parent.is_dir():
        raise OutputError(f"{path}: cannot be written: no such folder")
    if path.is_dir():
        raise OutputError(f"{path}: is a directory, expected a file to write")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[NewFile]:
    """Give a new file that takes the place of `path` where the block ends; if it fails, nothing changes.

    A device or a pipe is written to and stays. A link stays, and what it points to is replaced.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    check_folder(path)
    # `/dev/stdout` may lead to a pipe, which has no path of its own.
    replaces = not path.exists() or path.is_file()
    target = Path(os.path.realpath(path)) if replaces else path
    name = target.with_name(f".{target.name}.{os.urandom(6).hex()}.tmp") if replaces else target
    try:
        # Without O_NONBLOCK, a named pipe that nobody reads would hold up the job.
        flags = os.O_CREAT | os.O_EXCL if replaces else os.O_NONBLOCK
        descriptor = os.open(name, os.O_WRONLY | flags, 0o666)
        os.set_blocking(descriptor, True)
        with os.fdopen(descriptor, "wb") as file:
            new = NewFile(file)
            yield new
            new.finish()
        if replaces:
            name.replace(target)
            _sync(target.parent)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {clipped(because(error), 160)}") from None
    finally:
        if replaces:
            with contextlib.suppress(OSError):
                name.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot sync a folder; the rename has happened
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
