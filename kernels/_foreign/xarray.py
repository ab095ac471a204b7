"""DataArrays of xarray, along one of their dimensions; those in chunks stay lazy."""

from typing import Any

import xarray as xr

from kernels._arguments import LAST, Array, check_values
from kernels._foreign import Call
from kernels._wrapper import rolled as rolled_array
from kernels._wrapper import share as share_of_array

TAKEN = (xr.DataArray,)


def rolled(x: Any, call: Call) -> Any:  # noqa: ANN401  a DataArray
    """The results as a DataArray of the same dimensions, coordinates, name and attributes."""
    call.refuse_out(x)
    if call.axis is not LAST:
        raise TypeError(f"axis is called dim for a DataArray, got {call.axis!r}: give one of {x.dims}")
    if call.dim not in x.dims and (call.dim is not None or x.ndim != 1):
        raise ValueError(f"dim must be one of {x.dims}, got {call.dim!r}")
    axis = 0 if call.dim is None else x.dims.index(call.dim)
    results = rolled_array(call.kernel, x.data, call.window, call.min_count, axis, None, call.threads)
    # How values were packed in a file, whole numbers say, does not hold for results.
    return x.copy(deep=False, data=results).drop_encoding()


def share(x: Any, call: Call) -> Any:  # noqa: ANN401  likewise
    """The share of ones among the signals of one dimension, lazily if they are in chunks."""
    return share_of_array(call.kernel, x.data, call.window, call.min_count, call.threads)


def numbers(x: Any, name: str) -> Array:  # noqa: ANN401  likewise
    """The values, computed if they are lazy."""
    return check_values(x.data, name)


def like(x: Any, results: Array) -> Any:  # noqa: ANN401  likewise
    """The results of a DataArray of one dimension."""
    return x.copy(deep=False, data=results).drop_encoding()
