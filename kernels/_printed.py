"""float32 values as the decimals that they print as."""

import numpy as np

from kernels._arguments import Array

MOST_PLACES = 8
EXACT_INTEGERS = 2**24


@np.errstate(all="ignore")
def as_printed(values: Array) -> Array:
    """The float64 nearest to the shortest decimal of each float32."""
    shape = values.shape
    values = np.ascontiguousarray(values, dtype=np.float32).reshape(-1)
    out = values.astype(np.float64)
    magnitudes = np.abs(out)
    whole = (values == np.rint(values)) & (magnitudes < EXACT_INTEGERS)
    to_do = np.flatnonzero(np.isfinite(values) & ~whole)
    for places in range(1, MOST_PLACES):
        unit = 10.0**places
        shortest = np.rint(out[to_do] * unit) / unit
        same = (shortest.astype(np.float32) == values[to_do]) & (magnitudes[to_do] * unit < EXACT_INTEGERS)
        out[to_do[same]] = shortest[same]
        to_do = to_do[~same]
    for i in to_do.tolist():
        out[i] = float(str(values[i]))
    return out.reshape(shape)
