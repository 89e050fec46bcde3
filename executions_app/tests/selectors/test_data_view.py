import orjson
import pytest

from executions_app.selectors.data_view import JSON_CHARACTERS, MOST_COLUMNS, PAGE_CHARACTERS, PAGE_ROWS, data_view
from executions_app.tests.selectors.runs import items


def test_columns_are_all_keys_in_the_order_they_appear():
    view = data_view(items({"b": 1}, {"a": 2, "b": 3}))
    assert view.columns == ["b", "a"]
    assert [[cell.kind for cell in row] for row in view.rows] == [["number", "missing"], ["number", "number"]]


@pytest.mark.parametrize(
    "value, kind, text",
    [
        ("Ada", "text", "Ada"),
        (None, "none", "null"),
        (True, "boolean", "true"),
        (1.5, "number", "1.5"),
        ({"x": 1}, "object", '{"x":1}'),
        ([1, 2], "list", "[1,2]"),
        ("x" * 400, "text", "x" * 299 + "…"),
    ],
)
def test_a_value_becomes_one_short_text(value, kind, text):
    (cell,) = data_view(items({"v": value})).rows[0]
    assert (cell.kind, cell.text) == (kind, text)


@pytest.mark.parametrize("asked, shown", [(1, 1), (2, 2), (3, 3), (4, 3), (0, 1), (-9, 1)])
def test_a_page_out_of_range_is_the_nearest(asked, shown):
    assert data_view(items(*({"n": n} for n in range(520))), page=asked).page == shown


def test_a_page_counts_from_one():
    view = data_view(items(*({"n": n} for n in range(520))), page=3)
    assert (view.first, view.last, view.pages, view.previous, view.next) == (401, 520, 3, 2, 4)
    assert view.rows[0][0].text == str(PAGE_ROWS * 2)


def test_no_items_are_one_empty_page():
    view = data_view([])
    assert (view.total, view.pages, view.rows, view.json_text) == (0, 1, [], "[]")


def test_many_columns_are_cut_and_counted():
    view = data_view(items({f"c{n}": n for n in range(30)}))
    assert len(view.columns) == MOST_COLUMNS
    assert view.hidden_columns == 30 - MOST_COLUMNS


def test_json_text_is_the_page():
    assert orjson.loads(data_view(items({"a": [1]})).json_text) == [{"a": [1]}]


def test_long_json_says_that_it_was_cut():
    text = data_view(items({"a": "x" * JSON_CHARACTERS})).json_text
    assert text.endswith("more characters")


def test_files_are_named_with_their_item():
    binary = {"data": {"id": "sha256:1", "fileName": "a.csv", "mimeType": "text/csv", "fileSize": 12}, "odd": "text"}
    (file,) = data_view([{"json": {}}, {"json": {}, "binary": binary}]).files
    assert (file.item, file.property, file.name, file.mime, file.size_bytes) == (2, "data", "a.csv", "text/csv", 12)


def test_an_item_that_is_no_object_has_no_columns():
    assert data_view([{"json": [1]}, {}]).columns == []


def test_a_nested_value_opens_below_its_cell_as_text():
    (cell,) = data_view(items({"who": {"name": "Maya"}})).rows[0]
    assert cell.whole == '{\n  "name": "Maya"\n}'
    assert not cell.is_cut


def test_what_opens_below_cells_is_bounded_for_a_page():
    rows = data_view(items(*({"a": "x" * 50_000} for _ in range(100)))).rows
    assert sum(len(cell.whole) for row in rows for cell in row) == PAGE_CHARACTERS
    assert all(cell.is_cut for row in rows for cell in row)


def test_one_item_alone_is_told_whole():
    view = data_view(items(*({"n": n, "a": "x" * JSON_CHARACTERS} for n in range(3))), item=2)
    assert orjson.loads(view.json_text)["n"] == 1


def test_the_schema_names_nested_fields_with_their_kinds_and_shares():
    view = data_view(items({"a": {"b": 1}, "list": [{"c": None}]}, {"a": {"b": "x"}}), with_schema=True)
    assert [(field.path, field.kinds, field.share) for field in view.schema] == [
        ("a", "object", 100), ("a.b", "number or text", 100), ("list", "list", 50), ("list[].c", "null", 50)
    ]  # fmt: skip
