"""How loops become machine code: vector types, Numba's options, prebuilt modules, plain Python twins.

``@loop(signature, entry=True)`` marks what Python calls, ``@inner`` what loops call; both are written with
the primitives below.
"""

from typing import TYPE_CHECKING

from kernels._backend.compiled import BACKEND, inner, loop

if TYPE_CHECKING or BACKEND != "jit":
    from kernels._backend.twins import (
        LANES,
        absolute,
        bits,
        fma,
        from_bits,
        lane,
        load,
        prefetch,
        root,
        spread,
        store,
        up1,
        up2,
        up4,
        where,
    )
else:
    from kernels._backend.simd import (
        LANES,
        absolute,
        bits,
        fma,
        from_bits,
        lane,
        load,
        prefetch,
        root,
        spread,
        store,
        up1,
        up2,
        up4,
        where,
    )

__all__ = [
    "LANES",
    "absolute",
    "bits",
    "fma",
    "from_bits",
    "inner",
    "lane",
    "load",
    "loop",
    "prefetch",
    "root",
    "spread",
    "store",
    "up1",
    "up2",
    "up4",
    "where",
]
