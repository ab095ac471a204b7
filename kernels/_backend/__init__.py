"""How loops become machine code: vector types, Numba's options, prebuilt modules, plain Python twins.

``@loop(signature)`` marks what Python calls, ``@inner`` and ``@inlined`` what loops call; all are
written with the primitives of two modules, or with the same names of their twins.
"""

# ruff: noqa: F403  the primitives are listed where they are defined, in their twins once more

from typing import TYPE_CHECKING

from kernels._backend.compiled import BACKEND as BACKEND
from kernels._backend.compiled import inlined as inlined
from kernels._backend.compiled import inner as inner
from kernels._backend.compiled import loop as loop
from kernels._backend.compiled import table as table

if TYPE_CHECKING or BACKEND != "jit":
    from kernels._backend.integer_twins import *
    from kernels._backend.twins import *
else:
    from kernels._backend.integers import *
    from kernels._backend.memory import words as words
    from kernels._backend.simd import *
