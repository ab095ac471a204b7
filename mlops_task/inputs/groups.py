"""Which group each row is of: a column of any format as codes for its texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_task.errors import InputError


def encode(column: Any, name: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return a column as a pyarrow dictionary of texts without blanks around them, a missing one as ''.

    Raises
    ------
    InputError
        Where its type has no texts.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
    try:
        texts = pc.cast(column, pa.string())
    except pa.ArrowException:
        raise InputError(f"column {name!r} is of type {kind}, expected what rows can be grouped by") from None
    if pa.types.is_floating(kind):
        texts = pc.if_else(pc.is_nan(column), None, texts)
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    coded = pc.dictionary_encode(texts)
    if not pc.utf8_trim_whitespace(coded.dictionary).equals(coded.dictionary):
        coded = pc.dictionary_encode(pc.utf8_trim_whitespace(texts))
    return coded


def first_blank(coded: Any) -> int | None:  # noqa: ANN401 - pyarrow has no types
    """Return the first row that is of no group, if there is one."""
    import pyarrow.compute as pc

    blank = pc.index(coded.dictionary, "").as_py()
    return None if blank < 0 else int(np.flatnonzero(codes_of(coded) == blank)[0])


def codes_of(coded: Any) -> npt.NDArray[np.int32]:  # noqa: ANN401 - pyarrow has no types
    """Return the codes of the rows; pyarrow's own way imports pandas where it is installed."""
    indices = coded.indices
    start = indices.offset
    return np.frombuffer(indices.buffers()[1], np.int32)[start : start + len(indices)]


def united(parts: list[Any]) -> tuple[Any, list[npt.NDArray[np.int32]]]:
    """Return the names of all parts together, in the order in which they come, and the code there of each."""
    import pyarrow as pa

    coded = [
        pa.DictionaryArray.from_arrays(pa.array(range(len(names)), pa.int32()), names) for names in parts
    ]
    together = pa.chunked_array(coded).unify_dictionaries()
    return together.chunk(0).dictionary, [codes_of(part) for part in together.chunks]
