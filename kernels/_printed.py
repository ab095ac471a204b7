"""float32 values as the decimals that they print as."""

import numpy as np

from kernels._arguments import Array

EXACT_POWERS = 22


def as_printed(values: Array) -> Array:
    """The float64 nearest to the shortest decimal of each float32."""
    values = np.ascontiguousarray(values, dtype=np.float32)
    wide = values.astype(np.float64)
    out = wide.copy()
    to_do = np.flatnonzero(np.isfinite(values) & (values != np.rint(values)))
    for places in range(1, 8):
        unit = 10.0**places
        shortest = np.rint(wide[to_do] * unit) / unit
        same = (shortest.astype(np.float32) == values[to_do]) & (np.abs(shortest) * unit < 2**24)
        out[to_do[same]] = shortest[same]
        to_do = to_do[~same]
        if not len(to_do):
            break
    large = np.flatnonzero(np.isfinite(values) & (np.abs(wide) >= 2**24))
    for i in (*to_do.tolist(), *large.tolist()):
        out[i] = float(str(values[i]))
    return out
