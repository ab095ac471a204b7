"""Signals that end a run: raised where it can report them, kept away while it does."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # its sets are of plain numbers
import contextlib
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

from mlops_task.errors import Interrupted

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


AGAIN_SECONDS = 0.01
_FRAGILE = ("importlib._bootstrap", "/llvmlite/", "/distributed/gc.py")


def _is_fragile(frame: FrameType | None) -> bool:
    """Tell whether an exception would do harm: NumPy's import crashes by it, callbacks lose it."""
    while frame is not None:
        if any(name in frame.f_code.co_filename for name in _FRAGILE):
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def _sent_again(numbers: Collection[int], until: list[Interrupted]) -> Iterator[None]:
    """Send the main thread each of these signals that came again and again, until one was raised.

    Python runs a handler between two of its instructions: one that comes in the last moment before a call
    that waits, for a pipe say, would have to wait too; and one that comes at a fragile moment is put off.
    """
    came, told = os.pipe()
    os.set_blocking(told, False)
    ended = threading.Event()
    main = threading.get_ident()

    def again() -> None:
        for number in iter(lambda: os.read(came, 1), b""):
            while number[0] in numbers and not ended.wait(AGAIN_SECONDS) and not until:
                signal.pthread_kill(main, number[0])

    thread = threading.Thread(target=again, daemon=True)
    thread.start()
    before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(before)
        os.close(told)
        thread.join()
        os.close(came)


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

    Whoever is interrupted may make something else of it, or nothing: what is yielded raises Interrupted again
    if it came, and so does the end.
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
        if _is_fragile(frame):
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
        with _sent_again(caught, came):
            # A signal that came early, while `cli.py` was still importing, was kept back until here.
            _signal.pthread_sigmask(signal.SIG_UNBLOCK, _signal.valid_signals())
            yield check
    except Exception:
        check()
        raise
    finally:
        ignore()
    check()
