"""Many values to one: sums, counts, lists. Absent values arrive as `paths.MISSING`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from workflows_app.toolkit.compare import is_nan, json_text, less_than, to_text
from workflows_app.toolkit.paths import MISSING

Kind = Literal["append", "average", "concatenate", "count", "countUnique", "max", "min", "sum"]
DROPPED = str.maketrans("", "", '[]"')
TO_LOW_LINE = str.maketrans({" ": "_", ".": "_"})


@dataclass(frozen=True, slots=True)
class Aggregation:
    """`work(values, separator)`; `prefix` begins the name of the result."""

    prefix: str
    work: Callable[[list[Any], str], Any]


def clean_name(name: str) -> str:
    """The name of a field inside the name of a result: `a.b c` is written `a_b_c`."""
    return name.translate(DROPPED).translate(TO_LOW_LINE)


def is_nothing(value: Any) -> bool:
    return value is MISSING or value is None or value == ""


def without_missing(values: list[Any]) -> list[Any]:
    return [None if value is MISSING else value for value in values]


def numbers(values: list[Any]) -> list[float]:
    """Those that are numbers; texts of digits are not."""
    return [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]


def total(values: list[Any], _: str) -> float:
    return sum(numbers(values))


def average(values: list[Any], _: str) -> float | None:
    found = numbers(values)
    return sum(found) / len(found) if found else None


def extreme(values: list[Any], *, largest: bool) -> Any:
    """The first of the largest or smallest; null if there is none."""
    best: Any = MISSING
    for value in values:
        if is_nothing(value) or is_nan(value):
            continue
        if best is MISSING or (less_than(best, value) if largest else less_than(value, best)):
            best = value
    return None if best is MISSING else best


def joined(values: list[Any], separator: str) -> str:
    return separator.join(written(value) for value in values)


def written(value: Any) -> str:
    if value is MISSING:
        return "undefined"
    return json_text(value) if value is None or isinstance(value, list | dict) else to_text(value)


def different(values: list[Any], _: str) -> int:
    return len({"" if value is MISSING else json_text(value) for value in values})


AGGREGATIONS: dict[str, Aggregation] = {
    "append": Aggregation("appended", lambda values, _: without_missing(values)),
    "average": Aggregation("average", average),
    "concatenate": Aggregation("concatenated", joined),
    "count": Aggregation("count", lambda values, _: len(values)),
    "countUnique": Aggregation("unique_count", different),
    "max": Aggregation("max", lambda values, _: extreme(values, largest=True)),
    "min": Aggregation("min", lambda values, _: extreme(values, largest=False)),
    "sum": Aggregation("sum", total),
}
