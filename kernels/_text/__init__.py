"""CSV text to numbers: bytes in, columns out; no file, and no opinion about what a faulty row means."""

from kernels._text.scanner import DONE, PAD, STOPPED, UNFINISHED, Scanner, address_of

__all__ = ["DONE", "PAD", "STOPPED", "UNFINISHED", "Scanner", "address_of"]
