"""Items as a page shows them: a table, the JSON text, files. Pure: the bytes were read and decoded before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

PAGE_ROWS = 50
MOST_COLUMNS = 24
CELL_CHARACTERS = 300
JSON_CHARACTERS = 60_000


@dataclass(frozen=True)
class Cell:
    """`kind` is text, number, boolean, none, object or list; `column` repeats the heading for stacked records."""

    column: str
    text: str
    kind: str


@dataclass(frozen=True)
class FileView:
    """A file that came with an item; `ref` is where the payload store keeps its bytes."""

    item: int
    property: str
    name: str
    mime: str
    size_bytes: int
    ref: str


@dataclass(frozen=True)
class DataView:
    """One page of items. `first` and `last` count from 1; `pages` is at least 1."""

    total: int
    columns: list[str]
    rows: list[list[Cell]]
    files: list[FileView]
    json_text: str
    page: int
    pages: int
    hidden_columns: int = 0

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE_ROWS + 1

    @property
    def previous(self) -> int:
        return self.page - 1

    @property
    def next(self) -> int:
        return self.page + 1

    @property
    def last(self) -> int:
        return min(self.page * PAGE_ROWS, self.total)


def data_view(items: Sequence[Mapping[str, Any]], *, page: int = 1) -> DataView:
    """The page of `items` (each `{json, binary?}`) with that number; a number out of range gives the nearest page."""
    pages = max(1, -(-len(items) // PAGE_ROWS))
    page = min(max(page, 1), pages)
    start = (page - 1) * PAGE_ROWS
    shown = items[start : start + PAGE_ROWS]
    every = list(dict.fromkeys(key for item in shown for key in _object(item)))
    columns = every[:MOST_COLUMNS]
    return DataView(
        total=len(items),
        columns=columns,
        rows=[[cell(column, _object(item), column) for column in columns] for item in shown],
        files=[file for place, item in enumerate(shown, start=start) for file in files_of(item, place)],
        json_text=json_text([_object(item) for item in shown]),
        page=page,
        pages=pages,
        hidden_columns=len(every) - len(columns),
    )


def cell(column: str, values: Mapping[str, Any], key: str) -> Cell:
    if key not in values:
        return Cell(column, "", "missing")
    value = values[key]
    return Cell(column, shortened(value), kind_of(value))


def kind_of(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, dict):
        return "object"
    return "list" if isinstance(value, list) else "text"


def shortened(value: Any) -> str:
    """A value as one short text; texts as they are, everything else as JSON."""
    text = value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_SUBCLASS).decode()
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"


def json_text(values: list[Any]) -> str:
    """Indented JSON, cut with a note where it would make the page heavy."""
    text = orjson.dumps(values, option=orjson.OPT_INDENT_2).decode()
    if len(text) <= JSON_CHARACTERS:
        return text
    return f"{text[:JSON_CHARACTERS]}\n… {len(text) - JSON_CHARACTERS} more characters"


def files_of(item: Mapping[str, Any], place: int) -> list[FileView]:
    binary = item.get("binary") or {}
    return [
        FileView(
            item=place + 1,
            property=str(name),
            name=str(meta.get("fileName") or name),
            mime=str(meta.get("mimeType") or "application/octet-stream"),
            size_bytes=int(meta.get("fileSize") or 0),
            ref=str(meta.get("id") or ""),
        )
        for name, meta in binary.items()
        if isinstance(meta, Mapping)
    ]


def _object(item: Mapping[str, Any]) -> Mapping[str, Any]:
    value = item.get("json")
    return value if isinstance(value, Mapping) else {}
