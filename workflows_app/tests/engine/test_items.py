"""Items in the shapes n8n writes them."""

import pytest

from workflows_app.engine.items import (
    Binary,
    Item,
    PairedItem,
    items_from_json,
    items_to_json,
    outputs_from_json,
    outputs_to_json,
    read_pairs,
)  # fmt: skip
from workflows_app.engine.json_text import dumps, loads

pytestmark = pytest.mark.engine

FILE = {"id": "r", "mimeType": "m", "fileName": "n", "fileExtension": "e", "fileSize": 4}


@pytest.mark.parametrize(
    "raw,pairs",
    [
        (None, None),
        (3, (PairedItem(3),)),
        ({"item": 1}, (PairedItem(1),)),
        ({"item": 1, "input": 2}, (PairedItem(1, 2),)),
        ([{"item": 1}, 2], (PairedItem(1), PairedItem(2))),
        ([], ()),
    ],
    ids=str,
)
def test_links(raw, pairs):
    assert read_pairs(raw) == pairs


@pytest.mark.parametrize(
    "raw",
    [
        {"json": {"a": 1}},
        {"json": {}, "pairedItem": {"item": 2}},
        {"json": {}, "pairedItem": [{"item": 2}, {"item": 0, "input": 1}]},
        {"json": {"error": "x"}, "error": {"message": "x"}},
        {
            "json": {},
            "binary": {"f": {"id": "r", "mimeType": "m", "fileName": "n", "fileExtension": "e", "fileSize": 4}},
        },
    ],
    ids=str,
)
def test_an_item_comes_out_as_it_went_in(raw):
    assert Item.from_json(raw).to_json() == raw


def test_missing_facts_of_a_file_are_filled_in():
    assert Binary.from_json({"id": "r"}) == Binary("r", "application/octet-stream", 0)


def test_lists_of_items_and_outputs():
    raw = [[{"json": {"a": 1}}], []]
    assert outputs_to_json(outputs_from_json(raw)) == raw
    assert items_to_json(items_from_json(raw[0])) == raw[0]
    assert outputs_to_json(None) is None
    assert outputs_from_json(None) is None


def test_with_pair_leaves_the_item_itself_alone():
    item = Item({"a": 1})
    assert item.with_pair(PairedItem(1)).paired == (PairedItem(1),)
    assert item.paired is None


@pytest.mark.parametrize("value", [{"a": [1, None, "ü"]}, "\ud83d alone", 2**70], ids=["plain", "surrogate", "large"])
def test_json_text_carries_whatever_json_can(value):
    assert loads(dumps(value)) == value
