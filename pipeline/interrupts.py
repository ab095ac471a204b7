"""Signals that end a run: raised where it can report them, kept away while it does."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # its sets are of plain numbers
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pipeline.errors import Interrupted

if TYPE_CHECKING:
    from types import FrameType

ENDING = tuple(
    getattr(signal, name)
    for name in (
        "SIGINT",
        "SIGTERM",
        "SIGHUP",
        "SIGUSR1",
        "SIGUSR2",
        "SIGALRM",
        "SIGVTALRM",
        "SIGPROF",
        "SIGXCPU",
    )
    if hasattr(signal, name)
)
"""The signals that end a process unless it handles them, but for SIGQUIT, which is meant to leave a core."""


RETRY_SECONDS = 0.01


def _is_importing(frame: FrameType | None) -> bool:
    """Tell whether a module is being imported: some, NumPy's for one, crash where that is interrupted."""
    while frame is not None and "importlib._bootstrap" not in frame.f_code.co_filename:
        frame = frame.f_back
    return frame is not None


@contextlib.contextmanager
def signals_restored() -> Iterator[None]:
    """Put back, at the end, whatever handled the ending signals before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:  # set by something other than Python
                signal.signal(number, handler)


@contextlib.contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Raise Interrupted on an ending signal inside; ignore all of them afterwards, while reports are written.

    A signal that is ignored, as SIGHUP is under nohup, or that somebody else handles, is left alone.

    A signal that comes during an import comes again after it. Whoever is interrupted may make something
    else of it, or nothing: what is yielded raises Interrupted again if it came, and so does the end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    caught = [n for n in ENDING if signal.getsignal(n) in {signal.SIG_DFL, signal.default_int_handler}]
    came: list[Interrupted] = []

    def ignore() -> None:
        for number in caught:
            signal.signal(number, signal.SIG_IGN)

    def interrupt(signum: int, frame: FrameType | None) -> None:
        if _is_importing(frame):
            # To the main thread, which may be waiting for a file by then.
            main = threading.main_thread().ident
            again = threading.Timer(RETRY_SECONDS, signal.pthread_kill, (main, signum))
            again.daemon = True
            again.start()
            return
        ignore()
        came.append(Interrupted(signum))
        raise came[0]

    def check() -> None:
        if came:
            raise came[0]

    for number in caught:
        signal.signal(number, interrupt)
    try:
        # A signal that came early, while `cli.py` was still importing, was kept back until here.
        _signal.pthread_sigmask(signal.SIG_UNBLOCK, _signal.valid_signals())
        yield check
    except Exception:
        check()
        raise
    finally:
        ignore()
    check()
