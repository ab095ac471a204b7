"""Arrays and tables of Arrow, whose nulls are missing values, and whose missing results are nulls."""

from typing import Any

import pyarrow as pa

from kernels._arguments import Array, exact, refuse_kind
from kernels._foreign import Call

FRAMES = (pa.Table, pa.RecordBatch)
TAKEN = (pa.Array, pa.ChunkedArray, *FRAMES)


def rolled(x: Any, call: Call) -> Any:  # noqa: ANN401  one of those
    """The results as what came in: an array, a chunked array (in one chunk), a table or a batch."""
    call.check(x)
    if not isinstance(x, FRAMES):
        return like(x, call.lines(numbers(x, "x")))
    fields, results = [], []
    for field, column in zip(x.schema, x.columns, strict=True):
        result = like(column, call.lines(numbers(column, f"x[{field.name!r}]")))
        results.append(result)
        fields.append(pa.field(field.name, result.type, metadata=field.metadata))
    # What pandas noted of a table are the types of the values, not of the results.
    kept = {key: text for key, text in (x.schema.metadata or {}).items() if key != b"pandas"}
    return type(x).from_arrays(results, schema=pa.schema(fields, kept or None))


def numbers(x: Any, name: str) -> Array:  # noqa: ANN401  a series of Arrow
    """The values, without a copy where there are no nulls."""
    kind = x.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        refuse_kind(str(kind), name)
    values = x
    if pa.types.is_boolean(kind):
        values = values.cast(pa.int8())  # they are bits
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
    if isinstance(values, pa.ChunkedArray):  # of no chunks
        values = pa.array([], values.type)
    return exact(values.to_numpy(zero_copy_only=False), x, name)


def like(x: Any, results: Array) -> Any:  # noqa: ANN401  likewise
    """The results of a series, missing ones as nulls: many a query takes NaN for the largest number."""
    array = pa.array(results, from_pandas=True)
    return pa.chunked_array([array]) if isinstance(x, pa.ChunkedArray) else array
