"""Joining and melting items."""

from typing import Any

import pytest

from workflows_app.engine.errors import ParameterError
from workflows_app.engine.items import Binary, Item, PairedItem
from workflows_app.toolkit import joins
from workflows_app.toolkit.joins import KeyPair, MatchRules, MeltRules, match_items, melt

pytestmark = pytest.mark.nodes


def items(*rows: dict[str, Any], number: int = 0) -> list[Item]:
    return [Item(json=row, paired=(PairedItem(place, number),)) for place, row in enumerate(rows)]


def matched(left: list[Item], right: list[Item], *keys: KeyPair, **rules: Any) -> list[tuple[Any, list[Any]]]:
    found = match_items(left, right, keys or (KeyPair("id", "id"),), MatchRules(**rules))
    return [(item.json, [match.json for match in matches]) for item, matches in found.matched]


def test_equal_keys_match_types_included() -> None:
    left, right = items({"id": 1}, {"id": "1"}, {"id": True}), items({"id": 1.0, "r": 1}, {"id": "1", "r": 2})
    assert matched(left, right) == [({"id": 1}, [{"id": 1.0, "r": 1}]), ({"id": "1"}, [{"id": "1", "r": 2}])]


def test_objects_match_whatever_the_order_of_their_fields() -> None:
    assert len(matched(items({"id": {"a": 1, "b": [2]}}), items({"id": {"b": [2], "a": 1}}))) == 1


def test_an_item_without_the_key_matches_nothing() -> None:
    assert matched(items({"x": 1}), items({"x": 1})) == []
    assert len(matched(items({"id": None}), items({"id": None}))) == 1


def test_several_keys_must_all_match() -> None:
    keys = (KeyPair("a", "x"), KeyPair("b.c", "y"))
    assert len(matched(items({"a": 1, "b": {"c": 2}}), items({"x": 1, "y": 2}, {"x": 1, "y": 3}), *keys)[0][1]) == 1


def test_only_the_first_match_when_asked() -> None:
    assert matched(items({"id": 1}), items({"id": 1, "n": 1}, {"id": 1, "n": 2}), first_only=True)[0][1] == [
        {"id": 1, "n": 1}
    ]


def test_loose_comparison_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joins, "MAX_COMPARISONS", 3)
    with pytest.raises(ParameterError, match="too long"):
        matched(items({"id": 1}, {"id": 2}), items({"id": 1}, {"id": 2}), loose=True)


def test_a_field_that_is_nowhere_is_named() -> None:
    with pytest.raises(ParameterError, match="'idd'"):
        joins.check_fields(items({"id": 1}), ["idd"], "input 1", dotted=True)
    joins.check_fields([], ["idd"], "input 1", dotted=True)


LEFT, RIGHT = {"a": {"x": 1, "l": [1, {"p": 1}]}, "b": ""}, {"a": {"y": 2, "l": [9, {"q": 2}, 3]}, "b": "v", "c": None}


@pytest.mark.parametrize(
    "rules, json",
    [
        (MeltRules(), {"a": {"x": 1, "l": [9, {"p": 1, "q": 2}, 3], "y": 2}, "b": "v", "c": None}),
        (MeltRules(deep=False), {"a": RIGHT["a"], "b": "v", "c": None}),
        (MeltRules(clash="prefer_first", deep=False), {"a": LEFT["a"], "b": "", "c": None}),
        (MeltRules(clash="prefer_first", deep=False, fill_empty=True), {"a": LEFT["a"], "b": "v", "c": None}),
        (MeltRules(clash="suffix"), {"a_1": LEFT["a"], "b_1": "", "a_2": RIGHT["a"], "b_2": "v", "c_2": None}),
    ],
)
def test_melting(rules: MeltRules, json: dict[str, Any]) -> None:
    (left,), (right,) = items(LEFT), items(RIGHT, number=1)
    made = melt([left, right], rules)
    assert made.json == json
    assert made.paired == (PairedItem(0, 0), PairedItem(0, 1))


def test_melting_changes_nothing_it_was_given() -> None:
    (left,), (right,) = items({"a": {"x": [1]}}), items({"a": {"x": [2], "y": 1}})
    melt([left, right], MeltRules())
    assert (left.json, right.json) == ({"a": {"x": [1]}}, {"a": {"x": [2], "y": 1}})


def test_files_are_melted_too() -> None:
    one, two = (Item(json={}, binary={"f": Binary(ref, "a/b", 1)}) for ref in ("1", "2"))
    assert melt([one, two], MeltRules()).binary["f"].ref == "2"
    assert melt([one, two], MeltRules(clash="prefer_first")).binary["f"].ref == "1"
    assert sorted(melt([one, two], MeltRules(clash="suffix")).binary) == ["f_1", "f_2"]


def test_lists_inside_lists_are_merged() -> None:
    target: dict[str, Any] = {"l": [[1, 2], 5]}
    joins.merge_json(target, {"l": [[9], {"a": 1}]}, deep=True, fill_empty=False)
    assert target == {"l": [[9, 2], {"a": 1}]}
