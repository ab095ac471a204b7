"""Every way the job can fail that somebody foresaw, each with its exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any


class JobError(Exception):
    """A failure with one sentence for the user: what, where, what was expected."""

    exit_code = 1


class UsageError(JobError):
    """The command line cannot be understood or contradicts itself."""

    exit_code = 2


class ConfigError(JobError):
    """The config file is missing, unreadable or breaks a rule."""

    exit_code = 3
    version: str | None = None
    """The config's version, where the broken file still gives one."""


class InputError(JobError):
    """The data is missing, unreadable or breaks a rule; `ways` are configs that would settle it."""

    exit_code = 4
    file: str | None = None
    """Which input it is about, where it is about one."""

    def __init__(self, sentence: str, ways: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(sentence)
        self.ways = tuple(ways)


class OutputError(JobError):
    """A report or log could not be written."""

    exit_code = 5


class ClusterError(JobError):
    """The cluster cannot be reached, or does not do what the job asks of it."""

    exit_code = 6


class Interrupted(BaseException):
    """A signal arrived that ends the run. No `Exception`, so that no handler swallows it on the way up."""

    def __init__(self, signum: int) -> None:
        super().__init__(f"interrupted by {signal.Signals(signum).name}")
        self.exit_code = 128 + signum


def because(error: OSError) -> str:
    """Return the reason of an operating-system error as it reads inside a sentence."""
    reason = error.strerror or str(error)
    return reason[:1].lower() + reason[1:]


def unmet_need(error: Exception) -> JobError | None:
    """Return what the job needs of its machine and did not get, as an error; None for any other error."""
    text = " ".join(str(error).split())
    if isinstance(error, ImportError) and error.name == "KERNELS_BACKEND":
        return UsageError(text)
    if isinstance(error, ModuleNotFoundError):
        return JobError(
            f"the package {error.name} is not installed for {sys.executable}: "
            "run `make setup`, then call .venv/bin/python cli.py"
        )
    if isinstance(error, OSError) and error.errno in {errno.EMFILE, errno.ENFILE}:
        return JobError("too many open files, expected a limit (ulimit -n) of 64 or more")
    if isinstance(error, MemoryError) or "failed to map segment" in text or "Cannot allocate" in text:
        what = clipped(text, 120) or "unknown size"
        return JobError(f"out of memory ({what}), expected more, or fewer --threads")
    if isinstance(error, RuntimeError) and "start new thread" in text:
        return JobError("no thread can be started, expected room for more (ulimit -u), or --threads 1")
    return None


def clipped(text: str, length: int = 60) -> str:
    """Return `text` cut to what fits in a sentence."""
    return text if len(text) <= length else f"{text[: length - 3]}..."


def shown(name: str) -> str:
    r"""Return the name of a file as text of UTF-8: other bytes as `\xff`, a backslash as two."""
    return os.fsencode(name.replace("\\", "\\\\")).decode(errors="backslashreplace")


def did_you_mean(name: str, known: list[str]) -> str:
    """Return a hint such as ` (did you mean 'close'?)`, or an empty string where nothing is near."""
    meant = nearest(name, known)
    return f" (did you mean {meant!r}?)" if meant else ""


def nearest(name: str, known: list[str]) -> str | None:
    """Return which of the known names is probably meant, if one is near."""
    from difflib import get_close_matches

    folded = {candidate.casefold(): candidate for candidate in reversed(known)}
    near = get_close_matches(name.casefold(), folded, n=1)
    return folded[near[0]] if near else None
