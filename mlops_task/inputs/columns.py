"""Where a column stands, in every format."""

from __future__ import annotations

from mlops_task.errors import InputError, clipped, did_you_mean

MOST_SHOWN = 50


def positions(names: list[str], column: str | int) -> list[int]:
    """Return where `column` may stand among `names`: a number counts from 1, a name is best written exactly.

    Otherwise case does not matter, nor do the angle brackets around names that some trading platforms write.
    """
    if isinstance(column, int):
        return [column - 1] if column <= len(names) else []
    exact = [at for at, name in enumerate(names) if name == column]
    return exact or [at for at, name in enumerate(names) if _plain(name) == _plain(column)]


def find_column(names: list[str], column: str | int, key: str = "column") -> int:
    """Return where `column` stands among `names`; InputError, with the key to set, unless it stands once."""
    found = positions(names, column)
    if len(found) == 1:
        return found[0]
    if found:
        from mlops_task.inputs.ways import told

        ways = [{key: at + 1} for at in found]
        raise InputError(f"has {len(found)} columns named {column!r}, expected one: set {told(*ways)}", ways)
    present = ", ".join(clipped(name) for name in names[:MOST_SHOWN])
    use = "" if key == "column" else f" for {key}"
    if isinstance(column, int):
        raise InputError(f"has no column {column}{use}: it has {len(names)}, which are {present}")
    raise InputError(f"has no column {column!r}{use}{did_you_mean(column, names)}; its columns are {present}")


def find_group(names: list[str], group_by: str | int | None, index: int) -> int | None:
    """Return where the column to group by stands, if one is asked for; `index` is that of the values."""
    if group_by is None:
        return None
    found = find_column(names, group_by, "group_by")
    if found == index:
        raise InputError(f"has its values in column {names[index]!r}, expected another for group_by")
    return found


def _plain(name: str) -> str:
    return name.strip().removeprefix("<").removesuffix(">").casefold()
