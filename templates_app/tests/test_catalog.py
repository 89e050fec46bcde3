"""The rules every shipped title keeps (PRODUCT 5, TPLS-1 to 7): each is a test over all of them."""

import re
from copy import deepcopy

import orjson
import pytest

from templates_app import catalog
from templates_app.rehearsal import Stage, outcome, rehearse, take
from workflows_app import nodes
from workflows_app.engine.checks import check
from workflows_app.engine.events import ExecutionFinished, NodeRunFinished
from workflows_app.engine.graph import Graph as Wires
from workflows_app.engine.run import run
from workflows_app.engine.state import RecordedRun, RunState
from workflows_app.engine.workflow import Workflow as Graph
from workflows_app.toolkit.touches import touches

TITLES = {title.slug: title for title in catalog.titles()}
NOTE = "n8n-nodes-base.stickyNote"
BUILT_IN = "mock.pumpflix.internal"
ADDRESS = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
VARIABLE_TYPES = {"text", "number", "choice", "email", "url", "time", "list", "boolean", "json"}
CLASSES = {"now", "network", "key"}
every_title = pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())


@every_title
def test_it_is_a_valid_workflow(title):
    graph = Graph.from_n8n(title.graph)
    assert check(graph, nodes.load()) == []
    assert any(nodes.load().find(node.type, node.type_version).trigger for node in graph.nodes)


@every_title
def test_every_node_is_reached(title):
    graph = Graph.from_n8n(title.graph)
    wires = Wires.of(graph)
    starts = [node.name for node in graph.nodes if nodes.load().find(node.type, node.type_version).trigger]
    reached = {name for start in starts for name in (start, *wires.reachable(start))}
    assert {node.name for node in graph.nodes if node.type != NOTE} == reached


@every_title
def test_its_sample_gives_the_recorded_result(title):
    result = rehearse(title.graph, title.cassette)
    assert (result.status, result.error) == ("success", "")
    assert result.duration_ms < 5_000
    assert outcome(result) == title.cassette["expected"]


@every_title
def test_it_says_what_a_reader_needs(title):
    about = title.about
    assert 0 < len(about["title"]) <= 40
    assert 0 < len(about["pitch"]) <= 90
    assert about["when"].startswith("When ")
    assert ", then " in about["when"] or ", and " in about["when"]
    assert 3 <= len(about["tags"]) <= 8
    assert about["minutesToSetUp"] >= 1
    assert about["posterAlt"]
    assert about["runClass"] in CLASSES
    assert about["category"] in {slug for slug, _, _ in catalog.CATEGORIES}
    assert any(node["type"] == NOTE for node in title.graph["nodes"])


@every_title
def test_each_variable_explains_itself(title):
    [holder] = [node for node in title.graph["nodes"] if node["name"] == "Variables"]
    assigned = {row["name"] for row in holder["parameters"]["assignments"]["assignments"]}
    for variable in title.about["variables"]:
        assert variable["type"] in VARIABLE_TYPES
        assert all(variable[what] for what in ("label", "example", "help")), variable["name"]
        assert variable["name"] in assigned


@every_title
def test_it_carries_nobodys_data(title):
    text = orjson.dumps([title.graph, title.cassette]).decode()
    assert {domain.rsplit(".", 1)[-1] for domain in ADDRESS.findall(text)} <= {"example", "invalid"}
    assert not [node for node in title.graph["nodes"] if node.get("credentials")]
    assert len(orjson.dumps(title.cassette)) <= 64 * 1024


@every_title
def test_a_worker_that_dies_after_any_node_changes_nothing(title):
    stage = Stage.of(title.cassette)
    plan = stage.plan(title.graph)
    state = RunState()
    for _ in range(200):
        for event in run(plan, stage.ports, state):
            take(stage.result, event)
            if isinstance(event, NodeRunFinished):
                state.recorded[event.node, event.run_index] = recorded(event)
                break
        else:
            break
    stage.result.response = stage.respond.given
    assert isinstance(event, ExecutionFinished)
    assert outcome(stage.result) == title.cassette["expected"]


def recorded(event: NodeRunFinished) -> RecordedRun:
    return RecordedRun(
        event.node, event.run_index, event.order, lambda: event.outputs, event.sources, event.error, event.context
    )


@every_title
def test_its_label_names_every_host_its_sample_called(title):
    label = touches(Graph.from_n8n(title.graph), nodes.load())
    called = {call["fingerprint"]["url"].split("/")[2] for call in title.cassette["calls"]}
    assert called <= set(label.hosts)
    assert (called - {BUILT_IN} != set()) == (title.about["runClass"] == "network")


@every_title
def test_a_changed_variable_changes_the_result(title):
    """Some variable does: which one depends on the title."""
    unchanged = outcome(rehearse(title.graph, title.cassette))
    variables = title.about["variables"]
    others = [(variable["name"], value) for variable in variables for value in OTHER.get(variable["type"], TEXT)]
    assert any(changes(title, name, value, unchanged) for name, value in others)


TEXT = ("Changed here",)
OTHER = {
    "number": (1, 999),
    "email": ("changed@elsewhere.example",),
    "json": ("[]", '{"changed": true}'),
    "list": ('["Changed"]',),
    "boolean": (False, True),
}


def changes(title, name, value, unchanged) -> bool:
    graph, cassette = deepcopy(title.graph), {k: v for k, v in title.cassette.items() if k != "expected"}
    [holder] = [node for node in graph["nodes"] if node["name"] == "Variables"]
    [row] = [row for row in holder["parameters"]["assignments"]["assignments"] if row["name"] == name]
    row["value"] = value
    result = rehearse(graph, cassette)
    return result.status == "success" and outcome(result) != unchanged


def test_there_are_titles_of_every_kind_of_offline_and_network():
    """At least twelve: eight that need nothing, two on built-in services, two on public ones."""
    of_network = {slug for slug, title in TITLES.items() if title.about["runClass"] == "network"}
    built_in = {slug for slug, title in TITLES.items() if slug not in of_network and uses_services(title)}
    assert len(TITLES) - len(of_network) - len(built_in) >= 8
    assert len(built_in) >= 2
    assert len(of_network) >= 2


def uses_services(title) -> bool:
    services = {"n8n-nodes-base.emailSend", "n8n-nodes-base.dataTable", "n8n-nodes-base.httpRequest"}
    return any(node["type"] in services for node in title.graph["nodes"])
