"""The scanner with the places that it needs for what it finds."""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels._text.dressed import LONGEST, marks
from kernels._text.names import FULL as FULL_TABLE
from kernels._text.names import code_texts
from kernels._text.scan import (
    DONE,
    DOUBTS,
    FULL,
    HIGH,
    READ,
    REPORT,
    STATE,
    STOPPED,
    UNFINISHED,
    UNSURE,
    USED,
    pack,
    scan,
)

__all__ = ["DONE", "PAD", "STOPPED", "UNFINISHED", "Scanner", "address_of"]

Texts = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]
PAD = 64
"""Readable bytes that a text needs before and behind it."""
MOST_UNSURE = 64
ROOM = 1 << 16
FEWEST_SLOTS = 1 << 12


def address_of(buffer: Any) -> int:
    """Return where the bytes of a buffer are in memory, for as long as it lives."""
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


class Scanner:
    """Reads columns of numbers, and of texts, out of pieces of CSV text, one after the other.

    Parameters
    ----------
    columns
        How many a row has.
    numbers, texts
        Which of them are wanted, from 0, each once; at least one number.
    delimiter
        The byte between fields.
    size
        About how many bytes there will be; more are fine.

    Attributes
    ----------
    rows
        How many there are so far.
    is_ascii, is_finite, is_certain
        Whether all bytes of the rows are ASCII, all numbers finite, and none has groups and no decimal sign:
        the rest is for the caller to judge.
    """

    def __init__(
        self,
        columns: int,
        numbers: Sequence[int],
        texts: Sequence[int] = (),
        *,
        delimiter: int = 44,
        size: int = 0,
    ) -> None:
        slots = {field: slot for slot, field in enumerate(numbers)}
        slots |= {field: ~slot for slot, field in enumerate(texts)}
        self._fields = np.array(sorted(slots), np.int64)
        self._slots = np.array([slots[field] for field in sorted(slots)], np.int64)
        self._layout = delimiter, columns
        self._unsure = np.empty((MOST_UNSURE + len(slots), 4), np.int64)
        self._report = np.zeros(REPORT, np.int64)
        self._rooms: list[npt.NDArray[np.uint8]] = []
        self._room = self._room_end = 0
        most = size // (4 * columns) + 1024
        self._values = np.empty((len(numbers), most))
        self._places = np.empty((len(texts), most, 2), np.int64)
        self.rows = 0
        self.is_ascii = self.is_finite = self.is_certain = True
        self._marks = np.empty((0, 2), np.int64)

    def dress(
        self,
        *,
        decimal: str = ".",
        separators: Sequence[str] = (),
        signs: Sequence[str] = (),
        missing: Sequence[str] = (),
        plain: bool = True,
    ) -> None:
        """Read numbers that are not plain, too.

        Parameters
        ----------
        decimal
            The sign before the fraction.
        separators
            What may stand between groups of three digits.
        signs
            What may stand before or behind a number.
        missing
            Words in lower case that stand for a missing value.
        plain
            Whether none of these words is a number.
        """
        self._dressing = np.zeros(LONGEST + 2 * PAD, np.uint8)
        room = address_of(self._dressing) + PAD
        self._marks = marks(room, decimal, separators, signs, missing, plain=plain)

    def read(self, begin: int, end: int) -> tuple[int, int]:
        """Read a text from address to address, which starts with a row and ends in a line feed.

        Returns where the row starts that comes next, and why it was not read: there is none (DONE), it ends
        inside quotes (UNFINISHED), or is not one to this scanner (STOPPED).
        """
        state = FULL
        while state == FULL:
            before = self.rows
            self.rows = scan(
                begin,
                end,
                *self._layout,
                self._fields,
                self._slots,
                self._values,
                self._places,
                self._unsure,
                self._room,
                self._room_end,
                self._marks,
                self.rows,
                self._report,
            )
            begin, state, unsure = (int(self._report[i]) for i in (READ, STATE, UNSURE))
            self._room = int(self._report[USED])
            self.is_ascii &= not self._report[HIGH]
            self.is_certain &= not self._report[DOUBTS]
            for slot, row, start, stop in self._unsure[:unsure].tolist():
                value = float(ctypes.string_at(start, stop - start))
                self._values[slot, row] = value
                self.is_finite &= abs(value) != float("inf")
            if state == FULL:
                if self.rows == self._values.shape[1]:
                    self._grow()
                elif self.rows == before and not unsure:
                    self._add_room(2 * (self._room_end - self._room))
        return begin, state

    def append(self, numbers: Sequence[float], texts: Sequence[bytes] = ()) -> None:
        """Add a row that was read by other means."""
        if self.rows == self._values.shape[1]:
            self._grow()
        self._values[:, self.rows] = numbers
        for slot, text in enumerate(texts):
            if self._room_end - self._room < len(text) + 1:
                self._add_room(len(text) + 1)
            ctypes.memmove(self._room + 1, text, len(text))
            self._places[slot, self.rows] = self._room + 1, self._room + 1 + len(text)
            self._room += len(text) + 1
        self.rows += 1

    def values(self) -> npt.NDArray[np.float64]:
        """Return the numbers, a line for each column that was asked for; NaN is missing."""
        return self._values[:, : self.rows]

    def texts(self, slot: int) -> Texts:
        """Return the texts of a column one behind the other, and where each ends, behind a 0.

        The pieces of text that they come from must still be where they were.
        """
        return self._packed(self._places[slot, : self.rows])

    def coded(self, slot: int) -> tuple[npt.NDArray[np.int32], Texts]:
        """Return a code for the text of each row, and the texts by code, as `texts` does.

        These are in the order in which they come; one that stands in quotes and without comes twice.
        """
        places = self._places[slot, : self.rows]
        codes, firsts = np.empty(self.rows, np.int32), np.empty((self.rows, 3), np.int64)
        count, size = FULL_TABLE, FEWEST_SLOTS
        while count == FULL_TABLE:  # a small one is quicker, if it does
            count = code_texts(places, np.zeros(size, np.int32), codes, firsts)
            size *= 8
        return codes, self._packed(places[firsts[:count, 0]])

    def _packed(self, places: npt.NDArray[np.int64]) -> Texts:
        out = np.empty(int((places[:, 1] - places[:, 0]).sum()), np.uint8)
        ends = np.empty(len(places) + 1, np.int32)
        return out[: pack(places, ends, out)], ends

    def _grow(self) -> None:
        more = self._values.shape[1]
        self._values = np.concatenate([self._values, np.empty_like(self._values)], axis=1)
        self._places = np.concatenate(
            [self._places, np.empty((len(self._places), more, 2), np.int64)], axis=1
        )

    def _add_room(self, size: int) -> None:
        """Make room for texts that do not stand in the text as they are."""
        self._rooms.append(np.zeros(max(size, ROOM) + 2 * PAD, np.uint8))
        self._room = address_of(self._rooms[-1]) + PAD
        self._room_end = self._room + len(self._rooms[-1]) - 2 * PAD
