"""Files that are replaced in one step: a reader finds the old one or the new one, whole."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from mlops_task.errors import OutputError, because, clipped

_BEFORE, _RANDOM, _AFTER = ".mlops-task-", 6, ".tmp"
_MOST_LINKS = 40


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


def descriptor_of(path: Path) -> int | None:
    """Return the open descriptor that `path` means, as `/dev/stdout` and `/dev/fd/3` do, if it means one."""
    own = {os.path.realpath(folder) for folder in ("/proc/self/fd", "/proc/thread-self/fd")}
    name = os.fspath(path)
    for _ in range(_MOST_LINKS):
        folder, last = os.path.split(name)
        folder = os.path.realpath(folder)
        if folder in own:
            return int(last) if last.isdecimal() else None
        name = os.path.join(folder, last)
        if not os.path.islink(name):
            return None
        name = os.path.join(folder, os.readlink(name))
    return None


def number_of(stream: TextIO | None) -> int | None:
    """Return the descriptor beneath a standard stream, if it is open and has one."""
    try:
        return None if stream is None else stream.fileno()
    except (OSError, ValueError):
        return None


def obstacle(path: Path, *, replaces: bool) -> str | None:
    """Return why `path` cannot be written, as far as can be told without doing it.

    Parameters
    ----------
    replaces
        Whether a new file is to take its place, rather than lines be appended to it.
    """
    try:
        number = descriptor_of(path)
        if number is not None:
            mode = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
            return "its descriptor is open for reading only" if mode == os.O_RDONLY else None
        found = os.stat(path)
    except FileNotFoundError:
        return _no_room_beside(path)
    except OSError as error:
        return because(error)
    if stat.S_ISDIR(found.st_mode):
        return "is a directory"
    # Root may write what its mode forbids; the mode says what its owner wants.
    wanted = stat.S_IWUSR if found.st_uid == os.geteuid() else 0o222
    if not found.st_mode & wanted or not os.access(path, os.W_OK):
        return "is write-protected"
    return _no_room_beside(path, found.st_uid) if replaces and stat.S_ISREG(found.st_mode) else None


def _no_room_beside(path: Path, owner: int | None = None) -> str | None:
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        return "no such folder"
    if os.path.ismount(path):
        return "is mounted by itself, so that nothing can take its place: mount its folder"
    above = os.stat(folder)
    # As in /tmp: what is another's may be written, but not replaced.
    if owner is not None and above.st_mode & stat.S_ISVTX and os.geteuid() not in {0, owner, above.st_uid}:
        return "belongs to another user, who alone may replace it in this folder"
    return None if os.access(folder, os.W_OK | os.X_OK) else "its folder cannot be written to"


def open_stream(path: Path, flags: int = 0) -> int:
    """Open what is written to and not replaced: a descriptor, device or pipe; with `flags`, a file."""
    number = descriptor_of(path)
    if number is not None:
        return os.dup(number)
    # Without O_NONBLOCK, a named pipe that nobody reads would hold up the job.
    opened = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | flags, 0o666)
    os.set_blocking(opened, True)
    return opened


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[NewFile]:
    """Give a new file that takes the place of `path` where the block ends; if it fails, nothing changes.

    A device, a pipe or an open descriptor is written to and stays. A link stays, and what it points to is
    replaced. The new file has the mode of the old one, and its owner where that is allowed.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    temporary: Path | None = None
    try:
        if reason := obstacle(path, replaces=True):
            raise OutputError(f"{path}: cannot be written: {reason}")
        # `/dev/stdout` may lead to a pipe, which has no path of its own.
        if descriptor_of(path) is not None or (path.exists() and not path.is_file()):
            opened = open_stream(path)
        else:
            target = Path(os.path.realpath(path))
            _remove_left_over(target.parent)
            temporary, opened = _create(target)
        with os.fdopen(opened, "wb") as file:
            new = NewFile(file)
            yield new
            new.finish()
            if temporary is not None:
                temporary.replace(target)
                temporary = None
                _sync(target.parent)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {clipped(because(error), 160)}") from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def _create(target: Path) -> tuple[Path, int]:
    """Create a file to take the place of `target`, and lock it: what is not locked was left over."""
    while True:
        path = target.with_name(f"{_BEFORE}{os.urandom(_RANDOM).hex()}{_AFTER}")
        old = target.stat() if target.exists() else None
        mode = 0o666 if old is None else stat.S_IMODE(old.st_mode)
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode & 0o777)
        try:
            if old is not None:
                with contextlib.suppress(PermissionError):
                    os.fchown(opened, old.st_uid, old.st_gid)
                os.fchmod(opened, mode)
            with contextlib.suppress(OSError):  # some file systems have no locks, and then nothing is removed
                fcntl.flock(opened, fcntl.LOCK_EX)
            if os.fstat(opened).st_nlink:
                return path, opened
        except BaseException:
            path.unlink(missing_ok=True)
            os.close(opened)
            raise
        os.close(opened)  # another run removed it before it was locked


def _remove_left_over(folder: Path) -> None:
    """Remove the temporary files of runs that were killed: those whose lock is free."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if is_temporary(entry.name) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    _remove_if_unlocked(entry.path)


def is_temporary(name: str) -> bool:
    """Tell whether a file is named as those are that are not finished."""
    middle = name.removeprefix(_BEFORE).removesuffix(_AFTER)
    is_hex = len(middle) == 2 * _RANDOM and not middle.strip("0123456789abcdef")
    return is_hex and name == f"{_BEFORE}{middle}{_AFTER}"


def _remove_if_unlocked(path: str) -> None:
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path)
    finally:
        os.close(opened)


def is_printed_to(path: Path) -> bool:
    """Tell whether `path` means standard output."""
    number = descriptor_of(path)
    return number is not None and number == number_of(sys.stdout)


def _sync(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot sync a folder; the rename has happened
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
