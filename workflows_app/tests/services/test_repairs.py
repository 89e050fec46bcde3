"""Damage is counted, and mended line by line; what is sound stays as it is."""

import json

import pytest

from workflows_app.services import imports, repairs
from workflows_app.tests.graphs import chain, node

pytestmark = pytest.mark.app


def wire(target):
    return {"main": [[{"node": target, "type": "main", "index": 0}]]}


def graph(**connections):
    nodes = [{**node("A", "manualTrigger"), "id": "a"}, {**node("B", "noOp"), "id": "b"}]
    return {"nodes": nodes, "connections": connections}


def test_a_sound_graph_has_no_damage():
    sound = graph(A=wire("B"))
    assert not repairs.examine(sound)
    assert repairs.examine(sound).graph == sound


def test_wires_keyed_by_id_are_tied_to_names():
    damage = repairs.examine(graph(a=wire("b")))
    assert damage.graph["connections"] == {"A": wire("B")}
    assert damage.counts == {"keyed by id": 2}
    assert damage.changes == ["Wires of id 'a' tied to 'A'", "Wire from 'A' to id 'b' tied to 'B'"]


def test_wires_under_name_and_id_both_are_kept_once():
    damage = repairs.examine(graph(A=wire("B"), a={"main": [[], [{"node": "B", "type": "main", "index": 0}]]}))
    assert damage.graph["connections"]["A"]["main"] == [wire("B")["main"][0], wire("B")["main"][0]]


def test_an_id_that_two_nodes_share_ties_nothing():
    twins = graph(a=wire("B"))
    twins["nodes"][1]["id"] = "a"
    assert repairs.examine(twins).counts == {"missing": 1}


def test_a_version_that_never_was_becomes_the_newest():
    odd = chain(node("A", "manualTrigger"), node("B", "noOp", 2.2))
    damage = repairs.examine(odd)
    assert damage.graph["nodes"][1]["typeVersion"] == 1
    assert damage.changes == ["B: version 2.2 set to 1; noOp never had 2.2"]


@pytest.mark.parametrize("raw", [None, [], "x", {"nodes": 3}, {"nodes": [1, {"name": 2}], "connections": {"A": [1]}}])
def test_what_is_no_workflow_is_left_to_the_checks(raw):
    repairs.examine(raw)


def test_nothing_is_mended_that_nobody_asked_for():
    report = imports.read(json.dumps(chain(node("A", "manualTrigger"), node("B", "noOp", 2.2))))
    assert report.graph["nodes"][1]["typeVersion"] == 2.2
    assert report.damage == {"version": 1}
    assert report.is_repairable
