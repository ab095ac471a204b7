"""Which group each row is of: a column of any format as codes for its texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_task.errors import InputError

Codes = npt.NDArray[np.int32]


def encode(column: Any, name: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return a column as a pyarrow dictionary of texts without blanks around them, a missing one as ''.

    No text stands in it twice.

    Raises
    ------
    InputError
        Where its type has no texts.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
    kind = column.type
    check_type(name, kind)
    try:
        values = column if pa.types.is_dictionary(kind) else pc.dictionary_encode(column)
        texts = pc.cast(values.dictionary, pa.string())
    except pa.ArrowException:
        raise no_groups(name, kind) from None
    if pa.types.is_floating(values.dictionary.type):
        texts = pc.if_else(pc.is_nan(values.dictionary), None, texts)
    codes = pc.cast(values.indices, pa.int32())
    if codes.null_count:
        codes = pc.fill_null(codes, len(texts))
        texts = pa.concat_arrays([texts, pa.array([""])])
    if texts.null_count:
        texts = pc.fill_null(texts, "")  # which imports pandas where there is one
    unique = pc.dictionary_encode(pc.utf8_trim_whitespace(texts))
    return coded(_numbers(unique.indices)[_numbers(codes)], unique.dictionary)


def check_type(name: str, kind: Any) -> None:  # noqa: ANN401 - pyarrow has no types
    """Raise InputError where the values of a column are several each."""
    import pyarrow as pa

    if pa.types.is_nested(kind):
        raise no_groups(name, kind)


def no_groups(name: str, kind: Any) -> InputError:  # noqa: ANN401 - pyarrow has no types
    """Return the error of a column whose values have no texts."""
    return InputError(f"column {name!r} is of type {kind}, expected what rows can be grouped by")


def coded(codes: Codes, texts: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return texts by their codes as a pyarrow dictionary; its own way imports pandas where there is one."""
    import pyarrow as pa

    indices = pa.Array.from_buffers(pa.int32(), len(codes), [None, pa.py_buffer(codes)])
    return pa.DictionaryArray.from_arrays(indices, texts)


def codes_of(groups: Any) -> Codes:  # noqa: ANN401 - pyarrow has no types
    """Return the codes of the rows."""
    return _numbers(groups.indices)


def first_blank(groups: Any) -> int | None:  # noqa: ANN401 - pyarrow has no types
    """Return the first row that is of no group, if there is one."""
    import pyarrow.compute as pc

    blank = np.flatnonzero(_numbers(pc.binary_length(groups.dictionary)) == 0)
    rows = np.flatnonzero(np.isin(codes_of(groups), blank)) if len(blank) else blank
    return int(rows[0]) if len(rows) else None


def united(parts: list[Any]) -> tuple[Any, list[Codes]]:
    """Return the names of all parts together, in the order in which they come, and the code there of each."""
    import pyarrow as pa

    parted = [coded(np.arange(len(names), dtype=np.int32), names) for names in parts]
    together = pa.chunked_array(parted).unify_dictionaries()
    return together.chunk(0).dictionary, [codes_of(part).copy() for part in together.chunks]


def taken(column: Any, rows: npt.NDArray[np.integer[Any]]) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return some rows of a pyarrow array; `take` of a NumPy array imports pandas where there is one."""
    import pyarrow as pa

    places = np.ascontiguousarray(rows, np.int64)
    return column.take(pa.Array.from_buffers(pa.int64(), len(places), [None, pa.py_buffer(places)]))


def _numbers(array: Any) -> Codes:  # noqa: ANN401 - pyarrow has no types
    start = array.offset
    return np.frombuffer(array.buffers()[1], np.int32)[start : start + len(array)]
