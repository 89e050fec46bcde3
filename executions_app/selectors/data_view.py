"""Items as a page shows them: a table, the JSON text, files. Pure: the bytes were read and decoded before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from executions_app.selectors.data_schema import SchemaField, schema_of
from executions_app.selectors.data_schema import kind_of as kind_in_schema

PAGE_ROWS = 200
MOST_COLUMNS = 24
CELL_CHARACTERS = 300
LEAD_CHARACTERS = 40
"""How much of what two texts have in common stands before the place where they come apart."""
JSON_CHARACTERS = 60_000
ITEM_CHARACTERS = 1_000_000
WHOLE_CHARACTERS = 8_000
PAGE_CHARACTERS = 300_000
PREVIEWED = ("image/png", "image/jpeg", "image/gif", "image/webp")
PREVIEW_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Cell:
    """`kind` is text, number, boolean, none, object or list; `column` repeats the heading for stacked records. `whole`
    is what opens below a text that is cut, `is_cut` says that not even that is everything: then `item` leads to it."""

    column: str
    text: str
    kind: str
    whole: str = ""
    is_cut: bool = False
    item: int = 0


@dataclass(frozen=True)
class FileView:
    """A file that came with an item; `ref` is where the payload store keeps its bytes."""

    item: int
    property: str
    name: str
    mime: str
    size_bytes: int
    ref: str
    is_picture: bool = False


@dataclass(frozen=True)
class DataView:
    """One page of items, or with `item` (counted from 1) that one alone as JSON. `first` and `last` count from 1;
    `pages` is at least 1."""

    total: int
    columns: list[str]
    rows: list[list[Cell]]
    files: list[FileView]
    json_text: str
    page: int
    pages: int
    hidden_columns: int = 0
    item: int = 0
    schema: list[SchemaField] = field(default_factory=list)

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


def data_view(
    items: Sequence[Mapping[str, Any]], *, page: int = 1, item: int = 0, with_schema: bool = False
) -> DataView:
    """The page of `items` (each `{json, binary?}`) with that number; a number out of range gives the nearest page."""
    item = item if 0 < item <= len(items) else 0
    page = page if not item else 1 + (item - 1) // PAGE_ROWS
    pages = max(1, -(-len(items) // PAGE_ROWS))
    page = min(max(page, 1), pages)
    start = (page - 1) * PAGE_ROWS
    shown = items[start : start + PAGE_ROWS]
    every = list(dict.fromkeys(key for one in shown for key in _object(one)))
    columns = every[:MOST_COLUMNS]
    return DataView(
        total=len(items),
        columns=columns,
        rows=rows_of(shown, columns, start),
        files=[file for place, one in enumerate(shown, start=start) for file in files_of(one, place)],
        json_text=item_text(items[item - 1]) if item else json_text([_object(one) for one in shown]),
        page=page,
        pages=pages,
        hidden_columns=len(every) - len(columns),
        item=item,
        schema=schema_of(items) if with_schema else [],
    )


def rows_of(shown: Sequence[Mapping[str, Any]], columns: list[str], start: int) -> list[list[Cell]]:
    """What opens below cells is bounded for the page as a whole: behind it there is the item alone."""
    left = PAGE_CHARACTERS
    rows = []
    for place, item in enumerate(shown, start=start + 1):
        row = [cell(column, _object(item), column, place, left) for column in columns]
        left -= sum(len(one.whole) for one in row)
        rows.append(row)
    return rows


def cell(column: str, values: Mapping[str, Any], key: str, place: int = 0, left: int = PAGE_CHARACTERS) -> Cell:
    if key not in values:
        return Cell(column, "", "missing")
    value = values[key]
    kind, text = kind_of(value), shortened(value)
    if kind in ("object", "list") and value:
        whole = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    elif isinstance(value, str) and len(value) > CELL_CHARACTERS:
        whole = value
    else:
        return Cell(column, text, kind)
    most = min(WHOLE_CHARACTERS, max(left, 0))
    return Cell(column, text, kind, whole[:most], len(whole) > most, place)


def item_text(item: Mapping[str, Any]) -> str:
    text = orjson.dumps(_object(item), option=orjson.OPT_INDENT_2).decode()
    cut = len(text) - ITEM_CHARACTERS
    return text if cut <= 0 else f"{text[:ITEM_CHARACTERS]}\n… {cut} more characters"


def kind_of(value: Any) -> str:
    return "none" if value is None else kind_in_schema(value)


def shortened(value: Any) -> str:
    """A value as one short text; texts as they are, everything else as JSON."""
    text = whole_text(value)
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"


def both_shortened(before: Any, after: Any) -> tuple[str, str]:
    """As `shortened`, but of two long texts that begin alike, the part where they come apart."""
    texts = tuple(whole_text(value) for value in (before, after))
    if max(map(len, texts)) <= CELL_CHARACTERS:
        return texts[0], texts[1]
    apart = next(
        (place for place, (one, two) in enumerate(zip(*texts, strict=False)) if one != two), min(map(len, texts))
    )
    start = max(0, apart - LEAD_CHARACTERS)
    cut = [text[start : start + CELL_CHARACTERS] for text in texts]
    shown = [
        f"{'…' if start else ''}{part}{'…' if len(text) > start + len(part) else ''}"
        for part, text in zip(cut, texts, strict=True)
    ]
    return shown[0], shown[1]


def whole_text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_SUBCLASS).decode()


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
            is_picture=meta.get("mimeType") in PREVIEWED and 0 < int(meta.get("fileSize") or 0) <= PREVIEW_BYTES,
        )
        for name, meta in binary.items()
        if isinstance(meta, Mapping)
    ]


def _object(item: Mapping[str, Any]) -> Mapping[str, Any]:
    value = item.get("json")
    return value if isinstance(value, Mapping) else {}
