"""Blocks of lines in memory as the scanner takes them: padded, and ended by a line feed."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

from kernels._text import PAD, address_of

LINE_FEED = b"\n"


@dataclass(frozen=True)
class Block:
    """Whole lines in the buffer of this thread, there until it takes the next block."""

    buffer: bytearray
    size: int
    """How many bytes the lines have, with the line feed that the last gets if it has none."""

    @property
    def address(self) -> int:
        """Where the lines are in memory."""
        return address_of(self.buffer) + PAD

    def text(self, start: int = 0, stop: int | None = None) -> memoryview:
        """Return the lines, or some of their bytes."""
        return memoryview(self.buffer)[PAD : PAD + self.size][start:stop]


class _Buffer(threading.local):
    """One per thread: fresh memory for each block would cost a third of what its scan takes."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def place(self, size: int) -> memoryview:
        """Return where a text of `size` bytes goes."""
        if len(self._bytes) < size + 2 * PAD + len(LINE_FEED):
            self._bytes = bytearray(size + size // 8 + 2 * PAD + len(LINE_FEED))
        return memoryview(self._bytes)[PAD : PAD + size]

    def block(self, size: int) -> Block:
        """Return the text of `size` bytes that has been put there as a block."""
        end = PAD + size
        if size and self._bytes[end - 1 : end] != LINE_FEED:
            self._bytes[end : end + 1] = LINE_FEED
            size += 1
        return Block(self._bytes, size)


_buffer = _Buffer()


def in_memory(data: bytes) -> Block:
    """Return a text as a block."""
    _buffer.place(len(data))[:] = data
    return _buffer.block(len(data))


def in_file(descriptor: int, start: int, stop: int) -> Block:
    """Return the bytes of a file from `start` up to `stop` as a block; EOFError if it ends before."""
    place = _buffer.place(stop - start)
    done = 0
    while done < len(place):
        got = os.preadv(descriptor, [place[done:]], start + done)
        if not got:
            raise EOFError
        done += got
    return _buffer.block(len(place))
