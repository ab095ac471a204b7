"""Series, frames and labelled arrays of other libraries: what comes in goes out, with all that it carries.

Each library has a module here, which is imported when something of that library comes in.
"""

from collections.abc import Hashable
from typing import NamedTuple, SupportsIndex

from kernels._arguments import FLOAT, LAST, Array, kind_of
from kernels._conversions import writeable
from kernels._kernel import Kernel
from kernels._wrapper import rolled


class Call(NamedTuple):
    """A call of a rolling function, but for its values."""

    kernel: Kernel
    window: SupportsIndex
    min_count: SupportsIndex | None
    axis: SupportsIndex
    out: object
    threads: SupportsIndex
    dim: Hashable | None

    def lines(self, values: Array) -> Array:
        """The results along the last axis of plain values."""
        # Read-only memory, as most of theirs is, would take the longer way; `values` keeps it alive.
        plain = writeable(values) if values.dtype is FLOAT and values.flags.c_contiguous else values
        results: Array = rolled(self.kernel, plain, self.window, self.min_count, LAST, None, self.threads)
        return results

    def refuse_out(self, x: object) -> None:
        """Refuse a place for results that are no array."""
        if self.out is not None:
            raise TypeError(f"out must be None for a {kind_of(x)}, got {type(self.out).__name__}")

    def refuse_dim(self) -> None:
        """Refuse what only arrays with names of dimensions have."""
        if self.dim is not None:
            raise TypeError(f"dim is for DataArrays of xarray, got {self.dim!r}")

    def check(self, x: object) -> None:
        """Refuse what a series or frame does not take."""
        self.refuse_out(x)
        self.refuse_dim()
        if self.axis is not LAST:
            raise TypeError(
                f"axis is for arrays, got {self.axis!r}: a {kind_of(x)} is taken down its columns"
            )
