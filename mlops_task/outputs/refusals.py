"""Which outputs a run must not touch: decided as a whole, before the first byte is written.

Files are told apart by device and inode, not by their spelling; those that are not there yet by the folder
that they would stand in.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from mlops_task.errors import InputError, JobError, OutputError, UsageError
from mlops_task.job import Job
from mlops_task.outputs.files import descriptor_of, is_temporary, number_of, obstacle

STDIN, STDOUT, STDERR = "standard input", "standard output", "standard error"
LOG = "--log-file"
TABLES = ("--signals", "--breakdown")

Input = tuple[str, str]
"""A flag, and a word behind it by which the run may read: a file, folder or glob."""

_MAGIC = {
    b"PAR1": "Parquet",
    b"ARROW1": "Arrow",
    b"\xff\xff\xff\xff": "Arrow",
    b"FEA1": "Feather",
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x04\x22\x4d\x18": "lz4",
    b"PK\x03\x04": "zip",
}
_REPORTS = {"nothing", "text", "JSON"}
_WRITTEN_TABLES = {"nothing", "CSV", "Parquet", "Arrow", "a JSON table"}
_LOG_LINE = re.compile(
    rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d([,.]\d+)?Z? *(- |\[|[A-Z]+ )"
    rb'|\{"time":"[^"]*","level":"[A-Z]+",'
)


class Output:
    """A place that the run writes to: a path, or the open descriptor that it means."""

    def __init__(self, flag: str, path: Path | None, number: int | None) -> None:
        self.flag, self.path, self.number = flag, path, number

    @property
    def key(self) -> object:
        """What tells the file from others."""
        return _key(self.path if self.number is None else self.number)  # type: ignore[arg-type] # one is given

    @property
    def appends(self) -> bool:
        """Whether what others write to the same file meanwhile survives."""
        if self.number is None:
            return self.flag == LOG
        return bool(fcntl.fcntl(self.number, fcntl.F_GETFL) & os.O_APPEND)


def refusals(job: Job | None, words: Sequence[str] = ()) -> dict[str, JobError]:
    """Return the outputs that must not be written, by their flags, each with the reason.

    Parameters
    ----------
    job
        The job whose files are meant; None where the command line does not tell one.
    words
        Other words of the command line: what was meant as an input, perhaps, behind a mistyped flag.
    """
    outputs = _outputs(job)
    inputs = [("an argument", part) for word in words for part in (word, word.partition("=")[2])]
    if job is not None:
        inputs += [("--config", str(job.config)), *(("--input", word) for word in job.inputs)]
    read = _files_read(inputs)
    unfinished = _unfinished(read)
    found: dict[str, JobError] = {}
    for output in outputs:
        error = _is_read(output, read) or (unfinished if output.path is not None else None)
        if error is None and output.path is not None:
            error = _cannot_be_written(output, output.path)
        if error is None and output.path is not None and output.number is None:
            error = _is_written_twice(output, outputs) or _would_be_read(output, inputs)
            if error is None and job is not None and not job.force:
                error = _loses_data(output, output.path)
        if error is not None:
            found[output.flag] = error
    return found


def _outputs(job: Job | None) -> list[Output]:
    paths: dict[str, Path | None] = {}
    if job is not None:
        paths = {
            "--output": job.output,
            LOG: job.log_file,
            **dict(zip(TABLES, (job.signals, job.breakdown), strict=True)),
        }
    streams = {STDOUT: number_of(sys.stdout), STDERR: number_of(sys.stderr)}
    return [
        *(Output(flag, path, descriptor_of(path)) for flag, path in paths.items() if path is not None),
        *(Output(name, None, number) for name, number in streams.items() if number is not None),
    ]


def _key(place: Path | str | int) -> object:
    """Return what two names of one file have in common; None for devices, where no data can be lost."""
    try:
        found = os.stat(place)
    except FileNotFoundError:
        folder, name = os.path.split(os.path.realpath(str(place)))
        try:
            found = os.stat(folder)
        except OSError:
            return (folder, name)
        return (found.st_dev, found.st_ino, name)
    except OSError:
        return None
    return (
        None if stat.S_ISCHR(found.st_mode) or stat.S_ISSOCK(found.st_mode) else (found.st_dev, found.st_ino)
    )


def _files_read(inputs: list[Input]) -> dict[object, Input]:
    """Return every file that the command line may read, by its key."""
    read: dict[object, Input] = {_key(0): (STDIN, STDIN)}
    for flag, word in inputs:
        for name in _files(word):
            read[_key(name)] = (flag, name)
    read.pop(None, None)
    return read


def _files(word: str) -> Iterator[str]:
    """Yield all files that `word` may stand for: more, where in doubt, than the run will find there."""
    yield word
    if os.path.isdir(word):
        from mlops_task.inputs.paths import is_data

        for folder, _, names in os.walk(word):
            yield from (os.path.join(folder, name) for name in names if is_data(name))
    elif any(c in word for c in "*?["):
        from mlops_task.inputs.paths import globbed

        with contextlib.suppress(InputError):  # whoever reads it says so
            yield from globbed(word)


def _would_give(word: str, path: Path) -> bool:
    """Tell whether `word`, a folder or a glob, gives the file `path` to read if it is there."""
    if os.path.isdir(word):
        from mlops_task.inputs.paths import is_data

        return is_data(path.name) and path.is_relative_to(os.path.realpath(word))
    if not any(c in word for c in "*?["):
        return False
    from mlops_task.inputs.paths import is_match, searched

    try:
        folders, last = searched(word)
    except InputError:  # whoever reads it says so
        return False
    parent = str(path.parent)
    return is_match(path.name, last) and any(os.path.realpath(folder or ".") == parent for folder in folders)


def _is_read(output: Output, read: dict[object, Input]) -> JobError | None:
    """Refuse what the command line may read: an input, the config, the file behind standard input."""
    if output.key not in read:
        return None
    flag, name = read[output.key]
    return UsageError(f"{output.flag} and {flag} are the same file, {output.path or name}")


def _unfinished(read: dict[object, Input]) -> JobError | None:
    """Refuse to read, and to write anything beside, what would be removed as left over by a killed run."""
    for flag, name in read.values():
        if is_temporary(os.path.basename(name)) and os.path.isfile(name):
            return UsageError(
                f"{flag} {name} is named as the job's own unfinished files are, which it removes: rename it"
            )
    return None


def _is_written_twice(output: Output, outputs: list[Output]) -> JobError | None:
    """Refuse what is another output too, unless both append to it."""
    for other in outputs:
        same = other.flag != output.flag and other.key == output.key is not None
        if same and not (other.appends and output.appends):
            return UsageError(f"{output.flag} and {other.flag} are the same file, {output.path}")
    return None


def _would_be_read(output: Output, inputs: list[Input]) -> JobError | None:
    """Refuse what the same command line would read the next time."""
    path = Path(os.path.realpath(output.path or ""))
    for flag, word in inputs:
        if _would_give(word, path):
            return UsageError(f"{output.flag} {output.path} would be read by {flag} {word} the next time")
    return None


def _cannot_be_written(output: Output, path: Path) -> JobError | None:
    is_log = output.flag == LOG
    reason = obstacle(path, replaces=not is_log)
    return reason and OutputError(f"{path}: {'the log ' if is_log else ''}cannot be written: {reason}")  # type: ignore[return-value] # an empty reason is none


def _loses_data(output: Output, path: Path) -> JobError | None:
    """Refuse to let a report or log take the place of data, and a table that of anything but a table."""
    if not path.is_file():
        return None
    kind = _kind(path)
    if output.flag in TABLES:
        if kind in _WRITTEN_TABLES:
            return None
        return OutputError(f"{path}: holds no table that {output.flag} may replace; --force allows it")
    if kind in _REPORTS:
        return None
    return OutputError(f"{path}: holds data ({kind}), which {output.flag} would destroy; --force allows it")


def _kind(path: Path) -> str:
    """Return what an existing file seems to hold."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return "text"  # may be written and not be read: a log, say
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    return "binary" if b"\0" in head else _kind_of_text(head)


def _kind_of_text(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return "nothing"
    lines = [line for line in text.splitlines() if line.strip()]
    if text.startswith(b"[") and text[1:].lstrip().startswith(b"{"):
        return "a JSON table"
    if text.startswith((b"{", b"[")) and not _LOG_LINE.match(text):
        return "JSON lines" if lines[1:] and lines[1].startswith((b"{", b"[")) else "JSON"
    # Some exports have lines of their own above the header.
    counts = [_separators(line) for line in lines]
    alike = any(one and one == next_one for one, next_one in itertools.pairwise(counts))
    return "CSV" if alike or any(counts[:2]) else "text"


def _separators(line: bytes) -> tuple[int, ...]:
    """Return how many of each separator a line has, none if it has none or is one of a log."""
    counts = tuple(line.count(separator) for separator in (b",", b";", b"\t", b"|"))
    return counts if any(counts) and not _LOG_LINE.match(line) else ()
