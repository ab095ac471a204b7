"""The primitives of the scanner in plain Python; NumPy's int64 wrap around as the machine's do."""

import ctypes
from typing import Any

import numpy as np

from kernels._arguments import Array

WORD = 2**64
LANES = 64


def _word(x: int) -> Any:
    """The int64 with the lower 64 bits of ``x``."""
    return np.int64((x + WORD // 2) % WORD - WORD // 2)


def _unsigned(x: int) -> int:
    return int(x) % WORD


def _bytes(address: int, count: int = LANES) -> Array:
    return np.frombuffer(ctypes.string_at(int(address), count), np.uint8)


def _mask(found: Array) -> Any:
    return _word(int.from_bytes(np.packbits(found, bitorder="little").tobytes(), "little"))


def equal(address: int, byte: int) -> int:
    """Which of 64 bytes are that one."""
    return _mask(_bytes(address) == byte)


def equal_32(address: int, byte: int) -> int:
    """Which of 32 bytes are that one."""
    return _mask(_bytes(address, 32) == byte)


def equal_16(address: int, byte: int) -> int:
    """Which of 16 bytes are that one."""
    return _mask(_bytes(address, 16) == byte)


def below(address: int, byte: int) -> int:
    """Which of 64 bytes are less."""
    return _mask(_bytes(address) < byte)


def odd(address: int) -> int:
    """Which of 64 bytes are controls, quotes or not ASCII."""
    text = _bytes(address)
    return _mask((text < ord(" ")) | (text == ord('"')) | (text >= 128))


def ones(x: int) -> int:
    """How many bits are set."""
    return _unsigned(x).bit_count()


def trailing(x: int) -> int:
    """How many bits below the lowest set one, 64 of none."""
    return (_unsigned(x) & -_unsigned(x)).bit_length() - 1 if x else LANES


def leading(x: int) -> int:
    """How many bits above the highest set one, 64 of none."""
    return LANES - _unsigned(x).bit_length()


def right(x: int, places: int) -> int:
    """``x`` moved to the right by less than 64 places, zeros moving in."""
    return _word(_unsigned(x) >> int(places))


def less(x: int, y: int) -> int:
    """1 where ``x < y``, unsigned, else 0."""
    return int(_unsigned(x) < _unsigned(y))


def high_half(x: int, y: int) -> int:
    """The upper 64 bits of the unsigned product."""
    return _word(_unsigned(x) * _unsigned(y) >> LANES)


def byte_at(address: int) -> int:
    """The byte there."""
    return ctypes.string_at(int(address), 1)[0]


def word_at(address: int) -> int:
    """The eight bytes from there on, the first the lowest."""
    return _word(int.from_bytes(ctypes.string_at(int(address), 8), "little"))


def put_byte(address: int, byte: int) -> int:
    """Put a byte there."""
    ctypes.memset(int(address), int(byte), 1)
    return 0
