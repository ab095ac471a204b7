"""Which files the given ones, globs and folders stand for."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from mlops_task.errors import InputError, because, clipped

log = logging.getLogger(__name__)

STDIN = "-"
SUFFIXES = (".csv", ".gz", ".zst", ".bz2", ".parquet", ".pq", ".arrow", ".feather", ".ipc")


def expand(inputs: list[str]) -> list[str]:
    """Return the files that the given files, globs and folders stand for, each once, in order.

    One file by several names, symbolic or hard links is one.

    Raises
    ------
    InputError
        Where a glob or a folder has no file, or one that cannot be looked at.
    """
    found: dict[object, str] = {}
    for given in inputs:
        for name in _expanded(given):
            first = found.setdefault(_identity(name), name)
            if first != name:
                log.info("%s is the same file as %s, and read once", name, first, extra={"file": name})
    return list(found.values())


def _expanded(given: str) -> list[str]:
    if given == STDIN:
        return [given]
    status = _status(given)
    if status is None and any(c in given for c in "*?["):
        files = sorted(globbed(given))
        if not files:
            raise InputError(f"{given}: no file matches")
        return files
    if status is None or not stat.S_ISDIR(status.st_mode):
        return [given]  # opening it says what is wrong
    files = sorted(path for path in _files(f"{given.rstrip('/')}/") if _is_taken(path))
    if not files:
        raise InputError(f"{given}: is a directory without any {', '.join(SUFFIXES)} file")
    return files


def searched(pattern: str) -> tuple[list[str], str]:
    """Return the folders, as they stand before a name, in which a glob looks for files, and for which names.

    As `glob` does, but links to folders are not entered by ``**``, and no folder is left out because it
    cannot be read.
    """
    *above, last = pattern.split("/")
    if last == "**":
        above, last = [*above, last], "*"
    folders = ["/" if pattern.startswith("/") else ""]  # as they stand before a name
    for part in filter(None, above):
        found = (_folders(folder) if part == "**" else _matching(folder, part) for folder in folders)
        folders = list(
            dict.fromkeys(path if part == "**" else f"{path}/" for paths in found for path in paths)
        )
    return folders, last


def globbed(pattern: str) -> Iterator[str]:
    """Yield the files that a glob matches."""
    folders, last = searched(pattern)
    for folder in folders:
        yield from filter(_is_regular, _matching(folder, last))


def is_match(name: str, pattern: str) -> bool:
    """Tell whether a glob's last part takes a file of this name; hidden ones must be asked for."""
    from fnmatch import fnmatchcase

    return fnmatchcase(name, pattern) and (not name.startswith(".") or pattern.startswith("."))


def is_data(name: str) -> bool:
    """Tell whether a folder gives a file of this name to read."""
    return name.lower().endswith(SUFFIXES) and not name.startswith((".", "_"))


def _matching(folder: str, part: str) -> Iterator[str]:
    """Yield the paths in `folder` that a part of a pattern stands for."""
    if not any(c in part for c in "*?["):
        if _status(folder + part) is not None:
            yield folder + part
        return
    for entry in _entries(folder):
        if is_match(entry.name, part):
            yield folder + entry.name


def _folders(folder: str) -> Iterator[str]:
    """Yield a folder and all below it, as they stand before a name; links are not entered."""
    yield folder
    for entry in _entries(folder):
        if not _is_folder(entry):
            continue
        if entry.name.startswith("."):
            _pass_over(folder + entry.name, "a hidden folder")
        elif entry.is_symlink():
            _pass_over(folder + entry.name, "a link to a folder")
        else:
            yield from _folders(f"{folder}{entry.name}/")


def _files(folder: str) -> Iterator[str]:
    """Yield the files below a folder."""
    for inner in _folders(folder):
        yield from (inner + entry.name for entry in _entries(inner) if not _is_folder(entry))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # what it links to cannot be looked at: if it is to be read, that is said


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder or None) as entries:
            return list(entries)
    except NotADirectoryError:
        return []
    except OSError as error:
        raise InputError(f"{folder}: cannot read folder: {because(error)}") from None


def _is_taken(path: str) -> bool:
    name = Path(path).name
    if is_data(name):
        return _is_regular(path)
    if name.startswith("."):
        reason = "a hidden file"
    elif name.startswith("_"):
        reason = "its name starts with _"
    else:
        reason = f"its name does not end in {', '.join(SUFFIXES)}"
    _pass_over(path, reason)
    return False


def _is_regular(path: str) -> bool:
    status = _status(path)
    # A link to nothing is not passed over: what was to be read is not there.
    if status is None or stat.S_ISREG(status.st_mode):
        return True
    _pass_over(path, "not a regular file")
    return False


def _pass_over(path: str, reason: str) -> None:
    log.info("%s is passed over: %s", path, reason, extra={"file": path})


def _identity(name: str) -> object:
    try:
        status = os.fstat(0) if name == STDIN else Path(name).stat()
    except OSError:
        return name
    return (status.st_dev, status.st_ino)


def _status(path: str) -> os.stat_result | None:
    """Return what the system knows of a path, None if nothing is there."""
    try:
        return Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = because(error) if isinstance(error, OSError) else str(error)
        raise InputError(f"{clipped(path, 200)}: cannot be read: {reason}") from None
