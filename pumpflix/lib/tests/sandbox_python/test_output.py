"""What may be returned, what becomes of it, and what is said of the rest."""

import collections
import dataclasses
import datetime
import decimal
import enum
import uuid

import pytest

from pumpflix.lib.sandbox import py_output
from pumpflix.lib.sandbox.py_output import WrongShape, all_items, one_item
from pumpflix.lib.sandbox.py_values import NotJson, Record, plain, to_json, wrapped


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    y: int


@pytest.mark.parametrize(
    "returned, items",
    [
        ([], []),
        ([{"a": 1}], [{"json": {"a": 1}}]),
        ({"a": 1}, [{"json": {"a": 1}}]),
        ({"json": {"a": 1}}, [{"json": {"a": 1}}]),
        (({"a": 1}, {"a": 2}), [{"json": {"a": 1}}, {"json": {"a": 2}}]),
        ([{"json": {"a": 1}, "pairedItem": 0}], [{"json": {"a": 1}, "pairedItem": 0}]),
        ([{"binary": {"f": {"data": "eA=="}}}], [{"binary": {"f": {"data": "eA=="}}, "json": {}}]),
        ([Record(json=Record(a=1))], [{"json": {"a": 1}}]),
        ([{}], [{"json": {}}]),
    ],
)
def test_items_in_any_of_their_forms(returned, items):
    assert all_items(returned) == items


@pytest.mark.parametrize(
    "returned, message",
    [
        (None, "The code returned nothing instead of a list of items"),
        ("x", "The code returned a str instead of a list of items"),
        (7, "The code returned an int instead of a list of items"),
        ((n for n in []), "The code returned a generator instead of a list of items"),
        ([1], "The code returned an int as an item [item 0]"),
        ([{"json": {}}, None], "The code returned nothing as an item [item 1]"),
        ([{"json": {}}, {"json": {}, "name": 1}], "An item has the unknown key 'name' [item 1]"),
        ([{"json": [1]}], "'json' of an item is a list instead of a dict [item 0]"),
        ([{"json": {}, "binary": "x"}], "'binary' of an item is a str instead of a dict [item 0]"),
        ([{"a": {"b": [object()]}}], "json.a.b[0] is a value of type object, which JSON cannot hold [item 0]"),
    ],
)
def test_anything_else_is_refused_with_its_place(returned, message):
    with pytest.raises(WrongShape) as refused:
        all_items(returned)
    assert str(refused.value) == message
    assert refused.value.description


def test_one_item_is_paired_with_its_source():
    assert one_item({"a": 1}, 3) == {"json": {"a": 1}, "pairedItem": {"item": 3}}
    assert one_item({"json": {}, "binary": {"f": {}}, "pairedItem": 9}, 3) == {
        "json": {},
        "binary": {"f": {}},
        "pairedItem": {"item": 3},
    }
    assert one_item(None, 3) is None


@pytest.mark.parametrize(
    "returned, message",
    [([{}], "a list instead of one item [item 2]"), ("x", "a str instead of one item [item 2]")],
)
def test_several_items_for_one_are_refused(returned, message):
    with pytest.raises(WrongShape, match="instead of one item") as refused:
        one_item(returned, 2)
    assert message in str(refused.value)


def test_a_raw_value_may_be_anything_that_json_holds():
    assert py_output.raw("text") == "text"
    with pytest.raises(WrongShape, match="The returned value: a value of type object cannot be held by JSON"):
        py_output.raw(object())


@pytest.mark.parametrize(
    "value, told",
    [
        (1, 1),
        (True, True),
        (1.5, 1.5),
        (float("nan"), None),
        (float("inf"), None),
        (2**63 - 1, 2**63 - 1),
        (10**30, 1e30),
        ((1, (2,)), [1, [2]]),
        ({3}, [3]),
        ({7: "a", None: "b", True: "c", Colour.RED: "d"}, {"7": "a", "true": "c", "null": "b", "red": "d"}),
        (datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC), "2026-03-01T00:00:00+00:00"),
        (datetime.date(2026, 3, 1), "2026-03-01"),
        (datetime.time(9, 30), "09:30:00"),
        (datetime.timedelta(minutes=1), 60.0),
        (decimal.Decimal("0.5"), 0.5),
        (decimal.Decimal("12.00"), 12),
        (decimal.Decimal("NaN"), None),
        (decimal.Decimal("sNaN"), None),
        (decimal.Decimal(10**30), 1e30),
        ({"a": 1}.keys(), ["a"]),
        ({"a": 1}.values(), [1]),
        (collections.deque([1]), [1]),
        (decimal.Decimal("Infinity"), None),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "red"),
        (Point(1, 2), {"x": 1, "y": 2}),
        (range(3), [0, 1, 2]),
    ],
    ids=str,
)
def test_values_of_python_as_json(value, told):
    assert to_json(value) == told


@pytest.mark.parametrize(
    "value, told, advice",
    [
        (b"x", "a value of type bytes", "base64"),
        (Point, "the class Point", "instance"),
        (10**400, "more than 308 digits", "text"),
        ({(1, 2): 3}, "a tuple as a key", "text as keys"),
        (lambda: 1, "a value of type function", "lists or dicts"),
    ],
    ids=["bytes", "a class", "a huge number", "a tuple as a key", "a function"],
)
def test_values_without_a_form_say_what_to_do(value, told, advice):
    with pytest.raises(NotJson, match=told) as refused:
        to_json(value)
    assert advice in refused.value.advice


def test_a_value_that_contains_itself_is_refused():
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(NotJson, match="nested more than 200 levels deep") as refused:
        to_json({"a": circle})
    assert len(str(refused.value)) < 200


def test_wrapping_and_unwrapping_go_all_the_way_down():
    value = {"a": [{"b": [1]}]}
    assert wrapped(value).a[0].b.length == 1
    assert plain(wrapped(value)) == value
    assert type(plain(wrapped(value))["a"][0]) is dict
