"""The config file: what may stand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from mlops_task.inputs.csv_form import CsvForm
from mlops_task.settings import Section

if TYPE_CHECKING:
    from mlops_task.inputs.protocol import Wanted

_PRINTABLE = r"^[^\x00-\x1f\x7f-\xa0\xad\u2028-\u202f\u3000\ud800-\udfff\ufeff]*$"
"""Near enough to `str.isprintable` for editors."""
_TEXT = Meta(
    min_length=1,
    description="a non-empty string of printable characters",
    extra_json_schema={"pattern": _PRINTABLE},
)
_COLUMN = Meta(description="a non-empty string of printable characters, or a number from 1")


class Config(Section, frozen=True, kw_only=True):
    """The parameters of one run."""

    seed: Annotated[int, Meta(ge=0, lt=2**32, description="an integer from 0 to 4294967295")]
    window: Annotated[int, Meta(ge=1, le=2**31 - 1, description="an integer from 1 to 2147483647")]
    version: Annotated[str, _TEXT]
    column: Annotated[Annotated[str, _TEXT] | Annotated[int, Meta(ge=1)], _COLUMN] = "close"
    on_missing: Annotated[Literal["keep", "error"], Meta(description="'keep' or 'error'")] = "keep"
    order: Annotated[Literal["file", "time"] | UnsetType, Meta(description="'file' or 'time'")] = UNSET
    group_by: Annotated[Annotated[str, _TEXT] | Annotated[int, Meta(ge=1)] | UnsetType, _COLUMN] = UNSET
    series: Annotated[
        Literal["file", "joined"],
        Meta(description="'file', or 'joined', which puts rows in time order and does without order: file"),
    ] = "file"
    csv: CsvForm = CsvForm()

    def __post_init__(self) -> None:
        """Raise ValueError where two keys contradict each other."""
        super().__post_init__()
        if self.is_joined and self.order == "file":
            raise ValueError("series")

    @staticmethod
    def rules() -> dict[str, Any]:
        """Return that what is joined is in time order."""
        both = {"series": {"const": "joined"}, "order": {"const": "file"}}
        return {"not": {"required": ["series", "order"], "properties": both}}

    @staticmethod
    def printed() -> tuple[str, ...]:
        """Return the names of the fields that the log and the metrics hold."""
        return ("version", "column", "group_by")

    @property
    def is_grouped(self) -> bool:
        """Whether each file has a series per value of a column."""
        return self.group_by is not UNSET

    @property
    def is_joined(self) -> bool:
        """Whether all inputs are one series."""
        return self.series == "joined"

    @property
    def is_timed(self) -> bool:
        """Whether rows are put in time order."""
        return self.order == "time" or self.is_joined

    def wanted(self, blocks: int = 1, *, kept: bool = False) -> Wanted:
        """Return what is to be read of each input, in partitions of about so many blocks.

        With the timestamps where these are checked row by row, or rows are `kept`.
        """
        from mlops_task.inputs.protocol import Wanted

        group_by = None if self.group_by is UNSET else self.group_by
        return Wanted(self.column, self.csv, group_by, blocks, timed=kept or self.is_timed or self.is_grouped)
