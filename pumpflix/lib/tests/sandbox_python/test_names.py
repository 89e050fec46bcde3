"""What Python code finds, in both forms, run here without walls: items, other nodes, clock, static data."""

import json
from typing import Any

import pytest

from pumpflix.lib.sandbox.py_run import run_code

NODES = {
    "nodes": {
        "A": {
            "executed": True,
            "runs": [[[{"json": {"n": 1}}, {"json": {"n": 2}}]], [[{"json": {"n": 3}}], [{"json": {"n": 4}}]]],
            "pairs": [{"run": 0, "output": 0, "item": 1}, {"value": {"json": {"n": 9}}}, None],
            "parameters": {"url": "https://a.example"},
            "context": {"left": 2},
        },
        "B": {"runs": [], "executed": False},
        "Broken": {"runs": [[[]]], "pairs": [{"error": {"message": "Lost.", "description": "Node C lost it."}}]},
        "Plain": {"runs": [[[{"json": {"p": 1}}]]], "defaultOutput": 0},
    },
    "knownNodes": ["A", "B", "Broken", "Plain", "Unread"],
    "prevNode": {"name": "A", "outputIndex": 0, "runIndex": 1},
}
ITEMS = [{"n": 1}, {"n": 2}, {"n": 3}]


def answer(
    code: str, items: list[Any] | None = None, data: dict[str, Any] | None = None, **header: Any
) -> dict[str, Any]:
    scope = {"items": [{"json": item} for item in (ITEMS if items is None else items)], **NODES, **(data or {})}
    told = {"code": code, "language": "python", "mode": "runOnceForAllItems", "timezone": "UTC", **header}
    return dict(json.loads(run_code(json.dumps(told).encode(), json.dumps(scope).encode())))


def value(expression: str, items: list[Any] | None = None, data: dict[str, Any] | None = None, **header: Any) -> Any:
    told = answer(f"return {expression}", items, data, raw=True, **header)
    return told.get("output", told.get("error", {}).get("message"))


def each(code: str, **header: Any) -> list[Any]:
    return list(answer(code, mode="runOnceForEachItem", **header)["output"])


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("len(_input.all())", 3),
        ("_input.all() is _items is items", True),
        ("_input.all().length", 3),
        ("_input.first().json.n", 1),
        ("_input.last().json.n", 3),
        ("_input.item.json.n", 1),
        ("_json.n", 1),
        ("_json['n']", 1),
        ("_item['json']['n']", 1),
        ("_binary", {}),
        ("_itemIndex", 0),
        ("_input.params.url", "https://a.example"),
        ("_input.context.left", 2),
        ("[type(_json) is dict, type(_json.to_py()) is dict]", [False, True]),
        ("_input.all().to_py()[0]", {"json": {"n": 1}}),
        ("_json.get('none', 5)", 5),
        ("_jmespath({'a': [{'b': 1}, {'b': 2}]}, 'a[].b')", [1, 2]),
        ("_runIndex", 0),
        ("_prevNode.name", "A"),
        ("__name__", "__main__"),
    ],
)
def test_the_input_by_its_names(expression, expected):
    assert value(expression) == expected


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("_('A').all()", [{"json": {"n": 3}}]),
        ("_('A').all(1)", [{"json": {"n": 4}}]),
        ("_('A').all(0, 0)[1].json.n", 2),
        ("_('A').first().json.n", 3),
        ("_('A').last(0, 0).json.n", 2),
        ("_('A').first() is _('A').all()[0]", True),
        ("_('A').item.json.n", 2),
        ("_('A').itemMatching(1).json.n", 9),
        ("_('A').pairedItem(1).json.n", 9),
        ("_getPairedItem('A').json.n", 2),
        ("_('A').params.url", "https://a.example"),
        ("_('A').context.left", 2),
        ("_('A').isExecuted", True),
        ("_('B').isExecuted", False),
        ("_('Plain').item.json.p", 1),
        ("_('Plain').itemMatching(5)", None),
        ("str(_('A'))", '_("A")'),
        ("_node['A'].json.n", 3),
        ("_node.A.data.n", 3),
        ("_node.A.binary", {}),
        ("_node.A.runIndex", 1),
        ("_node.A.parameter.url", "https://a.example"),
        ("_node.A.context.left", 2),
    ],
)
def test_other_nodes_by_their_names(expression, expected):
    assert value(expression) == expected


@pytest.mark.parametrize(
    "expression, told",
    [
        ("_('Gone')", "There is no node 'Gone' in this workflow"),
        ("_('B').all()", "has not run yet"),
        ("_('A').all(0, 7)", "has no run 7; it ran 2 times"),
        ("_('A').all(5)", "has no output 5"),
        ("_('A').itemMatching(2)", "no item that belongs to the current item 2"),
        ("_('Broken').item", "Lost. Node C lost it."),
        ("_node.A._item() and _node['Broken'].json", "put out no item with index 0"),
        ("_getWorkflowStaticData('other')", "Ask for 'global' or 'node'"),
        ("_json.none", "there is no field 'none'; there are: n"),
    ],
)
def test_what_is_not_there_is_said_in_plain_words(expression, told):
    assert told in value(expression)


def test_without_a_node_in_front_or_an_item_it_says_so():
    assert "No node leads to this one" in value("_input.params", data={"prevNode": None})
    assert "received no item" in value("_input.item", items=[])
    assert value("[_input.first(), _input.last(), _json]", items=[]) == [None, None, {}]


def test_the_execution_and_the_workflow():
    data = {
        "execution": {"id": "7", "mode": "manual", "customData": {"a": "1"}},
        "workflow": {"id": "w", "name": "W", "active": True},
        "vars": {"city": "Bern"},
        "env": {"A": "b"},
        "mode": "webhook",
        "node": {"parameters": {"mode": "x"}},
    }
    names = ["_execution.id", "_executionId", "_workflow.name", "_vars.city", "_env.A", "_mode", "_parameter.mode"]
    told = value(f"[{', '.join(names)}, _execution.customData.get('a')]", data=data)
    assert told == ["7", "7", "W", "Bern", "b", "webhook", "x", "1"]
    assert value("_env", data={"env": {"A": "b"}, "envBlocked": True}) == {}


def test_custom_data_is_told_once_it_changes():
    assert "customData" not in answer("return []")
    code = "data = _execution.customData\ndata.set('k', 1)\ndata.setAll({'l': 'x'})\nreturn [data.getAll()]"
    told = answer(code)
    assert told["customData"] == {"k": "1", "l": "x"}


def test_static_data_is_told_once_somebody_asks():
    assert "staticData" not in answer("return []")
    code = "data = _getWorkflowStaticData('global')\ndata.n = data.get('n', 0) + 1\nreturn []"
    told = answer(code, data={"staticData": {"global": {"n": 1}, "node": {}}})
    assert told["staticData"] == {"global": {"n": 2}, "node": {}}


def test_static_data_that_was_not_sent_is_an_error_and_not_empty():
    told = answer("return [_getWorkflowStaticData('global')]", data={"staticData": None})
    assert "not fetched" in told["error"]["message"]


def test_static_data_that_is_no_json_is_left_out_with_a_warning():
    told = answer("_getWorkflowStaticData('node').n = object()\nreturn []")
    assert "staticData" not in told
    assert "Static data was not kept: global" not in told["console"][0]["text"]
    assert "type object" in told["console"][0]["text"]


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("_now.isoformat()", "2026-03-01T12:00:00+09:00"),
        ("_now.toISO()", "2026-03-01T12:00:00.000+09:00"),
        ("_today.toISO()", "2026-03-01T00:00:00.000+09:00"),
        ("_now.toISODate()", "2026-03-01"),
        ("_now.toMillis()", 1772334000000),
        ("_now.toSeconds()", 1772334000.0),
        ("_now", "2026-03-01T12:00:00+09:00"),
        ("__import__('datetime').timedelta(days=1) + _now > _now", True),
    ],
)
def test_the_clock_stands_in_the_zone_of_the_workflow(expression, expected):
    assert value(expression, timezone="Asia/Tokyo", now="2026-03-01T03:00:00Z") == expected


@pytest.mark.parametrize("zone", ["Mars/Phobos", "../../etc/localtime", ""])
def test_an_unknown_zone_counts_as_utc(zone):
    assert value("str(_now.utcoffset())", timezone=zone, now="2026-03-01T03:00:00") == "0:00:00"


def test_a_change_of_an_item_is_seen_wherever_it_is_read():
    code = "for item in _input.all():\n    item.json.double = item.json.n * 2\ndel item.json.n\nreturn _items"
    assert [item["json"] for item in answer(code)["output"]] == [
        {"n": 1, "double": 2},
        {"n": 2, "double": 4},
        {"double": 6},
    ]


def test_a_field_that_is_not_there_cannot_be_deleted():
    assert "there is no field 'x'" in answer("del _json.x")["error"]["message"]


def test_each_item_has_its_own_names():
    out = each("seen = _json.n * 10\nreturn {'seen': seen, 'at': _itemIndex, 'same': _input.item is _item}")
    assert [entry["output"]["json"] for entry in out] == [
        {"seen": 10, "at": 0, "same": True},
        {"seen": 20, "at": 1, "same": True},
        {"seen": 30, "at": 2, "same": True},
    ]
    assert [entry["output"]["pairedItem"] for entry in out] == [{"item": 0}, {"item": 1}, {"item": 2}]


def test_only_the_wanted_items_are_run():
    assert [entry["item"] for entry in each("return _item", itemIndexes=[2, 0])] == [2, 0]


def test_the_first_error_ends_the_run_unless_it_goes_on():
    code = "if _json.n == 2:\n    raise ValueError('no')\nreturn _item"
    assert ["error" in entry for entry in each(code)] == [False, True]
    assert ["error" in entry for entry in each(code, continueOnFail=True)] == [False, True, False]
    assert each(code)[1]["error"]["message"] == "ValueError: no [line 2, for item 1]"


def test_prints_know_their_item():
    lines = answer("print(_json.n)\nreturn None", mode="runOnceForEachItem")["console"]
    assert lines == [{"level": "log", "text": str(n), "item": n - 1} for n in (1, 2, 3)]


class TestNative:
    """``pythonNative``: plain dicts under one name."""

    def test_all_items_are_plain(self):
        code = "return [{'n': item['json']['n'], 'plain': type(item) is dict} for item in _items]"
        out = answer(code, language="pythonNative")["output"]
        assert out[0] == {"json": {"n": 1, "plain": True}}

    def test_each_item_is_plain(self):
        out = each("_item['json']['seen'] = True\nreturn _item", language="pythonNative")
        assert out[0]["output"]["json"] == {"n": 1, "seen": True}

    @pytest.mark.parametrize("name", ["_input", "_json", "_", "_now", "items", "_item"])
    def test_other_names_are_not_there(self, name):
        assert f"NameError: name '{name}' is not defined" in value(name, language="pythonNative")

    def test_all_names_are_not_there_for_one_item(self):
        assert "NameError" in each("return _items", language="pythonNative")[0]["error"]["message"]


def test_names_of_the_caller_are_there_too():
    assert value("query.upper()", names={"query": "hello"}) == "HELLO"
    assert value("query.upper()", names={"query": "hello"}, language="pythonNative") == "HELLO"
