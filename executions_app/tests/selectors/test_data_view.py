import orjson
import pytest

from executions_app.selectors.data_view import JSON_CHARACTERS, MOST_COLUMNS, PAGE_ROWS, data_view
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
    assert data_view(items(*({"n": n} for n in range(120))), page=asked).page == shown


def test_a_page_counts_from_one():
    view = data_view(items(*({"n": n} for n in range(120))), page=3)
    assert (view.first, view.last, view.pages, view.previous, view.next) == (101, 120, 3, 2, 4)
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
