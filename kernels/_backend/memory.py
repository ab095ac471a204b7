"""Memory that a loop is given the address of."""

from typing import Any

import numba
from numba import types
from numba.extending import intrinsic

from kernels._backend.jit import inner

carray: Any = numba.carray  # type: ignore[attr-defined] # Numba's types leave it out
Pointer: Any = types.CPointer


@intrinsic
def pointer(typing: Any, address: Any) -> Any:
    """An address as a pointer to words."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], context.get_value_type(sig.return_type))

    return Pointer(types.int64)(types.int64), generate


pointer_to: Any = pointer


@inner
def words(address: Any) -> Any:
    """The words at an address, of which the first is their number."""
    return carray(pointer_to(address), carray(pointer_to(address), 1)[0])
